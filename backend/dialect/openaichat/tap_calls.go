package openaichat

import (
	"bytes"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// fragments looks through the pieces of tool calls in one choice and writes
// them anew if one of them is wrong. It says whether a call is visible.
func (t *tap) fragments(s *tapChoice, c *choice) (visible bool) {
	wrong := false
	mended := []byte{'['}
	for _, e := range rawjson.Elements(c.calls.raw) {
		f := parseFragment(e)
		opened := s.calls.place(f)
		right := t.fragment(&s.calls, opened, f)
		wrong = wrong || !right
		if opened.ourID == "" {
			continue // it has no name yet
		}
		visible = true
		if len(mended) > 1 {
			mended = append(mended, ',')
		}
		mended = appendFragment(mended, opened, f, e)
		opened.announced, opened.text = true, nil
	}
	if !wrong {
		return visible
	}
	t.note("tool_calls", "repaired")
	if mended = append(mended, ']'); len(mended) == 2 {
		mended = []byte("null")
	}
	t.replace(c.calls, mended)
	return visible
}

// fragment brings the call up to date and says whether the piece may stay as it
// is. An id or a name that comes twice may not: clients join them.
func (t *tap) fragment(all *calls, c *call, f fragment) bool {
	t.scratch = append(t.scratch[:0], rawjson.Loose(f.args)...)
	c.brackets.feed(t.scratch)
	if c.ourID == "" && c.name == nil {
		c.text = append(c.text, t.scratch...)
		return false
	}
	known := c.ourID != ""
	if !known {
		all.show(c)
	}
	right := f.indexed && f.index == c.index && !f.looseArgs && !f.blank
	if known {
		return right && f.id == nil && f.name == nil
	}
	return right && f.id != nil && f.name != nil && f.typed && len(c.text) == 0 &&
		bytes.Equal(f.id, rawjson.AppendString(nil, c.ourID))
}

// appendFragment writes a piece as the protocol wants it. What is unknown in it
// stays.
func appendFragment(dst []byte, c *call, f fragment, raw []byte) []byte {
	object, arguments := "function", "arguments"
	if c.custom {
		object, arguments = "custom", "input"
	}
	dst = append(dst, `{"index":`...)
	dst = strconv.AppendInt(dst, int64(c.index), 10)
	if !c.announced {
		dst = rawjson.AppendString(append(dst, `,"id":`...), c.ourID)
		dst = append(dst, `,"type":"`+object+`"`...)
	}
	dst = append(dst, `,"`+object+`":{`...)
	if !c.announced {
		dst = rawjson.AppendString(append(dst, `"name":`...), rawjson.Loose(c.name))
		dst = append(dst, ',')
	}
	dst = append(dst, `"`+arguments+`":`...)
	dst = rawjson.AppendString(dst, string(c.text)+rawjson.Loose(f.args))
	for _, x := range extra(rawjson.Get(raw, object), "", "name", arguments) {
		dst = append(rawjson.AppendString(append(dst, ','), x.Name), ':')
		dst = append(dst, x.Value...)
	}
	dst = append(dst, '}')
	for _, x := range extra(raw, "", "index", "id", "type", "function", "custom") {
		dst = append(rawjson.AppendString(append(dst, ','), x.Name), ':')
		dst = append(dst, x.Value...)
	}
	return append(dst, '}')
}

// growingCall is the arguments' string where the only piece continues a call
// and needs no repair.
func (t *tap) growingCall(c *choice) (value, bool) {
	var only value
	n := 0
	for at, e := range rawjson.Elements(c.calls.raw) {
		only = value{e, c.calls.at + at}
		n++
	}
	f := parseFragment(only.raw)
	if n != 1 || f.id != nil || f.name != nil || f.args == nil || f.looseArgs || f.custom || !f.indexed || f.blank {
		return value{}, false
	}
	latest := t.state(c.index).calls.latest
	if latest == nil || latest.ourID == "" || latest.index != f.index {
		return value{}, false
	}
	for m := range rawjson.Inside(only.raw) {
		if string(m.Key) != "function" {
			continue
		}
		for inner := range rawjson.Inside(m.Value) {
			if string(inner.Key) == "arguments" {
				t.pattern.kind, t.pattern.call = openCall, latest
				return value{inner.Value, only.at + m.At + inner.At}, true
			}
		}
	}
	return value{}, false
}
