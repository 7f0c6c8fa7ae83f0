package daemon_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
)

// Whatever has a secret, or names somebody, has this word.
const canary = "canary"

func TestDiagnostics_NameNobodyAndTellNoSecret(t *testing.T) {
	s := newService(t)
	p := start(t, daemon.Options{Demo: true, Edition: "window"}, fmt.Sprintf(`{
  "version": 1, "port": %d, "proxy": "http://canary-user:canary-pass@canary-proxy.example:1",
  "network": {"proxy": "direct", "noProxy": ["canary.example.com"], "caFile": ""},
  "requests": {"keepBodies": "all"},
  "server": {"allowedHosts": ["canary-host.lan"], "allowedOrigins": ["https://canary-origin.example.com"]},
  "routing": {"aliases": [{"name": "canary-alias", "models": ["demo/fast"]}]},
  "keys": [{"id": 1, "name": "canary-key-name", "key": "sk-oac-canary-key-text"}],
  "accounts": [
    {"id": 1, "provider": "openaicompat", "name": "canary-account", "prefix": "canaryprefix", "identity": "canary@example.com",
     "models": ["m"], "settings": {"baseUrl": %q}, "key": "sk-canary-account-key-0123456789"},
    {"id": 2, "provider": "openaicompat", "name": "Other", "models": ["m"], "settings": {"baseUrl": "http://127.0.0.1:1/canary-path"},
     "network": {"proxy": "http://canary-user:canary-pass@127.0.0.1:2"}}
  ]
}`, freePort(t), s.URL+"/v1"))
	p.until("listening", func() bool { return p.Control().Listener().State == "running" })
	if err := p.Control().Wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if code := p.api("POST", "/api/accounts", `{"provider":"openaicompat","way":"custom","name":"canary-second","models":["n"],"settings":{"baseUrl":"http://127.0.0.1:1/v1"},"key":"sk-canary-stored-0123456789"}`, nil); code != http.StatusOK {
		t.Fatalf("an account is not added: %d", code)
	}
	s.answers(func(w http.ResponseWriter, _ string) bool {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":{"message":"the key sk-canary-account-key-0123456789 of canary@example.com (canary-account) is wrong"}}`)
		return true
	})
	p.until("a failure in the log", func() bool {
		_, _ = p.chat("sk-oac-canary-key-text", "canaryprefix/m")
		return p.logged() > 0
	})

	var d control.Diagnostics
	if code := p.api("GET", "/api/diagnostics", "", &d); code != http.StatusOK {
		t.Fatalf("got %d", code)
	}
	for line := range strings.SplitSeq(d.Text, "\n") {
		if strings.Contains(strings.ToLower(line), canary) {
			t.Errorf("a secret or a name is in it: %s", line)
		}
	}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 && strings.Contains(d.Text, home) {
		t.Errorf("the user's folder is in it")
	}
	var r struct {
		Program  struct{ Version, System string }
		Accounts []struct {
			Number          int
			Provider, State string
		}
		Keys       struct{ Total int }
		LastErrors []struct {
			Status  int
			Said    string
			Account int
		}
		RequestLog struct{ Bytes, Exchanges int64 }
	}
	if err := json.Unmarshal([]byte(d.Text), &r); err != nil {
		t.Fatalf("%v: %s", err, d.Text)
	}
	if r.Program.Version != "test" || len(r.Accounts) != 4 || r.Accounts[0].Provider != "openaicompat" || r.Keys.Total != 1 || r.RequestLog.Bytes == 0 {
		t.Errorf("it does not say enough: %s", d.Text)
	}
	if len(r.LastErrors) == 0 || r.LastErrors[0].Account != 1 || !strings.Contains(r.LastErrors[0].Said, "is wrong") {
		t.Errorf("the last failure is not told: %+v", r.LastErrors)
	}

	// What is saved is what was read.
	get := func(id string) (int, string) {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, p.admin.URL+"/api/diagnostics/"+id, nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text)
	}
	if code, text := get(d.ID); code != http.StatusOK || text != d.Text {
		t.Errorf("saved: %d %s", code, text)
	}
	p.api("GET", "/api/diagnostics", "", nil)
	if code, _ := get(d.ID); code != http.StatusNotFound {
		t.Errorf("an older report is saved: %d", code)
	}
}

func TestPrivacy_TheLogFollowsItsBoundsAndIsWiped(t *testing.T) {
	p := backedUp(t, "ann")
	var size control.LogSize
	if p.api("GET", "/api/exchanges/size", "", &size); size.Exchanges != 1 || size.Bytes == 0 {
		t.Errorf("the log is %+v", size)
	}
	words := make([]byte, 150_000)
	for range 10 {
		_, _ = rand.Read(words)
		body := fmt.Sprintf(`{"model":"demo/fast","messages":[{"role":"user","content":%q}]}`, base64.StdEncoding.EncodeToString(words))
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Control().Listener().BaseURL+"/chat/completions", strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+p.Key())
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	p.until("in the log", func() bool { return p.logged() == 11 })
	p.api("PATCH", "/api/settings", `{"maxMB":1}`, nil)
	p.until("within its new bounds", func() bool {
		p.api("GET", "/api/exchanges/size", "", &size)
		return p.logged() < 11 && size.Bytes <= 1<<20
	})
	p.stage(p.backup(control.BackupChoice{Passphrase: sesame, Log: true, Secrets: true}))
	if code := p.api("POST", "/api/restore", phrase(sesame), nil); code != http.StatusNoContent {
		t.Fatalf("restore: %d", code)
	}
	if code := p.api("DELETE", "/api/exchanges", "", nil); code != http.StatusNoContent {
		t.Fatalf("wipe: %d", code)
	}
	if p.logged() != 0 {
		t.Error("the log is not empty")
	}
	// A wipe that left the copy of the restore would be none.
	if code := p.api("POST", "/api/restore/undo", "", nil); code != http.StatusNoContent || p.logged() != 0 {
		t.Errorf("undo: %d, and the wiped log is back with %d", code, p.logged())
	}
}

func TestProtocols_ThatAreOffAreOffAtOnce(t *testing.T) {
	p := demo(t)
	ask := func() (int, string) {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, strings.TrimSuffix(p.Control().Listener().BaseURL, "/v1")+"/v1/messages",
			strings.NewReader(`{"model":"demo/fast","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]}`))
		req.Header.Set("X-Api-Key", p.Key())
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text)
	}
	if code, body := ask(); code != http.StatusOK {
		t.Fatalf("on: %d %s", code, body)
	}
	var settings control.Settings
	if code := p.api("PATCH", "/api/settings", `{"protocolsOff":["anthropic"]}`, &settings); code != http.StatusOK || len(settings.ProtocolsOff) != 1 {
		t.Fatalf("got %d %+v", code, settings.ProtocolsOff)
	}
	if code, body := ask(); code != http.StatusNotFound || !strings.Contains(body, "not_found_error") || !strings.Contains(body, "switched off") {
		t.Errorf("off: %d %s", code, body)
	}
	if code, _ := p.chat(p.Key(), "demo/fast"); code != http.StatusOK {
		t.Errorf("another protocol is off too: %d", code)
	}
	if code := p.api("PATCH", "/api/settings", `{"protocolsOff":["openai"]}`, nil); code != http.StatusUnprocessableEntity {
		t.Errorf("a word that is no protocol is taken: %d", code)
	}
	p.api("PATCH", "/api/settings", `{"protocolsOff":[]}`, nil)
	if code, body := ask(); code != http.StatusOK {
		t.Errorf("on again: %d %s", code, body)
	}
}
