package pool_test

import (
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// rest is what is held against the first account, or against its model.
func (w *world) rest(model string) *pool.Rest {
	w.Helper()
	v, _ := w.state.Snapshot(1)
	if model == "" {
		return v.Rest
	}
	for _, m := range v.Models {
		if m.Model == model {
			return m.Rest
		}
	}
	return nil
}

func TestB01_HintsAreCappedUnlessTheErrorIsAboutAQuota(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name   string
		err    llm.Error
		want   time.Duration
		source pool.Source
	}{
		{"rate, days", llm.Error{Kind: llm.KindRate, RetryAfter: 3 * day}, 30 * time.Minute, pool.SourceHint},
		{"overloaded, days", llm.Error{Kind: llm.KindOverloaded, RetryAfter: 3 * day}, 30 * time.Minute, pool.SourceHint},
		{"broken, hours", llm.Error{Kind: llm.KindTransient, RetryAfter: 5 * time.Hour}, 30 * time.Minute, pool.SourceHint},
		{"rate, seconds", llm.Error{Kind: llm.KindRate, RetryAfter: 7 * time.Second}, 7 * time.Second, pool.SourceHint},
		{"quota, days", llm.Error{Kind: llm.KindQuota, RetryAfter: 3 * day}, 3 * day, pool.SourceHint},
		{"quota, years", llm.Error{Kind: llm.KindQuota, RetryAfter: 900 * day}, 32 * day, pool.SourceHint},
		{"rate, no hint", llm.Error{Kind: llm.KindRate}, 10 * time.Second, pool.SourceOwn},
		{"quota, no hint", llm.Error{Kind: llm.KindQuota}, 5 * time.Minute, pool.SourceOwn},
		{"overloaded, no hint", llm.Error{Kind: llm.KindOverloaded}, 5 * time.Second, pool.SourceOwn},
		{"silent", llm.Error{Kind: llm.KindTimeout}, 15 * time.Second, pool.SourceOwn},
	} {
		w := newWorld(t)
		w.ask(w.of("p", pool.RoundRobin, ups("ab")...), fails("a", c.err))
		r := w.rest("m")
		if r == nil || r.Until.Sub(w.at) != c.want || r.Source != c.source {
			t.Errorf("%s: got %+v, want %v of %s", c.name, r, c.want, c.source)
		}
	}
}

func TestB01_RetryNowLetsTheNextRequestTry(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("a")...)
	w.ask(p, fails("a", llm.Error{Kind: llm.KindQuota, RetryAfter: 48 * time.Hour}))
	w.want("at rest", w.first(p, 1), "(quota)")
	w.state.RetryNow(1, "other")
	w.want("another model's", w.first(p, 1), "(quota)")
	w.state.RetryNow(1, "m")
	w.state.RetryNow(77, "")
	w.want("at once", w.first(p, 2), "aa")
	if len(w.changed) != 3 {
		t.Errorf("told %v, want the rest, the retry and the success", w.changed)
	}
}

func TestB02_OneModelsLimitLeavesTheOthersServing(t *testing.T) {
	w := newWorld(t)
	r := w.state.Rebuild()
	pro := r.Pool("x/pro", pool.RoundRobin, []pool.Upstream{up("a", "pro")})
	flash := r.Pool("x/flash", pool.RoundRobin, []pool.Upstream{up("a", "flash")})
	r.Done()
	w.ask(pro, fails("a", llm.Error{Kind: llm.KindRate}))
	w.want("the model", w.first(pro, 1), "(rate)")
	w.want("the other", w.first(flash, 1), "a")
	w.ask(flash, fails("a", llm.Error{Kind: llm.KindQuota, Status: 402}))
	w.pass(time.Minute)
	w.want("no money is no model's fault", w.first(pro, 1), "(quota)")
}

func TestB02_AModelThatIsForbiddenIsNotTheAccountUntilASecondOneIs(t *testing.T) {
	w := newWorld(t)
	r := w.state.Rebuild()
	pools := map[string]*pool.Pool{}
	for _, m := range []string{"x", "y", "z"} {
		pools[m] = r.Pool(m, pool.RoundRobin, []pool.Upstream{up("a", m)})
	}
	r.Done()
	no := fails("a", llm.Error{Kind: llm.KindForbidden, Code: "model_access_denied", Message: "not in your plan"})
	w.ask(pools["x"], no)
	_, err := w.ask(pools["x"], nil)
	if err == nil || err.Kind != llm.KindForbidden || !strings.Contains(err.Message, "a may not use x") {
		t.Errorf("a model that is not in the plan: %v", err)
	}
	w.want("the others", w.first(pools["y"], 1), "a")
	w.ask(pools["y"], no)
	_, err = w.ask(pools["z"], nil)
	if err == nil || !strings.Contains(err.Message, "a is refused by the service") {
		t.Errorf("after a second model: %v", err)
	}
	w.state.Renewed(1)
	w.want("after a new credential", w.first(pools["z"], 1)+w.first(pools["x"], 1), "aa")
}

func TestB03_FailoverIsBoundedAndNobodyIsDisabledByALimit(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("abcdef")...)
	turn := pool.Begin(p)
	turn.Limit(pool.Limits{Attempts: 3})
	var asked []string
	for {
		u, _, err := turn.Next()
		if u == nil {
			if err.Kind != llm.KindRate || err.RetryAfter != time.Second {
				t.Errorf("when the budget is spent: %v after %v, want the limit, and soon again, for others are free", err.Kind, err.RetryAfter)
			}
			break
		}
		asked = append(asked, u.Account.Name)
		turn.Done(&llm.Error{Kind: llm.KindRate, RetryAfter: 20 * time.Second}, llm.Usage{})
	}
	w.want("asked", strings.Join(asked, ""), "abc")
	w.want("the others serve on", w.first(p, 4), "defd")
	_, err := w.ask(p, fails("def", llm.Error{Kind: llm.KindRate, RetryAfter: time.Hour}))
	if err == nil || err.RetryAfter != 20*time.Second {
		t.Errorf("all limited: %+v, want to come back with the first of them", err)
	}
	w.pass(30 * time.Minute)
	w.want("a limit ends by itself", w.first(p, 6), "efabcd")
}

func TestB04_ALimitedAccountIsNotAskedBeforeItsReset(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("ab")...)
	w.ask(p, fails("a", llm.Error{Kind: llm.KindQuota, RetryAfter: 10 * time.Hour}))
	w.pass(10*time.Hour - time.Second)
	w.want("before", w.first(p, 4), "bbbb")
	w.pass(time.Second)
	w.want("at the reset", w.first(p, 3), "aba")
}

func TestB04_ALongAnswerOfBeforeDoesNotEndALimit(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("ab")...)
	long := pool.Begin(p)
	w.want("a long answer", next(&long), "a")
	w.first(p, 1)
	w.ask(p, fails("a", llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour}))
	long.Answered()
	long.Done(nil, llm.Usage{})
	w.want("after it", w.first(p, 3), "bbb")
}

func TestB04_AKnownResetIsBelievedWhereTheErrorNamesNone(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("ab")...)
	w.state.Learn(1, []provider.Quota{{Model: "m", Remaining: 0, Reset: w.at.Add(3 * time.Hour)}})
	w.ask(p, fails("a", llm.Error{Kind: llm.KindQuota}))
	if r := w.rest("m"); r.Source != pool.SourceReset || r.Until.Sub(w.at) != 3*time.Hour {
		t.Errorf("got %+v, want the reset that was learnt", r)
	}
}

func TestB05_TheTrueFailurePassesThroughAndNobodyReadyIsNoLimit(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("ab")...)
	_, err := w.ask(p, fails("ab", llm.Error{Kind: llm.KindTransient, Status: 500, Message: "it broke"}))
	if err.Kind != llm.KindTransient || err.Status != 500 || err.Message != "it broke" {
		t.Errorf("a failure of the service: got %+v", err)
	}
	mixed := map[string]*llm.Error{"a": {Kind: llm.KindRate, Message: "limit"}, "b": {Kind: llm.KindAuth, Message: "key"}}
	w = newWorld(t)
	p = w.of("p", pool.RoundRobin, ups("ab")...)
	if _, err = w.ask(p, mixed); err.Kind != llm.KindRate {
		t.Errorf("our own credential's trouble hides a limit: %v", err.Kind)
	}
	_, err = w.ask(p, nil)
	want := "no account can take a request for p now: a rests until 14:00:10 (m, our own pause), " +
		"b rests until it has a new credential (the service refused it)"
	if err.Kind != llm.KindUnavailable || err.Message != want || err.RetryAfter != 10*time.Second {
		t.Errorf("nobody ready: got %v, %q, %v; want unavailable, %q, 10s", err.Kind, err.Message, err.RetryAfter, want)
	}
}

func TestB05_AModelThatNobodyHasIsNotFoundTheSecondTimeToo(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("ab")...)
	for range 2 {
		if _, err := w.ask(p, fails("ab", llm.Error{Kind: llm.KindNotFound})); err.Kind != llm.KindNotFound {
			t.Errorf("got %v, want not found", err.Kind)
		}
	}
}

func TestB06_AfterARestOneRequestTriesAndSuccessClearsAll(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("a")...)
	for range 3 {
		w.ask(p, fails("a", llm.Error{Kind: llm.KindRate}))
		w.pass(time.Hour)
	}
	trial, other := pool.Begin(p), pool.Begin(p)
	w.want("one tries", next(&trial), "a")
	_, _, err := other.Next()
	if err == nil || !strings.Contains(err.Message, "a is being tried after a rest") {
		t.Errorf("a second one meanwhile: %v", err)
	}
	trial.Answered()
	w.want("when it answers, others follow while it goes on", next(&other), "a")
	trial.Done(nil, llm.Usage{})
	if r := w.rest("m"); r != nil {
		t.Errorf("after a success: %+v, want nothing held against it", r)
	}
	other.Done(&llm.Error{Kind: llm.KindRate}, llm.Usage{})
	if r := w.rest("m"); r.Failures != 1 || r.Until.Sub(w.at) != 10*time.Second {
		t.Errorf("the next failure: %+v, want to begin at the first pause", r)
	}
}

func TestB06_ATrialThatFailsRestsLongerUpToABound(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("a")...)
	var last time.Duration
	for range 40 {
		w.ask(p, fails("a", llm.Error{Kind: llm.KindRate, RetryAfter: time.Second}))
		d := w.rest("m").Until.Sub(w.at)
		if d < last {
			t.Fatalf("a rest of %v after one of %v", d, last)
		}
		last = d
		w.pass(d)
	}
	if last != 30*time.Minute {
		t.Errorf("after 40 failures it rests %v, want 30 minutes", last)
	}
}

func TestB06_ATrialThatTheClientLeftTellsNothing(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("a")...)
	w.ask(p, fails("a", llm.Error{Kind: llm.KindRate}))
	w.pass(time.Hour)
	trial := pool.Begin(p)
	next(&trial)
	trial.Leave()
	if v, _ := w.state.Snapshot(1); v.Models[0].Standing != pool.StandingTrying {
		t.Errorf("got %v, want that the next one tries", v.Models[0].Standing)
	}
	w.want("the next", w.first(p, 2), "aa")
}

func TestRest_ThirtyFailuresAtOnceAreOne(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("a")...)
	turns := make([]pool.Turn, 30)
	for i := range turns {
		turns[i] = pool.Begin(p)
		w.want("offered", next(&turns[i]), "a")
	}
	for i := range turns {
		turns[i].Done(&llm.Error{Kind: llm.KindRate}, llm.Usage{})
	}
	if r := w.rest("m"); r.Failures != 1 || r.Until.Sub(w.at) != 10*time.Second {
		t.Errorf("got %+v, want one failure and its pause", r)
	}
}

func TestRest_ASingleHiccupIsNobodysRest(t *testing.T) {
	for _, kind := range []llm.Kind{llm.KindTransient, llm.KindNetwork, llm.KindProtocol} {
		w := newWorld(t)
		p := w.of("p", pool.RoundRobin, ups("a")...)
		w.ask(p, fails("a", llm.Error{Kind: kind}))
		w.want(kind.String()+", once", w.first(p, 1), "a")
		w.ask(p, fails("a", llm.Error{Kind: kind}))
		w.ask(p, fails("a", llm.Error{Kind: kind}))
		w.want(kind.String()+", twice in a row", w.first(p, 1), "(unavailable)")
	}
}

func TestRest_FailuresOfTheRequestBlameNobody(t *testing.T) {
	for _, kind := range []llm.Kind{
		llm.KindInternal, llm.KindBadRequest, llm.KindMethod, llm.KindTooLarge, llm.KindUnsupported, llm.KindContent,
		llm.KindUnavailable, llm.KindCanceled,
	} {
		w := newWorld(t)
		p := w.of("p", pool.RoundRobin, ups("a")...)
		for range 3 {
			w.ask(p, fails("a", llm.Error{Kind: kind, RetryAfter: time.Hour}))
		}
		w.want(kind.String(), w.first(p, 1), "a")
	}
}

func TestRest_ARefusedCredentialRestsUntilItIsRenewed(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("ab")...)
	late := pool.Begin(p)
	w.want("a request under way", next(&late), "a")
	w.first(p, 1)
	w.ask(p, fails("a", llm.Error{Kind: llm.KindAuth, Message: strings.Repeat("é", 300)}))
	w.pass(1000 * time.Hour)
	w.want("long after", w.first(p, 2), "bb")
	if r := w.rest(""); r.Source != pool.SourceRefused || !r.Until.IsZero() || len(r.Said) > 220 {
		t.Errorf("got %+v", r)
	}
	w.state.Renewed(1)
	late.Done(&llm.Error{Kind: llm.KindAuth}, llm.Usage{})
	w.want("a refusal of the old credential counts no more", w.first(p, 3), "aba")
}

func TestRest_OnTheWayOfAFailureTheDoubtfulComeLast(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("abcd")...)
	w.ask(p, fails("abc", llm.Error{Kind: llm.KindRate}))
	w.pass(time.Minute)
	asked, err := w.ask(p, fails("abc", llm.Error{Kind: llm.KindRate}))
	if asked != "ad" || err != nil {
		t.Errorf("asked %s, %v; want one that just rested, and then one that is well", asked, err)
	}
}

func TestB54_AfterSleepWhatCouldNotBeReachedIsTried(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("ab")...)
	for range 3 {
		w.ask(p, fails("ab", llm.Error{Kind: llm.KindNetwork}))
	}
	w.want("offline", w.first(p, 1), "(unavailable)")
	w.state.Awoke()
	if got := w.first(p, 1); got != "a" && got != "b" {
		t.Errorf("awake: got %s", got)
	}
}

func TestB54_AClockThatIsSetBackDoesNotProlongARest(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, up("a", "m", pool.Terms{Pace: pool.Pace{PerMinute: 2}}), up("b", "n"))
	w.first(p, 2)
	w.ask(p, fails("a", llm.Error{Kind: llm.KindRate, RetryAfter: 5 * time.Minute}))
	w.want("at rest", w.first(p, 1), "b")
	w.pass(-24 * time.Hour)
	w.want("set back", w.first(p, 1), "b")
	w.pass(5 * time.Minute)
	w.want("five minutes later", w.first(p, 2), "ab")
}

func TestB57_ModelsAndAccountsThatAreNamedNoMoreAreForgotten(t *testing.T) {
	w := newWorld(t)
	r := w.state.Rebuild()
	p, q := r.Pool("p", pool.RoundRobin, ups("ab")), r.Pool("q", pool.RoundRobin, []pool.Upstream{up("a", "n"), up("c", "n")})
	r.Done()
	w.first(p, 2)
	w.ask(q, fails("a", llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour}))
	w.of("p", pool.RoundRobin, ups("a")...)
	if _, known := w.state.Snapshot(2); known {
		t.Error("b is still known")
	}
	w.want("a rest outlives its model's absence from a list", w.first(w.of("q", pool.RoundRobin, up("a", "n")), 1), "(quota)")
	w.pass(time.Hour)
	w.of("p", pool.RoundRobin, ups("d")...)
	if _, known := w.state.Snapshot(1); known {
		t.Error("a is still known after its rest")
	}
}
