package dialecttest

import (
	"bytes"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// Repeats proves that a tap that recognises events by the one before passes on,
// learns and refuses the same as when it has to read each of them: behind every
// event there is one then that taps drop, so that none follows the one that it
// is like. An answer whose tap makes ids up is not compared byte by byte.
func Repeats(tb testing.TB, open func() dialect.Tap, body []byte, size int) {
	tb.Helper()
	apart, ok := apart(body)
	if !ok {
		return
	}
	got, seen, failed := Pass(open(), body, size)
	want, plain, refused := Pass(open(), apart, max(len(apart), 1))
	if (failed == nil) != (refused == nil) || failed != nil && failed.Kind != refused.Kind {
		tb.Fatalf("%q fails with %v, event by event with %v", body, failed, refused)
	}
	if seen.Token != plain.Token || seen.Model != plain.Model || seen.Usage != plain.Usage || seen.Reason != plain.Reason || seen.Closed != plain.Closed {
		tb.Errorf("%q: seen %+v, event by event %+v", body, seen, plain)
	}
	if len(seen.Notes) == 0 && len(plain.Notes) == 0 && !bytes.Equal(got, want) {
		tb.Errorf("%q is passed on as\n%q\nevent by event as\n%q", body, got, want)
	}
}

// apart is a stream with something between its events; false is a body that is
// none, or that ends its lines in a way in which nothing can stand between.
func apart(body []byte) ([]byte, bool) {
	begin := bytes.TrimLeft(body, " \t\r\n\xef\xbb\xbf")
	if len(begin) == 0 || begin[0] == '{' || begin[0] == '[' || begin[0] == '<' || bytes.Contains(bytes.ReplaceAll(body, []byte("\r\n"), nil), []byte("\r")) {
		return nil, false
	}
	var d sse.Decoder
	var out []byte
	d.Feed(body)
	d.End()
	for e, ok := d.Next(); ok; e, ok = d.Next() {
		out = append(out, e.Raw...)
		if e.Closed {
			out = append(out, "data: [DONE]\n\n"...)
		}
	}
	return out, d.Err() == nil
}
