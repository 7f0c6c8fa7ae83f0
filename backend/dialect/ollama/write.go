package ollama

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/reply"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeStream writes a line for each piece, and the last one with the counts.
func (c Chat) EncodeStream(w io.Writer, s llm.Stream, model string, h dialect.Head) error {
	return newWriter(c.Now, model, h, true).stream(w, s)
}

// EncodeReply writes the answer as one line.
func (c Chat) EncodeReply(w io.Writer, r *llm.Reply, model string, h dialect.Head) error {
	return newWriter(c.Now, model, h, true).reply(w, r)
}

// EncodeStream writes a line for each piece, and the last one with the counts.
func (g Generate) EncodeStream(w io.Writer, s llm.Stream, model string, h dialect.Head) error {
	return newWriter(g.Now, model, h, false).stream(w, s)
}

// EncodeReply writes the answer as one line.
func (g Generate) EncodeReply(w io.Writer, r *llm.Reply, model string, h dialect.Head) error {
	return newWriter(g.Now, model, h, false).reply(w, r)
}

// EncodeStream is never asked for: vectors do not stream.
func (Embed) EncodeStream(io.Writer, llm.Stream, string, dialect.Head) error { return noAnswer() }

// EncodeReply is never asked for.
func (Embed) EncodeReply(io.Writer, *llm.Reply, string, dialect.Head) error { return noAnswer() }

func noAnswer() error {
	return &llm.Error{Kind: llm.KindInternal, Message: "vectors were asked for, and an answer came"}
}

// writer writes the lines of one answer.
type writer struct {
	scanned

	now   func() time.Time
	model string
	chat  bool
	first time.Time // of the first piece
	calls []heldCall
	count int // of the calls that were written
}

// heldCall is a call whose arguments still come: a line has whole calls alone.
type heldCall struct {
	llm.ToolCallStart

	arguments strings.Builder
}

func newWriter(now func() time.Time, model string, h dialect.Head, chat bool) *writer {
	w := &writer{scanned: scannedOf(h), now: now, model: model, chat: chat}
	if w.asked != "" {
		w.model = w.asked
	}
	if w.at.IsZero() {
		w.at = clock(now)
	}
	return w
}

func (w *writer) stream(to io.Writer, s llm.Stream) error {
	return reply.Stream(to, s, w.event, appendFailure)
}

// said is what one line says.
type said struct {
	text, thinking string
	image          string
	calls          []heldCall
}

func (w *writer) event(dst []byte, e llm.Event) []byte {
	if _, start := e.(llm.Start); !start && w.first.IsZero() {
		w.first = clock(w.now)
	}
	switch e := e.(type) {
	case llm.Start:
	case llm.TextDelta:
		dst = w.flush(dst)
		if e.Text != "" {
			dst = w.line(dst, said{text: e.Text})
		}
	case llm.RefusalDelta:
		dst = w.flush(dst)
		dst = w.line(dst, said{text: e.Text})
	case llm.ThoughtDelta:
		dst = w.flush(dst)
		if e.Text != "" && !w.quiet {
			dst = w.line(dst, said{thinking: e.Text})
		}
	case llm.ImageDelta:
		dst = w.flush(dst)
		dst = w.line(dst, said{image: e.Data})
	case llm.ToolCallStart:
		w.calls = append(w.calls, heldCall{ToolCallStart: e})
	case llm.ToolCallDelta:
		for i := range w.calls {
			if w.calls[i].Block == e.Block {
				w.calls[i].arguments.WriteString(e.Arguments)
			}
		}
	case llm.Finish:
		dst = w.flush(dst)
		dst = append(w.finish(w.begin(dst, said{}), e), '\n')
	}
	return dst
}

// flush writes the calls that are whole by now.
func (w *writer) flush(dst []byte) []byte {
	if len(w.calls) > 0 {
		dst = w.line(dst, said{calls: w.calls})
		w.calls = w.calls[:0]
	}
	return dst
}

func (w *writer) line(dst []byte, s said) []byte {
	return append(w.begin(dst, s), ",\"done\":false}\n"...)
}

// begin begins a line: whose it is, when, and what it says.
func (w *writer) begin(dst []byte, s said) []byte {
	dst = append(dst, `{"model":`...)
	dst = rawjson.AppendString(dst, w.model)
	dst = append(dst, `,"created_at":"`...)
	dst = clock(w.now).UTC().AppendFormat(dst, time.RFC3339Nano)
	if !w.chat {
		dst = append(dst, `","response":`...)
		dst = rawjson.AppendString(dst, s.text)
		return appendThinking(dst, s.thinking)
	}
	dst = append(dst, `","message":{"role":"assistant","content":`...)
	dst = rawjson.AppendString(dst, s.text)
	dst = appendThinking(dst, s.thinking)
	if s.image != "" {
		dst = append(dst, `,"images":[`...)
		dst = append(rawjson.AppendString(dst, s.image), ']')
	}
	if len(s.calls) > 0 {
		dst = append(dst, `,"tool_calls":[`...)
		for i := range s.calls {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = w.call(dst, &s.calls[i])
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendThinking(dst []byte, thinking string) []byte {
	if thinking == "" {
		return dst
	}
	return rawjson.AppendString(append(dst, `,"thinking":`...), thinking)
}

// call appends a call. Arguments that are no object are wrapped, for clients
// read nothing else here.
func (w *writer) call(dst []byte, c *heldCall) []byte {
	given := strings.TrimSpace(c.arguments.String())
	switch {
	case given == "" || given == "null":
		given = "{}"
	case given[0] != '{' || !rawjson.Valid([]byte(given)):
		given = `{"input":` + string(rawjson.AppendString(nil, given)) + "}"
	}
	dst = append(dst, `{"id":`...)
	dst = rawjson.AppendString(dst, c.ID)
	dst = append(dst, `,"function":{"index":`...)
	dst = strconv.AppendInt(dst, int64(w.count), 10)
	w.count++
	dst = append(dst, `,"name":`...)
	dst = rawjson.AppendString(dst, c.Name)
	dst = append(append(dst, `,"arguments":`...), given...)
	return append(dst, '}', '}')
}

// finish ends the last line with why the answer ended and what it took. The
// times are those of the whole way, in nanoseconds.
func (w *writer) finish(dst []byte, e llm.Finish) []byte {
	now := clock(w.now)
	if w.first.IsZero() {
		w.first = now
	}
	reason := "stop"
	if e.Reason == llm.ReasonLength {
		reason = "length"
	}
	n := func(name string, n int64) { dst = strconv.AppendInt(append(dst, name...), n, 10) }
	dst = append(append(append(dst, `,"done":true,"done_reason":"`...), reason...), '"')
	n(`,"total_duration":`, max(now.Sub(w.at).Nanoseconds(), 1))
	n(`,"load_duration":`, 0)
	if e.Usage.Known {
		n(`,"prompt_eval_count":`, int64(e.Usage.Input))
	}
	n(`,"prompt_eval_duration":`, max(w.first.Sub(w.at).Nanoseconds(), 1))
	if e.Usage.Known {
		n(`,"eval_count":`, int64(e.Usage.Output))
	}
	n(`,"eval_duration":`, max(now.Sub(w.first).Nanoseconds(), 1))
	return append(dst, '}')
}

// reply writes a whole answer.
func (w *writer) reply(to io.Writer, r *llm.Reply) error {
	var s said
	var text, thinking strings.Builder
	for _, p := range r.Parts {
		switch p := p.(type) {
		case llm.Text:
			text.WriteString(p.Text)
		case llm.Refusal:
			text.WriteString(p.Text)
		case llm.Thought:
			if !w.quiet {
				thinking.WriteString(p.Text)
			}
		case llm.Image:
			s.image = p.Data
		case llm.ToolCall:
			c := heldCall{ToolCallStart: llm.ToolCallStart{ID: p.ID, Name: p.Name}}
			c.arguments.WriteString(p.Arguments)
			s.calls = append(s.calls, c)
		case llm.Audio, llm.File, llm.ToolResult, llm.Opaque: // no part of an answer
		}
	}
	s.text, s.thinking = text.String(), thinking.String()
	_, err := to.Write(w.finish(w.begin(nil, s), r.Finish))
	return err
}
