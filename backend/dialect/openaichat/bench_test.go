package openaichat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
)

// agentPrompt is a body as a coding agent sends it: 203 KB with 30 tools.
func agentPrompt(tb testing.TB) []byte {
	tb.Helper()
	line := "The file backend/relay/serve.go has a function that reads \"the body\",\n\tand another one that writes it; see issue #42.\n"
	message := func(role string, size int) map[string]any {
		return map[string]any{"role": role, "content": strings.Repeat(line, size/len(line)+1)[:size]}
	}
	var tools []any
	for i := range 30 {
		properties := map[string]any{}
		for j := range 8 {
			properties[fmt.Sprintf("field_%d", j)] = map[string]any{"type": "string", "description": strings.Repeat("what it means ", 5)}
		}
		tools = append(tools, map[string]any{"type": "function", "function": map[string]any{
			"name": fmt.Sprintf("tool_%d", i), "description": strings.Repeat("A tool that does something. ", 10),
			"parameters": map[string]any{"type": "object", "properties": properties, "required": []string{"field_0"}, "additionalProperties": false},
		}})
	}
	body := map[string]any{"model": "provider/large", "stream": true, "tools": tools, "tool_choice": "auto"}
	messages := []any{message("system", 20_000)}
	for range 20 {
		messages = append(messages, message("user", 2_000), message("assistant", 4_600))
	}
	body["messages"] = messages
	out, err := json.Marshal(body)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func BenchmarkHead_203KB(b *testing.B) {
	raw := agentPrompt(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (openaichat.Client{}).Head(nil, raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCarryRequest_203KB(b *testing.B) {
	raw := agentPrompt(b)
	h, err := openaichat.Client{}.Head(nil, raw)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	dst := make([]byte, 0, len(raw)+1000)
	for b.Loop() {
		if _, _, err := (openaichat.Upstream{}).CarryRequest(dst, raw, h, "large-2026"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTranslateRequest_203KB(b *testing.B) {
	raw := agentPrompt(b)
	h, err := openaichat.Client{}.Head(nil, raw)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		r, _, err := openaichat.Client{}.DecodeRequest(h, raw)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := (openaichat.Upstream{}).EncodeRequest(r, "large-2026"); err != nil {
			b.Fatal(err)
		}
	}
}

// stream is an answer of n chunks in OpenAI's own form.
func stream(n int, model string) []byte {
	var b bytes.Buffer
	head := `data: {"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx","object":"chat.completion.chunk","created":1760000000,"model":"` + model +
		`","service_tier":"default","system_fingerprint":"fp_0123456789","choices":[{"index":0,"delta":`
	fmt.Fprintf(&b, "%s{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n", head)
	for i := range n {
		fmt.Fprintf(&b, "%s{\"content\":\" word%d\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null,\"obfuscation\":\"%x\"}\n\n", head, i, i*7919)
	}
	fmt.Fprintf(&b, "%s{},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":null}\n\n", head)
	fmt.Fprintf(&b, "data: {\"id\":\"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":%q,"+
		"\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":%d,\"total_tokens\":%d}}\n\ndata: [DONE]\n\n", model, n, n+9)
	return b.Bytes()
}

func benchmarkTap(b *testing.B, model string, piece int) {
	b.Helper()
	data := stream(200, model)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	anew := make([]byte, 0, 2*piece)
	for b.Loop() {
		tap := openaichat.Upstream{}.Tap(dialect.Head{Stream: true}, "asked/model")
		for at := 0; at < len(data); at += piece {
			if _, err := tap.Feed(anew, data[at:min(at+piece, len(data))]); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := tap.End(nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/200, "ns/chunk")
}

func BenchmarkTap_200Chunks(b *testing.B) {
	b.Run("same-model", func(b *testing.B) { benchmarkTap(b, "asked/model", 4096) })
	b.Run("other-model", func(b *testing.B) { benchmarkTap(b, "upstream-model", 4096) })
	b.Run("torn", func(b *testing.B) { benchmarkTap(b, "asked/model", 300) })
}

func BenchmarkDecodeEncode_200Chunks(b *testing.B) {
	data := stream(200, "m")
	b.ReportAllocs()
	for b.Loop() {
		s := openaichat.Upstream{}.DecodeReply("", bytes.NewReader(data))
		if err := (openaichat.Client{}).EncodeStream(io.Discard, s, "m", dialect.Head{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/200, "ns/chunk")
}
