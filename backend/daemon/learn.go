package daemon

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// ear keeps what the answers of services said is left, until the cards take it
// over: a request that ends must not wait for them (B58).
type ear struct {
	mu    sync.Mutex
	heard map[budgetOf]control.Quota
	// wake has an element when there is something to take over.
	wake chan struct{}
}

type budgetOf struct {
	account     int64
	model, name string
}

// mostHeard bounds what waits: a service may name as many limits as it likes.
const mostHeard = 4096

func newEar() *ear { return &ear{heard: map[budgetOf]control.Quota{}, wake: make(chan struct{}, 1)} }

func (e *ear) hear(id int64, model string, budgets []budget, at time.Time) {
	e.mu.Lock()
	for _, b := range budgets {
		key := budgetOf{id, model, b.name}
		if _, known := e.heard[key]; known || len(e.heard) < mostHeard {
			e.heard[key] = b.shown(model, at)
		}
	}
	e.mu.Unlock()
	nudge(e.wake)
}

func (e *ear) take() map[budgetOf]control.Quota {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.heard
	e.heard = map[budgetOf]control.Quota{}
	return out
}

// learned takes over what the header of an answer says is left. It is called on
// the way of a request.
func (a *accounts) learned(id int64, model string, h http.Header) {
	now := time.Now()
	budgets := budgetsOf(h, now)
	if len(budgets) == 0 {
		return
	}
	quotas := make([]provider.Quota, 0, len(budgets))
	for _, b := range budgets {
		quotas = append(quotas, b.forPool(model))
	}
	a.o.Balance.Learn(id, quotas)
	a.ear.hear(id, model, budgets, now)
}

// listen brings what was heard to the cards.
func (a *accounts) listen() {
	heard := a.ear.take()
	now := time.Now()
	a.mu.Lock()
	for key, q := range heard {
		if s := a.byID[key.account]; s != nil {
			s.known.hear(q, now)
		}
	}
	a.mu.Unlock()
	nudge(a.dirty)
	a.tell()
}

// hear keeps q instead of what was heard of the same limit before. What is past
// tells nothing any more.
func (k *known) hear(q control.Quota, now time.Time) {
	const most, stale = 60, 24 * time.Hour
	k.heard = slices.DeleteFunc(k.heard, func(old control.Quota) bool {
		past := old.Reset != nil && old.Reset.Add(time.Hour).Before(now) || now.Sub(old.At) > stale
		return past || old.Model == q.Model && old.Name == q.Name
	})
	if len(k.heard) >= most {
		k.heard = slices.Delete(k.heard, 0, 1)
	}
	k.heard = append(k.heard, q)
}
