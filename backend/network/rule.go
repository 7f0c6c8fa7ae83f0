package network

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/http/httpproxy"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// rule says which proxy an address is behind.
type rule struct {
	// http and https are the proxies for addresses of these schemes.
	http, https choice
	// from is where they stand, to be named to a person.
	from string
	// bypass are the hosts that are reached without them.
	bypass func(*url.URL) bool
	// script answers for a host instead of http and https where the system has
	// one; nil is none.
	script func(address string) string

	mu sync.Mutex
	// answers are what the script said.
	answers map[string]choice
}

// choice is a proxy, none, or one that cannot be used.
type choice struct {
	url *url.URL
	err error
}

// proxy is the one that u is behind; nil is none.
func (r *rule) proxy(u *url.URL) (*url.URL, error) {
	c := r.http
	if u.Scheme == "https" {
		c = r.https
	}
	if c == (choice{}) && r.script == nil || r.bypass(u) {
		return nil, nil //nolint:nilnil // http.Transport's own word for no proxy.
	}
	if r.script != nil {
		c = r.ask(u)
	}
	return c.url, c.err
}

// ask has the script answer, once for each host; it may take its time.
func (r *rule) ask(u *url.URL) choice {
	host := u.Scheme + "://" + u.Host
	r.mu.Lock()
	c, ok := r.answers[host]
	r.mu.Unlock()
	if ok {
		return c
	}
	c = choose(r.script(host+"/"), r.from)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answers == nil {
		r.answers = map[string]choice{}
	}
	r.answers[host] = c
	return c
}

// ruleOf is the rule of o.
func ruleOf(o Options, found System) *rule {
	switch o.Proxy {
	case "", ProxySystem:
		return &rule{
			http: choose(found.http, found.name()), https: choose(found.https, found.name()), from: found.name(), script: found.script,
			bypass: bypass(slices.Concat(found.NoProxy, o.NoProxy)),
		}
	case ProxyDirect:
		return &rule{}
	}
	c := choose(o.Proxy, ownSettings)
	return &rule{http: c, https: c, from: ownSettings, bypass: bypass(o.NoProxy)}
}

// ownSettings is where a proxy stands that was entered here.
const ownSettings = "the settings"

// choose reads what stands for a proxy, with or without a scheme.
func choose(text, from string) choice {
	u, err := ParseProxy(text)
	if err == nil || text == "" {
		return choice{url: u}
	}
	return choice{err: &llm.Error{Kind: llm.KindNetwork, Code: "proxy", Message: "the proxy of " + from + " cannot be used: " + err.Error()}}
}

// parseError is what is wrong with a proxy's address. It does not quote it, for
// there may be a password in it.
type parseError string

func (e parseError) Error() string { return string(e) }

// ParseProxy reads the address of a proxy: a URL of the scheme http, https,
// socks5 or socks5h, or host:port alone, which is one for HTTP. "" is no proxy
// and an error.
func ParseProxy(text string) (*url.URL, error) {
	const want = "; write it as http://127.0.0.1:7890 (http, https or socks5)"
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, parseError("it is empty" + want)
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, parseError("its address cannot be read" + want)
	case u.Scheme == "socks": // as desktops write it
		u.Scheme = "socks5"
	case !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme):
		return nil, parseError("its scheme is " + u.Scheme + want)
	}
	u.Path, u.RawQuery, u.Fragment = "", "", ""
	return u, nil
}

// Secrets are what must not be shown of a proxy's address: its password, in the
// forms that it may be written in. One of a few letters is none, for they stand
// in every text.
func Secrets(proxy string) []string {
	const short = 4
	u, err := ParseProxy(proxy)
	if err != nil || u.User == nil {
		return nil
	}
	password, _ := u.User.Password()
	if len(password) < short {
		return nil
	}
	return []string{password, url.QueryEscape(password), strings.TrimPrefix(basic(u.User), "Basic ")}
}

func isSOCKS(u *url.URL) bool { return strings.HasPrefix(u.Scheme, "socks") }

// naming is u for people: without a name, without a password.
func naming(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host}
	return shown.String()
}

// address is host and port of u.
func address(u *url.URL) string {
	port := map[string]string{"https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port, "80"))
}

// bypass says which hosts are reached without a proxy: those of entries, and
// always this computer.
func bypass(entries []string) func(*url.URL) bool {
	var plain, patterns []string
	local := false
	for _, e := range entries {
		e = strings.ToLower(strings.TrimSpace(e))
		switch {
		case e == "<local>":
			local = true
		case e == "<-loopback>": // Windows: also this computer through the proxy, which nothing of ours is
		case strings.Contains(strings.TrimPrefix(e, "*."), "*") && e != "*":
			patterns = append(patterns, e)
		default:
			plain = append(plain, wholeNetwork(e))
		}
	}
	const some = "http://proxy"
	through := (&httpproxy.Config{HTTPProxy: some, HTTPSProxy: some, NoProxy: strings.Join(plain, ",")}).ProxyFunc()
	return func(u *url.URL) bool {
		if p, err := through(u); p == nil || err != nil {
			return true
		}
		host := strings.ToLower(u.Hostname())
		if _, err := netip.ParseAddr(host); local && err != nil && !strings.Contains(host, ".") {
			return true
		}
		return slices.ContainsFunc(patterns, func(p string) bool {
			ok, err := path.Match(p, host)
			return ok && err == nil
		})
	}
}

// wholeNetwork completes a network in the short form of macOS, as 169.254/16.
func wholeNetwork(e string) string {
	bare, bits, ok := strings.Cut(e, "/")
	if n := strings.Count(bare, "."); ok && n < 3 && !strings.Contains(bare, ":") {
		return bare + strings.Repeat(".0", 3-n) + "/" + bits
	}
	return e
}
