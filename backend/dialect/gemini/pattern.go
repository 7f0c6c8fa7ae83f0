package gemini

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// pattern is a chunk with a hole where its text stood. One that fits it says the
// same but for the text, and for numbers that only count tokens: it need not be
// parsed.
type pattern struct {
	before, after []byte // around the text, quotes included; nil is no pattern
	thought       bool
}

// learn takes a chunk that is nothing but one piece of text for the pattern.
func (p *pattern) learn(c *chunk, data []byte) {
	p.before = nil
	if len(c.parts) != 1 || c.finish != nil || c.grounding != nil || c.citations != nil || c.logprobs != nil || c.blocked != nil {
		return
	}
	part := &c.parts[0]
	if part.kind != partText || part.signature != nil || part.at == 0 {
		return
	}
	p.before = append(p.before[:0:0], data[:part.at+1]...)
	p.after = append(p.after[:0], data[part.at+len(part.value)-1:]...)
	p.thought = part.thought
}

// match gives the text of a chunk that fits, quotes included; false is another
// chunk.
func (p *pattern) match(data []byte) (text []byte, ok bool) {
	if p.before == nil || !bytes.HasPrefix(data, p.before) {
		return nil, false
	}
	from := len(p.before)
	end := rawjson.StringEnd(data, from)
	if end < 0 || !sameButDigits(p.after, data[end:]) {
		return nil, false
	}
	p.after = append(p.after[:0], data[end:]...)
	return data[from-1 : end+1], true
}

// usage is the usage in the latest chunk that fitted; nil is none.
func (p *pattern) usage() []byte {
	var c chunk
	if c.parse(append(bytes.Clone(p.before), p.after...)) != nil {
		return nil
	}
	return c.usage
}

// sameButDigits says whether two texts differ in nothing but the digits of
// numbers that begin at the same place of each.
func sameButDigits(a, b []byte) bool {
	for {
		n := common(a, b)
		if n == len(a) || n == len(b) {
			return len(a) == len(b)
		}
		a, b = a[n:], b[n:]
		x, y := digits(a), digits(b)
		if x == 0 && y == 0 {
			return false
		}
		a, b = a[x:], b[y:]
	}
}

// common is how many bytes two texts begin with alike.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for ; i+8 <= n; i += 8 {
		if x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)>>3
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

func digits(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}
