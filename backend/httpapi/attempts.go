package httpapi

import (
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// wrongTokens is how many an address may send within wrongWithin; after that
	// it is not listened to until the time is over.
	wrongTokens = 10
	wrongWithin = time.Minute
	// wrongAddresses bounds what is remembered.
	wrongAddresses = 1024
)

// attempts counts wrong tokens by the address that they came from, so that no
// token is found by trying.
type attempts struct {
	now func() time.Time

	mu    sync.Mutex
	wrong map[string]count
}

type count struct {
	n     int
	since time.Time
}

// wait is how long the address must wait before it is listened to again.
func (a *attempts) wait(r *http.Request) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.wrong[address(r)]
	if left := wrongWithin - a.now().Sub(c.since); c.n >= wrongTokens && left > 0 {
		return left
	}
	return 0
}

// fail counts a wrong token.
func (a *attempts) fail(r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now, from := a.now(), address(r)
	c := a.wrong[from]
	if now.Sub(c.since) >= wrongWithin {
		c = count{since: now}
	}
	c.n++
	if a.wrong == nil {
		a.wrong = map[string]count{}
	}
	a.wrong[from] = c
	for other, old := range a.wrong {
		if len(a.wrong) > wrongAddresses || now.Sub(old.since) >= wrongWithin && other != from {
			delete(a.wrong, other)
		}
	}
}

// address is where a request comes from, without its port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
