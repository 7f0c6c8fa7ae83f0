package requestlog

import (
	"strings"
	"unicode"
)

// termsLimit bounds how many terms are looked for at once.
const termsLimit = 12

// Terms splits what a person typed into what is looked for: words, and phrases
// in quotes of any kind. All of them must be found. Nothing that is typed is
// wrong: a quote that is not closed goes to the end, and an empty one is none.
func Terms(text string) []string {
	var terms []string
	var b strings.Builder
	var closing rune // of the phrase that is being read; 0 outside
	end := func() {
		if term := strings.TrimSpace(b.String()); term != "" && len(terms) < termsLimit {
			terms = append(terms, term)
		}
		b.Reset()
	}
	for _, r := range text {
		switch {
		case closing != 0 && (r == closing || r == '"'):
			end()
			closing = 0
		case closing == 0 && closes(r) != 0:
			end()
			closing = closes(r)
		case closing == 0 && (unicode.IsSpace(r) || unicode.IsControl(r)):
			end()
		case unicode.IsControl(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	end()
	return terms
}

// closes is the quote that ends what r begins; 0 when r begins nothing.
func closes(r rune) rune {
	switch r {
	case '"':
		return '"'
	case '“', '”':
		return '”'
	case '「':
		return '」'
	default:
		return 0
	}
}
