package config

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

func checkNetwork(c *Config) *Error {
	if c.Proxy != "" && !isProxyURL(c.Proxy) {
		return wrong("proxy", "must be a URL as http://127.0.0.1:7890 (http, https, socks5), or empty")
	}
	if p := c.Network.Proxy; p != "" && !isProxy(p) {
		return wrong("network.proxy", "must be system, direct, or a URL as http://127.0.0.1:7890 (http, https, socks5)")
	}
	for i, host := range c.Network.NoProxy {
		if !isNoProxy(host) {
			return wrong(fmt.Sprintf("network.noProxy[%d]", i), "must be a name, *.example.com, an address, or a network as 10.0.0.0/8")
		}
	}
	if !isPath(c.Network.CAFile) {
		return wrong("network.caFile", "must be the path of a file with certificates (PEM)")
	}
	return nil
}

func isProxy(s string) bool { return s == ProxySystem || s == ProxyDirect || isProxyURL(s) }

func isProxyURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme)
}

// isNoProxy takes what the environment's NO_PROXY takes, a port behind it
// included.
func isNoProxy(s string) bool {
	if s == "*" || s == "<local>" { // all, and names without a dot
		return true
	}
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	if isHost(s) {
		return true
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return true
	}
	host, port, found := strings.Cut(s, ":")
	if found && !isPort(port) {
		return false
	}
	host = strings.TrimPrefix(strings.TrimPrefix(host, "*"), ".")
	return isHost(host)
}

func isPort(s string) bool {
	const digits = 5
	return s != "" && len(s) <= digits && strings.Trim(s, "0123456789") == ""
}

// isPath takes any text that can be a file's name; "" is none.
func isPath(s string) bool { return s == "" || isWord(s) }

func checkKeys(c *Config) *Error {
	seen := map[int64]bool{}
	for i := range c.Keys {
		k, field := &c.Keys[i], fmt.Sprintf("keys[%d]", i)
		switch {
		case k.ID < 1 || k.ID >= importedBase:
			return wrong(field+".id", "must be between 1 and %d; leave it out to get one", maxOwnID)
		case seen[k.ID]:
			return wrong(field+".id", "is that of another key: give each its own ID, or its own name and no ID")
		case !isWord(k.Name):
			return wrong(field+".name", "must not be empty, nor begin or end with a blank")
		case !isHeaderText(k.Key):
			return wrong(field+".key", "must be printable ASCII without blanks, as it travels in a header")
		}
		seen[k.ID] = true
		if err := checkKeyLimits(k, field); err != nil {
			return err
		}
	}
	return nil
}

func checkKeyLimits(k *Key, field string) *Error {
	if _, err := time.Parse(time.RFC3339, k.Expires); k.Expires != "" && err != nil {
		return wrong(field+".expires", "must be a time as 2030-01-31T00:00:00Z, or empty for never")
	}
	for j, model := range k.Models {
		if !isWord(model) {
			return wrong(fmt.Sprintf("%s.models[%d]", field, j), "must be the name of a model; * stands for any text in it")
		}
	}
	if k.Profile != "" && !slices.Contains(Profiles(), k.Profile) {
		return wrong(field+".profile", "must be one of %s, or empty", strings.Join(Profiles(), ", "))
	}
	return checkBounds(field, []bound{
		{"requestsPerMinute", k.RequestsPerMinute, mostPerMinute},
		{"requestsPerDay", k.RequestsPerDay, mostPerDay},
		{"tokensPerMinute", k.TokensPerMinute, mostTokens},
		{"maxRunning", k.MaxRunning, mostAtOnce},
	})
}

// The most that a bound may be: beyond it somebody slipped.
const (
	mostPerMinute = 1_000_000
	mostPerDay    = 100_000_000
	mostTokens    = 1_000_000_000
	mostAtOnce    = 10_000
)

type bound struct {
	name      string
	got, most int
}

func checkBounds(field string, bounds []bound) *Error {
	for _, b := range bounds {
		if b.got < 0 || b.got > b.most {
			return wrong(field+"."+b.name, "must be between 0, for no bound, and %d, got %d", b.most, b.got)
		}
	}
	return nil
}

func checkAccounts(c *Config) *Error {
	seen := map[int64]bool{}
	for i := range c.Accounts {
		a, field := &c.Accounts[i], fmt.Sprintf("accounts[%d]", i)
		switch {
		case !isWord(a.Provider):
			return wrong(field+".provider", "must be a provider's name, as openaicompat")
		case !isWord(a.Name):
			return wrong(field+".name", "must not be empty, nor begin or end with a blank")
		case a.ID < 1 || a.ID >= importedBase:
			return wrong(field+".id", "must be between 1 and %d; leave it out to get one", maxOwnID)
		case seen[a.ID]:
			return wrong(field+".id", "is that of another account: give each its own ID, or its own name and no ID")
		case a.Prefix != "" && (!isWord(a.Prefix) || strings.ContainsAny(a.Prefix, "/ \t")):
			return wrong(field+".prefix", "must have no slash and no blank: it stands before the models' names, as prefix/model")
		case strings.ContainsAny(a.Key, "\r\n"):
			return wrong(field+".key", "must be one line")
		}
		seen[a.ID] = true
		for j, model := range a.Models {
			if !isWord(model) {
				return wrong(fmt.Sprintf("%s.models[%d]", field, j), "must be the name of a model")
			}
		}
		if err := checkBalance(a, field); err != nil {
			return err
		}
	}
	return nil
}

// checkBalance checks what an account has to do with others, and its network.
func checkBalance(a *Account, field string) *Error {
	const mostWeight, mostPriority = 100, 1000
	switch {
	case a.Weight < 0 || a.Weight > mostWeight:
		return wrong(field+".weight", "must be between 1 and %d, got %d", mostWeight, a.Weight)
	case a.Priority < -mostPriority || a.Priority > mostPriority:
		return wrong(field+".priority", "must be between %d and %d, got %d", -mostPriority, mostPriority, a.Priority)
	}
	if err := a.Network.check(field + ".network"); err != nil {
		return err
	}
	if a.Pace != nil {
		if err := checkPace(*a.Pace, field+".pace"); err != nil {
			return err
		}
	}
	for _, model := range slices.Sorted(maps.Keys(a.ModelPace)) {
		if !isWord(model) {
			return wrong(field+".modelPace", "must have the names of models as its keys, got %q", model)
		}
		if err := checkPace(a.ModelPace[model], field+".modelPace."+model); err != nil {
			return err
		}
	}
	return nil
}

// Check says what cannot be used in n, as the network of some account. The error
// is an [*Error].
func (n AccountNetwork) Check() error {
	if err := n.check("accounts[].network"); err != nil {
		return err
	}
	return nil
}

func (n AccountNetwork) check(field string) *Error {
	switch {
	case n.Proxy != "" && !isProxy(n.Proxy):
		return wrong(field+".proxy", "must be system, direct, a URL as http://127.0.0.1:7890 (http, https, socks5), or empty for what all accounts have")
	case !isPath(n.CAFile):
		return wrong(field+".caFile", "must be the path of a file with certificates (PEM)")
	}
	return nil
}

func checkPace(p Pace, field string) *Error {
	return checkBounds(field, []bound{
		{"requestsPerMinute", p.RequestsPerMinute, mostPerMinute},
		{"requestsPerDay", p.RequestsPerDay, mostPerDay},
		{"tokensPerMinute", p.TokensPerMinute, mostTokens},
		{"maxInFlight", p.MaxInFlight, mostAtOnce},
	})
}
