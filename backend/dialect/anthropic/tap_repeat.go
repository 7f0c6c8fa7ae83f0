package anthropic

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/repeat"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// repeats passes the next event on, if it goes on with the same block as the one
// before and says nothing but more of its text.
func (t *tap) repeats() bool {
	if t.seen.Closed {
		return false
	}
	ahead := t.decoder.Ahead()
	n := t.usual.Match(ahead)
	if n == 0 {
		return false
	}
	if t.thinks {
		h := t.usual.Hole(0)
		t.think(ahead[h.From:h.To])
	}
	t.out = append(t.out, ahead[:n]...)
	t.decoder.Take(n)
	return true
}

// learn takes the event of a delta for the pattern of those that follow: one
// that was passed on as it came, and after which another changes nothing but the
// thoughts.
func (t *tap) learn(e sse.Event, kind string, b *tapBlock) {
	var name string
	switch {
	case kind == "text_delta" && b.kind == kindText && t.answered:
		name = "text"
	case kind == "thinking_delta" && b.kind == kindThinking:
		name = "thinking"
	case kind == "input_json_delta" && b.kind == kindCall && b.wrote:
		name = "partial_json"
	}
	base := bytes.IndexByte(e.Raw, '{')
	if name == "" || !t.seen.Token || !e.Closed || base < 0 || string(e.Type) != "content_block_delta" {
		return
	}
	data := bytes.TrimSpace(e.Data)
	if !bytes.HasPrefix(e.Raw[base:], data) {
		return // it came in several lines
	}
	delta := memberOf(data, "delta")
	text := memberOf(delta.Value, name)
	if !rawjson.IsText(text.Value) {
		return
	}
	from := base + delta.At + text.At + 1
	t.thinks = kind == "thinking_delta"
	t.usual.Learn(e.Raw, []repeat.Hole{{At: dialect.Span{From: from, To: from + len(text.Value) - len(`""`)}}})
}
