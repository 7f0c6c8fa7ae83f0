package fake

import (
	"io"
	"net/http"
	"slices"
	"sync"
)

// mailbox keeps what a stand-in has received. The zero value is ready.
type mailbox struct {
	mu       sync.Mutex
	received []*Received
}

// Received lists what arrived, oldest first.
func (m *mailbox) Received() []*Received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.received)
}

// Last is what arrived last; nil is nothing.
func (m *mailbox) Last() *Received {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.received) == 0 {
		return nil
	}
	return m.received[len(m.received)-1]
}

// take reads a request and keeps it.
func (m *mailbox) take(r *http.Request) (*Received, error) {
	body, err := io.ReadAll(r.Body)
	got := &Received{
		Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone(), Host: r.Host, Encoding: r.TransferEncoding, Body: body,
		Ended: make(chan struct{}), Left: make(chan struct{}),
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.received = append(m.received, got)
	return got, err
}

// refuse notes why a request was not taken.
func (m *mailbox) refuse(got *Received, why string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	got.Refused = why
}
