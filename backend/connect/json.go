package connect

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

// setJSON sets one setting of a JSON text, with or without comments.
func setJSON(text []byte, set Set) ([]byte, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{\n}\n")
		if set.Item != "" && len(set.Path) == 0 {
			text = []byte("[\n]\n")
		}
	}
	if set.Item != "" {
		return setJSONItem(text, set)
	}
	if fields, ok := set.Value.(Fields); ok && len(fields) > 0 {
		return setJSONFields(text, set.Path, fields, set.Absent)
	}
	return putJSON(text, set.Path, set.Value, set.Absent)
}

func setJSONFields(text []byte, path []string, fields Fields, absent bool) (_ []byte, err error) {
	for _, f := range fields {
		text, err = setJSON(text, Set{Path: join(path, f.Name), Value: f.Value, Absent: absent})
		if err != nil {
			return nil, err
		}
	}
	return text, nil
}

func join(path []string, step string) []string {
	return append(append(make([]string, 0, len(path)+1), path...), step)
}

// setJSONItem changes the item of a list that has the same name, or adds one.
func setJSONItem(text []byte, set Set) ([]byte, error) {
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	at, rest := walk(root, set.Path)
	if len(rest) > 0 {
		return putJSON(text, set.Path, []any{set.Value}, false)
	}
	list, ok := at.Value.(*hujson.Array)
	if !ok {
		return nil, wrong(lineOf(text, at.StartOffset), "has no list where one is expected (%s)", place(set.Path))
	}
	fields := set.Value.(Fields)
	for i := range list.Elements {
		name, _ := walk(&list.Elements[i], []string{set.Item})
		if literal, ok := name.Value.(hujson.Literal); ok && literal.Kind() == '"' && literal.String() == fields.text(set.Item) {
			return setJSONFields(text, join(set.Path, strconv.Itoa(i)), fields, set.Absent)
		}
	}
	return addJSON(text, root, at, "", set.Value), nil
}

func (f Fields) text(name string) string {
	for _, field := range f {
		if field.Name == name {
			s, _ := field.Value.(string)
			return s
		}
	}
	return ""
}

// putJSON writes a value at a path, with the objects that lead there.
func putJSON(text []byte, path []string, value any, absent bool) ([]byte, error) {
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	at, rest := walk(root, path)
	if len(rest) == 0 {
		if absent || sameJSON(at, value) {
			return text, nil
		}
		if _, ok := value.(Fields); ok { // an object that is there already
			if _, ok := at.Value.(*hujson.Object); ok {
				return text, nil
			}
		}
		style := styleOf(text, root)
		return splice(text, at.StartOffset, at.EndOffset, style.encode(value, style.indentAt(at.StartOffset))), nil
	}
	if _, ok := at.Value.(*hujson.Object); !ok {
		if literal, ok := at.Value.(hujson.Literal); !ok || literal.Kind() != 'n' || len(rest) == len(path) {
			return nil, wrong(lineOf(text, at.StartOffset), "has no object where one is expected (%s)", place(path[:len(path)-len(rest)]))
		}
		value = nest(rest, value)
		style := styleOf(text, root)
		return splice(text, at.StartOffset, at.EndOffset, style.encode(value, style.indentAt(at.StartOffset))), nil
	}
	return addJSON(text, root, at, rest[0], nest(rest[1:], value)), nil
}

// nest wraps a value into objects.
func nest(path []string, value any) any {
	for _, step := range slices.Backward(path) {
		value = Fields{{step, value}}
	}
	return value
}

// place names a path in an error.
func place(path []string) string {
	if len(path) == 0 {
		return "the whole file"
	}
	return strings.Join(path, ".")
}

// walk follows a path as far as it leads, and gives what is left of it. Of
// members with one name the last counts, as for the clients.
func walk(v *hujson.Value, path []string) (*hujson.Value, []string) {
steps:
	for i, step := range path {
		switch node := v.Value.(type) {
		case *hujson.Object:
			for j := len(node.Members) - 1; j >= 0; j-- {
				if node.Members[j].Name.Value.(hujson.Literal).String() == step {
					v = &node.Members[j].Value
					continue steps
				}
			}
		case *hujson.Array:
			if j, err := strconv.Atoi(step); err == nil && j >= 0 && j < len(node.Elements) {
				v = &node.Elements[j]
				continue steps
			}
		}
		return v, path[i:]
	}
	return v, nil
}

func sameJSON(v *hujson.Value, value any) bool {
	plain := v.Clone()
	plain.Standardize()
	var got, want any
	if json.Unmarshal(plain.Pack(), &got) != nil || json.Unmarshal([]byte(style{}.encode(value, "")), &want) != nil {
		return false
	}
	a, errA := json.Marshal(got)
	b, errB := json.Marshal(want)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// addJSON adds a member to an object, or an item to a list, behind the last.
func addJSON(text []byte, root, into *hujson.Value, name string, value any) []byte {
	style := styleOf(text, root)
	outer := style.indentAt(into.StartOffset)
	closing := into.EndOffset - 1
	last := -1
	multi := style.multi
	first := 0
	switch node := into.Value.(type) {
	case *hujson.Object:
		if n := len(node.Members); n > 0 {
			first, last = node.Members[0].Name.StartOffset, node.Members[n-1].Value.EndOffset
		}
	case *hujson.Array:
		if n := len(node.Elements); n > 0 {
			first, last = node.Elements[0].StartOffset, node.Elements[n-1].EndOffset
		}
	}
	indent := outer + style.unit
	if last >= 0 {
		multi = bytes.IndexByte(text[into.StartOffset:first], '\n') >= 0
		if multi {
			indent = style.indentAt(first)
		}
	}
	one := style
	one.multi = multi
	entry := one.encode(value, indent)
	if name != "" {
		entry = quote(name) + ":" + style.space + entry
	}
	// Comments behind the last one stay with it.
	end := into.StartOffset + 1 + len(bytes.TrimRight(text[into.StartOffset+1:closing], " \t\r\n"))
	comma, trailing := "", ""
	if last >= 0 {
		comma = ","
		if commaAfter(text, last, closing) {
			comma, trailing = "", ","
		}
	}
	if bytes.IndexByte(text[into.StartOffset:closing], '\n') >= 0 && last < 0 {
		multi = true
	}
	gap, tail := " ", string(text[end:closing])
	switch {
	case multi:
		gap, tail = style.newline+indent, style.newline+outer
	case last < 0:
		gap = ""
	}
	out := splice(text, end, closing, gap+entry+trailing+tail)
	if comma != "" {
		out = splice(out, last, last, comma)
	}
	return out
}

// commaAfter says that a comma stands between two offsets, comments aside.
func commaAfter(text []byte, from, to int) bool {
	for i := from; i < to; i++ {
		switch text[i] {
		case '/':
			i = skipComment(text, i)
		case ',':
			return true
		}
	}
	return false
}

// style is how a JSON text is laid out.
type style struct {
	text                 []byte
	newline, unit, space string
	multi                bool
}

func styleOf(text []byte, root *hujson.Value) style {
	s := style{text: text, newline: newlineOf(text), unit: "  ", space: " ", multi: true}
	first := -1
	switch node := root.Value.(type) {
	case *hujson.Object:
		if len(node.Members) > 0 {
			first = node.Members[0].Name.StartOffset
			if text[node.Members[0].Value.StartOffset-1] == ':' {
				s.space = ""
			}
		}
	case *hujson.Array:
		if len(node.Elements) > 0 {
			first = node.Elements[0].StartOffset
		}
	}
	if first < 0 {
		return s
	}
	s.multi = bytes.IndexByte(text[root.StartOffset:first], '\n') >= 0
	if indent := s.indentAt(first); s.multi && indent != "" {
		s.unit = indent
	}
	return s
}

// indentAt is the white space that begins the line of an offset.
func (s style) indentAt(offset int) string {
	begin := bytes.LastIndexByte(s.text[:offset], '\n') + 1
	end := begin
	for end < offset && (s.text[end] == ' ' || s.text[end] == '\t') {
		end++
	}
	return string(s.text[begin:end])
}

// encode writes a value whose first line is indented already.
func (s style) encode(value any, indent string) string {
	switch v := value.(type) {
	case Fields:
		parts := make([]string, 0, len(v))
		for _, f := range v {
			parts = append(parts, quote(f.Name)+":"+s.space+s.encode(f.Value, indent+s.unit))
		}
		return s.enclose("{", "}", parts, indent)
	case []any:
		parts := make([]string, 0, len(v))
		for _, item := range v {
			parts = append(parts, s.encode(item, indent+s.unit))
		}
		return s.enclose("[", "]", parts, indent)
	case string:
		return quote(v)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return "null"
}

func (s style) enclose(open, end string, parts []string, indent string) string {
	switch {
	case len(parts) == 0:
		return open + end
	case !s.multi:
		return open + strings.Join(parts, ", ") + end
	}
	sep := s.newline + indent + s.unit
	return open + sep + strings.Join(parts, ","+sep) + s.newline + indent + end
}

// quote writes a string as JSON, as a person would: < and & stay.
func quote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// parseJSON reads a text; its offsets are those of the text.
func parseJSON(text []byte) (*hujson.Value, error) {
	if l := tooDeep(text); l > 0 {
		return nil, wrong(l, "is nested more than %d levels deep", maxDepth)
	}
	// A comment that ends the file needs a line end for the parser.
	root, err := hujson.Parse(append(bytes.Clone(text), '\n'))
	if err != nil {
		l := 0
		if m := regexp.MustCompile(`line (\d+), column`).FindStringSubmatch(err.Error()); m != nil {
			l, _ = strconv.Atoi(m[1])
			l = min(l, lineOf(text, len(text)))
		}
		return nil, wrong(l, "is not valid JSON: correct it first, then try again")
	}
	return &root, nil
}

// tooDeep gives the line where text is nested beyond maxDepth; 0 is nowhere.
// The parser recurses, so that this must be known before.
func tooDeep(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = skipString(text, i)
		case '/':
			i = skipComment(text, i)
		case '{', '[':
			if depth++; depth > maxDepth {
				return lineOf(text, i)
			}
		case '}', ']':
			depth--
		}
	}
	return 0
}

// skipString is the place of the quote that ends the string at i.
func skipString(text []byte, i int) int {
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i
}

// skipComment is the last byte of the comment at i, or i where there is none.
func skipComment(text []byte, i int) int {
	var end string
	switch {
	case bytes.HasPrefix(text[i:], []byte("//")):
		end = "\n"
	case bytes.HasPrefix(text[i:], []byte("/*")):
		end = "*/"
	default:
		return i
	}
	n := bytes.Index(text[i+2:], []byte(end))
	if n < 0 {
		return len(text)
	}
	return i + 2 + n + len(end) - 1
}
