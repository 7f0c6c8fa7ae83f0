package daemon_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

func TestPlayground_IsARowOfItsOwnEvenWithAClosedPort(t *testing.T) {
	p := start(t, daemon.Options{Demo: true, Stopped: true}, "")
	p.until("ready", func() bool { return len(p.Control().Models()) > 0 })
	if got := p.Control().Listener().State; got != control.Stopped {
		t.Fatalf("the port is %s, want stopped", got)
	}
	body := `{"model":"demo/chat","stream":true,"messages":[{"role":"user","content":"Hello"}]}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.admin.URL+"/api/playground/one", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("X-Request-Id") == "" {
		t.Fatalf("answered %d with row %q", resp.StatusCode, resp.Header.Get("X-Request-Id"))
	}
	var row control.Exchange
	p.until("in the log", func() bool {
		page, err := p.Control().Exchanges(t.Context(), requestlog.Query{})
		if err != nil || len(page.Exchanges) == 0 {
			return false
		}
		row = page.Exchanges[0]
		return true
	})
	if row.Client != "Playground" || row.Key != "" || row.Path != "/v1/chat/completions" || row.Status != http.StatusOK {
		t.Errorf("the row is %+v", row)
	}
}

func TestFirstRun_IsDoneOnceForAll(t *testing.T) {
	p := start(t, daemon.Options{}, "")
	var s control.Settings
	p.api(http.MethodGet, "/api/settings", "", &s)
	if s.FirstRunDone {
		t.Error("a fresh installation has done its first run")
	}
	p.api(http.MethodPatch, "/api/settings", `{"firstRunDone":true}`, &s)
	if again := p.Config().Snapshot(); !s.FirstRunDone || !again.General.FirstRunDone {
		t.Errorf("done is %v in the answer and %v in the file", s.FirstRunDone, again.General.FirstRunDone)
	}
}
