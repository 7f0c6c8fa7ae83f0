package tokens

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// weigher gathers what of a request is text and what has a fixed price.
type weigher struct {
	family family
	texts  []string
	fixed  int
}

func (w *weigher) request(r *llm.Request) {
	if c := r.Completion; c != nil {
		w.text(c.Prompt, nil)
		w.text(c.Suffix, nil)
		return
	}
	w.fixed += w.family.reply
	for _, m := range r.Messages {
		w.around(m)
		w.all(m.Parts)
	}
	if len(r.Tools) > 0 {
		w.fixed += w.family.tools
	}
	for _, t := range r.Tools {
		w.tool(t)
	}
	w.text("", r.Format.Schema)
}

// around counts what stands around a message.
func (w *weigher) around(m llm.Message) {
	frame := w.family.message
	if m.Role == llm.RoleSystem || m.Role == llm.RoleDeveloper {
		frame = w.family.system
	}
	w.fixed += frame
	if m.Name != "" {
		w.fixed += w.family.name
		w.text(m.Name, nil)
	}
}

// tool counts a definition as the text that it is.
func (w *weigher) tool(t llm.Tool) {
	w.fixed += w.family.tool
	w.text(t.Name, nil)
	w.text(t.Description, t.RawDescription)
	for _, raw := range [...]llm.RawJSON{t.Parameters, t.Format, t.Raw} {
		w.text("", raw)
	}
}

// text takes a text, or the JSON that it stands as.
func (w *weigher) text(s string, raw llm.RawJSON) {
	if s == "" && len(raw) > 0 {
		s = string(raw)
		if raw[0] == '"' {
			var plain string
			if json.Unmarshal(raw, &plain) == nil {
				s = plain
			}
		}
	}
	if s != "" {
		w.texts = append(w.texts, s)
	}
}

func (w *weigher) all(list []llm.Part) {
	for _, p := range list {
		switch p := p.(type) {
		case llm.Text:
			w.text(p.Text, p.Raw)
		case llm.Image:
			width, height := size(p)
			w.fixed += w.family.picture(width, height, p.Detail)
		case llm.Audio:
			const perSecond = 16_000 // bytes, between a compressed and a plain one
			w.fixed += w.family.second * max(1, base64.StdEncoding.DecodedLen(len(p.Data))/perSecond)
		case llm.File:
			w.file(p)
		case llm.Refusal:
			w.text(p.Text, nil)
		case llm.Thought:
			w.text(p.Text, nil)
		case llm.ToolCall:
			w.text(p.Name, nil)
			w.text(p.Arguments, nil)
		case llm.ToolResult:
			w.all(p.Parts)
		case llm.Opaque:
			w.text("", p.Value)
		}
	}
}

// file counts a text as such and anything else by the page.
func (w *weigher) file(f llm.File) {
	w.text(f.Name, nil)
	raw, err := base64.StdEncoding.DecodeString(f.Data)
	if err == nil && (strings.HasPrefix(f.MIME, "text/") || f.MIME == "application/json") {
		w.text(string(raw), nil)
		return
	}
	const perPage = 50_000 // bytes of a usual document
	w.fixed += w.family.page * (1 + len(raw)/perPage)
}
