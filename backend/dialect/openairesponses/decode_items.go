package openairesponses

import (
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// conversation reads the instructions, what came before and the input.
func (d *decoder) conversation() {
	if d.Err != nil {
		return
	}
	if rawjson.IsText(d.instructions) {
		d.add(llm.Message{Role: llm.RoleSystem, Parts: []llm.Part{d.Words(d.instructions)}})
	} else if d.instructions != nil && d.instructions[0] != '[' {
		d.Refuse("instructions", "instructions must be a string")
	}
	var list []item
	for raw, answered := range d.before {
		list = append(list, read(raw, "previous_response_id", answered))
	}
	for _, raw := range rawjson.Elements(d.instructions) {
		list = append(list, read(raw, "instructions", false))
	}
	i := 0
	for _, raw := range rawjson.Elements(d.input) {
		list = append(list, read(raw, place(i), false))
		i++
	}
	for _, it := range list {
		if it.result() {
			d.results[it.callID] = true
		}
	}
	for _, it := range list {
		if d.Err != nil {
			return
		}
		d.item(it)
	}
	if rawjson.IsText(d.input) {
		d.add(llm.Message{Role: llm.RoleUser, Parts: []llm.Part{d.Words(d.input)}})
	}
	d.flush()
	if d.bare {
		d.Warn("input", "dropped the ids and states of items in")
	}
}

// item is one of the input, looked at from outside.
type item struct {
	kind   string
	at     string
	callID string
	raw    []byte
	// answered says that it is from an answer that was kept here.
	answered bool
}

func read(raw []byte, at string, answered bool) item {
	it := item{raw: raw, at: at, answered: answered}
	for m := range rawjson.Inside(raw) {
		switch string(m.Key) {
		case "type":
			it.kind = rawjson.Text(m.Value)
		case "call_id":
			it.callID = rawjson.Text(m.Value)
		}
	}
	if it.kind == "" && rawjson.Get(raw, "role") != nil {
		it.kind = "message"
	}
	return it
}

// result says that the item is what a tool returned.
func (it item) result() bool {
	return it.callID != "" && (strings.HasSuffix(it.kind, "_call_output") || it.kind == "tool_search_output")
}

func (d *decoder) item(it item) {
	if len(it.raw) == 0 || it.raw[0] != '{' {
		d.Refuse(it.at, it.at+" must be an object")
		return
	}
	switch it.kind {
	case "message":
		d.message(it)
	case "reasoning":
		d.thought(it)
	case "function_call", "custom_tool_call":
		d.call(it)
	case "function_call_output", "custom_tool_call_output":
		d.output(it, rawjson.Get(it.raw, "output"))
	case "additional_tools":
		d.more(it)
	case "item_reference":
		d.reference(it)
	case "":
		d.Refuse(it.at+".type", it.at+".type is missing")
	default:
		d.rare(it)
	}
}

// rare reads the items of tools that have item types of their own.
func (d *decoder) rare(it item) {
	for _, k := range clientTools() {
		switch it.kind {
		case k.call:
			d.ownCall(it, k)
			return
		case k.output:
			d.ownOutput(it, k)
			return
		}
	}
	// What a service's own tool did can be understood by its maker alone.
	if it.result() {
		d.Fail(request.Unsupported(it.at, it.at+" is a "+clip(it.kind)+", which only a service with that tool understands"))
		return
	}
	d.assistant().Parts = append(d.assistant().Parts, llm.Opaque{Minter: minter, Value: it.raw})
}

// message reads what somebody said.
func (d *decoder) message(it item) {
	var role string
	var content []byte
	var extra []llm.Field
	for m := range rawjson.Inside(it.raw) {
		switch k := string(m.Key); k {
		case "type":
		case "role":
			role = d.Text(it.at+".role", m.Value)
		case "content":
			content = m.Value
		case "id", "status":
			d.bare = d.bare || !it.answered
		default:
			extra = append(extra, llm.Field{Name: k, Value: m.Value})
		}
	}
	m := llm.Message{Parts: d.content(it.at+".content", content), Extra: extra}
	switch role {
	case "user", "system", "developer":
		m.Role = llm.Role(role)
	case "assistant":
		d.spoken(m)
		return
	default:
		d.Refuse(it.at+".role", it.at+".role is '"+clip(role)+"'; use user, assistant, system or developer")
		return
	}
	d.add(m)
}

// spoken adds what the model said to its turn, or begins one: thinking stands
// before it, calls behind it, and a turn has one text.
func (d *decoder) spoken(m llm.Message) {
	turn := d.assistant()
	for _, p := range turn.Parts {
		switch p.(type) {
		case llm.Thought, llm.ToolCall, llm.Opaque:
			continue
		case llm.Text, llm.Image, llm.Audio, llm.File, llm.Refusal, llm.ToolResult:
		}
		d.add(llm.Message{Role: llm.RoleAssistant})
		turn = d.assistant()
		break
	}
	turn.Parts = append(turn.Parts, m.Parts...)
	turn.Extra = append(turn.Extra, m.Extra...)
}

// assistant is the model's turn that goes on here.
func (d *decoder) assistant() *llm.Message {
	if n := len(d.Req.Messages); n == 0 || d.Req.Messages[n-1].Role != llm.RoleAssistant {
		d.Req.Messages = append(d.Req.Messages, llm.Message{Role: llm.RoleAssistant})
	}
	return &d.Req.Messages[len(d.Req.Messages)-1]
}

// add adds a message. One between a call and its result has to wait: most
// protocols want a result right behind its call.
func (d *decoder) add(m llm.Message) {
	if len(d.waiting) > 0 && m.Role != llm.RoleAssistant {
		d.later = append(d.later, m)
		return
	}
	d.Req.Messages = append(d.Req.Messages, m)
}

// flush adds what had to wait.
func (d *decoder) flush() {
	d.waiting = nil
	d.Req.Messages = append(d.Req.Messages, d.later...)
	d.later = nil
}

// thought reads the model's thinking. Without its text and without a signature
// there is nothing in it for anybody but the service that keeps it.
func (d *decoder) thought(it item) {
	var t llm.Thought
	var texts []string
	for m := range rawjson.Inside(it.raw) {
		switch string(m.Key) {
		case "summary", "content":
			for _, p := range rawjson.Elements(m.Value) {
				if s := rawjson.Text(rawjson.Get(p, "text")); s != "" && !slices.Contains(texts, s) {
					texts = append(texts, s)
				}
			}
		case "encrypted_content":
			t.Signature, t.Minter = unseal(rawjson.Text(m.Value))
		case "id", "status":
			d.bare = d.bare || !it.answered
		}
	}
	t.Text = strings.Join(texts, "\n\n")
	if t.Text == "" && t.Signature == "" {
		d.Warn(it.at, "dropped")
		return
	}
	turn := d.assistant()
	turn.Parts = append(turn.Parts, t)
}

// call reads a call of a function, or of a tool that takes free text.
func (d *decoder) call(it item) {
	var c llm.ToolCall
	var space string
	c.Custom = it.kind == "custom_tool_call"
	for m := range rawjson.Inside(it.raw) {
		switch k := string(m.Key); k {
		case "type", "call_id":
		case "name":
			c.Name = d.Text(it.at+".name", m.Value)
		case "namespace":
			space = rawjson.Text(m.Value)
		case "arguments", "input":
			c.Arguments = rawjson.Loose(m.Value)
		case "id", "status":
			d.bare = d.bare || !it.answered
		default:
			c.Extra = append(c.Extra, llm.Field{Name: k, Value: m.Value})
		}
	}
	if c.Name == "" {
		d.Refuse(it.at+".name", it.at+".name is missing")
	}
	c.Name = d.wire(tool{space: space, name: c.Name})
	d.callTool(it, c)
}

// callTool adds a call to the model's turn.
func (d *decoder) callTool(it item, c llm.ToolCall) {
	if it.callID == "" {
		d.Refuse(it.at+".call_id", it.at+".call_id is missing")
		return
	}
	c.ID = it.callID
	d.called[c.ID] = true
	if d.results[c.ID] && !slices.Contains(d.waiting, c.ID) {
		d.waiting = append(d.waiting, c.ID)
	}
	turn := d.assistant()
	turn.Parts = append(turn.Parts, c)
}

// output reads what a tool returned.
func (d *decoder) output(it item, v []byte) {
	r := llm.ToolResult{CallID: it.callID}
	switch {
	case it.callID == "":
		d.Refuse(it.at+".call_id", it.at+".call_id is missing")
		return
	case rawjson.IsText(v):
		r.Parts = []llm.Part{d.Words(v)}
	case len(v) > 0 && v[0] == '[':
		r.Parts = d.content(it.at+".output", v)
	case !rawjson.IsNull(v):
		r.Parts = []llm.Part{llm.Text{Text: string(v)}}
	}
	for m := range rawjson.Inside(it.raw) {
		switch k := string(m.Key); k {
		case "type", "call_id", "output", "name", "namespace":
		case "id", "status":
			d.bare = d.bare || !it.answered
		default:
			d.Warn(it.at+"."+k, "dropped")
		}
	}
	d.returned(it, r)
}

// returned adds a result, and behind the last of a turn what had to wait.
func (d *decoder) returned(it item, r llm.ToolResult) {
	if !d.called[r.CallID] {
		d.Refuse(it.at, "No tool call found for function call output with call_id "+clip(r.CallID)+"; send the call before its output, or go on from its response with previous_response_id")
		return
	}
	d.Req.Messages = append(d.Req.Messages, llm.Message{Role: llm.RoleTool, Parts: []llm.Part{r}})
	d.waiting = slices.DeleteFunc(d.waiting, func(id string) bool { return id == r.CallID })
	if len(d.waiting) == 0 {
		d.flush()
	}
}

// reference finds an item of the conversation so far, which is there already.
func (d *decoder) reference(it item) {
	id := rawjson.Text(rawjson.Get(it.raw, "id"))
	for raw := range d.before {
		if rawjson.Text(rawjson.Get(raw, "id")) == id && id != "" {
			d.Warn(it.at, "dropped, for the conversation has it already:")
			return
		}
	}
	d.Refuse(it.at, "Item with id '"+clip(id)+"' not found: items are known here as a part of the response that previous_response_id names; send the item itself")
}
