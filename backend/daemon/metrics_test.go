package daemon_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
)

// scrape asks for the metrics as Prometheus does.
func (p *program) scrape(key string) (int, string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, strings.TrimSuffix(p.Control().Listener().BaseURL, "/v1")+"/metrics", http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestMetrics_CountWhatWasAskedOnceTheyAreSwitchedOn(t *testing.T) {
	t.Parallel()
	p := start(t, daemon.Options{Headless: true, Demo: true, Environ: []string{"OPENAICOMPATIBLE_PORT=" + strconv.Itoa(freePort(t))}}, "")
	p.until("listened", func() bool { return p.Control().Listener().State == "running" })
	if code, text := p.scrape(p.Key()); code != http.StatusNotFound || !strings.Contains(text, "server.metrics") {
		t.Errorf("switched off they answer %d %s", code, text)
	}
	if err := p.Config().Update(func(c *config.Config) error { c.Server.Metrics = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if code, _ := p.scrape(""); code != http.StatusUnauthorized {
		t.Errorf("without a key they answer %d", code)
	}
	if code, body := p.chat(p.Key(), "demo/chat"); code != http.StatusOK {
		t.Fatalf("got %d %s", code, body)
	}
	p.until("counted the request", func() bool {
		_, text := p.scrape(p.Key())
		return strings.Contains(text, `status="200",error=""} 1`) &&
			strings.Contains(text, "openaicompatible_first_token_seconds_count")
	})
	_, text := p.scrape(p.Key())
	for _, want := range []string{`openaicompatible_build_info{version="test"} 1`, `openaicompatible_accounts{provider="demo"`, "openaicompatible_running_requests 0", `kind="output"`} {
		if !strings.Contains(text, want) {
			t.Errorf("they lack %s:\n%s", want, text)
		}
	}
}
