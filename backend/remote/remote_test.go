package remote_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/remote"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// png is as much of a picture as its type needs.
const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

// names is a resolver whose answers for a name come one after the other, the
// last one again and again.
type names struct {
	mu      sync.Mutex
	answers map[string][]string
	asked   []string
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, host)
	list := n.answers[host]
	if len(list) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(list) > 1 {
		n.answers[host] = list[1:]
	}
	var out []netip.Addr
	for s := range strings.SplitSeq(list[0], " ") {
		out = append(out, netip.MustParseAddr(s))
	}
	return out, nil
}

// world is a server on this computer, which tests take for a public one: it is
// example.com, whose address alone is allowed beside public ones.
type world struct {
	*httptest.Server
	names *names
	hits  []*http.Request
	mu    sync.Mutex
}

func newWorld(t *testing.T, h http.HandlerFunc) *world {
	t.Helper()
	w := &world{names: &names{answers: map[string][]string{"example.com": {"127.0.0.1"}}}}
	w.Server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.hits = append(w.hits, r)
		w.mu.Unlock()
		h(rw, r)
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *world) at(path string) string {
	_, port, _ := net.SplitHostPort(w.Listener.Addr().String())
	return "https://example.com:" + port + path
}

func (w *world) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.hits)
}

func (w *world) options() remote.Options {
	roots := x509.NewCertPool()
	roots.AddCert(w.Certificate())
	return remote.Options{
		Version: "1.2.3", Resolver: w.names, TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		Allowed: func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") || remote.Public(a) },
	}
}

func picture(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, png) }

func TestPicture_ComesWithTheTypeItsBytesProve(t *testing.T) {
	for body, want := range map[string]string{
		png:                            "image/png",
		"\xff\xd8\xff\xe0....":         "image/jpeg",
		"GIF89a......":                 "image/gif",
		"RIFF\x00\x00\x00\x00WEBPVP8":  "image/webp",
		"\x00\x00\x00\x1cftypavif....": "image/avif",
		"\x00\x00\x00\x1cftypheic....": "image/heic",
	} {
		w := newWorld(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			fmt.Fprint(w, body)
		})
		mime, data, err := remote.New(w.options()).Picture(t.Context(), w.at("/a?x=1#part"))
		if err != nil || mime != want || data != base64.StdEncoding.EncodeToString([]byte(body)) {
			t.Errorf("got %q %q %v, want %s", mime, data, err, want)
		}
	}
}

func TestB65_NothingOfTheUsersGoesAlong(t *testing.T) {
	w := newWorld(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "c", Value: "1"})
		if r.URL.Path == "/a" {
			http.Redirect(w, r, "/b", http.StatusFound)
			return
		}
		picture(w, r)
	})
	if _, _, err := remote.New(w.options()).Picture(t.Context(), w.at("/a")); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.hits {
		for name := range r.Header {
			if !slices.Contains([]string{"Accept", "User-Agent", "Connection"}, name) {
				t.Errorf("%s is sent: %s", name, r.Header.Get(name))
			}
		}
		if got := r.Header.Get("User-Agent"); got != "OpenAICompatible/1.2.3" {
			t.Errorf("the name is %q", got)
		}
	}
}

func TestB65_OnlyPublicAddressesAreDialled(t *testing.T) {
	w := newWorld(t, picture)
	_, port, _ := net.SplitHostPort(w.Listener.Addr().String())
	o := w.options()
	o.Allowed = nil
	w.names.answers = map[string][]string{
		"localhost": {"127.0.0.1 ::1"}, "inside.example": {"10.0.0.8"}, "cloud.example": {"169.254.169.254"}, "mapped.example": {"::ffff:127.0.0.1"},
		"nat64.example": {"64:ff9b::7f00:1"},
	}
	f := remote.New(o)
	for _, host := range []string{
		"127.0.0.1", "[::1]", "localhost", "inside.example", "cloud.example", "mapped.example", "nat64.example", "169.254.169.254", "[::ffff:127.0.0.1]",
		"[64:ff9b::a9fe:a9fe]", "[fe80::1%25lo]", "0.0.0.0", "192.168.1.1", "100.64.0.1", "224.0.0.1", "[fd00::1]", "[2002:7f00:1::]", "[::127.0.0.1]",
	} {
		_, _, err := f.Picture(t.Context(), "https://"+host+":"+port+"/secret")
		if err == nil || err.Kind != llm.KindBadRequest || !strings.Contains(err.Message, "public") || strings.Contains(err.Message, "secret") {
			t.Errorf("%s: got %+v", host, err)
		}
	}
	if w.count() > 0 {
		t.Errorf("the server was reached %d times", w.count())
	}
}

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true, "172.15.0.1": true, "100.63.0.1": true, "100.128.0.1": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.0.1": false, "169.254.1.1": false, "100.127.255.255": false,
		"0.1.2.3": false, "192.0.0.8": false, "192.0.2.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false, "224.0.0.251": false,
		"255.255.255.255": false, "::1": false, "::": false, "fe80::1": false, "fc00::1": false, "ff02::1": false, "64:ff9b::808:808": false, "64:ff9b:1::1": false,
		"2001::1": false, "2001:db8::1": false, "2002:808:808::1": false, "3fff::1": false, "100::1": false, "::ffff:10.0.0.1": false,
	} {
		if got := remote.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %v", address, got)
		}
	}
	if remote.Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func TestB65_ANameThatChangesItsAddressIsLookedAtEachTime(t *testing.T) {
	w := newWorld(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) })
	w.names.answers["example.com"] = []string{"127.0.0.1", "10.0.0.1"}
	_, _, err := remote.New(w.options()).Picture(t.Context(), w.at("/a"))
	if err == nil || !strings.Contains(err.Message, "public") || w.count() != 1 || len(w.names.asked) != 2 {
		t.Errorf("got %v after %d requests and the questions %v", err, w.count(), w.names.asked)
	}
}

func TestB65_EachRedirectIsCheckedAnew(t *testing.T) {
	for to, says := range map[string]string{
		"https://127.0.0.2/": "public", "https://169.254.169.254/latest/meta-data/": "public", "https://[::1]/": "public", "http://example.com/": "https://",
		"file:///etc/passwd": "no host", "https://u:pa55@example.com/": "password", "gopher://x/": "https://", "https://none.example/": "does not exist", "%zz": "cannot be read",
		"/loop": "on and on",
	} {
		w := newWorld(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		})
		_, _, err := remote.New(w.options()).Picture(t.Context(), w.at("/a"))
		if err == nil || err.Kind != llm.KindBadRequest || !strings.Contains(err.Message, says) || strings.Contains(err.Message, "pa55") || w.count() > 4 {
			t.Errorf("%s: got %v after %d requests, want one that says %q", to, err, w.count(), says)
		}
	}
}

func TestPicture_WhatIsNoneIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		kind  llm.Kind
		says  string
	}{
		"page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			fmt.Fprint(w, "<!doctype html><html><body>sign in</body></html>")
		}, llm.KindBadRequest, "no picture"},
		"drawing": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/svg+xml")
			fmt.Fprint(w, `<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`)
		}, llm.KindBadRequest, "no picture"},
		"nothing": {func(http.ResponseWriter, *http.Request) {}, llm.KindBadRequest, "no picture"},
		"missing": {http.NotFound, llm.KindBadRequest, "404"},
		"partial": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent) }, llm.KindBadRequest, "206"},
		"huge, as it says": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3000000")
			fmt.Fprint(w, png)
		}, llm.KindTooLarge, "more than 2 MiB"},
		"huge, as it shows": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, png)
			for range 3 {
				w.Write(bytes.Repeat([]byte("x"), 1<<20))
				w.(http.Flusher).Flush()
			}
		}, llm.KindTooLarge, "more than 2 MiB"},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, png)
			panic(http.ErrAbortHandler)
		}, llm.KindBadRequest, "could not be reached"},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, png)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, llm.KindBadRequest, "in time"},
	} {
		w := newWorld(t, c.serve)
		o := w.options()
		o.Limit, o.Timeout = 2<<20, 5*time.Second
		if name == "slow" {
			o.Timeout = 50 * time.Millisecond
		}
		_, _, err := remote.New(o).Picture(t.Context(), w.at("/a?sig=pa55"))
		if err == nil || err.Kind != c.kind || !strings.Contains(err.Message, c.says) || err.Param != "image_url" || strings.Contains(err.Message, "pa55") {
			t.Errorf("%s: got %+v, want %v that says %q", name, err, c.kind, c.says)
		}
	}
}

func TestPicture_AddressesThatAreNone(t *testing.T) {
	f := remote.New(remote.Options{Resolver: &names{}})
	for address, says := range map[string]string{
		"": "no host", "http://example.com/a.png": "https://", "ftp://example.com/a": "https://", "https://": "no host", "https://a:b@example.com/": "password",
		"data:image/png;base64,AA": "no host", "https://%zz/": "cannot be read", "https://none.example/a": "does not exist", "//example.com/a": "https://",
	} {
		if _, _, err := f.Picture(t.Context(), address); err == nil || err.Kind != llm.KindBadRequest || !strings.Contains(err.Message, says) {
			t.Errorf("%q: got %v, want one that says %q", address, err, says)
		}
	}
}

func TestPicture_PlainHTTPOnlyWhenPermitted(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(picture))
	defer s.Close()
	o := remote.Options{PlainHTTP: true, Allowed: func(netip.Addr) bool { return true }}
	if mime, _, err := remote.New(o).Picture(t.Context(), s.URL); err != nil || mime != "image/png" {
		t.Errorf("got %s, %v", mime, err)
	}
}

func TestPicture_ACallerThatLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newWorld(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, _, err := remote.New(w.options()).Picture(ctx, w.at("/a")); err == nil || err.Kind != llm.KindCanceled {
		t.Errorf("got %v", err)
	}
}

func TestPicture_TheSameOneIsFetchedOnceForAWhile(t *testing.T) {
	w := newWorld(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/private") {
			w.Header().Set("Cache-Control", "private, no-store")
		}
		fmt.Fprint(w, png+strings.Repeat("x", 300))
	})
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	o := w.options()
	o.Now, o.Keep = func() time.Time { return now }, 1000
	f := remote.New(o)
	get := func(path string, want int) {
		t.Helper()
		mime, data, err := f.Picture(t.Context(), w.at(path))
		if err != nil || mime != "image/png" || len(data) == 0 || w.count() != want {
			t.Errorf("%s: got %v after %d requests, want %d", path, err, w.count(), want)
		}
	}
	get("/a", 1)
	get("/a", 1)
	get("/b", 2) // both fit
	get("/a", 2)
	get("/c", 3) // the oldest goes
	get("/b", 3)
	get("/a", 4)
	now = now.Add(6 * time.Minute)
	get("/a", 5) // too old
	get("/private", 6)
	get("/private", 7)
}

// A proxy is asked for public names alone: it would connect to any other as well.
func TestB65_AProxyIsNotAskedForPrivateNames(t *testing.T) {
	w := newWorld(t, picture)
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		rw.WriteHeader(http.StatusBadGateway)
	}))
	defer proxy.Close()
	through, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	o := w.options()
	o.Proxy = http.ProxyURL(through)
	w.names.answers["inside.example"] = []string{"10.0.0.8"}
	f := remote.New(o)
	if _, _, err := f.Picture(t.Context(), "https://inside.example/a"); err == nil || !strings.Contains(err.Message, "public") || len(asked) > 0 {
		t.Errorf("got %v, the proxy was asked %v", err, asked)
	}
	if _, _, err := f.Picture(t.Context(), w.at("/a")); err == nil || len(asked) != 1 || !strings.HasPrefix(asked[0], "CONNECT example.com:") {
		t.Errorf("got %v, the proxy was asked %v", err, asked)
	}
}
