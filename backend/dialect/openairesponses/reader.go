package openairesponses

import (
	"bytes"
	"io"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// wanted is what an answer should have been.
const wanted = "a response"

// maxThoughts is how much thinking is kept for the case that nothing else comes.
const maxThoughts = 1 << 20

// DecodeReply reads a streamed or a whole answer; the first byte says which of
// the two it is (B27).
func (u Upstream) DecodeReply(_ string, body io.Reader) llm.Stream {
	return answer.Stream(body, wanted, func() answer.Reader { return newReader(u) })
}

// reader turns the events of one answer into ours.
type reader struct {
	upstream Upstream
	queue    answer.Queue
	items    map[int]*incoming
	// answered says that there was text, a refusal, a picture or a call.
	answered  bool
	called    bool
	thoughts  strings.Builder
	citations []llm.Citation
	done      bool
}

// incoming is an item of the output on its way.
type incoming struct {
	kind  string
	begun bool
	// block is that of a call or of a thought; texts are those of a message's
	// parts, by their index.
	block int
	texts map[int]int
	// sent says that pieces of its text, or of its arguments, have come.
	sent bool
	// part is the summary's part that was written last.
	part int
}

func newReader(u Upstream) *reader { return &reader{upstream: u, items: map[int]*incoming{}} }

// Done says that nothing that follows matters.
func (r *reader) Done() bool { return r.done }

// Take gives what was read.
func (r *reader) Take() []llm.Event { return r.queue.Take() }

// End reads the end of the events (B23a).
func (r *reader) End() *llm.Error {
	if r.done {
		return nil
	}
	return answer.Cut()
}

// Event reads one event of a stream.
func (r *reader) Event(e sse.Event) *llm.Error {
	data := bytes.TrimSpace(e.Data)
	if len(data) == 0 || string(data) == "[DONE]" {
		return nil
	}
	if !rawjson.Valid(data) || data[0] != '{' {
		return answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(data))+")", wanted, nil)
	}
	f := fields(data)
	if f.kind == "" {
		f.kind = string(e.Type)
	}
	return r.event(f, data)
}

// event is what the codec looks at in one event.
type event struct {
	kind                     string
	response, item, part     []byte
	delta, text, annotation  []byte
	logprobs                 []byte
	output, content, summary int
}

func fields(data []byte) event {
	var f event
	for m := range rawjson.Inside(data) {
		switch string(m.Key) {
		case "type":
			f.kind = rawjson.Text(m.Value)
		case "response":
			f.response = m.Value
		case "item":
			f.item = m.Value
		case "part":
			f.part = m.Value
		case "delta":
			f.delta = m.Value
		case "text", "arguments", "input", "refusal":
			f.text = m.Value
		case "annotation":
			f.annotation = m.Value
		case "logprobs":
			f.logprobs = m.Value
		case "output_index":
			f.output, _ = rawjson.Int(m.Value)
		case "content_index":
			f.content, _ = rawjson.Int(m.Value)
		case "summary_index":
			f.summary, _ = rawjson.Int(m.Value)
		}
	}
	return f
}

func (r *reader) event(f event, data []byte) *llm.Error {
	switch f.kind {
	case "response.created", "response.in_progress", "response.queued":
		r.identify(f.response)
	case "response.output_item.added":
		r.begin(f.output, f.item)
	case "response.output_text.delta", "response.refusal.delta":
		r.say(f, rawjson.Text(f.delta))
	case "response.output_text.done", "response.refusal.done":
		if it := r.item(f.output); !it.spoke(f.content) {
			r.say(f, rawjson.Text(f.text))
		}
	case "response.reasoning_summary_text.delta", "response.reasoning_text.delta", "response.reasoning_summary.delta", "response.reasoning.delta":
		r.think(f, rawjson.Text(f.delta))
	case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
		r.argue(f.output, rawjson.Text(f.delta))
	case "response.output_text.annotation.added":
		r.cite(f.annotation)
	case "response.output_item.done":
		r.end(f.output, f.item)
	case "response.completed", "response.incomplete", "response.failed", "response.cancelled", "response.done":
		return r.conclude(f.response)
	case "error":
		return r.upstream.fault(data)
	case "":
		if v := rawjson.Get(data, "error"); !rawjson.IsNull(v) {
			return r.upstream.fault(data)
		}
	}
	return nil
}

func (r *reader) identify(response []byte) {
	s := &r.queue.Start
	for m := range rawjson.Inside(response) {
		switch string(m.Key) {
		case "id":
			s.ID = rawjson.Text(m.Value)
		case "model":
			s.Model = rawjson.Text(m.Value)
		case "created_at":
			if f, ok := rawjson.Float(m.Value); ok {
				s.Created = int64(f)
			}
		}
	}
}

// Whole reads an answer that is one JSON value.
func (r *reader) Whole(data []byte) *llm.Error {
	if !rawjson.Valid(data) || data[0] != '{' {
		return answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(data))+")", wanted, nil)
	}
	if rawjson.Get(data, "output") == nil && rawjson.Get(data, "status") == nil {
		if v := rawjson.Get(data, "error"); !rawjson.IsNull(v) {
			return r.upstream.fault(data)
		}
		return answer.Unexpected("an object without output", wanted, nil)
	}
	r.identify(data)
	return r.conclude(data)
}

// item is the one of that index.
func (r *reader) item(index int) *incoming {
	it := r.items[index]
	if it == nil {
		it = &incoming{texts: map[int]int{}}
		r.items[index] = it
	}
	return it
}

func (it *incoming) spoke(part int) bool {
	_, ok := it.texts[part]
	return ok
}

// begin opens an item. A call is known by its name from the start.
func (r *reader) begin(index int, raw []byte) {
	it := r.item(index)
	if it.kind == "" {
		it.kind = rawjson.Text(rawjson.Get(raw, "type"))
	}
	if it.begun || it.kind != "function_call" && it.kind != "custom_tool_call" {
		return
	}
	name := rawjson.Text(rawjson.Get(raw, "name"))
	if name == "" {
		return
	}
	if space := rawjson.Text(rawjson.Get(raw, "namespace")); space != "" {
		name = strings.TrimSuffix(space, "__") + "__" + name
	}
	id := rawjson.Text(rawjson.Get(raw, "call_id"))
	if id == "" {
		id = newID("call_")
	}
	it.begun, it.block = true, r.queue.NextBlock()
	r.answered, r.called = true, true
	r.queue.Put(llm.ToolCallStart{Block: it.block, ID: id, Name: name, Custom: it.kind == "custom_tool_call"})
}

// say puts a piece of a message's text, or of its refusal.
func (r *reader) say(f event, text string) {
	it := r.item(f.output)
	if text == "" {
		return
	}
	block, ok := it.texts[f.content]
	if !ok {
		block = r.queue.NextBlock()
		it.texts[f.content] = block
	}
	it.sent, r.answered = true, true
	if strings.HasPrefix(f.kind, "response.refusal") {
		r.queue.Put(llm.RefusalDelta{Block: block, Text: text})
		return
	}
	d := llm.TextDelta{Block: block, Text: text}
	if len(f.logprobs) > 0 && f.logprobs[0] == '[' && !rawjson.EmptyList(f.logprobs) {
		d.Logprobs = append(append(llm.RawJSON(`{"content":`), f.logprobs...), '}')
	}
	r.queue.Put(d)
}

// think puts a piece of the thinking; the parts of a summary are paragraphs.
func (r *reader) think(f event, text string) {
	it := r.item(f.output)
	if text == "" {
		return
	}
	if !it.begun {
		it.begun, it.block = true, r.queue.NextBlock()
	} else if f.summary != it.part {
		text = "\n\n" + text
	}
	it.sent, it.part = true, f.summary
	r.ponder([]byte(text))
	r.queue.Put(llm.ThoughtDelta{Block: it.block, Text: text})
}

// ponder keeps thinking for the case that nothing else comes.
func (r *reader) ponder(text []byte) {
	if r.thoughts.Len() < maxThoughts {
		r.thoughts.Write(text)
	}
}

func (r *reader) argue(index int, text string) {
	if it := r.item(index); it.begun && text != "" {
		it.sent = true
		r.queue.Put(llm.ToolCallDelta{Block: it.block, Arguments: text})
	}
}

// end reads an item that is whole: what did not come in pieces, and what only
// the whole has.
func (r *reader) end(index int, raw []byte) {
	r.begin(index, raw)
	it := r.item(index)
	switch it.kind {
	case "message":
		r.endMessage(index, it, raw)
	case "reasoning":
		r.endThought(index, it, raw)
	case "function_call":
		if !it.sent {
			r.argue(index, rawjson.Loose(rawjson.Get(raw, "arguments")))
		}
	case "custom_tool_call":
		if !it.sent {
			r.argue(index, rawjson.Loose(rawjson.Get(raw, "input")))
		}
	case "image_generation_call":
		if data := rawjson.Text(rawjson.Get(raw, "result")); data != "" && !it.sent {
			it.sent, r.answered = true, true
			mime := rawjson.Text(rawjson.Get(raw, "output_format"))
			if mime == "" {
				mime = "png"
			}
			r.queue.Put(llm.ImageDelta{Block: r.queue.NextBlock(), MIME: "image/" + mime, Data: data})
		}
	}
}

func (r *reader) endMessage(index int, it *incoming, raw []byte) {
	i := 0
	for _, p := range rawjson.Elements(rawjson.Get(raw, "content")) {
		f := event{output: index, content: i, logprobs: rawjson.Get(p, "logprobs"), kind: "response.output_text"}
		text := rawjson.Get(p, "text")
		if rawjson.Text(rawjson.Get(p, "type")) == "refusal" {
			f.kind, text = "response.refusal", rawjson.Get(p, "refusal")
		}
		if !it.spoke(i) {
			r.say(f, rawjson.Text(text))
			for _, a := range rawjson.Elements(rawjson.Get(p, "annotations")) {
				r.cite(a)
			}
		}
		i++
	}
}

func (r *reader) endThought(index int, it *incoming, raw []byte) {
	if !it.sent {
		for _, name := range [...]string{"summary", "content"} {
			i := 0
			for _, p := range rawjson.Elements(rawjson.Get(raw, name)) {
				r.think(event{output: index, summary: i}, rawjson.Text(rawjson.Get(p, "text")))
				i++
			}
			if it.sent {
				break
			}
		}
	}
	if content := rawjson.Text(rawjson.Get(raw, "encrypted_content")); content != "" {
		if !it.begun {
			it.begun, it.block = true, r.queue.NextBlock()
		}
		signature, by := unseal(content)
		r.queue.Put(llm.ThoughtDelta{Block: it.block, Signature: signature, Minter: by})
	}
}

func (r *reader) cite(a []byte) {
	if rawjson.Text(rawjson.Get(a, "type")) != "url_citation" {
		return
	}
	c := llm.Citation{URL: rawjson.Text(rawjson.Get(a, "url")), Title: rawjson.Text(rawjson.Get(a, "title"))}
	c.Start, _ = rawjson.Int(rawjson.Get(a, "start_index"))
	c.End, _ = rawjson.Int(rawjson.Get(a, "end_index"))
	r.citations = append(r.citations, c)
}

// conclude reads the response at its end, with the items that nobody has sent
// before.
func (r *reader) conclude(response []byte) *llm.Error {
	end, err := r.upstream.ending(response)
	if err != nil {
		return err
	}
	if r.queue.Start.Model == "" {
		r.identify(response)
	}
	i := 0
	for _, raw := range rawjson.Elements(rawjson.Get(response, "output")) {
		if it := r.items[i]; it == nil || !it.sent && len(it.texts) == 0 {
			r.end(i, raw)
		}
		i++
	}
	if !r.answered {
		if r.thoughts.Len() == 0 || end.Reason != llm.ReasonStop {
			return answer.Empty(end.Reason)
		}
		r.queue.Put(llm.TextDelta{Block: r.queue.NextBlock(), Text: r.thoughts.String()})
	}
	if r.called && end.Reason == llm.ReasonStop {
		end.Reason = llm.ReasonToolCalls
	}
	end.Citations = r.citations
	r.queue.Put(end)
	r.done = true
	return nil
}

// ending is how a response ended.
func (u Upstream) ending(response []byte) (llm.Finish, *llm.Error) {
	end := llm.Finish{Reason: llm.ReasonStop}
	var state, why string
	for m := range rawjson.Inside(response) {
		switch string(m.Key) {
		case "status":
			state = rawjson.Text(m.Value)
		case "incomplete_details":
			why = rawjson.Text(rawjson.Get(m.Value, "reason"))
		case "usage":
			if m.Value[0] == '{' {
				end.Usage = usageOf(m.Value)
			}
		}
	}
	switch state {
	case "failed", "cancelled":
		return end, u.fault(response)
	case "incomplete":
		end.Reason = llm.ReasonLength
		if why == "content_filter" {
			end.Reason = llm.ReasonContent
		}
	}
	return end, nil
}

func usageOf(raw []byte) llm.Usage {
	u := llm.Usage{Known: true}
	for m := range rawjson.Inside(raw) {
		n, _ := rawjson.Int(m.Value)
		switch string(m.Key) {
		case "input_tokens":
			u.Input = n
		case "output_tokens":
			u.Output = n
		case "input_tokens_details":
			u.Cached = count(m.Value, "cached_tokens")
			u.CacheWrite = count(m.Value, "cache_write_tokens")
		case "output_tokens_details":
			u.Reasoning = count(m.Value, "reasoning_tokens")
		}
	}
	return u
}

func count(object []byte, name string) int {
	n, _ := rawjson.Int(rawjson.Get(object, name))
	return n
}
