package qwenweb_test

import (
	"bytes"
	"net/http"
	"testing"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/qwenweb"
)

// FuzzDecodeReply wants the rules of a stream kept, and the same answer however
// its bytes are cut.
func FuzzDecodeReply(f *testing.F) {
	for _, r := range replies(f) {
		f.Add(r.Body, 7)
	}
	f.Fuzz(func(t *testing.T, body []byte, size int) {
		if size < 1 || len(body) > 1<<16 {
			return
		}
		u := qwenweb.Upstream{}
		dialecttest.Ordered(t, u.DecodeReply("", bytes.NewReader(body)))
		whole := dialecttest.Of(u.DecodeReply("", bytes.NewReader(body)))
		cut := dialecttest.Of(u.DecodeReply("", dialecttest.Pieces(body, size)))
		if diff := dialecttest.Diff(whole, cut); diff != "" {
			t.Errorf("in pieces of %d (-whole +cut):\n%s", size, diff)
		}
	})
}

func FuzzError(f *testing.F) {
	for _, s := range []string{`{"success":false,"data":{"code":"RateLimited","details":"x"}}`, `<html><title>Verify</title></html>`, `{"detail":"x"}`, ``, "\xff", `[1]`} {
		f.Add(401, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		err := qwenweb.Upstream{}.DecodeError(status, http.Header{}, body)
		if err.Message == "" || !utf8.ValidString(err.Message) || len(err.Message) > 1200 {
			t.Errorf("%q is read as %q", body, err.Message)
		}
	})
}
