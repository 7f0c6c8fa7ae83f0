package sqlite_test

import (
	"context"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// sample is the exchange of a small request that went well, as most do.
func sample(id int64, start time.Time) requestlog.Exchange {
	return requestlog.Exchange{
		ID: id, Start: start, Client: "openai-go", Key: "default", Dialect: "openaichat", Path: "/v1/chat/completions",
		Asked: "work/small", Served: "small", Provider: "openaicompat", Account: "work", AccountID: 3, Lane: requestlog.Carried,
		Status: 200, Finish: "stop", TokensIn: 300 + int(id%700), TokensOut: 20, TokensCached: -1, TokensReasoning: -1,
		FirstToken: time.Duration(600+id%1000) * time.Microsecond, Duration: time.Duration(700+id%1000) * time.Microsecond,
		Own: 80 * time.Microsecond, BytesIn: 1200, BytesOut: 800,
		Attempts: []requestlog.Attempt{{
			Provider: "openaicompat", Account: "work", AccountID: 3, Model: "small", Reason: "the only one",
			StartMs: 0.04, HeaderMs: 0.55, DurationMs: 0.65, Status: 200,
		}},
	}
}

func BenchmarkPut(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	l, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "requestlog.db"), sqlite.Options{QueueBytes: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	x := sample(1, time.Now())
	b.ReportAllocs()
	b.ResetTimer()
	began := cpu()
	var putting time.Duration
	for b.Loop() {
		// In steps, as a quarter of a second of much traffic has them.
		t := time.Now()
		for range 4096 {
			x.ID++
			l.Put(requestlog.Record{Exchange: x})
		}
		putting += time.Since(t)
		if err := l.Flush(ctx); err != nil {
			b.Fatal(err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	n := float64(b.N) * 4096
	b.ReportMetric(float64(cpu()-began)/1e3/n, "cpu-µs/record")
	b.ReportMetric(float64(putting)/n, "put-ns/record")
	runtime.KeepAlive(l)
}
