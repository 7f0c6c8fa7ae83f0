package daemon

import (
	"net"
	"sync"

	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// corking gives the proxy's connections the ability that relay.Corker asks for.
type corking struct{ net.Listener }

// Accept waits for the next connection.
func (l corking) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &corkedConn{Conn: c}, nil
}

// corkMost bounds what a corked connection holds back.
const corkMost = 64 << 10

// corks is memory for what is held back, emptied by the garbage collector.
//
//nolint:gochecknoglobals // a pool of memory has no state that anybody could see.
var corks = sync.Pool{New: func() any { return new([]byte) }}

// corkedConn is a client's connection. It has one writer at a time: the server,
// and the exchange it serves, which corks it.
type corkedConn struct {
	net.Conn
	corked bool
	held   *[]byte
	failed error
}

var _ relay.Corker = (*corkedConn)(nil)

// Cork holds back what is written from now on.
func (c *corkedConn) Cork() { c.corked = true }

// Uncork sends what was held back.
func (c *corkedConn) Uncork() error {
	c.corked = false
	return c.send()
}

// Write sends p, or holds it back.
func (c *corkedConn) Write(p []byte) (int, error) {
	if c.failed != nil {
		return 0, c.failed
	}
	if !c.corked {
		return c.Conn.Write(p)
	}
	if c.held == nil {
		c.held, _ = corks.Get().(*[]byte)
	}
	*c.held = append(*c.held, p...)
	if len(*c.held) < corkMost {
		return len(p), nil
	}
	if err := c.send(); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (c *corkedConn) send() error {
	if c.held == nil {
		return c.failed
	}
	if _, err := c.Conn.Write(*c.held); err != nil {
		c.failed = err
	}
	*c.held = (*c.held)[:0]
	corks.Put(c.held)
	c.held = nil
	return c.failed
}
