package repeat_test

import (
	"bytes"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/repeat"
)

// learnt is an event with the holes where it has an @.
func learnt(marked string, counts ...bool) *repeat.Pattern {
	var raw []byte
	var holes []repeat.Hole
	for _, c := range []byte(marked) {
		if c != '@' {
			raw = append(raw, c)
			continue
		}
		fill := `first`
		count := len(counts) > len(holes) && counts[len(holes)]
		if count {
			fill = "1"
		}
		holes = append(holes, repeat.Hole{At: dialect.Span{From: len(raw), To: len(raw) + len(fill)}, Count: count})
		raw = append(raw, fill...)
	}
	p := &repeat.Pattern{}
	p.Learn(raw, holes)
	return p
}

func TestMatch_TakesWhatDiffersInItsHolesAlone(t *testing.T) {
	const marked = "event: x\ndata: {\"n\":@,\"text\":\"@\"}\n\n"
	event := func(n, text string) string { return "event: x\ndata: {\"n\":" + n + ",\"text\":\"" + text + "\"}\n\n" }
	for name, c := range map[string]struct {
		b    string
		fits bool
	}{
		"the same":                        {event("1", "first"), true},
		"another text":                    {event("1", " a"), true},
		"no text":                         {event("1", ""), true},
		"a longer count":                  {event("123456", "a"), true},
		"nought":                          {event("0", "a"), true},
		"escapes":                         {event("1", `\"}\n\n\u0022`), true},
		"a text that looks like the end":  {event("1", `\"}`), true},
		"no JSON: a nought in front":      {event("01", "a"), false},
		"no count":                        {event("", "a"), false},
		"a count below nought":            {event("-1", "a"), false},
		"a broken escape":                 {event("1", `\x`), false},
		"a line feed in the text":         {event("1", "a\nb"), false},
		"another member":                  {event("1", `a","more":"b`), false},
		"another name":                    {"event: y" + event("1", "a")[8:], false},
		"cut before the blank line's end": {event("1", "a")[:len(event("1", "a"))-1], false},
		"cut in the text":                 {event("1", "a")[:30], false},
		"nothing":                         {"", false},
	} {
		p := learnt(marked, true)
		n := p.Match([]byte(c.b + "data: the next\n\n"))
		if !c.fits && n != 0 && name[:3] != "cut" || c.fits && n != len(c.b) {
			t.Errorf("%s: %d bytes of %q fit", name, n, c.b)
		}
		if n := p.Match([]byte(c.b)); c.fits != (n > 0) {
			t.Errorf("%s: %d bytes of %q fit", name, n, c.b)
		}
	}
}

func TestHole_IsWhereTheTextStands(t *testing.T) {
	p := learnt("data: {\"a\":\"@\",\"b\":\"@\"}\n\n")
	e := []byte("data: {\"a\":\"x\\ny\",\"b\":\"\"}\n\n")
	if n := p.Match(e); n != len(e) {
		t.Fatalf("%d bytes fit", n)
	}
	for i, want := range []string{`x\ny`, ``} {
		if h := p.Hole(i); string(e[h.From:h.To]) != want {
			t.Errorf("hole %d is %q, want %q", i, e[h.From:h.To], want)
		}
	}
	p.Forget()
	if n := p.Match(e); n != 0 {
		t.Errorf("a forgotten pattern fits %d bytes", n)
	}
}

func TestLearn_TakesNoEventThatMightGoOn(t *testing.T) {
	var p repeat.Pattern
	hole := []repeat.Hole{{At: dialect.Span{From: 7, To: 8}}}
	for name, raw := range map[string]string{"cut": "data: \"a\"", "a lone carriage return": "data: \"a\"\r\r"} {
		p.Learn([]byte(raw), hole)
		if n := p.Match([]byte(raw)); n != 0 {
			t.Errorf("%s: %d bytes fit", name, n)
		}
	}
	p.Learn(bytes.Repeat([]byte("\n"), 40), make([]repeat.Hole, 17))
	if n := p.Match(bytes.Repeat([]byte("\n"), 40)); n != 0 {
		t.Errorf("one with too many holes fits %d bytes", n)
	}
}
