// Package network is the way out of this computer: the transports of accounts,
// with proxies, extra authorities and time limits, the test that says where a
// way ends, and the watch over sleep and changes of the network.
//
// The invariant: all that is sent with the same [Options] takes the same
// transport, and what is sent with others takes another one (B16, B60); a
// transport that is renewed ends no answer that is under way. The name and
// the password of a proxy are in no error and in nothing that is shown. The
// package knows no account and no protocol above HTTP, and logs nothing.
package network

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options are one way out. The zero value takes the system's proxy.
type Options struct {
	// Proxy is [ProxySystem], [ProxyDirect] or a URL of the scheme http, https
	// or socks5, with name and password if the proxy wants them; "" is the
	// system's.
	Proxy string
	// NoProxy are hosts that are reached without it, as in NO_PROXY: names with
	// their subdomains, addresses, networks as 10.0.0.0/8, "*", and <local> for
	// names without a dot.
	NoProxy []string
	// CAFiles have certificates of authorities that are trusted beside the
	// system's; nil and "" are none.
	CAFiles []string
	// Connect bounds each step to a connection: the connect itself, the proxy's
	// answer, the TLS handshake. 0 is no bound.
	Connect time.Duration
}

// The words for a proxy that are no URL.
const (
	// ProxySystem takes what the environment and the desktop say.
	ProxySystem = "system"
	// ProxyDirect takes none, whatever they say.
	ProxyDirect = "direct"
)

// key is Options as one value that can be compared.
type key struct {
	proxy, noProxy, caFiles string
	connect                 time.Duration
}

func (o Options) key() key {
	o.Proxy = cmp.Or(o.Proxy, ProxySystem)
	return key{proxy: o.Proxy, noProxy: strings.Join(o.NoProxy, "\n"), caFiles: strings.Join(o.CAFiles, "\n"), connect: o.Connect}
}

// Network has the transports of all accounts: one for each distinct Options.
// It may be used by many at once.
type Network struct {
	// read finds the system's proxies.
	read func(context.Context) System

	mu         sync.Mutex
	system     System
	transports map[key]*Transport
}

// New reads the system's settings; it makes no connection.
func New(ctx context.Context) *Network { return newNetwork(ctx, ReadSystem) }

func newNetwork(ctx context.Context, read func(context.Context) System) *Network {
	return &Network{read: read, system: read(ctx), transports: map[key]*Transport{}}
}

// Transport is the one for o. It is made at the first call; an authority's file
// that cannot be used is an error of each request that it sends, until it can.
func (n *Network) Transport(o Options) *Transport {
	k := o.key()
	n.mu.Lock()
	defer n.mu.Unlock()
	t := n.transports[k]
	if t == nil {
		o.NoProxy, o.CAFiles = slices.Clone(o.NoProxy), slices.Clone(o.CAFiles)
		t = &Transport{options: o, network: n}
		t.now.Store(newGeneration(o, n.system))
		n.transports[k] = t
	}
	return t
}

// System is what was found of the system's proxies when they were last read.
func (n *Network) System() System {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.system
}

// Keep forgets the transports for all other options: their idle connections are
// closed, and each that is in use is closed after its answer.
func (n *Network) Keep(used []Options) {
	keep := make(map[key]bool, len(used))
	for _, o := range used {
		keep[o.key()] = true
	}
	var gone []*Transport
	n.mu.Lock()
	for k, t := range n.transports {
		if !keep[k] {
			delete(n.transports, k)
			gone = append(gone, t)
		}
	}
	n.mu.Unlock()
	for _, t := range gone {
		t.CloseIdleConnections()
	}
}

// Renew reads the system's settings and has every transport begin anew: a
// request from now on takes a new connection, for those of before may be dead
// without anybody having said so (B54). Answers under way go on.
func (n *Network) Renew(ctx context.Context) {
	found := n.read(ctx)
	n.mu.Lock()
	n.system = found
	all := make([]*Transport, 0, len(n.transports))
	for _, t := range n.transports {
		all = append(all, t)
	}
	n.mu.Unlock()
	for _, t := range all {
		t.renew(found)
	}
}

// Follow reads the settings that others may have changed, the system's proxies
// and the files of authorities, and renews the transports that they concern.
func (n *Network) Follow(ctx context.Context) {
	found := n.read(ctx)
	n.mu.Lock()
	other := !n.system.same(found)
	n.system = found
	var concerned []*Transport
	for k, t := range n.transports {
		if other && k.proxy == ProxySystem || t.now.Load().roots.changed() {
			concerned = append(concerned, t)
		}
	}
	n.mu.Unlock()
	for _, t := range concerned {
		t.renew(found)
	}
}
