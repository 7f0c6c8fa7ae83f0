package demo

import (
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// text is a plausible string for a property of that name.
func (g generator) text(s gjson.Result, name string) string {
	if p := s.Get("pattern"); p.Exists() {
		if re, err := syntax.Parse(p.String(), syntax.Perl); err == nil {
			return match(re.Simplify())
		}
	}
	format := s.Get("format").String()
	if found := places(g.said); format == "" && isPlace(wordsOf(name)) && g.nth < len(found) {
		return found[g.nth]
	}
	v := g.plausible(format, name)
	if g.nth > 0 && format == "" {
		v += " " + strconv.Itoa(g.nth+1)
	}
	for n := s.Get("minLength").Int(); int64(len([]rune(v))) < min(n, 4096); {
		v += "."
	}
	if m := s.Get("maxLength"); m.Exists() && int64(len([]rune(v))) > m.Int() {
		v = string([]rune(v)[:max(0, m.Int())])
	}
	return v
}

func (g generator) plausible(format, name string) string {
	switch format {
	case "date-time":
		return "2026-01-02T15:04:05Z"
	case "date":
		return "2026-01-02"
	case "time":
		return "15:04:05Z"
	case "duration":
		return "PT1H"
	case "email":
		return "ada@example.com"
	case "uri", "url", "uri-reference":
		return "https://example.com/"
	case "uuid":
		return "00000000-0000-4000-8000-000000000001"
	case "hostname":
		return "example.com"
	case "ipv4":
		return "192.0.2.1"
	case "ipv6":
		return "2001:db8::1"
	}
	return g.named(wordsOf(name))
}

func isPlace(words map[string]bool) bool { return anyOf(words, "city", "location", "place", "town") }

func (g generator) named(words map[string]bool) string {
	switch {
	case isPlace(words):
		return "Paris"
	case anyOf(words, "country"):
		return "France"
	case anyOf(words, "path", "file", "filename", "filepath"):
		return "README.md"
	case anyOf(words, "directory", "dir", "folder"):
		return "."
	case anyOf(words, "url", "uri", "link"):
		return "https://example.com/"
	case anyOf(words, "email"):
		return "ada@example.com"
	case anyOf(words, "command", "cmd"):
		return "echo hello"
	case anyOf(words, "date", "day"):
		return "2026-01-02"
	case anyOf(words, "query", "question", "prompt", "search"):
		return shorten(g.said)
	case anyOf(words, "name", "person", "author"):
		return "Ada"
	case anyOf(words, "language", "lang"):
		return "en"
	default:
		return "example"
	}
}

// places are the capitalised words after "in" or "for", as in "the weather in
// Berlin and Tokyo".
func places(said string) []string {
	var out []string
	after := false
	for w := range strings.FieldsSeq(said) {
		place := strings.Trim(w, ".,;:!?\"'“”()")
		first, _ := utf8.DecodeRuneInString(place)
		switch {
		case w == "in" || w == "for":
			after = true
		case after && unicode.IsUpper(first):
			out = append(out, place)
		case w != "and":
			after = false
		}
	}
	return out
}

// match is a short string that re matches.
func match(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return string(fromClass(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "a"
	case syntax.OpCapture, syntax.OpPlus, syntax.OpAlternate:
		return match(re.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(match(re.Sub[0]), re.Min)
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(match(sub))
		}
		return b.String()
	case syntax.OpNoMatch, syntax.OpEmptyMatch, syntax.OpStar, syntax.OpQuest, syntax.OpBeginLine, syntax.OpEndLine,
		syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return ""
	default:
		return ""
	}
}

// fromClass prefers a letter, then a digit, over whatever comes first.
func fromClass(ranges []rune) rune {
	for _, want := range []rune{'a', 'A', '1', '0'} {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= want && want <= ranges[i+1] {
				return want
			}
		}
	}
	if len(ranges) == 0 {
		return 'a'
	}
	return ranges[0]
}
