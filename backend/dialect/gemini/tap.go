package gemini

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// Tap makes the watch over one streamed answer. The version in it stays what
// Google says: it is not the name that was asked for in Google's own answers
// either, and who reads it wants to know what answered.
func (u Upstream) Tap(h dialect.Head, asked string) dialect.Tap {
	return &tap{reader: reader{Upstream: u, passing: true}, head: h, asked: asked}
}

// tap passes events on as they came, and reads along but where they only go on
// like the one before (see repeats). Comments are taken out, for Gemini CLI ends
// on one (B22), and for who wants a list the events become its elements.
type tap struct {
	reader  reader
	head    dialect.Head
	asked   string
	form    form
	decoder sse.Decoder
	whole   []byte // a body that is no stream
	held    []byte // the opening, until there is something to read
	out     []byte
	begun   bool // the list was
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
		if err := t.sniff(p); err != nil {
			return nil, err
		}
	}
	if t.form == formWhole {
		t.whole = append(t.whole, p...)
		return nil, nil
	}
	t.decoder.Feed(p)
	err := t.events()
	return t.out, err
}

// sniff tells events from an answer that is one value, whatever the header said
// (B27).
func (t *tap) sniff(p []byte) *llm.Error {
	switch b := firstByte(p); b {
	case 0:
		return nil
	case '<':
		return answer.Unexpected("a web page", wanted, nil)
	case '{', '[':
		t.form = formWhole
	default:
		t.form = formEvents
	}
	return nil
}

// firstByte is the first one that is not space; 0 when there is none.
func firstByte(p []byte) byte {
	for _, b := range p {
		if !isSpace(b) && b != 0xef && b != 0xbb && b != 0xbf { // a byte order mark counts as space
			return b
		}
	}
	return 0
}

// events passes all whole events that have arrived.
func (t *tap) events() *llm.Error {
	for {
		if t.repeats() {
			continue
		}
		e, ok := t.decoder.Next()
		if !ok {
			break
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

// event reads one event and passes it on. Nothing is sent before there is
// something to read: until then another upstream may still answer.
func (t *tap) event(e sse.Event) *llm.Error {
	data := bytes.TrimSpace(e.Data)
	if len(data) == 0 || string(data) == "[DONE]" {
		return nil
	}
	if err := t.reader.Event(e); err != nil {
		return err
	}
	t.learn()
	to := &t.out
	if !t.seen.Token {
		to = &t.held
	} else if t.held != nil {
		t.out = append(t.out, t.held...)
		t.held = nil
	}
	t.pass(to, e, data)
	t.follow(e, data)
	return nil
}

// pass writes an event as it came, or its data as an element of the list. One
// that has no end gets it (B24).
func (t *tap) pass(to *[]byte, e sse.Event, data []byte) {
	switch {
	case t.listed():
		*to = append(t.separate(*to), data...)
	case bytes.HasPrefix(e.Raw, []byte(":")), bytes.Contains(e.Raw, []byte("\n:")):
		*to = sse.Append(*to, "", data)
	case e.Closed:
		*to = append(*to, e.Raw...)
	default:
		*to = append(append(*to, bytes.TrimRight(e.Raw, "\r\n")...), "\r\n\r\n"...)
	}
}

func (t *tap) listed() bool { return scannedOf(t.head).asList }

func (t *tap) separate(dst []byte) []byte {
	if !t.begun {
		t.begun = true
		return append(dst, '[')
	}
	return append(dst, ",\r\n"...)
}

// learn keeps what the events of the reader say.
func (t *tap) learn() {
	for _, e := range t.reader.Take() {
		switch e := e.(type) {
		case llm.Start:
		case llm.Finish:
			t.seen.Reason = e.Reason
		case llm.TextDelta, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta, llm.ToolCallStart, llm.ToolCallDelta:
			t.seen.Token = true
		}
	}
	t.seen.Model = t.reader.Start.Model
	// What follows the reason counts tokens at most: a client may leave.
	t.seen.Closed = t.seen.Token && t.reader.finish != ""
}

// End takes the end of the body.
func (t *tap) End(dst []byte) ([]byte, *llm.Error) {
	t.out = dst[:0]
	if t.form == formWhole {
		return t.anew()
	}
	t.decoder.End()
	if err := t.events(); err != nil {
		return t.out, err
	}
	if err := t.reader.End(); err != nil {
		return t.out, err
	}
	t.close()
	return t.out, nil
}

// close writes what the reader had to add: a model that said its answer in its
// thoughts is no empty turn (B38).
func (t *tap) close() {
	t.out = append(t.out, t.held...)
	t.held = nil
	for _, e := range t.reader.Take() {
		switch e := e.(type) {
		case llm.TextDelta:
			t.seen.Notes = append(t.seen.Notes, llm.Warning{Field: "answer", What: "repeated the thoughts as the"})
			t.add(e.Text)
		case llm.Finish:
			t.seen.Reason, t.seen.Usage = e.Reason, e.Usage
		case llm.Start, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta, llm.ToolCallStart, llm.ToolCallDelta:
		}
	}
	if t.listed() {
		t.out = append(t.out, ']')
	}
	t.seen.Token, t.seen.Closed = true, true
}

// add writes a chunk of our own.
func (t *tap) add(text string) {
	w := writer{face: face{envelope: t.reader.Envelope != nil, list: t.listed()}, model: t.asked, begun: t.begun}
	w.start(t.reader.Start)
	w.say(text)
	w.closing, w.reason = true, "STOP"
	t.out = w.chunk(t.out)
	t.begun = true
}

// anew writes an answer that came as one value as the stream that was wanted.
func (t *tap) anew() ([]byte, *llm.Error) {
	w := tapWriter{t: t}
	s := face{envelope: t.reader.Envelope != nil, list: t.listed()}
	events := t.reader.DecodeReply("", bytes.NewReader(t.whole))
	h := t.head
	if k, ok := h.Scanned.(scanned); ok {
		k.thoughts = true // what Google shows, it was asked for
		h.Scanned = k
	}
	err := s.stream(&w, func(yield func(llm.Event, error) bool) {
		for e, err := range events {
			if err != nil {
				w.failed = llm.AsError(err)
				return
			}
			w.note(e)
			if !yield(e, nil) {
				return
			}
		}
	}, t.asked, h)
	if err != nil && w.failed == nil {
		w.failed = llm.AsError(err)
	}
	return t.out, w.failed
}

// tapWriter writes to the tap's output and notes what passes.
type tapWriter struct {
	t      *tap
	failed *llm.Error
}

// Write appends p.
func (w *tapWriter) Write(p []byte) (int, error) {
	w.t.out = append(w.t.out, p...)
	return len(p), nil
}

func (w *tapWriter) note(e llm.Event) {
	seen := &w.t.seen
	switch e := e.(type) {
	case llm.Start:
		seen.Model = e.Model
		seen.Notes = append(seen.Notes, llm.Warning{Field: "answer", What: "rewrote"})
	case llm.Finish:
		seen.Reason, seen.Usage, seen.Closed = e.Reason, e.Usage, true
	case llm.TextDelta, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta, llm.ToolCallStart, llm.ToolCallDelta:
		seen.Token = true
	}
}

// CarryReply passes a whole answer on as it is. One that is no object, or that
// has its words in its thoughts alone, is written anew.
func (u Upstream) CarryReply(dst, raw []byte, h dialect.Head, asked string) ([]byte, dialect.Seen, *llm.Error) {
	if h.Operation == dialect.Embed {
		return u.carryVectors(dst, raw, h, asked)
	}
	r := reader{Upstream: u, passing: true}
	var seen dialect.Seen
	if firstByte(raw) != '{' {
		return u.rewriteReply(dst, raw, h, asked)
	}
	if err := r.Whole(bytes.TrimSpace(raw)); err != nil {
		return dst, seen, err
	}
	said := false
	for _, e := range r.Take() {
		switch e := e.(type) {
		case llm.Finish:
			seen.Reason, seen.Usage = e.Reason, e.Usage
		case llm.TextDelta, llm.RefusalDelta, llm.ImageDelta, llm.ToolCallStart:
			said = true
		case llm.Start, llm.ThoughtDelta, llm.ToolCallDelta:
		}
	}
	seen.Token, seen.Model = true, r.Start.Model
	if said && !r.spoken && len(r.ids) == 0 && r.blocked == "" && seen.Reason == llm.ReasonStop {
		return u.rewriteReply(dst, raw, h, asked)
	}
	return append(dst, raw...), seen, nil
}

// rewriteReply reads an answer of any form and writes it as a whole one.
func (u Upstream) rewriteReply(dst, raw []byte, h dialect.Head, asked string) ([]byte, dialect.Seen, *llm.Error) {
	reply, err := llm.Collect(u.DecodeReply("", bytes.NewReader(raw)))
	if err != nil {
		return dst, dialect.Seen{}, llm.AsError(err)
	}
	if k, ok := h.Scanned.(scanned); ok {
		k.thoughts = true
		h.Scanned = k
	}
	var out bytes.Buffer
	if err := (face{envelope: u.Envelope != nil}).reply(&out, reply, asked, h); err != nil {
		return dst, dialect.Seen{}, llm.AsError(err)
	}
	return append(dst, out.Bytes()...), dialect.Seen{
		Token: true, Model: reply.Start.Model, Usage: reply.Finish.Usage, Reason: reply.Finish.Reason,
		Notes: []llm.Warning{{Field: "answer", What: "rewrote"}},
	}, nil
}

// carryVectors passes vectors on; those of Vertex AI have another form.
func (u Upstream) carryVectors(dst, raw []byte, h dialect.Head, asked string) ([]byte, dialect.Seen, *llm.Error) {
	e, err := u.DecodeEmbeddings(raw)
	if err != nil {
		return dst, dialect.Seen{}, err
	}
	seen := dialect.Seen{Token: true, Model: e.Model, Usage: e.Usage}
	if !u.vertex() {
		return append(dst, raw...), seen, nil
	}
	var out bytes.Buffer
	if err := (Client{}).EncodeEmbeddings(&out, e, asked, h); err != nil {
		return dst, seen, llm.AsError(err)
	}
	return append(dst, out.Bytes()...), seen, nil
}
