package config

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/tailscale/hujson"
)

// Stray are the keys of a file that mean nothing to this program, as
// "config.json:12: server.maxBody". They are kept, but who wrote them may have
// meant another. A text that is no configuration has none.
func Stray(path string, text []byte) []string {
	d, err := parseDocument(text)
	if err != nil {
		return nil
	}
	var found []string
	d.strays(&d.root, reflect.TypeFor[Config](), "", func(field string) {
		found = append(found, (&Error{File: path, Line: d.place(field), Message: field}).Error())
	})
	return found
}

// strays tells of the keys below v that t does not have.
func (d *document) strays(v *hujson.Value, t reflect.Type, field string, tell func(field string)) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch node := v.Value.(type) {
	case *hujson.Array:
		if t.Kind() != reflect.Slice {
			return
		}
		for i := range node.Elements {
			d.strays(&node.Elements[i], t.Elem(), fmt.Sprintf("%s[%d]", field, i), tell)
		}
	case *hujson.Object:
		if t.Kind() != reflect.Struct && t.Kind() != reflect.Map {
			return
		}
		for i := range node.Members {
			m := &node.Members[i]
			name, of, known := memberType(t, keyOf(m))
			switch {
			case known:
				d.strays(&m.Value, of, join(field, name), tell)
			case field == "" && elsewhere(keyOf(m)):
			default:
				tell(join(field, keyOf(m)))
			}
		}
	}
}

// elsewhere says that a key of the file is not of the struct and yet means
// something: a section of the original program's, or the editor's schema.
func elsewhere(key string) bool {
	return key == "$schema" || slices.ContainsFunc(sections(), func(s section) bool { return s.key == key })
}
