package pool_test

import (
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// waiter is an exchange that may wait.
type waiter struct {
	turn   pool.Turn
	ticket *pool.Ticket
}

func (w *world) wait(p *pool.Pool, queue int, wait time.Duration) *waiter {
	x := &waiter{turn: pool.Begin(p)}
	x.turn.Limit(pool.Limits{Queue: queue, Wait: wait})
	return x
}

// ask is who is offered, or "wait", or why nobody is.
func (x *waiter) ask() string {
	u, k, err := x.turn.Next()
	switch {
	case u != nil:
		return u.Account.Name
	case k != nil:
		x.ticket = k
		return "wait"
	}
	return err.Kind.String()
}

func (x *waiter) told() bool {
	select {
	case <-x.ticket.Ready():
		return true
	default:
		return false
	}
}

func paced(names string, p pool.Pace) []pool.Upstream {
	us := ups(names)
	for i := range us {
		us[i].Terms = &pool.Terms{Pace: p}
	}
	return us
}

func TestB11_SignInsHaveAPaceOfTheirOwnAndKeysHaveNone(t *testing.T) {
	p := pool.DefaultPace(provider.CredentialSignIn)
	if p.PerMinute == 0 || p.PerDay == 0 || p.InFlight == 0 {
		t.Errorf("a sign-in: %+v, want bounds", p)
	}
	for _, c := range []provider.CredentialKind{
		provider.CredentialNone, provider.CredentialKey, provider.CredentialOptionalKey, provider.CredentialFile, "",
	} {
		if p := pool.DefaultPace(c); p != (pool.Pace{}) {
			t.Errorf("%q: %+v, want none", c, p)
		}
	}
}

func TestB11_NeverMoreThanThePaceInAnyMinuteOrDay(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, paced("a", pool.Pace{PerMinute: 7, PerDay: 50})...)
	var minute, day []time.Time
	served := 0
	for range 30_000 {
		w.pass(7 * time.Second)
		if _, err := w.ask(p, nil); err == nil {
			served++
			minute, day = append(minute, w.at), append(day, w.at)
		} else if err.Kind != llm.KindRate || err.RetryAfter <= 0 {
			t.Fatalf("over its pace: %v after %v", err.Kind, err.RetryAfter)
		}
		for len(minute) > 0 && w.at.Sub(minute[0]) >= time.Minute {
			minute = minute[1:]
		}
		for len(day) > 0 && w.at.Sub(day[0]) >= 24*time.Hour {
			day = day[1:]
		}
		if len(minute) > 7 || len(day) > 50 {
			t.Fatalf("%d in a minute and %d in a day", len(minute), len(day))
		}
	}
	if days := 30_000 * 7 / 86_400; served < 47*days {
		t.Errorf("%d served in %d days, want nearly 50 each", served, days)
	}
}

func TestB11_TokensCountWhenTheyAreKnown(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, up("a", "m", pool.Terms{Models: map[string]pool.Pace{"m": {TokensPerMinute: 1000}, "n": {}}}))
	turn := pool.Begin(p)
	next(&turn)
	turn.Done(nil, llm.Usage{Known: true, Input: 900, Output: 200})
	w.want("over it", w.first(p, 1), "(rate)")
	v, _ := w.state.Snapshot(1)
	if m := v.Models[0]; m.Standing != pool.StandingPaced || m.Tokens != 1100 || !m.FreeAt.After(w.at) || v.Standing != pool.StandingReady {
		t.Errorf("got %+v", v)
	}
	w.pass(63 * time.Second)
	w.want("a minute later", w.first(p, 1), "a")
}

func TestQueue_ServesInTheOrderOfArrivalWhenOneEnds(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, paced("a", pool.Pace{InFlight: 1})...)
	running := w.wait(p, 10, time.Minute)
	w.want("the first", running.ask(), "a")
	one, two := w.wait(p, 10, time.Minute), w.wait(p, 10, time.Minute)
	w.want("both wait", one.ask()+two.ask(), "waitwait")
	if got := one.ticket.Until(); !got.Equal(w.at.Add(time.Minute)) {
		t.Errorf("until %v, want the deadline", got)
	}
	running.turn.Done(nil, llm.Usage{})
	if !one.told() || two.told() {
		t.Error("the end of a request is not told to the first in the queue alone")
	}
	late := w.wait(p, 10, time.Minute)
	w.want("who comes now does not pass", late.ask(), "wait")
	w.want("the second does not either", two.ask(), "wait")
	w.want("the first", one.ask(), "a")
	if !two.told() {
		t.Error("who is first now is not told so")
	}
	w.want("the second waits on", two.ask(), "wait")
	two.turn.Leave()
	if !late.told() {
		t.Error("who is first after one left is not told so")
	}
	one.turn.Leave()
	w.want("the last", late.ask(), "a")
}

func TestQueue_WaitsForThePaceAndNotLongerThanItMay(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, paced("a", pool.Pace{PerMinute: 1})...)
	w.first(p, 1)
	w.pass(32 * time.Second)
	w.want("not worth it", w.wait(p, 10, 20*time.Second).ask(), "rate")
	x := w.wait(p, 10, time.Minute)
	w.want("worth it", x.ask(), "wait")
	w.at = x.ticket.Until()
	w.want("at its time", x.ask(), "a")
	x.turn.Leave()
	held := w.of("q", pool.RoundRobin, paced("b", pool.Pace{InFlight: 1})...)
	b := w.wait(held, 1, time.Minute)
	b.ask()
	y := w.wait(held, 1, time.Minute)
	w.want("one may wait", y.ask(), "wait")
	w.want("a second may not", w.wait(held, 1, time.Minute).ask(), "rate")
	w.pass(59 * time.Second)
	w.want("nearly over", y.ask(), "wait")
	w.pass(time.Second)
	w.want("over", y.ask(), "rate")
	b.turn.Leave()
	w.want("its place is free", w.first(held, 1), "b")
}

func TestQueue_OthersWaitWhileOneRequestTriesARestedAccount(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("a")...)
	w.ask(p, fails("a", llm.Error{Kind: llm.KindRate}))
	x := w.wait(p, 10, time.Minute)
	w.want("nobody waits for a rest", x.ask(), "rate")
	w.pass(time.Minute)
	trial := w.wait(p, 10, time.Minute)
	w.want("the trial", trial.ask(), "a")
	x = w.wait(p, 10, time.Minute)
	w.want("another meanwhile", x.ask(), "wait")
	trial.turn.Answered()
	if !x.told() {
		t.Error("the answer is not told")
	}
	w.want("then", x.ask(), "a")
}

func TestQueue_NobodyWaitsForWhomItHasTried(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, paced("ab", pool.Pace{InFlight: 1})...)
	x, b := w.wait(p, 10, time.Minute), w.wait(p, 10, time.Minute)
	w.want("both busy", x.ask()+b.ask(), "ab")
	x.turn.Done(&llm.Error{Kind: llm.KindTransient}, llm.Usage{})
	w.want("the other one is worth waiting for", x.ask(), "wait")
	y := w.wait(p, 10, time.Minute)
	w.want("who can use what it cannot passes it", y.ask(), "a")
	b.turn.Done(&llm.Error{Kind: llm.KindTransient}, llm.Usage{})
	w.want("then it", x.ask(), "b")
	x.turn.Done(&llm.Error{Kind: llm.KindOverloaded}, llm.Usage{})
	w.want("with all tried there is nothing to wait for", x.ask(), "overloaded")
}

func TestQueue_OfAnAliasIsServedByEitherModel(t *testing.T) {
	w := newWorld(t)
	r := w.state.Rebuild()
	p := r.Pool("p", pool.RoundRobin, paced("a", pool.Pace{InFlight: 1}))
	q := r.Pool("q", pool.RoundRobin, paced("b", pool.Pace{InFlight: 1}))
	r.Done()
	a, b := w.wait(p, 9, time.Minute), w.wait(q, 9, time.Minute)
	w.want("both busy", a.ask()+b.ask(), "ab")
	x := &waiter{turn: pool.Begin(p, q)}
	x.turn.Limit(pool.Limits{Queue: 9, Wait: time.Minute})
	w.want("the alias", x.ask(), "wait")
	b.turn.Leave()
	if !x.told() {
		t.Error("the second model's end is not told")
	}
	w.want("served", x.ask(), "b")
	a.turn.Leave()
	w.want("it left the other queue", w.first(p, 1), "a")
}

func TestQueue_HoldsUpNobodyWhereWaitingIsInVain(t *testing.T) {
	w := newWorld(t)
	r := w.state.Rebuild()
	p := r.Pool("p", pool.RoundRobin, ups("a"))
	q := r.Pool("q", pool.RoundRobin, paced("b", pool.Pace{InFlight: 1}))
	r.Done()
	w.ask(p, fails("a", llm.Error{Kind: llm.KindRate, RetryAfter: time.Minute}))
	b := w.wait(q, 9, time.Minute)
	x := &waiter{turn: pool.Begin(p, q)}
	x.turn.Limit(pool.Limits{Queue: 9, Wait: time.Minute})
	w.want("busy, and an alias that waits for it", b.ask()+x.ask(), "bwait")
	w.want("who wants the model at rest alone is told at once", w.wait(p, 9, time.Minute).ask(), "rate")
}

func TestQueue_ARebuildThatLiftsThePaceLetsThemGo(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, paced("a", pool.Pace{InFlight: 1})...)
	a, x := w.wait(p, 9, time.Minute), w.wait(p, 9, time.Minute)
	w.want("one waits", a.ask()+x.ask(), "await")
	w.of("p", pool.RoundRobin, paced("a", pool.Pace{InFlight: 2})...)
	if !x.told() {
		t.Error("the new pace is not told")
	}
	w.want("then", x.ask(), "a")
}
