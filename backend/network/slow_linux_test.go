package network_test

import (
	"context"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/network"
)

// full is an address whose queue of connections is full, so that a connect to
// it hangs.
func full(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "listener")
	defer f.Close() // The listener has a copy.
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	ln, err := net.FileListener(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	at := ln.Addr().String()
	for range 8 {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", at)
		cancel()
		if err != nil {
			return at
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Fatal("the queue is never full")
	return ""
}

func TestTimeLimit_OfAConnectHoldsForEveryWay(t *testing.T) {
	bare(t)
	at := full(t)
	for name, c := range map[string]struct{ proxy, target string }{
		"plain":   {network.ProxyDirect, "http://" + at},
		"TLS":     {network.ProxyDirect, "https://" + at},
		"a proxy": {"http://" + at, "https://secure.test/"},
		"forward": {"http://" + at, "http://plain.test/"},
		"SOCKS":   {"socks5://" + at, "http://plain.test/"},
	} {
		o := network.Options{Proxy: c.proxy, Connect: 200 * time.Millisecond}
		began := time.Now()
		if got, err := get(t, newNetwork(t).Transport(o), c.target); err == nil {
			t.Errorf("%s: %q", name, got)
		} else if c.proxy != network.ProxyDirect && !strings.Contains(err.Error(), "cannot be reached: no answer within 200ms") {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if r := network.Test(t.Context(), o, c.target); r.OK || path(r) != "connect" || !strings.Contains(r.Said, "no answer within 200ms") {
			t.Errorf("%s: the test says %+v", name, r)
		}
	}
}
