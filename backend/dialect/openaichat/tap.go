package openaichat

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// Tap makes the watch over one streamed answer.
func (u Upstream) Tap(h dialect.Head, asked string) dialect.Tap {
	t := &tap{upstream: u, head: h, asked: asked}
	t.furnish()
	t.quoted = rawjson.AppendString(t.quoted, asked)
	return t
}

// maxHeld bounds what is held back before there is something to read. Beyond
// it there can only be empty deltas, which nobody misses.
const maxHeld = 64 << 10

// tap passes events on. Most of them are right and differ from the one before
// in a piece of text alone: for those it compares the rest with the pattern of
// an event that was parsed (see pattern) and extends the run of bytes that are
// returned as they came. Everything else is parsed, and edited where it must.
type tap struct {
	upstream Upstream
	head     dialect.Head
	asked    string
	quoted   []byte // asked as a JSON string

	form    form
	fold    *fold // for what cannot be passed on
	decoder sse.Decoder
	window  []byte
	run     dialect.Span // bytes of window to return untouched
	out     []byte       // what Feed returns when it is not one run
	held    []byte       // the opening, until there is something to read
	pattern pattern

	chunk    chunk
	edits    []carriage.Edit
	choices  []tapChoice
	scratch  []byte
	start    *llm.Start // what the first chunk says of the answer
	identity []byte     // of it, up to its choices, for chunks of our own
	usage    []byte     // the usage event to send at the end
	done     bool       // [DONE] was read
	seen     dialect.Seen
	noted    map[llm.Warning]bool

	// room is where the slices of a usual answer begin, in one piece of memory
	// with the rest; one that grows out of it moves away.
	room struct {
		quoted, text, replacedText, tail, replacedTail [96]byte
		segment, replaced                              [256]byte
		held, scratch, usage                           [448]byte
		choices                                        [1]tapChoice
		parsed                                         [1]choice
		edits                                          [2]carriage.Edit
	}
}

// furnish lets the slices begin in room.
func (t *tap) furnish() {
	r, p := &t.room, &t.pattern
	t.quoted, t.held, t.scratch, t.usage = r.quoted[:0], r.held[:0], r.scratch[:0], r.usage[:0]
	p.segments = [3][]byte{r.segment[:0], r.text[:0], r.tail[:0]}
	p.replaced = [3][]byte{r.replaced[:0], r.replacedText[:0], r.replacedTail[:0]}
	t.choices, t.chunk.choices, t.edits = r.choices[:0], r.parsed[:0], r.edits[:0]
}

// tapChoice is what is remembered of one choice.
type tapChoice struct {
	calls    calls
	answered bool
	finish   []byte
	thoughts []byte // as they stand in JSON, until there is an answer
}

// think keeps thinking for the case that nothing else comes.
func (c *tapChoice) think(inner []byte) {
	if !c.answered && len(c.thoughts) < maxThoughts {
		c.thoughts = append(c.thoughts, inner...)
	}
}

// form is what the first byte of the body says it is.
type form uint8

const (
	formUnknown form = iota
	formEvents
	formFold
)

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
		if err := t.sniff(p); err != nil {
			return nil, err
		}
	}
	if t.form == formFold {
		return t.fold.feed(t, p)
	}
	t.decoder.Feed(p)
	err := t.events()
	return t.flush(), err
}

// sniff tells events from a whole answer, whatever the headers said (B27). An
// answer that is no stream, and one whose tags have to be split, cannot be
// passed on and is written anew.
func (t *tap) sniff(p []byte) *llm.Error {
	switch first(p) {
	case 0:
		return nil
	case '<':
		return notChat("an HTML page", nil)
	case '{', '[':
		t.form = formFold
		t.fold = newFold(t, true)
	default:
		t.form = formEvents
		if t.upstream.Quirks.ThinkTags {
			t.form = formFold
			t.fold = newFold(t, false)
		}
	}
	return nil
}

// End takes the end of the body.
func (t *tap) End(dst []byte) ([]byte, *llm.Error) {
	t.out = dst[:0]
	if t.form == formFold {
		return t.fold.end(t)
	}
	t.decoder.End()
	if err := t.events(); err != nil {
		return t.flush(), err
	}
	if !t.seen.Closed {
		if err := t.finish(); err != nil {
			return t.flush(), err
		}
	}
	return t.flush(), nil
}

// events takes all whole events that have arrived.
func (t *tap) events() *llm.Error {
	t.window, t.run = t.decoder.Window(), dialect.Span{}
	for {
		if !t.seen.Closed && t.repeats() {
			continue
		}
		e, ok := t.decoder.Next()
		if !ok {
			break
		}
		if t.seen.Closed {
			continue
		}
		t.move()
		if err := t.event(e); err != nil {
			return err
		}
	}
	if t.decoder.Err() != nil {
		return notChat("an event of more than 16 MiB", t.decoder.Err())
	}
	return nil
}

// move goes on to the decoder's next window: an event that was torn has one of
// its own.
func (t *tap) move() {
	w := t.decoder.Window()
	if len(w) > 0 && len(t.window) > 0 && &w[0] != &t.window[0] {
		t.settle()
		t.window = w
	}
}

// repeats passes the next event, if it differs from one that was parsed in
// nothing but a piece of text.
func (t *tap) repeats() bool {
	p := &t.pattern
	ahead := t.decoder.Ahead()
	n := p.match(ahead)
	if n == 0 {
		return false
	}
	e := ahead[:n]
	switch p.kind {
	case openThought:
		t.choices[p.choice].think(p.text(e))
	case openCall:
		t.scratch = rawjson.AppendText(t.scratch[:0], p.quotedText(e))
		p.call.brackets.feed(t.scratch)
	}
	t.move()
	at := t.decoder.Take(n)
	if p.edited {
		t.settle()
		t.out = p.append(t.out, e)
	} else {
		t.extend(at, n)
	}
	return true
}

// event reads one event by parsing it.
func (t *tap) event(e sse.Event) *llm.Error {
	data := bytes.TrimSpace(e.Data)
	switch {
	case len(data) == 0:
		// Before there is a token, a comment would end the chance of another try;
		// data of nothing are an error to clients.
		if t.seen.Token && e.Data == nil {
			t.pass(e)
		}
		return nil
	case string(data) == "[DONE]":
		t.done = true
		return t.finish()
	}
	c := &t.chunk
	if err := c.parse(data); err != nil {
		return notChunk(data, err)
	}
	if c.fault == nil && string(e.Type) == "error" {
		c.fault = data
	}
	if c.fault != nil {
		return t.upstream.faultIn(c.fault)
	}
	return t.inspect(e, data)
}

// pass extends the run of untouched bytes by e.
func (t *tap) pass(e sse.Event) {
	switch {
	case !e.Closed:
		t.settle()
		t.out = append(t.out, bytes.TrimRight(e.Raw, "\r\n")...)
		t.out = append(t.out, "\n\n"...)
	default:
		t.extend(e.At, len(e.Raw))
	}
}

// extend makes the run of untouched bytes longer by n bytes of the window.
func (t *tap) extend(at, n int) {
	if t.run.Found() && t.run.To == at {
		t.run.To += n
		return
	}
	t.settle()
	t.run = dialect.Span{From: at, To: at + n}
}

// settle copies the run, because something else follows it.
func (t *tap) settle() {
	if t.run.Found() {
		t.out = append(t.out, t.window[t.run.From:t.run.To]...)
		t.run = dialect.Span{}
	}
}

// flush is what Feed returns: the run itself where it is all there is.
func (t *tap) flush() []byte {
	if len(t.out) == 0 && t.run.Found() {
		return t.window[t.run.From:t.run.To]
	}
	t.settle()
	return t.out
}
