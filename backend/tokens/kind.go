package tokens

import (
	"strings"
	"unicode/utf8"
)

// kind is what a piece of text is: tokenizers differ in how many tokens they
// make of each, and hardly within one.
type kind uint8

const (
	words    kind = iota // of the letters of English
	tabbed               // the same, behind a tab
	foreign              // of another language with those letters, by what stands beside them
	accented             // with other letters of the Latin alphabet
	numbers              // digits
	signed               // punctuation and symbols
	ended                // the same, with the end of a line
	gaps                 // space and ends of lines alone
	han                  // Chinese, also in Japanese
	kana                 // Japanese
	hangul               // Korean
	scripts              // of every other alphabet
	// digits are no tokens but the characters of the numbers: o200k_base takes up to
	// three at once, others one by one.
	digits
	kinds
)

// tally is how many tokens of each kind there are.
type tally [kinds]int

// settle takes the plain words of a text with many accented ones for the same
// language's, which tokenizers cut smaller than English.
func (t *tally) settle() {
	const few = 25
	if t[accented]*few > t[words] {
		t[foreign], t[words] = t[foreign]+t[words], 0
	}
}

// add adds another tally.
func (t *tally) add(other *tally) {
	for k, n := range other {
		t[k] += n
	}
}

// kindOf is the kind of a piece.
func kindOf(piece string) kind {
	i := 0
	for i < len(piece) {
		c, width := classAt(piece[i:])
		if c&(heads|tails) != 0 && c != mark {
			k := alphabet(piece[i:])
			if k == words && piece[0] == '\t' {
				return tabbed
			}
			return k
		}
		if c == digit {
			return numbers
		}
		if c&space == 0 && i+width < len(piece) {
			// A sign before a word belongs to it.
			if next, _ := classAt(piece[i+width:]); next&(heads|tails) == 0 || next == mark {
				break
			}
		} else if c&space == 0 {
			break
		}
		i += width
	}
	if i == len(piece) {
		return gaps
	}
	if r, _ := utf8.DecodeRuneInString(piece[i:]); r >= 0x3000 && r < 0x3040 || r >= 0xFF00 && r < 0xFF66 {
		return han // its punctuation
	}
	if strings.HasSuffix(piece, "\n") || strings.HasSuffix(piece, "\r") {
		return ended
	}
	return signed
}

// alphabet is the kind of a word, by its first letter, and whether all are of
// English.
func alphabet(word string) kind {
	r, _ := utf8.DecodeRuneInString(word)
	switch {
	case r < 0x0250, 0x1E00 <= r && r < 0x1F00:
		for i := range len(word) {
			if word[i] >= utf8.RuneSelf {
				return accented
			}
		}
		return words
	case 0x3040 <= r && r < 0x3100, 0x31F0 <= r && r < 0x3200, 0xFF66 <= r && r < 0xFFA0:
		return kana
	case 0x1100 <= r && r < 0x1200, 0x3130 <= r && r < 0x3190, 0xAC00 <= r && r < 0xD7B0:
		return hangul
	case 0x3000 <= r && r < 0xA000, 0xF900 <= r && r < 0xFB00, 0x20000 <= r && r < 0x32000:
		return han
	}
	return scripts
}
