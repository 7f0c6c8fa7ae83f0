package openairesponses

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// CarryRequest puts the upstream's model into the client's body, and the
// conversation that it goes on from in front of its input. Nothing is decoded.
func (u Upstream) CarryRequest(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	c := carried{carriage.Body{Raw: raw, Head: h}}
	c.Model(model)
	c.Stream()
	c.Choice()
	if s := scanOf(h, Client{}); s.previous != "" {
		c.Replace(s.previousAt, []byte("null"))
		c.Put(s.inputAt, "input", c.whole(s))
		c.Warn("previous_response_id", "resolved here:")
		c.Warn("input", "put the conversation so far in front of")
	}
	return c.Append(dst), c.Warnings, nil
}

// carried is one body with its edits.
type carried struct{ carriage.Body }

// whole is the input with the conversation so far in front. The items of answers
// go without their ids, under which another account would not find them, and
// thinking that is not signed cannot go at all.
func (c *carried) whole(s *scan) []byte {
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
				c.Warn("previous_response_id", "dropped unsigned thinking of")
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
	var edits []carriage.Edit
	if at := modelAt(response); at.Found() {
		edits = append(edits, carriage.Edit{At: at, With: rawjson.AppendString(nil, model)})
	}
	return carriage.Splice(dst, response, edits)
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
