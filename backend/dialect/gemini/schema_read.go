package gemini

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// read gathers what schemas that all hold say together.
func (c *cleaner) read(parts ...part) *shape {
	s := &shape{}
	for _, p := range parts {
		c.gather(s, p, 0)
	}
	// A choice of one is none.
	for range maxDepth {
		if !c.choose(s) {
			break
		}
	}
	return s
}

// choose leaves the branches out that nothing can take; a choice that allows
// everything, or of one, is none. It says whether the choice has changed.
func (c *cleaner) choose(s *shape) bool {
	if len(s.anyOf) == 0 {
		return false
	}
	kept := s.anyOf[:0:0]
	for _, branch := range s.anyOf {
		switch string(branch.raw) {
		case "false":
		case "true", "{}":
			s.anyOf = nil
			return false
		default:
			kept = append(kept, branch)
		}
	}
	s.anyOf = kept
	if len(kept) > maxBranches {
		s.anyOf = kept[:maxBranches]
	}
	if len(kept) == 1 {
		s.anyOf = nil
		c.gather(s, kept[0], 0)
		return true
	}
	return false
}

// gather adds what a schema says to s. depth counts allOf and references, which
// open no level of their own.
func (c *cleaner) gather(s *shape, p part, depth int) {
	if string(p.raw) == "false" {
		s.never = true
		return
	}
	if c.nodes++; c.nodes > maxNodes || depth > maxDepth || len(p.raw) == 0 || p.raw[0] != '{' {
		return
	}
	// What a schema says itself comes before what it takes over.
	var taken []rawjson.Member
	for m := range rawjson.Inside(p.raw) {
		switch string(m.Key) {
		case "allOf", "$ref", "$dynamicRef", "$recursiveRef":
			taken = append(taken, m)
		default:
			c.keyword(s, p, string(m.Key), m.Value)
		}
	}
	for _, m := range taken {
		if string(m.Key) != "allOf" {
			c.follow(s, p, rawjson.Text(m.Value), depth)
			continue
		}
		for _, e := range rawjson.Elements(m.Value) {
			c.gather(s, part{e, p.refs}, depth+1)
		}
	}
}

func (c *cleaner) keyword(s *shape, p part, key string, v []byte) {
	switch key {
	case "type":
		s.readTypes(v)
	case "nullable":
		s.nullable = s.nullable || string(v) == "true"
	case "title":
		s.title = first(s.title, rawjson.Text(v))
	case "description":
		s.description = first(s.description, rawjson.Text(v))
	case "format":
		s.format = first(s.format, rawjson.Text(v))
	case "const":
		s.choices([][]byte{v})
	case "enum":
		if v[0] == '[' {
			s.choices(elements(v))
		}
	case "minItems", "maxItems", "minimum", "maximum":
		s.bound(key, v)
	case "properties":
		for m := range rawjson.Inside(v) {
			s.addProperty(string(m.Key), part{m.Value, p.refs})
		}
	case "required":
		s.required = append(s.required, names(v)...)
	case "propertyOrdering":
		s.ordering = names(v)
	case "additionalProperties":
		if s.additional == nil {
			s.additional = &part{v, p.refs}
		}
	case "items", "prefixItems":
		s.elements(key, p, v)
	case "anyOf", "oneOf":
		if len(s.anyOf) == 0 {
			for _, e := range rawjson.Elements(v) {
				s.anyOf = append(s.anyOf, part{e, p.refs})
			}
		}
	case "minLength", "maxLength", "pattern", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems", "minProperties", "maxProperties":
		s.hint(key, v)
	}
}

func (s *shape) elements(key string, p part, v []byte) {
	if v[0] != '[' {
		if s.items == nil && key == "items" {
			s.items = &part{v, p.refs}
		}
		return
	}
	if s.prefix == nil { // items as a list is the older word
		for _, e := range rawjson.Elements(v) {
			s.prefix = append(s.prefix, part{e, p.refs})
		}
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func elements(v []byte) [][]byte {
	var out [][]byte
	for _, e := range rawjson.Elements(v) {
		out = append(out, e)
	}
	return out
}

// names are the strings in a list, each once.
func names(v []byte) []string {
	var out []string
	for _, e := range rawjson.Elements(v) {
		if name := rawjson.Text(e); rawjson.IsText(e) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// maxHint is how much of a keyword that has no place is told.
const maxHint = 200

func (s *shape) hint(key string, v []byte) {
	if len(v) <= maxHint {
		s.hints = append(s.hints, key+": "+string(v))
	}
}

// choices are the only values. Where several lists hold, the first is kept.
func (s *shape) choices(list [][]byte) {
	if !s.enumerated {
		s.enumerated, s.enum = true, list
	}
}

func (s *shape) bound(name string, v []byte) {
	f, ok := rawjson.Float(v)
	if n, whole := rawjson.Int(v); strings.HasSuffix(name, "Items") && (!whole || n < 0) {
		ok = false
	}
	if !ok || f > 1e300 || f < -1e300 || slices.ContainsFunc(s.bounds, func(b bound) bool { return b.name == name }) {
		return
	}
	s.bounds = append(s.bounds, bound{name, v})
}

func (s *shape) addProperty(name string, p part) {
	if old := s.property(name); old != nil {
		old.parts = append(old.parts, p)
		return
	}
	s.properties = append(s.properties, property{name, []part{p}})
}

// readTypes reads one name or a list of them. Where several schemas hold, the
// first that names types is kept.
func (s *shape) readTypes(v []byte) {
	known := len(s.types) > 0
	add := func(v []byte) {
		t := typeName(rawjson.Text(v))
		switch {
		case t == "":
		case t == "null" && v != nil:
			s.nullable = true
		case !known && !slices.Contains(s.types, t):
			s.types = append(s.types, t)
		}
	}
	if v[0] == '[' {
		for _, e := range rawjson.Elements(v) {
			add(e)
		}
		return
	}
	add(v)
}

// typeName is a type in the words of JSON Schema; "" is none of them.
func typeName(s string) string {
	switch s = strings.ToLower(s); s {
	case "string", "number", "integer", "boolean", "array", "object", "null":
		return s
	case "str", "text":
		return "string"
	case "int", "long":
		return "integer"
	case "float", "double":
		return "number"
	case "bool":
		return "boolean"
	case "list", "tuple":
		return "array"
	case "dict", "map":
		return "object"
	default:
		return ""
	}
}

// follow reads what a reference points to. One that leads to itself is cut: it
// says what it is, and no more.
func (c *cleaner) follow(s *shape, p part, ref string, depth int) {
	target := c.resolve(ref)
	if target == nil {
		s.hints = append(s.hints, fmt.Sprintf("see %.200s", ref))
		return
	}
	if p.refs.follows(ref) {
		name := ref[strings.LastIndexByte(ref, '/')+1:]
		if name == "#" {
			name = "the whole"
		}
		s.description = first(s.description, "Like "+name+" around it.")
		if rawjson.Get(target, "properties") != nil {
			s.readTypes([]byte(`"object"`))
		} else if v := rawjson.Get(target, "type"); v != nil {
			s.readTypes(v)
		}
		return
	}
	c.gather(s, part{target, &frame{ref, p.refs}}, depth+1)
}

// resolve finds what a reference within the document points to; nil is nothing.
func (c *cleaner) resolve(ref string) []byte {
	pointer, ok := strings.CutPrefix(ref, "#")
	switch {
	case !ok:
		return nil
	case pointer == "":
		return c.root
	case pointer[0] != '/':
		return c.anchor(pointer)
	}
	at := c.root
	for step := range strings.SplitSeq(pointer[1:], "/") {
		if plain, err := url.PathUnescape(step); err == nil {
			step = plain
		}
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		if len(at) > 0 && at[0] == '[' {
			at = element(at, step)
		} else {
			at = rawjson.Get(at, step)
		}
		if at == nil {
			return nil
		}
	}
	return at
}

func element(list []byte, step string) []byte {
	n, err := strconv.Atoi(step)
	all := elements(list)
	if err != nil || n < 0 || n >= len(all) {
		return nil
	}
	return all[n]
}

// anchor finds a definition by its $anchor.
func (c *cleaner) anchor(name string) []byte {
	for _, defs := range [...]string{"$defs", "definitions"} {
		for m := range rawjson.Inside(rawjson.Get(c.root, defs)) {
			if rawjson.Text(rawjson.Get(m.Value, "$anchor")) == name {
				return m.Value
			}
		}
	}
	return nil
}
