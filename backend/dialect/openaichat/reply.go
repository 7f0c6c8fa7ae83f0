package openaichat

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// maxReply bounds an answer that has to be held in memory as a whole.
const maxReply = 64 << 20

// DecodeReply reads a streamed or a whole answer. Which of the two it is, the
// first byte says: services mislabel both (B27).
func (u Upstream) DecodeReply(_ string, body io.Reader) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		r := newReader(u)
		in := bufio.NewReaderSize(body, 8<<10)
		kind, err := sniff(in)
		switch {
		case err != nil:
			yield(nil, err)
		case kind == '{' || kind == '[':
			r.pullWhole(in, yield)
		case kind == '<':
			yield(nil, notChat("an HTML page", nil))
		default:
			r.pullEvents(in, yield)
		}
	}
}

// sniff is the first byte of an answer that is not space; 0 when there is none.
func sniff(in *bufio.Reader) (byte, *llm.Error) {
	for {
		b, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err != nil {
			return 0, broken(err)
		}
		if !isSpace(b) {
			_ = in.UnreadByte() // a byte was just read
			return b, nil
		}
	}
}

// isSpace counts the bytes of a byte order mark as space.
func isSpace(b byte) bool {
	return bytes.IndexByte([]byte(" \t\r\n\xef\xbb\xbf"), b) >= 0
}

func (r *reader) pullWhole(in io.Reader, yield func(llm.Event, error) bool) {
	data, err := io.ReadAll(io.LimitReader(in, maxReply+1))
	switch {
	case err != nil:
		yield(nil, broken(err))
		return
	case len(data) > maxReply:
		yield(nil, notChat("an answer of more than 64 MiB", nil))
		return
	}
	if err := r.whole(data); err != nil {
		yield(nil, err)
		return
	}
	r.drain(yield)
}

func (r *reader) pullEvents(in io.Reader, yield func(llm.Event, error) bool) {
	for e, err := range sse.Events(in, 0) {
		if err != nil {
			yield(nil, broken(err))
			return
		}
		failed := r.event(e)
		if !r.drain(yield) {
			return
		}
		if failed != nil {
			yield(nil, failed)
			return
		}
		if r.done {
			break
		}
	}
	if err := r.end(); err != nil {
		yield(nil, err)
		return
	}
	r.drain(yield)
}

// drain yields what was read so far.
func (r *reader) drain(yield func(llm.Event, error) bool) bool {
	for _, e := range r.queue {
		if !yield(e, nil) {
			return false
		}
	}
	r.queue = r.queue[:0]
	return true
}

// broken is a body that could not be read to its end.
func broken(err error) *llm.Error { return answer.Broken(err, "the upstream", "a chat completion") }

// notChat is an answer that is not one of this protocol.
func notChat(what string, cause error) *llm.Error {
	return &llm.Error{Kind: llm.KindProtocol, Message: "the upstream sent " + what + " instead of a chat completion", Cause: cause}
}
