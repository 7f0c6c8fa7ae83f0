package gemini_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
)

// benchmarkRequest is all that a request costs from the client's bytes to
// Google's.
func benchmarkRequest(b *testing.B, raw []byte) {
	b.Helper()
	u := gemini.Upstream{IDs: true, Schemas: &gemini.Schemas{}}
	c := openaichat.Client{}
	in := &http.Request{Header: http.Header{}}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		h, failed := c.Head(in, raw)
		if failed != nil {
			b.Fatal(failed)
		}
		h.Splice = u.Splices()
		r, _, failed := c.DecodeRequest(h, raw)
		if failed != nil {
			b.Fatal(failed)
		}
		if _, _, failed := u.EncodeRequest(r, "gemini-3-flash-preview"); failed != nil {
			b.Fatal(failed)
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	b.Run("203KB-30-tools", func(b *testing.B) { benchmarkRequest(b, dialecttest.AgentPrompt(203_000, 30)) })
	b.Run("small", func(b *testing.B) {
		benchmarkRequest(b, []byte(`{"model":"m","messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Name three rivers."}],"temperature":0.2}`))
	})
}

// answerOf is a stream of n chunks as Code Assist writes them.
func answerOf(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		end := ""
		if i == n-1 {
			end = `"finishReason": "STOP",`
		}
		fmt.Fprintf(&b, `data: {"response": {"candidates": [{"content": {"role": "model","parts": [{"text": " word%d"}]},%s"index": 0}],"usageMetadata": {"promptTokenCount": 9,"candidatesTokenCount": %d,`+
			`"totalTokenCount": %d,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 9}],"thoughtsTokenCount": 31},"modelVersion": "gemini-2.5-pro","responseId": "q1pJaYfKEr2R7dcP0vXQ8AI"},"traceId": "3f1c0a9be2d74c55"}`+"\n\n", i, end, i+1, i+41)
	}
	return b.Bytes()
}

func benchmarkReply(b *testing.B, n int) {
	b.Helper()
	data := answerOf(n)
	c := openaichat.Client{}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.EncodeStream(io.Discard, gemini.Upstream{}.DecodeReply("", bytes.NewReader(data)), "asked", dialect.Head{Stream: true}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/chunk")
}

func BenchmarkReply(b *testing.B) {
	b.Run("200-chunks", func(b *testing.B) { benchmarkReply(b, 200) })
	b.Run("2000-chunks", func(b *testing.B) { benchmarkReply(b, 2000) })
	b.Run("one", func(b *testing.B) { benchmarkReply(b, 1) })
}

// events is a stream of n chunks as the Gemini API writes them.
func events(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		end := ""
		if i == n-1 {
			end = `,"finishReason": "STOP"`
		}
		fmt.Fprintf(&b, `data: {"candidates": [{"content": {"parts": [{"text": " word%d"}],"role": "model"}%s,"index": 0}],"usageMetadata": {"promptTokenCount": 9,"candidatesTokenCount": %d,`+
			`"totalTokenCount": %d,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 9}]},"modelVersion": "gemini-2.5-flash","responseId": "q1pJaYfKEr2R7dcP0vXQ8AI"}`+"\r\n\r\n", i, end, i+1, i+10)
	}
	return b.Bytes()
}

func BenchmarkTap_200Chunks(b *testing.B) {
	data := events(200)
	for name, piece := range map[string]int{"usual": 4096, "torn": 300} {
		b.Run(name, func(b *testing.B) {
			dialecttest.BenchmarkTap(b, func() dialect.Tap { return gemini.Upstream{IDs: true}.Tap(dialect.Head{Stream: true}, "asked/model") }, data, piece)
		})
	}
}
