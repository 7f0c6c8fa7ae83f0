package openaichat

import (
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/repeat"
)

// usual is the chunk that was read last, for those that only go on like it.
type usual struct {
	repeat.Pattern
	holes [2]repeat.Hole
	// text is which hole has the text; thinks says that it is a thought.
	text   int
	thinks bool
}

// repeats reads a chunk that differs from the one before in its text alone,
// without parsing it.
func (r *reader) repeats(data []byte) bool {
	u := &r.usual
	if n := u.Match(data); n == 0 || n != len(data) {
		return false
	}
	h := u.Hole(u.text)
	text := rawjson.Text(data[h.From-1 : h.To+1])
	if u.thinks {
		r.thought(text)
	} else {
		r.text(text, nil)
	}
	return true
}

// learn takes a chunk that was read for the pattern of those that follow, if it
// says nothing but a piece of text or of thinking.
func (r *reader) learn(data []byte) {
	if len(r.chunk.choices) != 1 || r.think != nil {
		return
	}
	c := &r.chunk.choices[0]
	if c.index != 0 || c.whole || c.finish.raw != nil || !empty(c.logprobs) || c.refusal.raw != nil || c.calls.raw != nil || c.legacy.raw != nil {
		return
	}
	u := &r.usual
	text, other := c.content, c.thought
	u.thinks = len(c.thought.raw) > len(`""`)
	if u.thinks {
		text, other = other, text
	}
	if !rawjson.IsText(text.raw) || other.raw != nil && string(other.raw) != `""` {
		return
	}
	hole := func(v value) repeat.Hole {
		return repeat.Hole{At: dialect.Span{From: v.at + 1, To: v.at + len(v.raw) - 1}}
	}
	holes := append(u.holes[:0], hole(text))
	u.text = 0
	if padding := r.chunk.obfuscation; rawjson.IsText(padding.raw) {
		holes = append(holes, hole(padding))
		if padding.at < text.at {
			holes[0], holes[1] = holes[1], holes[0]
			u.text = 1
		}
	}
	u.Learn(data, holes)
}
