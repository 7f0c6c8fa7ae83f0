package completions

import (
	"io"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/openaierror"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/reply"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeStream writes a chunk for each piece of text, the reason, the usage if
// asked for, [DONE].
func (c Client) EncodeStream(w io.Writer, s llm.Stream, model string, h dialect.Head) error {
	out := writer{client: c, model: model, usage: h.IncludeUsage, echo: echo(h)}
	return reply.Stream(w, s, out.append, openaierror.AppendEvent)
}

// echo is what the answer begins with.
func echo(h dialect.Head) string {
	if more, ok := h.Scanned.(*scanned); ok && more.echo {
		return more.prompt
	}
	return ""
}

// writer writes the chunks of one answer.
type writer struct {
	client      Client
	model, echo string
	usage       bool
	head        []byte // every chunk up to its choices
}

func (w *writer) append(dst []byte, e llm.Event) []byte {
	start, ok := e.(llm.Start)
	if w.head == nil {
		w.head = append([]byte("data: "), w.client.identity(start, w.model, true)...)
	}
	if ok {
		return dst
	}
	switch e := e.(type) {
	case llm.TextDelta:
		if text := w.said(e.Text); text != "" {
			dst = w.chunk(dst, text, "")
		}
	case llm.Finish:
		dst = w.finish(dst, e)
	case llm.Start, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta, llm.ToolCallStart, llm.ToolCallDelta:
	}
	return dst
}

// said is text behind what has to stand first.
func (w *writer) said(text string) string {
	text = w.echo + text
	w.echo = ""
	return text
}

func (w *writer) chunk(dst []byte, text string, reason llm.Reason) []byte {
	dst = append(dst, w.head...)
	dst = append(dst, `"choices":[`...)
	dst = w.client.appendChoice(dst, text, reason, true)
	return append(dst, "]}\n\n"...)
}

func (w *writer) finish(dst []byte, e llm.Finish) []byte {
	if text := w.said(""); text != "" {
		dst = w.chunk(dst, text, "")
	}
	dst = w.chunk(dst, "", reason(e))
	if e.Usage.Known && w.client.FIM {
		// Its last chunk has the usage; there is none behind it.
		dst = append(dst[:len(dst)-len("}\n\n")], `,"usage":`...)
		dst = append(appendUsage(dst, e.Usage), "}\n\n"...)
	}
	if e.Usage.Known && w.usage && !w.client.FIM {
		dst = append(dst, w.head...)
		dst = append(dst, `"choices":[],"usage":`...)
		dst = append(appendUsage(dst, e.Usage), "}\n\n"...)
	}
	return append(dst, "data: [DONE]\n\n"...)
}

// reason is why a text ended; there are no calls in one.
func reason(f llm.Finish) llm.Reason {
	if f.Reason == llm.ReasonToolCalls || f.Reason == "" {
		return llm.ReasonStop
	}
	return f.Reason
}

// appendChoice appends the one choice; no reason is null.
func (c Client) appendChoice(dst []byte, text string, reason llm.Reason, chunk bool) []byte {
	dst = append(dst, `{"index":0,`...)
	switch {
	case !c.FIM:
		dst = append(dst, `"text":`...)
		dst = append(rawjson.AppendString(dst, text), `,"logprobs":null`...)
	case chunk:
		dst = append(dst, `"delta":{"role":"assistant","content":`...)
		dst = append(rawjson.AppendString(dst, text), '}')
	default:
		dst = append(dst, `"message":{"role":"assistant","content":`...)
		dst = append(rawjson.AppendString(dst, text), `,"tool_calls":null}`...)
	}
	dst = append(dst, `,"finish_reason":`...)
	if reason == "" {
		return append(dst, "null}"...)
	}
	return append(rawjson.AppendString(dst, string(reason)), '}')
}

// identity is the beginning of a chunk or of a whole answer.
func (c Client) identity(s llm.Start, model string, chunk bool) []byte {
	if s.ID == "" {
		s.ID = newID()
	}
	if s.Created == 0 {
		s.Created = c.now().Unix()
	}
	object := "text_completion"
	if c.FIM {
		object = "chat.completion"
		if chunk {
			object = "chat.completion.chunk"
		}
	}
	b := append([]byte(nil), `{"id":`...)
	b = rawjson.AppendString(b, s.ID)
	b = append(b, `,"object":"`+object+`","created":`...)
	b = strconv.AppendInt(b, s.Created, 10)
	b = append(b, `,"model":`...)
	return append(rawjson.AppendString(b, model), ',')
}

// EncodeReply writes a whole answer.
func (c Client) EncodeReply(w io.Writer, r *llm.Reply, model string, h dialect.Head) error {
	var text strings.Builder
	text.WriteString(echo(h))
	for _, p := range r.Parts {
		if t, ok := p.(llm.Text); ok {
			text.WriteString(t.Text)
		}
	}
	dst := append(c.identity(r.Start, model, false), `"choices":[`...)
	dst = append(c.appendChoice(dst, text.String(), reason(r.Finish), false), ']')
	if r.Finish.Usage.Known {
		dst = append(dst, `,"usage":`...)
		dst = appendUsage(dst, r.Finish.Usage)
	}
	_, err := w.Write(append(dst, '}'))
	return err
}

func appendUsage(dst []byte, u llm.Usage) []byte {
	dst = append(dst, `{"prompt_tokens":`...)
	dst = strconv.AppendInt(dst, int64(u.Input), 10)
	dst = append(dst, `,"completion_tokens":`...)
	dst = strconv.AppendInt(dst, int64(u.Output), 10)
	dst = append(dst, `,"total_tokens":`...)
	return append(strconv.AppendInt(dst, int64(u.Total()), 10), '}')
}
