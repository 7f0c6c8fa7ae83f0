package daemon

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/trace"
)

// traceTarget is where traces go: by the settings, or, where these say nothing,
// by OpenTelemetry's own variables of the environment.
func (d *Daemon) traceTarget(c *config.Config) trace.Target {
	variable := func(name string) string {
		for _, entry := range d.o.Environ {
			if value, ok := strings.CutPrefix(entry, "OTEL_"+name+"="); ok {
				return strings.TrimSpace(value)
			}
		}
		return ""
	}
	to := trace.Target{
		URL: trace.Endpoint(c.Telemetry.OTLPEndpoint), Service: cmp.Or(variable("SERVICE_NAME"), "openaicompatible"),
		Header: trace.Headers(cmp.Or(c.Telemetry.OTLPHeaders, variable("EXPORTER_OTLP_TRACES_HEADERS"), variable("EXPORTER_OTLP_HEADERS"))),
	}
	off := strings.EqualFold(variable("SDK_DISABLED"), "true") || strings.EqualFold(variable("TRACES_EXPORTER"), "none")
	if to.URL == "" && !off {
		to.URL = cmp.Or(variable("EXPORTER_OTLP_TRACES_ENDPOINT"), trace.Endpoint(variable("EXPORTER_OTLP_ENDPOINT")))
	}
	return to
}

// newTracer goes between the relay and the counts.
func (d *Daemon) newTracer() *trace.Exporter {
	return trace.New(trace.Options{
		Next: d.meter, Version: d.o.Version, Log: d.log,
		Target: func() trace.Target { return *d.tracing.Load() },
		Client: d.outside,
	})
}

// outside is a client for what the program itself asks, by the way out that is
// set for all.
func (d *Daemon) outside() *http.Client {
	return &http.Client{
		Transport:     d.accounts.o.Network.Transport(wayOut(d.config.Snapshot(), config.AccountNetwork{})),
		CheckRedirect: stayHome,
	}
}

// secretsOf are what a target's headers and address must not give away.
func secretsOf(to trace.Target) []string {
	var out []string
	for _, values := range to.Header {
		out = slices.Concat(out, values)
	}
	return out
}
