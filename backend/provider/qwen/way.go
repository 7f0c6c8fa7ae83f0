package qwen

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync/atomic"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// The ways, as an account's kind names them.
const (
	wayStudio = "dashscope"
	wayWeb    = "web"
	wayCode   = "code"
)

// seen is what a secret has shown its way to be.
type seen struct{ way atomic.Pointer[string] }

type seenKey struct{}

// wayOf is the way of an account: what its settings say or, where they say
// nothing, what its secret looks like. A secret that cannot be read now is
// looked at again the next time.
func wayOf(ctx context.Context, a *account.Account) string {
	switch kind := a.Setting(provider.KindSetting); kind {
	case wayStudio, wayWeb, wayCode:
		return kind
	}
	s := account.Derive(a, seenKey{}, func() *seen { return &seen{} })
	if w := s.way.Load(); w != nil {
		return *w
	}
	secret, err := a.Credential(ctx)
	if err != nil || secret.IsZero() {
		return wayStudio
	}
	w := recognize(secret)
	s.way.Store(&w)
	return w
}

// recognize tells a secret's way by its form.
func recognize(s account.Secret) string {
	text := strings.TrimSpace(s.Reveal())
	switch {
	case strings.HasPrefix(text, "{"):
		return wayCode
	case claimsOf(webToken(text)) != nil:
		return wayWeb
	default:
		return wayStudio
	}
}

// webToken is the token in what people copy out of a browser.
func webToken(text string) string {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	for _, before := range []string{"Bearer ", "bearer ", "token="} {
		text = strings.TrimPrefix(text, before)
	}
	return strings.TrimSpace(strings.TrimSuffix(text, ";"))
}

// claims are what a token says of itself. Nothing is decided by them but
// whether sending it makes sense, so that its signature is not looked at.
type claims struct {
	Expires float64 `json:"exp"`
	Email   string  `json:"email"`
}

// claimsOf reads a JWT; nil is none.
func claimsOf(token string) *claims {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	var c claims
	for _, p := range parts[:2] {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(p, "="))
		if err != nil || json.Unmarshal(raw, &c) != nil {
			return nil
		}
	}
	return &c
}

// expires is when the token ends; the zero time is not known.
func (c *claims) expires() time.Time {
	if c == nil || c.Expires <= 0 || c.Expires > 1e11 {
		return time.Time{}
	}
	return time.Unix(int64(c.Expires), 0)
}
