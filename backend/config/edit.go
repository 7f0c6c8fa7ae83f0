package config

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

// editor adds to a tree in the way the file is written.
type editor struct {
	newline, unit, colon string
	// multi says that members stand on lines of their own.
	multi bool
}

// layout is how the items of one object or array stand.
type layout struct {
	multi  bool
	indent string
}

func newEditor(root *hujson.Object, crlf bool) editor {
	e := editor{newline: "\n", unit: "  ", colon: " ", multi: true}
	if crlf {
		e.newline = "\r\n"
	}
	if len(root.Members) == 0 {
		return e
	}
	first := root.Members[0]
	e.multi = bytes.ContainsRune(first.Name.BeforeExtra, '\n')
	if indent := lastIndent(first.Name.BeforeExtra); indent != "" {
		e.unit = indent
	}
	if first.Value.BeforeExtra.IsStandard() && !bytes.ContainsRune(first.Value.BeforeExtra, '\n') {
		e.colon = string(first.Value.BeforeExtra)
	}
	return e
}

// lastIndent is the white space after the last line end.
func lastIndent(x hujson.Extra) string {
	tail := string(x[bytes.LastIndexByte(x, '\n')+1:])
	return tail[:len(tail)-len(strings.TrimLeft(tail, " \t"))]
}

// layoutOf takes the layout from what is there; an empty one is like the rest
// of the file.
func (e editor) layoutOf(s sequence, outer string) layout {
	if s.count() == 0 {
		return layout{multi: e.multi, indent: outer + e.unit}
	}
	if x := *s.before(0); bytes.ContainsRune(x, '\n') {
		return layout{multi: true, indent: lastIndent(x)}
	}
	return layout{indent: outer}
}

// gap is the white space before an item.
func (e editor) gap(at layout, first bool) hujson.Extra {
	switch {
	case at.multi:
		return hujson.Extra(e.newline + at.indent)
	case first:
		return nil
	}
	return hujson.Extra(" ")
}

// laidOut is a bare value in the file's style. Lists of plain values stand on
// one line.
func (e editor) laidOut(v hujson.ValueTrimmed, at layout) hujson.ValueTrimmed {
	inner := layout{multi: at.multi, indent: at.indent + e.unit}
	switch node := v.(type) {
	case *hujson.Object:
		fresh := &hujson.Object{}
		for i := range node.Members {
			e.addMember(fresh, keyOf(&node.Members[i]), e.laidOut(node.Members[i].Value.Value, inner), inner)
		}
		return fresh
	case *hujson.Array:
		fresh := &hujson.Array{}
		for i := range node.Elements {
			e.insertElement(fresh, i, node.Elements[i].Value, inner)
		}
		return fresh
	}
	return v
}

// addMember puts a member at the end of o.
func (e editor) addMember(o *hujson.Object, name string, value hujson.ValueTrimmed, at layout) {
	n := len(o.Members)
	o.Members = append(o.Members, hujson.ObjectMember{
		Name:  hujson.Value{Value: hujson.String(name)},
		Value: hujson.Value{BeforeExtra: hujson.Extra(e.colon), Value: value},
	})
	e.settle(object{o}, n, at)
}

// insertElement puts an element of a bare tree at index i of a.
func (e editor) insertElement(a *hujson.Array, i int, value hujson.ValueTrimmed, at layout) {
	if _, literal := value.(hujson.Literal); literal && len(a.Elements) == 0 {
		at.multi = false
	} else if len(a.Elements) > 0 {
		at = e.layoutOf(array{a}, at.indent)
	}
	a.Elements = slices.Insert(a.Elements, i, hujson.Value{Value: e.laidOut(value, at)})
	e.settle(array{a}, i, at)
}

// settle gives the item just inserted at i its white space, the comma that the
// file's style wants, and leaves comments with what they stand beside.
func (e editor) settle(s sequence, i int, at layout) {
	next := s.end()
	last := i == s.count()-1
	if !last {
		next = s.before(i + 1)
	}
	gap := e.gap(at, i == 0)
	if last {
		trailing := i > 0 && *s.after(i - 1) != nil
		beside := *next
		*next = nil
		if at.multi {
			*next = hujson.Extra(e.newline + strings.TrimSuffix(at.indent, e.unit))
			if tail := lastIndent(beside); i > 0 && bytes.ContainsRune(beside, '\n') {
				*next = hujson.Extra(e.newline + tail)
			}
		}
		if beside.IsStandard() {
			beside = nil
		}
		*s.before(i) = joinExtra(beside, gap)
		setTrailingComma(s, trailing)
		return
	}
	beside, rest := splitBeside(*next)
	*s.before(i) = joinExtra(beside, gap)
	*next = rest
	if i == 0 && !at.multi {
		*next = joinExtra(rest, hujson.Extra(" "))
	}
}

// removeMember takes every member of that name out of o, in any case.
func removeMember(o *hujson.Object, name string) {
	for i := member(o, name); i >= 0; i = member(o, name) {
		remove(object{o}, i)
	}
}

// remove takes out item i and leaves the comments around it.
func remove(s sequence, i int) {
	trailing := *s.after(s.count() - 1) != nil
	last := i == s.count()-1
	next := s.end()
	if !last {
		next = s.before(i + 1)
	}
	own := *s.before(i)
	for _, x := range s.within(i) {
		if !x.IsStandard() {
			own = joinExtra(own, x)
		}
	}
	switch beside, rest := splitBeside(*next); {
	case beside != nil: // it gets a line of its own: it is not about the item before
		*next = joinExtra(slices.Concat(own, bytes.TrimLeft(beside, " \t")), rest)
	case !own.IsStandard():
		*next = joinExtra(own, rest)
	case !last && rest.IsStandard():
		*next = own
	}
	s.drop(i)
	setTrailingComma(s, trailing)
}

// reorder moves the elements: the new i-th one was at from[i].
func reorder(a *hujson.Array, from []int) {
	if len(from) == 0 || slices.IsSorted(from) {
		return
	}
	trailing := a.Elements[len(a.Elements)-1].AfterExtra != nil
	moved := make([]hujson.Value, len(from))
	for i, j := range from {
		moved[i] = a.Elements[j]
	}
	a.Elements = moved
	setTrailingComma(array{a}, trailing)
}

// setTrailingComma writes a comma after the last item or takes it away. The
// parser knows one by an AfterExtra that is not nil.
func setTrailingComma(s sequence, wanted bool) {
	if s.count() == 0 {
		return
	}
	after := s.after(s.count() - 1)
	switch {
	case wanted && *after == nil:
		*after = hujson.Extra{}
	case !wanted && *after != nil:
		if !after.IsStandard() {
			*s.end() = joinExtra(*after, *s.end())
		}
		*after = nil
	}
}

// joinExtra puts b after a. A line comment at the end of a gets its line end;
// white space at the end of a is dropped where b brings its own.
func joinExtra(a, b hujson.Extra) hujson.Extra {
	if len(a) == 0 {
		return b
	}
	if len(b) > 0 {
		a = bytes.TrimRight(a, " \t\r\n")
	}
	joined := slices.Concat(a, b)
	if joined.IsValid() {
		return joined
	}
	return slices.Concat(a, hujson.Extra("\n"), b)
}

// splitBeside cuts off the comments that stand on the line of the item before.
func splitBeside(x hujson.Extra) (beside, rest hujson.Extra) {
	n := 0
	for i := 0; i < len(x) && x[i] != '\n'; i++ {
		if x[i] == '/' {
			i = min(skipComment(x, i), len(x)-1)
			n = i + 1
			if x[i] == '\n' { // of a line comment: the line end is the next one's
				n = i
				break
			}
		}
	}
	if n == 0 {
		return nil, x
	}
	return x[:n:n], x[n:]
}
