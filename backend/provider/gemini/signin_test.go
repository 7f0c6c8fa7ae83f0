package gemini_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/gemini"
)

// signIn goes through a sign-in as a user would who pastes what the browser
// ends on.
func (g google) signIn(t *testing.T, o provider.SignInOptions, email string) (account.Signed, error) {
	t.Helper()
	o.HTTP = g.server.Client()
	s, err := gemini.Provider{}.SignIn(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	back, err := g.Consent(s.Prompt().URL, email, true)
	if err != nil {
		t.Fatal(err)
	}
	if o.Method == provider.SignInCode {
		u, err := url.Parse(back)
		if err != nil {
			t.Fatal(err)
		}
		back = u.Query().Get("code")
	}
	if err := s.Answer(back); err != nil {
		t.Fatal(err)
	}
	return s.Wait(t.Context())
}

// From the sign-in to the first answer, and to the end of the token. The user is
// told whose account it is before (B20), wherever the browser runs (B19).
func TestB20_FromTheSignInToTheFirstAnswer(t *testing.T) {
	for _, way := range []string{"cli", "vertex"} {
		for _, method := range []provider.SignInMethod{provider.SignInBrowser, provider.SignInCode} {
			g := newGoogle(t, fake.GoogleOptions{})
			settings := g.settings(way, "projectId", project)
			signed, err := g.signIn(t, provider.SignInOptions{Way: way, Method: method, Settings: settings}, "second@example.com")
			if err != nil || signed.Identity != "second@example.com" {
				t.Fatalf("%s by %s: got %q, %v", way, method, signed.Identity, err)
			}
			p := gemini.Provider{}
			a := keeper(t, g.account("", settings), signed.Secret.Reveal())
			if reply, err := send(t, p, a, hello(), "gemini-2.5-flash"); err != nil || textOf(reply) != "Hello!" {
				t.Errorf("%s by %s: the first answer: %v", way, method, err)
			}
			g.paths(t)
			g.EndAccess()
			_, err = send(t, p, a, hello(), "gemini-2.5-flash")
			wantError(t, err, llm.KindAuth, "ACCESS_TOKEN_EXPIRED")
			if err := a.Renew(t.Context(), time.Now()); err != nil {
				t.Errorf("renew: %v", err)
			}
			if _, err := send(t, p, a, hello(), "gemini-2.5-flash"); err != nil {
				t.Errorf("%s by %s: the answer after the refresh: %v", way, method, err)
			}
		}
	}
}

func TestSignIn_AClientOfOnesOwn(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{ClientID: "own.apps.example", ClientSecret: "own-text"})
	settings := g.settings("vertex", "projectId", project, "clientId", "own.apps.example", "clientSecret", "own-text")
	signed, err := g.signIn(t, provider.SignInOptions{Way: "vertex", Method: provider.SignInBrowser, Settings: settings}, "")
	if err != nil {
		t.Fatal(err)
	}
	delete(settings, "clientSecret")
	a := account.New(account.Account{
		Settings: settings, Secrets: map[string]account.Secret{"clientSecret": account.NewSecret("own-text")}, HTTP: g.server.Client(),
	}, nil)
	if _, err := (gemini.Provider{}).Refresh(t.Context(), a, signed.Secret); err != nil {
		t.Errorf("refresh: %v", err)
	}
	_, err = gemini.Provider{}.SignIn(t.Context(), provider.SignInOptions{Way: "vertex", Method: provider.SignInCode, Settings: settings, HTTP: http.DefaultClient})
	wantError(t, err, llm.KindUnsupported, "", "browser")
}

func TestSignIn_IsRefusedBeforeTheBrowserOpens(t *testing.T) {
	for _, o := range []provider.SignInOptions{
		{Way: "key"},
		{},
		{Way: "cli", Method: provider.SignInDevice},
		{Way: "cli", Settings: map[string]string{"projectId": "12345"}},
	} {
		o.HTTP = http.DefaultClient
		if s, err := (gemini.Provider{}).SignIn(t.Context(), o); err == nil || s != nil || llm.AsError(err).Kind == llm.KindInternal {
			t.Errorf("%+v: got %v, %v", o, s, err)
		}
	}
}

func TestSignIn_SaysWhoAsks(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	s, err := gemini.Provider{}.SignIn(t.Context(), provider.SignInOptions{Way: "cli", Method: provider.SignInCode, HTTP: g.server.Client()})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.Prompt().URL)
	if err != nil || u.Host != "accounts.google.com" || u.Query().Get("redirect_uri") != "https://codeassist.google.com/authcode" ||
		!strings.HasSuffix(u.Query().Get("client_id"), ".apps.googleusercontent.com") {
		t.Errorf("got %v, %v", u, err)
	}
}

func TestB13_ARefreshTokenThatWasRevoked(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	p := gemini.Provider{}
	a := keeper(t, g.account("", g.settings("cli", "projectId", project)), `{"access_token":"old","refresh_token":"`+fake.RevokedRefreshToken+`","expiry":"2020-01-01T00:00:00Z"}`)
	for range 3 {
		_, err := send(t, p, a, hello(), "gemini-2.5-flash")
		wantError(t, err, llm.KindAuth, "invalid_grant", "sign in again")
	}
	if n := len(g.Received()); n != 1 {
		t.Errorf("Google was asked %d times, want once", n)
	}
}

// An import has a token whose end has come, or none but the refresh token.
func TestRefresh_OfWhatWasImported(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	p := gemini.Provider{}
	for _, form := range []string{
		`{"refresh_token":"%"}`,
		`{"token":{"access_token":"old","refresh_token":"%","expiry":"2020-01-01T00:00:00Z","token_uri":"https://oauth2.googleapis.com/token"},"project_id":"` + project + `","type":"gemini"}`,
		`{"access_token":"old","refresh_token":"%","expiry_date":1600000000000,"scope":"a b"}`,
	} {
		_, refresh := g.Issue("dev@example.com")
		a := keeper(t, g.account("", g.settings("cli", "projectId", project)), strings.Replace(form, "%", refresh, 1))
		if _, err := send(t, p, a, hello(), "gemini-2.5-flash"); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		if s, err := a.Credential(t.Context()); err != nil || strings.Contains(form, "type") && !strings.Contains(s.Reveal(), `"type":"gemini"`) {
			t.Errorf("%s became another thing (%v)", form, err)
		}
	}
	_, err := p.Refresh(t.Context(), g.account("", g.settings("cli")), account.NewSecret(`{"access_token":"a"}`))
	wantError(t, err, llm.KindAuth, "no_refresh_token")
	_, err = p.Refresh(t.Context(), g.account("", g.settings("cli")), account.NewSecret(`nothing at all`))
	wantError(t, err, llm.KindAuth, "no_sign_in")
	if _, err := oauth.ParseToken(account.NewSecret("x")); err != nil {
		t.Error(err)
	}
}
