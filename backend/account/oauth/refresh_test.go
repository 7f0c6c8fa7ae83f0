package oauth_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func TestRefresh_KeepsWhatTheAnswerDoesNotSay(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{false, true} {
		g := newGoogle(t, fake.GoogleOptions{Rotate: rotate})
		_, refresh := g.Issue("dev@example.com")
		old := parse(t, `{"access_token":"old","refresh_token":"`+refresh+`","expiry":"2020-01-01T00:00:00Z","email":"dev@example.com","project_id":"p","mine":[1]}`)
		got, err := g.client().Refresh(t.Context(), old)
		if err != nil {
			t.Fatal(err)
		}
		if got.Access.Reveal() == "old" || time.Until(got.Expiry) < 50*time.Minute || got.Project != "p" || !strings.Contains(got.Secret().Reveal(), `"mine":[1]`) {
			t.Errorf("got %v", got)
		}
		if rotated := got.Refresh.Reveal() != refresh; rotated != rotate || got.Refresh.IsZero() {
			t.Errorf("rotated: %t, want %t", rotated, rotate)
		}
		if _, err := g.client().Refresh(t.Context(), got); err != nil {
			t.Errorf("the next refresh: %v", err)
		}
	}
}

func TestRefresh_TheTokensOwnClient(t *testing.T) {
	t.Parallel()
	g := newGoogle(t, fake.GoogleOptions{ClientID: "own.apps.example", ClientSecret: "own"})
	_, refresh := g.Issue("dev@example.com")
	token := parse(t, `{"refresh_token":"`+refresh+`"}`)
	_, err := g.client().Refresh(t.Context(), token)
	if e := llm.AsError(err); e == nil || e.Code != "invalid_client" || e.Kind != llm.KindAuth || !strings.Contains(e.Message, "client ID") {
		t.Errorf("with another client: %v", err)
	}
	token.ClientID, token.ClientSecret, token.TokenURL = "own.apps.example", account.NewSecret("own"), g.server.URL+"/token"
	c := g.client()
	c.TokenURL = "https://127.0.0.1:1/"
	if _, err := c.Refresh(t.Context(), token); err != nil {
		t.Errorf("with its own client: %v", err)
	}
}

func TestB13_TheCauseOfAFailedRefreshIsTyped(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	answer := func(status int, contentType, body string, date time.Time) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Date", date.Format(http.TimeFormat))
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	const isJSON = "application/json"
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   llm.Kind
		code   string
		says   string
	}{
		"revoked":     {answer(400, isJSON, string(fake.Vector("gemini/token_invalid_grant.json")), now), llm.KindAuth, "invalid_grant", "sign in again"},
		"reauth":      {answer(400, isJSON, `{"error":"invalid_grant","error_subtype":"invalid_rapt"}`, now), llm.KindAuth, "invalid_grant", "organization"},
		"client":      {answer(401, isJSON, `{"error":"invalid_client","error_description":"The OAuth client was deleted."}`, now), llm.KindAuth, "invalid_client", "deleted"},
		"admin":       {answer(400, isJSON, `{"error":"admin_policy_enforced"}`, now), llm.KindForbidden, "admin_policy_enforced", "administrator"},
		"portal":      {answer(200, "text/html", `<html>Welcome</html>`, now), llm.KindProtocol, oauth.CodePortal, "sign in to the network"},
		"portal 511":  {answer(511, "text/html", `<html>Welcome</html>`, now), llm.KindProtocol, oauth.CodePortal, "network"},
		"redirect":    {answer(302, "text/html", ``, now), llm.KindProtocol, oauth.CodePortal, "302"},
		"empty":       {answer(200, isJSON, ``, now), llm.KindProtocol, oauth.CodePortal, "try again"},
		"list":        {answer(200, isJSON, `[]`, now), llm.KindProtocol, oauth.CodePortal, ""},
		"no token":    {answer(200, isJSON, `{"token_type":"Bearer"}`, now), llm.KindProtocol, oauth.CodePortal, ""},
		"broken":      {answer(503, "text/html", `busy`, now), llm.KindTransient, "", "later"},
		"limited":     {answer(429, "text/html", `busy`, now), llm.KindRate, "", "minutes"},
		"clock":       {answer(400, isJSON, `{"error":"invalid_grant","error_description":"Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."}`, now.Add(-3*time.Hour)), llm.KindNetwork, oauth.CodeClock, "3h0m0s ahead"},
		"maybe clock": {answer(400, isJSON, `{"error":"invalid_grant"}`, now.Add(25*time.Minute)), llm.KindAuth, "invalid_grant", "25m0s behind"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(c.answer)
			defer s.Close()
			client := oauth.Client{Title: "Google", ID: "id", TokenURL: s.URL, HTTP: s.Client(), Now: func() time.Time { return now }}
			_, err := client.Refresh(t.Context(), parse(t, `{"refresh_token":"canary-refresh","access_token":"canary-access"}`))
			e := llm.AsError(err)
			if e == nil || e.Kind != c.kind || e.Code != c.code || !strings.Contains(e.Message, c.says) || strings.Contains(fmt.Sprint(e, e.Cause), "canary") {
				t.Errorf("got %v, want %v %q that says %q", err, c.kind, c.code, c.says)
			}
			if c.kind == llm.KindRate && e.RetryAfter != 7*time.Second {
				t.Errorf("retry after %v", e.RetryAfter)
			}
		})
	}
}

func TestRefresh_NothingAnswers(t *testing.T) {
	t.Parallel()
	token := parse(t, `{"refresh_token":"r","access_token":"a"}`)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, c := range map[string]struct {
		url  string
		kind llm.Kind
		says string
	}{
		"closed port": {closed.URL, llm.KindNetwork, "could not reach"},
		"no host":     {"https://no-such-host.invalid/token", llm.KindNetwork, "no-such-host.invalid"},
		"plain":       {"http://192.0.2.1/token", llm.KindNetwork, "https://"},
		"nonsense":    {"://", llm.KindNetwork, "https://"},
	} {
		_, err := oauth.Client{Title: "Google", ID: "id", TokenURL: c.url, HTTP: &http.Client{}}.Refresh(t.Context(), token)
		if e := llm.AsError(err); e == nil || e.Kind != c.kind || !strings.Contains(e.Message, c.says) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := oauth.Client{Title: "Google"}.Refresh(t.Context(), parse(t, `{"access_token":"a"}`))
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindAuth || !strings.Contains(e.Message, "sign in again") {
		t.Errorf("without a refresh token: %v", err)
	}

	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server sees that a client leaves only after the body
		<-r.Context().Done()
	}))
	defer slow.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = oauth.Client{Title: "Google", ID: "id", TokenURL: slow.URL, HTTP: slow.Client()}.Refresh(ctx, token)
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindTimeout {
		t.Errorf("a server that hangs: %v", err)
	}
	foreign := httptest.NewUnstartedServer(http.NotFoundHandler())
	foreign.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	foreign.StartTLS()
	defer foreign.Close()
	_, err = oauth.Client{Title: "Google", ID: "id", TokenURL: foreign.URL, HTTP: &http.Client{}}.Refresh(t.Context(), token)
	if e := llm.AsError(err); e == nil || !strings.Contains(e.Message, "CA file") {
		t.Errorf("a certificate of nobody's: %v", err)
	}
}

func TestB65_ARedirectGetsNoToken(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed: %s", r.URL)
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		_, err := oauth.Client{Title: "Google", ID: "id", TokenURL: s.URL, HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}.
			Refresh(t.Context(), parse(t, `{"refresh_token":"r"}`))
		if e := llm.AsError(err); e == nil || e.Kind != llm.KindProtocol {
			t.Errorf("%d: got %v", status, err)
		}
		s.Close()
	}
}

// counted counts what goes through the account's own network.
type counted struct {
	n    *int
	next http.RoundTripper
}

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	*c.n++
	return c.next.RoundTrip(r)
}

func TestB16_AuthUsesTheAccountsOwnNetwork(t *testing.T) {
	t.Parallel()
	g := newGoogle(t, fake.GoogleOptions{})
	n := 0
	c := g.client()
	c.HTTP = &http.Client{Transport: counted{&n, g.server.Client().Transport}}
	s := oauth.Paste(oauth.Flow{Client: c, Redirect: "https://codeassist.google.com/authcode"})
	if err := s.Answer(g.consent(t, s, "", true)); err != nil {
		t.Fatal(err)
	}
	signed, err := s.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Refresh(t.Context(), parse(t, signed.Secret.Reveal())); err != nil {
		t.Fatal(err)
	}
	if got := len(g.Received()); got != 2 || n != 2 {
		t.Errorf("%d of %d requests went through it, want both", n, got)
	}
}
