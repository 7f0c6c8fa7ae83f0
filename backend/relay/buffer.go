package relay

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// big is the size above which a buffer is worth keeping for the next exchange;
// below it a fresh one costs less than the care for a shared one.
const big = 32 << 10

// most is the size above which a kept buffer would hold memory for nothing.
const most = 8 << 20

// buffer is memory that goes from exchange to exchange.
type buffer struct{ b []byte }

// buffers is a pool of them; it is emptied by the garbage collector, so that an
// idle program gives the memory back.
//
//nolint:gochecknoglobals // a pool of memory has no state that anybody could see.
var buffers = sync.Pool{New: func() any { return &buffer{} }}

func newBuffer(size int) *buffer {
	x, ok := buffers.Get().(*buffer)
	if !ok || x == nil {
		x = &buffer{}
	}
	if cap(x.b) < size {
		x.b = make([]byte, 0, size)
	}
	x.b = x.b[:0]
	return x
}

// bytes is what is in it; nil of nil.
func (x *buffer) bytes() []byte {
	if x == nil {
		return nil
	}
	return x.b
}

func (x *buffer) release() {
	if x == nil || cap(x.b) > most {
		return
	}
	buffers.Put(x)
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
