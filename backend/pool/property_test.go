package pool_test

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// chaos does anything in any order, and keeps count beside the pool.
type chaos struct {
	*world
	r     *rand.Rand
	pools []*pool.Pool
	// members are those of each pool, by account.
	members [3][]pool.Upstream
	turns   []*pool.Turn
	// holds is the account and the model that each turn has in flight.
	holds    map[*pool.Turn]pool.Upstream
	inFlight map[int64]int
	// waiting are those that hold a ticket: nobody passes them.
	waiting map[*pool.Turn]bool
}

func (c *chaos) release(t *pool.Turn) {
	if u, ok := c.holds[t]; ok {
		c.inFlight[u.Account.ID]--
		delete(c.holds, t)
	}
}

func (c *chaos) rebuild() {
	r := c.state.Rebuild()
	defer r.Done()
	policy := pool.Policies()[c.r.IntN(6)]
	c.pools = nil
	for k := range c.members {
		c.members[k] = nil
		for _, n := range "abcdef" {
			if c.r.IntN(5) == 0 {
				continue
			}
			u := up(string(n), "m"+strconv.Itoa(k))
			// The terms are the account's: the same in each pool of one build.
			d := rand.New(rand.NewPCG(uint64(n), uint64(len(c.holds))))
			u.Terms = &pool.Terms{
				Off: d.IntN(8) == 0, Weight: d.IntN(4), Priority: d.IntN(3),
				Pace: pool.Pace{PerMinute: d.IntN(3) * 20, PerDay: d.IntN(2) * 400, TokensPerMinute: d.IntN(2) * 3000, InFlight: d.IntN(4)},
			}
			c.members[k] = append(c.members[k], u)
		}
		c.r.Shuffle(len(c.members[k]), func(i, j int) {
			c.members[k][i], c.members[k][j] = c.members[k][j], c.members[k][i]
		})
		c.pools = append(c.pools, r.Pool("p"+strconv.Itoa(k), policy, c.members[k]))
	}
}

// able says that somebody of pool k may be asked without any doubt.
func (c *chaos) able(k int) bool {
	for _, u := range c.members[k] {
		v, known := c.state.Snapshot(u.Account.ID)
		if !known || v.Standing != pool.StandingReady {
			continue
		}
		ready := true
		for _, m := range v.Models {
			if m.Model == u.Model && m.Standing != pool.StandingReady {
				ready = false
			}
		}
		if ready {
			return true
		}
	}
	return false
}

func (c *chaos) begin() {
	k := c.r.IntN(len(c.pools))
	turn := pool.Begin(c.pools[k], c.pools[:c.r.IntN(2)]...)
	turn.Limit(pool.Limits{Attempts: c.r.IntN(5), Queue: c.r.IntN(2) * 4, Wait: 10 * time.Second})
	if c.r.IntN(3) == 0 {
		turn.Stick("talk " + strconv.Itoa(c.r.IntN(5)))
	}
	able := c.able(k) && len(c.waiting) == 0
	c.turns = append(c.turns, &turn)
	if c.next(&turn) == nil && able {
		c.Fatal("nobody was offered though somebody is ready")
	}
}

func (c *chaos) next(t *pool.Turn) *pool.Upstream {
	c.release(t)
	u, k, err := t.Next()
	given := 0
	delete(c.waiting, t)
	if u != nil {
		given++
		c.holds[t] = *u
		c.inFlight[u.Account.ID]++
		if v, _ := c.state.Snapshot(u.Account.ID); v.Standing == pool.StandingResting || v.Standing == pool.StandingOff && u.Terms.Off {
			c.Fatalf("%s was offered while it is %s", u.Account.Name, v.Standing)
		}
	}
	if k != nil {
		given++
		c.waiting[t] = true
		if k.Until().Before(c.at) {
			c.Fatalf("a ticket to wait until %v before now", c.at.Sub(k.Until()))
		}
	}
	if err != nil {
		given++
		if err.RetryAfter < 0 || err.Message == "" {
			c.Fatalf("a bad refusal: %+v", err)
		}
	}
	if given != 1 {
		c.Fatalf("Next gave %d answers", given)
	}
	return u
}

func (c *chaos) step() {
	var t *pool.Turn
	at := 0
	if len(c.turns) > 0 {
		at = c.r.IntN(len(c.turns))
		t = c.turns[at]
	}
	id := c.r.Int64N(7)
	switch op := c.r.IntN(24); {
	case op < 8 || t == nil:
		c.begin()
	case op < 12:
		c.release(t)
		kinds := llm.Kinds()
		e := &llm.Error{Kind: kinds[c.r.IntN(len(kinds))], Message: "no", RetryAfter: time.Duration(c.r.IntN(3)) * time.Hour}
		t.Done(e, llm.Usage{Known: true, Input: c.r.IntN(500)})
	case op < 15:
		c.release(t)
		t.Done(nil, llm.Usage{Known: true, Output: c.r.IntN(500)})
	case op < 17:
		c.next(t)
		_ = t.Reason()
	case op < 19:
		c.release(t)
		t.Leave()
		delete(c.waiting, t)
		c.turns = append(c.turns[:at], c.turns[at+1:]...)
	case op == 19:
		t.Again()
		t.Answered()
	case op == 20:
		c.rebuild()
	case op == 21:
		c.state.RetryNow(id, []string{"", "m1"}[c.r.IntN(2)])
		c.state.Learn(id, []provider.Quota{{Model: "m0", Remaining: c.r.Float64(), Reset: c.at.Add(time.Hour)}})
	case op == 22:
		c.state.Renewed(id)
		c.state.Awoke()
	default:
		c.pass(time.Duration(c.r.Int64N(int64(90*time.Minute))) - 10*time.Minute)
	}
	c.pass(time.Duration(c.r.Int64N(int64(5 * time.Second))))
}

// check is what must be true at any moment.
func (c *chaos) check() {
	for id := range int64(7) {
		v, known := c.state.Snapshot(id)
		if !known {
			continue
		}
		if v.InFlight != c.inFlight[id] {
			c.Fatalf("account %d has %d in flight, want %d", id, v.InFlight, c.inFlight[id])
		}
		models := 0
		for _, m := range v.Models {
			models += m.InFlight
			c.checkView(m.View)
		}
		if models != v.InFlight {
			c.Fatalf("account %d has %d in flight and its models %d", id, v.InFlight, models)
		}
		c.checkView(v.View)
	}
}

func (c *chaos) checkView(v pool.View) {
	switch {
	case v.InFlight < 0 || v.Minute < -1 || v.Day < v.Minute || v.Tokens < -1:
		c.Fatalf("impossible figures: %+v", v)
	case v.Standing == pool.StandingResting && (v.Rest == nil || !v.Rest.Until.IsZero() && !v.Rest.Until.After(c.at)):
		c.Fatalf("a rest that is over: %+v %+v", v, v.Rest)
	case v.Standing == pool.StandingReady && v.Rest != nil:
		c.Fatalf("ready with something against it: %+v %+v", v, v.Rest)
	case v.Rest != nil && v.Standing != pool.StandingResting && v.Standing != pool.StandingOff && (v.Rest.Until.IsZero() || v.Rest.Until.After(c.at)):
		c.Fatalf("%s with a rest that goes on: %+v", v.Standing, v.Rest)
	}
}

func TestState_AnyOrderOfEventsKeepsItsInvariants(t *testing.T) {
	for seed := range uint64(150) {
		w := newWorld(t)
		c := &chaos{
			world: w, r: rand.New(rand.NewPCG(seed, 4)), holds: map[*pool.Turn]pool.Upstream{},
			inFlight: map[int64]int{}, waiting: map[*pool.Turn]bool{},
		}
		c.rebuild()
		for range 300 {
			c.step()
			c.check()
		}
		for _, turn := range c.turns {
			c.release(turn)
			turn.Leave()
		}
		c.check()
		w.pass(50 * 24 * time.Hour)
		for id := range int64(7) {
			w.state.Renewed(id)
		}
		for k, p := range c.pools {
			on := 0
			for _, u := range c.members[k] {
				if !u.Terms.Off {
					on++
				}
			}
			turn := pool.Begin(p)
			for u := c.next(&turn); u != nil; u = c.next(&turn) {
				on--
				c.release(&turn)
				turn.Done(nil, llm.Usage{})
			}
			if on != 0 {
				t.Fatalf("seed %d: in the end %d accounts of pool %d are not asked", seed, on, k)
			}
		}
	}
}
