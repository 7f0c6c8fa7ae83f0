// Package qwen is Alibaba's Qwen, three ways: Model Studio (DashScope) with an
// API key, the page chat.qwen.ai with the token of its user, and the sign-in of
// Qwen Code, which has ended.
//
// The invariant: a credential goes to the address of its own way and to no
// other. This program says who it is: it does not pass for Qwen Code, nor for a
// browser; where the page wants to see one, the user is told.
package qwen

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// Provider is Qwen. Its zero value is ready.
type Provider struct {
	// Version stands in the User-Agent; "" leaves it out.
	Version string
	// Now is the clock; nil is the system's.
	Now func() time.Time
}

var (
	_ provider.Provider  = Provider{}
	_ provider.SignIner  = Provider{}
	_ provider.Refresher = Provider{}
	_ provider.Prober    = Provider{}
)

func (p Provider) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}

// dialectKey is the key under which an account remembers the dialect of a way.
type dialectKey string

// Dialect is the protocol of the account's way. It is asked for without a
// context, for it is a fact of the account and not of a request.
func (p Provider) Dialect(a *account.Account, client dialect.Name) dialect.Upstream {
	w := wayOf(context.Background(), a)
	if w != wayWeb && w != wayCode {
		if u := p.studioBeside(a, client); u != nil {
			return u
		}
	}
	return account.Derive(a, dialectKey(w), func() dialect.Upstream {
		switch w {
		case wayWeb:
			return p.web(a)
		case wayCode:
			return p.portal()
		default:
			return p.studio(a)
		}
	})
}

// NewRequest builds one attempt. For chat.qwen.ai it first opens the chat that
// the attempt is made in, through a.HTTP.
func (p Provider) NewRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	switch wayOf(ctx, a) {
	case wayWeb:
		return p.webRequest(ctx, a, c)
	case wayCode:
		return p.codeRequest(ctx, a, c)
	default:
		return p.studioRequest(ctx, a, c)
	}
}

// Models asks the service for its list.
func (p Provider) Models(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	switch wayOf(ctx, a) {
	case wayWeb:
		return p.webModels(ctx, a)
	case wayCode:
		return p.codeModels(ctx, a)
	default:
		list, _, err := p.studioModels(ctx, a)
		return list, err
	}
}

// Probe makes the calls that decide whether the account works.
func (p Provider) Probe(ctx context.Context, a *account.Account) (provider.Finding, error) {
	switch wayOf(ctx, a) {
	case wayWeb:
		return p.probeWeb(ctx, a)
	case wayCode:
		return p.probeCode(ctx, a)
	default:
		return p.probeStudio(ctx, a)
	}
}

// request is a request with a bearer's token, in our own name.
func (p Provider) request(ctx context.Context, method string, u *url.URL, token string, body []byte) (*http.Request, error) {
	r, err := endpoint.New(ctx, method, u, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", endpoint.UserAgent(p.Version))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r, nil
}

// unsupported is an operation that a way does not have.
func unsupported(message string) error {
	return &llm.Error{Kind: llm.KindUnsupported, Message: message}
}
