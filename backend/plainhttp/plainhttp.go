// Package plainhttp asks servers over connections without TLS: HTTP/1.1 to
// http:// addresses, as local model servers and gateways in the same network
// have them. The goroutine that asks also writes the request, in one system
// call, and reads the answer; the transport of net/http hands both to goroutines
// of the connection and back, which costs more than the rest of a small request.
//
// The invariant: what a caller gets is what net/http's transport would have
// given, the same answer or an error, whatever the other side sends. What this
// package does not do itself goes to that transport: https, proxies, requests
// whose bodies are not in memory, headers that need care. It compresses and
// decompresses nothing, and drops trailers.
package plainhttp

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Transport is an http.RoundTripper. Next and Dial must be set; its fields must
// not be changed once it is in use. Below a system whose sockets it cannot look
// into without waiting (Windows), it leaves everything to Next.
type Transport struct {
	// Next takes the requests that are not for this transport.
	Next http.RoundTripper
	// Dial opens a connection; its time limit is the caller's business.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Proxy says which proxy a host is behind; nil, or a nil URL, is none. It is
	// asked once for each host.
	Proxy func(*http.Request) (*url.URL, error)
	// MaxIdle bounds the idle connections, MaxIdlePerHost those of one host; 0
	// keeps none.
	MaxIdle, MaxIdlePerHost int
	// IdleTimeout is how long an idle connection is kept; 0 is for ever.
	IdleTimeout time.Duration
	// MaxHeader bounds the header of an answer in bytes; 0 is 1 MiB.
	MaxHeader int

	mu    sync.Mutex
	hosts map[string]*host
	idle  int
	// epoch counts the calls of CloseIdleConnections: a connection that is older
	// is not used again.
	epoch int
	sweep *time.Timer
}

var _ http.RoundTripper = (*Transport)(nil)

// RoundTrip asks and waits for the header of the answer. Its body ends with
// io.ErrUnexpectedEOF when the connection was cut, and with the context's cause
// when that ended it.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	h := t.takes(r)
	if h == nil {
		return t.Next.RoundTrip(r)
	}
	for {
		if err := r.Context().Err(); err != nil {
			closeBody(r)
			return nil, context.Cause(r.Context())
		}
		c, err := t.connect(r.Context(), h)
		if err != nil {
			closeBody(r)
			return nil, err
		}
		a, err := c.exchange(r)
		if err == nil {
			return &a.Response, nil
		}
		if r, err = c.again(r, err); err != nil {
			return nil, err
		}
	}
}

// CloseIdleConnections closes the connections that are not in use, and those
// that are when their answers have been read.
func (t *Transport) CloseIdleConnections() {
	t.mu.Lock()
	hosts := t.hosts
	t.hosts, t.idle = nil, 0
	t.epoch++
	if t.sweep != nil {
		t.sweep.Stop()
		t.sweep = nil
	}
	t.mu.Unlock()
	for _, h := range hosts {
		for _, c := range h.idle {
			_ = c.Close()
		}
	}
	if n, ok := t.Next.(interface{ CloseIdleConnections() }); ok {
		n.CloseIdleConnections()
	}
}

// connect gives an idle connection, or a new one.
func (t *Transport) connect(ctx context.Context, h *host) (*conn, error) {
	t.mu.Lock()
	epoch := t.epoch
	if n := len(h.idle); n > 0 {
		c := h.idle[n-1]
		h.idle[n-1] = nil
		h.idle = h.idle[:n-1]
		t.idle--
		t.mu.Unlock()
		return c, nil
	}
	t.mu.Unlock()
	under, err := t.Dial(ctx, "tcp", h.address)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, err
	}
	return newConn(t, h, under, epoch)
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}
