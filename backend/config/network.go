package config

import "cmp"

// The words of a proxy setting that are no URL.
const (
	// ProxySystem is the proxy that the system, or the environment, has set.
	ProxySystem = "system"
	// ProxyDirect is none.
	ProxyDirect = "direct"
)

// Network is how upstreams are reached, and what they may take, in
// milliseconds; 0 is no bound.
type Network struct {
	// Proxy is system, direct, or the URL of an http, https or socks5 proxy; ""
	// is the original's [Config.Proxy], and the system's without one.
	Proxy string `json:"proxy,omitempty"`
	// NoProxy are hosts that are reached without a proxy: names, *.example.com,
	// addresses, networks as 10.0.0.0/8. This machine always is.
	NoProxy []string `json:"noProxy,omitempty"`
	// CAFile is a PEM file of certificates that are trusted beside the system's.
	CAFile             string `json:"caFile,omitempty"`
	ConnectTimeoutMs   int    `json:"connectTimeoutMs"`
	FirstByteTimeoutMs int    `json:"firstByteTimeoutMs"`
	IdleTimeoutMs      int    `json:"idleTimeoutMs"`
	// KeepAliveMs is the pause between keep-alives to a waiting client.
	KeepAliveMs int `json:"keepAliveMs"`
}

// AccountNetwork is what one account does otherwise than [Network].
type AccountNetwork struct {
	// Proxy is as [Network.Proxy]; "" is what all have.
	Proxy string `json:"proxy,omitempty"`
	// CAFile is trusted beside the others; "" is none.
	CAFile string `json:"caFile,omitempty"`
}

// UpstreamProxy is the proxy of accounts that have none of their own: system,
// direct, or a URL.
func (c *Config) UpstreamProxy() string { return cmp.Or(c.Network.Proxy, c.Proxy, ProxySystem) }
