package openairesponses_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
)

// pieces are events of which FuzzRepeats makes answers; a # in one is its number.
func pieces() []string {
	event := func(kind, rest string) string {
		return fmt.Sprintf("event: response.%s\ndata: {\"type\":\"response.%s\",\"sequence_number\":#%s}\n\n", kind, kind, rest)
	}
	delta := func(kind, item string, at int, text string) string {
		return event(kind+".delta", fmt.Sprintf(`,"item_id":%q,"output_index":%d,"content_index":0,"delta":"%s","obfuscation":"x"`, item, at, text))
	}
	thought := func(part int, text string) string {
		return event("reasoning_summary_text.delta", fmt.Sprintf(`,"item_id":"r","output_index":1,"summary_index":%d,"delta":"%s"`, part, text))
	}
	response := func(kind, status, output string) string {
		return event(kind, fmt.Sprintf(`,"response":{"id":"resp","object":"response","created_at":1,"model":"up","status":%q,"output":%s,"usage":{"input_tokens":3,"output_tokens":#,"total_tokens":9}}`, status, output))
	}
	return []string{
		response("created", "in_progress", "[]"), event("output_item.added", `,"output_index":0,"item":{"id":"m","type":"message","role":"assistant","content":[]}`),
		delta("output_text", "m", 0, "a"), delta("output_text", "other", 0, `b\"}\n\n`), delta("output_text", "m", 0, ""), delta("refusal", "m", 0, "no"),
		event("output_text.done", `,"item_id":"m","output_index":0,"content_index":0,"text":"whole"`), thought(0, "t"), thought(0, `\u0075`), thought(1, "v"),
		event("output_item.added", `,"output_index":2,"item":{"id":"f","type":"function_call","call_id":"c","name":"f","arguments":""}`),
		delta("function_call_arguments", "f", 2, `{\"x\":`), delta("function_call_arguments", "f", 2, `1}`),
		event("output_item.done", `,"output_index":2,"item":{"id":"f","type":"function_call","call_id":"c","name":"f","arguments":"{}"}`),
		response("completed", "completed", `[{"type":"message","content":[{"type":"output_text","text":"end"}]}]`), response("completed", "completed", "[]"), response("incomplete", "incomplete", "[]"),
		response("failed", "failed", "[]"), ": comment\n\n", `data: {"delta":"untyped"}` + "\n\n", event("reasoning_text.delta", `,"output_index":1,"delta":"w","delta":"z"`),
		"event: response.output_text.delta\ndata: half\n\n",
	}
}

// FuzzRepeats proves that what goes on like the event before is treated as if it
// was read, in answers of any events in any order.
func FuzzRepeats(f *testing.F) {
	for _, seed := range []string{
		"\x00\x01\x02\x03\x02\x04\x02\x02\x06\x0e", "\x00\x07\x08\x07\x09\x09\x07\x0f", "\x00\x0a\x0b\x0c\x0c\x0d\x0f", "\x00\x01\x02\x02\x12\x02\x02\x07\x07\x0b\x0b\x0a\x0b\x0b\x10",
		"\x00\x02\x02\x05\x05\x11", "\x00\x02\x02\x13\x13\x15", "\x00\x14\x14\x07\x14\x0f",
	} {
		f.Add([]byte(seed), uint16(50))
	}
	f.Fuzz(func(t *testing.T, picks []byte, size uint16) {
		if len(picks) > 40 {
			return
		}
		list := pieces()
		var body strings.Builder
		for i, p := range picks {
			body.WriteString(strings.ReplaceAll(list[int(p)%len(list)], "#", strconv.Itoa(i)))
		}
		dialecttest.Repeats(t, func() dialect.Tap { return openairesponses.Upstream{}.Tap(dialect.Head{Stream: true}, "asked") }, []byte(body.String()), int(size)+1)
	})
}
