package anthropic

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// wanted is what an answer should have been.
const wanted = "a message"

// maxThoughts is how much thinking is kept for the case that nothing else comes.
const maxThoughts = 1 << 20

// DecodeReply reads a streamed or a whole answer.
func (u Upstream) DecodeReply(_ string, body io.Reader) llm.Stream {
	return answer.Stream(body, wanted, func() answer.Reader {
		return &reader{open: map[int]*content{}, ids: map[string]bool{}}
	})
}

// reader reads one answer.
type reader struct {
	answer.Queue

	open map[int]*content // the blocks that are not closed, by the service's number
	ids  map[string]bool  // of the calls

	answered  bool // there was text or a call
	calls     int
	thoughts  strings.Builder
	written   int // characters of text so far
	citations []llm.Citation

	usage   llm.Usage
	stop    string
	details []byte // why an answer was refused
	stopped bool   // message_stop was read
}

var _ answer.Reader = (*reader)(nil)

// content is one block of the answer.
type content struct {
	kind  string
	block int    // our number; -1 until there is something of it
	from  int    // where its text begins, in characters
	input []byte // what a call began with
	wrote bool   // arguments have come
	cited []llm.Citation
}

// Done says that the event that ends an answer was read.
func (r *reader) Done() bool { return r.stopped }

// Event reads one event. Its name and the type in its data say the same; some
// services leave the one or the other out.
func (r *reader) Event(e sse.Event) *llm.Error {
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
	switch kind {
	case "message_start":
		r.begin(rawjson.Get(data, "message"))
	case "content_block_start":
		return r.start(indexOf(data), rawjson.Get(data, "content_block"))
	case "content_block_delta":
		r.delta(indexOf(data), rawjson.Get(data, "delta"))
	case "content_block_stop":
		r.close(indexOf(data))
	case "message_delta":
		r.finish(rawjson.Get(data, "delta"))
		r.count(rawjson.Get(data, "usage"))
	case "message_stop":
		r.stopped = true
	case "error":
		return faultIn(data)
	}
	// ping, and whatever will be thought of.
	if kind == "" && rawjson.Get(data, "error") != nil {
		return faultIn(data)
	}
	return nil
}

func indexOf(data []byte) int {
	n, _ := rawjson.Int(rawjson.Get(data, "index"))
	return n
}

func (r *reader) begin(message []byte) {
	r.Start.ID = rawjson.Text(rawjson.Get(message, "id"))
	r.Start.Model = rawjson.Text(rawjson.Get(message, "model"))
	r.count(rawjson.Get(message, "usage"))
}

// count reads what was counted so far; later counts replace earlier ones.
func (r *reader) count(usage []byte) {
	r.usage = merge(r.usage, usage)
}

// start opens a block. What a service has put into it already is its beginning.
func (r *reader) start(index int, v []byte) *llm.Error {
	c := &content{kind: rawjson.Text(rawjson.Get(v, "type")), block: -1, from: r.written}
	r.open[index] = c
	switch c.kind {
	case "text":
		r.text(c, rawjson.Text(rawjson.Get(v, "text")))
	case "thinking":
		r.thought(c, rawjson.Text(rawjson.Get(v, "thinking")), "")
		r.thought(c, "", rawjson.Text(rawjson.Get(v, "signature")))
	case "redacted_thinking":
		if data := rawjson.Text(rawjson.Get(v, "data")); data != "" {
			c.block = r.NextBlock()
			r.Put(llm.ThoughtDelta{Block: c.block, Signature: data, Minter: redacted})
		}
	case "tool_use":
		return r.call(c, v)
	}
	return nil
}

func (r *reader) call(c *content, v []byte) *llm.Error {
	name := rawjson.Text(rawjson.Get(v, "name"))
	if name == "" {
		return &llm.Error{Kind: llm.KindProtocol, Message: "the upstream called a tool without naming it"}
	}
	id := rawjson.Text(rawjson.Get(v, "id"))
	if id == "" || r.ids[id] {
		id = newCallID()
	}
	r.ids[id] = true
	r.answered = true
	r.calls++
	c.block = r.NextBlock()
	c.input = bytes.Clone(rawjson.Get(v, "input"))
	r.Put(llm.ToolCallStart{Block: c.block, ID: id, Name: name})
	return nil
}

func (r *reader) delta(index int, v []byte) {
	c := r.open[index]
	if c == nil { // a service that forgot to open it
		c = &content{kind: "text", block: -1, from: r.written}
		if rawjson.Text(rawjson.Get(v, "type")) == "thinking_delta" {
			c.kind = "thinking"
		}
		r.open[index] = c
	}
	switch rawjson.Text(rawjson.Get(v, "type")) {
	case "text_delta":
		r.text(c, rawjson.Text(rawjson.Get(v, "text")))
	case "thinking_delta":
		r.thought(c, rawjson.Text(rawjson.Get(v, "thinking")), "")
	case "signature_delta":
		r.thought(c, "", rawjson.Text(rawjson.Get(v, "signature")))
	case "input_json_delta":
		r.arguments(c, rawjson.Text(rawjson.Get(v, "partial_json")))
	case "citations_delta":
		c.cite(rawjson.Get(v, "citation"))
	}
}

func (r *reader) text(c *content, s string) {
	if s == "" || c.kind != "text" {
		return
	}
	if c.block < 0 {
		c.block = r.NextBlock()
	}
	r.answered = true
	r.written += utf8.RuneCountInString(s)
	r.Put(llm.TextDelta{Block: c.block, Text: s})
}

func (r *reader) thought(c *content, s, signature string) {
	if s == "" && signature == "" || c.kind != "thinking" {
		return
	}
	if c.block < 0 {
		c.block = r.NextBlock()
	}
	if !r.answered && r.thoughts.Len() < maxThoughts {
		r.thoughts.WriteString(s)
	}
	d := llm.ThoughtDelta{Block: c.block, Text: s}
	if signature != "" {
		d.Signature, d.Minter = signature, minter
	}
	r.Put(d)
}

func (r *reader) arguments(c *content, s string) {
	if s == "" || c.kind != "tool_use" {
		return
	}
	c.wrote = true
	r.Put(llm.ToolCallDelta{Block: c.block, Arguments: s})
}

// cite keeps a source that has an address; places in the client's own documents
// have no name in other protocols.
func (c *content) cite(v []byte) {
	if url := rawjson.Text(rawjson.Get(v, "url")); url != "" {
		c.cited = append(c.cited, llm.Citation{URL: url, Title: rawjson.Text(rawjson.Get(v, "title"))})
	}
}

// close ends a block. A call whose arguments came whole, or that has none, gets
// them now.
func (r *reader) close(index int) {
	c := r.open[index]
	if c == nil {
		return
	}
	delete(r.open, index)
	for _, cited := range c.cited {
		cited.Start, cited.End = c.from, r.written
		r.citations = append(r.citations, cited)
	}
	if c.kind != "tool_use" || c.wrote {
		return
	}
	if len(c.input) == 0 || c.input[0] != '{' {
		c.input = []byte("{}")
	}
	r.arguments(c, string(c.input))
}

func (r *reader) finish(delta []byte) {
	if s := rawjson.Text(rawjson.Get(delta, "stop_reason")); s != "" {
		r.stop = s
	}
	if v := rawjson.Get(delta, "stop_details"); !rawjson.IsNull(v) {
		r.details = bytes.Clone(v)
	}
}

// End reads the end of the body.
func (r *reader) End() *llm.Error {
	if !r.stopped && r.stop == "" {
		return answer.Cut()
	}
	reason := reasonOf(r.stop)
	if reason == llm.ReasonStop && r.calls > 0 {
		reason = llm.ReasonToolCalls
	}
	if !r.answered {
		if reason == llm.ReasonContent || r.thoughts.Len() == 0 {
			return r.empty(reason)
		}
		// Thoughts alone are better read than nothing (B38).
		r.Put(llm.TextDelta{Block: r.NextBlock(), Text: r.thoughts.String()})
	}
	r.Put(llm.Finish{Reason: reason, Usage: r.usage, Citations: r.citations})
	return nil
}

// empty says why there is nothing to read.
func (r *reader) empty(reason llm.Reason) *llm.Error {
	err := answer.Empty(reason)
	if s := rawjson.Text(rawjson.Get(r.details, "explanation")); s != "" {
		err.Message = "the model refused: " + answer.Excerpt(s)
	}
	return err
}

// Whole reads an answer that is one JSON object.
func (r *reader) Whole(data []byte) *llm.Error {
	if !rawjson.Valid(data) {
		return answer.Unexpected("half a JSON object", wanted, nil)
	}
	list := rawjson.Get(data, "content")
	if rawjson.Text(rawjson.Get(data, "type")) == "error" || list == nil {
		if v := rawjson.Get(data, "error"); !rawjson.IsNull(v) || rawjson.Get(data, "message") != nil {
			return faultIn(data)
		}
		return answer.Unexpected("JSON without content", wanted, nil)
	}
	r.begin(data)
	n := 0
	for _, v := range rawjson.Elements(list) {
		if err := r.start(n, v); err != nil {
			return err
		}
		for _, cited := range rawjson.Elements(rawjson.Get(v, "citations")) {
			r.open[n].cite(cited)
		}
		r.close(n)
		n++
	}
	r.finish(data)
	r.stopped = true
	return r.End()
}

// reasonOf maps a stop reason. An answer that a service merely paused is one
// that the client may go on with.
func reasonOf(stop string) llm.Reason {
	switch stop {
	case "max_tokens", "model_context_window_exceeded":
		return llm.ReasonLength
	case "tool_use":
		return llm.ReasonToolCalls
	case "refusal":
		return llm.ReasonContent
	default: // end_turn, stop_sequence, pause_turn
		return llm.ReasonStop
	}
}
