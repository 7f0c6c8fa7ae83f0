package gemini

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/repeat"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// usual is the chunk that was read last, for those that only go on like it.
type usual struct {
	repeat.Pattern
	holes []repeat.Hole
	frame int // the bytes behind the chunk
	plain []byte
}

// repeats passes the next event on, if it differs from the one before in its
// text alone, and in what counts tokens.
func (t *tap) repeats() bool {
	u := &t.usual
	ahead := t.decoder.Ahead()
	n := u.Match(ahead)
	if n == 0 {
		return false
	}
	e, r, text := ahead[:n], &t.reader, u.Hole(0)
	if r.usual.thought {
		if !r.spoken && r.thoughts.Len() < maxThoughts {
			u.plain = rawjson.AppendText(u.plain[:0], e[text.From-1:text.To+1])
			r.thoughts.Write(u.plain)
		}
	}
	r.usual.after = append(r.usual.after[:0], e[text.To:n-u.frame]...)
	r.fitted = true
	t.out = append(t.out, e...)
	t.decoder.Take(n)
	return true
}

// follow takes an event that was passed on as it came for the pattern of those
// that follow, if the reader knows it for a piece of text that is not the first:
// after it another changes nothing but the thoughts and the usage.
func (t *tap) follow(e sse.Event, data []byte) {
	p := &t.reader.usual
	from := bytes.IndexByte(e.Raw, '{')
	if p.before == nil || !t.seen.Token || t.listed() || !e.Closed || from < 0 || !bytes.HasPrefix(e.Raw[from:], data) {
		return
	}
	if e.Raw[0] == ':' || bytes.Contains(e.Raw, []byte("\n:")) || !p.thought && !t.reader.spoken {
		return
	}
	u := &t.usual
	u.frame = len(e.Raw) - from - len(data)
	from += len(p.before)
	end := rawjson.StringEnd(e.Raw, from)
	if end < 0 {
		return
	}
	u.holes = append(u.holes[:0], repeat.Hole{At: dialect.Span{From: from, To: end}})
	u.counts(e.Raw, end)
	u.Learn(e.Raw, u.holes)
}

// counts adds the holes of the integers from the closing quote at from on.
func (u *usual) counts(raw []byte, from int) {
	for i := from + 1; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			if i = rawjson.StringEnd(raw, i+1); i < 0 {
				return
			}
		case c-'0' <= 9:
			begin := i
			for i < len(raw) && raw[i]-'0' <= 9 {
				i++
			}
			if before := raw[begin-1]; before == ':' || before == ' ' {
				u.holes = append(u.holes, repeat.Hole{At: dialect.Span{From: begin, To: i}, Count: true})
			}
			i--
		}
	}
}
