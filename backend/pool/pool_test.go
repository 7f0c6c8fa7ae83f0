package pool_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// world is a state whose clock stands still until a test moves it, and whose
// pauses are in the middle of their spread.
type world struct {
	*testing.T
	state *pool.State
	at    time.Time
	// changed are the accounts that were told of.
	changed []int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, at: time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)}
	w.state = pool.New(pool.Options{
		Now: func() time.Time { return w.at }, Random: func() float64 { return 0.5 },
		Changed: func(id int64) { w.changed = append(w.changed, id) },
	})
	return w
}

// of makes a pool of accounts that are numbered by their letter, a is 1.
func (w *world) of(name string, policy pool.Policy, us ...pool.Upstream) *pool.Pool {
	r := w.state.Rebuild()
	defer r.Done()
	return r.Pool(name, policy, us)
}

func up(name, model string, terms ...pool.Terms) pool.Upstream {
	u := pool.Upstream{Account: account.New(account.Account{ID: int64(name[0]-'a') + 1, Name: name}, nil), Model: model}
	if len(terms) > 0 {
		u.Terms = &terms[0]
	}
	return u
}

func ups(names string) []pool.Upstream {
	var out []pool.Upstream
	for _, n := range names {
		out = append(out, up(string(n), "m"))
	}
	return out
}

// next is who is offered, or "wait", or the error's kind.
func next(t *pool.Turn) string {
	u, k, err := t.Next()
	switch {
	case u != nil:
		return u.Account.Name
	case k != nil:
		return "wait"
	}
	return err.Kind.String()
}

// ask is one exchange that tries until somebody answers; fails says who does not.
// It gives everybody that was asked and the error that the client was told.
func (w *world) ask(p *pool.Pool, fails map[string]*llm.Error) (asked string, err *llm.Error) {
	w.Helper()
	turn := pool.Begin(p)
	defer turn.Leave()
	for {
		u, _, none := turn.Next()
		if u == nil {
			return asked, none
		}
		asked += u.Account.Name
		e := fails[u.Account.Name]
		turn.Done(e, llm.Usage{})
		if e == nil {
			return asked, nil
		}
	}
}

// first is who answers n exchanges in turn.
func (w *world) first(p *pool.Pool, n int) string {
	w.Helper()
	var out strings.Builder
	for range n {
		asked, err := w.ask(p, nil)
		if err != nil {
			asked = "(" + err.Kind.String() + ")"
		}
		out.WriteString(asked)
	}
	return out.String()
}

func (w *world) want(what, got, want string) {
	w.Helper()
	if got != want {
		w.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func (w *world) pass(d time.Duration) { w.at = w.at.Add(d) }

func fails(names string, e llm.Error) map[string]*llm.Error {
	out := map[string]*llm.Error{}
	for _, n := range names {
		out[string(n)] = &e
	}
	return out
}

func TestPool_TakesTurnsInOrderOfConfiguration(t *testing.T) {
	w := newWorld(t)
	w.want("seven requests", w.first(w.of("p", pool.RoundRobin, ups("abc")...), 7), "abcabca")
}

func TestPool_UnknownPolicyTakesTurns(t *testing.T) {
	w := newWorld(t)
	w.want("four requests", w.first(w.of("p", "fastest", ups("abc")...), 4), "abca")
}

func TestPool_RebuiltGoesOnWhereItWas(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("abcd")...)
	w.want("before", w.first(p, 2), "ab")
	for _, c := range []struct{ members, want string }{
		{"abcd", "c"}, // nothing changed
		{"dcba", "b"}, // turned round: behind c comes b
		{"xdcba", "a"},
		{"xdcb", "x"},
		{"xcb", "c"},
		{"xb", "b"}, // c has gone: who came after it
		{"x", "x"},
	} {
		if q := w.of("p", pool.RoundRobin, ups(c.members)...); q != p {
			t.Fatal("the pool of a name is another after a rebuild")
		}
		w.want("after a rebuild with "+c.members, w.first(p, 1), c.want)
	}
}

func TestPool_ThatIsGoneOffersNobodyToExchangesUnderWay(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("ab")...)
	turn := pool.Begin(p)
	w.want("first", next(&turn), "a")
	w.state.Rebuild().Done()
	turn.Done(&llm.Error{Kind: llm.KindTransient}, llm.Usage{})
	w.want("after its model has gone", next(&turn), "transient")
	w.want("a new exchange", w.first(p, 1), "(unavailable)")
	w.state.Rebuild().Done()
	if _, known := w.state.Snapshot(1); known {
		t.Error("an account that nobody names is still known")
	}
}

func TestPool_SeesAccountsThatComeWhileAnExchangeRuns(t *testing.T) {
	w := newWorld(t)
	turn := pool.Begin(w.of("p", pool.RoundRobin, ups("a")...))
	w.want("first", next(&turn), "a")
	w.of("p", pool.RoundRobin, ups("ab")...)
	w.want("after b came", next(&turn), "b")
}

func TestTurn_OffersEachOnceAndThenTheNextPool(t *testing.T) {
	w := newWorld(t)
	r := w.state.Rebuild()
	a, b := r.Pool("a", pool.RoundRobin, ups("ab")), r.Pool("b", pool.RoundRobin, ups("c"))
	r.Done()
	w.first(a, 1)
	turn := pool.Begin(a, b)
	var got, why []string
	for {
		u, _, err := turn.Next()
		if u == nil {
			if err.Kind != llm.KindRate {
				t.Errorf("at the end: got %v, want the true failure", err)
			}
			break
		}
		got, why = append(got, u.Account.Name), append(why, turn.Reason())
		turn.Done(&llm.Error{Kind: llm.KindRate, Message: "slow down"}, llm.Usage{})
	}
	if want := []string{"b", "a", "c"}; !slices.Equal(got, want) {
		t.Errorf("offered %v, want %v", got, want)
	}
	if want := []string{
		"its turn (2 of 2)", "next after b (rate)", "next after b (rate), a (rate)",
	}; !slices.Equal(why, want) {
		t.Errorf("reasons %q, want %q", why, want)
	}
}

func TestTurn_OfNobodyOffersNobody(t *testing.T) {
	var zero pool.Turn
	if _, _, err := zero.Next(); err == nil || err.Kind != llm.KindUnavailable {
		t.Errorf("the zero turn said %v", err)
	}
	zero.Leave()
	zero.Done(nil, llm.Usage{})
	w := newWorld(t)
	w.want("an empty pool", w.first(w.of("p", pool.RoundRobin), 1), "(unavailable)")
}

func TestTurn_AnAttemptThatWasLeftBlamesNobody(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("a")...)
	turn := pool.Begin(p)
	w.want("first", next(&turn), "a")
	if v, _ := w.state.Snapshot(1); v.InFlight != 1 {
		t.Errorf("in flight: %d, want 1", v.InFlight)
	}
	turn.Leave()
	turn.Leave()
	turn.Done(&llm.Error{Kind: llm.KindAuth}, llm.Usage{})
	if v, _ := w.state.Snapshot(1); v.InFlight != 0 || v.Standing != pool.StandingReady {
		t.Errorf("after leaving: %+v, want ready with nothing in flight", v)
	}
}

func TestTurn_OffersTheSameAgainOnceAfterARenewal(t *testing.T) {
	w := newWorld(t)
	p := w.of("p", pool.RoundRobin, ups("ab")...)
	turn := pool.Begin(p)
	turn.Limit(pool.Limits{Attempts: 1})
	w.want("first", next(&turn), "a")
	if !turn.Again() || turn.Again() {
		t.Error("an upstream is not offered again exactly once")
	}
	w.want("reason", turn.Reason(), "again, with a renewed credential")
	if v, _ := w.state.Snapshot(1); v.InFlight != 1 || v.Rest != nil {
		t.Errorf("after a renewal: %+v, want one in flight and no rest", v)
	}
	turn.Done(&llm.Error{Kind: llm.KindAuth}, llm.Usage{})
	if turn.Again() {
		t.Error("an attempt that has ended is offered again")
	}
	w.want("a renewal is no attempt of the budget, another upstream is", next(&turn), "auth")
	if v, _ := w.state.Snapshot(1); v.Standing != pool.StandingResting || !v.Rest.Until.IsZero() {
		t.Errorf("after a second refusal: %+v, want a rest without an end", v)
	}
}

func TestGroup_ModelsThatNobodyListsShareATurnAndAreBounded(t *testing.T) {
	w := newWorld(t)
	build := func(names string) *pool.Group {
		r := w.state.Rebuild()
		defer r.Done()
		us := ups(names)
		for i := range us {
			us[i].Model = ""
		}
		return r.Group("x", pool.RoundRobin, us)
	}
	g := build("abc")
	w.want("one model", w.first(g.Open("m"), 1), "a")
	w.want("another", w.first(g.Open("n"), 1), "b")
	w.ask(g.Open("m"), fails("c", llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour}))
	g = build("abc")
	w.want("what is known survives a rebuild", w.first(g.Open("m"), 4), "baba")
	w.want("for that model alone", w.first(g.Open("n"), 3), "bca")
	for i := range 10_000 {
		w.first(g.Open(fmt.Sprintf("invented-%d", i)), 1)
	}
	if v, _ := w.state.Snapshot(1); len(v.Models) > 64 {
		t.Errorf("%d invented models are remembered", len(v.Models))
	}
	w.state.Rebuild().Done()
	w.want("a group that has gone", w.first(g.Open("m"), 1), "(unavailable)")
}

func TestB07_RestFollowsTheServicesOwnNameOfTheModel(t *testing.T) {
	w := newWorld(t)
	r := w.state.Rebuild()
	stable := r.Pool("x/gemini-3-pro", pool.RoundRobin, []pool.Upstream{up("a", "gemini-3-pro-preview")})
	preview := r.Pool("x/gemini-3-pro-preview", pool.RoundRobin, []pool.Upstream{up("a", "gemini-3-pro-preview")})
	r.Done()
	w.ask(stable, fails("a", llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour}))
	_, err := w.ask(preview, nil)
	if err == nil || !strings.Contains(err.Message, "gemini-3-pro-preview") {
		t.Errorf("the other name of the same model: got %v, want its rest", err)
	}
	w.pass(time.Hour)
	w.first(preview, 1)
	w.want("a success by one name frees the other", w.first(stable, 2), "aa")
}
