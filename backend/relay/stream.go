package relay

import (
	"context"
	"errors"
	"io"
	"runtime"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// The pieces in which a stream is read.
const (
	// slow is for a stream at a model's pace, of which thousands may be open.
	// What is read at once leaves in one write: net/http sends a chunk that does
	// not fit into its 4 KiB with its frame in two or three, and the model's name
	// may grow on the way.
	slow = 3456
	// fast is for a stream that fills the slow piece.
	fast = 16 << 10
)

// carried is a streamed answer on its way through: bytes come, the tap looks,
// bytes go. It is the hot path of the program. Thousands of slow streams wait in
// its pump, so the frames from there down to net/http's writing of the header
// are kept small: in 8 KiB of stack for each they take a tenth less memory than
// in 16.
type carried struct {
	*attempt
	tap  dialect.Tap
	body io.Reader
	// in is read into; anew is for what the tap has to write anew.
	in, anew *buffer
	piece    int
	// whole says that the client has all of the answer.
	whole bool
}

// carryStream passes a stream on until it ends or fails.
func (a *attempt) carryStream(ctx context.Context, body io.Reader) *llm.Error {
	c := &carried{attempt: a, tap: a.carrier.Tap(a.head, a.asked()), body: body}
	// The first read tells which it is; a slow one gives the memory back.
	c.take(fast)
	defer c.end()
	return c.failure(ctx, c.pump())
}

// take changes the size of the pieces.
func (c *carried) take(piece int) {
	if c.piece == piece {
		return
	}
	c.in.release()
	c.anew.release()
	c.piece = piece
	c.in = newBuffer(piece)
	c.anew = newBuffer(piece + piece/8)
}

// end gives the memory back and keeps what the tap learnt.
func (c *carried) end() {
	c.in.release()
	c.anew.release()
	c.mu.Lock()
	c.seen = c.tap.Seen()
	c.mu.Unlock()
}

// failure names what ended the pump: the upstream's own error as it is, that of
// a connection in words. A client that has its answer may leave: many do so
// before the upstream has closed its side.
func (c *carried) failure(ctx context.Context, err error) *llm.Error {
	if err == nil || c.whole {
		return nil
	}
	if e, ok := errors.AsType[*llm.Error](err); ok {
		return e
	}
	return c.broken(ctx, err)
}

// pump feeds the tap with the body until it ends.
func (c *carried) pump() error {
	for n := fast; ; {
		c.out.Flush()
		c.whole = c.tap.Seen().Closed
		// After the flush: the client does not wait for our memory.
		c.adapt(n)
		c.gather()
		var rerr error
		n, rerr = c.read(c.body, c.in.b[:c.piece])
		if n > 0 {
			if err := c.pass(c.tap.Feed(c.anew.b, c.in.b[:n])); err != nil {
				return err
			}
		}
		if rerr == io.EOF { //nolint:errorlint // A Reader gives the sentinel itself.
			return c.finish()
		}
		if rerr != nil {
			return rerr
		}
	}
}

// gather lets others run before the next read of a fast stream. On a busy
// machine more has arrived by then, which then costs one read and one write
// instead of many; on an idle one nobody else wants to run. The first read waits
// for nobody.
func (c *carried) gather() {
	if c.piece == fast && c.out.answered {
		runtime.Gosched()
	}
}

// adapt takes bigger pieces from a stream that fills the small ones, and small
// ones again from one that has become slow.
func (c *carried) adapt(n int) {
	switch {
	case n == c.piece:
		c.take(fast)
	case n < slow:
		c.take(slow)
	}
}

// finish ends the tap and writes what it still has.
func (c *carried) finish() error {
	err := c.pass(c.tap.End(c.anew.b))
	c.out.Flush()
	return err
}

// pass writes what the tap returned. A failure that another upstream may mend
// is not committed to while nothing was sent. A client that cannot be written to
// has left.
func (c *carried) pass(p []byte, failed *llm.Error) error {
	if len(p) > 0 && (failed == nil || c.out.answered || !failed.Elsewhere()) {
		c.first()
		if c.visit != nil && c.tap.Seen().Closed {
			c.leave(c.tap.Seen().Usage)
		}
		if _, err := c.out.Write(p); err != nil && failed == nil {
			failed = &llm.Error{Kind: llm.KindCanceled, Message: "the client closed the connection", Cause: err}
		}
		if c.out.first.Load() == 0 && c.tap.Seen().Token {
			c.out.token()
		}
	}
	if failed != nil {
		return failed
	}
	return nil
}
