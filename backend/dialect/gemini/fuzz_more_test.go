package gemini_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
)

func FuzzError(f *testing.F) {
	for _, s := range []string{
		`{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"56s"}]}}`,
		`[{"error":{"code":503,"message":"x","status":"UNAVAILABLE"}}]`, `<html><title>Bad</title></html>`, `{"error":"invalid_grant"}`, ``, "\xff",
	} {
		f.Add(429, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		err := gemini.Upstream{}.DecodeError(status, http.Header{}, body)
		if err.Message == "" || !utf8.ValidString(err.Message) || len(err.Message) > 2000 || err.RetryAfter < 0 {
			t.Errorf("%q is read as %q, to come back in %v", body, err.Message, err.RetryAfter)
		}
	})
}

// FuzzEmbed reads questions for vectors, the vectors, and counts.
func FuzzEmbed(f *testing.F) {
	for _, s := range []string{
		`{"content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_QUERY"}`, `{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]}}]}`,
		`{"embedding":{"values":[0.5,-1]}}`, `{"embeddings":[{"values":[1]},{"values":[2]}]}`, `{"totalTokens":31}`, `{"totalTokens":-1}`, ``, "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > 500 {
			return
		}
		u, c := gemini.Upstream{}, gemini.Client{}
		if n, err := u.DecodeCount(body); err == nil && n < 0 {
			t.Errorf("%q counts %d", body, n)
		}
		for _, method := range []string{"embedContent", "batchEmbedContents"} {
			h, err := c.Head(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1beta/models/m:"+method, nil), body)
			if err != nil {
				continue
			}
			if r, _, err := c.DecodeEmbed(h, body); err == nil {
				if out, _, err := u.EncodeEmbed(r, "up"); err == nil && !json.Valid(out) {
					t.Errorf("%q is sent as %q", body, out)
				}
			}
			if e, err := u.DecodeEmbeddings(body); err == nil {
				var out bytes.Buffer
				if err := c.EncodeEmbeddings(&out, e, "m", dialect.Head{Operation: dialect.Embed, Scanned: h.Scanned}); err == nil && !json.Valid(out.Bytes()) {
					t.Errorf("%q became %q", body, &out)
				}
			}
		}
	})
}
