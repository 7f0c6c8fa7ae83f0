package openaichat

import (
	"fmt"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func (e *encoder) messages() {
	e.Out = append(e.Out, '[')
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
	e.Out = append(e.Out, ']')
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
	e.Comma()
	e.Out = append(e.Out, `{"role":"tool"`...)
	e.Text("tool_call_id", r.CallID)
	e.Said("name", r.Name)
	e.Key("content")
	if len(r.Parts) == 0 {
		e.Out = append(e.Out, '"', '"')
	} else {
		e.content(at, r.Parts)
	}
	if r.Failed {
		e.warn(at+".is_error", "dropped")
	}
	if m.Role == llm.RoleTool {
		e.fields(at, "", m.Extra)
	}
	e.Out = append(e.Out, '}')
}

func (e *encoder) message(at string, m llm.Message, parts []llm.Part) {
	e.Comma()
	e.Out = append(e.Out, '{')
	role := m.Role
	if role == llm.RoleTool {
		role = llm.RoleUser
	}
	e.Text("role", string(role))
	e.Said("name", m.Name)
	e.Key("content")
	content := contentParts(parts)
	if len(content) == 0 {
		e.Out = append(e.Out, "null"...)
	} else {
		e.content(at, content)
	}
	e.aside(at, parts)
	e.calls(at, parts)
	e.fields(at, "", m.Extra)
	e.Out = append(e.Out, '}')
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
	e.Said("reasoning_content", thought)
	e.Said("refusal", refusal)
}

func (e *encoder) calls(at string, parts []llm.Part) {
	n := 0
	for _, p := range parts {
		c, ok := p.(llm.ToolCall)
		if !ok {
			continue
		}
		if n == 0 {
			e.Key("tool_calls")
			e.Out = append(e.Out, '[')
		}
		e.call(fmt.Sprintf("%s.tool_calls[%d]", at, n), c)
		n++
	}
	if n > 0 {
		e.Out = append(e.Out, ']')
	}
}

func (e *encoder) call(at string, c llm.ToolCall) {
	object, arguments := "function", "arguments"
	if c.Custom {
		object, arguments = "custom", "input"
	}
	e.Comma()
	e.Out = append(e.Out, '{')
	e.Text("id", c.ID)
	e.Text("type", object)
	e.Key(object)
	e.Out = append(e.Out, '{')
	e.Text("name", c.Name)
	e.Text(arguments, c.Arguments)
	e.fields(at, object+".", c.Extra)
	e.Out = append(e.Out, '}')
	there := func(f llm.Field) bool { return f.Name == "extra_content" }
	if c.Signature != "" && (!e.own() || !slices.ContainsFunc(c.Extra, there)) {
		e.Raw("extra_content", signatureObject(c.Signature))
	}
	e.fields(at, "", c.Extra)
	e.Out = append(e.Out, '}')
}

// signatureObject is Google's place for a thought signature in this protocol.
func signatureObject(signature string) llm.RawJSON {
	out := append(llm.RawJSON(nil), `{"google":{"thought_signature":`...)
	return append(rawjson.AppendString(out, signature), '}', '}')
}

// content writes a plain text as a string and anything else as a list.
func (e *encoder) content(at string, parts []llm.Part) {
	if t, ok := parts[0].(llm.Text); ok && len(parts) == 1 && len(t.Extra) == 0 {
		e.Token(t.Raw, t.Text)
		return
	}
	e.Out = append(e.Out, '[')
	for i, p := range parts {
		e.part(fmt.Sprintf("%s.content[%d]", at, i), p)
	}
	e.Out = append(e.Out, ']')
}

func (e *encoder) part(at string, p llm.Part) {
	switch p := p.(type) {
	case llm.Text:
		e.Comma()
		e.Out = append(e.Out, `{"type":"text"`...)
		e.Key("text")
		e.Token(p.Raw, p.Text)
		e.fields(at, "", p.Extra)
		e.Out = append(e.Out, '}')
	case llm.Image:
		e.image(at, p)
	case llm.Audio:
		e.open("input_audio")
		e.Text("data", p.Data)
		e.Text("format", p.Format)
		e.fields(at, "input_audio.", p.Extra)
		e.close(at, p.Extra)
	case llm.File:
		e.file(at, p)
	case llm.Opaque:
		if p.Minter != minter {
			e.warn(at, "dropped")
			return
		}
		e.Comma()
		e.Out = append(e.Out, p.Value...)
	case llm.Refusal, llm.Thought, llm.ToolCall, llm.ToolResult:
		e.warn(at, "dropped")
	}
}

// open begins a part whose fields stand in an object named like its type.
func (e *encoder) open(kind string) {
	e.Comma()
	e.Out = append(e.Out, '{')
	e.Text("type", kind)
	e.Key(kind)
	e.Out = append(e.Out, '{')
}

func (e *encoder) close(at string, extra []llm.Field) {
	e.Out = append(e.Out, '}')
	e.fields(at, "", extra)
	e.Out = append(e.Out, '}')
}

func (e *encoder) image(at string, p llm.Image) {
	e.open("image_url")
	if p.URL != "" {
		e.Text("url", p.URL)
	} else {
		e.data("url", p.MIME, p.Data)
	}
	e.Said("detail", p.Detail)
	e.fields(at, "image_url.", p.Extra)
	e.close(at, p.Extra)
}

// data writes inline data as a data address. It is base64, so only the type
// could need an escape.
func (e *encoder) data(name, mime, data string) {
	e.Text(name, "data:"+mime+";base64,")
	e.Out = e.Out[:len(e.Out)-1]
	e.Out = append(rawjson.AppendInner(e.Out, data), '"')
}

func (e *encoder) file(at string, p llm.File) {
	e.open("file")
	e.Said("filename", p.Name)
	e.Said("file_id", p.ID)
	if p.Data != "" && p.MIME != "" {
		e.data("file_data", p.MIME, p.Data)
	} else {
		e.Said("file_data", p.Data)
	}
	e.fields(at, "file.", p.Extra)
	e.close(at, p.Extra)
}
