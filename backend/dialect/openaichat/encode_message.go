package openaichat

import (
	"fmt"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func (e *encoder) messages() {
	e.out = append(e.out, '[')
	for i, m := range e.req.Messages {
		at := fmt.Sprintf("messages[%d]", i)
		rest := m.Parts
		for _, p := range m.Parts {
			if result, ok := p.(llm.ToolResult); ok {
				e.result(at, m, result)
				rest = nil
			}
		}
		if rest == nil {
			rest = spokenParts(m.Parts)
			if len(rest) == 0 && len(m.Parts) > 0 {
				continue
			}
		}
		e.message(at, m, rest)
	}
	e.out = append(e.out, ']')
}

// spokenParts are what is left of a message whose tool results became messages
// of their own.
func spokenParts(parts []llm.Part) []llm.Part {
	var out []llm.Part
	for _, p := range parts {
		if _, ok := p.(llm.ToolResult); !ok {
			out = append(out, p)
		}
	}
	return out
}

func (e *encoder) result(at string, m llm.Message, r llm.ToolResult) {
	e.comma()
	e.out = append(e.out, `{"role":"tool"`...)
	e.text("tool_call_id", r.CallID)
	e.string("name", r.Name)
	e.key("content")
	if len(r.Parts) == 0 {
		e.out = append(e.out, '"', '"')
	} else {
		e.content(at, r.Parts)
	}
	if r.Failed {
		e.warn(at+".is_error", "dropped")
	}
	if m.Role == llm.RoleTool {
		e.fields(at, "", m.Extra)
	}
	e.out = append(e.out, '}')
}

func (e *encoder) message(at string, m llm.Message, parts []llm.Part) {
	e.comma()
	e.out = append(e.out, '{')
	role := m.Role
	if role == llm.RoleTool {
		role = llm.RoleUser
	}
	e.text("role", string(role))
	e.string("name", m.Name)
	e.key("content")
	content := contentParts(parts)
	if len(content) == 0 {
		e.out = append(e.out, "null"...)
	} else {
		e.content(at, content)
	}
	e.aside(at, parts)
	e.calls(at, parts)
	e.fields(at, "", m.Extra)
	e.out = append(e.out, '}')
}

// contentParts are those that stand in the content field.
func contentParts(parts []llm.Part) []llm.Part {
	var out []llm.Part
	for _, p := range parts {
		switch p.(type) {
		case llm.Text, llm.Image, llm.Audio, llm.File, llm.Opaque:
			out = append(out, p)
		case llm.Refusal, llm.Thought, llm.ToolCall, llm.ToolResult:
		}
	}
	return out
}

// aside writes the parts that are fields beside the content.
func (e *encoder) aside(at string, parts []llm.Part) {
	var thought, refusal string
	for _, p := range parts {
		switch p := p.(type) {
		case llm.Thought:
			thought += p.Text
			if p.Signature != "" && p.Minter != minter {
				e.warn(at+".signature", "dropped")
			}
		case llm.Refusal:
			refusal += p.Text
		case llm.Text, llm.Image, llm.Audio, llm.File, llm.Opaque, llm.ToolCall, llm.ToolResult:
		}
	}
	e.string("reasoning_content", thought)
	e.string("refusal", refusal)
}

func (e *encoder) calls(at string, parts []llm.Part) {
	n := 0
	for _, p := range parts {
		c, ok := p.(llm.ToolCall)
		if !ok {
			continue
		}
		if n == 0 {
			e.key("tool_calls")
			e.out = append(e.out, '[')
		}
		e.call(fmt.Sprintf("%s.tool_calls[%d]", at, n), c)
		n++
	}
	if n > 0 {
		e.out = append(e.out, ']')
	}
}

func (e *encoder) call(at string, c llm.ToolCall) {
	object, arguments := "function", "arguments"
	if c.Custom {
		object, arguments = "custom", "input"
	}
	e.comma()
	e.out = append(e.out, '{')
	e.text("id", c.ID)
	e.text("type", object)
	e.key(object)
	e.out = append(e.out, '{')
	e.text("name", c.Name)
	e.text(arguments, c.Arguments)
	e.fields(at, object+".", c.Extra)
	e.out = append(e.out, '}')
	there := func(f llm.Field) bool { return f.Name == "extra_content" }
	if c.Signature != "" && (!e.own() || !slices.ContainsFunc(c.Extra, there)) {
		e.raw("extra_content", signatureObject(c.Signature))
	}
	e.fields(at, "", c.Extra)
	e.out = append(e.out, '}')
}

// signatureObject is Google's place for a thought signature in this protocol.
func signatureObject(signature string) llm.RawJSON {
	out := append(llm.RawJSON(nil), `{"google":{"thought_signature":`...)
	return append(rawjson.AppendString(out, signature), '}', '}')
}

// content writes a plain text as a string and anything else as a list.
func (e *encoder) content(at string, parts []llm.Part) {
	if t, ok := parts[0].(llm.Text); ok && len(parts) == 1 && len(t.Extra) == 0 {
		e.words(t)
		return
	}
	e.out = append(e.out, '[')
	for i, p := range parts {
		e.part(fmt.Sprintf("%s.content[%d]", at, i), p)
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

func (e *encoder) part(at string, p llm.Part) {
	switch p := p.(type) {
	case llm.Text:
		e.comma()
		e.out = append(e.out, `{"type":"text"`...)
		e.key("text")
		e.words(p)
		e.fields(at, "", p.Extra)
		e.out = append(e.out, '}')
	case llm.Image:
		e.image(at, p)
	case llm.Audio:
		e.open("input_audio")
		e.text("data", p.Data)
		e.text("format", p.Format)
		e.fields(at, "input_audio.", p.Extra)
		e.close(at, p.Extra)
	case llm.File:
		e.file(at, p)
	case llm.Opaque:
		if p.Minter != minter {
			e.warn(at, "dropped")
			return
		}
		e.comma()
		e.out = append(e.out, p.Value...)
	case llm.Refusal, llm.Thought, llm.ToolCall, llm.ToolResult:
		e.warn(at, "dropped")
	}
}

// open begins a part whose fields stand in an object named like its type.
func (e *encoder) open(kind string) {
	e.comma()
	e.out = append(e.out, '{')
	e.text("type", kind)
	e.key(kind)
	e.out = append(e.out, '{')
}

func (e *encoder) close(at string, extra []llm.Field) {
	e.out = append(e.out, '}')
	e.fields(at, "", extra)
	e.out = append(e.out, '}')
}

func (e *encoder) image(at string, p llm.Image) {
	e.open("image_url")
	if p.URL != "" {
		e.text("url", p.URL)
	} else {
		e.data("url", p.MIME, p.Data)
	}
	e.string("detail", p.Detail)
	e.fields(at, "image_url.", p.Extra)
	e.close(at, p.Extra)
}

// data writes inline data as a data address. It is base64, so only the type
// could need an escape.
func (e *encoder) data(name, mime, data string) {
	e.text(name, "data:"+mime+";base64,")
	e.out = e.out[:len(e.out)-1]
	e.out = append(rawjson.AppendInner(e.out, data), '"')
}

func (e *encoder) file(at string, p llm.File) {
	e.open("file")
	e.string("filename", p.Name)
	e.string("file_id", p.ID)
	if p.Data != "" && p.MIME != "" {
		e.data("file_data", p.MIME, p.Data)
	} else {
		e.string("file_data", p.Data)
	}
	e.fields(at, "file.", p.Extra)
	e.close(at, p.Extra)
}
