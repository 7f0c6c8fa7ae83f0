package anthropic

import (
	"bytes"
	"crypto/rand"
	"io"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/reply"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// EncodeStream writes the answer's blocks one after the other, as the protocol
// has them: those that the upstream mixed up wait for their turn.
func (c Client) EncodeStream(w io.Writer, s llm.Stream, model string, h dialect.Head) error {
	out := streamWriter{model: model, tokens: tokensOf(h)}
	event := func(dst []byte, e llm.Event) []byte {
		out.out = dst
		out.event(e)
		return out.out
	}
	return reply.Stream(w, s, event, c.AppendStreamError)
}

// tokensOf is about how long the prompt is.
func tokensOf(h dialect.Head) int {
	if s, ok := h.Scanned.(*scanned); ok {
		return s.tokens
	}
	return 0
}

// streamWriter writes the events of one answer.
type streamWriter struct {
	model  string
	tokens int
	out    []byte

	begun   bool
	index   int // of the block that is open, or of the next
	open    openBlock
	waiting []llm.Event // of blocks that come after the one that is open
	refused bool
}

// openBlock is the block that is being written.
type openBlock struct {
	kind  string // of the protocol's; "" is none
	block int    // the answer's number of it
	// whole counts a call's arguments, and custom keeps those of a call with free
	// text, which the protocol has no place for but an object.
	whole  balance
	custom *strings.Builder
}

const (
	kindText     = "text"
	kindThinking = "thinking"
	kindCall     = "tool_use"
)

// event writes an event, or lets it wait.
func (w *streamWriter) event(e llm.Event) {
	if start, ok := e.(llm.Start); ok || !w.begun {
		w.begin(start)
		if ok {
			return
		}
	}
	if finish, ok := e.(llm.Finish); ok {
		w.finish(finish)
		return
	}
	if w.blocked(e) {
		w.waiting = append(w.waiting, e)
		return
	}
	w.write(e)
	w.release()
}

// blocked says that a call is open that e does not belong to and that is not
// whole yet: a call cannot be gone on with once another block was opened.
func (w *streamWriter) blocked(e llm.Event) bool {
	return w.open.kind == kindCall && blockOf(e) != w.open.block && !w.open.whole.done()
}

// release writes what waits and is not blocked any more.
func (w *streamWriter) release() {
	for list := w.waiting; len(list) > 0; list = w.waiting {
		w.waiting = nil
		for _, e := range list {
			if w.blocked(e) {
				w.waiting = append(w.waiting, e)
				continue
			}
			w.write(e)
		}
		if len(w.waiting) == len(list) {
			return
		}
	}
}

func blockOf(e llm.Event) int {
	switch e := e.(type) {
	case llm.TextDelta:
		return e.Block
	case llm.ThoughtDelta:
		return e.Block
	case llm.RefusalDelta:
		return e.Block
	case llm.ImageDelta:
		return e.Block
	case llm.ToolCallStart:
		return e.Block
	case llm.ToolCallDelta:
		return e.Block
	case llm.Start, llm.Finish:
	}
	return -1
}

// write writes an event whose turn it is.
func (w *streamWriter) write(e llm.Event) {
	switch e := e.(type) {
	case llm.TextDelta:
		w.text(e.Block, e.Text)
	case llm.RefusalDelta:
		w.refused = true
		w.text(e.Block, e.Text)
	case llm.ImageDelta:
		w.text(e.Block, pictureText(e.MIME, e.Data))
	case llm.ThoughtDelta:
		w.thought(e)
	case llm.ToolCallStart:
		w.call(e)
	case llm.ToolCallDelta:
		w.arguments(e)
	case llm.Start, llm.Finish:
	}
}

// pictureText is a picture as the one block that an answer has for it: text that
// many a client draws.
func pictureText(mime, data string) string { return "![image](data:" + mime + ";base64," + data + ")" }

func (w *streamWriter) begin(s llm.Start) {
	if w.begun {
		return
	}
	w.begun = true
	w.emit("message_start", func(j *rawjson.Writer) {
		j.Key("message")
		j.Open('{')
		messageHead(j, s.ID, w.model)
		j.Key("content")
		j.Open('[')
		j.Close(']')
		j.Raw("stop_reason", llm.RawJSON("null"))
		j.Raw("stop_sequence", llm.RawJSON("null"))
		j.Key("usage")
		j.Out = append(j.Out, usageObject(llm.Usage{Input: w.tokens}, false)...)
		j.Close('}')
	})
}

// messagePrefix begins the id of every answer.
const messagePrefix = "msg_"

// messageHead writes what a message says of itself.
func messageHead(j *rawjson.Writer, id, model string) {
	switch {
	case id == "":
		id = messagePrefix + rand.Text()
	case !strings.HasPrefix(id, messagePrefix):
		id = messagePrefix + id // of a service that has another protocol
	}
	j.Text("id", id)
	j.Text("type", "message")
	j.Text("role", "assistant")
	j.Text("model", model)
}

// emit writes one event of the protocol.
func (w *streamWriter) emit(kind string, fill func(j *rawjson.Writer)) {
	j := rawjson.Writer{Out: make([]byte, 0, 160)}
	j.Open('{')
	j.Text("type", kind)
	fill(&j)
	j.Close('}')
	w.out = sse.Append(w.out, kind, j.Out)
}

// delta writes a piece of the open block.
func (w *streamWriter) delta(kind, name, s string) {
	w.emit("content_block_delta", func(j *rawjson.Writer) {
		j.Int("index", w.index)
		j.Key("delta")
		j.Open('{')
		j.Text("type", kind)
		j.Text(name, s)
		j.Close('}')
	})
}

// enter opens a block if it is not the one that is open.
func (w *streamWriter) enter(kind string, block int, fill func(j *rawjson.Writer)) {
	if w.open.kind == kind && w.open.block == block {
		return
	}
	w.leave()
	w.open = openBlock{kind: kind, block: block}
	w.emit("content_block_start", func(j *rawjson.Writer) {
		j.Int("index", w.index)
		j.Key("content_block")
		j.Open('{')
		j.Text("type", kind)
		fill(j)
		j.Close('}')
	})
}

// leave closes the block that is open.
func (w *streamWriter) leave() {
	if w.open.kind == "" {
		return
	}
	if c := w.open.custom; c != nil {
		w.delta("input_json_delta", "partial_json", string(textObject(c.String())))
	}
	w.emit("content_block_stop", func(j *rawjson.Writer) { j.Int("index", w.index) })
	w.open = openBlock{}
	w.index++
}

func (w *streamWriter) text(block int, s string) {
	w.enter(kindText, block, func(j *rawjson.Writer) { j.Text("text", "") })
	if s != "" {
		w.delta("text_delta", "text", s)
	}
}

func (w *streamWriter) thought(e llm.ThoughtDelta) {
	if e.Minter == redacted {
		w.enter("redacted_thinking", e.Block, func(j *rawjson.Writer) { j.Text("data", e.Signature) })
		w.leave()
		return
	}
	w.enter(kindThinking, e.Block, func(j *rawjson.Writer) {
		j.Text("thinking", "")
		j.Text("signature", "")
	})
	if e.Text != "" {
		w.delta("thinking_delta", "thinking", e.Text)
	}
	if s := signatureOf(e); s != "" {
		w.delta("signature_delta", "signature", s)
	}
}

func (w *streamWriter) call(e llm.ToolCallStart) {
	w.enter(kindCall, e.Block, func(j *rawjson.Writer) {
		j.Text("id", e.ID)
		j.Text("name", e.Name)
		j.Raw("input", llm.RawJSON("{}"))
	})
	if e.Custom {
		w.open.custom = &strings.Builder{}
	}
}

func (w *streamWriter) arguments(e llm.ToolCallDelta) {
	switch {
	case w.open.kind != kindCall || w.open.block != e.Block || e.Arguments == "":
		// Of a call that was closed since it was whole: there can only be space.
	case w.open.custom != nil:
		w.open.custom.WriteString(e.Arguments)
	default:
		w.open.whole.add(e.Arguments)
		w.delta("input_json_delta", "partial_json", e.Arguments)
	}
}

func (w *streamWriter) finish(e llm.Finish) {
	for len(w.waiting) > 0 {
		w.leave() // A call that is not whole has all that it will ever have.
		w.release()
	}
	w.cite(e.Citations)
	w.leave()
	reason := stopReason(e.Reason)
	if w.refused && e.Reason == llm.ReasonStop {
		reason = stopReason(llm.ReasonContent)
	}
	w.emit("message_delta", func(j *rawjson.Writer) {
		j.Key("delta")
		j.Open('{')
		j.Text("stop_reason", reason)
		j.Raw("stop_sequence", llm.RawJSON("null"))
		j.Close('}')
		j.Key("usage")
		u := e.Usage
		if !u.Known {
			u.Input = w.tokens
		}
		j.Out = append(j.Out, usageObject(u, true)...)
	})
	w.emit("message_stop", func(*rawjson.Writer) {})
}

// cite writes the sources of an answer into its last text.
func (w *streamWriter) cite(list []llm.Citation) {
	if len(list) == 0 {
		return
	}
	if w.open.kind != kindText {
		w.text(-1, "")
	}
	for _, c := range list {
		w.emit("content_block_delta", func(j *rawjson.Writer) {
			j.Int("index", w.index)
			j.Key("delta")
			j.Open('{')
			j.Text("type", "citations_delta")
			j.Key("citation")
			appendCitation(j, c)
			j.Close('}')
		})
	}
}

// appendCitation writes a source as that of a search. Its proof is empty: it is
// no service of this protocol's.
func appendCitation(j *rawjson.Writer, c llm.Citation) {
	j.Open('{')
	j.Text("type", "web_search_result_location")
	j.Text("url", c.URL)
	j.Text("title", c.Title)
	j.Text("encrypted_index", "")
	j.Text("cited_text", "")
	j.Close('}')
}

// stopReason is the protocol's word for a reason.
func stopReason(r llm.Reason) string {
	switch r {
	case llm.ReasonLength:
		return "max_tokens"
	case llm.ReasonToolCalls:
		return "tool_use"
	case llm.ReasonContent:
		return "refusal"
	case llm.ReasonStop:
	}
	return "end_turn"
}

// usageObject is a usage as the protocol counts: what was read from a cache and
// written to one stands beside the input.
func usageObject(u llm.Usage, ended bool) []byte {
	var j rawjson.Writer
	j.Open('{')
	j.Int("input_tokens", max(0, u.Input-u.Cached-u.CacheWrite))
	j.Int("cache_creation_input_tokens", u.CacheWrite)
	j.Int("cache_read_input_tokens", u.Cached)
	j.Int("output_tokens", u.Output)
	if ended && u.Reasoning > 0 {
		j.Key("output_tokens_details")
		j.Open('{')
		j.Int("thinking_tokens", u.Reasoning)
		j.Close('}')
	}
	j.Close('}')
	return j.Out
}

// balance counts the brackets of a JSON value that comes in pieces.
type balance struct {
	depth   int
	inText  bool
	escaped bool
	begun   bool
}

// done says that the value is whole.
func (b *balance) done() bool { return b.begun && b.depth == 0 && !b.inText }

func (b *balance) add(s string) {
	for i := range len(s) {
		switch c := s[i]; {
		case b.escaped:
			b.escaped = false
		case b.inText:
			b.escaped, b.inText = c == '\\', c != '"'
		case c == '"':
			b.inText, b.begun = true, true
		case c == '{' || c == '[':
			b.depth++
			b.begun = true
		case c == '}' || c == ']':
			b.depth--
		case bytes.IndexByte([]byte(" \t\r\n"), c) < 0:
			b.begun = true
		}
	}
}

// objectOr is arguments as an object, as which alone a whole answer can have
// them.
func objectOr(arguments string) []byte {
	s := strings.TrimSpace(arguments)
	if s == "" {
		return []byte("{}")
	}
	if s[0] == '{' && rawjson.Valid([]byte(s)) {
		return []byte(s)
	}
	return textObject(arguments)
}

// textObject is an object that holds a text.
func textObject(s string) []byte {
	var j rawjson.Writer
	j.Open('{')
	j.Text("input", s)
	j.Close('}')
	return j.Out
}
