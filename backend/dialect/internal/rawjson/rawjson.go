// Package rawjson reads JSON text where it stands, without building values: the
// codecs look at a few fields of a body and pass the rest on as bytes.
//
// The invariant: a walk that reports no error has proven that all of its text
// is JSON. The package knows no protocol and changes no byte it was given.
package rawjson

import (
	"bytes"
	"fmt"
	"iter"
)

// maxDepth bounds the nesting, so that a hostile body cannot exhaust the stack.
const maxDepth = 1000

// SyntaxError says where a text stops to be JSON.
type SyntaxError struct {
	// Offset counts bytes from 0, Line and Column from 1.
	Offset, Line, Column int
	// What is wrong there, in lower case.
	What string
}

// Error names the place as a person would look for it.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at line %d, column %d (byte %d)", e.What, e.Line, e.Column, e.Offset)
}

// Member is one name and value of an object, as they stand in it.
type Member struct {
	// Key is the name without quotes and escapes.
	Key []byte
	// From is where the quoted name begins, counted from the object's brace.
	From int
	// At is where Value begins, counted from the object's brace.
	At    int
	Value []byte
}

// Members walks an object that nobody has checked yet. Invalid text ends the
// walk with an error; a walk without one has proven the object. UTF-8 is not
// checked.
func Members(b []byte) iter.Seq2[Member, *SyntaxError] {
	return func(yield func(Member, *SyntaxError) bool) {
		s := scanner{b: b}
		s.members(yield)
	}
}

// Inside walks an object that stands inside a text that was checked. On
// anything else it gives no members.
func Inside(b []byte) iter.Seq[Member] {
	return func(yield func(Member) bool) {
		s := scanner{b: b, skim: true}
		if s.space(); s.peek() != '{' {
			return
		}
		s.members(func(m Member, err *SyntaxError) bool { return err == nil && yield(m) })
	}
}

// Check proves that a whole body is an object in valid UTF-8 and shows its
// members. watch is a name to look out for at any depth.
func Check(b []byte, watch string, visit func(m Member, watched bool)) *SyntaxError {
	return (&scanner{b: b, strict: true, watch: watch}).visit(visit)
}

// Skim is Check without a look into the strings: a bad escape, a control
// character or bad UTF-8 in one of them goes unnoticed. It says where the long
// ones stand, for [Again].
func Skim(b []byte, watch string, visit func(m Member, watched bool)) ([]Long, *SyntaxError) {
	s := scanner{b: b, skim: true, watch: watch, mark: true}
	err := s.visit(visit)
	return s.long, err
}

func (s *scanner) visit(visit func(m Member, watched bool)) *SyntaxError {
	var failed *SyntaxError
	s.members(func(m Member, err *SyntaxError) bool {
		if err != nil {
			failed = err
			return false
		}
		visit(m, s.watched)
		s.watched = false
		return true
	})
	return failed
}

func (s *scanner) members(yield func(Member, *SyntaxError) bool) {
	s.space()
	if s.peek() != '{' {
		yield(Member{}, s.fail("expected an object"))
		return
	}
	base := s.i
	s.i++
	s.space()
	if s.peek() == '}' {
		s.i++
		s.end(yield)
		return
	}
	for {
		m, ok := s.member(base)
		if !ok {
			yield(Member{}, s.failure())
			return
		}
		if !yield(m, nil) {
			return
		}
		s.space()
		switch s.peek() {
		case ',':
			s.i++
			s.space()
		case '}':
			s.i++
			s.end(yield)
			return
		default:
			yield(Member{}, s.fail(`expected "," or "}"`))
			return
		}
	}
}

func (s *scanner) member(base int) (Member, bool) {
	from := s.i
	if !s.name() {
		return Member{}, false
	}
	key := s.b[from+1 : s.key]
	if bytes.IndexByte(key, '\\') >= 0 {
		key = AppendText(nil, s.b[from:s.key+1])
	}
	at := s.i
	if !s.value(1) {
		return Member{}, false
	}
	return Member{Key: key, From: from - base, At: at - base, Value: s.b[at:s.i]}, true
}

// end makes sure that only space follows the value.
func (s *scanner) end(yield func(Member, *SyntaxError) bool) {
	s.space()
	if s.i < len(s.b) {
		yield(Member{}, s.fail("unexpected text after the end"))
	}
}

// Elements walks a list that stands inside a text that was checked, and gives
// each value with its offset. On anything else it gives none.
func Elements(b []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		s := scanner{b: b, skim: true}
		s.space()
		if s.peek() != '[' {
			return
		}
		s.i++
		s.space()
		for s.i < len(b) && b[s.i] != ']' {
			at := s.i
			if !s.value(1) || !yield(at, b[at:s.i]) {
				return
			}
			s.space()
			if s.peek() != ',' {
				return
			}
			s.i++
			s.space()
		}
	}
}

// Valid says whether b is one JSON value.
func Valid(b []byte) bool {
	s := scanner{b: b}
	s.space()
	if !s.value(0) {
		return false
	}
	s.space()
	return s.i == len(b)
}

// Get is the value of a name in an object that stands inside a text that was
// checked, the last one if there are several; nil is none.
func Get(b []byte, name string) []byte {
	var found []byte
	for m := range Inside(b) {
		if string(m.Key) == name {
			found = m.Value
		}
	}
	return found
}

// EmptyList says that a value is a list without elements, or no list at all.
func EmptyList(b []byte) bool {
	for range Elements(b) {
		return false
	}
	return true
}

// Indexed is Elements with the number of each value instead of its offset.
func Indexed(b []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		i := 0
		for _, e := range Elements(b) {
			if !yield(i, e) {
				return
			}
			i++
		}
	}
}

// OrNil is a value, or nil where it is null.
func OrNil(b []byte) []byte {
	if IsNull(b) {
		return nil
	}
	return b
}

// Loose is the text of a value that should be a string: any other stands as it
// is written, and null is "".
func Loose(b []byte) string {
	switch {
	case IsNull(b):
		return ""
	case IsText(b):
		return Text(b)
	default:
		return string(b)
	}
}
