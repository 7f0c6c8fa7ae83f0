package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// withCloud runs a program whose only provider is c. Its keyring is none.
func withCloud(t *testing.T, c *cloud, settings string) *program {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	t.Setenv("HOME", t.TempDir())
	if settings == "" {
		settings = `{"version":1}`
	}
	port := fmt.Sprintf(`{"port":%d,`, freePort(t))
	return start(t, daemon.Options{Edition: "window", Providers: []provider.Provider{c}}, strings.Replace(settings, "{", port, 1))
}

func (p *program) cards() []control.Account {
	p.t.Helper()
	var out struct{ Accounts []control.Account }
	if code := p.api("GET", "/api/accounts", "", &out); code != 200 {
		p.t.Fatalf("accounts: %d", code)
	}
	return out.Accounts
}

func (p *program) card(id int64) control.Account {
	p.t.Helper()
	for _, a := range p.cards() {
		if a.ID == id {
			return a
		}
	}
	p.t.Fatalf("no account %d", id)
	return control.Account{}
}

// in waits for an account to come into a state.
func (p *program) in(id int64, state control.AccountState) control.Account {
	p.t.Helper()
	p.until(fmt.Sprintf("account %d %s", id, state), func() bool {
		return slices.ContainsFunc(p.cards(), func(a control.Account) bool { return a.ID == id && a.State == state })
	})
	return p.card(id)
}

func (p *program) add(key string) control.Account {
	p.t.Helper()
	var a control.Account
	if code := p.api("POST", "/api/accounts", `{"provider":"cloud","way":"key","key":"`+key+`"}`, &a); code != 200 {
		p.t.Fatalf("add: %d", code)
	}
	return a
}

func TestAccounts_ANewKeyIsCheckedByARealCall(t *testing.T) {
	c := &cloud{}
	p := withCloud(t, c, "")
	a := p.add("good:ann@example.com")
	if a.State != control.AccountChecking && a.State != control.AccountReady || a.Name != "Cloud key" || a.Prefix != "cloud" || !a.HasSecret || a.Settings["region"] != "eu" {
		t.Errorf("added: %+v", a)
	}
	got := p.in(a.ID, control.AccountReady)
	if got.Identity != "ann@example.com" || got.Tier != "free-tier" || got.ModelCount != 2 || got.CheckedAt == nil {
		t.Errorf("checked: %+v", got)
	}
	if len(got.Quotas) != 1 || *got.Quotas[0].Remaining != 0.25 || got.Quotas[0].Left != nil || got.Quotas[0].Reset.Year() != 2030 {
		t.Errorf("quotas: %+v", got.Quotas)
	}
	text, err := os.ReadFile(p.path)
	if err != nil || bytes.Contains(text, []byte("good:")) {
		t.Errorf("the key is in the file: %s", text)
	}
	if b := p.add("revoked:bob@example.com"); p.in(b.ID, control.AccountSignIn).Reason != "the sign-in was revoked: sign in again" {
		t.Errorf("revoked: %+v", p.card(b.ID))
	}
	if b := p.add("dead:"); p.in(b.ID, control.AccountUnreachable).Reason != "the cloud could not be reached" {
		t.Errorf("dead: %+v", p.card(b.ID))
	}
}

func TestB21_ARefusedAccountNamesTheWaysThatRemain(t *testing.T) {
	c := &cloud{}
	p := withCloud(t, c, `{"version":1,"accounts":[{"id":1,"provider":"cloud","name":"A","settings":{"kind":"cli"},"key":"refused:secret-word"}]}`)
	a := p.in(1, control.AccountRefused)
	if !slices.Contains(a.Instead, provider.Reference{Provider: "cloud", Way: "key"}) || a.Link != "https://cloud.example/mend" {
		t.Errorf("got %+v", a)
	}
	if strings.Contains(a.Reason, "secret-word") || !strings.Contains(a.Reason, "use a key") {
		t.Errorf("the reason is %q", a.Reason)
	}
}

func TestB56_EveryAccountIsListedWhateverItsState(t *testing.T) {
	c := &cloud{stuck: make(chan struct{})}
	p := withCloud(t, c, `{"version":1,"demo":true,"accounts":[
		{"id":1,"provider":"cloud","name":"ready","settings":{"kind":"key"},"key":"good:a@x"},
		{"id":2,"provider":"cloud","name":"revoked","settings":{"kind":"key"},"key":"revoked:"},
		{"id":3,"provider":"cloud","name":"refused","settings":{"kind":"key"},"key":"refused:"},
		{"id":4,"provider":"cloud","name":"dead","settings":{"kind":"key"},"key":"dead:"},
		{"id":5,"provider":"cloud","name":"stuck","settings":{"kind":"key"},"key":"stuck:"},
		{"id":6,"provider":"cloud","name":"off","disabled":true,"settings":{"kind":"key"},"key":"good:b@x"},
		{"id":7,"provider":"cloud","name":"keyless","settings":{"kind":"key"}},
		{"id":8,"provider":"gone","name":"no provider","key":"x"}],
		"codegeex":[{"token":"tok-A"}]}`)
	want := map[string]control.AccountState{
		"ready": "ready", "revoked": "signIn", "refused": "refused", "dead": "unreachable", "stuck": "checking", "off": "off",
		"keyless": "signIn", "no provider": "refused", "codegeex 1": "refused", "Demo": "refused",
	}
	p.until("checked", func() bool {
		return !slices.ContainsFunc(p.cards(), func(a control.Account) bool { return a.State != want[a.Name] })
	})
	var s control.Status
	p.api("GET", "/api/status", "", &s)
	if len(p.cards()) != len(want) || s.Accounts.Total != len(want) {
		t.Errorf("%d cards and a total of %d, want %d", len(p.cards()), s.Accounts.Total, len(want))
	}
	// Ready counts what answered, and what was not asked yet with nothing known
	// against it.
	if s.Accounts.Ready != 2 {
		t.Errorf("got %d ready, want 2", s.Accounts.Ready)
	}
	close(c.stuck)
	p.in(5, control.AccountReady)
}

func TestModels_ADeadProviderDelaysNobodyAndARestartForgetsNothing(t *testing.T) {
	c := &cloud{stuck: make(chan struct{})}
	defer close(c.stuck)
	p := withCloud(t, c, `{"version":1,"accounts":[
		{"id":1,"provider":"cloud","name":"stuck","settings":{"kind":"key"},"key":"stuck:"},
		{"id":2,"provider":"cloud","name":"good","settings":{"kind":"key"},"key":"good:a@x"}]}`)
	p.in(2, control.AccountReady)
	p.until("listed", func() bool { return len(p.models()) == 2 })
	if m := p.models()[0]; m["id"] != "cloud/big" || m["object"] != "model" || m["created"] != 7.0 || m["owned_by"] != "cloud" ||
		m["context_length"] != 1000.0 || m["max_output_tokens"] != 100.0 || m["capabilities"].(map[string]any)["tools"] != true {
		t.Errorf("got %v", m)
	}
	p.stop()
	if err := <-p.ended; err != nil {
		t.Fatal(err)
	}
	// The service is away now: what it said before is still there at once.
	if err := os.WriteFile(p.path, bytes.ReplaceAll(must(os.ReadFile(p.path)), []byte(`"stuck:"`), []byte(`"stuck:2"`)), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := daemon.Open(daemon.Options{ConfigPath: p.path, DataDir: filepath.Join(filepath.Dir(p.path), "data"), Providers: []provider.Provider{c}, Stopped: true})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(d.Control().Models()); n != 2 {
		t.Errorf("after a restart there are %d models, want 2", n)
	}
	a, err := d.Control().Account(2)
	if err != nil || a.State != control.AccountReady || a.Identity != "a@x" {
		t.Errorf("after a restart: %+v %v", a, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := d.Run(ended); err != nil {
		t.Error(err)
	}
	p.ended <- nil
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// models is /v1/models as a client sees it.
func (p *program) models() []map[string]any {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.Control().Listener().BaseURL+"/models", http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.Key())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	var out struct{ Data []map[string]any }
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		p.t.Fatal(err)
	}
	return out.Data
}

func TestB17_WhatACheckFindsIsMergedIntoTheFile(t *testing.T) {
	c := &cloud{}
	p := withCloud(t, c, `{"version":1,
  // mine
  "future": {"a": [1, 2]},
  "accounts": [
    {"id": 1, "provider": "cloud", "name": "A", /* why */ "settings": {"kind": "cli", "note": "kept"}, "key": "good:a@x", "extra": true}
  ]
}`)
	p.in(1, control.AccountReady)
	p.until("found", func() bool { return strings.Contains(string(must(os.ReadFile(p.path))), "found-for-a@x") })
	text := string(must(os.ReadFile(p.path)))
	for _, want := range []string{"// mine", `"future": {"a": [1, 2]}`, "/* why */", `"note": "kept"`, `"extra": true`, `"identity":"a@x"`, `"key": "good:a@x"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is lost:\n%s", want, text)
		}
	}
	p.until("in use", func() bool { return p.card(1).Settings["project"] == "found-for-a@x" })
	if n := c.count(&c.probes); n != 1 {
		t.Errorf("what it found itself had it asked again: %d times", n)
	}
}

func TestB09_AnAccountThatIsOffIsRefreshedAllTheSame(t *testing.T) {
	c := &cloud{refresh: func(string) (string, error) { return "new:a@x " + later(), nil }}
	p := withCloud(t, c, `{"version":1,"accounts":[{"id":1,"provider":"cloud","name":"A","disabled":true,"settings":{"kind":"cli"},"key":"old:a@x `+soon()+`"}]}`)
	p.until("refreshed", func() bool { return c.count(&c.refreshes) == 1 })
	if code := p.api("PATCH", "/api/accounts/1", `{"enabled":true}`, nil); code != 200 {
		t.Fatalf("enable: %d", code)
	}
	p.in(1, control.AccountReady)
}

func soon() string  { return time.Now().Add(time.Minute).UTC().Format(time.RFC3339) }
func later() string { return time.Now().Add(time.Hour).UTC().Format(time.RFC3339) }

func TestB13_AFailedRefreshIsOnTheCard(t *testing.T) {
	c := &cloud{}
	p := withCloud(t, c, `{"version":1,"accounts":[{"id":1,"provider":"cloud","name":"A","settings":{"kind":"cli"},"key":"good:a@x `+soon()+`"}]}`)
	if a := p.in(1, control.AccountSignIn); a.Reason != "the sign-in was revoked: sign in again" {
		t.Errorf("got %+v", a)
	}
}

func TestKeeper_ARefreshedTokenWinsOverTheFileUntilTheFileChanges(t *testing.T) {
	c := &cloud{refresh: func(string) (string, error) { return "new:a@x " + later(), nil }}
	p := withCloud(t, c, `{"version":1,"accounts":[{"id":1,"provider":"cloud","name":"A","settings":{"kind":"cli"},"key":"old:a@x `+soon()+`"}]}`)
	p.in(1, control.AccountReady) // old: alone would be revoked
	p.until("found", func() bool { return strings.Contains(string(must(os.ReadFile(p.path))), "found-for-a@x") })
	before := must(os.ReadFile(p.path))
	if !bytes.Contains(before, []byte("old:a@x")) {
		t.Errorf("the file's token is gone:\n%s", before)
	}
	store, err := account.OpenCredentials(filepath.Join(p.DataDir(), "credentials.json"), account.CredentialOptions{NoKeyring: true})
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := store.Get(account.CredentialName(1)); !strings.HasPrefix(s.Reveal(), "new:a@x") {
		t.Errorf("the store has %q", s.Reveal())
	}
	again := bytes.Replace(before, []byte("old:a@x"), []byte("refused:b@x"), 1)
	again = bytes.Replace(again, []byte(soonPart(t, string(before))), []byte(later()), 1)
	if err := os.WriteFile(p.path, again, 0o600); err != nil {
		t.Fatal(err)
	}
	p.in(1, control.AccountRefused)
}

func soonPart(t *testing.T, text string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "old:a@x ")
	if !ok {
		t.Fatal("no token")
	}
	end, _, _ := strings.Cut(rest, `"`)
	return end
}

func TestAccounts_ACredentialThatAnotherProcessStoresIsUsed(t *testing.T) {
	c := &cloud{}
	p := withCloud(t, c, "")
	a := p.add("revoked:a@x")
	p.in(a.ID, control.AccountSignIn)
	store, err := account.OpenCredentials(filepath.Join(p.DataDir(), "credentials.json"), account.CredentialOptions{NoKeyring: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Set(account.CredentialName(a.ID), account.NewSecret("good:a@x")); err != nil {
		t.Fatal(err)
	}
	p.in(a.ID, control.AccountReady)
}

func TestRoute_WhatIsLeftOutSaysWhy(t *testing.T) {
	p := withCloud(t, &cloud{}, `{"version":1,"routing":{"defaultModel":"demo/fast"},"demo":true}`)
	p.until("listening", func() bool { return p.Control().Listener().State == "running" })
	code, body := p.chat(p.Key(), "dangbei/deepseek")
	if code != 404 || !strings.Contains(body, "third party") {
		t.Errorf("got %d %s", code, body)
	}
}

func TestB59_ATokenIsFoundNowhereButInItsStore(t *testing.T) {
	const canary = "canary-word"
	c := &cloud{refresh: func(string) (string, error) {
		return `{"access_token":"refused:ann@x ` + canary + `-renewed","refresh_token":"1//` + canary + `","expiry":"` + later() + `"}`, nil
	}}
	p := withCloud(t, c, "")
	store, err := account.OpenCredentials(filepath.Join(p.DataDir(), "credentials.json"), account.CredentialOptions{NoKeyring: true})
	if err != nil {
		t.Fatal(err)
	}
	s := p.begin(cli)
	p.api("POST", "/api/sign-ins/"+s.ID+"/answer", `{"text":"good:ann@x `+soon()+`"}`, nil)
	p.at(s.ID, control.SignInConfirm)
	p.api("POST", "/api/sign-ins/"+s.ID+"/confirm", `{}`, nil)
	done := p.at(s.ID, control.SignInDone) // it was renewed for its first call, which is refused with the token in the words
	if secret, _ := store.Get(account.CredentialName(done.AccountID)); !strings.Contains(secret.Reveal(), canary) {
		t.Fatalf("it was not renewed: %+v", done)
	}
	var raw json.RawMessage
	p.api("GET", "/api/accounts", "", &raw)
	seen := string(raw) + body(done)
	p.stop()
	if err := <-p.ended; err != nil {
		t.Error(err)
	}
	err = filepath.WalkDir(filepath.Dir(p.path), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "credentials.json" {
			seen += string(must(os.ReadFile(path)))
		}
		return err
	})
	if err != nil || strings.Contains(seen, canary) || !strings.Contains(seen, "use a key") {
		t.Errorf("%v: it is in %q", err, seen)
	}
	p.ended <- nil
}
