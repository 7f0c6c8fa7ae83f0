package config

import (
	"net/url"
	"strings"
)

// The words of [Updates.Check].
const (
	// UpdatesOff never asks.
	UpdatesOff = "off"
	// UpdatesDaily asks once a day.
	UpdatesDaily = "daily"
)

// Updates is whether a feed of releases is asked for a newer version. Nothing is
// ever installed.
type Updates struct {
	// Check is off or daily.
	Check string `json:"check"`
	// Feed answers as GitHub does when it is asked for the latest release.
	Feed string `json:"feed"`
}

// Telemetry is where a trace of each request goes.
type Telemetry struct {
	// OTLPEndpoint is a collector that takes OTLP over HTTP, as
	// http://127.0.0.1:4318; "" is none.
	OTLPEndpoint string `json:"otlpEndpoint"`
	// OTLPHeaders are sent with each batch, as name=value,name=value. They may be
	// secret.
	OTLPHeaders string `json:"otlpHeaders"`
}

func checkOutgoing(c *Config) *Error {
	if !isWebAddress(c.Updates.Feed) {
		return wrong("updates.feed", "must be an http:// or https:// address")
	}
	if t := c.Telemetry; t.OTLPEndpoint != "" && !isWebAddress(t.OTLPEndpoint) {
		return wrong("telemetry.otlpEndpoint", "must be an http:// or https:// address as http://127.0.0.1:4318, or empty")
	}
	for entry := range strings.SplitSeq(c.Telemetry.OTLPHeaders, ",") {
		name, _, ok := strings.Cut(entry, "=")
		if entry = strings.TrimSpace(entry); entry != "" && (!ok || strings.TrimSpace(name) == "" || strings.ContainsAny(entry, "\r\n")) {
			return wrong("telemetry.otlpHeaders", "must be name=value, and a comma before the next")
		}
	}
	return nil
}

func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Hostname() != "" && (u.Scheme == "http" || u.Scheme == "https")
}
