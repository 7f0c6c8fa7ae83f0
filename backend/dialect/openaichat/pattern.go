package openaichat

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// pattern is a chunk with holes where its strings may differ. An event that
// fits it is known to mean the same but for the text in the holes, without
// being parsed: nothing inside a text can be mistaken for a field, because the
// holes end where the JSON strings do.
type pattern struct {
	segments [3][]byte // around the holes, quotes included
	edited   bool
	replaced [3][]byte // what is written for the segments, if edited
	n        int       // segments; 0 is no pattern
	first    int       // the hole with the text
	holes    [2]dialect.Span

	kind   int
	choice int
	call   *call
}

// match says whether data fits, and where its holes are.
func (p *pattern) match(data []byte) bool {
	if p.n == 0 || !bytes.HasPrefix(data, p.segments[0]) {
		return false
	}
	at := len(p.segments[0])
	for i := 1; i < p.n; i++ {
		end := rawjson.StringEnd(data, at)
		if end < 0 || !bytes.HasPrefix(data[end:], p.segments[i]) {
			return false
		}
		p.holes[i-1] = dialect.Span{From: at, To: end}
		at = end + len(p.segments[i])
	}
	return at == len(data)
}

func (p *pattern) text(data []byte) []byte {
	h := p.holes[p.first]
	return data[h.From:h.To]
}

func (p *pattern) quotedText(data []byte) []byte {
	h := p.holes[p.first]
	return data[h.From-1 : h.To+1]
}

// append appends the event that data becomes.
func (p *pattern) append(dst, data []byte) []byte {
	dst = append(append(dst, "data: "...), p.replaced[0]...)
	for i := 1; i < p.n; i++ {
		h := p.holes[i-1]
		dst = append(dst, data[h.From:h.To]...)
		dst = append(dst, p.replaced[i]...)
	}
	return append(dst, '\n', '\n')
}

// learn takes data as the pattern for what follows. text is the string that
// grows; padding is one that means nothing, if there is one.
func (p *pattern) learn(data []byte, edits []edit, text, padding value) {
	holes := [...]value{text, padding}
	n := 1
	if rawjson.IsText(padding.raw) {
		n = 2
	}
	p.n, p.first, p.edited = n+1, 0, len(edits) > 0
	if n == 2 && padding.at < text.at {
		holes[0], holes[1] = padding, text
		p.first = 1
	}
	from := 0
	for i := range n + 1 {
		to := len(data)
		if i < n {
			to = holes[i].at + 1
		}
		p.segments[i] = append(p.segments[i][:0], data[from:to]...)
		p.replaced[i] = spliceRange(p.replaced[i][:0], data, edits, from, to)
		if i < n {
			from = holes[i].at + len(holes[i].raw) - 1
		}
	}
}

// spliceRange appends src[from:to] with the edits that lie in it.
func spliceRange(dst, src []byte, edits []edit, from, to int) []byte {
	for _, e := range edits {
		if e.at.From < from || e.at.To > to {
			continue
		}
		dst = append(append(dst, src[from:e.at.From]...), e.with...)
		from = e.at.To
	}
	return append(dst, src[from:to]...)
}
