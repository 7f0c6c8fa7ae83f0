package connect

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Format is how a file is written.
type Format string

// The formats that can be changed in place.
const (
	// JSON is JSON with or without comments and trailing commas.
	JSON Format = "json"
	// YAML is a mapping in block style.
	YAML Format = "yaml"
	// TOML is TOML.
	TOML Format = "toml"
	// Env is lines of NAME=value.
	Env Format = "env"
)

// Field is a member of Fields.
type Field struct {
	Name  string
	Value any
}

// Fields is an object, in order. Values are string, int, bool, Fields and
// []any.
type Fields []Field

// Set is one setting of a file.
type Set struct {
	// Path leads to it; none is the file itself.
	Path []string
	// Item makes Value an item of the list at Path: the one with the same field
	// of this name is changed, or it is added. Only the fields of Value change.
	Item string
	// Value is what it is set to. Of Fields, only those that are named change.
	Value any
	// Absent leaves alone what is there.
	Absent bool
}

const (
	maxBytes = 4 << 20
	maxDepth = 200

	byteOrderMark = "\uFEFF"
)

// Edit changes the settings of a text and nothing else in it; an empty text is
// a file that is not there yet.
func Edit(format Format, text []byte, sets []Set) ([]byte, error) {
	if err := readable(text); err != nil {
		return nil, err
	}
	body, bom := bytes.CutPrefix(text, []byte(byteOrderMark))
	out, err := edit(format, body, sets)
	if err != nil {
		return nil, err
	}
	// What was written is what is read: the same settings again change nothing.
	again, err := edit(format, out, sets)
	if err != nil || !bytes.Equal(again, out) {
		return nil, wrong(0, "is written in a way that cannot be changed safely; use the snippet instead")
	}
	if bom {
		out = append([]byte(byteOrderMark), out...)
	}
	return out, nil
}

func edit(format Format, text []byte, sets []Set) (out []byte, err error) {
	out = slices.Clone(text)
	for _, set := range sets {
		switch format {
		case JSON:
			out, err = setJSON(out, set)
		case YAML:
			out, err = setYAML(out, set)
		case TOML:
			out, err = setTOML(out, set)
		case Env:
			out, err = setEnv(out, set)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readable refuses what is no text of ours to change.
func readable(text []byte) error {
	switch {
	case len(text) > maxBytes:
		return wrong(0, "has more than %d MiB: this is not a configuration", maxBytes>>20)
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}), bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		return wrong(1, "is written in UTF-16: save it as UTF-8")
	case !utf8.Valid(text), bytes.IndexByte(text, 0) >= 0:
		return wrong(0, "is not a text in UTF-8")
	}
	return nil
}

// SyntaxError says why a text cannot be changed. It quotes nothing of the text,
// which may hold secrets.
type SyntaxError struct {
	// Line is from 1; 0 is the whole text.
	Line    int
	Message string
}

// Error says what is wrong, to be put behind the file's name.
func (e *SyntaxError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d %s", e.Line, e.Message)
	}
	return e.Message
}

func wrong(line int, format string, args ...any) error {
	return &SyntaxError{Line: line, Message: fmt.Sprintf(format, args...)}
}

// lineOf is the line of an offset, from 1.
func lineOf(text []byte, offset int) int {
	return 1 + bytes.Count(text[:min(offset, len(text))], []byte("\n"))
}

// newlineOf is how a text ends its lines.
func newlineOf(text []byte) string {
	if i := bytes.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// splice replaces text[from:to].
func splice(text []byte, from, to int, with string) []byte {
	return slices.Concat(text[:from], []byte(with), text[to:])
}

// line is one line of a text.
type line struct {
	// start and end bound it without its line end; next is where the following
	// one starts.
	start, end, next int
	text             string
}

// linesOf splits a text.
func linesOf(text []byte) []line {
	var out []line
	for at := 0; at < len(text); {
		l := line{start: at, end: len(text), next: len(text)}
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			l.end, l.next = at+i, at+i+1
		}
		if l.end > l.start && text[l.end-1] == '\r' && l.next > l.end {
			l.end--
		}
		l.text = string(text[l.start:l.end])
		out = append(out, l)
		at = l.next
	}
	return out
}

// addLines puts lines at an offset that begins a line or ends the text.
func addLines(text []byte, at int, lines ...string) []byte {
	nl := newlineOf(text)
	insert := strings.Join(lines, nl) + nl
	if at > 0 && text[at-1] != '\n' {
		insert = nl + insert
	}
	return splice(text, at, at, insert)
}
