package anthropic

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// longestName is how long a tool's name may be everywhere.
const longestName = 64

// wireName is a name in the protocol's alphabet: itself if it is, or what is
// left of it with a mark that tells it from others that look alike (B32).
func wireName(name string) string {
	if legal(name) && len(name) <= longestName {
		return name
	}
	mark := "_" + digest(name)
	plain := strings.Map(func(r rune) rune {
		if legalRune(r) {
			return r
		}
		return '_'
	}, name)
	return plain[:min(len(plain), longestName-len(mark))] + mark
}

// wireID is the same for a call's id, which nobody reads back.
func wireID(id string) string {
	if legal(id) {
		return id
	}
	return "toolu_" + digest(id)
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

func legal(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !legalRune(r) })
}

func legalRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
}

// Restore gives calls the names that the client knows, and those of tools that
// take free text their text.
func (u Upstream) Restore(r *llm.Request, s llm.Stream) llm.Stream {
	known := map[string]llm.Tool{}
	for _, t := range r.Tools {
		if wire := wireName(t.Name); t.Builtin == "" && (wire != t.Name || t.Custom) {
			known[wire] = t
		}
	}
	if len(known) == 0 {
		return s
	}
	return func(yield func(llm.Event, error) bool) {
		n := namer{known: known, text: map[int]*strings.Builder{}}
		for e, err := range s {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, e := range n.event(e) {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// namer gives one answer's calls their names and texts back.
type namer struct {
	known map[string]llm.Tool
	text  map[int]*strings.Builder // arguments of calls with free text
	out   []llm.Event
}

// event is what becomes of an event; it is valid until the next.
func (n *namer) event(e llm.Event) []llm.Event {
	n.out = n.out[:0]
	switch e := e.(type) {
	case llm.ToolCallStart:
		if t, ok := n.known[e.Name]; ok {
			e.Name, e.Custom = t.Name, t.Custom
			if t.Custom {
				n.text[e.Block] = &strings.Builder{}
			}
		}
		return append(n.out, e)
	case llm.ToolCallDelta:
		b := n.text[e.Block]
		if b == nil {
			return append(n.out, e)
		}
		b.WriteString(e.Arguments)
		if !json.Valid([]byte(b.String())) {
			return nil
		}
		delete(n.text, e.Block)
		return append(n.out, llm.ToolCallDelta{Block: e.Block, Arguments: freeText(b.String())})
	case llm.Finish:
		for block, b := range n.text { // of an answer that was cut by its limit
			n.out = append(n.out, llm.ToolCallDelta{Block: block, Arguments: b.String()})
		}
		return append(n.out, e)
	case llm.Start, llm.TextDelta, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta:
	}
	return append(n.out, e)
}

// freeText is the text in the arguments that stand for it.
func freeText(arguments string) string {
	if v := rawjson.Get([]byte(arguments), "input"); rawjson.IsText(v) {
		return rawjson.Text(v)
	}
	return arguments
}
