package pool_test

import (
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

func TestPolicies_AreListedOnceTheDefaultFirst(t *testing.T) {
	if all := pool.Policies(); all[0] != pool.RoundRobin || len(all) != 6 {
		t.Errorf("got %v", all)
	}
}

func TestWeighted_SharesAreMixedWell(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.Weighted, up("a", "m", pool.Terms{Weight: 5}), up("b", "m", pool.Terms{Weight: 1}), up("c", "m"))
	got := w.first(p, 70)
	for name, want := range map[string]int{"a": 50, "b": 10, "c": 10} {
		if n := strings.Count(got, name); n != want {
			t.Errorf("%s was asked %d times of 70, want %d", name, n, want)
		}
	}
	if strings.Contains(got, "aaaaaa") {
		t.Errorf("one account is asked in a lump: %s", got)
	}
}

func TestWeighted_SharesOfThoseWhoRestGoToTheOthersInProportion(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.Weighted, up("a", "m", pool.Terms{Weight: 4}), up("b", "m", pool.Terms{Weight: 2}), up("c", "m", pool.Terms{Weight: 8}))
	w.ask(p, fails("c", llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour}))
	w.ask(p, fails("c", llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour}))
	got := w.first(p, 60)
	if a, b := strings.Count(got, "a"), strings.Count(got, "b"); a < 39 || a > 41 || a+b != 60 {
		t.Errorf("a %d, b %d of 60, want 40 and 20", a, b)
	}
}

func TestFillFirst_AsksTheHighestPriorityWhileItIsAble(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.FillFirst, up("a", "m"), up("b", "m", pool.Terms{Priority: 2}), up("c", "m", pool.Terms{Priority: 2}))
	w.want("at first", w.first(p, 3), "bbb")
	asked, _ := w.ask(p, fails("b", llm.Error{Kind: llm.KindQuota, RetryAfter: time.Minute}))
	w.want("when it is used up", asked, "bc")
	w.want("then", w.first(p, 2), "cc")
	w.ask(p, fails("c", llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour}))
	w.want("the rest of them", w.first(p, 2), "aa")
	w.pass(time.Minute)
	w.want("its reset is used by the next request", w.first(p, 2), "bb")
}

func TestLeastBusy_AsksWhoHasLeastInFlightForItsWeight(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.LeastBusy, up("a", "m"), up("b", "m", pool.Terms{Weight: 2}), up("c", "m"))
	var turns []*pool.Turn
	var all []string
	for range 8 {
		turn := pool.Begin(p)
		all = append(all, next(&turn))
		turns = append(turns, &turn)
	}
	got := strings.Join(all, "")
	if strings.Count(got, "b") != 4 || strings.Count(got, "a") != 2 {
		t.Errorf("eight at once went to %s, want b twice as often", got)
	}
	for i, turn := range turns {
		if got[i] == 'c' {
			turn.Leave()
		}
	}
	w.want("who became idle", w.first(p, 2), "cc")
}

func TestMostQuota_AsksWhoHasMostLeftAndCountsItsOwnRequests(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.MostQuota, ups("abc")...)
	for id, left := range map[int64]int64{1: 10, 2: 12, 3: 0} {
		w.state.Learn(id, []provider.Quota{{Model: "m", Remaining: -1, Left: left, Limit: 20, Reset: w.at.Add(time.Hour)}})
	}
	w.want("by what is left", w.first(p, 6), "bbabab"[:6])
	w.pass(time.Hour)
	got := w.first(p, 3)
	if !strings.Contains(got, "c") {
		t.Errorf("after the reset c was not asked: %s", got)
	}
}

func TestMostQuota_TheScarcestBudgetOfAModelCounts(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.MostQuota, ups("ab")...)
	w.state.Learn(1, []provider.Quota{{Model: "m", Remaining: 0.9}, {Model: "m", Remaining: 0.1}, {Model: "other", Remaining: 0}})
	w.state.Learn(2, []provider.Quota{{Remaining: 0.5}})
	w.state.Learn(99, nil)
	w.want("first", w.first(p, 1), "b")
}

func TestSoonestReset_UsesWhatWouldBeLostFirst(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.SoonestReset, ups("abcd")...)
	w.state.Learn(2, []provider.Quota{{Model: "m", Remaining: 0.5, Reset: w.at.Add(3 * time.Hour)}})
	w.state.Learn(3, []provider.Quota{{Model: "m", Remaining: 0.5, Reset: w.at.Add(time.Hour)}})
	w.state.Learn(4, []provider.Quota{{Model: "m", Remaining: 0, Reset: w.at.Add(time.Minute)}})
	w.want("the soonest that has some left", w.first(p, 2), "cc")
	w.pass(time.Hour)
	w.want("then the next", w.first(p, 2), "bb")
}

func TestReason_NamesThePolicy(t *testing.T) {
	for policy, want := range map[pool.Policy]string{
		pool.RoundRobin: "its turn (1 of 2)", pool.Weighted: "its share (weight 1)",
		pool.FillFirst: "the first that is able (priority 0)", pool.LeastBusy: "the least busy (0 in flight)",
		pool.MostQuota: "the most quota left (100 %)", pool.SoonestReset: "its quota resets soonest",
	} {
		w := newWorld(t)
		turn := pool.Begin(w.of("p", policy, ups("ab")...))
		if turn.Reason() != "" {
			t.Error("a reason before anybody was chosen")
		}
		next(&turn)
		w.want(string(policy), turn.Reason(), want)
	}
}

func TestConversation_StaysWithItsAccountAndSaysWhenItCannot(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("abc")...)
	talk := func(name string, fail *llm.Error) (string, string) {
		turn := pool.Begin(p)
		turn.Stick(name)
		who := next(&turn)
		why := turn.Reason()
		turn.Done(fail, llm.Usage{})
		return who, why
	}
	who, _ := talk("one", nil)
	w.want("it begins in turn", who, "a")
	who, _ = talk("two", nil)
	w.want("another one too", who, "b")
	who, why := talk("one", nil)
	w.want("it stays", who+": "+why, "a: its conversation stays")
	w.want("and takes nobody's turn", w.first(p, 1), "c")
	talk("one", &llm.Error{Kind: llm.KindRate, RetryAfter: 5 * time.Minute})
	who, why = talk("one", nil)
	w.want("it moves", who, "b")
	if !strings.Contains(why, "its conversation cannot stay: a rests until 14:05:00 (m, the service's hint)") {
		t.Errorf("why it moved: %q", why)
	}
	w.pass(10 * time.Minute)
	who, _ = talk("one", nil)
	w.want("and stays where it is now", who, "b")
	w.pass(2 * time.Hour)
	who, _ = talk("one", nil)
	w.want("for an hour", who, "c")
}

func TestConversation_ManyAreForgottenButNotTheOneThatGoesOn(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("abc")...)
	talk := func(name string) string {
		turn := pool.Begin(p)
		defer turn.Leave()
		turn.Stick(name)
		return next(&turn)
	}
	want := talk("mine")
	for i := range 100_000 {
		talk(strings.Repeat("x", i%7) + time.Duration(i).String())
		if i%5_000 == 0 && talk("mine") != want {
			t.Fatalf("a conversation that goes on was moved after %d others", i)
		}
	}
}
