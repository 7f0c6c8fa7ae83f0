package pool_test

import (
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

func TestSnapshot_ShowsWhatAPageNeeds(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, paced("a", pool.Pace{PerMinute: 5, InFlight: 1})...)
	if _, known := w.state.Snapshot(9); known {
		t.Error("an account that nobody named is known")
	}
	v, known := w.state.Snapshot(1)
	if !known || v.Standing != pool.StandingReady || v.Rest != nil || len(v.Models) != 0 || v.Minute != 0 {
		t.Errorf("at first: %+v", v)
	}
	w.first(p, 1)
	w.ask(p, fails("a", llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour, Message: "used up"}))
	v, _ = w.state.Snapshot(1)
	m := v.Models[0]
	if m.Model != "m" || m.Standing != pool.StandingResting || m.Rest.Kind != llm.KindQuota || m.Rest.Said != "used up" ||
		!m.Rest.Since.Equal(w.at) || !m.LastSuccess.Equal(w.at) || m.Minute != -1 {
		t.Errorf("the model: %+v", m)
	}
	if v.Minute != 2 || v.Day != 2 || v.InFlight != 0 || v.Pace.PerMinute != 5 || v.Standing != pool.StandingReady {
		t.Errorf("the account: %+v", v)
	}
	w.pass(time.Hour)
	turn := pool.Begin(p)
	next(&turn)
	v, _ = w.state.Snapshot(1)
	if v.InFlight != 1 || v.Standing != pool.StandingPaced || v.Models[0].Standing != pool.StandingTrying {
		t.Errorf("while it is tried: %+v", v)
	}
	w.of("p", pool.RoundRobin, up("a", "m", pool.Terms{Off: true}))
	if v, _ = w.state.Snapshot(1); v.Standing != pool.StandingOff {
		t.Errorf("switched off: %v", v.Standing)
	}
	w.want("it is asked no more", w.first(p, 1), "(unavailable)")
}
