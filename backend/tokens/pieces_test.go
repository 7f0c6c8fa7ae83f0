package tokens

import (
	"regexp"
	"testing"
	"unicode"
	"unicode/utf8"
)

// published is OpenAI's pattern for Go's regexp, whose \s is that of ASCII. The
// last alternative looks ahead in the original, as the test does for it.
func published() *regexp.Regexp {
	const space = `\s\x{0b}\x{85}\p{Z}`
	return regexp.MustCompile(`^(?:` +
		`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|` +
		`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|` +
		`\p{N}{1,3}| ?[^` + space + `\p{L}\p{N}]+[\r\n/]*|[` + space + `]*[\r\n]+|[` + space + `]+)`)
}

func FuzzNext_IsThePublishedPattern(f *testing.F) {
	for _, s := range []string{
		"Hello, world!  It's 12345 things;\n\n\tand DON'T stop//\r\n", "camelCase HTTPServer X中文ABC ǅungla ʰa",
		"\u0301ABC e\u0301\u0301 \u0301a", "'s 'LL don'ſ we'Re we'vE x'm' 'l 'r", " \u00a0\u3000a \u2028\n \u0085", "\xff\x80a\xe4\xb8", "!/?/\n/ \t ", "１２Ⅷ½3",
	} {
		f.Add(s)
	}
	pattern := published()
	f.Fuzz(func(t *testing.T, s string) {
		for s != "" {
			want := pattern.FindStringIndex(s)[1]
			last, width := utf8.DecodeLastRuneInString(s[:want])
			if unicode.IsSpace(last) && last != '\n' && last != '\r' && want < len(s) && want > width {
				want -= width
			}
			if got := next(s); got != want {
				t.Fatalf("%q: took %q, want %q", s, s[:got], s[:want])
			}
			s = s[want:]
		}
	})
}
