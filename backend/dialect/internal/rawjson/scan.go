package rawjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// scanner proves that b is JSON as it goes. After a step that says false, what
// and i tell what is wrong where.
type scanner struct {
	b       []byte
	i       int
	key     int // the closing quote of the last name
	strict  bool
	watch   string
	watched bool
	what    string
}

func (s *scanner) peek() byte {
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\n', '\t', '\r':
			s.i++
		default:
			return
		}
	}
}

func (s *scanner) wrong(what string) bool {
	s.what = what
	return false
}

func (s *scanner) fail(what string) *SyntaxError {
	s.what = what
	return s.failure()
}

func (s *scanner) failure() *SyntaxError {
	what := s.what
	if s.i >= len(s.b) {
		s.i = len(s.b)
		what = "unexpected end"
	}
	before := s.b[:s.i]
	return &SyntaxError{
		Offset: s.i,
		Line:   1 + bytes.Count(before, []byte{'\n'}),
		Column: s.i - bytes.LastIndexByte(before, '\n'),
		What:   what,
	}
}

// value moves behind the value that begins here.
func (s *scanner) value(depth int) bool {
	switch c := s.peek(); {
	case c == '"':
		return s.text()
	case c == '{':
		return s.object(depth)
	case c == '[':
		return s.list(depth)
	case c == 't':
		return s.literal("true")
	case c == 'f':
		return s.literal("false")
	case c == 'n':
		return s.literal("null")
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	default:
		return s.wrong("expected a value")
	}
}

func (s *scanner) object(depth int) bool {
	if depth > maxDepth {
		return s.wrong("nested too deeply")
	}
	s.i++
	s.space()
	if s.peek() == '}' {
		s.i++
		return true
	}
	for {
		if !s.name() || !s.value(depth+1) {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.i++
			s.space()
		case '}':
			s.i++
			return true
		default:
			return s.wrong(`expected "," or "}"`)
		}
	}
}

// name moves behind a name and its colon.
func (s *scanner) name() bool {
	if s.peek() != '"' {
		return s.wrong("expected a name in quotes")
	}
	from := s.i + 1
	if !s.text() {
		return false
	}
	s.key = s.i - 1
	if s.key-from == len(s.watch) && string(s.b[from:s.key]) == s.watch {
		s.watched = true
	}
	s.space()
	if s.peek() != ':' {
		return s.wrong(`expected ":"`)
	}
	s.i++
	s.space()
	return true
}

func (s *scanner) list(depth int) bool {
	if depth > maxDepth {
		return s.wrong("nested too deeply")
	}
	s.i++
	s.space()
	if s.peek() == ']' {
		s.i++
		return true
	}
	for {
		if !s.value(depth + 1) {
			return false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.i++
			s.space()
		case ']':
			s.i++
			return true
		default:
			return s.wrong(`expected "," or "]"`)
		}
	}
}

func (s *scanner) literal(word string) bool {
	if len(s.b)-s.i < len(word) || string(s.b[s.i:s.i+len(word)]) != word {
		return s.wrong("expected a value")
	}
	s.i += len(word)
	return true
}

func (s *scanner) number() bool {
	if s.b[s.i] == '-' {
		s.i++
	}
	if s.peek() == '0' {
		s.i++
	} else if !s.digits() {
		return false
	}
	if s.peek() == '.' {
		s.i++
		if !s.digits() {
			return false
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.i++
		if c := s.peek(); c == '+' || c == '-' {
			s.i++
		}
		return s.digits()
	}
	return true
}

func (s *scanner) digits() bool {
	from := s.i
	for s.i < len(s.b) && s.b[s.i]-'0' <= 9 {
		s.i++
	}
	if s.i == from {
		return s.wrong("expected a digit")
	}
	return true
}

const (
	ones    = 0x0101010101010101
	highs   = 0x8080808080808080
	quotes  = '"' * ones
	slashes = '\\' * ones
	spaces  = ' ' * ones
)

// plain is the index at or after i of the first byte of a string's text that
// needs a look: a quote, a backslash, a control character or a byte that is
// not ASCII. It reads eight bytes at once; the lowest bit it finds is always a
// true one, since a borrow only runs upwards.
func plain(b []byte, i int) int {
	for i+8 <= len(b) {
		x := binary.LittleEndian.Uint64(b[i:])
		found := (((x ^ quotes) - ones) | ((x ^ slashes) - ones) | (x - spaces) | x) & highs
		if found != 0 {
			return i + bits.TrailingZeros64(found)>>3
		}
		i += 8
	}
	for i < len(b) && b[i] >= ' ' && b[i] < utf8.RuneSelf && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

// text moves behind the string that begins here.
func (s *scanner) text() bool {
	b, i := s.b, s.i+1
	for {
		i = plain(b, i)
		if i >= len(b) {
			s.i = i
			return s.wrong("unexpected end")
		}
		switch c := b[i]; {
		case c == '"':
			s.i = i + 1
			return true
		case c == '\\':
			n := escape(b[i:])
			if n == 0 {
				s.i = min(i, len(b))
				return s.wrong("bad escape in a string")
			}
			i += n
		case c < ' ':
			s.i = i
			return s.wrong("unescaped " + strconv.QuoteRune(rune(c)) + " in a string")
		case !s.strict:
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				s.i = i
				return s.wrong("bad UTF-8 in a string")
			}
			i += n
		}
	}
}

// StringEnd is where the closing quote of the string stands whose text begins
// at from; -1 when it does not end or is not JSON. UTF-8 is not checked.
func StringEnd(b []byte, from int) int {
	for i := from; ; {
		i = plain(b, i)
		if i >= len(b) {
			return -1
		}
		switch c := b[i]; {
		case c == '"':
			return i
		case c == '\\':
			n := escape(b[i:])
			if n == 0 {
				return -1
			}
			i += n
		case c < ' ':
			return -1
		default:
			i++
		}
	}
}

// escape is the length of the escape that b begins with; 0 is none.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b[2:]); ok {
			return 6
		}
	}
	return 0
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
