// Package oauth gets and renews OAuth 2.0 tokens for people who sign in at a
// service with a browser: through a port of this machine, by a code that is
// pasted, or by a code that is typed on another device. Each such sign-in is an
// [account.SignIn].
//
// The invariant: a token, a code and a verifier are never part of an error, a
// log or anything that is printed, and a sign-in is ended only by an answer
// that knows its state. The package does not keep tokens, does not decide when
// one is due and knows no service by name.
package oauth

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// answerLimit bounds what an authorization server may answer.
const answerLimit = 1 << 20

// Client is how this program is known to a service's authorization server.
type Client struct {
	// Title names the service in messages, as Google.
	Title string
	// ID and Secret are what the service registered. An installed program's
	// secret is none; it may be zero.
	ID     string
	Secret account.Secret
	// AuthURL is the page to open, TokenURL where codes and refresh tokens are
	// exchanged.
	AuthURL, TokenURL string
	Scopes            []string
	// HTTP sends everything (B16). It must not be nil.
	HTTP *http.Client
	// Now is the clock; nil is the system's.
	Now func() time.Time
}

func (c Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// authURL is the page of one sign-in.
func (c Client) authURL(redirect, state, verifier string) string {
	o := oauth2.Config{ClientID: c.ID, RedirectURL: redirect, Scopes: c.Scopes, Endpoint: oauth2.Endpoint{AuthURL: c.AuthURL}}
	// Without prompt=consent, Google gives a refresh token at the first consent
	// only: the second sign-in would end after an hour.
	return o.AuthCodeURL(state, oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("prompt", "consent"), oauth2.S256ChallengeOption(verifier))
}

// exchange spends a code.
func (c Client) exchange(ctx context.Context, code, redirect, verifier string) (Token, error) {
	t, err := c.Ask(ctx, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier},
	})
	if err != nil {
		if e := llm.AsError(err); e.Code == codeInvalidGrant {
			e.Message = "the code was not accepted: it is used once and for a few minutes; start the sign-in again"
		}
		return Token{}, err
	}
	return t, nil
}

// Refresh spends t's refresh token, at the address and for the client that t
// names, else at c's. What the answer does not say is kept of t, unknown
// members included. An *llm.Error of KindAuth is final: nothing but a new
// sign-in helps.
func (c Client) Refresh(ctx context.Context, t Token) (Token, error) {
	if t.Refresh.IsZero() {
		return Token{}, &llm.Error{
			Kind: llm.KindAuth, Code: "no_refresh_token",
			Message: "the sign-in has ended and cannot be renewed, for it has no refresh token: sign in again",
		}
	}
	if t.ClientID != "" {
		c.ID, c.Secret = t.ClientID, t.ClientSecret
	}
	c.TokenURL = cmp.Or(t.TokenURL, c.TokenURL)
	fresh, err := c.Ask(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.Refresh.Reveal()}})
	if err != nil {
		return Token{}, err
	}
	return t.renewed(fresh), nil
}

// Ask posts a form to the token address, with the client's own fields added,
// and reads the token in the answer. The error is an *llm.Error whose Code is
// the protocol's, as invalid_grant or authorization_pending.
func (c Client) Ask(ctx context.Context, form url.Values) (Token, error) {
	if c.ID != "" {
		form.Set("client_id", c.ID)
	}
	if !c.Secret.IsZero() {
		form.Set("client_secret", c.Secret.Reveal())
	}
	if err := c.checkURL(); err != nil {
		return Token{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return Token{}, c.wrongURL()
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	// A redirect that is followed would carry the token to somebody else (B65);
	// no token endpoint sends one.
	direct := *c.HTTP
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := direct.Do(r)
	if err != nil {
		return Token{}, Unreachable(ctx, r.URL, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return Token{}, Unreachable(ctx, r.URL, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return Token{}, c.refused(resp, body)
	}
	return c.read(resp, body)
}

// read takes the token out of an answer. One without an access token, or that
// is no JSON, does not come of the service.
func (c Client) read(resp *http.Response, body []byte) (Token, error) {
	var t Token
	if json.Unmarshal(body, new(map[string]json.RawMessage)) == nil {
		t, _ = ParseToken(account.NewSecret(string(body))) // what is missing is said below
	}
	if t.Access.IsZero() {
		return Token{}, c.refused(resp, body) // some say no under a status of success
	}
	var lifetime struct {
		Seconds json.Number `json:"expires_in"`
	}
	// Some servers send the number as a text; json.Number reads both.
	if json.Unmarshal(body, &lifetime) == nil {
		if s, err := lifetime.Seconds.Float64(); err == nil && s > 0 {
			t.Expiry = c.now().Add(time.Duration(s * float64(time.Second))).Truncate(time.Millisecond)
		}
	}
	return t, nil
}

// checkURL wants an encrypted way to the token address: what is posted there is
// as good as a password.
func (c Client) checkURL() error {
	u, err := url.Parse(c.TokenURL)
	if err != nil || u.Host == "" {
		return c.wrongURL()
	}
	host := u.Hostname()
	if u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1" || host == "::1") {
		return nil
	}
	return c.wrongURL()
}

func (c Client) wrongURL() error {
	return &llm.Error{
		Kind: llm.KindNetwork, Param: "tokenUrl",
		Message: "the address for tokens must begin with https:// : correct it in the account's settings, or leave it empty for " + c.Title + "'s own",
	}
}
