package daemon_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// google runs a program beside a Google of the test's own.
func google(t *testing.T, o fake.GoogleOptions) (*program, *fake.Google, string) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	t.Setenv("HOME", t.TempDir())
	g := fake.NewGoogle(o)
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	p := start(t, daemon.Options{Edition: "window"}, fmt.Sprintf(`{"version":1,"port":%d}`, freePort(t)))
	p.until("listening", func() bool { return p.Control().Listener().State == "running" })
	return p, g, body(map[string]string{
		"baseUrl": server.URL, "authUrl": server.URL + "/o/oauth2/v2/auth", "tokenUrl": server.URL + "/token",
	})
}

// allow does what the browser does after the person clicked.
func allow(t *testing.T, g *fake.Google, s control.SignIn, email string) {
	t.Helper()
	back, err := g.Consent(s.URL, email, true)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, back, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

func TestGoogle_FromTheSignInToTheFirstAnswer(t *testing.T) {
	p, g, settings := google(t, fake.GoogleOptions{})
	s := p.begin(`{"provider":"gemini","way":"cli","settings":` + settings + `}`)
	if s.Tunnel == "" || !s.Paste {
		t.Errorf("got %+v", s)
	}
	allow(t, g, s, "second@example.com")
	if got := p.at(s.ID, control.SignInConfirm); got.Identity != "second@example.com" {
		t.Errorf("got %+v", got)
	}
	p.api("POST", "/api/sign-ins/"+s.ID+"/confirm", `{}`, nil)
	done := p.at(s.ID, control.SignInDone)
	a := p.in(done.AccountID, control.AccountReady)
	if done.Message != "" || a.Identity != "second@example.com" || a.Tier == "" || a.ModelCount == 0 || len(a.Quotas) == 0 || a.Expires == nil {
		t.Errorf("%q: %+v", done.Message, a)
	}
	p.until("listed", func() bool { return len(p.models()) > 0 })
	name := p.models()[0]["id"].(string)
	if !strings.HasPrefix(name, "gemini_cli/") {
		t.Errorf("models %v", p.models())
	}
	if code, text := p.chat(p.Key(), name); code != 200 || !strings.Contains(text, "Hello") {
		t.Errorf("%s: %d %s", name, code, text)
	}
	if b := must(os.ReadFile(p.path)); strings.Contains(string(b), "ya29") || !strings.Contains(string(b), `"projectId"`) {
		t.Errorf("the file: %s", b)
	}
	// A token that ended early is renewed once, and the client does not notice.
	g.EndAccess()
	if code, text := p.chat(p.Key(), name); code != 200 {
		t.Errorf("after the token's end: %d %s", code, text)
	}
	// Its end: the card says so after the next request, and a new sign-in mends it.
	g.Revoke()
	g.EndAccess()
	if code, _ := p.chat(p.Key(), name); code != 401 {
		t.Errorf("revoked: %d", code)
	}
	if a := p.in(a.ID, control.AccountSignIn); !strings.Contains(a.Reason, "sign in again") {
		t.Errorf("revoked: %+v", a)
	}
	again := p.begin(fmt.Sprintf(`{"provider":"gemini","way":"cli","accountId":%d}`, a.ID))
	allow(t, g, again, "second@example.com")
	p.at(again.ID, control.SignInConfirm)
	p.api("POST", "/api/sign-ins/"+again.ID+"/confirm", `{}`, nil)
	p.at(again.ID, control.SignInDone)
	p.in(a.ID, control.AccountReady)
}

func TestB21_AnAccountThatGoogleDoesNotServeNamesTheWaysThatRemain(t *testing.T) {
	p, g, settings := google(t, fake.GoogleOptions{Load: []string{"load_code_assist_unsupported_client.json"}})
	s := p.begin(`{"provider":"gemini","way":"cli","settings":` + settings + `}`)
	allow(t, g, s, "")
	p.at(s.ID, control.SignInConfirm)
	p.api("POST", "/api/sign-ins/"+s.ID+"/confirm", `{}`, nil)
	done := p.at(s.ID, control.SignInDone)
	a := p.card(done.AccountID)
	if done.Message == "" || a.State != control.AccountRefused || len(a.Instead) != 2 || a.Identity == "" {
		t.Errorf("%q: %+v", done.Message, a)
	}
}

func TestB14_ATokenThatEndedIsRefreshedOnce(t *testing.T) {
	p, g, settings := google(t, fake.GoogleOptions{})
	access, refresh := g.Issue("dev@example.com")
	text, err := json.Marshal(map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expiry_date": 1000})
	if err != nil {
		t.Fatal(err)
	}
	g.EndAccess()
	before := strings.TrimSuffix(strings.TrimSpace(string(must(os.ReadFile(p.path)))), "}")
	entry := `, "accounts":[{"id":1,"provider":"gemini","name":"A","settings":` + strings.Replace(settings, "{", `{"kind":"cli",`, 1) + `,"key":` + body(string(text)) + `}]}`
	if err := os.WriteFile(p.path, []byte(before+entry), 0o600); err != nil {
		t.Fatal(err)
	}
	if a := p.in(1, control.AccountReady); a.Identity != "dev@example.com" {
		t.Errorf("got %+v", a)
	}
	refreshes := 0
	for _, r := range g.Received() {
		if strings.HasSuffix(r.Path, "/token") {
			refreshes++
		}
	}
	if refreshes != 1 {
		t.Errorf("%d refreshes", refreshes)
	}
}
