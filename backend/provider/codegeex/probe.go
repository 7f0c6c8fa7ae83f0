package codegeex

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/codegeex"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// envelope is how the site's addresses answer, all with the status 200.
type envelope struct {
	Code *int   `json:"code"`
	Msg  string `json:"msg"`
	Data user   `json:"data"`
}

// user is whose token it is, as far as the site tells.
type user struct {
	UserID   any    `json:"userId"`
	Name     string `json:"name"`
	NickName string `json:"nickName"`
	Email    string `json:"email"`
}

func (u user) id() string {
	switch id := u.UserID.(type) {
	case string:
		return id
	case float64:
		return strconv.FormatFloat(id, 'f', -1, 64)
	default:
		return ""
	}
}

func (u user) identity() string { return cmp.Or(u.Email, u.Name, u.NickName, u.id()) }

// Probe asks the site whose token it is (B12).
func (p Provider) Probe(ctx context.Context, a *account.Account) (provider.Finding, error) {
	token, err := endpoint.Key(ctx, a, "token")
	if err != nil {
		return provider.Finding{}, err
	}
	if token == "" {
		return provider.Finding{}, &llm.Error{Kind: llm.KindAuth, Message: "the account " + a.Name + " has no token: sign in, or paste one"}
	}
	u, err := p.userOf(ctx, a.HTTP, token, a.Settings)
	if err != nil {
		return provider.Finding{}, err
	}
	f := provider.Finding{Identity: u.identity()}
	if id := u.id(); id != "" && setting(a, fieldUserID) == "" {
		f.Settings = map[string]string{fieldUserID: id}
	}
	return f, nil
}

// userOf asks whose token it is; an error of [llm.KindAuth] is nobody's.
func (p Provider) userOf(ctx context.Context, client *http.Client, token string, settings map[string]string) (user, error) {
	r, err := p.withToken(ctx, token, settings, http.MethodGet, "/code/oauth/getUserInfo", nil)
	if err != nil {
		return user{}, err
	}
	body, err := p.ask(client, r)
	if err != nil {
		return user{}, err
	}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil || e.Code == nil {
		return user{}, &llm.Error{Kind: llm.KindProtocol, Cause: err, Message: "the answer of " + r.URL.Host + r.URL.Path + " cannot be read: check the base URL and the network"}
	}
	if *e.Code != http.StatusOK {
		// Whatever the code is, the site does not know whose token it is.
		said := codegeex.Upstream{}.DecodeError(http.StatusUnauthorized, nil, body)
		said.Status, said.Code = http.StatusOK, strconv.Itoa(*e.Code)
		return user{}, said
	}
	return e.Data, nil
}

// ask sends a short request and reads the refusal of one that failed, whether
// the status says so or the envelope.
func (p Provider) ask(client *http.Client, r *http.Request) ([]byte, error) {
	got, err := endpoint.Ask(client, r)
	if err != nil {
		return nil, err
	}
	if !got.OK() {
		return nil, codegeex.Upstream{Now: p.Now}.DecodeError(got.Status, got.Header, got.Body)
	}
	return got.Body, nil
}
