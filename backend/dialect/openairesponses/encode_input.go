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
			e.key("instructions")
			e.words(t)
			list = list[1:]
		}
	}
	e.key("input")
	e.out = append(e.out, '[')
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
	e.out = append(e.out, ']')
}

// words writes a text as the token that it was read from, where it was.
func (e *encoder) words(t llm.Text) {
	if t.Raw != nil {
		e.out = append(e.out, t.Raw...)
		return
	}
	e.out = rawjson.AppendString(e.out, t.Text)
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
	e.text("role", string(role))
	e.key("content")
	e.content(at+".content", role, parts)
	e.fields(at, extra)
	e.close()
}

// content writes a list of parts.
func (e *encoder) content(at string, role llm.Role, parts []llm.Part) {
	e.out = append(e.out, '[')
	for _, p := range parts {
		e.part(at, role, p)
	}
	e.out = append(e.out, ']')
}

func (e *encoder) part(at string, role llm.Role, p llm.Part) {
	switch p := p.(type) {
	case llm.Text:
		kind := "input_text"
		if role == llm.RoleAssistant {
			kind = "output_text"
		}
		e.open(kind)
		e.key("text")
		e.words(p)
		e.fields(at, p.Extra)
		e.close()
	case llm.Refusal:
		e.open("refusal")
		e.text("refusal", p.Text)
		e.close()
	case llm.Image:
		e.open("input_image")
		if p.URL != "" {
			e.text("image_url", p.URL)
		} else {
			e.data("image_url", p.MIME, p.Data)
		}
		e.string("detail", p.Detail)
		e.fields(at, p.Extra)
		e.close()
	case llm.File:
		e.file(at, p)
	case llm.Audio:
		e.open("input_audio")
		e.key("input_audio")
		e.out = append(e.out, '{')
		e.text("data", p.Data)
		e.text("format", p.Format)
		e.out = append(e.out, "}}"...)
	case llm.Opaque:
		if p.Minter != minter {
			e.warn(at, "dropped")
			return
		}
		e.comma()
		e.out = append(e.out, p.Value...)
	case llm.Thought, llm.ToolCall, llm.ToolResult:
		e.warn(at, "dropped")
	}
}

// data writes inline data as a data address. It is base64, so only the type
// could need an escape.
func (e *encoder) data(name, mime, data string) {
	e.text(name, "data:"+mime+";base64,")
	e.out = e.out[:len(e.out)-1]
	e.out = append(rawjson.AppendInner(e.out, data), '"')
}

func (e *encoder) file(at string, p llm.File) {
	e.open("input_file")
	e.string("filename", p.Name)
	e.string("file_id", p.ID)
	switch {
	case p.Data != "" && p.MIME != "":
		e.data("file_data", p.MIME, p.Data)
	default:
		e.string("file_data", p.Data)
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
	e.key("summary")
	e.out = append(e.out, '[')
	if t.Text != "" {
		e.open("summary_text")
		e.text("text", t.Text)
		e.close()
	}
	e.out = append(e.out, ']')
	e.text("encrypted_content", t.Signature)
	e.close()
}

func (e *encoder) call(at string, c llm.ToolCall) {
	kind, arguments := "function_call", "arguments"
	if c.Custom {
		kind, arguments = "custom_tool_call", "input"
		e.custom[c.ID] = true
	}
	e.open(kind)
	e.text("call_id", c.ID)
	e.text("name", c.Name)
	e.text(arguments, c.Arguments)
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
	e.text("call_id", r.CallID)
	e.key("output")
	switch t, plain := only(r.Parts); {
	case len(r.Parts) == 0:
		e.out = append(e.out, `""`...)
	case plain:
		e.words(t)
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
