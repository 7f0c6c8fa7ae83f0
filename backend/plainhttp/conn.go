package plainhttp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// bufferSize holds most headers with the small answers behind them.
const bufferSize = 8 << 10

// buffers is memory for requests that are written and headers that are read,
// emptied by the garbage collector.
//
//nolint:gochecknoglobals // a pool of memory has no state that anybody could see.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, bufferSize); return &b }}

func newBuffer() *[]byte {
	b, _ := buffers.Get().(*[]byte)
	return b
}

// release gives memory back; what has grown is left to the garbage collector.
func release(b *[]byte) {
	if b != nil && cap(*b) <= 2*bufferSize {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}

// conn is a connection. It belongs to one exchange at a time.
type conn struct {
	net.Conn
	transport *Transport
	host      *host
	raw       syscall.RawConn
	epoch     int
	idleSince time.Time
	// reused says that it had an exchange before.
	reused bool
	// turn and cut are step and Close as values, made once.
	turn func(fd uintptr) bool
	cut  func()

	exchangeState
}

// exchangeState is what an exchange needs until the header was read.
type exchangeState struct {
	request *http.Request
	asked   bool
	sender  sender
	// sending is the goroutine that writes a long body; nil is none.
	sending *sending
	// writeFailed is what broke the writing; an answer may have come all the same.
	writeFailed error

	in *[]byte
	// looked is how far no end of the header was found, rest where what follows
	// it begins; skipped are the bytes of interim answers before it.
	looked, rest, skipped int
	answer                *answer
	err                   error
}

// sending is a body on its way.
type sending struct {
	ended chan struct{}
	err   error
	// wrote says that something went out.
	wrote atomic.Bool
}

func newConn(t *Transport, h *host, under net.Conn, epoch int) (*conn, error) {
	c := &conn{Conn: under, transport: t, host: h, epoch: epoch}
	s, ok := under.(syscall.Conn)
	if !ok {
		_ = under.Close()
		return nil, fmt.Errorf("plainhttp: a %T cannot be looked into", under)
	}
	raw, err := s.SyscallConn()
	if err != nil {
		_ = under.Close()
		return nil, err
	}
	c.raw = raw
	c.turn = c.step
	c.cut = func() { _ = c.Close() }
	return c, nil
}

var (
	// errStale is a connection that had ended before anything was written.
	errStale = errors.New("plainhttp: the idle connection was closed by the other side")
	// errNoAnswer is a connection that ended before the first byte of an answer.
	errNoAnswer = errors.New("plainhttp: the connection ended before an answer came")
)

// exchange writes r and reads the header of its answer. All of it happens inside
// of one Read of the raw connection: its first turn finds nothing to read, which
// is as it should be, and writes the request; the others read. So no byte of an
// answer is asked for before there is one, and none can be missed in between.
func (c *conn) exchange(r *http.Request) (*answer, error) {
	ctx := r.Context()
	c.exchangeState = exchangeState{request: r}
	stop := func() bool { return true }
	if ctx.Done() != nil {
		stop = context.AfterFunc(ctx, c.cut)
	}
	if err := c.raw.Read(c.turn); err != nil && c.err == nil {
		c.err = err
	}
	if c.err == nil {
		// The connection may be another's as soon as the body has begun.
		a := c.answer
		a.begin(c, stop)
		return a, nil
	}
	stop()
	_ = c.Close()
	release(c.in)
	c.in = nil
	if !c.asked {
		// The body is still to be sent, on another connection perhaps.
		return nil, c.err
	}
	if cause := c.waitSent(); cause != nil && c.skipped == 0 {
		c.err = errors.Join(cause, c.err)
	}
	return nil, c.err
}

// waitSent waits for a body that is still written to a connection that has been
// closed.
func (c *conn) waitSent() error {
	if s := c.sending; s != nil {
		<-s.ended
		return s.err
	}
	return c.writeFailed
}

// again says what to do about an exchange that failed with err: the request to
// send once more, or the error to report. The rules are those of net/http: once
// more when nothing was written, or when a connection that had been idle ended
// before any answer, and the request may be repeated.
func (c *conn) again(r *http.Request, err error) (*http.Request, error) {
	ctx := r.Context()
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case !c.reused:
	case !c.asked:
		return r, nil
	case !c.wrote(), errors.Is(err, errNoAnswer) && repeatable(r):
		return rewound(r)
	}
	if !c.asked {
		closeBody(r)
	}
	return nil, err
}

// rewound is r with its body from the beginning.
func rewound(r *http.Request) (*http.Request, error) {
	again := *r
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		again.Body = body
	}
	return &again, nil
}

// wrote says whether anything of the request has gone out.
func (c *conn) wrote() bool {
	if c.sending != nil {
		return c.sending.wrote.Load()
	}
	return c.sender.wrote
}

// repeatable says whether r may be sent twice.
func repeatable(r *http.Request) bool {
	switch r.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	_, key := r.Header["Idempotency-Key"]
	_, old := r.Header["X-Idempotency-Key"]
	return key || old
}

// step is one turn of the raw connection: true ends them.
func (c *conn) step(fd uintptr) bool {
	if !c.asked {
		if c.err = c.empty(fd); c.err != nil {
			return true
		}
		c.asked = true
		if c.err = c.ask(); c.err != nil {
			return true
		}
		if c.writeFailed == nil {
			return false
		}
		// A server that had enough of the request may have said so.
	}
	return c.listen(fd)
}

// empty makes sure that nothing has come before it was asked for, the end of the
// connection neither.
func (c *conn) empty(fd uintptr) error {
	var one [1]byte
	switch _, err := read(fd, one[:]); {
	case nothing(err):
		return nil
	case c.reused:
		return errStale
	case err != nil:
		return err
	}
	return errors.New("plainhttp: the server spoke before it was asked")
}

// quiet says whether an idle connection can be used.
func (c *conn) quiet() bool {
	ok := false
	err := c.raw.Read(func(fd uintptr) bool {
		ok = c.empty(fd) == nil
		return true
	})
	return ok && err == nil
}

// ask writes the request, or has a long one written.
func (c *conn) ask() error {
	r := c.request
	b := newBuffer()
	head, err := appendHead(*b, r)
	if err != nil {
		release(b)
		closeBody(r)
		return err
	}
	if r.ContentLength > inline {
		c.sending = &sending{ended: make(chan struct{})}
		go c.sending.send(c.Conn, r, b, head)
		return nil
	}
	c.sender = sender{conn: c.Conn, head: head}
	err = c.sender.request(r)
	release(b)
	if errors.Is(err, errBodyLength) {
		return err
	}
	c.writeFailed = err
	return nil
}

// send writes a long request. What breaks the connection is also found by who
// reads the answer; what is wrong with the body is not, so the connection ends.
func (s *sending) send(to net.Conn, r *http.Request, b *[]byte, head []byte) {
	defer close(s.ended)
	out := sender{conn: to, head: head}
	s.err = out.request(r)
	s.wrote.Store(out.wrote)
	release(b)
	if errors.Is(s.err, errBodyLength) {
		_ = to.Close()
	}
}

// sent says whether all of the request has gone out. An answer can be here
// before the goroutine that wrote the request knows that it has.
func (c *conn) sent() bool {
	const patience = 50 * time.Millisecond
	s := c.sending
	if s == nil {
		return c.writeFailed == nil
	}
	select {
	case <-s.ended:
		return s.err == nil
	default:
	}
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-s.ended:
		return s.err == nil
	case <-t.C:
		return false
	}
}

// listen reads what has come of the header: true when there is an answer, or
// will be none.
func (c *conn) listen(fd uintptr) bool {
	if c.in == nil {
		c.in = newBuffer()
	}
	for {
		b := *c.in
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := read(fd, b[len(b):cap(b)])
		switch {
		case nothing(err):
			return false
		case err != nil, n == 0:
			c.err = c.ended(err)
			return true
		}
		*c.in = b[:len(b)+n]
		if done := c.understand(); done || c.err != nil {
			return true
		}
	}
}

// ended names the end of the connection within a header.
func (c *conn) ended(err error) error {
	if err == nil {
		err = io.ErrUnexpectedEOF
	} else {
		err = c.failed(err)
	}
	if len(*c.in) == 0 && c.skipped == 0 {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	return err
}

func (c *conn) failed(err error) error {
	return &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// understand looks for a whole header in what was read, and past those that
// announce it (100, 103).
func (c *conn) understand() bool {
	for {
		b := *c.in
		end := headEnd(b, c.looked)
		size := len(b)
		if end >= 0 {
			size = end
		}
		if limit := cmp.Or(c.transport.MaxHeader, 1<<20); c.skipped+size > limit {
			c.err = fmt.Errorf("plainhttp: the header of the answer is longer than %d bytes", limit)
			return true
		}
		if end < 0 {
			c.looked = len(b)
			return false
		}
		a := &answer{}
		if c.err = a.parse(b[:end], c.request); c.err != nil {
			return true
		}
		switch {
		case a.StatusCode == http.StatusSwitchingProtocols:
			c.err = errors.New("plainhttp: the server switched protocols without being asked")
		case a.StatusCode/100 == 1:
			c.skipped += end
			c.looked = 0
			*c.in = b[:copy(b, b[end:])]
			continue
		}
		c.answer, c.rest = a, end
		return true
	}
}

// done takes the connection back after an answer: to be used again where the
// answer was read to its end and everything else was right.
func (c *conn) done(again bool) {
	again = again && c.sent()
	c.exchangeState = exchangeState{}
	if !again {
		_ = c.Close()
		return
	}
	c.reused = true
	c.transport.keep(c)
}
