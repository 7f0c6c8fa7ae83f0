package demo

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// example is a JSON text that satisfies a JSON schema, made from the schema
// alone and, where a property is called so, from what the user said. nth tells
// examples of one schema apart.
func example(schema []byte, said string, nth int) string {
	root := gjson.ParseBytes(schema)
	left := mostValues
	g := generator{root: root, said: said, nth: nth, left: &left}
	return g.value(root, "", []string{"#"})
}

// generator makes values after one schema. In its methods, open are the
// references being followed, outermost first: one that is open already is a
// recursion, which ends as soon as the schema allows.
type generator struct {
	root gjson.Result
	said string
	nth  int
	// left counts down the values that may still be made.
	left *int
}

// deepest and mostValues bound a schema that allows no end of its recursion, or
// a late one; what is beyond them is null.
const (
	deepest    = 64
	mostValues = 10_000
)

// follow is open and one step more; "" is a step that is no reference.
func follow(open []string, ref string) []string {
	return append(slices.Clone(open), ref)
}

func (g generator) value(s gjson.Result, name string, open []string) string {
	*g.left--
	if len(open) > deepest || *g.left < 0 || s.Type == gjson.False {
		return "null"
	}
	if c := s.Get("const"); c.Exists() {
		return c.Raw
	}
	if e := s.Get("enum").Array(); len(e) > 0 {
		return e[g.nth%len(e)].Raw
	}
	if ref := s.Get("$ref"); ref.Exists() {
		target, ok := g.resolve(ref.String())
		if !ok {
			return "null"
		}
		return g.value(target, name, follow(open, ref.String()))
	}
	if branch, ok := g.branch(s, open); ok {
		return g.value(merged(s, branch), name, follow(open, ""))
	}
	if all := s.Get("allOf").Array(); len(all) > 0 {
		return g.all(s, all, name, open)
	}
	return g.typed(s, name, open)
}

// branch picks from anyOf or oneOf: the first that is not null and does not
// recurse, else the first that does not recurse, else the first.
func (g generator) branch(s gjson.Result, open []string) (gjson.Result, bool) {
	list := append(s.Get("anyOf").Array(), s.Get("oneOf").Array()...)
	if len(list) == 0 {
		return gjson.Result{}, false
	}
	best, rank := list[0], -1
	for _, b := range list {
		r := 2
		switch {
		case recurses(b, open):
			r = 0
		case b.Get("type").String() == "null":
			r = 1
		}
		if r > rank {
			best, rank = b, r
		}
	}
	return best, true
}

// recurses says that s, or an array of it, is a reference being followed.
func recurses(s gjson.Result, open []string) bool {
	ref := s.Get("$ref").String()
	for _, o := range open {
		if ref != "" && ref == o {
			return true
		}
	}
	return false
}

// merged is a branch with what the schema around it says of objects.
func merged(s, branch gjson.Result) gjson.Result {
	if !s.Get("properties").Exists() || branch.Get("$ref").Exists() {
		return branch
	}
	outer := s.Get("@this|{type,properties,required}")
	return gjson.Parse(`{"allOf":[` + outer.Raw + `,` + branch.Raw + `]}`)
}

// all satisfies every schema of allOf: objects are joined, of anything else the
// first schema that says something wins.
func (g generator) all(s gjson.Result, all []gjson.Result, name string, open []string) string {
	deeper := follow(open, "")
	if s.Get("properties").Exists() {
		all = append([]gjson.Result{s.Get("@this|{type,properties,required}")}, all...)
	}
	joined := object{}
	for _, one := range all {
		v := gjson.Parse(g.value(one, name, deeper))
		if !v.IsObject() {
			return v.Raw
		}
		v.ForEach(func(key, value gjson.Result) bool {
			joined.set(key.String(), value.Raw)
			return true
		})
	}
	return joined.String()
}

func (g generator) typed(s gjson.Result, name string, open []string) string {
	switch kind(s) {
	case "object":
		return g.object(s, open)
	case "array":
		return g.array(s, name, open)
	case "integer":
		return strconv.FormatInt(int64(number(s, 1)), 10)
	case "number":
		return strconv.FormatFloat(number(s, 0.5), 'f', -1, 64)
	case "boolean":
		return "true"
	case "null":
		return "null"
	default:
		return quote(g.text(s, name))
	}
}

// kind is the type, or what the keywords let guess of it.
func kind(s gjson.Result) string {
	t := s.Get("type")
	for _, k := range t.Array() {
		if k.String() != "null" {
			return k.String()
		}
	}
	switch {
	case t.Exists():
		return "null"
	case s.Get("properties").Exists():
		return "object"
	case s.Get("items").Exists() || s.Get("prefixItems").Exists():
		return "array"
	case s.Get("minimum").Exists() || s.Get("maximum").Exists():
		return "number"
	default:
		return "string"
	}
}

// object has the required properties, or all where the schema requires none by
// omission, in the order of the schema.
func (g generator) object(s gjson.Result, open []string) string {
	required := s.Get("required")
	wanted := map[string]bool{}
	for _, r := range required.Array() {
		wanted[r.String()] = true
	}
	deeper := follow(open, "")
	out := object{}
	s.Get("properties").ForEach(func(key, sub gjson.Result) bool {
		if wanted[key.String()] || (!required.Exists() && !recurses(sub, open)) {
			out.set(key.String(), g.value(sub, key.String(), deeper))
		}
		return true
	})
	for _, r := range required.Array() {
		if !out.has(r.String()) {
			out.set(r.String(), g.additional(s, r.String(), deeper))
		}
	}
	for i := int64(1); int64(len(out.keys)) < min(s.Get("minProperties").Int(), 16); i++ {
		key := "key" + strconv.FormatInt(i, 10)
		out.set(key, g.additional(s, key, deeper))
	}
	return out.String()
}

func (g generator) additional(s gjson.Result, name string, open []string) string {
	if extra := s.Get("additionalProperties"); extra.IsObject() {
		return g.value(extra, name, open)
	}
	return quote(g.text(gjson.Result{}, name))
}

func (g generator) array(s gjson.Result, name string, open []string) string {
	items := s.Get("items")
	n := int(max(0, min(s.Get("minItems").Int(), 64)))
	if n == 0 && !recurses(items, open) {
		n = 1
	}
	if most := s.Get("maxItems"); most.Exists() {
		n = min(n, int(max(0, most.Int())))
	}
	fixed := s.Get("prefixItems").Array()
	if len(fixed) > n && !s.Get("maxItems").Exists() {
		n = len(fixed)
	}
	if items.Type == gjson.False {
		n = min(n, len(fixed))
	}
	deeper := follow(open, "")
	out := make([]string, 0, n)
	for i := range n {
		item := items
		if i < len(fixed) {
			item = fixed[i]
		}
		// Each item is another example, for uniqueItems.
		one := generator{root: g.root, said: g.said, nth: g.nth + i, left: g.left}
		out = append(out, one.value(item, name, deeper))
	}
	return "[" + strings.Join(out, ",") + "]"
}

// number is wish, moved into the bounds and onto the grid of the schema.
func number(s gjson.Result, wish float64) float64 {
	v := wish
	step := s.Get("multipleOf").Float()
	if step <= 0 {
		step = 1
	} else {
		v = step
	}
	if m := s.Get("minimum"); m.Exists() && v < m.Float() {
		v = m.Float()
	}
	if m := s.Get("exclusiveMinimum"); m.Type == gjson.Number && v <= m.Float() {
		v = m.Float() + step
	}
	if m := s.Get("maximum"); m.Exists() && v > m.Float() {
		v = m.Float()
	}
	if m := s.Get("exclusiveMaximum"); m.Type == gjson.Number && v >= m.Float() {
		v = m.Float() - step
	}
	if s.Get("multipleOf").Exists() {
		if n := float64(int64(v/step)) * step; n < v && v > 0 {
			v = n + step
		} else {
			v = n
		}
	}
	return v
}

// resolve follows a JSON pointer within the schema.
func (g generator) resolve(ref string) (gjson.Result, bool) {
	at := g.root
	for step := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(ref, "#"), "/"), "/") {
		if step == "" {
			continue
		}
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		if at.IsArray() {
			i, err := strconv.Atoi(step)
			if list := at.Array(); err == nil && i >= 0 && i < len(list) {
				at = list[i]
				continue
			}
			return at, false
		}
		next, ok := at.Map()[step]
		if !ok {
			return at, false
		}
		at = next
	}
	return at, strings.HasPrefix(ref, "#")
}

// object is a JSON object that keeps the order of its keys.
type object struct {
	keys   []string
	values map[string]string
}

func (o *object) has(key string) bool { _, ok := o.values[key]; return ok }

func (o *object) set(key, value string) {
	if o.values == nil {
		o.values = map[string]string{}
	}
	if !o.has(key) {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

// String is the object's JSON.
func (o *object) String() string {
	fields := make([]string, 0, len(o.keys))
	for _, k := range o.keys {
		fields = append(fields, quote(k)+":"+o.values[k])
	}
	return "{" + strings.Join(fields, ",") + "}"
}
