package anthropic

import (
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// merge takes over what v counts. The protocol counts what was read from a cache
// and written to one beside the input; here they are parts of it. What v leaves
// out stays: services count the input at the beginning and the output at the end.
func merge(u llm.Usage, v []byte) llm.Usage {
	plain := u.Input - u.Cached - u.CacheWrite
	for m := range rawjson.Inside(v) {
		n, ok := rawjson.Int(m.Value)
		if string(m.Key) == "output_tokens_details" {
			n, ok = rawjson.Int(rawjson.Get(m.Value, "thinking_tokens"))
		}
		if !ok || n < 0 {
			continue
		}
		switch string(m.Key) {
		case "input_tokens":
			plain = n
		case "cache_read_input_tokens":
			u.Cached = n
		case "cache_creation_input_tokens":
			u.CacheWrite = n
		case "output_tokens":
			u.Output = n
		case "output_tokens_details":
			u.Reasoning = n
		default:
			continue
		}
		u.Known = true
	}
	u.Input = plain + u.Cached + u.CacheWrite
	return u
}
