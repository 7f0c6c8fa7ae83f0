package config

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

// decode reads the document as a configuration: what it leaves out has its
// default, and keys are matched as encoding/json matches them. The result is
// checked. Errors have a line.
func (d *document) decode() (*Config, error) {
	c, err := d.read()
	if err == nil {
		err = Validate(c)
	}
	return c, d.locate(err)
}

// read is decode without the check of the values.
func (d *document) read() (*Config, error) {
	c := Default()
	c.Version = 0
	if err := d.checkShape(&d.root, reflect.TypeFor[Config](), ""); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(d.standard(), &c); err != nil {
		return nil, wrong("", "cannot be read: %v", err)
	}
	c.normalise()
	imported, warnings, err := d.imported()
	c.Imported, c.warnings = imported, warnings
	return &c, err
}

// standard is the document as plain JSON.
func (d *document) standard() []byte {
	plain := d.root.Clone()
	plain.Standardize()
	return plain.Pack()
}

// locate gives an Error without a line the one of its field.
func (d *document) locate(err error) error {
	e, ok := err.(*Error) //nolint:errorlint // made here and in Validate, never wrapped
	if ok && e.Line == 0 {
		e.Line = d.place(e.Field)
	}
	return err
}

// checkShape finds the first value that does not fit its Go type, where
// encoding/json would say neither the element nor the line. Null fits all: it
// means the default.
func (d *document) checkShape(v *hujson.Value, t reflect.Type, field string) error {
	kind := v.Value.Kind()
	if kind == 'n' {
		return nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	want := shapeOf(t)
	if !want.fits(v.Value) {
		return &Error{
			Line: d.line(v.StartOffset), Field: field,
			Message: fmt.Sprintf("must be %s, got %s", want.title, titleOf(kind)),
		}
	}
	switch node := v.Value.(type) {
	case *hujson.Array:
		for i := range node.Elements {
			if err := d.checkShape(&node.Elements[i], t.Elem(), fmt.Sprintf("%s[%d]", field, i)); err != nil {
				return err
			}
		}
	case *hujson.Object:
		return d.checkMembers(node, t, field)
	}
	return nil
}

// checkMembers is checkShape for what an object holds; keys that the type does
// not have may hold anything.
func (d *document) checkMembers(o *hujson.Object, t reflect.Type, field string) error {
	for i := range o.Members {
		m := &o.Members[i]
		name, of, known := memberType(t, keyOf(m))
		if !known {
			continue
		}
		if err := d.checkShape(&m.Value, of, join(field, name)); err != nil {
			return err
		}
	}
	return nil
}

// memberType is the type of a member of that name, and the name as it is
// written in the struct.
func memberType(t reflect.Type, name string) (written string, of reflect.Type, known bool) {
	if t.Kind() == reflect.Map {
		return name, t.Elem(), true
	}
	for f := range t.Fields() {
		if n := jsonName(f); n != "" && strings.EqualFold(n, name) {
			return n, f.Type, true
		}
	}
	return "", nil, false
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

// jsonName is a field's name in the file; "" is none.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// shape is what a Go type looks like in the file.
type shape struct {
	title string
	fits  func(hujson.ValueTrimmed) bool
}

func shapeOf(t reflect.Type) shape {
	kind := func(k hujson.Kind) func(hujson.ValueTrimmed) bool {
		return func(v hujson.ValueTrimmed) bool { return v.Kind() == k }
	}
	switch t.Kind() {
	case reflect.String:
		return shape{"a string", kind('"')}
	case reflect.Bool:
		return shape{"true or false", func(v hujson.ValueTrimmed) bool { return v.Kind() == 't' || v.Kind() == 'f' }}
	case reflect.Slice:
		return shape{"a list: [ … ]", kind('[')}
	case reflect.Int, reflect.Int64:
		return shape{"a whole number", isWhole}
	case reflect.Float64:
		return shape{"a number", kind('0')}
	default:
		return shape{"an object: { … }", kind('{')}
	}
}

func isWhole(v hujson.ValueTrimmed) bool {
	l, ok := v.(hujson.Literal)
	if !ok || l.Kind() != '0' {
		return false
	}
	n, err := strconv.ParseInt(string(l), 10, 64)
	return err == nil && n >= math.MinInt && n <= math.MaxInt
}

func titleOf(k hujson.Kind) string {
	switch k {
	case '"':
		return "a string"
	case '0':
		return "another number"
	case 't':
		return "true"
	case 'f':
		return "false"
	case '[':
		return "a list"
	default:
		return "an object"
	}
}

// normalise makes one form of what can be written in two: lists that callers
// hand on as JSON are never null, and what has no ID gets one that stays the
// same as long as its name does.
func (c *Config) normalise() {
	if c.Server.AllowedOrigins == nil {
		c.Server.AllowedOrigins = []string{}
	}
	if c.Server.AllowedHosts == nil {
		c.Server.AllowedHosts = []string{}
	}
	if c.Server.ProtocolsOff == nil {
		c.Server.ProtocolsOff = []string{}
	}
	for i := range c.Keys {
		if c.Keys[i].ID == 0 {
			c.Keys[i].ID = derivedID("key", c.Keys[i].Name)
		}
	}
	for i := range c.Accounts {
		if a := &c.Accounts[i]; a.ID == 0 {
			a.ID = derivedID(a.Provider, a.Name)
		}
	}
}

// The IDs: up to maxOwnID they are the program's own; above are those of
// entries that were written by hand without one, then those of the original's
// sections. All are exact as a JavaScript number.
const (
	maxOwnID      = 1<<40 - 1
	derivedBase   = 1 << 40
	importedBase  = 1 << 41
	sectionStride = 1 << 20
)

func derivedID(parts ...string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(parts, "\x00"))) // a hash takes everything
	return derivedBase + int64(h.Sum64()>>25)
}
