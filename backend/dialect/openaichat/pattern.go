package openaichat

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// pattern is an event with holes where its strings may differ. Bytes that fit it
// are known to be an event that means the same but for the text in the holes,
// without being split or parsed: nothing inside a text can be mistaken for a
// field or an end of line, because the holes end where the JSON strings do.
type pattern struct {
	segments [3][]byte // around the holes, quotes and the frame of the event included
	edited   bool
	replaced [3][]byte // what is written for the segments, if edited
	n        int       // segments; 0 is no pattern
	first    int       // the hole with the text
	holes    [2]dialect.Span

	kind   int
	choice int
	call   *call
}

// match finds where the holes are in the event at the beginning of b, and where
// it ends; 0 is that none stands there that fits.
func (p *pattern) match(b []byte) int {
	if p.n == 0 || !bytes.HasPrefix(b, p.segments[0]) {
		return 0
	}
	at := len(p.segments[0])
	for i := 1; i < p.n; i++ {
		end := rawjson.StringEnd(b, at)
		if end < 0 || !bytes.HasPrefix(b[end:], p.segments[i]) {
			return 0
		}
		p.holes[i-1] = dialect.Span{From: at, To: end}
		at = end + len(p.segments[i])
	}
	return at
}

func (p *pattern) text(data []byte) []byte {
	h := p.holes[p.first]
	return data[h.From:h.To]
}

func (p *pattern) quotedText(data []byte) []byte {
	h := p.holes[p.first]
	return data[h.From-1 : h.To+1]
}

// append appends the event that e becomes.
func (p *pattern) append(dst, e []byte) []byte {
	dst = append(dst, p.replaced[0]...)
	for i := 1; i < p.n; i++ {
		h := p.holes[i-1]
		dst = append(dst, e[h.From:h.To]...)
		dst = append(dst, p.replaced[i]...)
	}
	return dst
}

// learn takes an event as the pattern for what follows. Its data begin at from;
// all places count from there. text is the string that grows; padding is one that
// means nothing, if there is one.
func (p *pattern) learn(raw []byte, from int, edits []carriage.Edit, text, padding value) {
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
	frame, data := raw[:from], raw[from:]
	at := 0
	for i := range n + 1 {
		to := len(data)
		if i < n {
			to = holes[i].at + 1
		}
		p.segments[i] = append(append(p.segments[i][:0], frame...), data[at:to]...)
		p.replaced[i] = spliceRange(append(p.replaced[i][:0], frame...), data, edits, at, to)
		if i < n {
			at = holes[i].at + len(holes[i].raw) - 1
		}
		frame = nil
	}
}

// spliceRange appends src[from:to] with the edits that lie in it.
func spliceRange(dst, src []byte, edits []carriage.Edit, from, to int) []byte {
	for _, e := range edits {
		if e.At.From < from || e.At.To > to {
			continue
		}
		dst = append(append(dst, src[from:e.At.From]...), e.With...)
		from = e.At.To
	}
	return append(dst, src[from:to]...)
}
