package daemon_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// answers asks for a path of a port of this machine; 0 is nobody there.
func answers(t *testing.T, port int, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", port, path), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(r)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func TestB47b_OllamasPortIsOpenWhenItIsWanted(t *testing.T) {
	first, port, other := freePort(t), freePort(t), freePort(t)
	p := start(t, daemon.Options{Demo: true}, fmt.Sprintf(`{"version":1,"port":%d,"server":{"ollamaPort":%d,"ollamaOpen":true}}`, first, port))
	p.until("ollama's port greets", func() bool {
		status, body := answers(t, port, "/")
		return status == http.StatusOK && body == "Ollama is running"
	})
	p.until("the demo is known", func() bool {
		status, body := answers(t, port, "/api/tags")
		return status == http.StatusOK && strings.Contains(body, "demo/chat")
	})
	if status, _ := answers(t, port, "/v1/models"); status != http.StatusUnauthorized {
		t.Errorf("another protocol without a key got %d", status)
	}
	if status, body := answers(t, first, "/"); status != http.StatusOK || strings.HasPrefix(body, "Ollama") {
		t.Errorf("the proxy's own port greets with %d %q", status, body)
	}
	change := func(edit func(c *config.Server)) {
		if err := p.Config().Update(func(c *config.Config) error { edit(&c.Server); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	change(func(c *config.Server) { c.OllamaPort = other })
	p.until("it has moved", func() bool {
		old, _ := answers(t, port, "/")
		now, _ := answers(t, other, "/")
		return old == 0 && now == http.StatusOK
	})
	change(func(c *config.Server) { c.OllamaOpen = false })
	p.until("a key is wanted again", func() bool { status, _ := answers(t, other, "/api/tags"); return status == http.StatusUnauthorized })
	if err := p.Control().StopListener(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.until("it is closed with the proxy's own", func() bool { status, _ := answers(t, other, "/"); return status == 0 })
	if err := p.Control().StartListener(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	p.until("and opened with it", func() bool { status, _ := answers(t, other, "/"); return status == http.StatusOK })
	change(func(c *config.Server) { c.OllamaPort = 0 })
	p.until("it is gone", func() bool { status, _ := answers(t, other, "/"); return status == 0 })
}

func TestB51_ATakenPortOfOllamasIsShown(t *testing.T) {
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	taken, free := ln.Addr().(*net.TCPAddr).Port, freePort(t)
	p := start(t, daemon.Options{Demo: true}, fmt.Sprintf(`{"version":1,"port":%d,"server":{"ollamaPort":%d}}`, freePort(t), taken))
	problem := func() string {
		var s control.Status
		p.api("GET", "/api/status", "", &s)
		for _, w := range s.Warnings {
			if strings.HasPrefix(w, "Ollama's port is not open: ") && strings.HasSuffix(w, s.Listener.OllamaError) {
				return w
			}
		}
		return s.Listener.OllamaError
	}
	p.until("it is told", func() bool { return strings.Contains(problem(), fmt.Sprintf("port %d is in use", taken)) })
	if l := p.Control().Listener(); l.State != control.Running || l.Error != "" {
		t.Errorf("the proxy's own port: %+v", l)
	}
	events := p.Events().Subscribe()
	defer events.Close()
	p.api("PATCH", "/api/settings", fmt.Sprintf(`{"ollamaPort":%d}`, free), nil)
	for e := range events.C() {
		if e.Kind == event.Listener && problem() == "" {
			break
		}
	}
	if status, _ := answers(t, free, "/"); status != http.StatusOK {
		t.Errorf("the free port answers with %d", status)
	}
}

// TestB43_HTTP2WithPriorKnowledgeStreams proves that the connections which the
// listener wraps speak HTTP/2 too, and that each event leaves when it is there.
func TestB43_HTTP2WithPriorKnowledgeStreams(t *testing.T) {
	port := freePort(t)
	p := start(t, daemon.Options{Demo: true}, fmt.Sprintf(`{"version":1,"port":%d}`, port))
	p.until("it listens", func() bool { status, _ := answers(t, port, "/health"); return status == http.StatusOK })
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("http://127.0.0.1:%d/v1/chat/completions", port),
		strings.NewReader(`{"model":"demo/slow","stream":true,"messages":[{"role":"user","content":"hi"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.Key())
	began := time.Now()
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.ProtoMajor != 2 || resp.StatusCode != http.StatusOK {
		t.Fatalf("got %s %s", resp.Proto, resp.Status)
	}
	lines := bufio.NewScanner(resp.Body)
	events := 0
	for lines.Scan() && events < 3 {
		if strings.HasPrefix(lines.Text(), "data: ") {
			events++
		}
	}
	// The demo streams a word every 200 ms, and says dozens.
	if took := time.Since(began); events < 3 || took > 3*time.Second {
		t.Errorf("%d events after %s: they wait for each other", events, took)
	}
}
