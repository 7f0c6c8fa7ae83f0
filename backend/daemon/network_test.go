package daemon_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

const proxyUser, proxyPassword = "proxy-user", "canary-51c7e0"

// proxied runs a proxy that wants a password and opens the traffic, as those of
// companies do. It gives the settings for it.
func proxied(t *testing.T, hosts map[string]string) (*fake.Proxy, config.AccountNetwork) {
	t.Helper()
	a, err := fake.NewAuthority("Inspection")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "inspection.pem")
	if err := os.WriteFile(path, a.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := fake.NewProxy(fake.ProxyOptions{User: proxyUser, Password: proxyPassword, Hosts: hosts, Resign: a})
	s := httptest.NewServer(p)
	t.Cleanup(func() { p.Close(); s.CloseClientConnections(); s.Close() })
	return p, config.AccountNetwork{Proxy: "http://" + proxyUser + ":" + proxyPassword + "@" + s.Listener.Addr().String(), CAFile: path}
}

// report is where a program under test reports.
type report struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *report) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *report) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// saw says whether a proxy was asked for something with this in it.
func saw(p *fake.Proxy, what string) bool {
	return slices.ContainsFunc(p.Seen(), func(s string) bool { return strings.Contains(s, what) })
}

// twoWays are two Google accounts, one with a proxy of its own, and the other
// with that of all.
func twoWays(t *testing.T) (p *program, g *fake.Google, own, all *fake.Proxy, log *report) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	t.Setenv("HOME", t.TempDir())
	g = fake.NewGoogle(fake.GoogleOptions{})
	server := httptest.NewTLSServer(g)
	t.Cleanup(server.Close)
	hosts := map[string]string{"one.test": server.Listener.Addr().String(), "two.test": server.Listener.Addr().String()}
	own, ownAt := proxied(t, hosts)
	all, allAt := proxied(t, hosts)
	entry := func(id int, host, more string) string {
		return fmt.Sprintf(`{"id":%d,"provider":"gemini","name":%q,"settings":{"kind":"cli","baseUrl":"https://%s","authUrl":"https://%s/o/oauth2/v2/auth","tokenUrl":"https://%s/token"}%s}`,
			id, host, host, host, host, more)
	}
	log = &report{}
	p = start(t, daemon.Options{Edition: "window", Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, fmt.Sprintf(
		`{"version":1,"port":%d,"network":%s,"accounts":[%s,%s]}`,
		freePort(t), body(allAt), entry(1, "one.test", `,"network":`+body(ownAt)), entry(2, "two.test", "")))
	p.until("listening", func() bool { return p.Control().Listener().State == "running" })
	return p, g, own, all, log
}

func TestB16_AllOfAnAccountGoesThroughItsOwnProxy(t *testing.T) {
	p, g, own, all, log := twoWays(t)
	for id, email := range map[int64]string{1: "dev@example.com", 2: "second@example.com"} {
		s := p.begin(fmt.Sprintf(`{"provider":"gemini","way":"cli","accountId":%d}`, id))
		allow(t, g, s, email)
		p.until("signed in", func() bool { return p.signIn(s.ID).State != control.SignInWaiting })
		if got := p.signIn(s.ID); got.State != control.SignInConfirm {
			t.Fatalf("got %+v; %q", got, own.Seen())
		}
		p.api("POST", "/api/sign-ins/"+s.ID+"/confirm", `{}`, nil)
		p.at(s.ID, control.SignInDone)
		if a := p.in(id, control.AccountReady); a.Identity != email || len(a.Quotas) == 0 {
			t.Errorf("account %d: %+v", id, a)
		}
	}
	p.until("listed", func() bool { return len(p.models()) > 0 })
	name := p.models()[0]["id"].(string)
	// Both are asked in turn, with tokens that must be renewed first.
	g.EndAccess()
	for range 4 {
		if code, text := p.chat(p.Key(), name); code != 200 {
			t.Errorf("chat: %d %s", code, text)
		}
	}
	for _, c := range []struct {
		name, host, other string
		proxy             *fake.Proxy
	}{{"its own", "one.test", "two.test", own}, {"that of all", "two.test", "one.test", all}} {
		tokens := 0
		for _, s := range c.proxy.Seen() {
			if strings.HasSuffix(s, "/token") {
				tokens++
			}
		}
		if tokens < 2 { // the sign-in's and the renewed one
			t.Errorf("%s: tokens were asked for %d times: %q", c.name, tokens, c.proxy.Seen())
		}
		for _, what := range []string{"/oauth2/v2/userinfo", ":loadCodeAssist", ":retrieveUserQuota", "enerateContent"} {
			if !saw(c.proxy, c.host+"/") || !saw(c.proxy, what) {
				t.Errorf("%s: the proxy did not see %s: %q", c.name, what, c.proxy.Seen())
			}
		}
		if saw(c.proxy, c.other) {
			t.Errorf("%s: the other account came through it: %q", c.name, c.proxy.Seen())
		}
	}
	if strings.Contains(log.String(), proxyPassword) {
		t.Errorf("the password is in the log:\n%s", log)
	}
}

func TestB60_AProxyThatRefusesIsNamedOnTheCardAndByTheTest(t *testing.T) {
	p, _, own, _, log := twoWays(t)
	var r control.NetworkResult
	test := func(body string) control.NetworkResult {
		t.Helper()
		r = control.NetworkResult{}
		if code := p.api("POST", "/api/network/test", body, &r); code != 200 {
			t.Fatalf("test: %d", code)
		}
		return r
	}
	if got := test(`{"accountId":1}`); !got.OK || len(got.Hops) == 0 || !strings.Contains(got.Said, "one.test answered") || !saw(own, "GET https://one.test/") {
		t.Errorf("the account's way: %+v", got)
	}
	set := p.Config().Snapshot().Accounts[0].Network
	set.Proxy = strings.Replace(set.Proxy, proxyPassword, "wrong-canary", 1)
	p.api("PATCH", "/api/accounts/1", `{"network":`+body(set)+`}`, nil)
	if got := test(`{"accountId":1}`); got.OK || got.Hops[len(got.Hops)-1].OK || !strings.Contains(got.Said, "refuses the name or the password") {
		t.Errorf("a wrong password: %+v", got)
	}
	if got := test(`{"accountId":1,"network":{"proxy":"direct"}}`); got.OK || got.Hops[0].Name != "dns" || !strings.Contains(got.Said, "there is no host one.test") {
		t.Errorf("directly, before it is kept: %+v", got)
	}
	if got := test(`{"url":"https://two.test/"}`); !got.OK {
		t.Errorf("the way of all: %+v", got)
	}
	s := p.begin(`{"provider":"gemini","way":"cli","accountId":1}`)
	p.api("POST", "/api/sign-ins/"+s.ID+"/answer", `{"text":"http://127.0.0.1:1/oauth2callback?code=x&state=`+stateOf(s.URL)+`"}`, nil)
	p.until("answered", func() bool { x := p.signIn(s.ID); return x.Problem != "" || x.State != control.SignInWaiting })
	failed := p.signIn(s.ID)
	if !strings.Contains(failed.Message+failed.Problem, "refuses the name or the password") {
		t.Errorf("the sign-in says %+v", failed)
	}
	if all := log.String() + body(r) + body(failed); strings.Contains(all, "wrong-canary") || strings.Contains(all, proxyPassword) {
		t.Errorf("a password is shown:\n%s", all)
	}
}

func stateOf(address string) string {
	_, rest, _ := strings.Cut(address, "state=")
	state, _, _ := strings.Cut(rest, "&")
	return state
}

func TestB54_WhatCouldNotBeReachedIsAskedAgainAfterASleep(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	at := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	p := start(t, daemon.Options{Edition: "window"}, fmt.Sprintf(
		`{"version":1,"port":%d,"accounts":[{"id":1,"provider":"openaicompat","name":"A","settings":{"baseUrl":"http://%s/v1"},"key":"k"}]}`, freePort(t), at))
	p.in(1, control.AccountUnreachable)
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: ln, Config: &http.Server{Handler: fake.NewOpenAI(fake.Options{}), ReadHeaderTimeout: time.Minute}}
	s.Start()
	defer s.Close()
	p.Awoke(t.Context())
	p.in(1, control.AccountReady)
}
