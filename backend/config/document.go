package config

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

const (
	// maxBytes and maxDepth keep a file that is no configuration from costing
	// memory or the stack; real ones are a thousandth of both.
	maxBytes = 4 << 20
	maxDepth = 200
)

// document is a file as a syntax tree that packs to the same bytes.
type document struct {
	root hujson.Value
	text []byte
	// bom and lacksNewline are what the tree cannot hold: a byte order mark, as
	// Windows editors write, and a comment that ends the file without a line
	// end.
	bom, lacksNewline bool
}

const byteOrderMark = "\uFEFF"

// parseDocument reads text, which must not be changed afterwards. Its errors
// have a line and no file.
func parseDocument(text []byte) (*document, error) {
	d := &document{}
	switch {
	case len(text) > maxBytes:
		return nil, wrong("", "has more than %d MiB: this is not a configuration", maxBytes>>20)
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}), bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		return nil, &Error{Line: 1, Message: "is written in UTF-16: save it as UTF-8"}
	}
	if rest, ok := bytes.CutPrefix(text, []byte(byteOrderMark)); ok {
		d.bom, text = true, rest
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, &Error{Line: 1, Message: "is empty: write {} into it, or delete it"}
	}
	if !bytes.HasSuffix(text, []byte("\n")) {
		d.lacksNewline = true
		text = append(slices.Clip(text), '\n')
	}
	if line := tooDeep(text); line > 0 {
		return nil, &Error{Line: line, Message: fmt.Sprintf("is nested more than %d levels deep", maxDepth)}
	}
	root, err := hujson.Parse(text)
	if err != nil {
		return nil, syntaxError(err)
	}
	d.root, d.text = root, text
	if _, ok := root.Value.(*hujson.Object); !ok {
		return nil, &Error{Line: d.line(root.StartOffset), Message: "must be an object: { … }"}
	}
	return d, nil
}

// pack is the file's text again.
func (d *document) pack() []byte {
	text := d.root.Pack()
	if d.lacksNewline {
		text = bytes.TrimSuffix(text, []byte("\n"))
	}
	if d.bom {
		text = append([]byte(byteOrderMark), text...)
	}
	return text
}

// line is the line of an offset into the parsed text, from 1.
func (d *document) line(offset int) int {
	return 1 + bytes.Count(d.text[:min(offset, len(d.text))], []byte("\n"))
}

// place is the line of a field, or of the nearest one around it that the file
// has.
func (d *document) place(field string) int {
	v, offset := &d.root, d.root.StartOffset
	for _, step := range steps(field) {
		switch node := v.Value.(type) {
		case *hujson.Object:
			i := member(node, step)
			if i < 0 {
				return d.line(offset)
			}
			v, offset = &node.Members[i].Value, node.Members[i].Name.StartOffset
		case *hujson.Array:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(node.Elements) {
				return d.line(offset)
			}
			v, offset = &node.Elements[i], node.Elements[i].StartOffset
		default:
			return d.line(offset)
		}
	}
	return d.line(offset)
}

// steps takes a field's path apart: accounts[0].name is accounts, 0, name.
func steps(field string) []string {
	return strings.FieldsFunc(field, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}

// member finds a key as encoding/json does: whatever its case, the last one
// wins. It is -1 where there is none.
func member(o *hujson.Object, name string) int {
	for i := len(o.Members) - 1; i >= 0; i-- {
		if strings.EqualFold(keyOf(&o.Members[i]), name) {
			return i
		}
	}
	return -1
}

func keyOf(m *hujson.ObjectMember) string { return m.Name.Value.(hujson.Literal).String() }

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
				return 1 + bytes.Count(text[:i], []byte("\n"))
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
	rest := text[i:]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		end = "\n"
	case bytes.HasPrefix(rest, []byte("/*")):
		end = "*/"
	default:
		return i
	}
	n := bytes.Index(rest[2:], []byte(end))
	if n < 0 {
		return len(text)
	}
	return i + 2 + n + len(end) - 1
}

// syntaxError makes the parser's error one of ours. Its text for a bad literal
// quotes the literal, which may be a secret.
func syntaxError(err error) *Error {
	parts := regexp.MustCompile(`(?s)line (\d+), column (\d+): (.*)`).FindStringSubmatch(err.Error())
	if parts == nil {
		return wrong("", "is not valid JSON")
	}
	line, _ := strconv.Atoi(parts[1])
	what := parts[3]
	if literal, ok := strings.CutPrefix(what, "invalid literal: "); ok {
		what = "a word that is none of true, false and null, or a number that is none"
		if strings.HasPrefix(literal, `"`) {
			what = `a string with a bad escape or a line end in it (a backslash is written \\)`
		}
	}
	what = strings.ReplaceAll(what, "unexpected EOF", "the file ends too early")
	return &Error{Line: line, Message: fmt.Sprintf("is not valid JSON at column %s: %s", parts[2], what)}
}
