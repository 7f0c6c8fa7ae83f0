// Package repeat recognises the events of a stream that say the same as one that
// was read before, but for a text and some counts: bytes that fit its [Pattern]
// need not be parsed.
//
// The invariant: what fits is one whole event, and JSON if the learnt one was.
// Nothing inside a text can be mistaken for a field or an end of line, because
// its hole ends where the JSON string does. What an event means is the codec's
// business.
package repeat

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// most is how many holes a pattern may have.
const most = 16

// Hole is a place where the events may differ.
type Hole struct {
	// At is the place: of a text without its quotes, of a count its digits.
	At dialect.Span
	// Count says that it is an integer from 0 on.
	Count bool
}

// Pattern is an event with holes. The zero value fits nothing.
type Pattern struct {
	// text is what stands around the holes, in one; ends are where each piece ends.
	text  []byte
	ends  [most + 1]int
	count [most]bool
	holes [most]dialect.Span // of the event that fitted last
	n     int
}

// Forget makes a pattern fit nothing.
func (p *Pattern) Forget() { p.n = 0 }

// Learn takes an event, with its frame or the JSON object alone, for the pattern
// of those that follow. The holes stand in order. An event whose end might go on,
// and one with too many holes, is forgotten.
func (p *Pattern) Learn(raw []byte, holes []Hole) {
	p.n = 0
	if len(holes) == 0 || len(holes) > most || raw[len(raw)-1] != '\n' && raw[len(raw)-1] != '}' {
		return
	}
	p.text = p.text[:0]
	at := 0
	for i, h := range holes {
		p.text = append(p.text, raw[at:h.At.From]...)
		p.ends[i], p.count[i] = len(p.text), h.Count
		at = h.At.To
	}
	p.text = append(p.text, raw[at:]...)
	p.n = len(holes)
	p.ends[p.n] = len(p.text)
}

// Match is the length of the event at the beginning of b; 0 is that none stands
// there that fits.
func (p *Pattern) Match(b []byte) int {
	if p.n == 0 {
		return 0
	}
	at, from := 0, 0
	for i := range p.n {
		piece := p.text[from:p.ends[i]]
		if !bytes.HasPrefix(b[at:], piece) {
			return 0
		}
		at += len(piece)
		from = p.ends[i]
		var end int
		if p.count[i] {
			end = countEnd(b, at)
		} else {
			end = rawjson.StringEnd(b, at)
		}
		if end < 0 {
			return 0
		}
		p.holes[i] = dialect.Span{From: at, To: end}
		at = end
	}
	last := p.text[from:p.ends[p.n]]
	if !bytes.HasPrefix(b[at:], last) {
		return 0
	}
	return at + len(last)
}

// Hole is where the hole of that index was in the event that fitted last.
func (p *Pattern) Hole(i int) dialect.Span { return p.holes[i] }

// countEnd is where the integer that begins at from ends; -1 is none.
func countEnd(b []byte, from int) int {
	i := from
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	if i == from || b[from] == '0' && i > from+1 {
		return -1
	}
	return i
}
