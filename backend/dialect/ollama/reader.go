package ollama

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Reader reads an answer of this protocol back, as from the request log. Ollama
// itself is called as the OpenAI service that it also is.
type Reader struct{}

var _ dialect.Upstream = Reader{}

// Name is [dialect.Ollama].
func (Reader) Name() dialect.Name { return dialect.Ollama }

// EncodeRequest refuses: no service is called in this protocol.
func (Reader) EncodeRequest(*llm.Request, string) ([]byte, []llm.Warning, *llm.Error) {
	return nil, nil, &llm.Error{Kind: llm.KindUnsupported, Message: "no service is asked in Ollama's own protocol; add it as an OpenAI service"}
}

// DecodeError reads an error by its status.
func (Reader) DecodeError(status int, _ http.Header, body []byte) *llm.Error {
	e := &llm.Error{Kind: llm.KindTransient, Status: status, Message: rawjson.Text(rawjson.Get(body, "error"))}
	if e.Message == "" {
		e.Message = answer.Status(status)
	}
	if status/100 == 4 {
		e.Kind = llm.KindBadRequest
	}
	return e
}

// line is a line of an answer, of either question.
type line struct {
	Error    string
	Response string
	Thinking string
	Message  struct {
		Content, Thinking string
		Images            []string
		Calls             []struct {
			ID       string
			Function struct {
				Name      string
				Arguments json.RawMessage
			}
		} `json:"tool_calls"`
	}
	Done   bool
	Reason string `json:"done_reason"`
	In     *int   `json:"prompt_eval_count"`
	Out    int    `json:"eval_count"`
	Model  string
}

// DecodeReply reads an answer, streamed or whole.
func (Reader) DecodeReply(_ string, body io.Reader) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		p := pieces{open: -1}
		in := json.NewDecoder(body)
		for !p.done {
			var l line
			if err := in.Decode(&l); err != nil {
				yield(nil, broken(err))
				return
			}
			if l.Error != "" {
				yield(nil, &llm.Error{Kind: llm.KindTransient, Message: l.Error})
				return
			}
			p.line(&l)
			for _, e := range p.Take() {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

func broken(err error) *llm.Error {
	const what = "Ollama's answer"
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return answer.Cut()
	case errors.As(err, &syntax), errors.As(err, &kind):
		return answer.Unexpected("something that is not in its protocol", what, err)
	default:
		return answer.Broken(err, "the upstream", what)
	}
}

// pieces turns lines into events.
type pieces struct {
	answer.Queue

	open, block int // the kind and number of the block that goes on
	called      bool
	done        bool
}

// The kinds of blocks that go on over several lines.
const (
	openText = iota
	openThought
)

func (p *pieces) at(kind int) int {
	if p.open != kind {
		p.open, p.block = kind, p.NextBlock()
	}
	return p.block
}

func (p *pieces) line(l *line) {
	if p.Start.Model == "" {
		p.Start.Model = l.Model
	}
	if t := l.Thinking + l.Message.Thinking; t != "" {
		p.Put(llm.ThoughtDelta{Block: p.at(openThought), Text: t})
	}
	if t := l.Response + l.Message.Content; t != "" {
		p.Put(llm.TextDelta{Block: p.at(openText), Text: t})
	}
	for _, data := range l.Message.Images {
		p.open = -1
		p.Put(llm.ImageDelta{Block: p.NextBlock(), MIME: sniff(data), Data: data})
	}
	for _, c := range l.Message.Calls {
		p.open, p.called = -1, true
		block := p.NextBlock()
		p.Put(llm.ToolCallStart{Block: block, ID: c.ID, Name: c.Function.Name})
		var args bytes.Buffer
		if json.Compact(&args, c.Function.Arguments) == nil {
			p.Put(llm.ToolCallDelta{Block: block, Arguments: args.String()})
		}
	}
	if l.Done {
		p.finish(l)
	}
}

func (p *pieces) finish(l *line) {
	p.done = true
	f := llm.Finish{Reason: llm.ReasonStop}
	switch {
	case l.Reason == "length":
		f.Reason = llm.ReasonLength
	case p.called:
		f.Reason = llm.ReasonToolCalls
	}
	if l.In != nil {
		f.Usage = llm.Usage{Known: true, Input: *l.In, Output: l.Out}
	}
	p.Put(f)
}
