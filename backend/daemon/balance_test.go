package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// service is what accounts of openaicompat ask: it has one model, and answers a
// chat as its test says.
type service struct {
	*httptest.Server

	mu sync.Mutex
	// chat answers for the key of an account; nil is well.
	chat func(w http.ResponseWriter, key string) (done bool)
	// asked are the keys of the chats, in order.
	asked []string
	// revoked is a key that is good for nothing any more.
	revoked string
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	revoked := key == s.revoked
	s.mu.Unlock()
	if revoked {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":{"message":"the key is not good any more","type":"invalid_request_error","code":"invalid_api_key"}}`)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/models") {
		_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"m","object":"model"}]}`)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	s.mu.Lock()
	s.asked = append(s.asked, key)
	chat := s.chat
	s.mu.Unlock()
	if chat != nil && chat(w, key) {
		return
	}
	_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`)
}

func (s *service) answers(chat func(w http.ResponseWriter, key string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chat, s.asked = chat, nil
}

func (s *service) revoke(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked, s.chat = key, nil
}

func (s *service) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// limited refuses with 429, naming a time, and repeats the key it was given.
func limited(seconds int) func(http.ResponseWriter, string) bool {
	return func(w http.ResponseWriter, key string) bool {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"error":{"message":"slow down, `+key+`","type":"rate_limit_error","code":"rate_limit_exceeded"}}`)
		return true
	}
}

// clientKey is the API key that tests call the proxy with.
const clientKey = "client-key-of-the-tests"

// balanced is a program with accounts at s whose names are a, b and so on.
func balanced(t *testing.T, s *service, accounts ...string) *program {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	t.Setenv("HOME", t.TempDir())
	p := start(t, daemon.Options{Edition: "window"}, settingsFor(t, s, accounts...))
	for i := range accounts {
		p.in(int64(i+1), control.AccountReady)
	}
	return p
}

func settingsFor(t *testing.T, s *service, accounts ...string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "// kept\n{\n  \"version\": 1, \"port\": %d,\n  \"keys\": [{\"id\": 1, \"name\": \"tests\", \"key\": %q, \"note\": \"mine\"}],\n  \"accounts\": [\n", freePort(t), clientKey)
	for i, more := range accounts {
		name := string(rune('a' + i))
		fmt.Fprintf(&b, "    {\"id\": %d, \"provider\": \"openaicompat\", \"name\": %q, \"prefix\": \"x\", \"note\": \"of %s\", \"settings\": {\"baseUrl\": %q}, \"key\": \"account-key-%s-123456\"%s}, // %s\n",
			i+1, name, name, s.URL+"/v1", name, more, name)
	}
	b.WriteString("  ],\n}\n")
	return b.String()
}

func (p *program) ask() (int, string) {
	p.t.Helper()
	return p.chat(clientKey, "x/m")
}

// reasons are those of the newest request's attempts, once it is in the log.
func (p *program) reasons(rows int) []string {
	p.t.Helper()
	var page control.ExchangePage
	p.until("in the log", func() bool {
		p.api("GET", "/api/exchanges", "", &page)
		return len(page.Exchanges) >= rows
	})
	var detail control.ExchangeDetail
	p.api("GET", fmt.Sprint("/api/exchanges/", page.Exchanges[0].ID), "", &detail)
	var out []string
	for _, a := range detail.Attempts {
		out = append(out, a.Reason)
	}
	return out
}

func TestB01_ARestIsOnTheCardAtOnceAndEndsOnTheUsersWord(t *testing.T) {
	s := newService(t)
	p := balanced(t, s, "")
	s.answers(limited(1200))
	sub := p.Events().Subscribe()
	defer sub.Close()
	status, _ := p.ask()
	began := time.Now()
	if status != http.StatusTooManyRequests {
		t.Fatalf("got %d", status)
	}
	var rest *control.Rest
	for rest == nil {
		select {
		case e := <-sub.C():
			if e.Kind != event.Accounts {
				continue
			}
			if models := p.card(1).Standing.Models; len(models) == 1 && models[0].State == pool.StandingResting {
				rest = models[0].Rest
			}
		case <-time.After(5 * time.Second):
			t.Fatal("no event with the rest")
		}
	}
	if took := time.Since(began); took > 500*time.Millisecond {
		t.Errorf("the card shows the rest after %v", took)
	}
	if rest.Kind != "rate" || rest.Source != pool.SourceHint || rest.Until == nil || time.Until(*rest.Until) < 19*time.Minute {
		t.Errorf("got %+v", rest)
	}
	if !strings.Contains(rest.Said, "slow down") || strings.Contains(rest.Said, "account-key") {
		t.Errorf("it says %q", rest.Said)
	}
	var st control.Status
	p.api("GET", "/api/status", "", &st)
	if want := (control.Tally{Total: 1, Resting: 1}); st.Accounts != want {
		t.Errorf("got %+v, want %+v", st.Accounts, want)
	}
	var a control.Account
	if code := p.api("POST", "/api/accounts/1/retry", `{"model":"m"}`, &a); code != 200 || a.Standing.Models[0].State != pool.StandingTrying {
		t.Errorf("retry: %d %+v", code, a.Standing)
	}
	s.answers(nil)
	if status, body := p.ask(); status != 200 {
		t.Errorf("after the retry: %d %s", status, body)
	}
	if got := p.card(1).Standing; got.State != pool.StandingReady || got.Models[0].Rest != nil || got.LastSuccess == nil {
		t.Errorf("after an answer: %+v", got)
	}
	if code := p.api("POST", "/api/accounts/9/retry", `{}`, nil); code != 404 {
		t.Errorf("nobody: %d", code)
	}
}

func TestB10_AnAccountThatIsOffIsNamedAndNeverAsked(t *testing.T) {
	s := newService(t)
	p := balanced(t, s, "", "", "")
	if code := p.api("PATCH", "/api/accounts/1", `{"enabled":false}`, nil); code != 200 {
		t.Fatalf("got %d", code)
	}
	if got := p.card(1); got.Standing.State != pool.StandingOff || got.State != control.AccountOff {
		t.Errorf("the card: %+v", got.Standing)
	}
	if status, body := p.ask(); status != 200 {
		t.Fatalf("got %d %s", status, body)
	}
	if slices.Contains(s.heard(), "account-key-a-123456") {
		t.Error("it was asked")
	}
	if got := p.reasons(1); len(got) != 1 || !strings.Contains(got[0], "chose b") || !strings.Contains(got[0], "a is disabled") {
		t.Errorf("the row says %q", got)
	}
	for _, id := range []int{2, 3} {
		p.api("PATCH", fmt.Sprint("/api/accounts/", id), `{"enabled":false}`, nil)
	}
	if n := len(p.Control().Models()); n != 0 {
		t.Errorf("%d models of accounts that are all off", n)
	}
}

func TestAccounts_PolicyWeightAndOrderAreInForceAtOnce(t *testing.T) {
	s := newService(t)
	p := balanced(t, s, "", `, "priority": 5`, "")
	four := func() string {
		s.answers(nil)
		for range 4 {
			if status, body := p.ask(); status != 200 {
				t.Fatalf("got %d %s", status, body)
			}
		}
		var b strings.Builder
		for _, key := range s.heard() {
			b.WriteString(strings.Split(key, "-")[2])
		}
		return b.String()
	}
	if got := four(); got != "abca" {
		t.Errorf("round robin asks %s", got)
	}
	p.api("PATCH", "/api/settings", `{"policy":"fill_first"}`, nil)
	if got := four(); got != "bbbb" {
		t.Errorf("the highest priority first asks %s", got)
	}
	p.api("PATCH", "/api/accounts/3", `{"priority":9}`, nil)
	if got := four(); got != "cccc" {
		t.Errorf("after a change of priority it asks %s", got)
	}
	p.api("PATCH", "/api/settings", `{"policy":"weighted"}`, nil)
	p.api("PATCH", "/api/accounts/1", `{"weight":2}`, nil)
	if got := four(); strings.Count(got, "a") != 2 || strings.Count(got, "b") != 1 {
		t.Errorf("by weight it asks %s", got)
	}
	p.api("PATCH", "/api/settings", `{"policy":"fill_first"}`, nil)
	for _, id := range []int{1, 2, 3} {
		p.api("PATCH", fmt.Sprint("/api/accounts/", id), `{"priority":0}`, nil)
	}
	if code := p.api("PUT", "/api/accounts/order", `{"ids":[3,1]}`, nil); code != 204 {
		t.Fatalf("order: %d", code)
	}
	if got := four(); got != "cccc" {
		t.Errorf("after a new order it asks %s", got)
	}
	var ids []int64
	for _, a := range p.cards() {
		ids = append(ids, a.ID)
	}
	if !slices.Equal(ids, []int64{3, 1, 2}) {
		t.Errorf("the order is %v", ids)
	}
	if code := p.api("PUT", "/api/accounts/order", `{"ids":[1,1]}`, nil); code != 422 {
		t.Errorf("the same twice: %d", code)
	}
}

// TestAccounts_AChangeLosesNothingOfTheFile tries every field that can be
// changed, one after the other.
func TestAccounts_AChangeLosesNothingOfTheFile(t *testing.T) {
	s := newService(t)
	p := balanced(t, s, `, "pace": {"requestsPerDay": 7, "why": "a promise"}`, "")
	for path, patches := range map[string][]string{
		"/api/accounts/1": {
			`{"weight":7}`, `{"priority":-3}`, `{"pace":{"requestsPerMinute":9,"maxInFlight":2}}`, `{"modelPace":{"m":{"requestsPerDay":4}}}`,
			`{"network":{"proxy":"direct"}}`, `{"name":"other"}`, `{"enabled":false}`, `{"enabled":true}`, `{"models":["m","n"]}`,
		},
		"/api/keys/1": {
			`{"requestsPerMinute":9}`, `{"requestsPerDay":99}`, `{"tokensPerMinute":999}`, `{"maxRunning":3}`, `{"models":["x/*"]}`,
			`{"expires":"2099-01-01T00:00:00Z"}`, `{"name":"renamed"}`,
		},
		"/api/settings": {`{"policy":"least_busy"}`, `{"noProxy":["*.example.com"]}`, `{"queueLength":5,"maxRestMinutes":9}`, `{"sticky":true,"explain":true}`},
	} {
		for _, patch := range patches {
			if code := p.api("PATCH", path, patch, nil); code != 200 {
				t.Errorf("%s %s: %d", path, patch, code)
			}
			text, err := os.ReadFile(p.path)
			if err != nil {
				t.Fatal(err)
			}
			for _, kept := range []string{"// kept\n", `"note": "of a"`, `"note": "of b"`, "// a\n", "// b\n", `"why": "a promise"`, `"note": "mine"`} {
				if !bytes.Contains(text, []byte(kept)) {
					t.Fatalf("%s %s lost %q:\n%s", path, patch, kept, text)
				}
			}
		}
	}
	a := p.card(1)
	if a.Weight != 7 || a.Priority != -3 || a.PaceDefault || a.Pace != (control.Pace{RequestsPerMinute: 9, MaxInFlight: 2}) ||
		a.ModelPace["m"].RequestsPerDay != 4 || a.Network.Proxy != "direct" {
		t.Errorf("got %+v", a)
	}
	for patch, place := range map[string]string{
		`{"weight":101}`: "body.weight", `{"pace":{"requestsPerDay":-1}}`: "body.pace.requestsPerDay",
		`{"network":{"proxy":"ftp://p"}}`: "body.network.proxy", `{"prefix":"a/b"}`: "body.prefix",
	} {
		var out struct{ Errors []struct{ Location string } }
		if code := p.api("PATCH", "/api/accounts/1", patch, &out); code != 422 || len(out.Errors) != 1 || out.Errors[0].Location != place {
			t.Errorf("%s: %d %+v, want %s", patch, code, out, place)
		}
	}
	if p.api("PATCH", "/api/accounts/1", `{"paceDefault":true}`, &a); !a.PaceDefault || a.Pace != (control.Pace{}) {
		t.Errorf("back to the default: %+v", a.Pace)
	}
}

func TestAccounts_WhatAnswersSayIsLeftIsOnTheCard(t *testing.T) {
	s := newService(t)
	p := balanced(t, s, "", `, "pace": {"requestsPerDay": 10}`)
	s.answers(func(w http.ResponseWriter, key string) bool {
		if strings.Contains(key, "-a-") {
			w.Header().Set("X-Ratelimit-Limit-Requests", "200")
			w.Header().Set("X-Ratelimit-Remaining-Requests", "50")
			w.Header().Set("X-Ratelimit-Reset-Requests", "6m0s")
		}
		return false
	})
	for range 4 { // two of each
		p.ask()
	}
	p.Listen()
	q := p.card(1).Quotas[0]
	if q.Source != control.QuotaHeaders || q.Model != "m" || q.Unit != control.UnitRequests || *q.Remaining != 0.25 || *q.Left != 50 || time.Until(*q.Reset) < 5*time.Minute {
		t.Errorf("by the headers: %+v", q)
	}
	if q := p.card(2).Quotas; len(q) != 1 || q[0].Source != control.QuotaEstimate || *q[0].Left != 8 || *q[0].Limit != 10 {
		t.Errorf("by our own count: %+v", q)
	}
	p.api("PATCH", "/api/accounts/2", `{"paceDefault":true}`, nil)
	if q := p.card(2).Quotas; len(q) != 0 {
		t.Errorf("nobody said anything, and the card has %+v", q)
	}
	p.until("counted", func() bool { return p.card(1).Today.Requests == 2 })
	if a := p.card(1); a.Dots[23].Requests+a.Dots[22].Requests != 2 || a.Today.TokensIn != 6 || a.Today.TokensOut != 4 || a.Today.Failures != 0 {
		t.Errorf("today: %+v, dots %+v", a.Today, a.Dots)
	}
}

func TestKeys_AreChangedLimitedAndSwitchedOff(t *testing.T) {
	s := newService(t)
	p := balanced(t, s, "")
	p.ask()
	var list struct{ Keys []control.Key }
	p.until("used", func() bool {
		p.api("GET", "/api/keys", "", &list)
		return list.Keys[0].LastUsed != nil
	})
	if since := time.Since(*list.Keys[0].LastUsed); since > time.Minute || since < 0 {
		t.Errorf("used %v ago", since)
	}
	for _, step := range []struct {
		patch string
		want  int
	}{
		{`{"expires":"2020-01-01T00:00:00Z"}`, 401},
		{`{"expires":""}`, 200},
		{`{"enabled":false}`, 401},
		{`{"enabled":true}`, 200},
		{`{"models":["y/*"]}`, 403},
		{`{"models":["x/*"]}`, 200},
		{`{"requestsPerMinute":1}`, 429},
		{`{"requestsPerMinute":0}`, 200},
	} {
		if code := p.api("PATCH", "/api/keys/1", step.patch, nil); code != 200 {
			t.Fatalf("%s: %d", step.patch, code)
		}
		if step.want == 429 {
			p.ask()
		}
		if status, body := p.ask(); status != step.want {
			t.Errorf("%s: %d %s", step.patch, status, body)
		}
	}
	var made struct {
		control.Key
		Text string `json:"key"`
	}
	if code := p.api("POST", "/api/keys", `{"name":"CI","models":["x/*"],"maxRunning":2}`, &made); code != 200 || made.MaxRunning != 2 || len(made.Models) != 1 || made.Text == "" {
		t.Errorf("a new one: %d %+v", code, made)
	}
	if code := p.api("POST", "/api/keys", `{"name":"CI","expires":"tomorrow"}`, nil); code != 422 {
		t.Errorf("a wrong time: %d", code)
	}
	if code := p.api("PATCH", "/api/keys/77", `{}`, nil); code != 404 {
		t.Errorf("nobody: %d", code)
	}
}

func TestB04_ARestGoesOnAfterARestart(t *testing.T) {
	s := newService(t)
	dir := t.TempDir()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	o := daemon.Options{Edition: "window", ConfigPath: filepath.Join(dir, "config.json"), DataDir: filepath.Join(dir, "data"), Version: "test"}
	if err := os.WriteFile(o.ConfigPath, []byte(settingsFor(t, s, `, "pace": {"requestsPerDay": 100}`)), 0o600); err != nil {
		t.Fatal(err)
	}
	first := run(t, o)
	first.in(1, control.AccountReady)
	s.answers(limited(1500))
	first.ask()
	first.end()
	if memory, err := os.ReadFile(filepath.Join(dir, "data", "accounts.json")); err != nil || strings.Contains(string(memory), "account-key") {
		t.Errorf("what is remembered: %v %s", err, memory)
	}
	s.answers(nil)
	second := run(t, o)
	defer second.end()
	v := second.card(1).Standing
	if len(v.Models) != 1 || v.Models[0].State != pool.StandingResting || v.Day != 1 {
		t.Errorf("after the restart: %+v", v)
	}
	if status, _ := second.ask(); status != 429 || len(s.heard()) != 0 {
		t.Errorf("got %d, and the service was asked %d times", status, len(s.heard()))
	}
}

// TestB13_APersonIsToldOnceWhatTheyAreWantedFor listens for what the desktop
// shows outside the window.
func TestB13_APersonIsToldOnceWhatTheyAreWantedFor(t *testing.T) {
	s := newService(t)
	p := balanced(t, s, "", "")
	sub := p.Events().Subscribe()
	calls := make(chan control.Attention, 16)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for e := range sub.C() {
			var a control.Attention
			if e.Kind == event.Attention && json.Unmarshal(e.Data, &a) == nil {
				calls <- a
			}
		}
	}()
	wanted := func(what string) control.Attention {
		t.Helper()
		select {
		case a := <-calls:
			return a
		case <-time.After(5 * time.Second):
			t.Fatalf("nobody was told that %s", what)
			return control.Attention{}
		}
	}
	s.answers(limited(600))
	for range 3 {
		p.ask()
	}
	if a := wanted("all accounts rest"); a.Kind != control.AllRest || time.Until(a.Until) < 9*time.Minute {
		t.Errorf("got %+v", a)
	}
	for _, id := range []string{"1", "2"} {
		p.api("POST", "/api/accounts/"+id+"/retry", `{}`, nil)
	}
	p.until("ready again", func() bool {
		var st control.Status
		p.api("GET", "/api/status", "", &st)
		return st.Accounts.Ready == 2
	})
	s.revoke("account-key-b-123456")
	for range 3 {
		p.api("POST", "/api/accounts/2/test", "", nil)
	}
	if a := wanted("an account needs a sign-in"); a.Kind != control.NeedsSignIn || a.AccountID != 2 || a.Account != "b" {
		t.Errorf("got %+v", a)
	}
	var st control.Status
	p.api("GET", "/api/status", "", &st)
	if want := (control.Tally{Total: 2, Ready: 1, SignIn: 1}); st.Accounts != want {
		t.Errorf("got %+v, want %+v", st.Accounts, want)
	}
	sub.Close()
	<-ended
	if len(calls) != 0 {
		t.Errorf("it was told again: %+v", <-calls)
	}
}

func TestCommands_ARetryEndsTheRestInTheRunningProgram(t *testing.T) {
	s := newService(t)
	p := balanced(t, s, "")
	s.answers(limited(1200))
	p.ask()
	s.answers(nil)
	p.Remember()
	command := func(args ...string) string {
		t.Helper()
		var out, logs strings.Builder
		if code := commandOf(nil, append(args, "--config="+p.path, "--data="+p.DataDir()), strings.NewReader(""), &out, &logs); code != 0 {
			t.Fatalf("%v: exit code %d: %s%s", args, code, out.String(), logs.String())
		}
		return out.String()
	}
	if got := command("accounts", "list"); !strings.Contains(got, "ready: m rests until ") || !strings.Contains(got, "(rate)") {
		t.Errorf("the list says %s", got)
	}
	if got := command("accounts", "retry"); got != "'a' is tried with the next request.\n" {
		t.Errorf("the command says %q", got)
	}
	p.until("well", func() bool { status, _ := p.ask(); return status == 200 })
	if _, err := os.Stat(filepath.Join(p.DataDir(), "retry.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the word for the program is still there: %v", err)
	}
}

func TestRouting_IsShownBesideItsSettings(t *testing.T) {
	s := newService(t)
	p := balanced(t, s, "", "")
	if code := p.api("PATCH", "/api/settings", `{"policy":"most_quota","queueWaitMs":5,"proxy":"direct","noProxy":["a.example.com"]}`, nil); code != 200 {
		t.Fatalf("got %d", code)
	}
	var settings control.Settings
	p.api("GET", "/api/settings", "", &settings)
	if settings.Policy != "most_quota" || settings.QueueWaitMs != 5 || settings.QueueLength != 64 || settings.MaxRestMinutes != 30 ||
		settings.Proxy != "direct" || len(settings.NoProxy) != 1 {
		t.Errorf("got %+v", settings)
	}
	var r control.Routing
	if code := p.api("GET", "/api/routing", "", &r); code != 200 || r.SignInPace != (control.Pace{RequestsPerMinute: 30, RequestsPerDay: 1000, MaxInFlight: 4}) ||
		r.Accounts != (control.Tally{Total: 2, Ready: 2}) || r.Aliases == nil {
		t.Errorf("got %d %+v", code, r)
	}
	for patch, place := range map[string]string{`{"policy":"random"}`: "body.policy", `{"noProxy":["http://x"]}`: "body.noProxy[0]", `{"proxy":"nowhere"}`: "body.proxy"} {
		var out struct{ Errors []struct{ Location string } }
		if code := p.api("PATCH", "/api/settings", patch, &out); code != 422 || len(out.Errors) != 1 || out.Errors[0].Location != place {
			t.Errorf("%s: %d %+v", patch, code, out)
		}
	}
}

// TestB60_AWayIsTestedBeforeItIsKept goes to a service of the test's own.
func TestB60_AWayIsTestedBeforeItIsKept(t *testing.T) {
	s := newService(t)
	p := balanced(t, s, "")
	var state control.NetworkState
	if code := p.api("GET", "/api/network", "", &state); code != 200 || state.System.NoProxy == nil {
		t.Errorf("the network: %d %+v", code, state)
	}
	var got control.NetworkResult
	if code := p.api("POST", "/api/network/test", `{"accountId":1}`, &got); code != 200 || !got.OK || len(got.Hops) == 0 {
		t.Errorf("the way as it is: %d %+v", code, got)
	}
	dead := fmt.Sprintf("http://127.0.0.1:%d", freePort(t))
	body := fmt.Sprintf(`{"url":"http://service.example.com/","network":{"proxy":%q}}`, dead)
	if code := p.api("POST", "/api/network/test", body, &got); code != 200 || got.OK || got.Said == "" || got.Hops[len(got.Hops)-1].OK {
		t.Errorf("through a proxy that is not there: %d %+v", code, got)
	}
	if code := p.api("POST", "/api/network/test", `{"accountId":77}`, nil); code != 404 {
		t.Errorf("nobody's: %d", code)
	}
}

// run is a program in folders of its test's own, which end stops.
func run(t *testing.T, o daemon.Options) *program {
	t.Helper()
	d, err := daemon.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Daemon: d, t: t, path: o.ConfigPath, ended: make(chan error, 1), admin: httptest.NewServer(d.Admin())}
	ctx, stop := context.WithCancel(t.Context())
	p.stop = stop
	go func() { p.ended <- d.Run(ctx) }()
	p.until("open", func() bool { return p.Control().Listener().State == control.Running })
	return p
}

func (p *program) end() {
	p.t.Helper()
	p.admin.Close()
	p.stop()
	if err := <-p.ended; err != nil {
		p.t.Errorf("the daemon ended with %v", err)
	}
}
