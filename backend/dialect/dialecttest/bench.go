package dialecttest

import (
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
)

// BenchmarkTap measures what it costs to watch over an answer of 200 chunks that
// arrives in pieces.
func BenchmarkTap(b *testing.B, open func() dialect.Tap, answer []byte, piece int) {
	b.Helper()
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	anew := make([]byte, 0, 2*piece)
	for b.Loop() {
		tap := open()
		for at := 0; at < len(answer); at += piece {
			if _, err := tap.Feed(anew, answer[at:min(at+piece, len(answer))]); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := tap.End(nil); err != nil {
			b.Fatal(err)
		}
	}
	const chunks = 200
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/chunks, "ns/chunk")
}
