package fake

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// ProxyOptions are what a stand-in for a proxy does.
type ProxyOptions struct {
	// User and Password are demanded; "" demands nothing.
	User, Password string
	// Hosts are the only ones there are, names to addresses as host:port. What
	// reaches one of them that has no name elsewhere has come through the proxy.
	Hosts map[string]string
	// Resign opens the TLS of others with certificates of its own; nil leaves it
	// closed.
	Resign *Authority
	// Refuse answers every request with this status; 0 does not.
	Refuse int
	// Offers are the ways to sign in that it names; nil is Basic.
	Offers []string
	// Hang takes connections and requests, and never answers.
	Hang bool
}

// Proxy stands in for an HTTP proxy: it forwards http:// requests, opens tunnels
// with CONNECT, and notes what it was asked for. It refuses requests that are
// not a proxy's.
type Proxy struct {
	options ProxyOptions
	closed  chan struct{}
	once    sync.Once

	mu   sync.Mutex
	seen []string
}

// NewProxy makes one that has seen nothing.
func NewProxy(o ProxyOptions) *Proxy {
	return &Proxy{options: o, closed: make(chan struct{})}
}

// Seen lists what it was asked for: method and URL, or CONNECT and host:port.
// A request that it read inside of a tunnel has the method and the URL too.
func (p *Proxy) Seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.seen)
}

// Close ends what hangs.
func (p *Proxy) Close() { p.once.Do(func() { close(p.closed) }) }

func (p *Proxy) note(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, what)
}

// ServeHTTP answers one request to the proxy.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect && !r.URL.IsAbs() {
		http.Error(w, "this is a proxy", http.StatusBadRequest)
		return
	}
	what := r.Method + " " + r.URL.String()
	if r.Method == http.MethodConnect {
		what = "CONNECT " + r.Host
	}
	p.note(what)
	switch {
	case p.options.Hang:
		select {
		case <-p.closed:
		case <-r.Context().Done():
		}
	case !p.knows(r.Header.Get("Proxy-Authorization")):
		for _, offer := range p.offers() {
			w.Header().Add("Proxy-Authenticate", offer)
		}
		http.Error(w, "who are you?", http.StatusProxyAuthRequired)
	case p.options.Refuse != 0:
		http.Error(w, "refused", p.options.Refuse)
	case r.Method == http.MethodConnect:
		p.tunnel(w, r)
	default:
		p.pass(w, r, "http", r.URL.Hostname(), p.options.Hosts[r.URL.Hostname()])
	}
}

func (p *Proxy) offers() []string {
	if p.options.Offers == nil {
		return []string{`Basic realm="proxy"`}
	}
	return p.options.Offers
}

func (p *Proxy) knows(authorization string) bool {
	if p.options.User == "" {
		return true
	}
	want := base64.StdEncoding.EncodeToString([]byte(p.options.User + ":" + p.options.Password))
	return authorization == "Basic "+want
}

// pass sends a request on to a host, which stands at an address.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request, scheme, name, address string) {
	if address == "" {
		http.Error(w, "no such host", http.StatusBadGateway)
		return
	}
	out := r.Clone(r.Context())
	out.RequestURI, out.URL.Scheme, out.URL.Host = "", scheme, address
	out.Header.Del("Proxy-Authorization")
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true,
		// The proxy trusts whoever is there: it is its own test that asks.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: name}, //nolint:gosec // see above
	}
	resp, err := transport.RoundTrip(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	_ = flushing(w, resp.Body)
}

// flushing passes on what comes as it comes.
func flushing(w http.ResponseWriter, from io.Reader) error {
	const piece = 4 << 10
	b := make([]byte, piece)
	for {
		n, err := from.Read(b)
		if _, failed := w.Write(b[:n]); failed != nil {
			return failed
		}
		_ = http.NewResponseController(w).Flush() // A writer that cannot holds nothing back.
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// tunnel connects the client with the host it named.
func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	name, port, err := net.SplitHostPort(r.Host)
	address := p.options.Hosts[name]
	if err != nil || port == "" || address == "" {
		http.Error(w, "no such host", http.StatusBadGateway)
		return
	}
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer client.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	if buffered.Reader.Buffered() > 0 {
		return // It spoke before the tunnel was there.
	}
	if p.options.Resign != nil {
		p.open(client, name, address)
		return
	}
	server, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", address)
	if err != nil {
		return
	}
	join(client, server)
}

// join carries bytes both ways until one side ends.
func join(a, b net.Conn) {
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1]) // An end is an end.
			_ = way[0].Close()
			_ = way[1].Close()
		})
	}
	both.Wait()
}

// open reads what is in a tunnel, in place of the host.
func (p *Proxy) open(client net.Conn, name, address string) {
	ln := &single{conn: tls.Server(client, p.options.Resign.Server(name, "http/1.1")), over: make(chan struct{})}
	inside := &http.Server{
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				close(ln.over)
			}
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p.note(r.Method + " https://" + r.Host + r.URL.RequestURI())
			p.pass(w, r, "https", name, address)
		}),
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), ReadHeaderTimeout: time.Minute,
	}
	_ = inside.Serve(ln) // It ends with its only connection.
}

// single is a listener of one connection.
type single struct {
	conn  net.Conn
	given bool
	over  chan struct{}
}

// Accept gives the connection, then waits for its end.
func (l *single) Accept() (net.Conn, error) {
	if l.given {
		<-l.over
		return nil, net.ErrClosed
	}
	l.given = true
	return l.conn, nil
}

// Close does nothing: the connection is closed by who opened it.
func (l *single) Close() error { return nil }

// Addr is where the connection came in.
func (l *single) Addr() net.Addr { return l.conn.LocalAddr() }
