package openairesponses_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
)

// answerOf is a stream of n pieces of text in OpenAI's own form.
func answerOf(n int) []byte {
	var b bytes.Buffer
	sequence := 0
	event := func(kind, rest string) {
		fmt.Fprintf(&b, "event: %s\ndata: {\"type\":%q,\"sequence_number\":%d%s}\n\n", kind, kind, sequence, rest)
		sequence++
	}
	response := func(status, output, usage string) string {
		return fmt.Sprintf(`,"response":{"id":"resp_0123456789abcdef","object":"response","created_at":1760000000,"status":%q,"error":null,"incomplete_details":null,`+
			`"instructions":null,"model":"gpt-5.1-2025-11-13","output":%s,"parallel_tool_calls":true,"previous_response_id":null,"store":true,"temperature":1.0,`+
			`"text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"truncation":"disabled","usage":%s,"metadata":{}}`, status, output, usage)
	}
	const at = `,"item_id":"msg_0123456789abcdef","output_index":0,"content_index":0`
	event("response.created", response("in_progress", "[]", "null"))
	event("response.in_progress", response("in_progress", "[]", "null"))
	event("response.output_item.added", `,"output_index":0,"item":{"id":"msg_0123456789abcdef","type":"message","status":"in_progress","content":[],"role":"assistant"}`)
	event("response.content_part.added", at+`,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}`)
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, " word%d", i)
		event("response.output_text.delta", at+fmt.Sprintf(`,"delta":" word%d","logprobs":[],"obfuscation":"%x"`, i, i*7919))
	}
	part := fmt.Sprintf(`{"type":"output_text","annotations":[],"logprobs":[],"text":%q}`, text.String())
	item := `{"id":"msg_0123456789abcdef","type":"message","status":"completed","content":[` + part + `],"role":"assistant"}`
	event("response.output_text.done", at+fmt.Sprintf(`,"text":%q,"logprobs":[]`, text.String()))
	event("response.content_part.done", at+`,"part":`+part)
	event("response.output_item.done", `,"output_index":0,"item":`+item)
	event("response.completed", response("completed", "["+item+"]", fmt.Sprintf(`{"input_tokens":9,"output_tokens":%d,"total_tokens":%d}`, n, n+9)))
	return b.Bytes()
}

func BenchmarkTap_200Chunks(b *testing.B) {
	data := answerOf(200)
	raw := []byte(`{"model":"asked/model","input":"hi","stream":true,"store":false}`)
	h, err := openairesponses.Client{}.Head(&http.Request{Header: http.Header{}}, raw)
	if err != nil {
		b.Fatal(err)
	}
	for name, piece := range map[string]int{"usual": 4096, "torn": 300} {
		b.Run(name, func(b *testing.B) {
			dialecttest.BenchmarkTap(b, func() dialect.Tap { return openairesponses.Upstream{}.Tap(h, "asked/model") }, data, piece)
		})
	}
}
