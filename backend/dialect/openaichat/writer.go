package openaichat

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/reply"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeStream writes chunks in the order that all clients know: the role, the
// deltas, the reason, the usage if asked for, [DONE].
func (c Client) EncodeStream(w io.Writer, s llm.Stream, model string, h dialect.Head) error {
	out := writer{client: c, model: model, usage: h.IncludeUsage}
	return reply.Stream(w, s, out.append, c.AppendStreamError)
}

// writer writes the chunks of one answer.
type writer struct {
	client Client
	model  string
	usage  bool
	head   []byte // every chunk up to its choices
	blocks []int  // the block of each tool call
	custom []bool
}

// append appends the chunks of one event.
func (w *writer) append(dst []byte, e llm.Event) []byte {
	start, ok := e.(llm.Start)
	if w.head == nil {
		dst = w.open(dst, start)
	}
	if ok {
		return dst
	}
	switch e := e.(type) {
	case llm.Start:
	case llm.TextDelta:
		dst = w.begin(dst)
		dst = append(dst, `"content":`...)
		dst = rawjson.AppendString(dst, e.Text)
		dst = w.end(dst, e.Logprobs)
	case llm.ThoughtDelta:
		if e.Text != "" {
			dst = w.begin(dst)
			dst = append(dst, `"reasoning_content":`...)
			dst = rawjson.AppendString(dst, e.Text)
			dst = w.end(dst, nil)
		}
	case llm.RefusalDelta:
		dst = w.begin(dst)
		dst = append(dst, `"refusal":`...)
		dst = rawjson.AppendString(dst, e.Text)
		dst = w.end(dst, nil)
	case llm.ImageDelta:
		dst = w.begin(dst)
		dst = append(dst, `"images":[`...)
		dst = appendImage(dst, e.MIME, e.Data)
		dst = w.end(append(dst, ']'), nil)
	case llm.ToolCallStart:
		dst = w.callStart(dst, e)
	case llm.ToolCallDelta:
		dst = w.callDelta(dst, e)
	case llm.Finish:
		dst = w.finish(dst, e)
	}
	return dst
}

// open fixes what every chunk begins with and writes the first one.
func (w *writer) open(dst []byte, s llm.Start) []byte {
	w.head = append([]byte("data: "), w.client.identity(s, "chat.completion.chunk", w.model)...)
	dst = w.begin(dst)
	dst = append(dst, `"role":"assistant","content":""`...)
	return w.end(dst, nil)
}

// identity is the beginning of a chunk or of a whole answer.
func (c Client) identity(s llm.Start, object, model string) []byte {
	switch {
	case s.ID == "":
		s.ID = newAnswerID()
	case !strings.HasPrefix(s.ID, answerPrefix):
		s.ID = answerPrefix + s.ID // of a service that has another protocol
	}
	if s.Created == 0 {
		s.Created = c.now().Unix()
	}
	b := append([]byte(nil), `{"id":`...)
	b = rawjson.AppendString(b, s.ID)
	b = append(b, `,"object":"`+object+`","created":`...)
	b = strconv.AppendInt(b, s.Created, 10)
	b = append(b, `,"model":`...)
	b = rawjson.AppendString(b, model)
	return append(b, ',')
}

func (w *writer) begin(dst []byte) []byte {
	dst = append(dst, w.head...)
	return append(dst, `"choices":[{"index":0,"delta":{`...)
}

func (w *writer) end(dst, logprobs []byte) []byte {
	dst = append(dst, '}')
	if logprobs != nil {
		dst = append(dst, `,"logprobs":`...)
		dst = append(dst, logprobs...)
	}
	return append(dst, ",\"finish_reason\":null}]}\n\n"...)
}

func (w *writer) callStart(dst []byte, e llm.ToolCallStart) []byte {
	index := len(w.blocks)
	w.blocks = append(w.blocks, e.Block)
	w.custom = append(w.custom, e.Custom)
	dst = w.callBegin(dst, index)
	dst = append(dst, `,"id":`...)
	dst = rawjson.AppendString(dst, e.ID)
	if e.Custom {
		dst = append(dst, `,"type":"custom","custom":{"name":`...)
		dst = rawjson.AppendString(dst, e.Name)
		dst = append(dst, `,"input":""}`...)
	} else {
		dst = append(dst, `,"type":"function","function":{"name":`...)
		dst = rawjson.AppendString(dst, e.Name)
		dst = append(dst, `,"arguments":""}`...)
	}
	if e.Signature != "" {
		dst = append(dst, `,"extra_content":`...)
		dst = append(dst, signatureObject(e.Signature)...)
	}
	return w.end(append(dst, `}]`...), nil)
}

func (w *writer) callBegin(dst []byte, index int) []byte {
	dst = w.begin(dst)
	dst = append(dst, `"tool_calls":[{"index":`...)
	return strconv.AppendInt(dst, int64(index), 10)
}

func (w *writer) callDelta(dst []byte, e llm.ToolCallDelta) []byte {
	for i, block := range slices.Backward(w.blocks) {
		if block != e.Block {
			continue
		}
		dst = w.callBegin(dst, i)
		if w.custom[i] {
			dst = append(dst, `,"custom":{"input":`...)
		} else {
			dst = append(dst, `,"function":{"arguments":`...)
		}
		dst = rawjson.AppendString(dst, e.Arguments)
		return w.end(append(dst, `}}]`...), nil)
	}
	return dst
}

func (w *writer) finish(dst []byte, e llm.Finish) []byte {
	if len(e.Citations) > 0 {
		dst = w.begin(dst)
		dst = append(dst, `"annotations":`...)
		dst = w.end(appendCitations(dst, e.Citations), nil)
	}
	dst = append(dst, w.head...)
	if e.Fingerprint != "" {
		dst = append(dst, `"system_fingerprint":`...)
		dst = append(rawjson.AppendString(dst, e.Fingerprint), ',')
	}
	dst = append(dst, `"choices":[{"index":0,"delta":{},"finish_reason":`...)
	dst = rawjson.AppendString(dst, string(e.Reason))
	dst = append(dst, "}]}\n\n"...)
	if w.usage && e.Usage.Known {
		dst = append(dst, w.head...)
		dst = append(dst, `"choices":[],"usage":`...)
		dst = append(appendUsage(dst, e.Usage), "}\n\n"...)
	}
	return append(dst, "data: [DONE]\n\n"...)
}

func appendUsage(dst []byte, u llm.Usage) []byte {
	n := func(name string, n int) {
		dst = append(dst, name...)
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	n(`{"prompt_tokens":`, u.Input)
	n(`,"completion_tokens":`, u.Output)
	n(`,"total_tokens":`, u.Total())
	n(`,"prompt_tokens_details":{"cached_tokens":`, u.Cached)
	n(`},"completion_tokens_details":{"reasoning_tokens":`, u.Reasoning)
	return append(dst, "}}"...)
}
