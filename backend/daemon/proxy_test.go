package daemon_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// told is all that the admin API tells of accounts and settings.
func (p *program) told() string {
	p.t.Helper()
	var out []json.RawMessage
	for _, path := range []string{"/api/accounts", "/api/settings", "/api/network", "/api/routing"} {
		var one json.RawMessage
		if code := p.api("GET", path, "", &one); code != 200 {
			p.t.Fatalf("%s: %d", path, code)
		}
		out = append(out, one)
	}
	return body(out)
}

func TestNetwork_AProxysPasswordIsNotGivenOutAndNotLost(t *testing.T) {
	p, _, own, all, log := twoWays(t)
	events := p.Events().Subscribe()
	defer events.Close()
	was := p.Config().Snapshot()
	var settings control.Settings
	p.api("GET", "/api/settings", "", &settings)
	shown := p.card(1).Network
	for _, proxy := range []string{shown.Proxy, settings.Proxy} {
		if !strings.HasPrefix(proxy, "http://"+proxyUser+":•••@127.0.0.1:") {
			t.Errorf("shown as %q", proxy)
		}
	}
	// Given back as they were shown, beside what was changed.
	shown.CAFile = was.Accounts[0].Network.CAFile
	for path, patch := range map[string]any{
		"/api/accounts/1": map[string]any{"weight": 3, "network": shown},
		"/api/settings":   map[string]any{"attempts": 4, "proxy": settings.Proxy},
	} {
		if code := p.api("PATCH", path, body(patch), nil); code != 200 {
			t.Errorf("%s: %d", path, code)
		}
	}
	now := p.Config().Snapshot()
	if now.Accounts[0].Network != was.Accounts[0].Network || now.Network.Proxy != was.Network.Proxy || now.Accounts[0].Weight != 3 || now.Routing.Attempts != 4 {
		t.Errorf("the file has %+v, %+v", now.Accounts[0], now.Network)
	}
	// Tried with the password that is kept.
	for _, x := range []struct {
		id    int64
		proxy string
		seen  func() bool
	}{
		{1, shown.Proxy, func() bool { return saw(own, "GET https://one.test/") }},
		{0, settings.Proxy, func() bool { return saw(all, "GET https://one.test/") }},
	} {
		var r control.NetworkResult
		test := control.NetworkTest{AccountID: x.id, URL: "https://one.test/", Network: &control.AccountNetwork{Proxy: x.proxy, CAFile: shown.CAFile}}
		if p.api("POST", "/api/network/test", body(test), &r); strings.Contains(r.Said, "password") || !x.seen() {
			t.Errorf("%d: %+v", x.id, r)
		}
	}
	var text strings.Builder
	text.WriteString(p.told() + log.String())
	for told := false; !told; {
		e := <-events.C()
		text.WriteString(body(e))
		told = e.Kind == event.Accounts
	}
	if strings.Contains(text.String(), proxyPassword) {
		t.Errorf("the password is told:\n%s", text.String())
	}
}

func TestNetwork_AProxysPasswordGoesToNoOtherProxy(t *testing.T) {
	p, _, _, _, _ := twoWays(t)
	was := p.Config().Snapshot()
	other := "http://" + proxyUser + ":•••@proxy.example:8080"
	for path, patch := range map[string]string{
		"PATCH /api/accounts/1":    `{"network":{"proxy":"` + other + `"}}`,
		"PATCH /api/accounts/2":    `{"network":{"proxy":"` + other + `"}}`,
		"PATCH /api/settings":      `{"proxy":"` + other + `"}`,
		"POST /api/network/test":   `{"accountId":1,"network":{"proxy":"` + other + `"}}`,
		"POST /api/sign-ins":       `{"provider":"gemini","way":"cli","network":{"proxy":"` + other + `"}}`,
		"POST /api/accounts":       `{"provider":"gemini","way":"apikey","key":"k","network":{"proxy":"` + other + `"}}`,
		"POST  /api/sign-ins":      `{"provider":"gemini","way":"cli","network":{"proxy":"nonsense"}}`,
		"POST  /api/network/test":  `{"accountId":1,"network":{"proxy":"nonsense"}}`,
		"POST   /api/network/test": `{"network":{"proxy":"` + other + `"}}`,
	} {
		method, path, _ := strings.Cut(path, " ")
		if code := p.api(method, strings.TrimSpace(path), patch, nil); code != 422 {
			t.Errorf("%s %s %s: %d", method, path, patch, code)
		}
	}
	if now := p.Config().Snapshot(); now.Network.Proxy != was.Network.Proxy || body(now.Accounts) != body(was.Accounts) {
		t.Errorf("the file has %+v", now)
	}
}

func TestB16_ANewSignInGoesTheWayThatWasChosenForItsAccount(t *testing.T) {
	p, g, own, all, _ := twoWays(t)
	was := p.Config().Snapshot().Accounts[0]
	network := config.AccountNetwork{Proxy: was.Network.Proxy, CAFile: was.Network.CAFile}
	form := map[string]string{}
	for key, value := range was.Settings {
		if key != "kind" {
			form[key] = value
		}
	}
	s := p.begin(`{"provider":"gemini","way":"cli","settings":` + body(form) + `,"network":` + body(network) + `}`)
	allow(t, g, s, "third@example.com")
	p.at(s.ID, control.SignInConfirm)
	p.api("POST", "/api/sign-ins/"+s.ID+"/confirm", `{}`, nil)
	id := p.at(s.ID, control.SignInDone).AccountID
	p.in(id, control.AccountReady)
	if !saw(own, "/token") || !saw(own, ":loadCodeAssist") || saw(all, "/token") {
		t.Errorf("its own proxy saw %q, that of all %q", own.Seen(), all.Seen())
	}
	accounts := p.Config().Snapshot().Accounts
	if got := accounts[len(accounts)-1]; got.ID != id || got.Network != network {
		t.Errorf("the file has %+v", got)
	}
	if b := must(os.ReadFile(p.path)); strings.Contains(string(b), "•") {
		t.Errorf("dots are in the file: %s", b)
	}
}
