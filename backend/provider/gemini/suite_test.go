package gemini_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/providertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const project = "sample-corp-project"

func TestSuite_Key(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Provider: gemini.Provider{Version: "test"},
		Service:  fake.NewGoogle(fake.GoogleOptions{Key: providertest.Canary}),
		Settings: func(base string) map[string]string { return map[string]string{"baseUrl": base} },
		Model:    "gemini-2.5-flash",
		Body:     `{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`,
	})
}

func TestSuite_CodeAssist(t *testing.T) {
	g := fake.NewGoogle(fake.GoogleOptions{})
	g.Admit(providertest.Canary, "dev@example.com")
	providertest.Run(t, providertest.Subject{
		Provider: gemini.Provider{Version: "test"},
		Service:  g,
		Settings: func(base string) map[string]string {
			return map[string]string{"kind": "cli", "baseUrl": base, "tokenUrl": base + "/token", "projectId": project}
		},
		Model: "gemini-2.5-flash",
		Body:  `{"model":"gemini-2.5-flash","project":"` + project + `","request":{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}}`,
	})
}

// google is a stand-in and the way to it.
type google struct {
	*fake.Google
	server *httptest.Server
}

func newGoogle(t *testing.T, o fake.GoogleOptions) google {
	t.Helper()
	g := google{Google: fake.NewGoogle(o)}
	g.server = httptest.NewServer(g.Google)
	t.Cleanup(func() {
		g.server.Client().CloseIdleConnections()
		g.server.Close()
	})
	return g
}

// settings point at the stand-in; more are pairs of key and value.
func (g google) settings(kind string, more ...string) map[string]string {
	s := map[string]string{"kind": kind, "baseUrl": g.server.URL}
	if kind != "key" {
		s["authUrl"], s["tokenUrl"] = g.server.URL+"/o/oauth2/v2/auth", g.server.URL+"/token"
	}
	for i := 0; i+1 < len(more); i += 2 {
		s[more[i]] = more[i+1]
	}
	return s
}

// account is one with a fixed secret.
func (g google) account(secret string, settings map[string]string) *account.Account {
	return account.New(account.Account{ID: 1, Provider: "gemini", Name: "mine", Settings: settings, HTTP: g.server.Client()},
		func(context.Context) (account.Secret, error) { return account.NewSecret(secret), nil })
}

// signedIn is one whose token the stand-in gave out.
func (g google) signedIn(kind string, more ...string) *account.Account {
	access, refresh := g.Issue("dev@example.com")
	return g.account(`{"access_token":"`+access+`","refresh_token":"`+refresh+`","expiry":"2099-01-01T00:00:00Z"}`, g.settings(kind, more...))
}

// paths are what the stand-in was asked, and what it did not take.
func (g google) paths(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, r := range g.Received() {
		out = append(out, r.Path)
		if r.Refused != "" {
			t.Errorf("%s was refused: %s", r.Path, r.Refused)
		}
	}
	return out
}

func wantError(t *testing.T, err error, kind llm.Kind, code string, says ...string) {
	t.Helper()
	e := llm.AsError(err)
	if e == nil || e.Kind != kind || e.Code != code {
		t.Errorf("got %v, want %v %q", describe(e), kind, code)
		return
	}
	for _, s := range says {
		if !strings.Contains(e.Message, s) {
			t.Errorf("%q does not say %q", e.Message, s)
		}
	}
}

func describe(e *llm.Error) string {
	if e == nil {
		return "no error"
	}
	return e.Kind.String() + " " + e.Code + ": " + e.Message
}

// send is one attempt, as the relay makes it.
func send(t *testing.T, p gemini.Provider, a *account.Account, q *llm.Request, model string) (*llm.Reply, error) {
	t.Helper()
	return sendWith(t, p, a, q, model, true)
}

func hello() *llm.Request {
	return &llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "hi"}}}}}
}

func textOf(r *llm.Reply) string {
	var b strings.Builder
	for _, p := range r.Parts {
		if t, ok := p.(llm.Text); ok {
			b.WriteString(t.Text)
		}
	}
	return b.String()
}

var _ http.Handler = (*fake.Google)(nil)
