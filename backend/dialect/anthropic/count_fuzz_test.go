package anthropic_test

import (
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
)

func FuzzCount(f *testing.F) {
	for _, s := range []string{`{"input_tokens":14}`, `{"input_tokens":-1}`, `{"type":"error","error":{"type":"overloaded_error","message":"x"}}`, `[1]`, "\xff", ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := anthropic.Upstream{}.DecodeCount(body)
		if err == nil && n < 0 || err != nil && err.Message == "" {
			t.Errorf("%q is read as %d, %v", body, n, err)
		}
	})
}
