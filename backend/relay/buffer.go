package relay

import (
	"bytes"
	"io"
	"math/bits"
	"net/http"
	"sync"
	"sync/atomic"
)

// big is the size above which a buffer is worth keeping for the next exchange;
// below it a fresh one costs less than the care for a shared one.
const big = 32 << 10

// Buffers are kept by size, each class twice the size of the one before: in one
// pool for all, a slow stream would sit on the memory of a picture.
const (
	leastBits = 9  // 512 bytes
	mostBits  = 23 // 8 MiB; to keep more would hold memory for nothing
)

// buffer is memory that goes from exchange to exchange.
type buffer struct{ b []byte }

// buffers are the pools of the classes; they are emptied by the garbage
// collector, so that an idle program gives the memory back.
//
//nolint:gochecknoglobals // a pool of memory has no state that anybody could see.
var buffers [mostBits - leastBits + 1]sync.Pool

// newBuffer gives an empty buffer with room for size bytes.
func newBuffer(size int) *buffer {
	class := max(bits.Len(uint(max(size, 1)-1)), leastBits) - leastBits
	if class >= len(buffers) {
		return &buffer{b: make([]byte, 0, size)}
	}
	if x, ok := buffers[class].Get().(*buffer); ok {
		x.b = x.b[:0]
		return x
	}
	return &buffer{b: make([]byte, 0, 1<<(class+leastBits))}
}

// Write appends p.
func (x *buffer) Write(p []byte) (int, error) {
	x.b = append(x.b, p...)
	return len(p), nil
}

// release gives the memory back; nil has none. Nothing of it may be used after.
func (x *buffer) release() {
	if x == nil {
		return
	}
	// What has grown meanwhile goes where the whole class fits into it.
	if class := bits.Len(uint(cap(x.b))) - 1 - leastBits; class >= 0 && class < len(buffers) {
		buffers[class].Put(x)
	}
}

// lease is a buffer that an HTTP transport reads from, and may go on reading
// from after the exchange is over: it is given back by whoever lets go last.
type lease struct {
	buf  *buffer
	refs atomic.Int32
}

func newLease(b *buffer) *lease {
	l := &lease{buf: b}
	l.refs.Store(1)
	return l
}

func (l *lease) release() {
	if l != nil && l.refs.Add(-1) == 0 {
		l.buf.release()
	}
}

// guard makes req's body, which must be l's bytes, hold the lease until the
// transport closes it.
func (l *lease) guard(req *http.Request) {
	open := func() io.ReadCloser {
		l.refs.Add(1)
		return &leased{Reader: bytes.NewReader(l.buf.b), lease: l}
	}
	if req.Body != nil {
		req.Body.Close()
	}
	req.Body = open()
	req.GetBody = func() (io.ReadCloser, error) { return open(), nil }
}

// carries says that req's body is l's bytes themselves: a provider may have put
// an envelope round them.
func (l *lease) carries(req *http.Request) bool {
	if req.GetBody == nil || req.ContentLength != int64(len(l.buf.b)) {
		return false
	}
	body, err := req.GetBody()
	if err != nil {
		return false
	}
	defer body.Close()
	w := same{memory: l.buf.b}
	_, err = io.Copy(&w, body)
	return err == nil && w.found
}

// same finds out whether what is written to it is a certain piece of memory.
type same struct {
	memory []byte
	found  bool
}

func (s *same) Write(p []byte) (int, error) {
	s.found = len(p) > 0 && len(p) == len(s.memory) && &p[0] == &s.memory[0]
	return len(p), nil
}

type leased struct {
	*bytes.Reader
	lease  *lease
	closed atomic.Bool
}

// Close may be called more than once.
func (b *leased) Close() error {
	if b.closed.CompareAndSwap(false, true) {
		b.lease.release()
	}
	return nil
}
