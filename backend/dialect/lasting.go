package dialect

import (
	"context"
	"sync"
)

// Lasting are the connections that outlive their request, as WebSockets do: an
// http.Server forgets them when it shuts down, so who listens ends them by this.
// The zero value is not ready; see NewLasting.
type Lasting struct {
	ending chan struct{}
	once   sync.Once
	open   sync.WaitGroup
}

// NewLasting makes a Lasting that has no connection.
func NewLasting() *Lasting { return &Lasting{ending: make(chan struct{})} }

type lastingKey struct{}

// With is ctx with l in it, for the requests of a listener.
func (l *Lasting) With(ctx context.Context) context.Context {
	return context.WithValue(ctx, lastingKey{}, l)
}

// Last holds the connection of a request open beyond it. The channel is closed
// when the listener ends: finish what is under way, say goodbye, and call
// release. It is nil, and release does nothing, where nobody asks for an end.
func Last(ctx context.Context) (ending <-chan struct{}, release func()) {
	l, ok := ctx.Value(lastingKey{}).(*Lasting)
	if !ok {
		return nil, func() {}
	}
	l.open.Add(1)
	return l.ending, l.open.Done
}

// End asks all connections to end. It may be called more than once.
func (l *Lasting) End() { l.once.Do(func() { close(l.ending) }) }

// Wait returns when all connections have ended, or when ctx is over; no
// connection may come after it.
func (l *Lasting) Wait(ctx context.Context) error {
	gone := make(chan struct{})
	go func() {
		l.open.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
