package anthropic

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// begin passes the message on under the name that the client asked for (B46),
// with what clients cannot do without.
func (t *tap) begin(e sse.Event, data []byte) {
	t.begun = true
	message := memberOf(data, "message")
	t.usage = merge(t.usage, rawjson.Get(message.Value, "usage"))
	t.seen.Usage = t.usage
	var edits []carriage.Edit
	for _, f := range [...]struct{ name, value string }{
		{"id", ""}, {"type", `"message"`}, {"role", `"assistant"`}, {"model", ""}, {"content", "[]"}, {"usage", `{"input_tokens":0,"output_tokens":0}`},
	} {
		m := memberOf(message.Value, f.name)
		value := []byte(f.value)
		switch f.name {
		case "model":
			t.seen.Model = rawjson.Text(m.Value)
			value = rawjson.AppendString(nil, t.asked)
			if m.Value != nil && t.seen.Model != t.asked {
				edits = append(edits, carriage.Replace(message.At, m, value))
			}
		case "id":
			value = rawjson.AppendString(nil, messagePrefix+rand.Text())
		}
		if m.Value == nil && len(message.Value) > len("{}") {
			t.note("message", "completed")
			edits = append(edits, carriage.Add(message.At, f.name, value))
		}
	}
	if len(edits) == 0 {
		t.send(e, "message_start", nil)
		return
	}
	t.send(e, "message_start", carriage.Splice(nil, data, edits))
}

// unbegun opens an answer whose service did not.
func (t *tap) unbegun() {
	if t.begun {
		return
	}
	t.begun = true
	t.note("message_start", "added")
	w := streamWriter{model: t.asked, tokens: tokensOf(t.head)}
	w.begin(llm.Start{})
	t.held = append(w.out, t.held...)
}

// memberOf is a member of an object with its place.
func memberOf(object []byte, name string) rawjson.Member {
	for m := range rawjson.Inside(object) {
		if string(m.Key) == name {
			return m
		}
	}
	return rawjson.Member{}
}

// start opens a block.
func (t *tap) start(e sse.Event, data []byte) *llm.Error {
	index := indexOf(data)
	v := memberOf(data, "content_block")
	b := &tapBlock{kind: rawjson.Text(rawjson.Get(v.Value, "type"))}
	t.open[index] = b
	t.next = max(t.next, index+1)
	switch b.kind {
	case kindText:
		t.text(rawjson.Get(v.Value, "text"))
	case kindThinking:
		t.thought(rawjson.Get(v.Value, "thinking"))
	case "redacted_thinking":
	case kindCall:
		mended, err := t.call(b, v)
		if err != nil {
			return err
		}
		if mended != nil {
			t.send(e, "content_block_start", carriage.Splice(nil, data, mended))
			return nil
		}
	default: // what a service's own tools do is an answer too
		t.answered = true
		t.token()
	}
	t.send(e, "content_block_start", nil)
	return nil
}

// text notes that there is something to read.
func (t *tap) text(v []byte) {
	if len(v) > len(`""`) {
		t.answered = true
		t.token()
	}
}

// thought keeps thinking for the case that nothing else comes.
func (t *tap) thought(v []byte) {
	if len(v) <= len(`""`) {
		return
	}
	t.think(rawjson.Inner(v))
	t.token()
}

func (t *tap) think(inner []byte) {
	if !t.answered && len(t.thoughts) < maxThoughts {
		t.thoughts = append(t.thoughts, inner...)
	}
}

// call opens a call, and says how its beginning has to be mended: clients want
// an id of its own, and the arguments in pieces behind it.
func (t *tap) call(b *tapBlock, v rawjson.Member) ([]carriage.Edit, *llm.Error) {
	if rawjson.Text(rawjson.Get(v.Value, "name")) == "" {
		return nil, &llm.Error{Kind: llm.KindProtocol, Message: "the upstream called a tool without naming it"}
	}
	var edits []carriage.Edit
	put := func(name string, m rawjson.Member, with []byte) {
		if m.Value == nil {
			edits = append(edits, carriage.Add(v.At, name, with))
			return
		}
		edits = append(edits, carriage.Replace(v.At, m, with))
	}
	id := memberOf(v.Value, "id")
	name := rawjson.Text(id.Value)
	if name == "" || t.ids[name] {
		name = newCallID()
		put("id", id, rawjson.AppendString(nil, name))
		t.note("content_block.id", "renamed")
	}
	t.ids[name] = true
	if input := memberOf(v.Value, "input"); input.Value == nil || string(bytes.TrimSpace(input.Value)) != "{}" {
		if len(input.Value) > 0 && input.Value[0] == '{' {
			b.input = bytes.Clone(input.Value)
			t.note("content_block.input", "moved to the pieces of")
		}
		put("input", input, []byte("{}"))
	}
	t.calls++
	t.answered = true
	t.token()
	return edits, nil
}

// delta goes on with a block, which it opens where its service forgot to.
func (t *tap) delta(e sse.Event, data []byte) {
	index := indexOf(data)
	v := rawjson.Get(data, "delta")
	kind := rawjson.Text(rawjson.Get(v, "type"))
	b := t.open[index]
	if b == nil {
		b = &tapBlock{kind: kindText}
		block := `{"type":"text","text":""}`
		if kind == "thinking_delta" || kind == "signature_delta" {
			b.kind, block = kindThinking, `{"type":"thinking","thinking":"","signature":""}`
		}
		t.open[index] = b
		t.next = max(t.next, index+1)
		t.note("content_block_start", "added")
		t.emit("content_block_start", `"index":`+strconv.Itoa(index)+`,"content_block":`+block)
	}
	switch {
	case kind == "text_delta" && b.kind == kindText:
		t.text(rawjson.Get(v, "text"))
	case kind == "thinking_delta" && b.kind == kindThinking:
		t.thought(rawjson.Get(v, "thinking"))
	case kind == "input_json_delta" && b.kind == kindCall:
		b.wrote = b.wrote || len(rawjson.Get(v, "partial_json")) > len(`""`)
	}
	t.send(e, "content_block_delta", nil)
	t.learn(e, kind, b)
}

// end closes a block. Arguments that came whole are given in a piece before.
func (t *tap) end(e sse.Event, data []byte) {
	index := indexOf(data)
	b := t.open[index]
	if b == nil {
		t.note("content_block_stop", "dropped")
		return
	}
	t.arguments(index, b)
	delete(t.open, index)
	t.send(e, "content_block_stop", nil)
}

func (t *tap) arguments(index int, b *tapBlock) {
	if b.input != nil && !b.wrote {
		t.emit("content_block_delta", `"index":`+strconv.Itoa(index)+`,"delta":{"type":"input_json_delta","partial_json":`+
			string(rawjson.AppendString(nil, b.input))+`}`)
	}
}

// finish reads why the answer ended. What is missing up to here is added.
func (t *tap) finish(e sse.Event, data []byte) *llm.Error {
	t.usage = merge(t.usage, rawjson.Get(data, "usage"))
	t.seen.Usage = t.usage
	change := memberOf(data, "delta")
	reason := memberOf(change.Value, "stop_reason")
	if v := rawjson.Get(change.Value, "stop_details"); !rawjson.IsNull(v) {
		t.details = bytes.Clone(v)
	}
	stop := rawjson.Text(reason.Value)
	if stop == "" { // a count of what there is so far
		t.send(e, "message_delta", nil)
		return nil
	}
	t.stop = stop
	if err := t.settle(); err != nil {
		return err
	}
	t.ended = true
	if t.calls > 0 && endsEarly(stop) {
		t.note("stop_reason", "replaced "+stop+" by tool_use in")
		t.seen.Reason = llm.ReasonToolCalls
		t.send(e, "message_delta", carriage.Splice(nil, data, []carriage.Edit{carriage.Replace(change.At, reason, []byte(`"tool_use"`))}))
		return nil
	}
	t.send(e, "message_delta", nil)
	return nil
}

// settle closes what is open and makes sure that there is something to read.
func (t *tap) settle() *llm.Error {
	t.seen.Reason = reasonOf(t.stop)
	for _, index := range t.unclosed() {
		t.arguments(index, t.open[index])
		t.note("content_block_stop", "added")
		t.emit("content_block_stop", `"index":`+strconv.Itoa(index))
		delete(t.open, index)
	}
	if t.answered {
		return nil
	}
	if t.seen.Reason == llm.ReasonContent || len(t.thoughts) == 0 {
		return (&reader{details: t.details}).empty(t.seen.Reason)
	}
	// Thoughts alone are better read than nothing (B38).
	t.answered = true
	t.note("content", "repeated the thoughts as the")
	at := `"index":` + strconv.Itoa(t.next)
	t.emit("content_block_start", at+`,"content_block":{"type":"text","text":""}`)
	t.emit("content_block_delta", at+`,"delta":{"type":"text_delta","text":"`+string(t.thoughts)+`"}`)
	t.emit("content_block_stop", at)
	return nil
}

func (t *tap) unclosed() []int {
	list := make([]int, 0, len(t.open))
	for index := range t.open {
		list = append(list, index)
	}
	slices.Sort(list)
	return list
}

// close ends the answer with the event that did so, or with one of our own.
func (t *tap) close(e *sse.Event) *llm.Error {
	if !t.ended {
		reason := "end_turn"
		if t.calls > 0 {
			reason = "tool_use"
		}
		t.stop = reason
		if err := t.settle(); err != nil {
			return err
		}
		t.note("message_delta", "added")
		t.emit("message_delta", `"delta":{"stop_reason":"`+reason+`","stop_sequence":null},"usage":`+string(usageObject(t.usage, true)))
	}
	if !t.seen.Token {
		return answer.Empty(t.seen.Reason)
	}
	if e == nil {
		t.out = append(t.out, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"...)
	} else {
		t.send(*e, "message_stop", nil)
	}
	t.seen.Closed = true
	return nil
}
