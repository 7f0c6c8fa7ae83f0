package gemini

import (
	"slices"
	"sync"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// maxSchemas is how many bytes of schemas are remembered, with what they became.
const maxSchemas = 4 << 20

// Schemas remembers what schemas became: agents send the same tools with every
// turn. The zero value is ready, and so is a nil one, which remembers nothing.
// It may be used by many at once.
type Schemas struct {
	mu    sync.RWMutex
	clean map[schemaKey][]byte
	size  int
}

type schemaKey struct {
	answer bool
	raw    string
}

// parameters is the schema of a function's arguments as Gemini takes it; nil is
// a function without any.
func (s *Schemas) parameters(raw []byte) []byte { return s.get(false, raw, cleanParameters) }

// response is the schema of an answer; nil is one that asks for nothing.
func (s *Schemas) response(raw []byte) []byte { return s.get(true, raw, cleanSchema) }

func (s *Schemas) get(answer bool, raw []byte, work func([]byte) []byte) []byte {
	if s == nil {
		return work(raw)
	}
	s.mu.RLock()
	clean, ok := s.clean[schemaKey{answer, string(raw)}]
	s.mu.RUnlock()
	if ok {
		return clean
	}
	clean = work(raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clean == nil || s.size > maxSchemas {
		s.clean, s.size = map[schemaKey][]byte{}, 0
	}
	s.clean[schemaKey{answer, string(raw)}] = clean
	s.size += len(raw) + len(clean)
	return clean
}

// The bounds of a cleaned schema. Google refuses one that is nested too deeply.
const (
	maxDepth    = 24
	maxNodes    = 4000
	maxBranches = 100
)

// cleanSchema turns any JSON into a schema of the subset that Gemini takes
// (B31): references are put in their place, what the subset has no word for goes
// into the description, and what would forbid everything is left out. It gives
// nil for a schema that allows everything.
func cleanSchema(raw []byte) []byte {
	c := cleaner{root: raw}
	s := c.read(part{raw: raw, refs: &frame{ref: "#"}})
	if s.never || s.empty() {
		return nil
	}
	c.write(s, 0)
	return c.out
}

// cleanParameters is cleanSchema for arguments, which are an object always.
func cleanParameters(raw []byte) []byte {
	c := cleaner{root: raw}
	s := c.read(part{raw: raw, refs: &frame{ref: "#"}})
	c.flatten(s)
	s.types, s.nullable, s.anyOf = []string{"object"}, false, nil
	s.enum, s.enumerated = nil, false
	if len(s.properties) == 0 && (s.additional == nil || rawjson.IsNull(s.additional.raw) || string(s.additional.raw) == "false") {
		return nil
	}
	c.write(s, 0)
	return c.out
}

// cleaner cleans one schema.
type cleaner struct {
	root  []byte
	out   []byte
	nodes int
}

// part is a schema inside another that is still to be read, with the references
// that led to it.
type part struct {
	raw  []byte
	refs *frame
}

// frame is a reference that is being followed.
type frame struct {
	ref string
	up  *frame
}

func (f *frame) follows(ref string) bool {
	for ; f != nil; f = f.up {
		if f.ref == ref {
			return true
		}
	}
	return false
}

// shape is what a schema says, in the words that Gemini knows.
type shape struct {
	never              bool // nothing is valid
	types              []string
	nullable           bool
	title, description string
	hints              []string // what there is no word for
	format             string
	enum               [][]byte
	enumerated         bool
	bounds             []bound
	properties         []property
	required           []string
	ordering           []string
	additional         *part
	items              *part
	prefix             []part
	anyOf              []part
}

// bound is minItems, maxItems, minimum or maximum.
type bound struct {
	name  string
	value []byte
}

// property may be described in several places, which all hold.
type property struct {
	name  string
	parts []part
}

// empty says that a schema allows everything and says nothing of it.
func (s *shape) empty() bool {
	return len(s.types) == 0 && !s.enumerated && len(s.properties) == 0 && len(s.anyOf) == 0 &&
		s.items == nil && s.prefix == nil && s.additional == nil && len(s.bounds) == 0 && s.description == "" && len(s.hints) == 0
}

// flatten makes one object of a root that is a choice between objects: the
// arguments of a function cannot be a choice.
func (c *cleaner) flatten(s *shape) {
	var common []string
	for i, branch := range s.anyOf {
		b := c.read(branch)
		if b.never {
			continue
		}
		for _, p := range b.properties {
			if s.property(p.name) == nil {
				s.properties = append(s.properties, p)
			}
		}
		if i == 0 {
			common = b.required
		} else {
			common = both(common, b.required)
		}
		if s.description == "" {
			s.description = b.description
		}
	}
	s.required = append(s.required, common...)
}

// both are the names in a that are in b too.
func both(a, b []string) []string {
	var out []string
	for _, name := range a {
		if slices.Contains(b, name) {
			out = append(out, name)
		}
	}
	return out
}

func (s *shape) property(name string) *property {
	for i := range s.properties {
		if s.properties[i].name == name {
			return &s.properties[i]
		}
	}
	return nil
}
