package plainhttp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// body is what follows the header of an answer. One goroutine reads it; Close
// may be called by another.
type body struct {
	conn *conn
	stop func() bool
	ctx  context.Context //nolint:containedctx // The request's, whose end ends the body.

	// rest is what came with the header, from at on.
	rest *[]byte
	at   int
	// left are the bytes still to come; negative is unknown.
	left    int64
	chunked bool
	chunks  chunks
	// again says that the connection may be used again after the body.
	again bool

	state atomic.Int32
	err   error // what Read gives once it has ended
}

// The states of a body.
const (
	open int32 = iota
	ended
	closed
)

var errClosed = errors.New("plainhttp: read on a closed body")

// begin makes the body that the header announced. An answer that is whole
// already gives its connection back at once.
func (a *answer) begin(c *conn, stop func() bool) {
	b := &a.body
	b.conn, b.stop, b.ctx = c, stop, a.Request.Context()
	b.left, b.chunked, b.again = a.ContentLength, a.TransferEncoding != nil, !a.Close
	a.Body = b
	came := int64(len(*c.in) - c.rest)
	switch {
	case a.Request.Method == http.MethodHead || !hasBody(a.StatusCode) || !b.chunked && b.left == 0:
		release(c.in)
		a.Body = http.NoBody
		b.leave(b.again && came == 0)
	case came == 0:
		release(c.in)
	default:
		b.rest, b.at = c.in, c.rest
		if !b.chunked && b.left > 0 && came >= b.left {
			*b.rest = (*b.rest)[:b.at+int(b.left)]
			b.leave(b.again && came == b.left)
		}
	}
}

// leave gives the connection back.
func (b *body) leave(again bool) {
	c := b.conn
	b.conn = nil
	// A context that has ended is about to close the connection.
	c.done(b.stop() && again)
}

// Read reads what has come, or waits for it.
func (b *body) Read(p []byte) (int, error) {
	switch b.state.Load() {
	case closed:
		return 0, errClosed
	case ended:
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := b.next(p)
	if err != nil {
		err = b.end(err)
	}
	return n, err
}

// next reads the next bytes of the body; with the last ones, or after them,
// comes io.EOF.
func (b *body) next(p []byte) (int, error) {
	if b.chunked {
		return b.nextChunks(p)
	}
	if b.left >= 0 && int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.raw(p)
	if b.left < 0 {
		return n, err
	}
	b.left -= int64(n)
	switch {
	case b.left == 0:
		return n, io.EOF
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// nextChunks takes the frames out of what was read where it stands.
func (b *body) nextChunks(p []byte) (int, error) {
	for {
		n, err := b.raw(p)
		m, used, failed := b.chunks.strip(p[:n])
		switch {
		case failed != nil:
			return m, failed
		case b.chunks.done():
			b.again = b.again && used == n && b.rest == nil && !b.chunks.extra
			return m, io.EOF
		case errors.Is(err, io.EOF):
			return m, io.ErrUnexpectedEOF
		case err != nil || m > 0:
			return m, err
		}
	}
}

// raw reads what came with the header, then from the connection.
func (b *body) raw(p []byte) (int, error) {
	if b.rest == nil {
		return b.conn.Read(p)
	}
	n := copy(p, (*b.rest)[b.at:])
	b.at += n
	if b.at == len(*b.rest) {
		release(b.rest)
		b.rest = nil
	}
	return n, nil
}

// end is the end of the body, for whatever reason.
func (b *body) end(err error) error {
	if !errors.Is(err, io.EOF) && b.ctx.Err() != nil {
		err = context.Cause(b.ctx)
	}
	b.err = err
	if !b.state.CompareAndSwap(open, ended) {
		return errClosed
	}
	if b.conn != nil {
		b.leave(b.again && errors.Is(err, io.EOF))
	}
	return err
}

// Close ends an answer that was not read to its end, and with it the connection:
// what is still to come may be long.
func (b *body) Close() error {
	if b.state.CompareAndSwap(open, closed) && b.conn != nil {
		b.stop()
		_ = b.conn.Close()
	}
	return nil
}
