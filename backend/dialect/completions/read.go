package completions

import (
	"bytes"
	"io"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// DecodeReply reads an answer, streamed or whole.
func (u Upstream) DecodeReply(_ string, body io.Reader) llm.Stream {
	return answer.Stream(body, wanted, func() answer.Reader { return &reader{upstream: u} })
}

// reader turns the chunks of one answer into events.
type reader struct {
	answer.Queue

	upstream Upstream
	chunk    chunk
	begun    bool
	block    int
	finish   llm.Reason
	usage    llm.Usage
	done     bool
}

// Done says that nothing that follows matters.
func (r *reader) Done() bool { return r.done }

// Event reads one event of a stream.
func (r *reader) Event(e sse.Event) *llm.Error {
	data := bytes.TrimSpace(e.Data)
	switch {
	case len(data) == 0:
		return nil
	case string(data) == "[DONE]":
		r.done = true
		return nil
	}
	if err := r.read(data); err != nil {
		return err
	}
	return nil
}

// Whole reads an answer that is one JSON value.
func (r *reader) Whole(data []byte) *llm.Error {
	if err := r.read(data); err != nil {
		return err
	}
	if !r.chunk.listed {
		return answer.Unexpected("an object without choices", wanted, nil)
	}
	if r.finish == "" {
		r.finish = llm.ReasonStop
	}
	return r.End()
}

// End reads the end of the events. A stream that neither finished nor said so is
// cut; one that only said so is whole.
func (r *reader) End() *llm.Error {
	if r.finish == "" {
		if !r.done {
			return answer.Cut()
		}
		r.finish = llm.ReasonStop
	}
	r.Put(llm.Finish{Reason: r.finish, Usage: r.usage})
	return nil
}

func (r *reader) read(data []byte) *llm.Error {
	c := &r.chunk
	if err := c.parse(data); err != nil {
		return err
	}
	if c.fault != nil {
		return r.upstream.fault(c.fault)
	}
	if !r.begun {
		r.identify(c)
	}
	if c.usage.Value != nil {
		r.usage = usageOf(c.usage.Value)
	}
	for i, one := range c.choices {
		if i > 0 {
			break // only one can be asked for
		}
		if one.text != "" {
			if !r.begun {
				r.begun, r.block = true, r.NextBlock()
			}
			r.Put(llm.TextDelta{Block: r.block, Text: one.text})
		}
		if one.finish != nil {
			r.finish = reasonOf(one.finish)
		}
	}
	return nil
}

func (r *reader) identify(c *chunk) {
	if s := rawjson.Text(c.id.Value); s != "" {
		r.Start.ID = s
	}
	if s := rawjson.Text(c.model.Value); s != "" {
		r.Start.Model = s
	}
	if n, ok := rawjson.Int(c.created.Value); ok {
		r.Start.Created = int64(n)
	}
}
