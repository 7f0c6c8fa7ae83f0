package anthropic

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func (e *encoder) messages() *llm.Error {
	if len(e.turns) == 0 {
		return &llm.Error{Kind: llm.KindBadRequest, Param: "messages", Message: "messages holds no text; send a question"}
	}
	e.trim()
	e.Key("messages")
	e.Open('[')
	for _, t := range e.turns {
		e.Open('{')
		e.Text("role", map[bool]string{false: "user", true: "assistant"}[t.assistant])
		e.Key("content")
		e.Open('[')
		for _, b := range t.blocks {
			if err := e.block(b); err != nil {
				return err
			}
		}
		e.Close(']')
		e.Close('}')
	}
	e.Close(']')
	return nil
}

// trim cuts the space at the end of an answer that is to be gone on with: the
// protocol refuses it.
func (e *encoder) trim() {
	last := e.turns[len(e.turns)-1]
	if !last.assistant {
		return
	}
	b := &last.blocks[len(last.blocks)-1]
	t, ok := b.part.(llm.Text)
	if trimmed := strings.TrimRight(t.Text, " \t\r\n"); ok && trimmed != t.Text {
		e.warn(b.at, "trimmed the end of")
		t.Text, t.Raw = trimmed, nil
		b.part = t
	}
}

func (e *encoder) block(b block) *llm.Error {
	switch p := b.part.(type) {
	case llm.Text:
		p.Extra = b.with(p.Extra)
		e.textBlock(b.at, p)
	case llm.Image:
		p.Extra = b.with(p.Extra)
		return e.image(b.at, p)
	case llm.Audio:
		return request.Unsupported(b.at, "this model takes no sound; choose one that does")
	case llm.File:
		p.Extra = b.with(p.Extra)
		return e.file(b.at, p)
	case llm.Thought:
		e.thought(p)
	case llm.Opaque:
		e.Comma()
		e.Out = append(e.Out, p.Value...)
	case llm.ToolCall:
		p.Extra = b.with(p.Extra)
		e.call(b, p)
	case llm.ToolResult:
		return e.result(b, p)
	case llm.Refusal: // became text
	}
	return nil
}

// cacheControl is the one field that clients know of this protocol whatever they
// speak.
const cacheControl = "cache_control"

// with are the fields of a block and those that its message had for it.
func (b block) with(extra []llm.Field) []llm.Field {
	if len(b.extra) == 0 {
		return extra
	}
	return append(slices.Clip(slices.DeleteFunc(slices.Clone(extra), func(f llm.Field) bool { return f.Name == cacheControl })), b.extra...)
}

func (e *encoder) begin(kind string) {
	e.Open('{')
	e.Text("type", kind)
}

// end closes a block, with what the client knows of this protocol.
func (e *encoder) end(at string, extra []llm.Field) {
	for _, f := range extra {
		if f.Name == cacheControl || e.own() {
			e.Raw(f.Name, f.Value)
			continue
		}
		e.warn(at+"."+f.Name, "dropped")
	}
	e.Close('}')
}

func (e *encoder) textBlock(at string, t llm.Text) {
	e.begin("text")
	if t.Raw != nil {
		e.Raw("text", t.Raw)
	} else {
		e.Text("text", t.Text)
	}
	e.end(at, t.Extra)
}

func (e *encoder) thought(t llm.Thought) {
	if t.Minter == redacted {
		e.begin("redacted_thinking")
		e.Text("data", t.Signature)
	} else {
		e.begin("thinking")
		e.Text("thinking", t.Text)
		e.Text("signature", t.Signature)
	}
	e.Close('}')
}

func (e *encoder) image(at string, p llm.Image) *llm.Error {
	mime := strings.ToLower(p.MIME)
	if mime == "image/jpg" {
		mime = "image/jpeg"
	}
	known := []string{"image/jpeg", "image/png", "image/gif", "image/webp"}
	if p.URL == "" && !slices.Contains(known, mime) {
		return request.Unsupported(at, fmt.Sprintf("this model takes no pictures of the type %q; send PNG, JPEG, GIF or WebP", p.MIME))
	}
	if p.Detail != "" && p.Detail != "auto" {
		e.warn(at+".detail", "dropped")
	}
	e.begin("image")
	e.source(mime, p.Data, p.URL)
	e.end(at, p.Extra)
	return nil
}

// source is where the bytes of a picture or a document are.
func (e *encoder) source(mime, data, url string) {
	e.Key("source")
	e.Open('{')
	if url != "" {
		e.Text("type", "url")
		e.Text("url", url)
	} else {
		e.Text("type", "base64")
		e.Text("media_type", mime)
		e.Text("data", data)
	}
	e.Close('}')
}

// file writes a document: a PDF as it is, any text as its text.
func (e *encoder) file(at string, p llm.File) *llm.Error {
	const pdf = "application/pdf"
	mime, _, _ := strings.Cut(strings.ToLower(p.MIME), ";")
	if mime == "" && (strings.HasSuffix(strings.ToLower(p.Name), ".pdf") || strings.HasPrefix(p.Data, "JVBERi0")) {
		mime = pdf
	}
	text, isText := plainText(mime, p.Data)
	switch {
	case p.ID != "" && !e.own():
		return request.Unsupported(at, "this model does not know uploads of other services; send the file's content")
	case p.ID == "" && mime != pdf && !isText:
		return request.Unsupported(at, fmt.Sprintf("this model takes PDF and text files, and none of the type %q", p.MIME))
	}
	e.begin("document")
	switch {
	case p.ID != "":
		e.Key("source")
		e.Open('{')
		e.Text("type", "file")
		e.Text("file_id", p.ID)
		e.Close('}')
	case isText:
		e.Key("source")
		e.Open('{')
		e.Text("type", "text")
		e.Text("media_type", "text/plain")
		e.Text("data", text)
		e.Close('}')
	default:
		e.source(pdf, p.Data, "")
	}
	if p.Name != "" {
		e.Text("title", p.Name)
	}
	e.end(at, p.Extra)
	return nil
}

// plainText decodes a file of text.
func plainText(mime, data string) (string, bool) {
	if !strings.HasPrefix(mime, "text/") && mime != "application/json" {
		return "", false
	}
	b, err := base64.StdEncoding.DecodeString(data)
	return strings.ToValidUTF8(string(b), "�"), err == nil
}

func (e *encoder) call(b block, c llm.ToolCall) {
	e.begin("tool_use")
	e.Text("id", b.id)
	e.Text("name", wireName(c.Name))
	e.Key("input")
	arguments := strings.TrimSpace(c.Arguments)
	switch {
	case c.Custom:
		e.wrap(c.Arguments)
	case arguments == "":
		e.Out = append(e.Out, "{}"...)
	case arguments[0] == '{' && rawjson.Valid([]byte(arguments)):
		e.Out = append(e.Out, arguments...)
	default: // the model's own mistake: the protocol takes objects alone
		e.warn(b.at+".arguments", "wrapped in an object:")
		e.wrap(c.Arguments)
	}
	e.end(b.at, c.Extra)
}

// wrap writes an object that holds a text.
func (e *encoder) wrap(s string) {
	e.Open('{')
	e.Text("input", s)
	e.Close('}')
}

func (e *encoder) result(b block, r llm.ToolResult) *llm.Error {
	e.begin("tool_result")
	e.Text("tool_use_id", b.id)
	if err := e.resultContent(b.at, r.Parts); err != nil {
		return err
	}
	if r.Failed {
		e.Raw("is_error", llm.RawJSON("true"))
	}
	e.end(b.at, b.extra)
	return nil
}

// resultContent writes a plain text as a string, verbatim (B34a).
func (e *encoder) resultContent(at string, parts []llm.Part) *llm.Error {
	if len(parts) == 0 {
		return nil
	}
	if t, ok := parts[0].(llm.Text); ok && len(parts) == 1 && len(t.Extra) == 0 {
		e.Text("content", t.Text)
		return nil
	}
	e.Key("content")
	e.Open('[')
	for i, p := range parts {
		if t, ok := p.(llm.Text); ok && strings.TrimSpace(t.Text) == "" {
			continue
		}
		if err := e.block(block{at: fmt.Sprintf("%s.content[%d]", at, i), part: p}); err != nil {
			return err
		}
	}
	e.Close(']')
	return nil
}
