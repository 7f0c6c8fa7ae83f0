package anthropic

import (
	"encoding/base64"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// content reads what stands where the protocol takes a string or blocks.
func (d *decoder) content(at string, v []byte) []llm.Part {
	return d.Content(at, v, d.block)
}

// members are those of an object; what nobody takes out of them is unknown.
type members []llm.Field

func membersOf(raw []byte) members {
	const usual = 4
	list := make(members, 0, usual)
	for m := range rawjson.Inside(raw) {
		list = append(list, llm.Field{Name: string(m.Key), Value: m.Value})
	}
	return list
}

// take takes a member out; nil is none.
func (m *members) take(name string) llm.RawJSON {
	for i, f := range *m {
		if f.Name == name {
			*m = slices.Delete(*m, i, i+1)
			return f.Value
		}
	}
	return nil
}

// rest is what was not taken; nil is nothing.
func (m members) rest() []llm.Field {
	if len(m) == 0 {
		return nil
	}
	return m
}

// block reads one block; nil is one that went elsewhere. What cannot be read
// without a loss travels as it is, for a service that speaks this protocol too.
// before is how many parts stand before it.
func (d *decoder) block(at string, raw []byte, before int) llm.Part {
	m := membersOf(raw)
	switch kind := rawjson.Text(m.take("type")); kind {
	case "":
		d.Refuse(at+".type", at+".type: Field required")
		return nil
	case "text":
		return d.textIn(at, m)
	case "image":
		if p, ok := imageIn(m); ok {
			return p
		}
	case "document":
		if p, ok := documentIn(m); ok {
			return p
		}
	case "thinking":
		t := llm.Thought{Text: rawjson.Text(m.take("thinking"))}
		t.Signature, t.Minter = minterOf(rawjson.Text(m.take("signature")))
		d.unknown(at, m)
		return t
	case "redacted_thinking":
		t := llm.Thought{Signature: rawjson.Text(m.take("data")), Minter: redacted}
		d.unknown(at, m)
		return t
	case "tool_use":
		return d.callIn(at, m)
	case "tool_result":
		if before > 0 {
			d.Warn(at, "moved to the front of its turn:")
		}
		d.resultIn(at, m)
		return nil
	}
	return llm.Opaque{Minter: minter, Value: raw}
}

// unknown names members of a block that have no place in the vocabulary.
func (d *decoder) unknown(at string, m members) {
	for _, f := range m {
		d.Warn(at+"."+f.Name, "dropped")
	}
}

func (d *decoder) textIn(at string, m members) llm.Part {
	v := m.take("text")
	if !rawjson.IsText(v) {
		d.Refuse(at+".text", at+".text: Input should be a valid string")
		return nil
	}
	p := d.Words(v)
	if cited := m.take("citations"); madeUp(cited) {
		d.Warn(at+".citations", "dropped, which are not the service's own:")
	} else if !rawjson.IsNull(cited) {
		m = append(m, llm.Field{Name: "citations", Value: cited})
	}
	p.Extra = m.rest()
	return p
}

// madeUp says that citations are those of another service's answer, which were
// written down in this protocol: Anthropic's own have a proof.
func madeUp(citations []byte) bool {
	for _, c := range rawjson.Elements(citations) {
		if string(rawjson.Get(c, "encrypted_index")) == `""` {
			return true
		}
	}
	return false
}

func imageIn(m members) (llm.Image, bool) {
	source := membersOf(m.take("source"))
	p := llm.Image{}
	switch rawjson.Text(source.take("type")) {
	case "base64":
		p.MIME, p.Data = rawjson.Text(source.take("media_type")), rawjson.Text(source.take("data"))
	case "url":
		p.URL = rawjson.Text(source.take("url"))
	}
	p.Extra = m.rest()
	return p, p.Data != "" || p.URL != ""
}

func documentIn(m members) (llm.File, bool) {
	source := membersOf(m.take("source"))
	p := llm.File{Name: rawjson.Text(m.take("title")), Extra: nil}
	switch rawjson.Text(source.take("type")) {
	case "base64":
		p.MIME, p.Data = rawjson.Text(source.take("media_type")), rawjson.Text(source.take("data"))
	case "text":
		p.MIME = rawjson.Text(source.take("media_type"))
		p.Data = base64.StdEncoding.EncodeToString([]byte(rawjson.Text(source.take("data"))))
	case "file":
		p.ID = rawjson.Text(source.take("file_id"))
	}
	p.Extra = m.rest()
	return p, p.Data != "" || p.ID != ""
}

func (d *decoder) callIn(at string, m members) llm.Part {
	c := llm.ToolCall{ID: d.Text(at+".id", m.take("id")), Name: d.Text(at+".name", m.take("name")), Arguments: "{}"}
	if c.Name == "" {
		d.Refuse(at+".name", at+".name: Field required")
	}
	switch input := m.take("input"); {
	case rawjson.IsNull(input):
	case rawjson.IsText(input): // as some clients keep what they read of a stream
		c.Arguments = rawjson.Text(input)
	default:
		c.Arguments = string(input)
	}
	c.Extra = m.rest()
	return c
}

func (d *decoder) resultIn(at string, m members) {
	r := llm.ToolResult{CallID: d.Text(at+".tool_use_id", m.take("tool_use_id"))}
	if content := m.take("content"); content != nil {
		r.Parts = d.content(at+".content", content)
	}
	if v := m.take("is_error"); !rawjson.IsNull(v) {
		r.Failed = string(v) == "true"
	}
	d.results = append(d.results, llm.Message{Role: llm.RoleTool, Parts: []llm.Part{r}, Extra: m.rest()})
}
