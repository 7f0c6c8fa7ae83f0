package network_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/network"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The name and the password of proxies, which must never be seen.
const user, password = "proxy-user", "canary-9f2c"

// bare takes away what this machine says of proxies.
func bare(t *testing.T) {
	t.Helper()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "XDG_CURRENT_DESKTOP"} {
		t.Setenv(name, "")
		t.Setenv(strings.ToLower(name), "")
	}
}

// newNetwork is one of the test's own.
func newNetwork(t *testing.T) *network.Network {
	t.Helper()
	n := network.New(t.Context())
	t.Cleanup(func() { n.Keep(nil) })
	return n
}

// authority certifies the test's services.
func authority(t *testing.T) (*fake.Authority, string) {
	t.Helper()
	a, err := fake.NewAuthority("Example Root")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, a.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return a, path
}

// service answers with the protocol it was asked in, in TLS if a certifies it.
func service(t *testing.T, a *fake.Authority) (address string) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		_, _ = io.WriteString(w, "served "+r.Proto)
	}))
	if a == nil {
		s.Start()
	} else {
		s.EnableHTTP2 = true
		s.TLS = a.Server("127.0.0.1", "h2", "http/1.1")
		s.StartTLS()
	}
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// proxy runs one on this machine; the address has no name and no password.
func proxy(t *testing.T, o fake.ProxyOptions, a *fake.Authority) (*fake.Proxy, string) {
	t.Helper()
	p := fake.NewProxy(o)
	s := httptest.NewUnstartedServer(p)
	if a == nil {
		s.Start()
	} else {
		s.TLS = a.Server("127.0.0.1", "http/1.1")
		s.StartTLS()
	}
	t.Cleanup(func() { p.Close(); s.CloseClientConnections(); s.Close() })
	return p, s.Listener.Addr().String()
}

func socks(t *testing.T, o fake.SOCKSOptions) *fake.SOCKS {
	t.Helper()
	s, err := fake.NewSOCKS(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// get asks and gives the body.
func get(t *testing.T, through http.RoundTripper, at string) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at, strings.NewReader("a question"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := through.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), nil
}

func TestB60_EveryKindOfProxyLeadsToTheService(t *testing.T) {
	bare(t)
	a, caFile := authority(t)
	hosts := map[string]string{"plain.test": service(t, nil), "secure.test": service(t, a)}
	_, open := proxy(t, fake.ProxyOptions{Hosts: hosts}, nil)
	_, locked := proxy(t, fake.ProxyOptions{Hosts: hosts, User: user, Password: password}, nil)
	_, lockedTLS := proxy(t, fake.ProxyOptions{Hosts: hosts, User: user, Password: password}, a)
	openSOCKS, lockedSOCKS := socks(t, fake.SOCKSOptions{Hosts: hosts}), socks(t, fake.SOCKSOptions{Hosts: hosts, User: user, Password: password})
	for name, at := range map[string]string{
		"http":                    "http://" + open,
		"without a scheme":        open,
		"http with a password":    "http://" + user + ":" + password + "@" + locked,
		"https with a password":   "https://" + user + ":" + password + "@" + lockedTLS,
		"socks5":                  "socks5://" + openSOCKS.Address(),
		"socks5h with a password": "socks5h://" + user + ":" + password + "@" + lockedSOCKS.Address(),
	} {
		t.Run(name, func(t *testing.T) {
			through := newNetwork(t).Transport(network.Options{Proxy: at, CAFiles: []string{caFile}, Connect: 5 * time.Second})
			// Twice, for the second request takes a connection that is there.
			for range 2 {
				if got, err := get(t, through, "http://plain.test/"); got != "served HTTP/1.1" {
					t.Errorf("http: %q, %v", got, err)
				}
				if got, err := get(t, through, "https://secure.test/"); got != "served HTTP/2.0" {
					t.Errorf("https: %q, %v", got, err)
				}
			}
		})
	}
	for _, s := range []*fake.SOCKS{openSOCKS, lockedSOCKS} {
		if got := s.Seen(); !slices.Equal(got, []string{"plain.test:80", "secure.test:443"}) {
			t.Errorf("the SOCKS proxy was asked for %q: each host once, by its name", got)
		}
	}
}

func TestB60_TheEnvironmentIsTheSystem(t *testing.T) {
	bare(t)
	hosts := map[string]string{"plain.test": service(t, nil), "other.test": service(t, nil)}
	p, at := proxy(t, fake.ProxyOptions{Hosts: hosts, User: user, Password: password}, nil)
	t.Setenv("ALL_PROXY", "http://"+user+":"+password+"@"+at)
	t.Setenv("NO_PROXY", "other.test")
	n := newNetwork(t)
	if got, err := get(t, n.Transport(network.Options{}), "http://plain.test/"); err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := get(t, n.Transport(network.Options{}), "http://other.test/"); err == nil {
		t.Errorf("a host of NO_PROXY went through the proxy: %q", got)
	}
	if got, err := get(t, n.Transport(network.Options{Proxy: network.ProxyDirect}), "http://plain.test/"); err == nil {
		t.Errorf("direct went through the proxy: %q", got)
	}
	if got := p.Seen(); !slices.Equal(got, []string{"POST http://plain.test/"}) {
		t.Errorf("the proxy saw %q", got)
	}
	found := n.System()
	if found.Source != network.SourceEnvironment || found.HTTPS != "http://"+at || !slices.Equal(found.NoProxy, []string{"other.test"}) {
		t.Errorf("found %+v", found)
	}
}

func TestB60_AnExtraAuthorityIsTrustedBesideTheSystems(t *testing.T) {
	bare(t)
	a, caFile := authority(t)
	n := newNetwork(t)
	at := "https://" + service(t, a) + "/"
	if got, err := get(t, n.Transport(network.Options{CAFiles: []string{caFile}}), at); err != nil {
		t.Errorf("with the file: %q, %v", got, err)
	}
	_, err := get(t, n.Transport(network.Options{}), at)
	e, ok := errors.AsType[*llm.Error](err)
	if !ok || e.Code != network.CodeCertificate || !strings.Contains(e.Message, "signed by Example Root") || !strings.Contains(e.Message, "add its CA file") {
		t.Errorf("without: %v", err)
	}
}

func TestB60_AFileOfAuthoritiesThatCannotBeUsedIsNamed(t *testing.T) {
	bare(t)
	a, good := authority(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.pem"): "is not there",
		dir:                            "is a folder",
		write("text.pem", "hello"):     "has no certificate: it must be in PEM",
		write("empty.pem", ""):         "has no certificate",
		write("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):  "has a private key and no certificate",
		write("half.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"): "has a certificate that cannot be read",
	} {
		if _, err := network.CheckCAFile(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s %s", err, path, want)
		}
	}
	if all, err := network.CheckCAFile(good); err != nil || len(all) != 1 {
		t.Errorf("a good one: %v, %v", all, err)
	}
	// Nothing is sent without it, and a file that is mended counts.
	at := "https://" + service(t, a) + "/"
	path := filepath.Join(dir, "later.pem")
	n := newNetwork(t)
	through := n.Transport(network.Options{CAFiles: []string{path}})
	if got, err := get(t, through, at); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %q, %v", got, err)
	}
	write("later.pem", string(a.PEM()))
	n.Follow(t.Context())
	if got, err := get(t, through, at); err != nil {
		t.Errorf("mended: %q, %v", got, err)
	}
}

func TestB16_EqualOptionsShareATransport(t *testing.T) {
	bare(t)
	n := newNetwork(t)
	one := n.Transport(network.Options{NoProxy: []string{"a", "b"}})
	if n.Transport(network.Options{Proxy: network.ProxySystem, NoProxy: []string{"a", "b"}}) != one {
		t.Error("two transports for the same options")
	}
	for _, o := range []network.Options{
		{}, {NoProxy: []string{"a"}}, {Proxy: network.ProxyDirect}, {CAFiles: []string{"x"}}, {Connect: 1, NoProxy: []string{"a", "b"}},
	} {
		if n.Transport(o) == one {
			t.Errorf("%+v shares the transport of others", o)
		}
	}
	n.Keep([]network.Options{{}})
	if n.Transport(network.Options{NoProxy: []string{"a", "b"}}) == one {
		t.Error("a transport that nobody uses is kept")
	}
}

// dripping is a service that says a word for each that the test gives it.
func dripping(t *testing.T, a *fake.Authority) (at string, words chan string, conns *counting) {
	t.Helper()
	words = make(chan string)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/drip" {
			_, _ = io.WriteString(w, "whole")
			return
		}
		for word := range words {
			_, _ = io.WriteString(w, word)
			_ = http.NewResponseController(w).Flush()
		}
	}))
	conns = &counting{Listener: s.Listener}
	s.Listener = conns
	if a == nil {
		s.Start()
	} else {
		s.EnableHTTP2 = true
		s.TLS = a.Server("127.0.0.1", "h2", "http/1.1")
		s.StartTLS()
	}
	t.Cleanup(s.Close)
	return s.URL, words, conns
}

// counting counts the connections that it takes.
type counting struct {
	net.Listener
	n atomic.Int32
}

func (l *counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.n.Add(1)
	}
	return c, err
}

func TestB54_AfterASleepTheNextRequestTakesANewConnection(t *testing.T) {
	bare(t)
	a, caFile := authority(t)
	for name, by := range map[string]*fake.Authority{"plain": nil, "h2": a} {
		t.Run(name, func(t *testing.T) {
			at, words, conns := dripping(t, by)
			n := newNetwork(t)
			through := n.Transport(network.Options{CAFiles: []string{caFile}})
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at+"/drip", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			go func() { words <- "before " }()
			resp, err := through.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			for range 2 {
				if _, err := get(t, through, at+"/"); err != nil {
					t.Fatal(err)
				}
			}
			before := conns.n.Load()
			n.Renew(t.Context())
			if got, err := get(t, through, at+"/"); got != "whole" {
				t.Errorf("after: %q, %v", got, err)
			}
			if now := conns.n.Load(); now != before+1 {
				t.Errorf("%d connections after %d: the next request took an old one", now, before)
			}
			// Settings that change are another transport's business.
			n.Keep(nil)
			words <- "after"
			close(words)
			if b, err := io.ReadAll(resp.Body); string(b) != "before after" {
				t.Errorf("the answer under way: %q, %v", b, err)
			}
		})
	}
}

func TestB60_AChangedSystemProxyIsFollowed(t *testing.T) {
	bare(t)
	hosts := map[string]string{"plain.test": service(t, nil)}
	first, at := proxy(t, fake.ProxyOptions{Hosts: hosts}, nil)
	t.Setenv("HTTP_PROXY", at)
	n := newNetwork(t)
	through := n.Transport(network.Options{})
	if _, err := get(t, through, "http://plain.test/"); err != nil {
		t.Fatal(err)
	}
	second, at := proxy(t, fake.ProxyOptions{Hosts: hosts}, nil)
	t.Setenv("HTTP_PROXY", at)
	n.Follow(t.Context())
	if _, err := get(t, through, "http://plain.test/"); err != nil {
		t.Fatal(err)
	}
	if len(first.Seen()) != 1 || len(second.Seen()) != 1 {
		t.Errorf("the first saw %q, the second %q", first.Seen(), second.Seen())
	}
}

func TestIPv6_IsReachedAlone(t *testing.T) {
	bare(t)
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp6", "[::1]:0")
	if err != nil {
		t.Logf("this machine has no IPv6: %v", err)
		return
	}
	s := &httptest.Server{Listener: ln, Config: &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Minute}}
	s.Start()
	defer s.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	through := newNetwork(t).Transport(network.Options{Connect: 5 * time.Second})
	if _, err := get(t, through, "http://[::1]:"+port); err != nil {
		t.Error(err)
	}
}

func TestCanceled_EndsEachStepAtOnce(t *testing.T) {
	bare(t)
	_, at := proxy(t, fake.ProxyOptions{Hang: true}, nil)
	hung := socks(t, fake.SOCKSOptions{Hang: true})
	for _, p := range []string{"http://" + at, "socks5://" + hung.Address()} {
		ctx, cancel := context.WithCancelCause(t.Context())
		through := newNetwork(t).Transport(network.Options{Proxy: p})
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://secure.test/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		left := errors.New("the client left")
		time.AfterFunc(20*time.Millisecond, func() { cancel(left) })
		resp, err := through.RoundTrip(r)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, left) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", p, err)
		}
	}
}
