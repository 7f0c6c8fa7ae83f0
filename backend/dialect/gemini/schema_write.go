package gemini

import (
	"bytes"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// write writes a schema in the words that Gemini takes.
func (c *cleaner) write(s *shape, depth int) {
	s.settleTypes()
	c.out = append(c.out, '{')
	switch {
	case s.nullable && len(s.anyOf) > 0:
		c.about(s)
		c.choice(s, depth, true)
	case len(s.types) > 1 || s.nullable && len(s.types) == 1:
		c.about(s)
		c.key("anyOf")
		c.out = append(c.out, '[')
		for i, t := range s.types {
			if i > 0 {
				c.out = append(c.out, ',')
			}
			c.out = append(c.out, '{')
			c.body(s, t, depth+1)
			c.out = append(c.out, '}')
		}
		if s.nullable {
			c.out = append(c.out, `,{"type":"null"}`...)
		}
		c.out = append(c.out, ']')
	default:
		kind := ""
		if len(s.types) == 1 {
			kind = s.types[0]
		}
		if kind != "" {
			c.body(s, kind, depth)
		}
		c.about(s)
		c.choice(s, depth, false)
	}
	c.out = append(c.out, '}')
}

// settleTypes finds the types of a schema that does not name them by what it
// says, and keeps the values that are of them.
func (s *shape) settleTypes() {
	if s.enumerated {
		s.settleEnum()
	}
	if len(s.types) > 0 || len(s.anyOf) > 0 && len(s.properties) == 0 {
		return
	}
	switch {
	case len(s.properties) > 0 || s.additional != nil:
		s.types = []string{"object"}
	case s.items != nil || s.prefix != nil:
		s.types = []string{"array"}
	case s.nullable:
		s.types = []string{"null"}
		s.nullable = false
	}
}

// settleEnum sorts the allowed values by their types. Gemini knows lists of
// strings and of numbers.
func (s *shape) settleEnum() {
	var texts, numbers [][]byte
	var others []string
	for _, v := range s.enum {
		switch {
		case len(v) == 0:
		case v[0] == '"':
			if len(v) > 2 {
				texts = append(texts, v)
			}
		case v[0] == 'n':
			s.nullable = true
		case v[0] == 't' || v[0] == 'f':
			others = append(others, "boolean")
			if len(s.enum) == 1 {
				s.hints = append(s.hints, "always "+string(v))
			}
		case v[0] == '{':
			others = append(others, "object")
			s.hint("one of", v)
		case v[0] == '[':
			others = append(others, "array")
			s.hint("one of", v)
		default:
			if _, ok := rawjson.Float(v); ok {
				numbers = append(numbers, v)
			}
		}
	}
	s.enum = append(distinct(texts), distinct(numbers)...)
	if len(s.types) > 0 {
		return
	}
	add := func(t string) {
		if !slices.Contains(s.types, t) {
			s.types = append(s.types, t)
		}
	}
	if len(texts) > 0 {
		add("string")
	}
	if len(numbers) > 0 {
		add(numberType(numbers))
	}
	for _, t := range others {
		add(t)
	}
}

func numberType(list [][]byte) string {
	for _, v := range list {
		if bytes.ContainsAny(v, ".eE") {
			return "number"
		}
	}
	return "integer"
}

func distinct(list [][]byte) [][]byte {
	var out [][]byte
	for _, v := range list {
		if !slices.ContainsFunc(out, func(o []byte) bool { return bytes.Equal(o, v) }) {
			out = append(out, v)
		}
	}
	return out
}

// key opens a member of the object that was begun last.
func (c *cleaner) key(name string) {
	if c.out[len(c.out)-1] != '{' {
		c.out = append(c.out, ',')
	}
	c.out = append(rawjson.AppendString(c.out, name), ':')
}

// about writes the words for the model, and what only words can say.
func (c *cleaner) about(s *shape) {
	if s.title != "" {
		c.key("title")
		c.out = rawjson.AppendString(c.out, s.title)
	}
	text := s.description
	if s.format != "" && !slices.ContainsFunc(s.types, func(t string) bool { return hasFormat(t, s.format) }) {
		s.hints = append(s.hints, "format: "+s.format)
	}
	if len(s.hints) > 0 {
		text = strings.TrimSpace(text + " (" + strings.Join(s.hints, ", ") + ")")
	}
	if text != "" {
		c.key("description")
		c.out = rawjson.AppendString(c.out, text)
	}
}

// hasFormat says whether Gemini knows a format of a type.
func hasFormat(kind, format string) bool {
	switch kind {
	case "string":
		return format == "date-time" || format == "date" || format == "time"
	case "integer":
		return format == "int32" || format == "int64"
	case "number":
		return format == "float" || format == "double"
	default:
		return false
	}
}

// body writes what a schema says of the values of one type.
func (c *cleaner) body(s *shape, kind string, depth int) {
	c.key("type")
	c.out = rawjson.AppendString(c.out, kind)
	if hasFormat(kind, s.format) {
		c.key("format")
		c.out = rawjson.AppendString(c.out, s.format)
	}
	switch kind {
	case "string":
		c.enum(s, func(v []byte) bool { return v[0] == '"' })
	case "number", "integer":
		c.enum(s, func(v []byte) bool { return v[0] != '"' })
		c.bounds(s, "minimum", "maximum")
	case "array":
		c.array(s, depth)
		c.bounds(s, "minItems", "maxItems")
	case "object":
		c.object(s, depth)
	}
}

func (c *cleaner) enum(s *shape, fits func([]byte) bool) {
	n := 0
	for _, v := range s.enum {
		if !fits(v) {
			continue
		}
		if n == 0 {
			c.key("enum")
			c.out = append(c.out, '[')
		} else {
			c.out = append(c.out, ',')
		}
		n++
		c.out = append(c.out, v...)
	}
	if n > 0 {
		c.out = append(c.out, ']')
	}
}

func (c *cleaner) bounds(s *shape, names ...string) {
	for _, b := range s.bounds {
		if slices.Contains(names, b.name) {
			c.key(b.name)
			c.out = append(c.out, b.value...)
		}
	}
}

// sub writes a schema one level deeper; false says that nothing is valid there,
// and that nothing was written.
func (c *cleaner) sub(name string, depth int, parts ...part) bool {
	s := c.read(parts...)
	if s.never {
		return false
	}
	c.key(name)
	c.write(s, depth+1)
	return true
}

func (c *cleaner) array(s *shape, depth int) {
	if depth >= maxDepth || c.nodes > maxNodes {
		c.key("items")
		c.out = append(c.out, `{"type":"string"}`...)
		return
	}
	if len(s.prefix) > 0 {
		c.key("prefixItems")
		c.list(s.prefix, depth)
	}
	if s.items != nil {
		if inner := c.read(*s.items); !inner.never && !inner.empty() {
			c.key("items")
			c.write(inner, depth+1)
			return
		}
	}
	if len(s.prefix) == 0 { // Gemini refuses a list of nobody knows what
		c.key("items")
		c.out = append(c.out, `{"type":"string"}`...)
	}
}

// list writes schemas; those that nothing can take are left out.
func (c *cleaner) list(parts []part, depth int) {
	c.out = append(c.out, '[')
	for _, p := range parts {
		inner := c.read(p)
		if inner.never {
			continue
		}
		if c.out[len(c.out)-1] != '[' {
			c.out = append(c.out, ',')
		}
		c.write(inner, depth+1)
	}
	c.out = append(c.out, ']')
}

func (c *cleaner) object(s *shape, depth int) {
	if depth >= maxDepth || c.nodes > maxNodes {
		return
	}
	var there []string
	from := len(c.out)
	if len(s.properties) > 0 {
		c.key("properties")
		c.out = append(c.out, '{')
		for _, p := range s.properties {
			if c.sub(p.name, depth, p.parts...) {
				there = append(there, p.name)
			}
		}
		c.out = append(c.out, '}')
	}
	if len(there) == 0 {
		c.out = c.out[:from]
	}
	c.names("required", s.required, there)
	if len(s.ordering) == len(there) {
		c.names("propertyOrdering", s.ordering, there)
	}
	c.additional(s, depth)
}

// names writes those of list that are there, each once.
func (c *cleaner) names(name string, list, there []string) {
	var kept []string
	for _, s := range list {
		if slices.Contains(there, s) && !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	if kept == nil {
		return
	}
	c.key(name)
	c.out = append(c.out, '[')
	for i, s := range kept {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = rawjson.AppendString(c.out, s)
	}
	c.out = append(c.out, ']')
}

func (c *cleaner) additional(s *shape, depth int) {
	switch {
	case s.additional == nil:
	case string(s.additional.raw) == "true" || string(s.additional.raw) == "false":
		c.key("additionalProperties")
		c.out = append(c.out, s.additional.raw...)
	case s.additional.raw[0] == '{':
		if inner := c.read(*s.additional); !inner.never && !inner.empty() {
			c.key("additionalProperties")
			c.write(inner, depth+1)
		} else {
			c.key("additionalProperties")
			c.out = append(c.out, "true"...)
		}
	}
}

// choice writes the branches. Null is one more of them where the schema allows
// it.
func (c *cleaner) choice(s *shape, depth int, null bool) {
	if len(s.anyOf) == 0 || depth >= maxDepth || c.nodes > maxNodes {
		return
	}
	from := len(c.out)
	c.key("anyOf")
	begin := len(c.out)
	c.list(s.anyOf, depth)
	if len(c.out) == begin+2 { // no branch was left
		c.out = c.out[:from]
		return
	}
	if null {
		c.out = append(c.out[:len(c.out)-1], `,{"type":"null"}]`...)
	}
}
