package gemini

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// maxName is the longest name of a tool that every backend takes.
const maxName = 64

// legal says whether Gemini takes a tool's name as it is.
func legal(name string) bool {
	if name == "" || len(name) > maxName || !isLetter(name[0]) {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !isLetter(c) && (c < '0' || c > '9') && c != '.' && c != ':' && c != '-' {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// alias is the name that Gemini gets for a tool: its own where that is legal,
// else one that nobody else has and that is the same in every turn (B32).
func alias(name string) string {
	if legal(name) {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	mark := "_" + hex.EncodeToString(sum[:4])
	out := make([]byte, 0, maxName)
	if name == "" || !isLetter(name[0]) {
		out = append(out, '_')
	}
	for i := 0; i < len(name) && len(out) < maxName-len(mark); i++ {
		c := name[i]
		if !isLetter(c) && (c < '0' || c > '9') && c != '.' && c != ':' && c != '-' {
			c = '_'
		}
		out = append(out, c)
	}
	return string(append(out, mark...))
}

// freeText is the one argument of a tool that takes free text instead of JSON:
// Gemini knows no such tools, so they travel as functions.
const freeText = "input"

// Restore gives renamed tools their own names back, and free text to the tools
// that take it.
func (Upstream) Restore(r *llm.Request, s llm.Stream) llm.Stream {
	own := map[string]llm.Tool{}
	for _, t := range r.Tools {
		if to := alias(t.Name); to != t.Name || t.Custom {
			own[to] = t
		}
	}
	if len(own) == 0 {
		return s
	}
	return func(yield func(llm.Event, error) bool) {
		custom := map[int]bool{}
		for e, err := range s {
			if !yield(restored(e, own, custom), err) {
				return
			}
		}
	}
}

// restored is an event under the tools' own names. custom remembers the blocks
// with free text.
func restored(e llm.Event, own map[string]llm.Tool, custom map[int]bool) llm.Event {
	switch e := e.(type) {
	case llm.ToolCallStart:
		if t, ok := own[e.Name]; ok {
			e.Name, e.Custom = t.Name, t.Custom
			custom[e.Block] = t.Custom
		}
		return e
	case llm.ToolCallDelta:
		if !custom[e.Block] {
			return e
		}
		if v := rawjson.Get([]byte(e.Arguments), freeText); rawjson.IsText(v) {
			e.Arguments = rawjson.Text(v)
		}
		return e
	case llm.Start, llm.TextDelta, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta, llm.Finish:
	}
	return e
}
