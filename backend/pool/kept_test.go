package pool_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// again is the world after the program was started again, its memory a file.
func (w *world) again() *world {
	w.Helper()
	raw, err := json.Marshal(w.state.Memory())
	if err != nil {
		w.Fatal(err)
	}
	var kept map[int64]pool.Kept
	if err := json.Unmarshal(raw, &kept); err != nil {
		w.Fatal(err)
	}
	n := newWorld(w.T)
	n.at = w.at
	n.state.Remember(kept)
	return n
}

func TestB04_ALongRestOutlivesARestart(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("abc")...)
	w.ask(p, fails("a", llm.Error{Kind: llm.KindQuota, RetryAfter: 5 * time.Hour, Message: "the day's requests are used"}))
	w.ask(p, fails("b", llm.Error{Kind: llm.KindRate, RetryAfter: 20 * time.Second}))
	w.ask(p, fails("c", llm.Error{Kind: llm.KindAuth}))

	n := w.again()
	n.pass(time.Minute)
	p = n.of("p", pool.RoundRobin, ups("abc")...)
	n.want("a rests on, b's rest was short, c's has no end", n.first(p, 4), "bcbc")
	if r := n.rest("m"); r == nil || r.Until.Sub(n.at) != 5*time.Hour-time.Minute || r.Source != pool.SourceHint || r.Kind != llm.KindQuota || !strings.Contains(r.Said, "are used") {
		t.Errorf("after the restart a rests %+v", r)
	}
	n.pass(5 * time.Hour)
	n.want("after the reset", n.first(p, 3), "abc")
}

func TestB04_WhatIsRememberedWaitsForModelsThatComeLater(t *testing.T) {
	w := newWorld(t)
	w.ask(w.of("p", pool.RoundRobin, ups("a")...), fails("a", llm.Error{Kind: llm.KindQuota, RetryAfter: 5 * time.Hour}))
	n := w.again().again() // The first one stopped before it knew its accounts.
	n.of("other", pool.RoundRobin, up("a", "other"))
	n = n.again()
	n.want("a", n.first(n.of("p", pool.RoundRobin, ups("a")...), 1), "(quota)")
}

func TestB11_TheDaysRequestsOutliveARestart(t *testing.T) {
	w := newWorld(t)
	w.want("before", w.first(w.of("p", pool.RoundRobin, paced("a", pool.Pace{PerDay: 3})...), 2), "aa")
	n := w.again()
	n.pass(time.Hour)
	p := n.of("p", pool.RoundRobin, paced("a", pool.Pace{PerDay: 3})...)
	n.want("after", n.first(p, 2), "a(rate)")
	n.pass(23*time.Hour + 30*time.Minute)
	n.want("a day later", n.first(p, 3), "aa(rate)")
}

func TestClients_TheDaysRequestsOfAKeyOutliveARestart(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return at }
	two := &pool.Allowance{Pace: pool.Pace{PerDay: 2}}
	before := pool.NewClients(clock)
	for range 2 {
		v, err := before.Enter("editor", pool.Pace{}, two)
		if err != nil {
			t.Fatal(err)
		}
		v.Leave(0)
	}
	raw, err := json.Marshal(before.Memory())
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string][]pool.KeptCount
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	at = at.Add(time.Hour)
	after := pool.NewClients(clock)
	after.Remember(kept)
	if _, err := after.Enter("editor", pool.Pace{}, two); err == nil {
		t.Error("the third request of the day was let in")
	}
	if _, err := after.Enter("other", pool.Pace{}, two); err != nil {
		t.Errorf("another key's request: %v", err)
	}
	at = at.Add(24 * time.Hour)
	if _, err := after.Enter("editor", pool.Pace{}, two); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

func TestMemory_OfAFileThatLiesIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	w.state.Remember(map[int64]pool.Kept{
		1: {Rest: &pool.KeptRest{Kind: "quota", Until: w.at.Add(100 * 24 * time.Hour)}},
		2: {Rest: &pool.KeptRest{Kind: "nonsense", Until: w.at.Add(time.Hour)}},
		3: {Rest: &pool.KeptRest{Kind: "rate", Until: w.at.Add(-time.Hour)}, Day: []pool.KeptCount{{At: w.at.Add(time.Hour), Count: 9}, {At: w.at.Add(-48 * time.Hour), Count: 9}}},
	})
	w.want("all", w.first(w.of("p", pool.RoundRobin, paced("abc", pool.Pace{PerDay: 1})...), 3), "abc")
}

func TestB01_TheBoundOfRestsIsTheUsersChoice(t *testing.T) {
	w := newWorld(t)
	w.state.BoundRests(5 * time.Minute)
	r := w.state.Rebuild()
	a, b := r.Pool("a", pool.RoundRobin, ups("a")), r.Pool("b", pool.RoundRobin, ups("b"))
	r.Done()
	w.ask(a, fails("a", llm.Error{Kind: llm.KindRate, RetryAfter: time.Hour}))
	w.ask(b, fails("b", llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour}))
	w.pass(5 * time.Minute)
	w.want("after five minutes", w.first(a, 1)+w.first(b, 1), "a(quota)")
	w.ask(a, fails("a", llm.Error{Kind: llm.KindOverloaded, RetryAfter: time.Hour}))
	w.pass(time.Minute)
	w.want("after one of five", w.first(a, 1), "(unavailable)")
	w.state.BoundRests(time.Minute)
	w.want("a shorter bound is in force at once", w.first(a, 1)+w.first(b, 1), "a(quota)")
	w.state.BoundRests(0)
	w.ask(a, fails("a", llm.Error{Kind: llm.KindRate, RetryAfter: time.Hour}))
	w.pass(29 * time.Minute)
	w.want("half an hour is usual", w.first(a, 1), "(rate)")
}

func TestTireless_NeverRests(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, up("a", "m", pool.Terms{Tireless: true}))
	for _, k := range llm.Kinds() {
		_, err := w.ask(p, fails("a", llm.Error{Kind: k, RetryAfter: 7 * time.Second}))
		if err.Kind != k || err.RetryAfter != 7*time.Second {
			t.Errorf("%s: the client is told %s after %s", k, err.Kind, err.RetryAfter)
		}
	}
	w.want("after all of them", w.first(p, 2), "aa")
	p = w.of("p", pool.RoundRobin, up("a", "m"))
	w.ask(p, fails("a", llm.Error{Kind: llm.KindAuth}))
	w.want("as any other", w.first(p, 1), "(auth)")
	w.want("tireless again", w.first(w.of("p", pool.RoundRobin, up("a", "m", pool.Terms{Tireless: true})), 1), "a")
}

func TestB05_ALoneAccountsRefusalIsQuotedAndThoseThatAreOffDoNotCount(t *testing.T) {
	for kind, said := range map[llm.Kind]string{
		llm.KindAuth: "the key was revoked", llm.KindForbidden: "the project may not use this", llm.KindQuota: "the credits are used up", llm.KindRate: "slow down",
	} {
		w := newWorld(t)
		p := w.of("p", pool.RoundRobin, up("a", "m"), up("b", "m", pool.Terms{Off: true}), up("c", "m", pool.Terms{Off: true}))
		w.ask(p, fails("a", llm.Error{Kind: kind, Message: said, RetryAfter: time.Minute}))
		if _, err := w.ask(p, nil); err.Kind != kind || !strings.HasSuffix(err.Message, "; the service said: "+said) || !strings.Contains(err.Message, "b is disabled") {
			t.Errorf("%s: then %s, %s", kind, err.Kind, err.Message)
		}
	}
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, up("a", "m", pool.Terms{Off: true}))
	if _, err := w.ask(p, nil); err.Kind != llm.KindUnavailable || !strings.Contains(err.Message, "a is disabled") {
		t.Errorf("all off: %s, %s", err.Kind, err.Message)
	}
}

func TestTurn_KeepsAnAttemptForEachModelThatComesLater(t *testing.T) {
	down := llm.Error{Kind: llm.KindOverloaded}
	for attempts, want := range map[int]string{1: "a", 2: "ae", 3: "aeg", 4: "abeg", 5: "abceg", 0: "abcdefgh"} {
		w := newWorld(t)
		r := w.state.Rebuild()
		first := r.Pool("one", pool.RoundRobin, ups("abcd"))
		second, third := r.Pool("two", pool.RoundRobin, ups("ef")), r.Pool("three", pool.RoundRobin, ups("gh"))
		r.Done()
		turn := pool.Begin(first, second, third)
		turn.Limit(pool.Limits{Attempts: attempts})
		var asked strings.Builder
		for {
			u, _, _ := turn.Next()
			if u == nil {
				break
			}
			asked.WriteString(u.Account.Name)
			turn.Done(&down, llm.Usage{})
		}
		w.want("of several", asked.String(), want)
	}
}

func TestTurn_WhatCannotBeSaidCostsNoAttempt(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("abcd")...)
	turn := pool.Begin(p)
	turn.Limit(pool.Limits{Attempts: 1})
	w.want("first", next(&turn), "a")
	turn.Done(&llm.Error{Kind: llm.KindUnsupported}, llm.Usage{})
	turn.Without(func(u *pool.Upstream) bool { return u.Account.Name == "b" })
	w.want("b is like a", next(&turn), "c")
	turn.Done(&llm.Error{Kind: llm.KindOverloaded}, llm.Usage{})
	w.want("told", next(&turn), "overloaded")
	w.want("nobody rests for it", w.first(p, 3), "dab")
}

func TestB01_RetryNowBeginsAnew(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("a")...)
	for range 5 {
		w.ask(p, fails("a", llm.Error{Kind: llm.KindRate, RetryAfter: 7 * time.Second}))
		if r := w.rest("m"); r.Until.Sub(w.at) != 7*time.Second {
			t.Errorf("it rests %+v", r)
		}
		w.state.RetryNow(1, "")
	}
}

func TestB02_WhatACodecSaysOfTheAccountConcernsAllItsModels(t *testing.T) {
	for _, k := range []llm.Kind{llm.KindQuota, llm.KindForbidden} {
		w := newWorld(t)
		r := w.state.Rebuild()
		pro, flash := r.Pool("x/pro", pool.RoundRobin, []pool.Upstream{up("a", "pro")}), r.Pool("x/flash", pool.RoundRobin, []pool.Upstream{up("a", "flash")})
		r.Done()
		w.ask(pro, fails("a", llm.Error{Kind: k, Code: "1113", RetryAfter: time.Hour, Account: true}))
		w.want("the other model", w.first(flash, 1), "("+k.String()+")")
	}
}
