package daemon

import (
	"context"
	"errors"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// fileField is the field under which the credential store keeps the print of
// the token in the file that a stored credential came from.
const fileField = "from-file"

// keeps says that an account's credential is renewed by the program.
func keeps(s *seat) bool {
	_, ok := s.provider.(provider.Refresher)
	return ok && (s.way.Credential == provider.CredentialSignIn || s.way.Credential == provider.CredentialFile)
}

// secret is an account's credential as it is stored: the one in the credential
// store where it is the account's own, or was made from the one in the file.
// One that a person wrote into the file later wins. mu need not be held.
func (a *accounts) secret(s *seat) (account.Secret, error) {
	c := s.config
	if c.Key != "" {
		if from, _ := a.o.Secrets.Get(account.FieldName(c.ID, fileField)); from.Reveal() == c.Print() {
			if stored, ok := a.o.Secrets.Get(account.CredentialName(c.ID)); ok {
				return stored, nil
			}
		}
		return account.NewSecret(c.Key), nil
	}
	stored, err := a.o.Secrets.Lookup(account.CredentialName(c.ID))
	if errors.Is(err, account.ErrNoSecret) {
		return account.Secret{}, nil
	}
	return stored, err
}

// keepSecret stores a renewed credential. Where the first one stands in the
// file it is noted which it was; what was stored of another goes before.
func (a *accounts) keepSecret(s *seat, fresh account.Secret) error {
	c := s.config
	if c.Key != "" {
		field := account.FieldName(c.ID, fileField)
		if from, _ := a.o.Secrets.Get(field); from.Reveal() != c.Print() {
			if err := a.o.Secrets.Forget(account.CredentialName(c.ID)); err != nil {
				return err
			}
			if err := a.o.Secrets.Set(field, account.NewSecret(c.Print())); err != nil {
				return err
			}
		}
	}
	return a.o.Secrets.Set(account.CredentialName(c.ID), fresh)
}

// keeper makes the one that renews the credential of s.
func (a *accounts) keeper(s *seat) *account.Keeper {
	k := s.known
	r, _ := s.provider.(provider.Refresher)
	// Of the account as it is when the refresh is made: its settings may change.
	now := func() *account.Account {
		a.mu.Lock()
		defer a.mu.Unlock()
		if current := a.byID[s.config.ID]; current != nil {
			return current.account
		}
		return s.account
	}
	bare := account.New(account.Account{ID: s.config.ID, Provider: s.config.Provider, Settings: s.config.Settings}, nil)
	return account.NewKeeper(account.KeeperOptions{
		Load: func() (account.Secret, error) {
			secret, err := a.secret(s)
			if err == nil {
				k.stored.Store(&secret)
			}
			return secret, err
		},
		Store: func(fresh account.Secret) error {
			k.stored.Store(&fresh)
			defer a.o.Renewed()
			defer a.o.Balance.Renewed(s.config.ID)
			return a.keepSecret(s, fresh)
		},
		Lock: func() (func(), error) { return a.o.Secrets.Lock(account.CredentialName(s.config.ID)) },
		Refresh: func(ctx context.Context, secret account.Secret) (account.Secret, error) {
			return r.Refresh(ctx, now(), secret)
		},
		Expires: func(secret account.Secret) time.Time { return r.Expires(bare, secret) },
	})
}

// follow has a keeper read a credential that another process, or a person,
// stored. mu is held.
func (a *accounts) follow(s *seat) {
	k := s.known
	seen := k.stored.Load()
	if seen == nil {
		return // it has read nothing yet
	}
	stored, err := a.secret(s)
	if err != nil || stored.Equal(*seen) {
		return
	}
	k.stored.Store(nil)
	k.keeper.Forget()
	k.wanted, k.doubted = true, false
}

// credential gives an account's secret at each use, and what renews it.
func (a *accounts) credential(s *seat) (get func(context.Context) (account.Secret, error), renew func(context.Context, time.Time) error) {
	if k := s.known.keeper; k != nil {
		get = func(ctx context.Context) (account.Secret, error) {
			secret, err := k.Current(ctx)
			if err != nil {
				a.noteProblem(s.known)
			}
			return secret, err
		}
		return get, func(ctx context.Context, asked time.Time) error {
			err := k.Renew(ctx, asked)
			a.noteProblem(s.known)
			a.doubt(s.known)
			return err
		}
	}
	secret, err := a.secret(s)
	if err == nil && !secret.IsZero() {
		return func(context.Context) (account.Secret, error) { return secret, nil }, nil
	}
	// A store that cannot be read now, as before the keyring is unlocked, is
	// asked again at each use and says why.
	return func(context.Context) (account.Secret, error) { return a.secret(s) }, nil
}

// noteProblem tells the pages when what is wrong with a credential changed
// (B13).
func (a *accounts) noteProblem(k *known) {
	now := k.keeper.Problem()
	a.mu.Lock()
	changed := (now == nil) != (k.problem == nil) || now != nil && now.Message != k.problem.Message
	k.problem = now
	a.mu.Unlock()
	if changed {
		a.tell()
	}
}

// refused has the account's service asked again, after it refused its
// credential in a request.
func (a *accounts) refused(id int64) {
	a.mu.Lock()
	s := a.byID[id]
	a.mu.Unlock()
	if s != nil {
		a.doubt(s.known)
	}
}

// doubt has the service asked again, after it refused a credential: a renewed
// one may be refused as well, which the keeper does not learn. Many requests may
// be refused at once, and a service that answers its list to everybody is not to
// be asked for each of them.
func (a *accounts) doubt(k *known) {
	const pause = 5 * time.Second
	a.mu.Lock()
	defer a.mu.Unlock()
	k.doubted = true
	if k.flight != nil || k.health.State == control.AccountSignIn {
		return
	}
	if soon := k.health.CheckedAt.Add(pause); time.Now().Before(soon) {
		if k.next.IsZero() || soon.Before(k.next) {
			k.next = soon
		}
		return
	}
	k.wanted, k.quiet = true, true
	nudge(a.wake)
}

// freshen renews what is due, whether or not the account is used (B09).
func (a *accounts) freshen(ctx context.Context, k *known) {
	_, _ = k.keeper.Current(ctx) // what went wrong is its Problem
	a.noteProblem(k)
}
