package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Loopback says that Host reaches this machine alone.
func (c *Config) Loopback() bool {
	if strings.EqualFold(c.Host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(c.Host)
	return err == nil && ip.Unmap().IsLoopback()
}

// KeyRequired says whether callers must send an API key: where the user wants
// it, and always beyond loopback.
func (c *Config) KeyRequired() bool { return c.Server.RequireKey || !c.Loopback() }

// BaseURL is what a client on this machine is pointed at, with /v1. An address
// that means every interface is shown as 127.0.0.1.
func (c *Config) BaseURL() string {
	host := c.Host
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(c.Port)) + "/v1"
}
