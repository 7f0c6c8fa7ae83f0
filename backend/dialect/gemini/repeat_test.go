package gemini_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
)

// pieces are chunks of which FuzzRepeats makes answers; a # in one is its number.
func pieces() []string {
	chunk := func(parts, rest string) string {
		return fmt.Sprintf("data: {\"candidates\": [{\"content\": {\"parts\": [%s],\"role\": \"model\"}%s,\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 3,"+
			"\"candidatesTokenCount\": #,\"totalTokenCount\": 1#},\"modelVersion\": \"up-2.5\",\"responseId\": \"r\"}\r\n\r\n", parts, rest)
	}
	return []string{
		chunk(`{"text": "a"}`, ""), chunk(`{"text": "b\"}\n\n"}`, ""), chunk(`{"text": ""}`, ""), chunk(`{"text": "t","thought": true}`, ""), chunk(`{"text": "\u0075","thought": true}`, ""),
		chunk(`{"thought": true,"text": "w"}`, ""), chunk(`{"functionCall": {"name": "f","args": {"x": 1},"id": "c"}}`, ""), chunk(`{"text": "d"},{"text": "e"}`, ""),
		chunk(`{"text": "g","thoughtSignature": "c2ln"}`, ""), chunk(`{"text": "end"}`, `,"finishReason": "STOP"`), chunk(`{"text": ""}`, `,"finishReason": "MAX_TOKENS"`),
		": comment\n\n", ": comment\ndata: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"h\"}]}}]}\n\n", "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"i\"}]}}]}\n\n",
		"data: {\"usageMetadata\":{\"promptTokenCount\":5}}\n\n", "data: {\"error\":{\"code\":503,\"message\":\"x\",\"status\":\"UNAVAILABLE\"}}\n\n", "data: half\n\n",
		"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"j\"}]},\"avgLogprobs\":-0.1#}],\"usageMetadata\":{\"totalTokenCount\":0}}\n\n",
	}
}

// FuzzRepeats proves that what goes on like the event before is treated as if it
// was read, in answers of any events in any order. The tap that is fed one by one
// compares, as the reader does, but reads.
func FuzzRepeats(f *testing.F) {
	for _, seed := range []string{
		"\x00\x01\x00\x02\x00\x09", "\x03\x04\x03\x00\x00\x0a", "\x03\x04\x03\x05\x05\x09", "\x00\x06\x00\x00\x09\x00\x00\x0e", "\x0b\x0c\x0c\x0d\x0d\x09", "\x00\x00\x0f", "\x00\x00\x10",
		"\x07\x00\x08\x08\x00\x11\x11\x11\x09", "\x03\x04\x04\x0a",
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
		u := gemini.Upstream{IDs: true}
		dialecttest.Repeats(t, func() dialect.Tap { return u.Tap(dialect.Head{Stream: true}, "asked") }, []byte(body.String()), int(size)+1)
	})
}
