package anthropic

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/repeat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// Tap makes the watch over one streamed answer.
func (u Upstream) Tap(h dialect.Head, asked string) dialect.Tap {
	return &tap{head: h, asked: asked, open: map[int]*tapBlock{}, ids: map[string]bool{}}
}

// maxHeld bounds what is held back before there is something to read.
const maxHeld = 64 << 10

// tap passes events on as they came. It reads each of them but those that only go
// on like the one before (see repeats), and writes those anew that would break a
// client.
type tap struct {
	head  dialect.Head
	asked string

	decoder sse.Decoder
	form    form
	whole   []byte // an answer that is no stream
	out     []byte
	held    []byte // the opening, until there is something to read
	usual   repeat.Pattern
	thinks  bool // what usual fits is a thought

	open     map[int]*tapBlock // the blocks that are not closed
	next     int               // the highest block's number and one
	ids      map[string]bool   // of the calls
	calls    int
	answered bool // there was text or a call
	thoughts []byte
	usage    llm.Usage
	stop     string
	details  []byte // why an answer was refused
	ended    bool   // message_delta gave the reason
	begun    bool
	seen     dialect.Seen
	noted    map[llm.Warning]bool
}

// form is what the first byte of the body says it is.
type form uint8

const (
	formUnknown form = iota
	formEvents
	formWhole
)

// tapBlock is a block that is not closed.
type tapBlock struct {
	kind  string
	input []byte // what a call began with
	wrote bool   // arguments have come
}

// Seen is what has been learnt so far.
func (t *tap) Seen() dialect.Seen { return t.seen }

// note says once what is changed.
func (t *tap) note(field, what string) {
	w := llm.Warning{Field: field, What: what}
	if t.noted[w] {
		return
	}
	if t.noted == nil {
		t.noted = map[llm.Warning]bool{}
	}
	t.noted[w] = true
	t.seen.Notes = append(t.seen.Notes, w)
}

// Feed takes the next bytes of the body.
func (t *tap) Feed(dst, p []byte) ([]byte, *llm.Error) {
	t.out = dst[:0]
	if t.form == formUnknown {
		rest := bytes.TrimLeft(p, " \t\r\n\xef\xbb\xbf")
		switch {
		case len(rest) == 0:
			return nil, nil
		case rest[0] == '<':
			return nil, answer.Unexpected("a web page", wanted, nil)
		case rest[0] == '{' || rest[0] == '[':
			t.form = formWhole
		default:
			t.form = formEvents
		}
	}
	if t.form == formWhole {
		const most = 64 << 20
		if len(t.whole)+len(p) > most {
			return nil, answer.Unexpected("more than 64 MiB", wanted, nil)
		}
		t.whole = append(t.whole, p...)
		return nil, nil
	}
	t.decoder.Feed(p)
	err := t.events()
	return t.out, err
}

// End takes the end of the body.
func (t *tap) End(dst []byte) ([]byte, *llm.Error) {
	t.out = dst[:0]
	if t.form == formWhole {
		err := t.fold()
		return t.out, err
	}
	t.decoder.End()
	if err := t.events(); err != nil {
		return t.out, err
	}
	if !t.seen.Closed {
		if t.stop == "" {
			return t.out, answer.Cut()
		}
		t.note("message_stop", "added")
		if err := t.close(nil); err != nil {
			return t.out, err
		}
	}
	return t.out, nil
}

// events takes all whole events that have arrived.
func (t *tap) events() *llm.Error {
	for {
		if t.repeats() {
			continue
		}
		e, ok := t.decoder.Next()
		if !ok {
			break
		}
		if t.seen.Closed {
			continue
		}
		t.usual.Forget()
		if err := t.event(e); err != nil {
			return err
		}
	}
	if t.decoder.Err() != nil {
		return answer.Unexpected("an event of more than 16 MiB", wanted, t.decoder.Err())
	}
	return nil
}

// event takes one event.
func (t *tap) event(e sse.Event) *llm.Error {
	data := bytes.TrimSpace(e.Data)
	if len(data) == 0 || string(data) == "[DONE]" {
		return nil
	}
	if data[0] != '{' || !rawjson.Valid(data) {
		return answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(data))+")", wanted, nil)
	}
	kind := rawjson.Text(rawjson.Get(data, "type"))
	if kind == "" {
		kind = string(e.Type)
	}
	if kind != "message_start" && kind != "ping" && kind != "error" && kind != "" {
		t.unbegun()
	}
	switch kind {
	case "message_start":
		t.begin(e, data)
	case "content_block_start":
		return t.start(e, data)
	case "content_block_delta":
		t.delta(e, data)
	case "content_block_stop":
		t.end(e, data)
	case "message_delta":
		return t.finish(e, data)
	case "message_stop":
		return t.close(&e)
	case "error":
		return faultIn(data)
	case "":
		if rawjson.Get(data, "error") != nil {
			return faultIn(data)
		}
	default: // ping, and whatever will be thought of
		t.send(e, kind, nil)
	}
	return nil
}

// send passes an event on, with other data where there are some. One that its
// service did not name gets its name: clients skip it otherwise.
func (t *tap) send(e sse.Event, kind string, data []byte) {
	dst := &t.out
	if !t.seen.Token {
		dst = &t.held
	}
	named := kind == "" || string(e.Type) == kind
	switch {
	case data == nil && named && e.Closed:
		*dst = append(*dst, e.Raw...)
	case data == nil:
		if !named {
			t.note("event", "added the name of")
		}
		*dst = sse.Append(*dst, kindOr(kind, e), bytes.TrimSpace(e.Data))
	default:
		*dst = sse.Append(*dst, kindOr(kind, e), data)
	}
	if len(t.held) > maxHeld {
		t.release()
	}
}

func kindOr(kind string, e sse.Event) string {
	if kind == "" {
		return string(e.Type)
	}
	return kind
}

// emit writes an event of our own.
func (t *tap) emit(kind, data string) {
	t.send(sse.Event{}, kind, []byte(`{"type":"`+kind+`",`+data+"}"))
}

// token says that there is something to read: what was held back goes out.
func (t *tap) token() {
	if !t.seen.Token {
		t.seen.Token = true
		t.release()
	}
}

func (t *tap) release() {
	t.out = append(t.out, t.held...)
	t.held = t.held[:0]
}

// fold reads an answer that is no stream and writes it as one (B28a).
func (t *tap) fold() *llm.Error {
	t.note("answer", "rewrote")
	r := &reader{open: map[int]*content{}, ids: map[string]bool{}}
	err := r.Whole(bytes.TrimSpace(bytes.TrimPrefix(t.whole, []byte("\xef\xbb\xbf"))))
	if err != nil {
		return err
	}
	w := streamWriter{model: t.asked, tokens: tokensOf(t.head)}
	for _, e := range r.Take() {
		w.event(e)
		switch e := e.(type) {
		case llm.Start:
			t.seen.Model = e.Model
		case llm.Finish:
			t.seen.Usage, t.seen.Reason = e.Usage, e.Reason
		case llm.TextDelta, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta, llm.ToolCallStart, llm.ToolCallDelta:
		}
	}
	t.seen.Token, t.seen.Closed = true, true
	t.out = append(t.out, w.out...)
	return nil
}
