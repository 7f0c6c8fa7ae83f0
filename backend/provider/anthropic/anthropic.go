// Package anthropic is Anthropic's API with a key, and any other service that
// speaks its Messages protocol at an address the user gives.
//
// The invariant: the key goes to the host of that address, in one header, and
// nowhere else. There is no sign-in here: subscriptions are for Anthropic's own
// programs.
package anthropic

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// Provider is the Messages API. Its zero value is ready.
type Provider struct {
	// Version stands in the User-Agent; "" leaves it out.
	Version string
	// Now dates a limit's reset; nil is time.Now.
	Now func() time.Time
}

var (
	_ provider.Provider = Provider{}
	_ provider.Prober   = Provider{}
)

const (
	usualBase = "https://api.anthropic.com"
	// apiVersion is the protocol's version that the codec speaks.
	apiVersion = "2023-06-01"
)

// Dialect is the Messages protocol.
func (p Provider) Dialect(a *account.Account, _ dialect.Name) dialect.Upstream {
	limit, _ := strconv.Atoi(a.Setting(fieldMaxTokens)) // NewRequest refuses what is no number
	return anthropic.Upstream{MaxTokens: limit, Now: p.Now}
}

// NewRequest builds one attempt.
func (p Provider) NewRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	path := "/v1/messages"
	switch c.Operation {
	case dialect.Chat:
	case dialect.CountTokens:
		path = "/v1/messages/count_tokens"
	case dialect.Embed:
		return nil, unsupported("makes no embeddings")
	case dialect.Complete:
		return nil, unsupported("completes no text; its chat does")
	}
	if s := a.Setting(fieldMaxTokens); s != "" {
		if n, err := strconv.Atoi(s); err != nil || n < 1 {
			return nil, &llm.Error{Kind: llm.KindForbidden, Param: fieldMaxTokens, Message: "the longest answer of the account " + a.Name + " must be a whole number above 0"}
		}
	}
	r, err := p.request(ctx, a, http.MethodPost, path, nil, c.Body)
	if err != nil {
		return nil, err
	}
	if c.Stream {
		r.Header.Set("Accept", "text/event-stream")
	}
	if beta := withPreviews(betaOf(a.Setting(fieldBeta)), c.Previews); len(beta) > 0 {
		r.Header.Set("Anthropic-Beta", strings.Join(beta, ","))
	}
	return r, nil
}

func unsupported(what string) *llm.Error {
	return &llm.Error{Kind: llm.KindUnsupported, Message: "the Messages protocol " + what}
}

// request is a request below the account's address, credential included.
func (p Provider) request(ctx context.Context, a *account.Account, method, path string, query url.Values, body []byte) (*http.Request, error) {
	base, err := baseOf(a)
	if err != nil {
		return nil, err
	}
	key, err := endpoint.Key(ctx, a, "key")
	if err != nil {
		return nil, err
	}
	u := base.JoinPath(path)
	u.RawQuery = query.Encode()
	r, err := endpoint.New(ctx, method, u, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", endpoint.UserAgent(p.Version))
	r.Header.Set("Anthropic-Version", apiVersion)
	if beta := betaOf(a.Setting(fieldBeta)); len(beta) > 0 {
		r.Header.Set("Anthropic-Beta", strings.Join(beta, ","))
	}
	switch {
	case key == "":
	case a.Setting(fieldKeyHeader) == headerBearer:
		r.Header.Set("Authorization", "Bearer "+key)
	default:
		r.Header.Set("X-Api-Key", key)
	}
	return r, nil
}

// baseOf is the account's address without what belongs to the paths below it.
func baseOf(a *account.Account) (*url.URL, error) {
	typed := a.Setting(fieldBaseURL)
	if typed == "" && a.Setting(provider.KindSetting) == wayCustom {
		return nil, &llm.Error{Kind: llm.KindNetwork, Param: fieldBaseURL, Message: "the base URL of the account " + a.Name + " is missing: enter the service's"}
	}
	base, err := endpoint.Base(typed, usualBase, fieldBaseURL)
	if err != nil {
		return nil, err
	}
	for _, end := range [...]string{"/messages", "/models", "/v1"} {
		base.Path = strings.TrimRight(strings.TrimSuffix(base.Path, end), "/")
	}
	return base, nil
}

// betaOf is a list of names, whatever stands between them.
func betaOf(typed string) []string {
	return strings.FieldsFunc(typed, func(r rune) bool { return r <= ' ' || r > '~' || r == ',' || r == ';' })
}

// withPreviews adds those that the client's body needs. What belongs to a
// sign-in is none of them: the account has a key.
func withPreviews(list []string, previews string) []string {
	for _, name := range betaOf(previews) {
		if !slices.Contains(list, name) && !strings.HasPrefix(name, "oauth-") {
			list = append(list, name)
		}
	}
	return list
}
