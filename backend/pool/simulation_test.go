package pool_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// script is how one account's service behaves, whatever the pool believes.
type script struct {
	// quota is how many requests each period allows; 0 is any number. The periods
	// begin with the simulation.
	quota  int
	period time.Duration
	// down and up alternate: the service breaks for down, then works for up.
	down, up time.Duration
	// burst is how many requests within a second it takes; 0 is any number.
	burst int

	used   int
	window int64
	recent []time.Time
}

// answer is what the service says to a request at time at.
func (s *script) answer(start, at time.Time) *llm.Error {
	age := at.Sub(start)
	if s.down > 0 && age%(s.down+s.up) > s.up {
		return &llm.Error{Kind: llm.KindTransient, Status: 503}
	}
	if s.burst > 0 {
		s.recent = slices.DeleteFunc(s.recent, func(t time.Time) bool { return at.Sub(t) >= time.Second })
		if len(s.recent) >= s.burst {
			return &llm.Error{Kind: llm.KindRate, RetryAfter: 2 * time.Second}
		}
		s.recent = append(s.recent, at)
	}
	if s.quota > 0 {
		if n := int64(age / s.period); n != s.window {
			s.window, s.used = n, 0
		}
		if s.used >= s.quota {
			return &llm.Error{Kind: llm.KindQuota, RetryAfter: s.period - age%s.period}
		}
		s.used++
	}
	return nil
}

// open is an exchange that has not ended.
type open struct {
	turn  pool.Turn
	who   int
	asked []int
	err   *llm.Error
	ends  time.Time
}

// simulation is what is known of six accounts from outside of the pool.
type simulation struct {
	*world
	pool    *pool.Pool
	scripts []*script
	start   time.Time
	random  *rand.Rand
	policy  pool.Policy

	running []*open
	// told is until when each account's service said not to be asked.
	told [6]time.Time
	// waits counts the exchanges that began since an account's reset.
	waits [6]int
	due   [6]bool
	// calm counts who was asked since the last failure or recovery.
	calm [6]int

	served, failed int
}

// resting says that an account rests, be it longer than its service asked for.
func (s *simulation) resting(i int) bool {
	v, _ := s.state.Snapshot(int64(i + 1))
	return v.Models[0].Standing == pool.StandingResting
}

func (s *simulation) disturbed() { s.calm = [6]int{} }

// arrive begins an exchange.
func (s *simulation) arrive() {
	for i := range s.due {
		if !s.told[i].IsZero() && !s.due[i] && !s.at.Before(s.told[i]) && !s.resting(i) {
			s.due[i], s.waits[i] = true, 0
			s.disturbed()
		}
	}
	x := &open{turn: pool.Begin(s.pool)}
	s.next(x)
	for i := range s.due {
		if s.due[i] {
			s.waits[i]++
			if s.policy == pool.RoundRobin && s.waits[i] > len(s.scripts) {
				s.Fatalf("account %d is not asked %d requests after its reset", i, s.waits[i])
			}
		}
	}
}

// next asks whom the pool offers, and checks that it may be asked.
func (s *simulation) next(x *open) {
	u, _, err := x.turn.Next()
	if u == nil {
		s.fail(x, err)
		return
	}
	i := int(u.Account.ID) - 1
	switch {
	case s.at.Before(s.told[i]):
		s.Fatalf("account %d is asked %v before its reset", i, s.told[i].Sub(s.at))
	case s.resting(i):
		s.Fatalf("account %d is asked at rest", i)
	case slices.Contains(x.asked, i):
		s.Fatalf("account %d is asked twice by one exchange", i)
	}
	s.due[i], s.told[i] = false, time.Time{}
	if len(s.changed) > 0 {
		s.changed = nil
		s.disturbed()
	}
	s.calm[i]++
	if s.policy == pool.RoundRobin && slices.Max(s.calm[:])-slices.Min(s.calm[:]) > 1 && s.allWell() {
		s.Fatalf("unfair: %v", s.calm)
	}
	x.who, x.asked = i, append(x.asked, i)
	x.err = s.scripts[i].answer(s.start, s.at)
	x.ends = s.at.Add(time.Duration(s.random.Int64N(int64(3 * time.Second))))
	s.running = append(s.running, x)
}

func (s *simulation) allWell() bool {
	for i := range s.scripts {
		v, _ := s.state.Snapshot(int64(i + 1))
		if v.Rest != nil || len(v.Models) > 0 && v.Models[0].Rest != nil {
			return false
		}
	}
	return true
}

// fail checks that a failure was due.
func (s *simulation) fail(x *open, err *llm.Error) {
	s.failed++
	for i := range s.scripts {
		if slices.Contains(x.asked, i) {
			continue
		}
		v, _ := s.state.Snapshot(int64(i + 1))
		if st := v.Models[0].Standing; st != pool.StandingResting && st != pool.StandingTrying {
			s.Fatalf("a request fails with %v while account %d is %s", err, i, st)
		}
		if v.Models[0].Standing == pool.StandingTrying && !s.trying(i) {
			s.Fatalf("a request fails while nobody tries account %d, whose rest is over", i)
		}
	}
	if err.RetryAfter <= 0 && err.Kind != llm.KindTransient {
		s.Fatalf("a failure does not say when to come back: %+v", err)
	}
}

func (s *simulation) trying(i int) bool {
	return slices.ContainsFunc(s.running, func(x *open) bool { return x.who == i })
}

// settle ends what has ended by now.
func (s *simulation) settle() {
	for i := 0; i < len(s.running); {
		x := s.running[i]
		if x.ends.After(s.at) {
			i++
			continue
		}
		s.running = slices.Delete(s.running, i, i+1)
		x.turn.Done(x.err, llm.Usage{})
		if x.err == nil {
			s.served++
			continue
		}
		s.disturbed()
		if x.err.RetryAfter > 0 {
			// The hint is about the time at which it arrives here.
			s.told[x.who], s.due[x.who] = s.at.Add(x.err.RetryAfter), false
		}
		s.next(x)
	}
}

func TestSimulation_SixAccountsThatRunDryBreakAndComeBack(t *testing.T) {
	t.Parallel()
	for _, policy := range pool.Policies() {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := &simulation{world: w, start: w.at, policy: policy, random: rand.New(rand.NewPCG(1, 2))}
			s.scripts = []*script{
				{quota: 500, period: time.Hour},
				{quota: 60, period: time.Minute},
				{down: 90 * time.Second, up: 20 * time.Minute},
				{burst: 2},
				{quota: 20_000, period: 24 * time.Hour, down: 20 * time.Minute, up: 5 * time.Hour},
				{quota: 300, period: 10 * time.Minute, burst: 3, down: 5 * time.Second, up: 7 * time.Minute},
			}
			s.pool = w.of("p", policy, ups("abcdef")...)
			const requests = 100_000
			for n := range requests {
				// Quiet hours and rushes that are more than all six can bear.
				pause := 800 * time.Millisecond
				if n/2000%4 == 3 {
					pause = 40 * time.Millisecond
				}
				w.pass(time.Duration(s.random.Int64N(int64(pause))))
				s.settle()
				s.arrive()
			}
			w.pass(time.Hour)
			for len(s.running) > 0 {
				w.pass(time.Minute)
				s.settle()
			}
			if s.served+s.failed != requests || s.served < requests*3/4 || s.failed == 0 {
				t.Errorf("of %d requests %d were served and %d failed", requests, s.served, s.failed)
			}
			t.Logf("served %d, failed %d", s.served, s.failed)
			for i := range s.scripts {
				if v, _ := w.state.Snapshot(int64(i + 1)); v.InFlight != 0 {
					t.Errorf("account %d has %d in flight at the end", i, v.InFlight)
				}
			}
		})
	}
}
