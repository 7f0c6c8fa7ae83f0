package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// errNotPublic is a name or an address that may not be connected to.
var errNotPublic = errors.New("remote: not a public address")

// Public says that an address is one that the whole internet has, and not one of
// this computer, of its network, of a cloud's own services or of a translator
// into any of these.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	if a.Is6() && !netip.MustParsePrefix("2000::/3").Contains(a) {
		return false // loopback, link-local, unique local, multicast, NAT64
	}
	for _, p := range reserved() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// reserved are the special blocks of IPv4, and those of IPv6 within 2000::/3
// (IANA's two registries).
func reserved() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range [...]string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"2001::/23",     // Teredo and other tunnels, which hold an IPv4 address
		"2001:db8::/32", // documentation
		"2002::/16",     // 6to4, likewise
		"3fff::/20",     // documentation
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// guard connects to addresses that are allowed, and to nothing else.
type guard struct {
	resolver Resolver
	allowed  func(netip.Addr) bool
}

// resolve gives the allowed addresses of a host, which is a name or an address.
func (g guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	all := []netip.Addr{}
	if literal, err := netip.ParseAddr(host); err == nil {
		all = append(all, literal)
	} else if all, err = g.resolver.LookupNetIP(ctx, "ip", host); err != nil {
		return nil, err
	}
	var out []netip.Addr
	for _, a := range all {
		if g.allowed(a) {
			out = append(out, a.Unmap())
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: %s", errNotPublic, host)
	}
	return out, nil
}

// dial connects to the first of a host's addresses that answers. It dials the
// addresses that were checked, not the name again, which by then may have
// others.
func (g guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addresses, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: 10 * time.Second, Control: g.control}
	var failed error
	for _, a := range addresses {
		conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// control looks at what the system is about to connect to, as the last word.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !g.allowed(to.Addr()) {
		return fmt.Errorf("%w: %s", errNotPublic, address)
	}
	return nil
}
