package openairesponses

import (
	"bytes"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// CarryRequest puts the upstream's model into the client's body, and the
// conversation that it goes on from in front of its input. Nothing is decoded.
func (u Upstream) CarryRequest(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	c := carriage{raw: raw, head: h}
	c.put(h.ModelAt, `"model":`, rawjson.AppendString(nil, model))
	if h.StreamAt.Found() && raw[h.StreamAt.From] == '"' {
		value := "false"
		if h.Stream {
			value = "true"
		}
		c.put(h.StreamAt, "", []byte(value))
		c.warn("stream", "read as "+value+": text in")
	}
	if h.OddChoiceAt.Found() {
		c.put(h.OddChoiceAt, "", []byte(`"auto"`))
		c.warn("tool_choice", "read as auto: unknown value of")
	}
	if s := scanOf(h, Client{}); s.previous != "" {
		c.put(s.previousAt, "", []byte("null"))
		c.put(s.inputAt, `"input":`, c.whole(s))
		c.warn("previous_response_id", "resolved here:")
		c.warn("input", "put the conversation so far in front of")
	}
	return c.append(dst), c.warnings, nil
}

// carriage gathers the edits of one body.
type carriage struct {
	raw      []byte
	head     dialect.Head
	edits    []edit
	warnings []llm.Warning
}

// edit replaces the bytes of a span.
type edit struct {
	at   dialect.Span
	with []byte
}

func (c *carriage) warn(field, what string) {
	c.warnings = append(c.warnings, llm.Warning{Field: field, What: what})
}

// put replaces a value, or adds the member behind the body's opening brace.
func (c *carriage) put(at dialect.Span, name string, value []byte) {
	if at.Found() {
		c.edits = append(c.edits, edit{at, value})
		return
	}
	behind := c.head.ObjectAt.From + 1
	with := append(append([]byte(name), value...), ',')
	c.edits = append(c.edits, edit{dialect.Span{From: behind, To: behind}, with})
}

func (c *carriage) append(dst []byte) []byte {
	slices.SortStableFunc(c.edits, func(a, b edit) int { return a.at.From - b.at.From })
	at := 0
	for _, e := range c.edits {
		dst = append(dst, c.raw[at:e.at.From]...)
		dst = append(dst, e.with...)
		at = e.at.To
	}
	return append(dst, c.raw[at:]...)
}

// whole is the input with the conversation so far in front. The items of answers
// go without their ids, under which another account would not find them, and
// thinking that is not signed cannot go at all.
func (c *carriage) whole(s *scan) []byte {
	out := []byte{'['}
	add := func(item []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, item...)
	}
	for item, answered := range s.before {
		if !answered {
			add(item)
			continue
		}
		if rawjson.Text(rawjson.Get(item, "type")) == "reasoning" {
			content := rawjson.Text(rawjson.Get(item, "encrypted_content"))
			if _, by := unseal(content); content == "" || by != minter {
				c.warn("previous_response_id", "dropped unsigned thinking of")
				continue
			}
		}
		add(withoutID(item))
	}
	for _, item := range rawjson.Elements(items(s.input)) {
		add(item)
	}
	return append(out, ']')
}

// withoutID is an item of an answer as an item of an input.
func withoutID(item []byte) []byte {
	out := []byte{'{'}
	for m := range rawjson.Inside(item) {
		if k := string(m.Key); k == "id" || k == "status" {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(rawjson.AppendString(out, m.Key), ':')
		out = append(out, m.Value...)
	}
	return append(out, '}')
}

// CarryReply passes a whole answer on with the asked model's name in it, and
// keeps it. One that came as events is read and written anew.
func (u Upstream) CarryReply(dst, raw []byte, h dialect.Head, asked string) ([]byte, dialect.Seen, *llm.Error) {
	s := scanOf(h, Client{Now: u.Now})
	body := bytes.TrimSpace(raw)
	if len(body) == 0 || body[0] != '{' {
		return u.fold(dst, raw, asked, s)
	}
	if !rawjson.Valid(body) {
		return dst, dialect.Seen{}, answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(body))+")", wanted, nil)
	}
	r := newReader(u)
	if err := r.Whole(body); err != nil {
		return dst, dialect.Seen{}, err
	}
	seen := dialect.Seen{Model: r.queue.Start.Model}
	note(&seen, r)
	from := len(dst)
	dst = appendModel(dst, body, asked)
	s.keep(r.queue.Start.ID, dst[from:])
	return dst, seen, nil
}

// fold reads an answer of any form and writes it as a whole one.
func (u Upstream) fold(dst, raw []byte, asked string, s *scan) ([]byte, dialect.Seen, *llm.Error) {
	reply, err := llm.Collect(u.DecodeReply("", bytes.NewReader(raw)))
	if err != nil {
		return dst, dialect.Seen{}, llm.AsError(err)
	}
	seen := dialect.Seen{
		Token: true, Model: reply.Start.Model, Usage: reply.Finish.Usage, Reason: reply.Finish.Reason,
		Notes: []llm.Warning{{Field: "answer", What: "rewrote"}},
	}
	return appendReply(dst, reply, asked, s), seen, nil
}

// appendModel appends a response object with another model's name.
func appendModel(dst, response []byte, model string) []byte {
	at := modelAt(response)
	if !at.Found() {
		return append(dst, response...)
	}
	dst = append(dst, response[:at.From]...)
	dst = rawjson.AppendString(dst, model)
	return append(dst, response[at.To:]...)
}

// modelAt is where an object has the model's name.
func modelAt(object []byte) dialect.Span {
	var at dialect.Span
	base := bytes.IndexByte(object, '{')
	for m := range rawjson.Inside(object) {
		if string(m.Key) == "model" && rawjson.IsText(m.Value) {
			at = dialect.Span{From: base + m.At, To: base + m.At + len(m.Value)}
		}
	}
	return at
}
