package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tailscale/hujson"
)

// merge writes what differs between before and after into the document, and
// touches nothing else. Before is what the document says.
func (d *document) merge(before, after *Config) error {
	old, err := treeOf(before)
	if err != nil {
		return err
	}
	wanted, err := treeOf(after)
	if err != nil {
		return err
	}
	root, _ := d.root.Value.(*hujson.Object)
	e := newEditor(root, bytes.Contains(d.text, []byte("\r\n")))
	e.object(root, old, wanted, "")
	return nil
}

// treeOf is a configuration as the tree of its own JSON.
func treeOf(c *Config) (*hujson.Object, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	v, err := hujson.Parse(text)
	if err != nil {
		return nil, err
	}
	o, ok := v.Value.(*hujson.Object)
	if !ok {
		return nil, fmt.Errorf("a configuration became %q", v.Value.Kind())
	}
	return o, nil
}

// object brings the members of file from old to wanted. File is a part of the
// document; the others are bare. Indent is that of the line file ends in.
func (e editor) object(file, old, wanted *hujson.Object, indent string) {
	for i := range old.Members {
		if name := keyOf(&old.Members[i]); member(wanted, name) < 0 {
			e.without(file, name, &old.Members[i].Value, indent)
		}
	}
	for i := range wanted.Members {
		name, value := keyOf(&wanted.Members[i]), &wanted.Members[i].Value
		was := &hujson.Value{Value: hujson.Literal("null")}
		if j := member(old, name); j >= 0 {
			was = &old.Members[j].Value
		}
		if !same(was, value) {
			e.member(file, name, was, value, indent)
		}
	}
}

// without takes a member away. A list is emptied instead, which is the same: a
// comment in it may be about what is to come.
func (e editor) without(file *hujson.Object, name string, was *hujson.Value, indent string) {
	if i := member(file, name); i >= 0 {
		node, ok1 := file.Members[i].Value.Value.(*hujson.Array)
		o, ok2 := was.Value.(*hujson.Array)
		if ok1 && ok2 && len(node.Elements) == len(o.Elements) {
			e.array(node, o, &hujson.Array{}, e.layoutOf(object{file}, indent).indent)
			return
		}
	}
	removeMember(file, name)
}

// member brings one member of file from was to wanted. Of an object that the
// document does not have, only what is not its default is written.
func (e editor) member(file *hujson.Object, name string, was, wanted *hujson.Value, indent string) {
	at := e.layoutOf(object{file}, indent)
	if i := member(file, name); i >= 0 {
		e.value(&file.Members[i].Value, was, wanted, at.indent)
		return
	}
	w, isObject := was.Value.(*hujson.Object)
	if o, ok := wanted.Value.(*hujson.Object); ok && isObject {
		fresh := &hujson.Object{}
		e.object(fresh, w, o, at.indent)
		e.addMember(file, name, fresh, at)
		return
	}
	e.addMember(file, name, e.laidOut(wanted.Value, at), at)
}

// value brings a value of the document from was to wanted: piece by piece where
// all are of one kind, as a whole otherwise.
func (e editor) value(file, was, wanted *hujson.Value, indent string) {
	switch node := file.Value.(type) {
	case *hujson.Object:
		o, ok1 := was.Value.(*hujson.Object)
		w, ok2 := wanted.Value.(*hujson.Object)
		if ok1 && ok2 {
			e.object(node, o, w, indent)
			return
		}
	case *hujson.Array:
		o, ok := was.Value.(*hujson.Array)
		if !ok {
			o = &hujson.Array{} // an empty list is left out of the tree
		}
		w, ok := wanted.Value.(*hujson.Array)
		if ok && len(node.Elements) == len(o.Elements) {
			e.array(node, o, w, indent)
			return
		}
	}
	file.Value = e.laidOut(wanted.Value, layout{multi: e.multi, indent: indent})
}

// array brings the elements of file from old to wanted. An element is known by
// its ID, its name or its text: so it keeps its comments and its unknown keys
// when others come, go or move.
func (e editor) array(file, old, wanted *hujson.Array, indent string) {
	at := e.layoutOf(array{file}, indent)
	from := matches(old.Elements, wanted.Elements)
	for i := range wanted.Elements {
		if j := from[i]; j >= 0 && !same(&old.Elements[j], &wanted.Elements[i]) {
			e.value(&file.Elements[j], &old.Elements[j], &wanted.Elements[i], at.indent)
			e.keepID(&file.Elements[j], &wanted.Elements[i], at.indent)
		}
	}
	for j := range slices.Backward(old.Elements) {
		if slices.Contains(from, j) {
			continue
		}
		remove(array{file}, j)
		for i := range from {
			if from[i] > j {
				from[i]--
			}
		}
	}
	reorder(file, slices.DeleteFunc(slices.Clone(from), func(j int) bool { return j < 0 }))
	for i := range wanted.Elements {
		if from[i] < 0 {
			e.insertElement(file, i, wanted.Elements[i].Value, at)
		}
	}
}

// keepID writes the ID of an element that had none in the document: it was
// made from what may have been changed.
func (e editor) keepID(file, wanted *hujson.Value, indent string) {
	node, ok1 := file.Value.(*hujson.Object)
	w, ok2 := wanted.Value.(*hujson.Object)
	if !ok1 || !ok2 || member(node, "id") >= 0 {
		return
	}
	if i := member(w, "id"); i >= 0 {
		e.addMember(node, "id", w.Members[i].Value.Value, e.layoutOf(object{node}, indent))
	}
}

// matches gives for each wanted element the place of the old one that it is;
// -1 is a new one.
func matches(old, wanted []hujson.Value) []int {
	taken := make([]bool, len(old))
	from := make([]int, len(wanted))
	for i := range wanted {
		from[i] = -1
		for j := range old {
			if !taken[j] && identity(&old[j]) == identity(&wanted[i]) {
				from[i], taken[j] = j, true
				break
			}
		}
	}
	for i := range wanted {
		for j := range old {
			if from[i] < 0 && !taken[j] && renamed(&old[j], &wanted[i]) {
				from[i], taken[j] = j, true
			}
		}
	}
	return from
}

// renamed says that an element that is known by its name has got another one and
// is the same otherwise.
func renamed(old, wanted *hujson.Value) bool {
	was, ok1 := old.Value.(*hujson.Object)
	is, ok2 := wanted.Value.(*hujson.Object)
	if !ok1 || !ok2 || member(was, "id") >= 0 || member(is, "id") >= 0 || len(was.Members) != len(is.Members) {
		return false
	}
	for i := range is.Members {
		name := keyOf(&is.Members[i])
		j := member(was, name)
		if j < 0 || name != "name" && !same(&was.Members[j].Value, &is.Members[i].Value) {
			return false
		}
	}
	return true
}

// identity is what makes an element the same one after a change.
func identity(v *hujson.Value) string {
	o, ok := v.Value.(*hujson.Object)
	if !ok {
		return v.String()
	}
	for _, name := range []string{"id", "name"} {
		if i := member(o, name); i >= 0 {
			return name + o.Members[i].Value.String()
		}
	}
	return v.String()
}

// same compares two bare values.
func same(a, b *hujson.Value) bool { return bytes.Equal(a.Pack(), b.Pack()) }
