package ollama

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeRequest reads a conversation.
func (Chat) DecodeRequest(h dialect.Head, raw []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	d := newDecoder(h)
	for m := range rawjson.Inside(raw) {
		switch name := string(m.Key); name {
		case "messages":
			for i, e := range rawjson.Indexed(m.Value) {
				d.message(i, e)
			}
		case "tools":
			for i, e := range rawjson.Indexed(m.Value) {
				d.tool(i, e)
			}
		default:
			d.common(name, m.Value)
		}
	}
	return d.Done()
}

// DecodeRequest reads a prompt: as text to go on with where it is a template of
// the model's own or has a suffix, else as a question.
func (Generate) DecodeRequest(h dialect.Head, raw []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	d := newDecoder(h)
	question := llm.Message{Role: llm.RoleUser}
	var system llm.Message
	complete := h.Operation == dialect.Complete
	var completion llm.Completion
	for m := range rawjson.Inside(raw) {
		switch name := string(m.Key); name {
		case "prompt":
			completion.Prompt = rawjson.Text(m.Value)
			question.Parts = append([]llm.Part{d.Words(m.Value)}, question.Parts...)
		case "suffix":
			completion.Suffix = rawjson.Text(m.Value)
		case "raw":
			completion.Raw = string(m.Value) == "true"
		case "system":
			if rawjson.IsText(m.Value) && len(m.Value) > len(`""`) {
				system = llm.Message{Role: llm.RoleSystem, Parts: []llm.Part{d.Words(m.Value)}}
			}
		case "images":
			question.Parts = append(question.Parts, images(m.Value)...)
		default: // template and context are about a model that runs here
			d.common(name, m.Value)
		}
	}
	switch {
	case complete:
		if system.Parts != nil {
			d.drop("system")
		}
		if len(question.Parts) > 1 {
			d.drop("images")
		}
		d.Req.Completion = &completion
	default:
		if system.Parts != nil {
			d.Req.Messages = append(d.Req.Messages, system)
		}
		d.Req.Messages = append(d.Req.Messages, question)
	}
	return d.Done()
}

// DecodeRequest is never asked for: vectors are no conversation.
func (Embed) DecodeRequest(h dialect.Head, _ []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	return nil, nil, &llm.Error{Kind: llm.KindUnsupported, Param: "model", Message: h.Model + " is asked for vectors here, not for an answer"}
}

// decoder reads one request. The first fault ends it.
type decoder struct {
	request.Decoder

	// waiting are the calls of the latest step that have no result yet.
	waiting []llm.ToolCall
	answers bool
	names   map[string]string
}

func newDecoder(h dialect.Head) *decoder {
	return &decoder{Decoder: request.New(h, minter), names: map[string]string{}}
}

// drop notes a field that has no place here.
func (d *decoder) drop(field string) {
	d.Warn(field, "dropped")
}

// message reads one message: what it says, then its pictures and calls.
func (d *decoder) message(i int, raw []byte) {
	at := "messages[" + strconv.Itoa(i) + "]"
	if raw[0] != '{' {
		d.Refuse(at, at+" must be an object")
		return
	}
	var m llm.Message
	var thinking string
	var text, calls []byte
	var pictures []llm.Part
	var id, tool string
	for f := range rawjson.Inside(raw) {
		if rawjson.IsNull(f.Value) {
			continue
		}
		switch name := string(f.Key); name {
		case "role":
			m.Role = d.role(at, rawjson.Text(f.Value))
		case "content":
			text = f.Value
		case "thinking":
			thinking = rawjson.Text(f.Value)
		case "images":
			pictures = images(f.Value)
		case "tool_calls":
			calls = f.Value
		case "tool_call_id":
			id = rawjson.Text(f.Value)
		case "tool_name", "name":
			tool = rawjson.Text(f.Value)
		default:
			d.drop(at + "." + name)
		}
	}
	if text != nil && !rawjson.IsText(text) {
		d.Refuse(at+".content", at+".content must be a string")
		return
	}
	var said []llm.Part
	if text != nil && !d.Words(text).Empty() {
		said = append(said, d.Words(text))
	}
	switch m.Role {
	case llm.RoleTool:
		m.Parts = []llm.Part{d.result(at, id, tool, append(said, pictures...))}
	case llm.RoleAssistant:
		if thinking != "" {
			m.Parts = append(m.Parts, llm.Thought{Text: thinking, Minter: minter})
		}
		m.Parts = append(append(m.Parts, said...), pictures...)
		d.calls(at, i, calls, &m)
	case llm.RoleSystem, llm.RoleDeveloper, llm.RoleUser:
		m.Parts = slices.Concat(said, pictures)
	case "":
		d.Refuse(at+".role", at+".role is missing")
	}
	if len(m.Parts) > 0 {
		d.Req.Messages = append(d.Req.Messages, m)
	}
}

func (d *decoder) role(at, role string) llm.Role {
	switch r := llm.Role(role); r {
	case llm.RoleSystem, llm.RoleDeveloper, llm.RoleUser, llm.RoleAssistant, llm.RoleTool:
		return r
	default:
		d.Refuse(at+".role", at+".role is "+strconv.Quote(role)+"; use system, user, assistant or tool")
		return llm.RoleUser
	}
}

// calls reads the calls that the model made. Ollama's older clients keep no ids:
// those get one by their place, which is the same in every turn.
func (d *decoder) calls(at string, message int, list []byte, m *llm.Message) {
	if d.answers {
		d.waiting, d.answers = nil, false
	}
	for j, raw := range rawjson.Indexed(list) {
		place := at + ".tool_calls[" + strconv.Itoa(j) + "]"
		function := rawjson.Get(raw, "function")
		c := llm.ToolCall{
			ID: rawjson.Text(rawjson.Get(raw, "id")), Name: rawjson.Text(rawjson.Get(function, "name")),
			Arguments: arguments(rawjson.Get(function, "arguments")),
		}
		if c.Name == "" {
			d.Refuse(place+".function.name", place+".function.name is missing")
			return
		}
		if _, taken := d.names[c.ID]; taken || c.ID == "" {
			c.ID = "call_" + strconv.Itoa(message) + "_" + strconv.Itoa(j)
		}
		d.names[c.ID] = c.Name
		d.waiting = append(d.waiting, c)
		m.Parts = append(m.Parts, c)
	}
}

// arguments are an object, which some clients send as a text.
func arguments(v []byte) string {
	switch {
	case rawjson.IsNull(v):
		return "{}"
	case rawjson.IsText(v):
		return rawjson.Text(v)
	}
	var out bytes.Buffer
	if json.Compact(&out, v) != nil {
		return string(v)
	}
	return out.String()
}

// result finds the call that a tool's message answers: by id, else by name and
// order (B34).
func (d *decoder) result(at, id, tool string, said []llm.Part) llm.Part {
	d.answers = true
	if name, known := d.names[id]; known {
		d.forget(id)
		return llm.ToolResult{CallID: id, Name: name, Parts: said}
	}
	for _, w := range d.waiting {
		if tool == "" || w.Name == tool {
			d.forget(w.ID)
			return llm.ToolResult{CallID: w.ID, Name: w.Name, Parts: said}
		}
	}
	d.Refuse(at, at+" answers no tool call: none before it waits for "+strconv.Quote(id+tool))
	return llm.ToolResult{}
}

func (d *decoder) forget(id string) {
	for i, w := range d.waiting {
		if w.ID == id {
			d.waiting = append(d.waiting[:i:i], d.waiting[i+1:]...)
			return
		}
	}
}

// images are base64 without a word on what they are, which their first bytes
// tell.
func images(list []byte) []llm.Part {
	var out []llm.Part
	for _, e := range rawjson.Elements(list) {
		data := rawjson.Text(e)
		mime := ""
		if rest, ok := strings.CutPrefix(data, "data:"); ok {
			mime, data, _ = strings.Cut(rest, ";base64,")
		}
		if mime == "" {
			mime = sniff(data)
		}
		out = append(out, llm.Image{MIME: mime, Data: data})
	}
	return out
}

// sniff is the media type of a picture by the beginning of its base64.
func sniff(data string) string {
	for _, known := range [...]struct{ begin, mime string }{
		{"iVBORw0KGgo", "image/png"}, {"/9j/", "image/jpeg"}, {"R0lGOD", "image/gif"}, {"UklGR", "image/webp"}, {"Qk", "image/bmp"},
	} {
		if strings.HasPrefix(data, known.begin) {
			return known.mime
		}
	}
	return "image/png"
}

func (d *decoder) tool(i int, raw []byte) {
	at := "tools[" + strconv.Itoa(i) + "]"
	function := rawjson.Get(raw, "function")
	var t llm.Tool
	for m := range rawjson.Inside(function) {
		switch string(m.Key) {
		case "name":
			t.Name = rawjson.Text(m.Value)
		case "description":
			if !d.Described(&t, m.Value) {
				t.Description = rawjson.Text(m.Value)
			}
		case "parameters":
			if m.Value[0] == '{' {
				t.Parameters = m.Value
			}
		default:
			d.drop(at + ".function." + string(m.Key))
		}
	}
	if t.Name == "" {
		d.Refuse(at+".function.name", at+".function.name is missing")
		return
	}
	d.Req.Tools = append(d.Req.Tools, t)
}
