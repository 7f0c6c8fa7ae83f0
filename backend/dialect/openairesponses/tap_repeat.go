package openairesponses

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/repeat"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// usual is the delta that was read last, for those that only go on like it.
type usual struct {
	repeat.Pattern
	holes []repeat.Hole
	// text is which hole has the text; thinks says that it is a thought's.
	text   int
	thinks bool
	plain  []byte // a thought without its escapes
}

// repeats passes the next event on, if it differs from the one before in its
// text alone, and in what counts events and hides their length.
func (t *tap) repeats() bool {
	if t.seen.Closed {
		return false
	}
	u := &t.usual
	ahead := t.decoder.Ahead()
	n := u.Match(ahead)
	if n == 0 {
		return false
	}
	if u.thinks {
		h := u.Hole(u.text)
		u.plain = rawjson.AppendText(u.plain[:0], ahead[h.From-1:h.To+1])
		t.reader.ponder(u.plain)
	}
	t.out = append(t.out, ahead[:n]...)
	t.decoder.Take(n)
	return true
}

// learn takes an event that was passed on as it came for the pattern of those
// that follow, if it is a delta after which another changes nothing but the
// thoughts.
func (t *tap) learn(e sse.Event, data []byte) {
	base := bytes.IndexByte(e.Raw, '{')
	if !t.opened || !e.Closed || base < 0 || !bytes.HasPrefix(e.Raw[base:], data) {
		return
	}
	u := &t.usual
	u.holes, u.text = u.holes[:0], -1
	known := false
	for m := range rawjson.Inside(data) {
		from, to := base+m.At, base+m.At+len(m.Value)
		switch key := string(m.Key); {
		case key == "type":
			if known = u.goesOn(rawjson.Text(m.Value)); !known {
				return
			}
		case key == "sequence_number":
			if n, ok := rawjson.Int(m.Value); ok && n >= 0 {
				u.holes = append(u.holes, repeat.Hole{At: dialect.Span{From: from, To: to}, Count: true})
			}
		case key == "response", key == "delta" && (len(m.Value) <= len(`""`) || !rawjson.IsText(m.Value)):
			return
		case (key == "delta" || key == "item_id" || key == "obfuscation") && rawjson.IsText(m.Value):
			if key == "delta" {
				u.text = len(u.holes)
			}
			u.holes = append(u.holes, repeat.Hole{At: dialect.Span{From: from + 1, To: to - 1}})
		}
	}
	if known && u.text >= 0 {
		u.Learn(e.Raw, u.holes)
	}
}

// goesOn says whether events of that kind go on with a text that was begun.
func (u *usual) goesOn(kind string) bool {
	u.thinks = false
	switch kind {
	case "response.output_text.delta", "response.refusal.delta", "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
		return true
	case "response.reasoning_summary_text.delta", "response.reasoning_text.delta", "response.reasoning_summary.delta", "response.reasoning.delta":
		u.thinks = true
		return true
	}
	return false
}
