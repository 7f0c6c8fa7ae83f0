package completions_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/completions"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
)

// FuzzReply proves that whatever a service sends becomes a stream that keeps the
// rules, the same however it is cut, and that what is passed on is JSON still.
func FuzzReply(f *testing.F) {
	for _, r := range replies() {
		f.Add(r.Body, uint16(7))
	}
	f.Add([]byte(`{"model":"up","choices":[{"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}`), uint16(3))
	f.Fuzz(func(t *testing.T, body []byte, size uint16) {
		if !utf8.Valid(body) || bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > 500 {
			return
		}
		for _, u := range []completions.Upstream{{}, {FIM: true}} {
			dialecttest.Ordered(t, u.DecodeReply("", bytes.NewReader(body)))
			whole := dialecttest.Of(u.DecodeReply("", bytes.NewReader(body)))
			cut := dialecttest.Of(u.DecodeReply("", dialecttest.Pieces(body, int(size)+1)))
			if diff := dialecttest.Diff(whole, cut); diff != "" {
				t.Errorf("in pieces of %d (-whole +cut):\n%s", size+1, diff)
			}
			dialecttest.Pass(u.Tap(dialect.Head{Stream: true}, "asked"), body, int(size)+1)
			if out, _, err := u.CarryReply(nil, body, dialect.Head{}, "asked"); err == nil && !json.Valid(out) {
				t.Errorf("%q is passed on as %q", body, out)
			}
		}
	})
}

func FuzzError(f *testing.F) {
	f.Add(429, []byte(`{"error":{"message":"slow","type":"rate_limit_error"}}`))
	f.Add(422, []byte(`{"detail":[{"msg":"x"}]}`))
	f.Add(502, []byte("<html><title>Bad</title></html>"))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		err := completions.Upstream{}.DecodeError(status, http.Header{}, body)
		if err.Message == "" || !utf8.ValidString(err.Message) || len(err.Message) > 1200 {
			t.Errorf("%q is read as %q", body, err.Message)
		}
	})
}
