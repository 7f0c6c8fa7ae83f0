package tokens

import (
	"unicode"
	"unicode/utf8"
)

// class is what a character is to the pattern of o200k_base, which cuts a text
// into pieces before anything is merged:
//
//	[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//	[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//	\p{N}{1,3}
//	 ?[^\s\p{L}\p{N}]+[\r\n/]*
//	\s*[\r\n]+
//	\s+(?!\S)
//	\s+
//
// It is followed by hand: Go's regexp, which the tests compare with, takes ten
// times as long, and engines that look ahead take the square of the length for a
// run of spaces and lines.
type class uint8

const (
	upper   class = 1 << iota // Lu, Lt
	lower                     // Ll
	letter                    // Lm, Lo: of either case
	mark                      // M: of either case, and may stand before a word too
	digit                     // N
	blank                     // \s but for a line's end
	newline                   // \r, \n
	other

	heads = upper | letter | mark // what a word may begin with
	tails = lower | letter | mark // what it may end with
	space = blank | newline
	// before is what may stand before a word.
	before = mark | blank | other
	// signs is neither space, nor letter, nor number.
	signs = mark | other
)

// classAt is the class of the first character of s and its width; 0 at the end.
func classAt(s string) (c class, width int) {
	if s == "" {
		return 0, 0
	}
	if b := s[0]; b < utf8.RuneSelf {
		return ascii(b), 1
	}
	r, width := utf8.DecodeRuneInString(s)
	switch {
	case unicode.Is(unicode.Ll, r):
		return lower, width
	case unicode.Is(unicode.Lo, r), unicode.Is(unicode.Lm, r):
		return letter, width
	case unicode.Is(unicode.L, r): // Lu and Lt are what is left
		return upper, width
	case unicode.Is(unicode.M, r):
		return mark, width
	case unicode.Is(unicode.N, r):
		return digit, width
	case unicode.IsSpace(r):
		return blank, width
	}
	return other, width
}

func ascii(b byte) class {
	switch {
	case 'a' <= b && b <= 'z':
		return lower
	case 'A' <= b && b <= 'Z':
		return upper
	case '0' <= b && b <= '9':
		return digit
	case b == '\n' || b == '\r':
		return newline
	case b == ' ' || '\t' <= b && b <= '\r':
		return blank
	}
	return other
}

// run is where the characters of some classes end that begin at i.
func run(s string, i int, of class) int {
	for {
		c, width := classAt(s[i:])
		if c&of == 0 {
			return i
		}
		i += width
	}
}

// next is the length of the first piece of s, which is not empty: what the first
// alternative of the pattern that fits takes.
func next(s string) int {
	c, width := classAt(s)
	if c&before != 0 {
		// A mark is itself a word that ends small, which goes before a word of
		// capitals after it.
		if end, small := word(s, width); small || end > 0 && c != mark {
			return end
		}
	}
	switch {
	case c&(heads|tails) != 0:
		end, _ := word(s, 0)
		return end
	case c == digit:
		return number(s)
	}
	signed := 0
	if s[0] == ' ' {
		signed = 1
	}
	if end := run(s, signed, signs); end > signed {
		for end < len(s) && (s[end] == '\r' || s[end] == '\n' || s[end] == '/') {
			end++
		}
		return end
	}
	return blanks(s)
}

// word is where a word ends that begins at i, 0 if none does, and whether it is
// by the first alternative: it ends in what may be small. From a run of capitals
// that one takes as much as ends so, such as a Chinese character in it.
func word(s string, i int) (end int, small bool) {
	end, last := i, 0
	for {
		c, width := classAt(s[end:])
		if c&heads == 0 {
			break
		}
		end += width
		if c != upper {
			last = end
		}
	}
	if c, _ := classAt(s[end:]); c == lower {
		return contraction(s, run(s, end, tails)), true
	}
	if last > 0 {
		return contraction(s, last), true
	}
	if end > i {
		return contraction(s, end), false
	}
	return 0, false
}

// contraction is where the rest of a word as don't ends, if one stands at i.
func contraction(s string, i int) int {
	if len(s) < i+2 || s[i] != '\'' {
		return i
	}
	switch a := s[i+1] | 0x20; a {
	case 's', 't', 'm', 'd':
		return i + 2
	case 'r', 'v', 'l':
		if len(s) < i+3 {
			return i
		}
		if b := s[i+2] | 0x20; b == 'e' && a != 'l' || b == 'l' && a == 'l' {
			return i + 3
		}
	}
	const long = "\u017f" // the old long s, which is an s whatever the case
	if len(s) >= i+1+len(long) && s[i+1:i+1+len(long)] == long {
		return i + 1 + len(long)
	}
	return i
}

// number is where up to three figures end.
func number(s string) int {
	end := 0
	for range 3 {
		c, width := classAt(s[end:])
		if c != digit {
			break
		}
		end += width
	}
	return end
}

// blanks is how much of the space at the beginning of s is one piece: up to its
// last line's end; or else all of it at the end of the text, and all but the
// last, which goes with what follows, before anything else.
func blanks(s string) int {
	end, last, line := 0, 0, 0
	for {
		c, width := classAt(s[end:])
		if c&space == 0 {
			break
		}
		last = end
		end += width
		if c == newline {
			line = end
		}
	}
	switch {
	case line > 0:
		return line
	case end < len(s) && last > 0:
		return last
	}
	return end
}
