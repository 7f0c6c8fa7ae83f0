package pool_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

func TestB10_TheReasonNamesThoseWhoWerePassedOver(t *testing.T) {
	w := newWorld(t)
	p := w.of(
		"x/gemini-2.5-pro", pool.RoundRobin, up("a", "gemini-2.5-pro"), up("b", "gemini-2.5-pro"),
		up("c", "gemini-2.5-pro", pool.Terms{Off: true}), up("d", "gemini-2.5-pro", pool.Terms{Pace: pool.Pace{PerMinute: 1}}),
		up("e", "gemini-2.5-pro", pool.Terms{Models: map[string]pool.Pace{"": {InFlight: 1}}}),
	)
	w.first(p, 1)
	w.ask(p, fails("b", llm.Error{Kind: llm.KindRate, RetryAfter: 20 * time.Minute}))
	held := pool.Begin(p)
	w.want("e is asked", next(&held), "e")
	w.first(p, 1)
	turn := pool.Begin(p)
	w.want("chosen", next(&turn), "a")
	w.want("reason", turn.Reason(), "chose a, its turn (1 of 5); b rests until 14:20 (gemini-2.5-pro, the service's hint), "+
		"c is disabled, d is over its pace until 14:01:02, e has 1 of 1 requests in flight (gemini-2.5-pro)")
	held.Leave()
}

func TestB10_NobodyReadySaysItOfEach(t *testing.T) {
	w := newWorld(t)
	var us []pool.Upstream
	for i := range 12 {
		us = append(us, pool.Upstream{
			Account: account.New(account.Account{ID: int64(i + 1), Name: fmt.Sprintf("n%d", i)}, nil), Model: "m",
		})
	}
	p := w.of("p", pool.RoundRobin, us...)
	turn := pool.Begin(p)
	for next(&turn) != "quota" {
		turn.Done(&llm.Error{Kind: llm.KindQuota, RetryAfter: 30 * time.Hour}, llm.Usage{})
	}
	_, err := w.ask(p, nil)
	if err.Kind != llm.KindQuota || err.RetryAfter != 30*time.Hour ||
		!strings.Contains(err.Message, "n0 rests until Mar 5 20:00 (m, the service's hint)") || !strings.HasSuffix(err.Message, " and 4 more") {
		t.Errorf("got %v after %v: %s", err.Kind, err.RetryAfter, err.Message)
	}
}

func TestReason_TheOnlyAccountIsSaidSo(t *testing.T) {
	w := newWorld(t)
	turn := pool.Begin(w.of("p", pool.RoundRobin, ups("a")...))
	next(&turn)
	w.want("reason", turn.Reason(), "the only account")
}

func TestReason_AFailureSaysWhatRestItCaused(t *testing.T) {
	w := newWorld(t)
	p := w.of("x/m", pool.RoundRobin, up("a", "m"), up("b", "m"))
	turn := pool.Begin(p)
	next(&turn)
	w.want("before", turn.Caused(), "")
	turn.Done(&llm.Error{Kind: llm.KindRate, RetryAfter: 20 * time.Minute}, llm.Usage{})
	w.want("a rate", turn.Caused(), "a rests until 14:20 (m, the service's hint)")
	next(&turn)
	turn.Done(&llm.Error{Kind: llm.KindTransient}, llm.Usage{})
	w.want("a first hiccup", turn.Caused(), "")
}
