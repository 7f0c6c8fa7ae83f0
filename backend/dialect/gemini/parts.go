package gemini

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// parts writes what a turn says.
func (e *encoder) parts(t turn, current bool) {
	e.open("parts", '[')
	first := true
	var pictures []item // of results, for a model that wants them beside those
	for _, it := range t.parts {
		switch p := it.part.(type) {
		case llm.Text:
			e.textPart(it.message, p)
		case llm.Thought:
			e.thoughtPart(p)
		case llm.ToolCall:
			e.call(it.message, p, first, current)
			first = false
		case llm.ToolResult:
			pictures = append(pictures, e.result(it.message, p)...)
		case llm.Image, llm.Audio, llm.File, llm.Opaque, llm.Refusal:
			e.media(it.message, it.part)
		}
	}
	for _, it := range pictures {
		e.media(it.message, it.part)
	}
	e.Out = append(e.Out, ']')
}

func (e *encoder) textPart(message int, t llm.Text) {
	e.extra(message, t.Extra)
	e.Comma()
	e.Out = append(e.Out, `{"text":`...)
	e.words(t)
	e.Out = append(e.Out, '}')
}

// words writes a text as the token that it was read from, where Google takes
// that: it refuses half a surrogate pair.
func (e *encoder) words(t llm.Text) {
	if t.Raw != nil && !rawjson.HasSurrogate(t.Raw) {
		e.Out = append(e.Out, t.Raw...)
		return
	}
	e.Out = rawjson.AppendString(e.Out, plain(t))
}

// plain is a text without escapes.
func plain(t llm.Text) string {
	if t.Text == "" && t.Raw != nil {
		return rawjson.Text(t.Raw)
	}
	return t.Text
}

// mayBeObject says whether a text could be a JSON object, by its first byte.
func mayBeObject(t llm.Text) bool {
	if t.Raw == nil {
		return true
	}
	first := bytes.TrimLeft(rawjson.Inner(t.Raw), " \\nrt")
	return len(first) > 0 && first[0] == '{'
}

// thoughtPart writes a thought back where it came from. One without text is the
// signature of what stands before it.
func (e *encoder) thoughtPart(t llm.Thought) {
	e.Comma()
	e.Out = append(e.Out, '{')
	e.Text("text", t.Text)
	if t.Text != "" {
		e.Flag("thought", new(true))
	}
	e.Text("thoughtSignature", t.Signature)
	e.Out = append(e.Out, '}')
}

// skipSignature is the value that Google documents for a call whose signature
// nobody has, as one that another model made.
const skipSignature = "skip_thought_signature_validator"

// call writes a call of a step. Only the first of a step carries a signature,
// and in the exchange that goes on Gemini 3 refuses it without one (B33).
func (e *encoder) call(message int, c llm.ToolCall, first, current bool) {
	for _, f := range c.Extra {
		e.warn(at(message)+".tool_calls."+f.Name, "dropped")
	}
	e.Comma()
	e.Out = append(e.Out, `{"functionCall":{`...)
	if e.IDs {
		e.Text("id", c.ID)
	}
	e.Text("name", alias(c.Name))
	e.Key("args")
	e.arguments(message, c)
	e.Out = append(e.Out, '}')
	if first {
		if s := e.signature(c, current); s != "" {
			e.Text("thoughtSignature", s)
		}
	}
	e.Out = append(e.Out, '}')
}

func (e *encoder) signature(c llm.ToolCall, current bool) string {
	if c.Signature != "" {
		return c.Signature
	}
	if e.Signatures != nil {
		if s := e.Signatures.Signature(c.ID); s != "" {
			return s
		}
	}
	if current && e.family.three() {
		return skipSignature
	}
	return ""
}

func (e *encoder) arguments(message int, c llm.ToolCall) {
	arguments := strings.TrimSpace(c.Arguments)
	switch {
	case c.Custom:
		e.Out = append(e.Out, `{"`+freeText+`":`...)
		e.Out = append(rawjson.AppendString(e.Out, c.Arguments), '}')
	case arguments == "":
		e.Out = append(e.Out, '{', '}')
	case arguments[0] == '{' && e.object(arguments):
	default:
		field := at(message) + ".tool_calls"
		e.refuse(llm.KindBadRequest, field, fmt.Sprintf("%s: the arguments of %s (%s) are not a JSON object", field, c.Name, c.ID))
		e.Out = append(e.Out, '{', '}')
	}
}

// object writes a text that is a JSON object; false is another one.
func (e *encoder) object(text string) bool {
	from := len(e.Out)
	e.Out = append(e.Out, text...)
	if rawjson.Valid(e.Out[from:]) {
		return true
	}
	e.Out = e.Out[:from]
	return false
}

// result writes a tool's result and gives the pictures in it that have to
// follow as parts of their own.
func (e *encoder) result(message int, r llm.ToolResult) (pictures []item) {
	var inside []llm.Part
	var texts []llm.Text
	for _, p := range r.Parts {
		switch p := p.(type) {
		case llm.Text:
			e.extra(message, p.Extra)
			texts = append(texts, p)
		case llm.Refusal:
			texts = append(texts, llm.Text{Text: p.Text})
		case llm.Image, llm.Audio, llm.File, llm.Opaque:
			if e.family.three() {
				inside = append(inside, p)
			} else {
				pictures = append(pictures, item{message, p})
			}
		case llm.Thought, llm.ToolCall, llm.ToolResult:
			e.warn(at(message)+".content", "dropped a part of")
		}
	}
	if pictures != nil {
		e.warn(at(message)+".content", "sent the pictures behind")
	}
	e.Comma()
	e.Out = append(e.Out, `{"functionResponse":{`...)
	if e.IDs {
		e.Text("id", r.CallID)
	}
	e.Text("name", alias(r.Name))
	e.open("response", '{')
	e.output(r, texts)
	e.Out = append(e.Out, '}')
	if inside != nil {
		e.open("parts", '[')
		for _, p := range inside {
			e.media(message, p)
		}
		e.Out = append(e.Out, ']')
	}
	e.Out = append(e.Out, '}', '}')
	return pictures
}

// output writes what the tool said: an object as one, anything else as the text
// that it is (B34a).
func (e *encoder) output(r llm.ToolResult, texts []llm.Text) {
	if r.Failed {
		e.Key("error")
	} else {
		e.Key("output")
	}
	if len(texts) == 1 {
		t := texts[0]
		if !r.Failed && mayBeObject(t) {
			if object := strings.TrimSpace(plain(t)); plainObject(object) {
				e.Out = append(e.Out, object...)
				return
			}
		}
		e.words(t)
		return
	}
	e.Out = append(e.Out, '"')
	for i, t := range texts {
		if i > 0 {
			e.Out = append(e.Out, '\\', 'n')
		}
		e.Out = rawjson.AppendInner(e.Out, plain(t))
	}
	e.Out = append(e.Out, '"')
}

// plainObject says whether a text is a JSON object that Google reads without a
// loss: it makes a double of every number.
func plainObject(s string) bool {
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return false
	}
	digits, depth := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if digits++; digits > 15 {
				return false
			}
			continue
		case c == '{' || c == '[':
			if depth++; depth > 40 {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
		digits = 0
	}
	return rawjson.Valid([]byte(s))
}
