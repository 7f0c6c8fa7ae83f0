// Package answer is what all codecs do alike when they read what a service
// sends back: tell an event stream from a whole answer and from a web page, give
// a broken connection its name, keep the order of the events, find the words in
// an error.
//
// The invariant: whatever the bytes are, the stream that comes of them keeps the
// rules of llm.Stream. The package knows no protocol's fields.
package answer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// maxWhole bounds an answer that has to be held in memory as a whole.
const maxWhole = 64 << 20

// Reader reads one answer of one protocol. What it understood waits in its
// queue until Take.
type Reader interface {
	// Event reads one event of a stream.
	Event(e sse.Event) *llm.Error
	// Whole reads an answer that is one JSON value.
	Whole(data []byte) *llm.Error
	// End reads the end of the events.
	End() *llm.Error
	// Done says that nothing that follows matters.
	Done() bool
	// Take gives what was read since it was last asked.
	Take() []llm.Event
}

// pieces are buffers in which answers are read, emptied by the garbage
// collector. An event of a chat stream has a few hundred bytes.
//
//nolint:gochecknoglobals // a pool of memory has no state that anybody could see.
var pieces = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 8<<10) }}

// Stream reads body as whichever of the two its first byte says it is: services
// mislabel both (B27). wanted names what was expected, as "a chat answer".
func Stream(body io.Reader, wanted string, begin func() Reader) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		in, _ := pieces.Get().(*bufio.Reader)
		in.Reset(body)
		defer func() {
			in.Reset(nil)
			pieces.Put(in)
		}()
		kind, err := sniff(in)
		p := pull{Reader: begin(), wanted: wanted, yield: yield}
		switch {
		case err != nil:
			yield(nil, p.broken(err))
		case kind == '{' || kind == '[':
			p.whole(in)
		case kind == '<':
			yield(nil, Unexpected("a web page", wanted, nil))
		default:
			p.events(in)
		}
	}
}

// pull brings what a reader read to who asked for it.
type pull struct {
	Reader

	wanted string
	yield  func(llm.Event, error) bool
}

func (p pull) whole(in io.Reader) {
	data, err := io.ReadAll(io.LimitReader(in, maxWhole+1))
	switch {
	case err != nil:
		p.yield(nil, p.broken(err))
	case len(data) > maxWhole:
		p.yield(nil, Unexpected("more than 64 MiB", p.wanted, nil))
	default:
		p.give(p.Whole(bytes.TrimSpace(data)))
	}
}

// events splits the stream where it stands in the buffer.
func (p pull) events(in *bufio.Reader) {
	var d sse.Decoder
	for !p.Done() {
		_, err := in.Peek(1)
		piece, _ := in.Peek(in.Buffered())
		d.Feed(piece)
		if errors.Is(err, io.EOF) {
			d.End()
		}
		for e, ok := d.Next(); ok && !p.Done(); e, ok = d.Next() {
			if !p.give(p.Event(e)) {
				return
			}
		}
		_, _ = in.Discard(len(piece)) // It is all there.
		switch {
		case d.Err() != nil:
			p.yield(nil, p.broken(d.Err()))
			return
		case errors.Is(err, io.EOF):
			p.give(p.End())
			return
		case err != nil:
			p.yield(nil, p.broken(err))
			return
		}
	}
	p.give(p.End())
}

// give yields what was read, and then the failure, if there was one.
func (p pull) give(failed *llm.Error) bool {
	for _, e := range p.Take() {
		if !p.yield(e, nil) {
			return false
		}
	}
	if failed != nil {
		p.yield(nil, failed)
	}
	return failed == nil
}

// sniff is the first byte of an answer that is not space; 0 when there is none.
func sniff(in *bufio.Reader) (byte, error) {
	for {
		b, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		// A byte order mark counts as space.
		if bytes.IndexByte([]byte(" \t\r\n\xef\xbb\xbf"), b) < 0 {
			return b, in.UnreadByte()
		}
	}
}

// Broken is a body that could not be read to its end, by the error of the read.
// who sent it, and wanted is what was expected, as "a chat answer".
func Broken(err error, who, wanted string) *llm.Error {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return &llm.Error{Kind: llm.KindCanceled, Message: "the request was canceled", Cause: err}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &llm.Error{Kind: llm.KindTimeout, Message: who + " stopped sending its answer", Cause: err}
	case errors.Is(err, sse.ErrTooLong):
		return &llm.Error{Kind: llm.KindProtocol, Message: who + " sent an event of more than 16 MiB instead of " + wanted, Cause: err}
	default:
		return &llm.Error{Kind: llm.KindNetwork, Message: "the connection to " + who + " broke in the middle of its answer", Cause: err}
	}
}

func (p pull) broken(err error) *llm.Error { return Broken(err, "the upstream", p.wanted) }

// Unexpected is an answer that is not in the upstream's own protocol.
func Unexpected(what, wanted string, cause error) *llm.Error {
	return &llm.Error{Kind: llm.KindProtocol, Message: "the upstream sent " + what + " instead of " + wanted, Cause: cause}
}

// Empty is an answer with nothing to read in it, by the reason it ended (B38).
func Empty(reason llm.Reason) *llm.Error {
	switch reason {
	case llm.ReasonLength:
		return &llm.Error{
			Kind: llm.KindBadRequest, Code: "max_tokens", Param: "max_tokens",
			Message: "the limit of tokens was used up before the answer began; raise max_tokens",
		}
	case llm.ReasonContent:
		return &llm.Error{Kind: llm.KindContent, Code: "content_filter", Message: "the upstream's content filter withheld the answer"}
	case llm.ReasonStop, llm.ReasonToolCalls:
	}
	return &llm.Error{Kind: llm.KindProtocol, Message: "the upstream's answer is empty", Cause: llm.ErrEmpty}
}

// Cut is an answer that ended without the upstream's own finish (B23a).
func Cut() *llm.Error {
	return &llm.Error{Kind: llm.KindProtocol, Message: "the upstream's answer broke off before it was finished"}
}
