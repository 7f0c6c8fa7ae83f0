package toolprompt

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// call is one call as it was found.
type call struct {
	name, arguments string
	custom          bool
}

// parse reads a block: one object, or a list of them. whole says that it is
// JSON at all; calls is nil unless every one names an offered tool.
func parse(block string, tools []llm.Tool) (calls []call, whole bool) {
	text := []byte(unfenced(block))
	if len(text) == 0 || !rawjson.Valid(text) {
		return nil, false
	}
	objects := [][]byte{text}
	if text[0] == '[' {
		objects = nil
		for _, o := range rawjson.Elements(text) {
			objects = append(objects, o)
		}
	}
	for _, o := range objects {
		c, ok := one(o, tools)
		if !ok {
			return nil, true
		}
		calls = append(calls, c)
	}
	return calls, true
}

// unfenced is a block without the code fence that some models cannot leave.
func unfenced(block string) string {
	s := strings.TrimSpace(block)
	if inner, ok := strings.CutPrefix(s, "```"); ok {
		inner = strings.TrimPrefix(inner, "json")
		s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(inner), "```"))
	}
	return s
}

func one(o []byte, tools []llm.Tool) (call, bool) {
	name := rawjson.Text(rawjson.Get(o, "name"))
	for _, t := range tools {
		if t.Name == name {
			return call{name: name, custom: t.Custom, arguments: arguments(o, t.Custom)}, true
		}
	}
	return call{}, false
}

// arguments are the JSON text that a client reads, or the free text of a tool
// that takes such. Models also know the field under its other names, and write
// the object as a string.
func arguments(o []byte, custom bool) string {
	var v []byte
	for _, field := range [...]string{"arguments", "parameters", "input"} {
		if v = rawjson.Get(o, field); v != nil {
			break
		}
	}
	switch {
	case custom && rawjson.IsText(v):
		return rawjson.Text(v)
	case custom:
		return rawjson.Text(rawjson.Get(v, "input"))
	case rawjson.IsNull(v):
		return "{}"
	case rawjson.IsText(v):
		return rawjson.Text(v)
	default:
		return string(v)
	}
}
