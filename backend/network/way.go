package network

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// way makes the connections of a generation, step by step. A recorder, where
// there is one, is told of each.
type way struct {
	rule    *rule
	timeout time.Duration
	tls     tls.Config
	dialer  net.Dialer
}

// open connects to the host of u, through its proxy if it has one.
func (w *way) open(ctx context.Context, rec *recorder, u *url.URL) (net.Conn, error) {
	p, err := w.rule.proxy(u)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return w.dial(ctx, rec, u)
	}
	c, err := w.reach(ctx, rec, p)
	if err != nil {
		return nil, err
	}
	ask := w.connect
	if isSOCKS(p) {
		ask = w.socks
	}
	var through net.Conn
	err = rec.step(HopProxy, naming(p), func() (said string, err error) {
		ctx, cancel := w.limit(ctx)
		defer cancel()
		if through, err = ask(ctx, c, p, u); err != nil {
			_ = c.Close()
			return "", w.refusedBy(ctx, p, u, err)
		}
		return "it connects to " + u.Host, nil
	})
	return through, err
}

// dial connects to the host of u itself.
func (w *way) dial(ctx context.Context, rec *recorder, u *url.URL) (c net.Conn, err error) {
	if err := rec.resolve(ctx, u.Hostname()); err != nil {
		return nil, err
	}
	to := address(u)
	err = rec.step(HopConnect, to, func() (string, error) {
		if c, err = w.dialer.DialContext(ctx, "tcp", to); err != nil {
			return "", err
		}
		return "connected to " + c.RemoteAddr().String(), nil
	})
	return c, err
}

// reach connects to a proxy, with TLS where its address says so.
func (w *way) reach(ctx context.Context, rec *recorder, p *url.URL) (net.Conn, error) {
	c, err := w.dial(ctx, rec, p)
	if err != nil {
		return nil, w.unreached(p, err)
	}
	if p.Scheme != "https" {
		return c, nil
	}
	// A proxy is asked in HTTP/1.1.
	return w.handshake(ctx, rec, c, p, []string{"http/1.1"})
}

// secure connects to the host of u with TLS.
func (w *way) secure(ctx context.Context, rec *recorder, u *url.URL) (net.Conn, error) {
	c, err := w.open(ctx, rec, u)
	if err != nil {
		return nil, err
	}
	t, err := w.handshake(ctx, rec, c, u, w.tls.NextProtos)
	if err != nil {
		return nil, err // and not a nil *tls.Conn
	}
	return t, nil
}

// handshake begins TLS on c, which it closes if that fails.
func (w *way) handshake(ctx context.Context, rec *recorder, c net.Conn, u *url.URL, protocols []string) (*tls.Conn, error) {
	config := w.tls.Clone()
	config.ServerName, config.NextProtos = u.Hostname(), protocols
	t := tls.Client(c, config)
	return t, rec.step(HopTLS, u.Host, func() (string, error) {
		ctx, cancel := w.limit(ctx)
		defer cancel()
		if err := t.HandshakeContext(ctx); err != nil {
			_ = c.Close()
			return "", w.distrusted(ctx, u, err)
		}
		s := t.ConnectionState()
		return tls.VersionName(s.Version) + ", certified by " + issuer(s.PeerCertificates), nil
	})
}

// limit bounds one step.
func (w *way) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if w.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, w.timeout, errSlow)
}

// errSlow is a step that took longer than it may.
var errSlow = errors.New("network: the time for this step is over")

// connect asks a proxy for a tunnel (RFC 9110, 9.3.6).
func (w *way) connect(ctx context.Context, c net.Conn, p, u *url.URL) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	to := address(u)
	r := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: to}, Host: to, Header: http.Header{"User-Agent": {""}}}
	if auth := basic(p.User); auth != "" {
		r.Header.Set("Proxy-Authorization", auth)
	}
	if err := r.Write(c); err != nil {
		return nil, err
	}
	const longest = 64 << 10
	// What is read ahead is lost with the buffer; a service with TLS does not
	// speak first.
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(c, longest)), r)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return nil, &refusal{status: resp.StatusCode, header: resp.Header}
	}
	if !stop() {
		return nil, context.Cause(ctx)
	}
	return c, nil
}

// basic is the value of Proxy-Authorization; "" is none.
func basic(user *url.Userinfo) string {
	if user == nil {
		return ""
	}
	password, _ := user.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password))
}

// socks asks a proxy for a connection (RFC 1928). It resolves names itself.
func (w *way) socks(ctx context.Context, c net.Conn, p, u *url.URL) (net.Conn, error) {
	var auth *proxy.Auth
	if p.User != nil {
		password, _ := p.User.Password()
		auth = &proxy.Auth{User: p.User.Username(), Password: password}
	}
	d, err := proxy.SOCKS5("tcp", address(p), auth, ready{c})
	if err != nil {
		return nil, err
	}
	through, ok := d.(proxy.ContextDialer)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return through.DialContext(ctx, "tcp", address(u))
}

// ready is a connection that is there already, for who would dial it.
type ready struct{ conn net.Conn }

// Dial gives it.
func (r ready) Dial(string, string) (net.Conn, error) { return r.conn, nil }

// DialContext gives it.
func (r ready) DialContext(context.Context, string, string) (net.Conn, error) { return r.conn, nil }
