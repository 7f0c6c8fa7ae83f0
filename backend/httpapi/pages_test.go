package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
)

// The build packs the scripts: a browser gets them as they lie there, and who
// takes no gzip, as the window, gets them as they were.
func TestPages_PackedFilesReachEveryClientReadable(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte("export default 1")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	pages := httpapi.Admin(httpapi.AdminOptions{Pages: fstest.MapFS{"assets/a.js.gz": {Data: packed.Bytes()}}})
	for _, c := range []struct{ accepts, encoding string }{
		{"gzip, deflate, br", "gzip"},
		{"br;q=1.0, gzip;q=0.8", "gzip"},
		{"", ""},
		{"br, gzip;q=0", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/assets/a.js", http.NoBody)
		r.Header.Set("Accept-Encoding", c.accepts)
		got := httptest.NewRecorder()
		pages.ServeHTTP(got, r)
		if got.Code != http.StatusOK || got.Header().Get("Content-Encoding") != c.encoding || got.Header().Get("Vary") != "Accept-Encoding" ||
			got.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Fatalf("Accept-Encoding %q: got %d with %v", c.accepts, got.Code, got.Header())
		}
		var body io.Reader = got.Body
		if c.encoding == "gzip" {
			unpacked, err := gzip.NewReader(body)
			if err != nil {
				t.Fatal(err)
			}
			body = unpacked
		}
		if text, err := io.ReadAll(body); err != nil || string(text) != "export default 1" {
			t.Errorf("Accept-Encoding %q: got %q, %v", c.accepts, text, err)
		}
	}
}
