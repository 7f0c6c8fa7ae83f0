package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/plainhttp"
)

// Transport is an http.RoundTripper of one Options. [Network.Transport] gives
// it; its errors that a person can do something about are *llm.Error.
type Transport struct {
	options Options
	network *Network
	now     atomic.Pointer[generation]
}

var _ http.RoundTripper = (*Transport)(nil)

// RoundTrip asks and waits for the header of the answer.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	g := t.now.Load()
	if g.broken() {
		if g = t.mend(g); g.broken() {
			closeBody(r)
			return nil, g.roots.err
		}
	}
	resp, err := g.plain.RoundTrip(r)
	if err != nil {
		return nil, g.way.explain(r, err)
	}
	if resp.StatusCode == http.StatusProxyAuthRequired {
		if err := g.way.demanded(r, resp); err != nil {
			_ = resp.Body.Close()
			return nil, err
		}
	}
	return resp, nil
}

// CloseIdleConnections closes the connections that are not in use, and those
// that are when their answers have been read.
func (t *Transport) CloseIdleConnections() { t.now.Load().close() }

// Proxy says which proxy a request would take; nil is none. The URL has the
// proxy's password.
func (t *Transport) Proxy(r *http.Request) (*url.URL, error) {
	return t.now.Load().way.rule.proxy(r.URL)
}

// Roots are the authorities that this transport trusts, for who connects by
// himself; nil is the system's.
func (t *Transport) Roots() *x509.CertPool { return t.now.Load().roots.pool }

// renew begins a generation. What the old one has under way goes on.
func (t *Transport) renew(found System) {
	t.now.Swap(newGeneration(t.options, found)).close()
}

// mend tries a generation whose file of authorities could not be used once
// more, but not with each request.
func (t *Transport) mend(g *generation) *generation {
	const pause = 5 * time.Second
	if time.Since(g.made) < pause {
		return g
	}
	if fresh := newGeneration(t.options, t.network.System()); t.now.CompareAndSwap(g, fresh) {
		return fresh
	}
	return t.now.Load()
}

// generation is what a transport works with from one renewal to the next: no
// connection is handed on.
type generation struct {
	made  time.Time
	way   *way
	roots roots
	plain *plainhttp.Transport
	// tunnel makes its connections through the way; forward asks proxies for
	// http:// addresses, which takes another form of request.
	tunnel, forward *http.Transport
}

func newGeneration(o Options, found System) *generation {
	g := &generation{made: time.Now(), roots: readRoots(o.CAFiles)}
	g.way = &way{
		rule: ruleOf(o, found), timeout: o.Connect, tls: tls.Config{
			RootCAs: g.roots.pool, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12,
		},
		dialer: net.Dialer{
			Timeout: o.Connect,
			// A connection that died in silence, as in a sleep, is found out
			// within a minute, and not only by the next request.
			KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3},
		},
	}
	g.tunnel = newTransport()
	g.tunnel.DialContext = func(ctx context.Context, _, address string) (net.Conn, error) {
		c, err := g.way.open(ctx, nil, &url.URL{Scheme: "http", Host: address})
		if err != nil {
			return nil, err
		}
		return memoryConn{c}, nil
	}
	g.tunnel.DialTLSContext = func(ctx context.Context, _, address string) (net.Conn, error) {
		return g.way.secure(ctx, nil, &url.URL{Scheme: "https", Host: address})
	}
	g.forward = newTransport()
	g.forward.Proxy = func(r *http.Request) (*url.URL, error) { return g.way.rule.proxy(r.URL) }
	g.forward.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := g.way.dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return memoryConn{c}, nil
	}
	g.forward.TLSClientConfig, g.forward.TLSHandshakeTimeout = g.way.tls.Clone(), o.Connect
	g.forward.TLSClientConfig.NextProtos = nil // A proxy is asked in HTTP/1.1.
	g.plain = &plainhttp.Transport{
		Next: router{g}, Dial: g.way.dialer.DialContext, Proxy: g.forward.Proxy,
		MaxIdle: g.tunnel.MaxIdleConns, MaxIdlePerHost: g.tunnel.MaxIdleConnsPerHost, IdleTimeout: g.tunnel.IdleConnTimeout,
	}
	return g
}

// newTransport has many idle connections to one host, because a burst through
// one upstream is the normal case.
func newTransport() *http.Transport {
	const idle, perHost = 1024, 512
	return &http.Transport{
		ForceAttemptHTTP2: true,
		MaxIdleConns:      idle, MaxIdleConnsPerHost: perHost, IdleConnTimeout: 90 * time.Second,
		// A stream that comes fast is read and passed on in big pieces, which
		// halves its cost; of the buffer of a slow one only a page is touched.
		ReadBufferSize: 16 << 10,
		// All requests to a host share a connection in HTTP/2: one that died in
		// silence would take them all down.
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second, WriteByteTimeout: 30 * time.Second},
		ExpectContinueTimeout: time.Second,
		// Answers are passed on as they come; a compressed stream would have to
		// be unpacked on the way.
		DisableCompression: true,
	}
}

func (g *generation) broken() bool { return g.roots.err != nil }

func (g *generation) close() { g.plain.CloseIdleConnections() }

// router takes what plainhttp leaves: https, proxies and unusual requests.
type router struct{ g *generation }

// RoundTrip asks the proxy for an http:// address, and the service itself, by
// whichever way, for all others.
func (x router) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL != nil && r.URL.Scheme == "http" {
		p, err := x.g.way.rule.proxy(r.URL)
		if err != nil {
			closeBody(r)
			return nil, err
		}
		if p != nil && !isSOCKS(p) {
			return x.g.forward.RoundTrip(r)
		}
	}
	return x.g.tunnel.RoundTrip(r)
}

// CloseIdleConnections closes those of both.
func (x router) CloseIdleConnections() {
	x.g.tunnel.CloseIdleConnections()
	x.g.forward.CloseIdleConnections()
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

// memoryConn writes a request body that is in memory as it stands. Left to
// itself, the transport copies it in pieces of 32 KiB through a buffer that it
// allocates for each request: a third of what a prompt of 200 KiB costs.
type memoryConn struct{ net.Conn }

// inMemory is a reader whose bytes are all there, as a bytes.Reader.
type inMemory interface {
	io.WriterTo
	Len() int
}

// ReadFrom is what the transport calls to send a body of known length.
func (c memoryConn) ReadFrom(r io.Reader) (int64, error) {
	if l, ok := r.(*io.LimitedReader); ok {
		if m, ok := l.R.(inMemory); ok && int64(m.Len()) <= l.N {
			n, err := m.WriteTo(c.Conn)
			l.N -= n
			return n, err
		}
	}
	return io.Copy(struct{ io.Writer }{c.Conn}, r)
}
