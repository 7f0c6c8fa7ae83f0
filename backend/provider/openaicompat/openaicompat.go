// Package openaicompat is every service that speaks the OpenAI Chat Completions
// protocol: known ones, whose address and habits are data ([provider.Way]s), and
// any other at a base URL that the user gives.
//
// The invariant: the key goes to the host of the account's base URL, in the
// Authorization header, and nowhere else; not into an error, and not into a URL.
// What a certain service does differently is a row of its preset or a switch of
// the account, never a guess from an address or a name, and never a branch in
// the code.
package openaicompat

import (
	"bytes"
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

// Provider is the OpenAI-compatible service. Its zero value is ready.
type Provider struct {
	// Version stands in the User-Agent; "" leaves it out.
	Version string
	// ModelsTimeout bounds Models; 0 is 30 seconds.
	ModelsTimeout time.Duration
}

var (
	_ provider.Provider = Provider{}
	_ provider.Prober   = Provider{}
)

// New makes the provider.
func New() Provider { return Provider{} }

// NewRequest builds one attempt at the account's base URL.
func (p Provider) NewRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	path, err := presetOf(a).path(c.Operation)
	if err != nil {
		return nil, err
	}
	if c.Operation == dialect.Chat {
		path = chatsPath(a, c.Dialect)
	}
	r, err := p.request(ctx, a, http.MethodPost, path, c.Body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if c.Stream {
		r.Header.Set("Accept", "text/event-stream")
	}
	return r, nil
}

// path is where an operation goes, below the base.
func (p preset) path(o dialect.Operation) (string, error) {
	switch o {
	case dialect.Chat:
		return "/chat/completions", nil
	case dialect.Embed:
		if !p.noEmbeddings {
			return "/embeddings", nil
		}
		return "", unsupported(p.way.Title.EN + " has no embeddings; choose a model of another service")
	case dialect.Complete:
		if p.completions != "" {
			return p.completions, nil
		}
		return "", unsupported(p.way.Title.EN + " has no code completion; choose a model of another service")
	case dialect.CountTokens:
		if p.counts {
			return "/responses/input_tokens", nil
		}
	}
	return "", unsupported("an OpenAI-compatible service does not count tokens")
}

func unsupported(message string) *llm.Error {
	return &llm.Error{Kind: llm.KindUnsupported, Message: message}
}

// place is the address of a path below the account's base URL.
type place struct {
	url *url.URL
	err error
}

// below is the key under which the account remembers a place.
type below string

func placeOf(a *account.Account, p string) (*url.URL, error) {
	e := account.Derive(a, below(p), func() place {
		base, err := presetOf(a).address(a)
		if err != nil {
			return place{err: err}
		}
		return place{url: base.JoinPath(p)}
	})
	return e.url, e.err
}

// request is a request to a path below the base URL, credential included.
// Accept-Encoding is left to the transport: only then does it decode what a
// service compresses.
func (p Provider) request(ctx context.Context, a *account.Account, method, path string, body []byte) (*http.Request, error) {
	address, err := placeOf(a, path)
	if err != nil {
		return nil, err
	}
	key, err := endpoint.Key(ctx, a, "key")
	if err != nil {
		return nil, err
	}
	var r *http.Request
	if body == nil {
		r, err = http.NewRequestWithContext(ctx, method, "", http.NoBody)
	} else {
		// A bytes.Reader also gives the request its length and GetBody, so that
		// the transport can send it again on a connection that had just died.
		r, err = http.NewRequestWithContext(ctx, method, "", bytes.NewReader(body))
	}
	if err != nil {
		return nil, &llm.Error{Kind: llm.KindInternal, Message: "could not build the request to " + address.Host, Cause: err}
	}
	// The address was parsed once; nobody changes it.
	r.URL, r.Host = address, address.Host
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", endpoint.UserAgent(p.Version))
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	return r, nil
}
