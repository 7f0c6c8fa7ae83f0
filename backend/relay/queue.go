package relay

import (
	"net/http"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// queued is the wait for an account that nothing but its pace keeps from being
// asked. The exchange's mu guards it, for the pages.
type queued struct {
	// since is when it began; zero is no wait.
	since time.Time
	// why is what stood in the way then.
	why string
}

func (q *queued) note(now time.Time) string {
	return requestlog.WaitNote(now.Sub(q.since), q.why)
}

// next is the upstream to ask now. A place in the queue is waited in, while the
// client hears signs of life; when it leaves, the place is another's.
func (x *exchange) next(turn *pool.Turn) (*pool.Upstream, *llm.Error) {
	u, place, none := turn.Next()
	if place == nil {
		return u, none
	}
	x.enqueue(turn.Barred())
	defer x.dequeue()
	for place != nil {
		if err := x.stand(place); err != nil {
			return nil, err
		}
		u, place, none = turn.Next()
	}
	return u, none
}

// stand waits until it is worth asking again.
func (x *exchange) stand(place *pool.Ticket) *llm.Error {
	t := time.NewTimer(time.Until(place.Until()))
	defer t.Stop()
	select {
	case <-place.Ready():
	case <-t.C:
	case <-x.req.Context().Done():
		return x.canceled()
	}
	return nil
}

func (x *exchange) enqueue(why string) {
	now := time.Now()
	x.mu.Lock()
	x.queued = queued{now, why}
	x.mu.Unlock()
	// Nothing but the queue itself bounds it.
	x.wait.begin(now, 0, nil)
}

// dequeue notes how long it took, and why.
func (x *exchange) dequeue() {
	x.wait.end()
	now := time.Now()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.waited += now.Sub(x.queued.since)
	x.log.Notes = append(x.log.Notes, x.queued.note(now))
	x.queued = queued{}
}

// talk is what the requests of one conversation have in common; "" is nothing
// that is known, or that nobody wants to know.
func (x *exchange) talk() string {
	if !x.limits.Sticky {
		return ""
	}
	if x.head.Sticky != "" {
		return x.head.Sticky
	}
	for _, name := range [...]string{
		"X-Session-Affinity", "X-Session-Id", "Session-Id", "Session_id", "Thread-Id", "X-Conversation-Id", "Conversation_id", "X-Claude-Code-Session-Id",
	} {
		if id := x.req.Header.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// learn passes on what an upstream's answer tells of its budgets.
func (a *attempt) learn(h http.Header) {
	if a.relay.o.Learned == nil || !tellsBudget(h) {
		return
	}
	a.relay.o.Learned(a.upstream.Account.ID, a.upstream.Model, h)
}

// tellsBudget looks for the fields that services have for it: the prefixes
// x-ratelimit-, ratelimit and anthropic-ratelimit-.
func tellsBudget(h http.Header) bool {
	for name := range h {
		switch {
		case len(name) < len("Ratelimit"):
		case has(name, "X-Ratelimit"), has(name, "Ratelimit"), has(name, "Anthropic-Ratelimit"):
			return true
		}
	}
	return false
}

func has(name, prefix string) bool { return len(name) >= len(prefix) && name[:len(prefix)] == prefix }
