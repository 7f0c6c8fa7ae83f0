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

// Stream reads body as whichever of the two its first byte says it is: services
// mislabel both (B27). wanted names what was expected, as "a chat answer".
func Stream(body io.Reader, wanted string, begin func() Reader) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		// It is for the first byte alone: longer reads go past its buffer.
		in := bufio.NewReaderSize(body, 256)
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

func (p pull) events(in io.Reader) {
	for e, err := range sse.Events(in, 0) {
		if err != nil {
			p.yield(nil, p.broken(err))
			return
		}
		if !p.give(p.Event(e)) {
			return
		}
		if p.Done() {
			break
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

// broken is a body that could not be read to its end.
func (p pull) broken(err error) *llm.Error {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return &llm.Error{Kind: llm.KindCanceled, Message: "the request was canceled", Cause: err}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &llm.Error{Kind: llm.KindTimeout, Message: "the upstream stopped sending its answer", Cause: err}
	case errors.Is(err, sse.ErrTooLong):
		return Unexpected("an event of more than 16 MiB", p.wanted, err)
	default:
		return &llm.Error{Kind: llm.KindNetwork, Message: "the connection to the upstream broke in the middle of its answer", Cause: err}
	}
}

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
	return &llm.Error{Kind: llm.KindProtocol, Message: "the upstream's answer is empty"}
}

// Cut is an answer that ended without the upstream's own finish (B23a).
func Cut() *llm.Error {
	return &llm.Error{Kind: llm.KindProtocol, Message: "the upstream's answer broke off before it was finished"}
}
