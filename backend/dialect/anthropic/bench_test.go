package anthropic_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
)

// answerOf is a stream of n pieces of text in Anthropic's own form.
func answerOf(n int) []byte {
	var b bytes.Buffer
	event := func(kind, rest string) { fmt.Fprintf(&b, "event: %s\ndata: {\"type\":%q%s}\n\n", kind, kind, rest) }
	event("message_start", `,"message":{"model":"claude-opus-4-6","id":"msg_01AbCdEfGhIjKlMnOpQrStUv","type":"message","role":"assistant","content":[],`+
		`"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}`)
	event("content_block_start", `,"index":0,"content_block":{"type":"text","text":""}`)
	event("ping", "")
	for i := range n {
		event("content_block_delta", fmt.Sprintf(`,"index":0,"delta":{"type":"text_delta","text":" word%d"}`, i))
	}
	event("content_block_stop", `,"index":0`)
	event("message_delta", fmt.Sprintf(`,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":%d}`, n))
	event("message_stop", "")
	return b.Bytes()
}

func BenchmarkTap_200Chunks(b *testing.B) {
	data := answerOf(200)
	for name, piece := range map[string]int{"usual": 4096, "torn": 300} {
		b.Run(name, func(b *testing.B) {
			dialecttest.BenchmarkTap(b, func() dialect.Tap { return anthropic.Upstream{}.Tap(dialect.Head{Stream: true}, "asked/model") }, data, piece)
		})
	}
}
