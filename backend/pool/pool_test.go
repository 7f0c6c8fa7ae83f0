package pool_test

import (
	"slices"
	"sync/atomic"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

func upstreams(names ...string) []pool.Upstream {
	out := make([]pool.Upstream, 0, len(names))
	for i, n := range names {
		out = append(out, pool.Upstream{Account: account.New(account.Account{ID: int64(i + 1), Name: n}, nil), Model: "m"})
	}
	return out
}

func first(p *pool.Pool) string {
	t := pool.Begin(p)
	u, _ := t.Next()
	return u.Account.Name
}

func TestPool_TakesTurnsInOrderOfConfiguration(t *testing.T) {
	p := pool.New(upstreams("a", "b", "c"), new(atomic.Uint64))
	var got []string
	for range 7 {
		got = append(got, first(p))
	}
	if want := []string{"a", "b", "c", "a", "b", "c", "a"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPool_RebuiltGoesOnWhereItWas(t *testing.T) {
	var cursors pool.Cursors
	_ = first(pool.New(upstreams("a", "b"), cursors.Of("x/m")))
	if got := first(pool.New(upstreams("a", "b"), cursors.Of("x/m"))); got != "b" {
		t.Errorf("got %q after a rebuild, want b", got)
	}
	if got := first(pool.New(upstreams("a", "b"), cursors.Of("x/n"))); got != "a" {
		t.Errorf("another model began with %q, want a", got)
	}
}

func TestTurn_OffersEachOnceAndThenTheNextPool(t *testing.T) {
	a := pool.New(upstreams("a", "b"), new(atomic.Uint64))
	b := pool.New(upstreams("c"), new(atomic.Uint64))
	_ = first(a)
	turn := pool.Begin(a, b)
	var got, why []string
	for {
		u, reason := turn.Next()
		if u == nil {
			break
		}
		got = append(got, u.Account.Name)
		why = append(why, reason)
		turn.Failed(u, "rate")
	}
	if want := []string{"b", "a", "c"}; !slices.Equal(got, want) {
		t.Errorf("offered %v, want %v", got, want)
	}
	if want := []string{"its turn (2 of 2)", "next after b (rate)", "next after b (rate), a (rate)"}; !slices.Equal(why, want) {
		t.Errorf("reasons %q, want %q", why, want)
	}
}

func TestTurn_OfNobodyOffersNobody(t *testing.T) {
	var zero pool.Turn
	if u, _ := zero.Next(); u != nil {
		t.Errorf("the zero turn offered %v", u)
	}
	empty := pool.Begin(pool.New(nil, new(atomic.Uint64)))
	if u, _ := empty.Next(); u != nil {
		t.Errorf("an empty pool offered %v", u)
	}
}
