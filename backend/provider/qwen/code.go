package qwen

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

const (
	// codeBase is used where a token names no address of its own.
	codeBase     = "https://portal.qwen.ai/v1"
	codeAuthURL  = "https://chat.qwen.ai/api/v1/oauth2/device/code"
	codeTokenURL = "https://chat.qwen.ai/api/v1/oauth2/token" //nolint:gosec // an address, not a token
	// codeClient is the public client id of Qwen Code's sign-in. It says which
	// sign-in is meant and is no secret; there is no other.
	codeClient = "f0304373b74a44d2b584a3fb70ca9e56"
	remaining  = "Qwen Code's free sign-in ended on 2026-04-15. What remains: an API key of Model Studio, or a Coding Plan"
)

// portal is the dialect of an account with Qwen Code's token: as Model Studio,
// with fewer fields.
func (p Provider) portal() studioChat {
	return studioChat{openaichat.Upstream{
		Quirks: openaichat.Quirks{
			MaxTokensField: "max_tokens",
			DeveloperRole:  llm.RoleSystem,
			MergeSystem:    true,
			Clamp:          []openaichat.Range{{Field: "temperature", Low: 0, High: 1.99}, {Field: "top_p", Low: 0.01, High: 1}},
			Drop:           []string{"frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs", "n", "seed", "service_tier", "user"},
		},
		Errors: []openaichat.ErrorRule{
			{Codes: []string{"insufficient_quota"}, Kind: llm.KindQuota, Account: true, Advice: "the quota of this sign-in is used up"},
			{Says: "quota exceeded", Kind: llm.KindQuota, Account: true, Advice: "the quota of this sign-in is used up"},
			{Codes: []string{"data_inspection_failed", "datainspectionfailed"}, Kind: llm.KindContent, Advice: "the service's content filter stopped the request or its answer: word it differently"},
			{Status: http.StatusUnauthorized, Kind: llm.KindAuth, Advice: remaining},
			{Status: http.StatusForbidden, Kind: llm.KindAuth, Advice: remaining},
			{Codes: []string{"invalid_api_key"}, Kind: llm.KindAuth, Advice: remaining},
		},
		Now: p.Now,
	}}
}

// codeToken is the account's token, whatever program wrote it.
func codeToken(ctx context.Context, a *account.Account) (oauth.Token, error) {
	secret, err := a.Credential(ctx)
	if err != nil {
		// For its words about a credential that cannot be had.
		_, err = endpoint.Key(ctx, a, "sign-in")
		return oauth.Token{}, err
	}
	t, err := oauth.ParseToken(secret)
	if err != nil {
		return oauth.Token{}, &llm.Error{Kind: llm.KindAuth, Message: "the sign-in of the account " + a.Name + " cannot be read: import it again. " + remaining, Cause: err}
	}
	if token := t.Access.Reveal(); token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return oauth.Token{}, &llm.Error{Kind: llm.KindAuth, Message: "the account " + a.Name + " has no access token that can be sent: sign in or import it again. " + remaining}
	}
	return t, nil
}

// codeBaseOf is the address that the token is for: with or without a scheme and
// /v1, as it was written by one program or the other.
func codeBaseOf(a *account.Account, t oauth.Token) (*url.URL, error) {
	base, err := endpoint.Base(cmp.Or(strings.TrimSpace(a.Setting(fieldBaseURL)), t.Resource), codeBase, fieldBaseURL)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(base.Path, "/v1") {
		base.Path += "/v1"
	}
	return base, nil
}

// codeRequest builds one attempt with Qwen Code's token.
func (p Provider) codeRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	if c.Operation != dialect.Chat {
		return nil, unsupported("Qwen Code's service only chats: use an API key of Model Studio for this")
	}
	t, err := codeToken(ctx, a)
	if err != nil {
		return nil, err
	}
	base, err := codeBaseOf(a, t)
	if err != nil {
		return nil, err
	}
	r, err := p.request(ctx, http.MethodPost, base.JoinPath("chat/completions"), t.Access.Reveal(), c.Body)
	if err != nil {
		return nil, err
	}
	if c.Stream {
		r.Header.Set("Accept", "text/event-stream")
	}
	return r, nil
}

// codeModels asks for the list; where the service has none, the names it has had
// stand in.
func (p Provider) codeModels(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	t, err := codeToken(ctx, a)
	if err != nil {
		return nil, err
	}
	base, err := codeBaseOf(a, t)
	if err != nil {
		return nil, err
	}
	answer, err := p.listAt(ctx, a, base, t.Access.Reveal())
	if err != nil {
		return nil, err
	}
	if noSuchPath(answer.Status) {
		return builtinCodeModels(), nil
	}
	return readList(p.portal(), answer, base)
}

// probeCode makes a real call: a list that is public proves no token.
func (p Provider) probeCode(ctx context.Context, a *account.Account) (provider.Finding, error) {
	f := provider.Finding{}
	t, err := codeToken(ctx, a)
	if err != nil {
		return f, err
	}
	f.Identity = t.Owner()
	list, err := p.codeModels(ctx, a)
	if err != nil {
		return f, err
	}
	if len(list) == 0 {
		list = builtinCodeModels()
	}
	return f, p.sayHello(ctx, a, p.portal(), list[0].ID)
}

// client is how the sign-in is spoken to.
func (p Provider) client(settings map[string]string, h *http.Client) oauth.Client {
	return oauth.Client{
		Title: "Qwen", ID: codeClient, TokenURL: cmp.Or(strings.TrimSpace(settings[fieldTokenURL]), codeTokenURL),
		Scopes: []string{"openid", "profile", "email", "model.completion"}, HTTP: p.named(h), Now: p.Now,
	}
}

// SignIn begins Qwen Code's sign-in by a code.
func (p Provider) SignIn(ctx context.Context, o provider.SignInOptions) (account.SignIn, error) {
	if o.Way != wayCode || o.Method != "" && o.Method != provider.SignInDevice {
		return nil, &llm.Error{Kind: llm.KindBadRequest, Message: "of Qwen's ways only Qwen Code signs in, by a code on a page"}
	}
	return oauth.Device(ctx, oauth.DeviceFlow{
		Client: p.client(o.Settings, o.HTTP), CodeURL: cmp.Or(strings.TrimSpace(o.Settings[fieldAuthURL]), codeAuthURL),
	})
}

// Expires is when a sign-in's access token ends. The page's token is not among
// them: it cannot be renewed, and is good until its last second.
func (Provider) Expires(a *account.Account, s account.Secret) time.Time {
	if kind := a.Setting(provider.KindSetting); kind != wayCode && (kind != "" || recognize(s) != wayCode) {
		return time.Time{}
	}
	t, err := oauth.ParseToken(s)
	if err != nil {
		return time.Time{}
	}
	return t.Expiry
}

// Refresh renews a sign-in. What the answer leaves out, as it may the refresh
// token and the address, is kept.
func (p Provider) Refresh(ctx context.Context, a *account.Account, s account.Secret) (account.Secret, error) {
	switch wayOf(ctx, a) {
	case wayWeb:
		return account.Secret{}, &llm.Error{Kind: llm.KindAuth, Message: "a token of chat.qwen.ai cannot be renewed: " + copyAgain}
	case wayStudio:
		return account.Secret{}, &llm.Error{Kind: llm.KindAuth, Message: "an API key cannot be renewed: enter one that is taken"}
	}
	t, err := oauth.ParseToken(s)
	if err != nil {
		return account.Secret{}, &llm.Error{Kind: llm.KindAuth, Message: "the sign-in of the account " + a.Name + " cannot be read: import it again. " + remaining, Cause: err}
	}
	fresh, err := p.client(a.Settings, a.HTTP).Refresh(ctx, t)
	if err != nil {
		e := *llm.AsError(err)
		if e.Kind == llm.KindAuth {
			e.Message += ". " + remaining
		}
		return account.Secret{}, &e
	}
	return fresh.Secret(), nil
}

// named sends with h, in our own name.
func (p Provider) named(h *http.Client) *http.Client {
	c := *h
	c.Transport = named{under: h.Transport, agent: endpoint.UserAgent(p.Version)}
	return &c
}

type named struct {
	under http.RoundTripper
	agent string
}

// RoundTrip adds the name to requests that have none.
func (n named) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", n.agent)
	if n.under == nil {
		return http.DefaultTransport.RoundTrip(r)
	}
	return n.under.RoundTrip(r)
}
