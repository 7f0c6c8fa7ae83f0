package daemon

import (
	"net/http"
	"runtime"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/metrics"
)

// metrics answers Prometheus; false is that the person did not switch it on.
func (d *Daemon) metrics(w http.ResponseWriter) bool {
	if !d.config.Snapshot().Server.Metrics {
		return false
	}
	w.Header().Set("Content-Type", metrics.ContentType)
	_ = d.meter.Write(w, d.gauges()...) // who asked has left
	return true
}

// gauges are what is so at this moment.
func (d *Daemon) gauges() []metrics.Gauge {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	all := []metrics.Gauge{
		{Name: "openaicompatible_build_info", Help: "The version that runs.", Labels: []string{"version", d.o.Version}, Value: 1},
		{Name: "openaicompatible_start_time_seconds", Help: "When it was started, in Unix seconds.", Value: float64(d.began)},
		{Name: "openaicompatible_running_requests", Help: "Requests that have not ended.", Value: float64(d.relay.Count())},
		{Name: "openaicompatible_traces_dropped", Help: "Requests without a trace, though one was wanted.", Value: float64(d.tracer.Dropped())},
		{Name: "openaicompatible_goroutines", Help: "Goroutines.", Value: float64(runtime.NumGoroutine())},
		{Name: "openaicompatible_memory_bytes", Help: "Memory that the program has from the system.", Value: float64(memory.Sys)},
	}
	counts := map[[2]string]int{}
	for _, a := range d.control.Accounts() {
		counts[[2]string{a.Provider, string(a.State)}]++
	}
	var accounts []metrics.Gauge
	for of, n := range counts {
		accounts = append(accounts, metrics.Gauge{
			Name: "openaicompatible_accounts", Help: "Accounts, by their state.",
			Labels: []string{"provider", of[0], "state", of[1]}, Value: float64(n),
		})
	}
	slices.SortFunc(accounts, func(a, b metrics.Gauge) int { return slices.Compare(a.Labels, b.Labels) })
	return append(all, accounts...)
}
