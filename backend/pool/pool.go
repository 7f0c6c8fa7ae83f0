// Package pool decides who takes the next attempt at a model.
//
// The invariant: a decision is a function of the pool's state and of what the
// exchange has tried; there is no I/O and no clock in here, and each upstream is
// offered to one exchange at most once.
package pool

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Upstream is one model of one account.
type Upstream struct {
	Account  *account.Account
	Provider provider.Provider
	// Model is the service's own name of the model.
	Model string
}

// Pool is the upstreams behind one model, in the order of the configuration.
// It is not changed once it is made; its turn lives in a Cursors.
type Pool struct {
	upstreams []Upstream
	reasons   []string
	cursor    *atomic.Uint64
}

// New makes a pool over upstreams, whose turn is kept by cursor, so that a
// rebuilt pool goes on where the last one was. It keeps upstreams.
func New(upstreams []Upstream, cursor *atomic.Uint64) *Pool {
	p := &Pool{upstreams: upstreams, cursor: cursor, reasons: make([]string, len(upstreams))}
	for i := range upstreams {
		p.reasons[i] = reason(i, len(upstreams))
	}
	return p
}

// reason is made once, so that the common case allocates nothing.
func reason(i, n int) string {
	if n == 1 {
		return "the only account"
	}
	return "its turn (" + strconv.Itoa(i+1) + " of " + strconv.Itoa(n) + ")"
}

// Upstreams are the pool's members; the caller must not change them.
func (p *Pool) Upstreams() []Upstream { return p.upstreams }

// Turn is one exchange's way through one or more pools: each upstream of the
// first pool once, beginning with the one whose turn it is, then those of the
// next (an alias names several models). The zero value offers nobody.
type Turn struct {
	pools []*Pool
	at    int
	first int
	taken int
	// failed are the names of those that were tried before, for the reason.
	failed []string
}

// Begin starts an exchange's way through pools, which are kept.
func Begin(pools ...*Pool) Turn { return Turn{pools: pools} }

// Next offers the next upstream and says why it is the one (B10). It returns nil
// when everybody was tried.
func (t *Turn) Next() (*Upstream, string) {
	for t.at < len(t.pools) {
		p := t.pools[t.at]
		n := len(p.upstreams)
		if t.taken == 0 && n > 0 {
			// The first request goes to the first account.
			t.first = int((p.cursor.Add(1) - 1) % uint64(n)) //nolint:gosec // below n.
		}
		if t.taken < n {
			i := (t.first + t.taken) % n
			t.taken++
			return &p.upstreams[i], t.why(p.reasons[i])
		}
		t.at++
		t.taken = 0
	}
	return nil, ""
}

func (t *Turn) why(r string) string {
	if len(t.failed) == 0 {
		return r
	}
	return "next after " + strings.Join(t.failed, ", ")
}

// Failed notes that u did not do, in the words of why, as "rate".
func (t *Turn) Failed(u *Upstream, why string) {
	t.failed = append(t.failed, u.Account.Name+" ("+why+")")
}

// Cursors remember whose turn it is at each pool, by the pool's name, over all
// rebuilds. The zero value is ready.
type Cursors struct {
	mu sync.Mutex
	m  map[string]*atomic.Uint64
}

// Of is the cursor of the pool called name.
func (c *Cursors) Of(name string) *atomic.Uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = map[string]*atomic.Uint64{}
	}
	cur, ok := c.m[name]
	if !ok {
		cur = &atomic.Uint64{}
		c.m[name] = cur
	}
	return cur
}
