package openaichat

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// looseText is the text of a value that services write as a string, a list of
// strings or parts, or an object with the text in it.
func looseText(v []byte) string {
	switch {
	case rawjson.IsNull(v):
		return ""
	case rawjson.IsText(v):
		return rawjson.Text(v)
	case v[0] == '[':
		var b strings.Builder
		for _, e := range rawjson.Elements(v) {
			b.WriteString(looseText(e))
		}
		return b.String()
	case v[0] == '{':
		for _, name := range [...]string{"text", "content", "summary", "thinking"} {
			if t := rawjson.Get(v, name); !rawjson.IsNull(t) {
				return looseText(t)
			}
		}
	}
	return ""
}

// loose says whether a text is written as something else.
func loose(v []byte) bool { return !empty(v) && !rawjson.IsText(v) }

// splitContent takes the thinking out of content that is a list of parts.
func splitContent(list []byte) (thought, text string) {
	var thoughts, texts strings.Builder
	for _, part := range rawjson.Elements(list) {
		if rawjson.Text(rawjson.Get(part, "type")) == "thinking" {
			thoughts.WriteString(looseText(rawjson.Get(part, "thinking")))
			continue
		}
		texts.WriteString(looseText(part))
	}
	return thoughts.String(), texts.String()
}

// empty says whether a value holds nothing: null, "", [], {}, false.
func empty(v []byte) bool {
	switch string(v) {
	case "", "null", `""`, "[]", "{}", "false":
		return true
	default:
		return false
	}
}
