package openaichat

import (
	"io"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeReply writes a whole answer.
func (c Client) EncodeReply(w io.Writer, r *llm.Reply, model string, _ dialect.Head) error {
	_, err := w.Write(c.appendReply(make([]byte, 0, sizeOfReply(r)), r, model))
	return err
}

// sizeOfReply is about how long an answer is on the wire.
func sizeOfReply(r *llm.Reply) int {
	n := 512
	for _, p := range r.Parts {
		switch p := p.(type) {
		case llm.Text:
			n += len(p.Text)
		case llm.Thought:
			n += len(p.Text)
		case llm.ToolCall:
			n += 128 + len(p.Arguments)
		case llm.Image:
			n += 128 + len(p.Data)
		case llm.Refusal, llm.Audio, llm.File, llm.ToolResult, llm.Opaque:
		}
	}
	return n + n/8
}

func (c Client) appendReply(dst []byte, r *llm.Reply, model string) []byte {
	e := encoder{req: &llm.Request{Minter: minter}, Writer: rawjson.Writer{Out: append(dst, c.identity(r.Start, "chat.completion", model)...)}}
	e.Out = append(e.Out, `"choices":[{"index":0,"message":{"role":"assistant","content":`...)
	e.answer(r.Parts)
	e.aside("", r.Parts)
	e.calls("", r.Parts)
	e.images(r.Parts)
	if len(r.Finish.Citations) > 0 {
		e.Key("annotations")
		e.Out = appendCitations(e.Out, r.Finish.Citations)
	}
	e.Out = append(e.Out, `},"logprobs":`...)
	e.Out = appendLogprobs(e.Out, r.Logprobs)
	e.Text("finish_reason", string(r.Finish.Reason))
	e.Out = append(e.Out, '}', ']')
	if r.Finish.Usage.Known {
		e.Key("usage")
		e.Out = appendUsage(e.Out, r.Finish.Usage)
	}
	e.Said("system_fingerprint", r.Finish.Fingerprint)
	return append(e.Out, '}')
}

// answer writes all text as one string; null where there is none.
func (e *encoder) answer(parts []llm.Part) {
	found := false
	for _, p := range parts {
		t, ok := p.(llm.Text)
		if !ok {
			continue
		}
		if !found {
			e.Out = append(e.Out, '"')
		}
		found = true
		e.Out = rawjson.AppendInner(e.Out, t.Text)
	}
	if !found {
		e.Out = append(e.Out, "null"...)
		return
	}
	e.Out = append(e.Out, '"')
}

// appendLogprobs joins the log probabilities of all deltas.
func appendLogprobs(dst []byte, list []llm.RawJSON) []byte {
	if len(list) == 0 {
		return append(dst, "null"...)
	}
	if len(list) == 1 {
		return append(dst, list[0]...)
	}
	dst = append(dst, '{')
	for i, name := range [...]string{"content", "refusal"} {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `"`+name+`":`...)
		dst = appendJoined(dst, list, name)
	}
	return append(dst, '}')
}

func appendJoined(dst []byte, list []llm.RawJSON, name string) []byte {
	from := len(dst)
	for _, l := range list {
		for _, token := range rawjson.Elements(rawjson.Get(l, name)) {
			dst = append(append(dst, ','), token...)
		}
	}
	if len(dst) == from {
		return append(dst, "null"...)
	}
	dst[from] = '['
	return append(dst, ']')
}

// images writes the answer's pictures where OpenRouter, which was first, has
// them: the protocol itself has no place.
func (e *encoder) images(parts []llm.Part) {
	n := 0
	for _, p := range parts {
		picture, ok := p.(llm.Image)
		if !ok {
			continue
		}
		if n == 0 {
			e.Key("images")
			e.Out = append(e.Out, '[')
		}
		n++
		e.Comma()
		e.Out = appendImage(e.Out, picture.MIME, picture.Data)
	}
	if n > 0 {
		e.Out = append(e.Out, ']')
	}
}

func appendImage(dst []byte, mime, data string) []byte {
	dst = append(dst, `{"type":"image_url","image_url":{"url":"data:`...)
	dst = rawjson.AppendInner(dst, mime)
	dst = append(dst, ";base64,"...)
	return append(rawjson.AppendInner(dst, data), `"}}`...)
}

func appendCitations(dst []byte, list []llm.Citation) []byte {
	dst = append(dst, '[')
	for i, c := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"type":"url_citation","url_citation":{"url":`...)
		dst = rawjson.AppendString(dst, c.URL)
		dst = append(dst, `,"title":`...)
		dst = rawjson.AppendString(dst, c.Title)
		dst = append(dst, `,"start_index":`...)
		dst = strconv.AppendInt(dst, int64(c.Start), 10)
		dst = append(dst, `,"end_index":`...)
		dst = strconv.AppendInt(dst, int64(c.End), 10)
		dst = append(dst, "}}"...)
	}
	return append(dst, ']')
}
