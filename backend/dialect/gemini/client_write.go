package gemini

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

// EncodeStream writes chunks as Google does: a part each, a call whole, and the
// reason with the usage in the last one.
func (c Client) EncodeStream(w io.Writer, s llm.Stream, model string, h dialect.Head) error {
	return c.face().stream(w, s, model, h)
}

// EncodeStream is as of [Client], each chunk in the envelope.
func (c CodeAssistClient) EncodeStream(w io.Writer, s llm.Stream, model string, h dialect.Head) error {
	return c.face().stream(w, s, model, h)
}

// EncodeReply writes a whole answer.
func (c Client) EncodeReply(w io.Writer, r *llm.Reply, model string, h dialect.Head) error {
	return c.face().reply(w, r, model, h)
}

// EncodeReply is as of [Client], in the envelope.
func (c CodeAssistClient) EncodeReply(w io.Writer, r *llm.Reply, model string, h dialect.Head) error {
	return c.face().reply(w, r, model, h)
}

func (s face) stream(w io.Writer, events llm.Stream, model string, h dialect.Head) error {
	out := writer{face: s, model: model, scanned: scannedOf(h)}
	return reply.Stream(w, events, out.event, out.failure)
}

func (s face) reply(w io.Writer, r *llm.Reply, model string, h dialect.Head) error {
	out := writer{face: s, model: model, scanned: scannedOf(h)}
	out.start(r.Start)
	for _, p := range r.Parts {
		out.whole(p)
	}
	if out.logprobs {
		for _, l := range r.Logprobs {
			out.probs = append(out.probs, l)
		}
	}
	out.finish(r.Finish)
	_, err := w.Write(out.answer(nil))
	return err
}

// writer writes the chunks of one answer, or the one object that it is.
type writer struct {
	face
	scanned

	model string
	tail  []byte // what every chunk ends with
	begun bool   // a list was

	// What the next chunk says.
	parts    []byte
	probs    [][]byte
	reason   string
	message  string
	usage    llm.Usage
	cited    []llm.Citation
	text     places
	calls    []heldCall
	closing  bool
	malfound string
}

// heldCall is a call whose arguments still come: the protocol has no pieces of
// a call.
type heldCall struct {
	llm.ToolCallStart

	arguments strings.Builder
}

// event appends the chunk that an event makes, if it makes one.
func (w *writer) event(dst []byte, e llm.Event) []byte {
	w.parts, w.probs = w.parts[:0], w.probs[:0]
	switch e := e.(type) {
	case llm.Start:
		w.start(e)
		return dst
	case llm.ToolCallStart:
		w.calls = append(w.calls, heldCall{ToolCallStart: e})
		return dst
	case llm.ToolCallDelta:
		for i := range w.calls {
			if w.calls[i].Block == e.Block {
				w.calls[i].arguments.WriteString(e.Arguments)
			}
		}
		return dst
	case llm.Finish:
		w.finish(e)
		dst = w.chunk(dst)
		if w.list {
			dst = append(dst, ']')
		}
		return dst
	case llm.TextDelta:
		w.flushCalls()
		w.say(e.Text)
		if w.logprobs && e.Logprobs != nil {
			w.probs = append(w.probs, e.Logprobs)
		}
	case llm.ThoughtDelta:
		w.flushCalls()
		w.thought(e.Text, e.Signature, e.Minter)
	case llm.RefusalDelta:
		w.flushCalls()
		w.say(e.Text)
	case llm.ImageDelta:
		w.flushCalls()
		w.image(e.MIME, e.Data)
	}
	if len(w.parts) == 0 && len(w.probs) == 0 {
		return dst
	}
	return w.chunk(dst)
}

// whole adds a part of a whole answer.
func (w *writer) whole(p llm.Part) {
	switch p := p.(type) {
	case llm.Text:
		w.say(p.Text)
	case llm.Thought:
		w.thought(p.Text, p.Signature, p.Minter)
	case llm.Refusal:
		w.say(p.Text)
	case llm.Image:
		w.image(p.MIME, p.Data)
	case llm.ToolCall:
		call := heldCall{ToolCallStart: llm.ToolCallStart{ID: p.ID, Name: p.Name, Custom: p.Custom, Signature: p.Signature}}
		call.arguments.WriteString(p.Arguments)
		w.calls = append(w.calls, call)
		w.flushCalls()
	case llm.Audio, llm.File, llm.ToolResult, llm.Opaque: // no part of an answer
	}
}

// start fixes what every chunk says of the answer. The version is the name that
// was asked for (B46): what a service calls itself means nothing here.
func (w *writer) start(s llm.Start) {
	if s.ID == "" {
		s.ID = newResponseID()
	}
	w.tail = append(w.tail[:0], `,"modelVersion":`...)
	w.tail = rawjson.AppendString(w.tail, w.model)
	if s.Created > 0 {
		w.tail = append(w.tail, `,"createTime":"`...)
		w.tail = time.Unix(s.Created, 0).UTC().AppendFormat(w.tail, time.RFC3339)
		w.tail = append(w.tail, '"')
	}
	w.tail = append(w.tail, `,"responseId":`...)
	w.tail = append(rawjson.AppendString(w.tail, s.ID), '}')
	if w.envelope {
		w.tail = append(w.tail, `,"traceId":`...)
		w.tail = append(rawjson.AppendString(w.tail, s.ID), '}')
	}
}

// part begins a part.
func (w *writer) part(open string) {
	if len(w.parts) > 0 {
		w.parts = append(w.parts, ',')
	}
	w.parts = append(w.parts, open...)
}

func (w *writer) say(text string) {
	w.text.part(text)
	if text == "" {
		return
	}
	w.part(`{"text":`)
	w.parts = append(rawjson.AppendString(w.parts, text), '}')
}

// thought shows the thinking to who asked for it. A signature of Google's is
// wanted back in any case; what another service signed is of no use without the
// words.
func (w *writer) thought(text, signature, by string) {
	switch {
	case w.thoughts && (text != "" || signature != "" && by != minter):
		w.part(`{"text":`)
		w.parts = append(rawjson.AppendString(w.parts, text), `,"thought":true`...)
	case signature != "" && by == minter:
		w.part(`{"text":""`)
	default:
		return
	}
	if signature != "" {
		w.parts = append(w.parts, `,"thoughtSignature":`...)
		w.parts = rawjson.AppendString(w.parts, sealed(signature, by))
	}
	w.parts = append(w.parts, '}')
}

func (w *writer) image(mime, data string) {
	w.part(`{"inlineData":{"mimeType":`)
	w.parts = append(rawjson.AppendString(w.parts, mime), `,"data":`...)
	w.parts = append(rawjson.AppendString(w.parts, data), '}', '}')
}

// flushCalls writes the calls that are whole by now.
func (w *writer) flushCalls() {
	for i := range w.calls {
		w.call(&w.calls[i])
	}
	w.calls = w.calls[:0]
}

func (w *writer) call(c *heldCall) {
	arguments := strings.TrimSpace(c.arguments.String())
	switch {
	case c.Custom:
		arguments = `{"` + freeText + `":` + string(rawjson.AppendString(nil, c.arguments.String())) + `}`
	case arguments == "" || arguments == "null":
		arguments = "{}"
	case arguments[0] != '{' || !rawjson.Valid([]byte(arguments)):
		// Google has a reason of its own for what its models do too.
		w.malfound = "Malformed function call: " + c.Name + "(" + arguments + ")"
		return
	}
	w.part(`{"functionCall":{"id":`)
	w.parts = append(rawjson.AppendString(w.parts, c.ID), `,"name":`...)
	w.parts = append(rawjson.AppendString(w.parts, c.Name), `,"args":`...)
	w.parts = append(append(w.parts, arguments...), '}')
	if c.Signature != "" {
		w.parts = append(w.parts, `,"thoughtSignature":`...)
		w.parts = rawjson.AppendString(w.parts, sealed(c.Signature, minter))
	}
	w.parts = append(w.parts, '}')
}

// finish says why the answer ended, in the chunk that comes next.
func (w *writer) finish(e llm.Finish) {
	w.flushCalls()
	w.closing, w.usage, w.cited = true, e.Usage, e.Citations
	switch e.Reason {
	case llm.ReasonLength:
		w.reason = "MAX_TOKENS"
	case llm.ReasonContent:
		w.reason = "SAFETY"
	case llm.ReasonStop, llm.ReasonToolCalls: // Google has no word for calls
		w.reason = "STOP"
	default:
		w.reason = "OTHER"
	}
	if w.malfound != "" {
		w.reason, w.message = "MALFORMED_FUNCTION_CALL", w.malfound
	}
}

// chunk appends what was gathered as an event, or as an element of the list.
func (w *writer) chunk(dst []byte) []byte {
	if !w.list {
		dst = append(dst, "data: "...)
		return append(w.answer(dst), "\r\n\r\n"...)
	}
	return w.answer(w.separate(dst))
}

// separate appends what stands between two elements of the list.
func (w *writer) separate(dst []byte) []byte {
	if !w.begun {
		w.begun = true
		return append(dst, '[')
	}
	return append(dst, ",\r\n"...)
}

// answer appends the object of a chunk or of a whole answer.
func (w *writer) answer(dst []byte) []byte {
	if w.tail == nil {
		w.start(llm.Start{})
	}
	if w.envelope {
		dst = append(dst, `{"response":`...)
	}
	dst = append(dst, `{"candidates":[{"content":{"parts":[`...)
	if len(w.parts) == 0 {
		// As Google's own last chunk: some clients take one without parts for broken.
		dst = append(dst, `{"text":""}`...)
	}
	dst = append(append(dst, w.parts...), `],"role":"model"}`...)
	if w.closing {
		dst = append(append(append(dst, `,"finishReason":"`...), w.reason...), '"')
		if w.message != "" {
			dst = append(dst, `,"finishMessage":`...)
			dst = rawjson.AppendString(dst, w.message)
		}
		dst = w.grounding(dst)
	}
	dst = append(dst, `,"index":0`...)
	if len(w.probs) > 0 {
		dst = appendProbs(append(dst, `,"logprobsResult":`...), w.probs)
	}
	dst = append(dst, '}', ']')
	if w.closing && w.usage.Known {
		dst = appendUsage(append(dst, `,"usageMetadata":`...), w.usage)
	}
	return append(dst, w.tail...)
}

// appendUsage appends a usage, in which the thinking is counted beside the
// answer.
func appendUsage(dst []byte, u llm.Usage) []byte {
	n := func(name string, n int) {
		dst = append(dst, name...)
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	n(`{"promptTokenCount":`, u.Input)
	n(`,"candidatesTokenCount":`, max(u.Output-u.Reasoning, 0))
	if u.Cached > 0 {
		n(`,"cachedContentTokenCount":`, u.Cached)
	}
	if u.Reasoning > 0 {
		n(`,"thoughtsTokenCount":`, u.Reasoning)
	}
	n(`,"totalTokenCount":`, u.Total())
	return append(dst, '}')
}

// failure appends an error inside a stream, and the end of a list.
func (w *writer) failure(dst []byte, err *llm.Error) []byte {
	if !w.list {
		return appendStreamError(dst, err)
	}
	return append(appendError(w.separate(dst), err), ']')
}
