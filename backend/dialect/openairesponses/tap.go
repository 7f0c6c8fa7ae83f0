package openairesponses

import (
	"bytes"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// Tap makes the watch over one streamed answer.
func (u Upstream) Tap(h dialect.Head, asked string) dialect.Tap {
	return &tap{upstream: u, scan: scanOf(h, Client{Now: u.Now}), asked: asked, reader: newReader(u)}
}

// maxHeld bounds what is held back before there is something to read. A response
// that repeats a long prompt's instructions and tools is below it.
const maxHeld = 4 << 20

// tap passes events on as they came, but those with the response in them, which
// name the model. What the answer says is read beside, for the log and for what
// is kept, except of events that only go on like the one before (see repeats).
type tap struct {
	upstream Upstream
	scan     *scan
	asked    string

	form    form
	decoder sse.Decoder
	body    []byte // of a whole answer
	reader  *reader
	out     []byte
	held    []byte // the opening, until there is something to read
	opened  bool
	seen    dialect.Seen
	usual   usual
}

// form is what the first byte of the body says it is.
type form uint8

const (
	formUnknown form = iota
	formEvents
	formWhole
)

// Seen is what has been learnt so far.
func (t *tap) Seen() dialect.Seen { return t.seen }

// Feed takes the next bytes of the body.
func (t *tap) Feed(dst, p []byte) ([]byte, *llm.Error) {
	t.out = dst[:0]
	if t.form == formUnknown {
		switch b := bytes.TrimLeft(p, " \t\r\n\xef\xbb\xbf"); {
		case len(b) == 0:
			return nil, nil
		case b[0] == '<':
			return nil, answer.Unexpected("a web page", wanted, nil)
		case b[0] == '{' || b[0] == '[':
			t.form = formWhole
		default:
			t.form = formEvents
		}
	}
	if t.form == formWhole {
		const most = 64 << 20
		if len(t.body)+len(p) > most {
			return nil, answer.Unexpected("more than 64 MiB", wanted, nil)
		}
		t.body = append(t.body, p...)
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
		err := t.whole()
		return t.out, err
	}
	t.decoder.End()
	if err := t.events(); err != nil {
		return t.out, err
	}
	if !t.seen.Closed {
		return t.out, answer.Cut()
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
	if err := t.decoder.Err(); err != nil {
		return answer.Unexpected("an event of more than 16 MiB", wanted, err)
	}
	return nil
}

// event reads one event and passes it on.
func (t *tap) event(e sse.Event) *llm.Error {
	data := bytes.TrimSpace(e.Data)
	if len(data) == 0 || string(data) == "[DONE]" {
		if t.opened && e.Data == nil { // a comment; data of nothing are an error to clients
			t.pass(e.Raw, e.Closed)
		}
		return nil
	}
	if err := t.reader.Event(e); err != nil {
		return err
	}
	reads := t.note()
	if response := memberOf(data, "response"); len(response.Value) > 0 && response.Value[0] == '{' {
		t.rename(e, data, response)
	} else {
		t.pass(e.Raw, e.Closed)
	}
	if reads || len(t.held) > maxHeld {
		t.release()
	}
	t.learn(e, data)
	return nil
}

// note takes down what the reader understood, and says whether a person, or a
// tool, has something of it.
func (t *tap) note() bool {
	reads := note(&t.seen, t.reader)
	t.seen.Model = t.reader.queue.Start.Model
	return reads
}

func note(seen *dialect.Seen, r *reader) (reads bool) {
	for _, e := range r.Take() {
		switch e := e.(type) {
		case llm.Start:
		case llm.TextDelta, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta, llm.ToolCallStart, llm.ToolCallDelta:
			seen.Token, reads = true, true
		case llm.Finish:
			seen.Usage, seen.Reason, seen.Closed, reads = e.Usage, e.Reason, true, true
		}
	}
	return reads
}

// rename passes on an event that names the model, and keeps the response that is
// finished.
func (t *tap) rename(e sse.Event, data []byte, response rawjson.Member) {
	if t.seen.Closed && t.scan.keeps() {
		t.scan.keep(rawjson.Text(rawjson.Get(response.Value, "id")), appendModel(nil, response.Value, t.asked))
	}
	at := modelAt(response.Value)
	if !at.Found() || rawjson.Text(response.Value[at.From:at.To]) == t.asked {
		t.pass(e.Raw, e.Closed)
		return
	}
	anew := make([]byte, 0, len(data)+len(t.asked)+len(`""`))
	anew = append(anew, data[:response.At+at.From]...)
	anew = rawjson.AppendString(anew, t.asked)
	anew = append(anew, data[response.At+at.To:]...)
	to := t.to()
	*to = sse.Append(*to, string(e.Type), anew)
}

// memberOf is a member of an object with its place; the last of that name counts.
func memberOf(object []byte, name string) (found rawjson.Member) {
	for m := range rawjson.Inside(object) {
		if string(m.Key) == name {
			found = m
		}
	}
	return found
}

// pass passes an event on, or holds it back.
func (t *tap) pass(raw []byte, closed bool) {
	to := t.to()
	if closed {
		*to = append(*to, raw...)
		return
	}
	*to = append(append(*to, strings.TrimRight(string(raw), "\r\n")...), "\n\n"...)
}

// to is where events go now.
func (t *tap) to() *[]byte {
	if t.opened {
		return &t.out
	}
	return &t.held
}

// release opens the answer.
func (t *tap) release() {
	if t.opened {
		return
	}
	t.opened = true
	t.out = append(t.out, t.held...)
	t.held = nil
}

// whole writes an answer that is no stream as one (B28a).
func (t *tap) whole() *llm.Error {
	err := t.reader.Whole(bytes.TrimSpace(t.body))
	if err != nil {
		return err
	}
	w := newWriter(t.scan, t.asked)
	t.seen.Model = t.reader.queue.Start.Model
	t.seen.Notes = append(t.seen.Notes, llm.Warning{Field: "answer", What: "rewrote"})
	for _, e := range t.reader.Take() {
		t.out = w.append(t.out, e)
		if end, ok := e.(llm.Finish); ok {
			t.seen.Usage, t.seen.Reason, t.seen.Closed, t.seen.Token = end.Usage, end.Reason, true, true
		}
	}
	return nil
}
