package daemon_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// asked runs the health check against what serves, found by a configuration
// that listens on every address.
func asked(t *testing.T, serves http.HandlerFunc) (code int, said string) {
	t.Helper()
	port := 1 // where nobody listens
	if serves != nil {
		srv := httptest.NewServer(serves)
		t.Cleanup(srv.Close)
		port = srv.Listener.Addr().(*net.TCPAddr).Port
	}
	file := filepath.Join(t.TempDir(), "config.json")
	text := fmt.Sprintf(`{"version": 1, "host": "0.0.0.0", "port": %d}`, port)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	code = command([]string{"health", "--config", file}, strings.NewReader(""), &out, &out)
	return code, out.String()
}

func TestHealth_IsTheExitCode(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // nobody's, and not to be asked
	for _, c := range []struct {
		name   string
		serves http.HandlerFunc
		code   int
		said   string
	}{
		{"it answers", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"status":"ok","version":"v1"}`) }, 0, "version v1"},
		{"nothing listens", nil, 1, "nothing answers at 127.0.0.1:1"},
		{"another program", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<html>`) }, 1, "another program"},
		{"it refuses", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, 1, "503"},
		{"it sends elsewhere", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }, 1, "302"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if code, said := asked(t, c.serves); code != c.code || !strings.Contains(said, c.said) {
				t.Errorf("exit code %d, said %q; want %d and %q", code, said, c.code, c.said)
			}
		})
	}
}
