package completions

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// Tap makes the watch over one streamed answer.
func (u Upstream) Tap(h dialect.Head, asked string) dialect.Tap {
	return &tap{upstream: u, head: h, model: asked, asked: rawjson.AppendString(nil, asked)}
}

// tap passes chunks on with the asked model's name in them. The usage goes out
// once, at the end, and only to those who asked (B25); Mistral's protocol has it
// in the last chunk, where it stays.
type tap struct {
	upstream Upstream
	head     dialect.Head
	model    string
	asked    []byte // as a JSON string
	own      []byte // how a chunk of our own begins

	decoder sse.Decoder
	chunk   chunk
	edits   []carriage.Edit
	out     []byte
	held    []byte // what came before there was text, or an end
	usage   []byte // the event to send at the end
	ended   bool   // a reason was given
	seen    dialect.Seen
}

// Seen is what has been learnt so far.
func (t *tap) Seen() dialect.Seen { return t.seen }

// Feed takes the next bytes of the body.
func (t *tap) Feed(dst, p []byte) ([]byte, *llm.Error) {
	t.out = dst[:0]
	t.decoder.Feed(p)
	err := t.events()
	return t.out, err
}

// End takes the end of the body.
func (t *tap) End(dst []byte) ([]byte, *llm.Error) {
	t.out = dst[:0]
	t.decoder.End()
	if err := t.events(); err != nil {
		return t.out, err
	}
	if t.seen.Closed {
		return t.out, nil
	}
	if !t.ended {
		return t.out, answer.Cut()
	}
	t.close()
	return t.out, nil
}

func (t *tap) events() *llm.Error {
	for {
		e, ok := t.decoder.Next()
		if !ok {
			break
		}
		if t.seen.Closed {
			continue
		}
		if err := t.event(e); err != nil {
			return err
		}
	}
	if t.decoder.Err() != nil {
		return answer.Broken(t.decoder.Err(), "the upstream", wanted)
	}
	return nil
}

func (t *tap) event(e sse.Event) *llm.Error {
	data := bytes.TrimSpace(e.Data)
	switch {
	case len(data) == 0:
		if line := bytes.TrimSpace(e.Raw); len(line) > 0 && line[0] == '{' {
			return t.whole(line)
		}
		return nil
	case string(data) == "[DONE]":

		t.close()
		return nil
	}
	return t.one(data)
}

// whole is an answer that is no stream although its label says so (B27): what a
// service sends there is an error, mostly.
func (t *tap) whole(line []byte) *llm.Error {
	var c chunk
	if c.parse(line) == nil && c.fault != nil {
		return t.upstream.fault(c.fault)
	}
	return answer.Unexpected("a whole answer", "a stream of one", nil)
}

// one passes one chunk on.
func (t *tap) one(data []byte) *llm.Error {
	c := &t.chunk
	if err := c.parse(data); err != nil {
		return err
	}
	if c.fault != nil {
		return t.upstream.fault(c.fault)
	}
	t.edits = t.edits[:0]
	if c.model.Value != nil {
		if t.seen.Model == "" {
			t.seen.Model = rawjson.Text(c.model.Value)
		}
		t.edits = append(t.edits, carriage.Replace(0, c.model, t.asked))
	}
	if t.own == nil {
		t.identify(c)
	}
	begun := t.seen.Token
	for _, one := range c.choices {
		t.seen.Token = t.seen.Token || one.text != "" || one.finish != nil
		if one.finish != nil {
			t.ended, t.seen.Reason = true, reasonOf(one.finish)
		}
	}
	if c.usage.Value != nil && t.takeUsage(c, data) {
		return nil
	}
	t.send(data, begun)
	return nil
}

// identify keeps how a chunk of our own begins.
func (t *tap) identify(c *chunk) {
	start := llm.Start{ID: rawjson.Text(c.id.Value)}
	if n, ok := rawjson.Int(c.created.Value); ok {
		start.Created = int64(n)
	}
	t.own = Client{FIM: t.upstream.FIM, Now: t.upstream.Now}.identity(start, t.model, true)
}

// takeUsage keeps a usage for the end; gone says that nothing of the chunk is
// left to send.
func (t *tap) takeUsage(c *chunk, data []byte) (gone bool) {
	t.seen.Usage = usageOf(c.usage.Value)
	if t.upstream.FIM {
		return false
	}
	t.usage = append(t.usage[:0], "data: "...)
	if len(c.choices) == 0 {
		t.usage = append(carriage.Splice(t.usage, data, t.edits), "\n\n"...)
		return true
	}
	t.usage = append(t.usage, t.own...)
	t.usage = append(append(t.usage, `"choices":[],"usage":`...), c.usage.Value...)
	t.usage = append(t.usage, "}\n\n"...)
	t.edits = append(t.edits, carriage.Replace(0, c.usage, []byte("null")))
	return false
}

// send passes a chunk on, or holds it back until there is something to read: an
// answer that fails before can still be another upstream's.
func (t *tap) send(data []byte, begun bool) {
	if !t.seen.Token {
		const most = 64 << 10
		if len(t.held) < most {
			t.held = t.append(t.held, data)
		}
		return
	}
	if !begun {
		t.out = append(t.out, t.held...)
		t.held = nil
	}
	t.out = t.append(t.out, data)
}

func (t *tap) append(dst, data []byte) []byte {
	dst = append(dst, "data: "...)
	for i, line := range bytes.Split(carriage.Splice(nil, data, t.edits), []byte{'\n'}) {
		if i > 0 {
			dst = append(dst, "\ndata: "...)
		}
		dst = append(dst, line...)
	}
	return append(dst, "\n\n"...)
}

// close ends the stream. One that said so without a reason ended well.
func (t *tap) close() {
	if !t.seen.Token {
		t.out = append(t.out, t.held...)
		t.held = nil
	}
	if !t.ended {
		t.ended, t.seen.Reason = true, llm.ReasonStop
		if t.own == nil {
			t.identify(&chunk{})
		}
		t.out = append(append(t.out, "data: "...), t.own...)
		t.out = Client{FIM: t.upstream.FIM}.appendChoice(append(t.out, `"choices":[`...), "", llm.ReasonStop, true)
		t.out = append(t.out, "]}\n\n"...)
		t.seen.Notes = append(t.seen.Notes, llm.Warning{Field: "finish_reason", What: "added"})
	}
	t.seen.Token, t.seen.Closed = true, true
	if t.head.IncludeUsage {
		t.out = append(t.out, t.usage...)
	}
	t.out = append(t.out, "data: [DONE]\n\n"...)
}
