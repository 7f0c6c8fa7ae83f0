package network_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/network"
)

// listener takes connections and does with each what the test says.
func listener(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			do(c)
			c.Close()
		}
	}()
	t.Cleanup(func() { ln.Close(); <-ended })
	return ln.Addr().String()
}

// silent takes what is sent and says nothing, until the other side is gone.
func silent(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// saying answers the first line with a text.
func saying(text string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = io.WriteString(c, text)
		}
	}
}

func closedPort(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// path is the hops' names, with what the last one said.
func path(r network.Report) string {
	var names []string
	for _, h := range r.Hops {
		names = append(names, string(h.Name))
	}
	return strings.Join(names, " ")
}

func TestB60_TheTestNamesTheHopThatFailed(t *testing.T) {
	bare(t)
	a, caFile := authority(t)
	secure := service(t, a)
	hosts := map[string]string{"plain.test": service(t, nil), "secure.test": secure}
	resigning, err := fake.NewAuthority("Corporate Inspection")
	if err != nil {
		t.Fatal(err)
	}
	old, err := a.Certify("127.0.0.1", time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	expired := httptest.NewUnstartedServer(http.NotFoundHandler())
	expired.TLS = a.Server("127.0.0.1")
	expired.TLS.GetConfigForClient = nil
	expired.TLS.Certificates = append(expired.TLS.Certificates, *old)
	expired.StartTLS()
	defer expired.Close()
	with := func(o fake.ProxyOptions) string {
		o.Hosts = hosts
		_, at := proxy(t, o, nil)
		return "http://" + at
	}
	secret := user + ":" + password + "@"
	locked := fake.ProxyOptions{User: user, Password: "another"}
	through := func(o fake.SOCKSOptions) string { return socks(t, o).Address() }
	portal := httptest.NewServer(http.RedirectHandler("http://login.portal.test/", http.StatusFound))
	defer portal.Close()
	const secureURL, plainURL = "https://secure.test/v1", "http://plain.test/v1"
	for name, c := range map[string]struct {
		proxy, target, caFile string
		// path are the steps made; said is in the last one, "" is a whole way.
		path, said string
	}{
		"a whole way":                   {with(fake.ProxyOptions{}), secureURL, caFile, "connect proxy tls http", ""},
		"a whole way without TLS":       {with(fake.ProxyOptions{}), plainURL, "", "connect http", ""},
		"directly":                      {network.ProxyDirect, "https://" + secure, caFile, "connect tls http", ""},
		"over SOCKS":                    {"socks5://" + through(fake.SOCKSOptions{Hosts: hosts}), secureURL, caFile, "connect proxy tls http", ""},
		"no such host":                  {network.ProxyDirect, "https://nowhere.invalid/", "", "dns", "there is no host nowhere.invalid"},
		"nothing listens":               {network.ProxyDirect, "http://" + closedPort(t), "", "connect", "nothing listens there"},
		"the proxy does not run":        {"http://" + secret + closedPort(t), secureURL, "", "connect", "nothing listens there"},
		"no such proxy":                 {"http://" + secret + "proxy.invalid:3128", secureURL, "", "dns", "there is no host proxy.invalid"},
		"407 without a password":        {with(locked), secureURL, "", "connect proxy", "wants a name and a password"},
		"407 without TLS":               {with(locked), plainURL, "", "connect http", "wants a name and a password"},
		"407 with a wrong password":     {strings.Replace(with(locked), "//", "//"+secret, 1), secureURL, "", "connect proxy", "refuses the name or the password"},
		"407 of another kind":           {with(fake.ProxyOptions{User: "x", Offers: []string{"NTLM", "Negotiate"}}), secureURL, "", "connect proxy", "of the kind NTLM or Negotiate"},
		"the proxy forbids":             {with(fake.ProxyOptions{Refuse: 403}), secureURL, "", "connect proxy", "does not connect to secure.test:443: it answered 403 Forbidden"},
		"the proxy does not know":       {with(fake.ProxyOptions{}), "https://other.test/", "", "connect proxy", "it answered 502"},
		"the proxy hangs":               {with(fake.ProxyOptions{Hang: true}), secureURL, "", "connect proxy", "did not answer within 300ms"},
		"a proxy that is none":          {"http://" + listener(t, func(c net.Conn) { _, _ = io.WriteString(c, "220 mail.test ready\r\n") }), secureURL, "", "connect proxy", "does not speak HTTP"},
		"a proxy that hangs up":         {"http://" + listener(t, saying("")), secureURL, "", "connect proxy", "it closed the connection"},
		"SOCKS spoken to HTTP":          {"socks5://" + listener(t, func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }), secureURL, "", "connect proxy", "does not speak SOCKS5"},
		"SOCKS wants a password":        {"socks5://" + through(fake.SOCKSOptions{User: user, Password: password}), secureURL, "", "connect proxy", "wants a name and a password"},
		"SOCKS refuses the password":    {"socks5://" + secret + through(fake.SOCKSOptions{User: user, Password: "another"}), secureURL, "", "connect proxy", "refuses the name or the password"},
		"SOCKS does not allow it":       {"socks5://" + through(fake.SOCKSOptions{Reply: 2}), secureURL, "", "connect proxy", "connection not allowed by ruleset"},
		"SOCKS hangs":                   {"socks5://" + through(fake.SOCKSOptions{Hang: true}), secureURL, "", "connect proxy", "did not answer within 300ms"},
		"a proxy re-signs":              {with(fake.ProxyOptions{Resign: resigning}), secureURL, caFile, "connect proxy tls", "is signed by Corporate Inspection, whom this computer does not know: a proxy or a security program re-signs traffic; add its CA file"},
		"the certificate is for others": {network.ProxyDirect, "https://" + otherName(t, a), caFile, "connect tls", "is for other.test"},
		"the certificate has ended":     {network.ProxyDirect, expired.URL, caFile, "connect tls", "is not valid at this time"},
		"no TLS there":                  {network.ProxyDirect, "https://" + hosts["plain.test"], "", "connect tls", "does not speak TLS"},
		"TLS hangs":                     {network.ProxyDirect, "https://" + listener(t, silent), "", "connect tls", "did not answer the TLS handshake within 300ms"},
		"no HTTP there":                 {network.ProxyDirect, "http://" + listener(t, saying("220 mail.test ready\r\n")), "", "connect http", "does not speak HTTP"},
		"a portal leads away":           {network.ProxyDirect, portal.URL + "/v1", "", "connect http", "a sign-in page of the network"},
		"a portal says so":              {network.ProxyDirect, "http://" + listener(t, saying("HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 0\r\n\r\n")), "", "connect http", "a sign-in page of the network"},
		"no file of authorities":        {network.ProxyDirect, secureURL, caFile + ".none", "tls", "is not there"},
		"a proxy of no known kind":      {"socks4://" + secret + "127.0.0.1:1", secureURL, "", "proxy", "its scheme is socks4"},
		"a proxy that cannot be read":   {"http://" + secret + "%zz:1", secureURL, "", "proxy", "its address cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			o := network.Options{Proxy: c.proxy, CAFiles: []string{c.caFile}, Connect: 300 * time.Millisecond}
			r := network.Test(t.Context(), o, c.target)
			if got := path(r); got != c.path || r.OK != (c.said == "") || !strings.Contains(r.Said, c.said) {
				t.Fatalf("got %s, %v, %q\nwant %s, %q", got, r.OK, r.Said, c.path, c.said)
			}
			for i, h := range r.Hops {
				if h.OK != (r.OK || i < len(r.Hops)-1) || h.Said == "" || h.Target == "" && c.path != "proxy" || h.Ms < 0 {
					t.Errorf("hop %+v", h)
				}
				if strings.Contains(h.Said+h.Target+r.Said, password) || strings.Contains(h.Said+h.Target+r.Said, user) {
					t.Errorf("a secret is shown: %+v", h)
				}
			}
			if r.OK {
				return
			}
			// A request that goes the same way fails for the same reason.
			_, err := get(t, newNetwork(t).Transport(o), c.target)
			switch {
			case strings.Contains(c.said, "sign-in page"), strings.Contains(c.said, "no host nowhere"), strings.HasPrefix(c.said, "nothing listens") && c.proxy == network.ProxyDirect, strings.Contains(c.said, "speak HTTP") && c.proxy == network.ProxyDirect:
				// The answer is the service's own, or the words are net/http's.
			case err == nil || !strings.Contains(err.Error(), c.said):
				t.Errorf("a request says %v, want %q", err, c.said)
			}
			if err != nil && (strings.Contains(err.Error(), password) || strings.Contains(err.Error(), user)) {
				t.Errorf("a secret is in %q", err)
			}
		})
	}
}

// otherName runs a server that is certified for another host.
func otherName(t *testing.T, a *fake.Authority) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = a.Server("other.test")
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestB60_ATestNeedsAnAddress(t *testing.T) {
	bare(t)
	for _, target := range []string{"", "api.example.com", "ftp://example.com", "https://"} {
		if r := network.Test(t.Context(), network.Options{}, target); r.OK || len(r.Hops) != 0 || !strings.Contains(r.Said, "no address") {
			t.Errorf("%q: %+v", target, r)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := network.Test(ctx, network.Options{Proxy: network.ProxyDirect}, "http://127.0.0.1:1/"); r.OK {
		t.Errorf("after its end: %+v", r)
	}
}
