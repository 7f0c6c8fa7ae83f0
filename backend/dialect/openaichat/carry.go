package openaichat

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// CarryRequest splices the model and the usage flags into the client's body by
// the spans that Head has found. Nothing is decoded unless a quirk wants it.
func (u Upstream) CarryRequest(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	c := carried{carriage.Body{Raw: raw, Head: h}}
	c.Model(model)
	c.stream(!u.Quirks.NoStreamOptions)
	c.Choice()
	idle := h.StreamOptionsAt.Found() && !h.Stream
	if !idle && !u.Quirks.edits() {
		return c.Append(dst), c.Warnings, nil
	}
	out, warnings := u.Quirks.edit(dst, c.Append(make([]byte, 0, len(raw)+256)), h.Stream)
	return out, append(c.Warnings, warnings...), nil
}

// carried is one body with its edits.
type carried struct{ carriage.Body }

// stream makes the flag a flag and asks for usage, which the log needs even
// where the client does not.
func (c *carried) stream(options bool) {
	c.Stream()
	h := c.Head
	if !h.Stream || !options || h.IncludeUsage {
		return
	}
	c.Warn("stream_options", "added include_usage to")
	value := []byte(`{"include_usage":true`)
	if h.StreamOptionsAt.Found() {
		for m := range rawjson.Inside(c.Raw[h.StreamOptionsAt.From:h.StreamOptionsAt.To]) {
			if string(m.Key) != "include_usage" {
				value = append(rawjson.AppendString(append(value, ','), m.Key), ':')
				value = append(value, m.Value...)
			}
		}
	}
	c.Put(h.StreamOptionsAt, "stream_options", append(value, '}'))
}

// CarryReply passes a whole answer on with the asked model's name in it. An
// answer that is not right, or that came as events, is read and written anew.
func (u Upstream) CarryReply(dst, raw []byte, _ dialect.Head, asked string) ([]byte, dialect.Seen, *llm.Error) {
	if kind := first(raw); kind != '{' || u.Quirks.ThinkTags {
		return u.foldReply(dst, raw, asked)
	}
	var c chunk
	if err := c.parse(raw); err != nil {
		return dst, dialect.Seen{}, notChunk(raw, err)
	}
	if c.fault != nil {
		return dst, dialect.Seen{}, u.faultIn(c.fault)
	}
	w := wholeReply{chunk: &c, base: bytes.IndexByte(raw, '{'), asked: asked}
	if err := w.read(); err != nil {
		return dst, w.seen, err
	}
	if w.anew {
		return u.foldReply(dst, raw, asked)
	}
	return carriage.Splice(dst, raw, w.edits), w.seen, nil
}

// first is the first byte that is not space; 0 when there is none.
func first(raw []byte) byte {
	for _, b := range raw {
		if !isSpace(b) {
			return b
		}
	}
	return 0
}

// foldReply reads an answer of any form and writes it as a whole one.
func (u Upstream) foldReply(dst, raw []byte, asked string) ([]byte, dialect.Seen, *llm.Error) {
	reply, err := llm.Collect(u.DecodeReply("", bytes.NewReader(raw)))
	if err != nil {
		return dst, dialect.Seen{}, llm.AsError(err)
	}
	seen := dialect.Seen{
		Token: true, Model: reply.Start.Model, Usage: reply.Finish.Usage, Reason: reply.Finish.Reason,
		Notes: []llm.Warning{{Field: "answer", What: "rewrote"}},
	}
	return Client{}.appendReply(dst, reply, asked), seen, nil
}

// wholeReply looks through a whole answer.
type wholeReply struct {
	chunk *chunk
	base  int // where the object begins
	asked string
	edits []carriage.Edit
	seen  dialect.Seen
	anew  bool // the repair is too big for edits
}

func (w *wholeReply) replace(v value, with []byte) {
	w.edits = append(w.edits, v.edit(w.base, with))
}

func (w *wholeReply) read() *llm.Error {
	c := w.chunk
	if c.model.raw != nil {
		w.seen.Model = rawjson.Text(c.model.raw)
		if w.seen.Model != w.asked {
			w.replace(c.model, rawjson.AppendString(nil, w.asked))
		}
	}
	if c.usage.raw != nil {
		w.seen.Usage = usageOf(c.usage.raw)
		if mended := mendUsage(c.usage.raw, w.seen.Usage); mended != nil {
			w.replace(c.usage, mended)
			w.note("usage", "completed")
		}
	}
	if !c.listed {
		return notChat("an object without choices", nil)
	}
	for i := range c.choices {
		if err := w.choice(&c.choices[i]); err != nil {
			return err
		}
	}
	if !w.seen.Token && !w.anew {
		return answer.Empty(w.seen.Reason)
	}
	return nil
}

func (w *wholeReply) choice(c *choice) *llm.Error {
	if failsAt(c.finish.raw) {
		return finishFault(c.finish.raw, looseText(c.content.raw))
	}
	called := c.calls.raw != nil || c.legacy.raw != nil
	reason, known := reasonOf(rawjson.Text(c.finish.raw))
	w.seen.Reason = reason
	spoke := !empty(c.content.raw) || !empty(c.refusal.raw) || called || c.other
	w.seen.Token = w.seen.Token || spoke
	switch {
	case !spoke && !empty(c.thought.raw), loose(c.content.raw), loose(c.thought.raw), c.calls.raw != nil && !soundCalls(c.calls.raw), words(c.finish.raw) == nil:
		w.anew = true
	case c.calls.raw != nil && reason == llm.ReasonStop:
		w.seen.Reason = llm.ReasonToolCalls
		w.replace(c.finish, []byte(`"tool_calls"`))
		w.note("finish_reason", "replaced stop by tool_calls in")
	case !known:
		w.replace(c.finish, rawjson.AppendString(nil, string(reason)))
		w.note("finish_reason", "replaced "+rawjson.Text(c.finish.raw)+" in")
	}
	return nil
}

func (w *wholeReply) note(field, what string) {
	w.seen.Notes = append(w.seen.Notes, llm.Warning{Field: field, What: what})
}

// soundCalls says whether the calls of a whole answer are as the protocol wants
// them: each with an id of its own, a type and a name, arguments as text.
func soundCalls(list []byte) bool {
	var seen [][]byte
	for _, e := range rawjson.Elements(list) {
		f := parseFragment(e)
		if f.id == nil || !rawjson.IsText(f.id) || f.name == nil || f.looseArgs || f.args == nil || !f.typed {
			return false
		}
		for _, id := range seen {
			if bytes.Equal(id, f.id) {
				return false
			}
		}
		seen = append(seen, f.id)
	}
	return true
}
