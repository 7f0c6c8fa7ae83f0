package relay

import (
	"context"
	"errors"
	"sync"
	"time"
)

// wait is an exchange's wait for its upstream. One watchman looks after the
// waits of all exchanges, which costs a request two short locks instead of
// timers of its own.
type wait struct {
	mu sync.Mutex
	// since is when the wait began; zero when there is none, as while the
	// client is slow to read.
	since time.Time
	// bound is how long it may take; 0 is no bound.
	bound time.Duration
	// cancel ends the attempt.
	cancel context.CancelCauseFunc
}

var errUpstreamSilent = errors.New("the upstream was silent for too long")

func (w *wait) begin(now time.Time, bound time.Duration, cancel context.CancelCauseFunc) {
	w.mu.Lock()
	w.since, w.bound, w.cancel = now, bound, cancel
	w.mu.Unlock()
}

func (w *wait) end() {
	w.mu.Lock()
	w.since = time.Time{}
	w.mu.Unlock()
}

// look ends a wait that took too long, and says whether there is one.
func (w *wait) look(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.since.IsZero() {
		return false
	}
	if w.bound > 0 && now.Sub(w.since) >= w.bound {
		w.cancel(errUpstreamSilent)
	}
	return true
}

// Run is the watchman: it ends waits that take too long and sends keep-alives,
// until ctx ends. While nothing runs it sleeps without a timer.
func (r *Relay) Run(ctx context.Context) error {
	t := time.NewTimer(time.Hour)
	defer t.Stop()
	for {
		if r.Count() == 0 {
			select {
			case <-ctx.Done():
				return nil
			case <-r.wake:
			}
		}
		t.Reset(r.pause())
		select {
		case <-ctx.Done():
			return nil
		case now := <-t.C:
			r.look(now)
		}
	}
}

// pause is short enough for the shortest limit in force.
func (r *Relay) pause() time.Duration {
	const longest, shortest = time.Second, 5 * time.Millisecond
	l := r.o.Limits()
	p := longest
	for _, d := range []time.Duration{l.FirstByte, l.Idle, l.Client, l.KeepAlive} {
		if d > 0 {
			p = min(p, d/4)
		}
	}
	return max(p, shortest)
}

func (r *Relay) look(now time.Time) {
	r.mu.Lock()
	all := make([]*exchange, 0, len(r.running))
	for _, x := range r.running {
		all = append(all, x)
	}
	r.mu.Unlock()
	for _, x := range all {
		waiting := x.wait.look(now)
		if !waiting || !x.keepsAlive() || x.hushes(now) {
			continue
		}
		x.out.keepAlive(now, x.limits.KeepAlive, x.codec.KeepAlive(), x.codec.StreamType())
	}
}

// keepsAlive says whether the client reads events that may have a keep-alive
// between them.
func (x *exchange) keepsAlive() bool {
	x.mu.Lock()
	stream := x.log.Stream
	x.mu.Unlock()
	return stream && x.limits.KeepAlive > 0 && x.codec.KeepAlive() != nil
}

// hushes says that the client is to hear nothing now, which is noted once where it
// would have.
func (x *exchange) hushes(now time.Time) bool {
	note := "left out keep-alives before the answer: this client hangs on an error behind one"
	switch {
	case x.silent:
		note = "left out keep-alives: the profile of the API key says that the client cannot read them"
	case !x.quiet || x.out.bytes.Load() > 0:
		return false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.hushed && now.Sub(x.out.start) >= x.limits.KeepAlive {
		x.hushed = true
		x.log.Notes = append(x.log.Notes, note)
	}
	return true
}
