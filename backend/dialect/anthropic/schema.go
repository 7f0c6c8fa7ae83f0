package anthropic

import (
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// deepest is how deep a schema is followed; what lies below goes out as it is.
const deepest = 64

// narrowed makes a schema one that the protocol can hold an answer to: objects
// are closed, and what it cannot enforce becomes words of the description.
func (e *encoder) narrowed(schema llm.RawJSON) llm.RawJSON {
	n := narrowing{}
	n.value(schema, 0)
	if n.changed {
		e.warn("response_format.json_schema.schema", "narrowed")
	}
	return n.w.Out
}

// narrowing writes a schema anew.
type narrowing struct {
	w       rawjson.Writer
	changed bool
}

func (n *narrowing) value(schema []byte, depth int) {
	if len(schema) == 0 || schema[0] != '{' || depth > deepest {
		n.w.Comma()
		n.w.Out = append(n.w.Out, schema...)
		return
	}
	n.w.Open('{')
	if ref := rawjson.Text(rawjson.Get(schema, "$ref")); ref != "" {
		n.w.Text("$ref", strings.Replace(ref, "#/definitions/", "#/$defs/", 1))
		for _, key := range [...]string{"$defs", "definitions"} {
			if defs := rawjson.Get(schema, key); defs != nil {
				n.members("$defs", defs, depth)
			}
		}
		n.w.Close('}')
		return
	}
	description := rawjson.Text(rawjson.Get(schema, "description"))
	var words []string
	for m := range rawjson.Inside(schema) {
		key := string(m.Key)
		if key != "description" && !n.member(key, m.Value, depth) {
			words = append(words, key+": "+string(m.Value))
		}
	}
	n.others(schema, depth)
	if len(words) > 0 {
		n.changed = true
		description = strings.TrimSpace(description + "\n\n{" + strings.Join(words, ", ") + "}")
	}
	if description != "" {
		n.w.Text("description", description)
	}
	n.w.Close('}')
}

// member writes a keyword, and says whether it could be.
func (n *narrowing) member(key string, v []byte, depth int) bool {
	switch key {
	case "type", "title", "enum", "const", "required":
		n.w.Raw(key, v)
	case "properties", "$defs", "definitions":
		n.members(strings.Replace(key, "definitions", "$defs", 1), v, depth)
	case "anyOf", "oneOf", "allOf":
		n.changed = n.changed || key == "oneOf"
		n.w.Key(strings.Replace(key, "oneOf", "anyOf", 1))
		n.w.Open('[')
		for _, v := range rawjson.Elements(v) {
			n.value(v, depth+1)
		}
		n.w.Close(']')
	case "items":
		n.w.Key(key)
		n.value(v, depth+1)
	case "format":
		known := []string{"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
		if !slices.Contains(known, rawjson.Text(v)) {
			return false
		}
		n.w.Raw(key, v)
	case "minItems":
		if s := string(v); s != "0" && s != "1" {
			return false
		}
		n.w.Raw(key, v)
	case "additionalProperties": // see others
	case "$schema", "$id":
		n.changed = true
	default:
		return false
	}
	return true
}

func (n *narrowing) members(key string, v []byte, depth int) {
	n.w.Key(key)
	n.w.Open('{')
	for m := range rawjson.Inside(v) {
		n.w.Key(string(m.Key))
		n.value(m.Value, depth+1)
	}
	n.w.Close('}')
}

// others says what other members an object may have: those of a dictionary
// after their schema, those of any other object not at all.
func (n *narrowing) others(schema []byte, depth int) {
	properties, other := rawjson.Get(schema, "properties"), rawjson.Get(schema, "additionalProperties")
	if properties == nil && rawjson.Text(rawjson.Get(schema, "type")) != "object" {
		n.changed = n.changed || other != nil
		return
	}
	if properties == nil && len(other) > 2 && other[0] == '{' {
		n.w.Key("additionalProperties")
		n.value(other, depth+1)
		return
	}
	n.w.Raw("additionalProperties", llm.RawJSON("false"))
	n.changed = n.changed || string(other) != "false"
}
