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
	key     int  // the closing quote of the last name
	strict  bool // UTF-8 is checked
	skim    bool // the text of strings is not checked
	watch   string
	watched bool
	what    string
	// long are the long strings of b: with mark those that were skipped, without
	// those that are known.
	long []Long
	mark bool
}

// Long is where a long string stands in a text, its quotes included. A text
// whose long strings are known is gone through in no time.
type Long struct{ From, To int }

// longSize is the size from which a string is worth remembering.
const longSize = 128

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

func (s *scanner) wrong(at int, what string) bool {
	s.i, s.what = at, what
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
		return s.wrong(s.i, "expected a value")
	}
}

func (s *scanner) object(depth int) bool {
	if depth > maxDepth {
		return s.wrong(s.i, "nested too deeply")
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
			return s.wrong(s.i, `expected "," or "}"`)
		}
	}
}

// name moves behind a name and its colon.
func (s *scanner) name() bool {
	if s.peek() != '"' {
		return s.wrong(s.i, "expected a name in quotes")
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
		return s.wrong(s.i, `expected ":"`)
	}
	s.i++
	s.space()
	return true
}

func (s *scanner) list(depth int) bool {
	if depth > maxDepth {
		return s.wrong(s.i, "nested too deeply")
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
			return s.wrong(s.i, `expected "," or "]"`)
		}
	}
}

func (s *scanner) literal(word string) bool {
	if len(s.b)-s.i < len(word) || string(s.b[s.i:s.i+len(word)]) != word {
		return s.wrong(s.i, "expected a value")
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
		return s.wrong(s.i, "expected a digit")
	}
	return true
}

const (
	ones    = 0x0101010101010101
	highs   = 0x80 * ones
	slashes = '\\' * ones
)

// special marks the bytes of eight that need a look: a quote, a backslash, a
// control character, a byte that is not ASCII. Flipping bit 1 puts the quote
// next to the control characters, so that one subtraction finds both. The
// lowest mark is always a true one, since a borrow only runs upwards.
func special(x uint64) uint64 {
	return (((x ^ 0x02*ones) - 0x21*ones) | ((x ^ slashes) - ones) | x) & highs
}

// plain is the index at or after i of the first byte of a string's text that
// needs a look, or the length of b.
func plain(b []byte, i int) int {
	for i+8 <= len(b) {
		if m := special(binary.LittleEndian.Uint64(b[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	for i < len(b) && b[i] >= ' ' && b[i] < utf8.RuneSelf && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

// text moves behind the string that begins here. The loop is the heart of
// every scan: a prompt is little else than long strings.
func (s *scanner) text() bool {
	if s.skim {
		return s.skip()
	}
	b, i := s.b, s.i+1
	for {
		if i+8 <= len(b) {
			m := special(binary.LittleEndian.Uint64(b[i:]))
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		} else if i = plain(b, i); i >= len(b) {
			return s.wrong(i, "unexpected end")
		}
		switch c := b[i]; {
		case c == '\\':
			if i+1 < len(b) && isEscape(b[i+1]) {
				i += 2
				continue
			}
			n := escape(b, i)
			if n == 0 {
				return s.wrong(i, "bad escape in a string")
			}
			i += n
		case c == '"':
			s.i = i + 1
			return true
		case c < ' ':
			return s.wrong(i, "unescaped "+strconv.QuoteRune(rune(c))+" in a string")
		case !s.strict:
			i++
		default:
			if i = runes(b, i); i < len(b) && b[i] >= utf8.RuneSelf {
				return s.wrong(i, "bad UTF-8 in a string")
			}
		}
	}
}

// skip moves behind a string by its quotes alone.
func (s *scanner) skip() bool {
	if s.known() {
		return true
	}
	b, from := s.b, s.i+1
	for i := from; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return s.wrong(len(b), "unexpected end")
		}
		i += n
		slash := i
		for slash > from && b[slash-1] == '\\' {
			slash--
		}
		i++
		if (i-slash)&1 == 1 {
			if s.mark && i-from >= longSize {
				s.long = append(s.long, Long{from - 1, i})
			}
			s.i = i
			return true
		}
	}
}

// known moves behind a string that is known to be long.
func (s *scanner) known() bool {
	if s.mark {
		return false
	}
	for len(s.long) > 0 && s.long[0].From < s.i {
		s.long = s.long[1:]
	}
	if len(s.long) == 0 || s.long[0].From > s.i {
		return false
	}
	s.i = s.long[0].To
	return true
}

// runes moves behind the characters that are not ASCII; it stops at a byte that
// is not UTF-8.
func runes(b []byte, i int) int {
	for i < len(b) && b[i] >= utf8.RuneSelf {
		if i+2 < len(b) && b[i]&0xf0 == 0xe0 && b[i] != 0xe0 && b[i] != 0xed && b[i+1]&0xc0 == 0x80 && b[i+2]&0xc0 == 0x80 {
			i += 3 // most of Chinese, without the general case's cost
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return i
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
			n := escape(b, i)
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

// escape is the length of the escape that begins at i; 0 is none.
func escape(b []byte, i int) int {
	if i+1 >= len(b) {
		return 0
	}
	if isEscape(b[i+1]) {
		return 2
	}
	if b[i+1] == 'u' {
		if _, ok := hex4(b[i+2:]); ok {
			return 6
		}
	}
	return 0
}

// isEscape says whether c may follow a backslash, but for u. It is a set in two
// words instead of a switch: a branch nobody can predict costs more than the
// rest of the scan.
func isEscape(c byte) bool {
	const (
		low  = 1<<'"' | 1<<'/'
		high = 1<<('\\'-64) | 1<<('b'-64) | 1<<('f'-64) | 1<<('n'-64) | 1<<('r'-64) | 1<<('t'-64)
	)
	if c < 64 {
		return low>>c&1 != 0
	}
	return uint64(high)>>(c-64)&1 != 0
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
