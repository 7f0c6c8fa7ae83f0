package network_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/network"
	"github.com/WenChunTech/OpenAICompatible/backend/plainhttp"
)

// BenchmarkDirect compares the direct way of this package with the transports
// below it alone, over connections that are there: the way may cost nothing.
func BenchmarkDirect(b *testing.B) {
	a, err := fake.NewAuthority("Bench")
	if err != nil {
		b.Fatal(err)
	}
	path := b.TempDir() + "/ca.pem"
	if err := os.WriteFile(path, a.PEM(), 0o600); err != nil {
		b.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.PEM())
	alone := &http.Transport{
		ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8, DisableCompression: true, ReadBufferSize: 16 << 10,
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
	}
	n := network.New(b.Context())
	defer n.Keep(nil)
	defer alone.CloseIdleConnections()
	ours := n.Transport(network.Options{Proxy: network.ProxyDirect, CAFiles: []string{path}, Connect: 10 * time.Second})
	system := n.Transport(network.Options{CAFiles: []string{path}, Connect: 10 * time.Second})
	plain := &plainhttp.Transport{Next: alone, Dial: (&net.Dialer{}).DialContext, MaxIdle: 8, MaxIdlePerHost: 8}
	defer plain.CloseIdleConnections()
	for _, c := range []struct {
		name      string
		protocols []string
		before    http.RoundTripper
	}{{"plain", nil, plain}, {"https1", []string{"http/1.1"}, alone}, {"https2", []string{"h2"}, alone}} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "an answer")
		}))
		if c.protocols == nil {
			s.Start()
		} else {
			s.EnableHTTP2 = c.protocols[0] == "h2"
			s.TLS = a.Server("127.0.0.1", c.protocols...)
			s.StartTLS()
		}
		for name, through := range map[string]http.RoundTripper{"before": c.before, "direct": ours, "system": system} {
			b.Run(c.name+"/"+name, func(b *testing.B) { askOften(b, through, s.URL) })
		}
		s.Close()
	}
}

func askOften(b *testing.B, through http.RoundTripper, at string) {
	b.Helper()
	b.ReportAllocs()
	question := bytes.Repeat([]byte("x"), 1000)
	for b.Loop() {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, at+"/v1", bytes.NewReader(question))
		if err != nil {
			b.Fatal(err)
		}
		resp, err := through.RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}
