package anthropic_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
)

// pieces are events of which FuzzRepeats makes answers.
func pieces() []string {
	event := func(kind, rest string) string {
		return fmt.Sprintf("event: %s\ndata: {\"type\":%q%s}\n\n", kind, kind, rest)
	}
	delta := func(index int, kind, name, text string) string {
		return event("content_block_delta", fmt.Sprintf(`,"index":%d,"delta":{"type":%q,%q:"%s"}`, index, kind, name, text))
	}
	start := func(index int, block string) string {
		return event("content_block_start", fmt.Sprintf(`,"index":%d,"content_block":%s`, index, block))
	}
	stop := func(index int) string { return event("content_block_stop", fmt.Sprintf(`,"index":%d`, index)) }
	return []string{
		event("message_start", `,"message":{"id":"m","type":"message","role":"assistant","model":"up","content":[],"usage":{"input_tokens":3,"output_tokens":1}}`),
		start(0, `{"type":"text","text":""}`), delta(0, "text_delta", "text", "a"), delta(0, "text_delta", "text", `b\"}\n\n`), delta(0, "text_delta", "text", ""), stop(0),
		start(1, `{"type":"thinking","thinking":""}`), delta(1, "thinking_delta", "thinking", "t"), delta(1, "thinking_delta", "thinking", `\u0075`),
		delta(1, "signature_delta", "signature", "c2ln"), stop(1),
		start(2, `{"type":"tool_use","id":"c","name":"f","input":{}}`), delta(2, "input_json_delta", "partial_json", `{\"x\":`), delta(2, "input_json_delta", "partial_json", `1}`), stop(2),
		start(2, `{"type":"tool_use","id":"d","name":"f","input":{"y":2}}`),
		event("ping", ""), ": comment\n\n", delta(3, "text_delta", "text", "late"), "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"unnamed\"}}\n\n",
		event("message_delta", `,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":7}`), event("message_stop", ""),
		event("error", `,"error":{"type":"overloaded_error","message":"x"}`), "event: content_block_delta\ndata: half\n\n",
	}
}

// FuzzRepeats proves that what goes on like the event before is treated as if it
// was read, in answers of any events in any order.
func FuzzRepeats(f *testing.F) {
	for _, seed := range []string{
		"\x00\x01\x02\x03\x02\x04\x02\x05\x14\x15", "\x00\x06\x07\x08\x07\x09\x0a\x14\x15", "\x00\x0b\x0c\x0d\x0d\x0e\x14\x15", "\x00\x01\x02\x03\x10\x03\x11\x02\x02\x05\x02\x02\x14\x15",
		"\x00\x06\x07\x07\x0a\x01\x02\x02\x05\x0b\x0c\x0d\x0e\x0f\x0e\x14\x15", "\x01\x02\x02\x13\x13\x12\x12\x02\x16", "\x00\x07\x07\x02\x02\x17",
	} {
		f.Add([]byte(seed), uint16(50))
	}
	f.Fuzz(func(t *testing.T, picks []byte, size uint16) {
		if len(picks) > 40 {
			return
		}
		list := pieces()
		var body strings.Builder
		for _, p := range picks {
			body.WriteString(list[int(p)%len(list)])
		}
		dialecttest.Repeats(t, func() dialect.Tap { return anthropic.Upstream{}.Tap(dialect.Head{Stream: true}, "asked") }, []byte(body.String()), int(size)+1)
	})
}
