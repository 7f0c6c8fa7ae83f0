package qwen

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// edits are changes to the top-level fields of a body. The zero value changes
// nothing.
type edits struct {
	list     []fieldEdit
	warnings []llm.Warning
}

// fieldEdit replaces or adds a field; "" leaves it out.
type fieldEdit struct{ name, value string }

func (e *edits) set(name, value string) {
	for i := range e.list {
		if e.list[i].name == name {
			e.list[i].value = value
			return
		}
	}
	e.list = append(e.list, fieldEdit{name, value})
}

func (e *edits) drop(name string) { e.set(name, "") }

// warn notes what happened to a field, once.
func (e *edits) warn(field, what string) {
	w := llm.Warning{Field: field, What: what}
	if !slices.Contains(e.warnings, w) {
		e.warnings = append(e.warnings, w)
	}
}

// apply appends body, which is one JSON object, with the changes. Every other
// field keeps its bytes and its place.
func (e *edits) apply(dst, body []byte) []byte {
	from := len(dst)
	dst = append(dst, '{')
	put := func(name, value string) {
		if len(dst) > from+1 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, name...), ':'), value...)
	}
	done := make([]bool, len(e.list))
	gjson.ParseBytes(body).ForEach(func(key, value gjson.Result) bool {
		for i, f := range e.list {
			if f.name != key.Str {
				continue
			}
			if f.value != "" && !done[i] {
				put(key.Raw, f.value)
			}
			done[i] = true
			return true
		}
		put(key.Raw, value.Raw)
		return true
	})
	for i, f := range e.list {
		if f.value != "" && !done[i] {
			put(text(f.name), f.value)
		}
	}
	return append(dst, '}')
}

// text is s as a JSON string, without HTML's escapes.
func text(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string cannot fail
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// unset forgets a change.
func (e *edits) unset(name string) {
	e.list = slices.DeleteFunc(e.list, func(f fieldEdit) bool { return f.name == name })
}
