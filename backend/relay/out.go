package relay

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// out is the client's side of an exchange. It counts, times and captures what
// goes out, and lets the watchman put a keep-alive between two writes.
type out struct {
	w http.ResponseWriter
	x *exchange
	// conn is corked between a write and its flush; nil is not.
	conn Corker
	// start is the exchange's, on the monotonic clock.
	start time.Time

	// mu is held while something is written, and by the watchman.
	mu sync.Mutex
	// committed says that the status line went out; answered that a byte of an
	// answer did, after which nothing is tried again; sealed that the watchman
	// must not write any more.
	committed, answered, sealed bool
	status                      int
	contentType                 string
	// dirty says that something waits for a flush.
	dirty bool
	// gathers says that writes are kept in gathered until then, and failed what
	// became of those before.
	gathers  bool
	gathered *buffer
	failed   error
	// last is when something was written last, for keep-alives.
	last time.Time

	bytes atomic.Int64
	// first is the time from start to the first token, in nanoseconds.
	first atomic.Int64

	// captured are the pieces of the copy for the log, kept bytes in all.
	captured   []*buffer
	kept       int
	captureCut bool
	// times are of that copy.
	times times
}

func (o *out) begin(w http.ResponseWriter, x *exchange, now time.Time) {
	o.w, o.x, o.start, o.last = w, x, now, now
	o.conn = corkerOf(x.req)
}

// Header is the client's header, as long as it was not sent.
func (o *out) Header() http.Header { return o.w.Header() }

// WriteHeader sends the status line.
func (o *out) WriteHeader(status int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.commit(status)
}

// commit sends the status line once. mu is held.
func (o *out) commit(status int) {
	if o.committed {
		return
	}
	o.committed = true
	o.status = status
	o.contentType = o.w.Header().Get("Content-Type")
	o.w.WriteHeader(status)
}

// gather makes one write of all until the next flush, for who writes little at a
// time.
func (o *out) gather(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pour()
	o.gathers = on
}

// Write sends a part of the answer; it reaches the client at the next flush.
func (o *out) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.gathers {
		return o.write(p)
	}
	if o.gathered != nil && len(p) > cap(o.gathered.b)-len(o.gathered.b) {
		o.pour()
	}
	if o.gathered == nil {
		const usual = 8 << 10
		o.gathered = newBuffer(max(len(p), usual))
	}
	o.gathered.b = append(o.gathered.b, p...)
	o.answered, o.dirty = true, true
	return len(p), o.failed
}

// pour writes what was gathered. mu is held. The memory is given back, for a slow
// stream has long pauses.
func (o *out) pour() {
	if o.gathered == nil {
		return
	}
	if _, err := o.write(o.gathered.b); err != nil && o.failed == nil {
		o.failed = err
	}
	o.gathered.release()
	o.gathered = nil
}

// write is Write with mu held.
func (o *out) write(p []byte) (int, error) {
	o.commit(http.StatusOK)
	o.answered = true
	if o.conn != nil {
		o.conn.Cork()
	}
	n, err := o.w.Write(p)
	o.bytes.Add(int64(n))
	o.dirty = true
	o.capture(p[:n])
	return n, err
}

// send writes p and flushes it. An error means that the client left, which its
// context says too.
func (o *out) send(p []byte) {
	if len(p) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pour()
	_, _ = o.write(p)
	o.flush()
}

// Flush sends what was written so far.
func (o *out) Flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush()
}

// flush is Flush with mu held. A writer that cannot flush, as the one of the
// desktop window, writes through by itself.
func (o *out) flush() {
	if !o.dirty {
		return
	}
	o.pour()
	o.dirty = false
	if f, ok := o.w.(http.Flusher); ok {
		f.Flush()
	}
	if o.conn != nil {
		// The server meets the same error at its next write.
		_ = o.conn.Uncork()
	}
	o.last = time.Now()
	o.times.sent(o.kept, o.last.Sub(o.start))
}

// head changes the header, as long as it was not sent.
func (o *out) head(change func(http.Header)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.committed {
		change(o.w.Header())
	}
}

// stream commits to a streamed answer of the protocol.
func (o *out) stream(contentType string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.committed {
		return
	}
	h := o.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
	o.commit(http.StatusOK)
}

// since is the time from the exchange's start.
func (o *out) since() time.Duration { return time.Since(o.start) }

// token notes the time of the first token.
func (o *out) token() {
	if o.first.Load() == 0 {
		o.first.Store(int64(max(time.Since(o.start), 1)))
	}
}

// seal keeps the watchman from writing from here on, and says whether the
// status line went out.
func (o *out) seal() (committed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sealed = true
	o.pour()
	if o.conn != nil {
		_ = o.conn.Uncork()
	}
	o.times.sent(o.kept, time.Since(o.start))
	return o.committed
}

// keepAlive puts a sign of life between two events when the client has waited
// for longer than pause. It is the watchman's, and does nothing while the
// exchange itself is writing.
func (o *out) keepAlive(now time.Time, pause time.Duration, sign []byte, contentType string) {
	if !o.mu.TryLock() {
		return
	}
	defer o.mu.Unlock()
	if o.sealed || o.dirty || now.Sub(o.last) < pause {
		return
	}
	if !o.committed {
		h := o.w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", "no-cache")
		h.Set("X-Accel-Buffering", "no")
		o.commit(http.StatusOK)
	}
	n, _ := o.w.Write(sign)
	o.bytes.Add(int64(n))
	o.dirty = true
	o.flush()
}

// capture keeps a copy for the log, up to the user's limit. It is made of pieces
// that are used again: nearly all copies are thrown away at the end.
func (o *out) capture(p []byte) {
	l := o.x.limits
	if l.Keep == KeepOff || o.captureCut {
		return
	}
	if room := l.KeepBytes - o.kept; len(p) > room {
		p, o.captureCut = p[:room], true
	}
	o.kept += len(p)
	for len(p) > 0 {
		piece := o.piece()
		n := min(len(p), cap(piece.b)-len(piece.b))
		piece.b = append(piece.b, p[:n]...)
		p = p[n:]
	}
}

// piece is where the copy goes on. The first ones are small, because thousands
// of slow streams each hold one.
func (o *out) piece() *buffer {
	const first, largest = 1 << 10, 32 << 10
	size := first
	if n := len(o.captured); n > 0 {
		last := o.captured[n-1]
		if len(last.b) < cap(last.b) {
			return last
		}
		size = min(2*cap(last.b), largest)
	}
	o.captured = append(o.captured, newBuffer(size))
	return o.captured[len(o.captured)-1]
}

// copied is the copy in one.
func (o *out) copied() []byte {
	b := make([]byte, 0, o.kept)
	for _, piece := range o.captured {
		b = append(b, piece.b...)
	}
	return b
}

// release gives the copy's memory back.
func (o *out) release() {
	for _, piece := range o.captured {
		piece.release()
	}
	o.captured = nil
	o.times.release()
}
