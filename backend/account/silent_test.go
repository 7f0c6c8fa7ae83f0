package account_test

import (
	"net"
	"sync"
	"testing"
)

// silent listens on a socket, takes every connection and says nothing until
// hangUp, which ends them all.
func silent(t *testing.T, socket string) (hangUp func()) {
	t.Helper()
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	})
	hangUp = sync.OnceFunc(func() { l.Close(); wg.Wait() })
	t.Cleanup(hangUp)
	return hangUp
}
