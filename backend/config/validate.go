package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// day is in milliseconds; no bound of the program is longer.
const dayMs = 24 * 60 * 60 * 1000

// Validate finds the first value that cannot be used. The error is a *Error
// without a file and a line.
func Validate(c *Config) error {
	for _, check := range []func(*Config) *Error{
		checkNumbers, checkChoices, checkAddress, checkNetwork, checkOutgoing, checkServer, checkAliases, checkModels, checkKeys, checkAccounts, checkPrices,
	} {
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

func checkNumbers(c *Config) *Error {
	for _, n := range []struct {
		field         string
		got, min, max int
	}{
		{"version", c.Version, 0, Current},
		{"port", c.Port, 1, 65535},
		{"general.releaseSeconds", c.General.ReleaseSeconds, 0, 24 * 60 * 60},
		{"server.maxBodyMB", c.Server.MaxBodyMB, 1, 1024},
		{"server.headerTimeoutMs", c.Server.HeaderTimeoutMs, 100, dayMs},
		{"server.idleTimeoutMs", c.Server.IdleTimeoutMs, 100, dayMs},
		{"server.ollamaPort", c.Server.OllamaPort, 0, 65535},
		{"routing.attempts", c.Routing.Attempts, 1, 10},
		{"routing.queueLength", c.Routing.QueueLength, 0, 10_000},
		{"routing.queueWaitMs", c.Routing.QueueWaitMs, 0, 60 * 60 * 1000},
		{"routing.maxRestMinutes", c.Routing.MaxRestMinutes, 1, 24 * 60},
		{"routing.maxRunning", c.Routing.MaxRunning, 0, 100_000},
		{"routing.requestsPerMinute", c.Routing.RequestsPerMinute, 0, 1_000_000},
		{"network.connectTimeoutMs", c.Network.ConnectTimeoutMs, 0, dayMs},
		{"network.firstByteTimeoutMs", c.Network.FirstByteTimeoutMs, 0, dayMs},
		{"network.idleTimeoutMs", c.Network.IdleTimeoutMs, 0, dayMs},
		{"network.keepAliveMs", c.Network.KeepAliveMs, 0, dayMs},
		{"requests.bodyLimitKB", c.Requests.BodyLimitKB, 1, 65536},
		{"requests.days", c.Requests.Days, 0, 3650},
		{"requests.maxMB", c.Requests.MaxMB, 0, 1048576},
	} {
		if n.got < n.min || n.got > n.max {
			return wrong(n.field, "must be between %d and %d, got %d", n.min, n.max, n.got)
		}
	}
	if c.Server.OllamaPort == c.Port {
		return wrong("server.ollamaPort", "must be another port than the proxy's own, which serves Ollama's paths too")
	}
	return nil
}

func checkChoices(c *Config) *Error {
	for _, s := range []struct {
		field, got string
		choices    []string
	}{
		{"general.language", c.General.Language, []string{"system", "en", "zh-CN"}},
		{"general.theme", c.General.Theme, []string{"system", "light", "dark"}},
		{"general.closing", c.General.Closing, []string{"tray", "quit"}},
		{"routing.policy", c.Routing.Policy, Policies()},
		{"updates.check", c.Updates.Check, []string{UpdatesOff, UpdatesDaily}},
		{"requests.keepBodies", c.Requests.KeepBodies, []string{"off", "errors", "all"}},
	} {
		if !slices.Contains(s.choices, s.got) {
			return wrong(s.field, "must be one of %s", strings.Join(s.choices, ", "))
		}
	}
	return nil
}

func checkAddress(c *Config) *Error {
	if c.Host == "" {
		return wrong("host", "must not be empty: write 127.0.0.1 for this machine alone, or 0.0.0.0 for the network")
	}
	if !isHost(c.Host) {
		return wrong("host", "must be an IP address or a name, without a scheme and a port")
	}
	return nil
}

func checkServer(c *Config) *Error {
	for i, origin := range c.Server.AllowedOrigins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return wrong(fmt.Sprintf("server.allowedOrigins[%d]", i), "must be an origin as https://example.com, with no path")
		}
	}
	for i, host := range c.Server.AllowedHosts {
		if !isHost(host) {
			return wrong(fmt.Sprintf("server.allowedHosts[%d]", i), "must be a name or an IP address, without a scheme and a port")
		}
	}
	for i, name := range c.Server.ProtocolsOff {
		if !slices.Contains(Protocols(), name) {
			return wrong(fmt.Sprintf("server.protocolsOff[%d]", i), "must be one of %s", strings.Join(Protocols(), ", "))
		}
	}
	return nil
}

// Protocols are the client protocols that can be switched off. Chat completions
// of OpenAI's are always served: the program's own pages ask by them.
func Protocols() []string {
	return []string{"responses", "completions", "embeddings", "anthropic", "gemini", "ollama"}
}

// isHost takes IP addresses without brackets and host names, underscores and
// international ones among them.
func isHost(s string) bool {
	if ip, err := netip.ParseAddr(s); err == nil {
		return ip.IsValid()
	}
	return s != "" && len(s) <= 253 && !strings.HasPrefix(s, ".") && !strings.HasPrefix(s, "-") &&
		strings.IndexFunc(s, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '-' && r != '_'
		}) < 0
}

// isWord takes a name: not empty, printable, and no blanks around it.
func isWord(s string) bool {
	return s != "" && strings.TrimSpace(s) == s && strings.IndexFunc(s, unicode.IsControl) < 0
}

func isHeaderText(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}
