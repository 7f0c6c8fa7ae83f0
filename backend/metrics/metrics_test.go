package metrics_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/metrics"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

type kept []requestlog.Record

func (k *kept) Put(r requestlog.Record) { *k = append(*k, r) }

func exchange(model string) requestlog.Record {
	return requestlog.Record{Exchange: requestlog.Exchange{
		Dialect: "anthropic", Provider: "qwen", Served: model, Asked: "whatever a client writes", Status: 200,
		TokensIn: 12, TokensOut: 3, TokensCached: -1, Duration: 3 * time.Second, FirstToken: 300 * time.Millisecond,
		Attempts: []requestlog.Attempt{{Provider: "gemini", Account: `a "b"` + "\n", ErrorKind: "quota"}, {Provider: "qwen", Account: "mine"}},
	}}
}

func written(t *testing.T, m *metrics.Meter, gauges ...metrics.Gauge) string {
	t.Helper()
	var b strings.Builder
	if err := m.Write(&b, gauges...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMeter_WritesWhatPrometheusReads(t *testing.T) {
	t.Parallel()
	var log kept
	m := metrics.New(&log, func() bool { return true })
	m.Put(exchange("qwen-max"))
	m.Put(exchange("qwen-max"))
	got := written(t, m, metrics.Gauge{Name: "openaicompatible_running_requests", Help: "Now.", Value: 2})
	for _, want := range []string{
		"# TYPE openaicompatible_requests_total counter\n",
		`openaicompatible_requests_total{dialect="anthropic",provider="qwen",model="qwen-max",status="200",error=""} 2` + "\n",
		`openaicompatible_attempts_total{provider="gemini",account="a \"b\"\n",error="quota"} 2` + "\n",
		`openaicompatible_tokens_total{provider="qwen",model="qwen-max",kind="input"} 24` + "\n",
		"# TYPE openaicompatible_request_duration_seconds histogram\n",
		`openaicompatible_request_duration_seconds_bucket{dialect="anthropic",provider="qwen",le="2.5"} 0` + "\n",
		`openaicompatible_request_duration_seconds_bucket{dialect="anthropic",provider="qwen",le="5"} 2` + "\n",
		`openaicompatible_request_duration_seconds_bucket{dialect="anthropic",provider="qwen",le="+Inf"} 2` + "\n",
		`openaicompatible_request_duration_seconds_sum{dialect="anthropic",provider="qwen"} 6` + "\n",
		`openaicompatible_first_token_seconds_count{dialect="anthropic",provider="qwen"} 2` + "\n",
		"# TYPE openaicompatible_running_requests gauge\nopenaicompatible_running_requests 2\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks\n%sgot\n%s", want, got)
		}
	}
	if strings.Contains(got, "whatever") || strings.Contains(got, "-1") {
		t.Errorf("it has what a client wrote, or a count that is not known:\n%s", got)
	}
	if len(log) != 2 {
		t.Errorf("%d of 2 exchanges reached the request log", len(log))
	}
}

func TestMeter_ModelsBeyondTheBoundAreOthers(t *testing.T) {
	t.Parallel()
	var log kept
	m := metrics.New(&log, func() bool { return true })
	for i := range 2000 {
		m.Put(exchange(fmt.Sprint("model-", i)))
	}
	got := written(t, m)
	if n := strings.Count(got, "openaicompatible_requests_total{"); n > 501 {
		t.Errorf("there are %d series", n)
	}
	if want := `openaicompatible_requests_total{dialect="anthropic",provider="qwen",model="other",status="200",error=""} 1500`; !strings.Contains(got, want) {
		t.Errorf("it lacks %s", want)
	}
}

func TestMeter_CountsNothingWhenItIsOff(t *testing.T) {
	t.Parallel()
	var log kept
	m := metrics.New(&log, func() bool { return false })
	m.Put(exchange("qwen-max"))
	if got := written(t, m); got != "" || len(log) != 1 {
		t.Errorf("got %q, and %d exchanges in the log", got, len(log))
	}
}
