package plainhttp

import (
	"net"
	"net/http"
	"strings"
	"time"
)

// host is a server, by the host of the URLs that name it.
type host struct {
	// address is what to dial; "" leaves the host to the next transport.
	address string
	// idle are the connections to take from the end.
	idle []*conn
}

// host finds the server that r is for, and remembers what was found out.
func (t *Transport) host(r *http.Request) *host {
	name := r.URL.Host
	t.mu.Lock()
	h, ok := t.hosts[name]
	t.mu.Unlock()
	if ok {
		return h
	}
	h = &host{address: address(name)}
	if t.Proxy != nil && h.address != "" {
		if u, err := t.Proxy(r); err != nil || u != nil {
			h.address = ""
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if known, ok := t.hosts[name]; ok {
		return known
	}
	if t.hosts == nil {
		t.hosts = map[string]*host{}
	}
	t.hosts[name] = h
	return h
}

// address is what to dial for the host of a URL; "" for what needs more thought,
// as names outside ASCII and zones.
func address(name string) string {
	if !plainHost(name) {
		return ""
	}
	bare, port, err := net.SplitHostPort(name)
	if err != nil {
		bare, port = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"), ""
	}
	if bare == "" {
		return ""
	}
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(bare, port)
}

// plainHost says whether s is made of what names, addresses and ports are.
func plainHost(s string) bool {
	for i := range len(s) {
		switch b := s[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9':
		case b == '-', b == '.', b == ':', b == '_', b == '[', b == ']':
		default:
			return false
		}
	}
	return s != ""
}

// keep puts a connection whose answer was read back, or closes it.
func (t *Transport) keep(c *conn) {
	t.mu.Lock()
	if c.epoch != t.epoch || t.idle >= t.MaxIdle || len(c.host.idle) >= t.MaxIdlePerHost {
		t.mu.Unlock()
		_ = c.Close()
		return
	}
	c.idleSince = time.Now()
	c.host.idle = append(c.host.idle, c)
	t.idle++
	if t.sweep == nil {
		t.sweep = time.AfterFunc(t.pause(), t.clean)
	}
	t.mu.Unlock()
}

// pause is the time between two looks at the idle connections.
func (t *Transport) pause() time.Duration {
	const longest = 10 * time.Second
	if t.IdleTimeout > 0 {
		return min(t.IdleTimeout, longest)
	}
	return longest
}

// clean closes the connections that were idle for too long, and those that the
// other side has closed, which nobody else would notice before the next request.
func (t *Transport) clean() {
	var gone []*conn
	now := time.Now()
	t.mu.Lock()
	for _, h := range t.hosts {
		kept := h.idle[:0]
		for _, c := range h.idle {
			if t.IdleTimeout > 0 && now.Sub(c.idleSince) >= t.IdleTimeout || !c.quiet() {
				gone = append(gone, c)
				continue
			}
			kept = append(kept, c)
		}
		clear(h.idle[len(kept):])
		h.idle = kept
	}
	t.idle -= len(gone)
	switch {
	case t.sweep == nil:
	case t.idle > 0:
		t.sweep.Reset(t.pause())
	default:
		t.sweep = nil
	}
	t.mu.Unlock()
	for _, c := range gone {
		_ = c.Close()
	}
}
