// Package codegeex is codegeex.cn, the site behind the CodeGeeX extensions for
// editors, with the token that a person has there.
//
// The invariant: what a request says of its sender (the site's user, machine and
// editor) comes from the account whose token it carries, and from no other. The
// program introduces itself as what it is, unless the account says otherwise.
package codegeex

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/codegeex"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// Provider is codegeex.cn. Its zero value is ready.
type Provider struct {
	// Version stands in the User-Agent; "" leaves it out.
	Version string
	// Now is the clock of sign-ins; nil is time.Now.
	Now func() time.Time
	// Sleep waits between two questions of a sign-in, or until ctx ends; nil is
	// a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

var (
	_ provider.Provider = Provider{}
	_ provider.Prober   = Provider{}
	_ provider.SignIner = Provider{}
)

// The addresses of the site.
const (
	usualBase = "https://codegeex.cn/prod"
	usualAuth = "https://codegeex.cn/auth"
)

// Dialect is the site's own, with what the account says of its owner: its chat,
// and its completion of code for clients that complete.
func (Provider) Dialect(a *account.Account, client dialect.Name) dialect.Upstream {
	chat := speaks(a)
	if client == dialect.Completions || client == dialect.FIM {
		return codegeex.Inline{Upstream: chat}
	}
	return chat
}

func speaks(a *account.Account) codegeex.Upstream {
	type key struct{}
	return account.Derive(a, key{}, func() codegeex.Upstream {
		role, _ := strconv.Atoi(setting(a, fieldUserRole)) // NewRequest refuses what is no number
		return codegeex.Upstream{
			EmulateTools: a.Setting(fieldEmulateTools) == "true",
			Caller: codegeex.Caller{
				UserID: setting(a, fieldUserID), UserRole: role, IDE: setting(a, fieldIDE), IDEVersion: setting(a, fieldIDEVersion),
				PluginVersion: setting(a, fieldPluginVersion), MachineID: setting(a, fieldMachineID), TalkID: setting(a, fieldTalkID),
				Locale: setting(a, fieldLocale),
			},
		}
	})
}

// setting is the value of a field, or what the original program's file has
// under its own name: user_id for userId.
func setting(a *account.Account, key string) string {
	if v := a.Setting(key); v != "" {
		return v
	}
	var original strings.Builder
	for _, r := range key {
		if unicode.IsUpper(r) {
			original.WriteByte('_')
		}
		original.WriteRune(unicode.ToLower(r))
	}
	return a.Setting(original.String())
}

// NewRequest builds one attempt at the chat, or at a completion.
func (p Provider) NewRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	switch c.Operation {
	case dialect.Chat:
	case dialect.Embed:
		return nil, unsupported("makes no embeddings")
	case dialect.CountTokens:
		return nil, unsupported("does not count tokens")
	case dialect.Complete:
		return p.request(ctx, a, http.MethodPost, "/v3/completions/inline", c.Body)
	}
	if role := setting(a, fieldUserRole); role != "" {
		if _, err := strconv.Atoi(role); err != nil {
			return nil, &llm.Error{Kind: llm.KindForbidden, Param: fieldUserRole, Message: "the user role of the account " + a.Name + " must be a whole number"}
		}
	}
	r, err := p.request(ctx, a, http.MethodPost, "/code/chatCodeSseV3/chat", c.Body)
	if err != nil {
		return nil, err
	}
	if c.Stream {
		r.Header.Set("Accept", "text/event-stream")
	} else {
		r.URL.RawQuery = url.Values{"stream": {"false"}}.Encode()
	}
	return r, nil
}

func unsupported(what string) *llm.Error {
	return &llm.Error{Kind: llm.KindUnsupported, Message: "CodeGeeX " + what}
}

// request is a request below the base address, with the account's token.
func (p Provider) request(ctx context.Context, a *account.Account, method, path string, body []byte) (*http.Request, error) {
	token, err := endpoint.Key(ctx, a, "token")
	if err != nil {
		return nil, err
	}
	return p.withToken(ctx, token, a.Settings, method, path, body)
}

func (p Provider) withToken(ctx context.Context, token string, settings map[string]string, method, path string, body []byte) (*http.Request, error) {
	base, err := endpoint.Base(settings[fieldBaseURL], usualBase, fieldBaseURL)
	if err != nil {
		return nil, err
	}
	r, err := endpoint.New(ctx, method, base.JoinPath(path), body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", p.userAgent(settings))
	if token != "" {
		r.Header.Set("Code-Token", token)
	}
	return r, nil
}

// userAgent is our own name; whether the site looks at it is not known.
func (p Provider) userAgent(settings map[string]string) string {
	if own := strings.TrimSpace(settings[fieldUserAgent]); own != "" && !strings.ContainsAny(own, "\r\n") {
		return own
	}
	return endpoint.UserAgent(p.Version)
}
