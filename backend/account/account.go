// Package account is about sign-ins at providers: which there are, with what
// credential, over which network path.
//
// The invariant: a secret leaves an account only through [Account.Credential],
// and never through a format verb, JSON or a log. The package does not choose
// among accounts (pool does) and does not know what a provider's protocol is.
package account

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"time"
)

// Account is one sign-in at a provider. It is a snapshot: whoever changes the
// configuration makes new ones and swaps them in whole.
type Account struct {
	// ID is stable over the account's life and never used again.
	ID int64
	// Provider is the provider's kind, as openaicompat.
	Provider string
	// Name is what the user calls it.
	Name string
	// Prefix stands before the models' names: prefix/model.
	Prefix string
	// Enabled is the user's switch.
	Enabled bool
	// Settings are the provider's own fields (Info().Fields), by key.
	Settings map[string]string
	// Secrets are those of the provider's fields that are secret, by key, as a
	// cookie; nil is none. They are not among the Settings.
	Secrets map[string]Secret
	// Models are the upstream models the user listed by hand; empty means that
	// the provider is asked.
	Models []string
	// HTTP sends everything that is sent for this account, sign-in included
	// (B16). It does not follow redirects to other hosts.
	HTTP *http.Client
	// Renew forces one refresh of the credential, after the service refused it
	// (B14) of a request that was begun at asked; a refresh made since then
	// counts. Nil where there is nothing to refresh.
	Renew func(ctx context.Context, asked time.Time) error

	credential func(ctx context.Context) (Secret, error)
	// derived holds what a provider has worked out of the settings; see Derive.
	derived *sync.Map
}

// Derive gives what work makes of a's settings, and remembers it for as long as
// this snapshot lives: a provider has no state of its own and would work it out
// for each request. key is of a type that only its user has. Work may be called
// more than once, and what it gives must not be changed.
func Derive[T any](a *Account, key any, work func() T) T {
	if a.derived == nil {
		return work()
	}
	if v, ok := a.derived.Load(key); ok {
		if t, ok := v.(T); ok {
			return t
		}
	}
	t := work()
	a.derived.Store(key, t)
	return t
}

// New makes an account whose credential is given by credential; nil means that
// the provider needs none.
func New(a Account, credential func(ctx context.Context) (Secret, error)) *Account {
	a.Settings, a.Secrets = maps.Clone(a.Settings), maps.Clone(a.Secrets)
	a.credential = credential
	a.derived = &sync.Map{}
	return &a
}

// Credential gives the current secret, refreshed when it is due. It returns the
// zero Secret for an account that needs none.
func (a *Account) Credential(ctx context.Context) (Secret, error) {
	if a.credential == nil {
		return Secret{}, nil
	}
	return a.credential(ctx)
}

// Setting is the value of one of the provider's own fields; "" when unset.
func (a *Account) Setting(key string) string { return a.Settings[key] }
