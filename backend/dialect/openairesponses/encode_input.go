package openairesponses

import (
	"fmt"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// input writes the conversation as items. The system text that opens it goes
// where every service of this protocol looks for it.
func (e *encoder) input() {
	list := e.req.Messages
	if len(list) > 1 && list[0].Role == llm.RoleSystem && len(list[0].Parts) == 1 && len(list[0].Extra) == 0 && list[0].Name == "" {
		if t, ok := list[0].Parts[0].(llm.Text); ok && len(t.Extra) == 0 {
			e.Key("instructions")
			e.Token(t.Raw, t.Text)
			list = list[1:]
		}
	}
	e.Key("input")
	e.Out = append(e.Out, '[')
	for i, m := range list {
		at := fmt.Sprintf("messages[%d]", i+len(e.req.Messages)-len(list))
		if e.own() {
			at = "input"
		}
		if m.Name != "" {
			e.warn(at+".name", "dropped")
		}
		if m.Role == llm.RoleAssistant {
			e.turn(at, m)
			continue
		}
		e.spoken(at, m)
	}
	e.Out = append(e.Out, ']')
}

// spoken writes what is not the model's: results first, as they stand behind
// their calls.
func (e *encoder) spoken(at string, m llm.Message) {
	var parts []llm.Part
	for _, p := range m.Parts {
		if r, ok := p.(llm.ToolResult); ok {
			e.result(at, r)
			continue
		}
		parts = append(parts, p)
	}
	if len(parts) == 0 && len(m.Parts) > 0 {
		return
	}
	role := m.Role
	if role == llm.RoleTool {
		role = llm.RoleUser
	}
	e.message(at, role, parts, m.Extra)
}

func (e *encoder) message(at string, role llm.Role, parts []llm.Part, extra []llm.Field) {
	e.open("message")
	e.Text("role", string(role))
	e.Key("content")
	e.content(at+".content", role, parts)
	e.fields(at, extra)
	e.close()
}

// content writes a list of parts.
func (e *encoder) content(at string, role llm.Role, parts []llm.Part) {
	e.Out = append(e.Out, '[')
	for _, p := range parts {
		e.part(at, role, p)
	}
	e.Out = append(e.Out, ']')
}

func (e *encoder) part(at string, role llm.Role, p llm.Part) {
	switch p := p.(type) {
	case llm.Text:
		kind := "input_text"
		if role == llm.RoleAssistant {
			kind = "output_text"
		}
		e.open(kind)
		e.Key("text")
		e.Token(p.Raw, p.Text)
		e.fields(at, p.Extra)
		e.close()
	case llm.Refusal:
		e.open("refusal")
		e.Text("refusal", p.Text)
		e.close()
	case llm.Image:
		e.open("input_image")
		if p.URL != "" {
			e.Text("image_url", p.URL)
		} else {
			e.data("image_url", p.MIME, p.Data)
		}
		e.Said("detail", p.Detail)
		e.fields(at, p.Extra)
		e.close()
	case llm.File:
		e.file(at, p)
	case llm.Audio:
		e.open("input_audio")
		e.Key("input_audio")
		e.Out = append(e.Out, '{')
		e.Text("data", p.Data)
		e.Text("format", p.Format)
		e.Out = append(e.Out, "}}"...)
	case llm.Opaque:
		if p.Minter != minter {
			e.warn(at, "dropped")
			return
		}
		e.Comma()
		e.Out = append(e.Out, p.Value...)
	case llm.Thought, llm.ToolCall, llm.ToolResult:
		e.warn(at, "dropped")
	}
}

// data writes inline data as a data address. It is base64, so only the type
// could need an escape.
func (e *encoder) data(name, mime, data string) {
	e.Text(name, "data:"+mime+";base64,")
	e.Out = e.Out[:len(e.Out)-1]
	e.Out = append(rawjson.AppendInner(e.Out, data), '"')
}

func (e *encoder) file(at string, p llm.File) {
	e.open("input_file")
	e.Said("filename", p.Name)
	e.Said("file_id", p.ID)
	switch {
	case p.Data != "" && p.MIME != "":
		e.data("file_data", p.MIME, p.Data)
	default:
		e.Said("file_data", p.Data)
	}
	e.fields(at, p.Extra)
	e.close()
}

// turn writes the model's own turn: thinking, words and calls are items of their
// own, in their order.
func (e *encoder) turn(at string, m llm.Message) {
	var said []llm.Part
	say := func() {
		if len(said) > 0 {
			e.message(at, llm.RoleAssistant, said, m.Extra)
			said = nil
		}
	}
	for _, p := range m.Parts {
		switch p := p.(type) {
		case llm.Text, llm.Refusal:
			said = append(said, p)
		case llm.Thought:
			say()
			e.thought(at, p)
		case llm.ToolCall:
			say()
			e.call(at, p)
		case llm.ToolResult:
			say()
			e.result(at, p)
		case llm.Opaque:
			say()
			e.part(at, m.Role, p)
		case llm.Image, llm.Audio, llm.File: // the protocol has no place for the model's own
			e.warn(at+".content", "dropped")
		}
	}
	say()
}

// thought writes thinking that a service of this protocol has signed. Without
// that it would look for it among what it has kept, and refuse.
func (e *encoder) thought(at string, t llm.Thought) {
	if t.Signature == "" || t.Minter != minter {
		e.warn(at+".reasoning", "dropped")
		return
	}
	e.open("reasoning")
	e.Key("summary")
	e.Out = append(e.Out, '[')
	if t.Text != "" {
		e.open("summary_text")
		e.Text("text", t.Text)
		e.close()
	}
	e.Out = append(e.Out, ']')
	e.Text("encrypted_content", t.Signature)
	e.close()
}

func (e *encoder) call(at string, c llm.ToolCall) {
	kind, arguments := "function_call", "arguments"
	if c.Custom {
		kind, arguments = "custom_tool_call", "input"
		e.custom[c.ID] = true
	}
	e.open(kind)
	e.Text("call_id", c.ID)
	e.Text("name", c.Name)
	e.Text(arguments, c.Arguments)
	if c.Signature != "" {
		e.warn(at+".signature", "dropped")
	}
	e.fields(at, c.Extra)
	e.close()
}

func (e *encoder) result(at string, r llm.ToolResult) {
	kind := "function_call_output"
	if e.custom[r.CallID] {
		kind = "custom_tool_call_output"
	}
	if r.Failed {
		e.warn(at+".is_error", "dropped")
	}
	e.open(kind)
	e.Text("call_id", r.CallID)
	e.Key("output")
	switch t, plain := only(r.Parts); {
	case len(r.Parts) == 0:
		e.Out = append(e.Out, `""`...)
	case plain:
		e.Token(t.Raw, t.Text)
	default:
		e.content(at, llm.RoleUser, r.Parts)
	}
	e.close()
}

// only is the text that is all there is.
func only(parts []llm.Part) (llm.Text, bool) {
	if len(parts) != 1 {
		return llm.Text{}, false
	}
	t, ok := parts[0].(llm.Text)
	return t, ok && len(t.Extra) == 0
}
