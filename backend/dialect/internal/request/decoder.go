package request

import (
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Wording is how a protocol says that a value is not what it must be; its words
// stand behind the field's name.
type Wording struct {
	Text, Whole, Number, Flag string
	// Content is for what is neither a text nor a list of parts, and Object for
	// what is no object.
	Content, Object string
}

// Decoder gathers one request. The first fault counts.
type Decoder struct {
	Req      *llm.Request
	Warnings []llm.Warning
	// Err is the first fault.
	Err *llm.Error
	// Splice says that texts stay the tokens that they are.
	Splice bool
	// Wording is that of OpenAI's protocols, where a codec gives no other.
	Wording Wording
}

// New is a decoder of a body that Head has accepted.
func New(h dialect.Head, minter string) Decoder {
	return Decoder{
		Splice: h.Splice,
		Req:    &llm.Request{Model: h.Model, Stream: h.Stream, IncludeUsage: h.IncludeUsage, Minter: minter},
		Wording: Wording{
			Text: " must be a string", Whole: " must be a whole number", Number: " must be a number", Flag: " must be true or false",
			Content: " must be a string or a list of parts", Object: " must be an object",
		},
	}
}

// Done is what was read, or the first fault.
func (d *Decoder) Done() (*llm.Request, []llm.Warning, *llm.Error) {
	if d.Err != nil {
		return nil, nil, d.Err
	}
	return d.Req, d.Warnings, nil
}

// Warn notes what became of a field.
func (d *Decoder) Warn(field, what string) {
	d.Warnings = append(d.Warnings, llm.Warning{Field: field, What: what})
}

// Fail keeps the first fault.
func (d *Decoder) Fail(err *llm.Error) {
	if d.Err == nil {
		d.Err = err
	}
}

// Refuse is Fail with a fault of the client's.
func (d *Decoder) Refuse(param, message string) {
	if d.Err == nil {
		d.Err = BadRequest(param, message)
	}
}

// Keep keeps a field that has no place in the vocabulary, for a service that
// speaks this protocol too.
func (d *Decoder) Keep(name string, v []byte) {
	d.Req.Extra = append(d.Req.Extra, llm.Field{Name: name, Value: v})
}

// Words is a text with the token that it was read from, or that alone.
func (d *Decoder) Words(raw []byte) llm.Text {
	if d.Splice {
		return llm.Text{Raw: raw}
	}
	return llm.Text{Text: rawjson.Text(raw), Raw: raw}
}

// Content reads what stands where a protocol takes nothing, a string or a list of
// parts, by part, which is told how many came before it; nil is one that went
// elsewhere.
func (d *Decoder) Content(at string, v []byte, part func(at string, raw []byte, before int) llm.Part) []llm.Part {
	switch {
	case rawjson.IsNull(v):
		return nil
	case rawjson.IsText(v):
		return []llm.Part{d.Words(v)}
	case v[0] != '[':
		d.Refuse(at, at+d.Wording.Content)
		return nil
	}
	var parts []llm.Part
	for i, e := range rawjson.Indexed(v) {
		here := at + "[" + strconv.Itoa(i) + "]"
		switch {
		case rawjson.IsText(e):
			parts = append(parts, d.Words(e))
		case e[0] == '{':
			if p := part(here, e, len(parts)); p != nil {
				parts = append(parts, p)
			}
		default:
			d.Refuse(here, here+d.Wording.Object)
		}
		if d.Err != nil {
			return nil
		}
	}
	return parts
}

// Text is a string, or "" for null; anything else is a fault.
func (d *Decoder) Text(param string, v []byte) string {
	if !rawjson.IsText(v) && !rawjson.IsNull(v) {
		d.Refuse(param, param+d.Wording.Text)
		return ""
	}
	return rawjson.Text(v)
}

// Whole is a whole number; anything else is a fault.
func (d *Decoder) Whole(param string, v []byte) *int {
	n, ok := rawjson.Int(v)
	if !ok {
		d.Refuse(param, param+d.Wording.Whole)
		return nil
	}
	return &n
}

// Number is any number; anything else is a fault.
func (d *Decoder) Number(param string, v []byte) *float64 {
	f, ok := rawjson.Float(v)
	if !ok {
		d.Refuse(param, param+d.Wording.Number)
		return nil
	}
	return &f
}

// Flag is true or false; anything else is a fault.
func (d *Decoder) Flag(param string, v []byte) *bool {
	on := string(v) == "true"
	if !on && string(v) != "false" {
		d.Refuse(param, param+d.Wording.Flag)
		return nil
	}
	return &on
}

// Seed reads the number that an answer begins from.
func (d *Decoder) Seed(param string, v []byte) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		d.Refuse(param, param+d.Wording.Whole)
		return
	}
	d.Req.Seed = &n
}

// Stop reads OpenAI's stop, which is a string or a list of them.
func (d *Decoder) Stop(v []byte) {
	const wrong = "stop must be a string or a list of strings"
	switch {
	case rawjson.IsText(v):
		d.Req.Stop = []string{rawjson.Text(v)}
		return
	case v[0] != '[':
		d.Refuse("stop", wrong)
		return
	}
	for i, e := range rawjson.Indexed(v) {
		if !rawjson.IsText(e) {
			d.Refuse("stop["+strconv.Itoa(i)+"]", wrong)
			return
		}
		d.Req.Stop = append(d.Req.Stop, rawjson.Text(e))
	}
}

// Described says whether a tool's description can stay the token that it is, and
// then keeps it so.
func (d *Decoder) Described(t *llm.Tool, v []byte) bool {
	if !d.Splice || !rawjson.IsText(v) || len(v) <= len(`""`) {
		return false
	}
	t.RawDescription = v
	return true
}
