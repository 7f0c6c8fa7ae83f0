package account_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// vault is a store, a service and a clock in one. A secret is
// "<name>@<Unix seconds of its end>"; the service takes each name once, as one
// that rotates refresh tokens does.
type vault struct {
	t *testing.T

	mu     sync.Mutex
	stored account.Secret
	now    time.Time
	spent  map[string]bool
	// failure is what the service answers instead; broken what the store does.
	failure, broken error

	calls atomic.Int32
	// gate, when not nil, holds each refresh until it is closed.
	gate chan struct{}
	lock sync.Mutex
}

const minute = time.Minute

func newVault(t *testing.T, left time.Duration) *vault {
	v := &vault{t: t, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), spent: map[string]bool{}}
	v.stored = v.secret("first", left)
	return v
}

func (v *vault) secret(name string, left time.Duration) account.Secret {
	return account.NewSecret(name + "@" + strconv.FormatInt(v.now.Add(left).Unix(), 10))
}

func (v *vault) clock() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

func (v *vault) pass(d time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = v.now.Add(d)
}

func (v *vault) set(change func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change()
}

func (v *vault) load() (account.Secret, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.stored, nil
}

func (v *vault) store(s account.Secret) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.broken != nil {
		return v.broken
	}
	v.stored = s
	return nil
}

func expiresOf(s account.Secret) time.Time {
	_, end, ok := strings.Cut(s.Reveal(), "@")
	n, err := strconv.ParseInt(end, 10, 64)
	if !ok || err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

func (v *vault) refresh(ctx context.Context, s account.Secret) (account.Secret, error) {
	n := v.calls.Add(1)
	if v.gate != nil {
		select {
		case <-v.gate:
		case <-ctx.Done():
			return account.Secret{}, ctx.Err()
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failure != nil {
		return account.Secret{}, v.failure
	}
	name, _, _ := strings.Cut(s.Reveal(), "@")
	if v.spent[name] {
		v.t.Errorf("the refresh token of %s was spent twice", name)
	}
	v.spent[name] = true
	return v.secret(fmt.Sprintf("renewed%d", n), time.Hour), nil
}

func (v *vault) keeper() *account.Keeper {
	k := account.NewKeeper(account.KeeperOptions{
		Load: v.load, Store: v.store, Refresh: v.refresh, Expires: expiresOf, Now: v.clock,
		Lock: func() (func(), error) { v.lock.Lock(); return v.lock.Unlock, nil },
	})
	v.t.Cleanup(k.Close)
	return k
}

func current(t *testing.T, k *account.Keeper) string {
	t.Helper()
	s, err := k.Current(t.Context())
	if err != nil {
		t.Fatalf("Current: %v", err)
	}
	name, _, _ := strings.Cut(s.Reveal(), "@")
	return name
}

func TestB14_RenewsBeforeTheEndOnceForAll(t *testing.T) {
	t.Parallel()
	v := newVault(t, 6*minute)
	k := v.keeper()
	if got := current(t, k); got != "first" || v.calls.Load() != 0 {
		t.Fatalf("six minutes before the end: got %s after %d refreshes, want the first after none", got, v.calls.Load())
	}
	v.pass(5*minute + 30*time.Second) // half a minute is left: too little to send it
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			s, err := k.Current(t.Context())
			if err != nil || !strings.HasPrefix(s.Reveal(), "renewed1@") {
				t.Errorf("got %q, %v", s.Reveal(), err)
			}
		})
	}
	wg.Wait()
	if got := v.calls.Load(); got != 1 {
		t.Errorf("%d refreshes, want 1", got)
	}
	if s, _ := v.load(); !strings.HasPrefix(s.Reveal(), "renewed1@") {
		t.Errorf("stored is %q", s.Reveal())
	}
}

func TestB14_NobodyWaitsWhileTheOldOneLives(t *testing.T) {
	t.Parallel()
	v := newVault(t, 4*minute)
	v.gate = make(chan struct{})
	k := v.keeper()
	if got := current(t, k); got != "first" {
		t.Errorf("got %s, want the first, which lives for four minutes", got)
	}
	close(v.gate)
	k.Close()
	if got := current(t, k); got != "renewed1" {
		t.Errorf("got %s after the refresh", got)
	}
}

func TestB14_After401OneRefreshForAll(t *testing.T) {
	t.Parallel()
	v := newVault(t, time.Hour)
	k := v.keeper()
	current(t, k)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := k.Renew(t.Context(), v.clock()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := v.calls.Load(); got != 1 || current(t, k) != "renewed1" {
		t.Errorf("%d refreshes, now %s, want one", got, current(t, k))
	}
	v.pass(minute)
	if err := k.Renew(t.Context(), v.clock()); err != nil || v.calls.Load() != 2 {
		t.Errorf("a minute later: %v, %d refreshes, want a second", err, v.calls.Load())
	}
}

func TestB14_TheOneWhoAskedLeaves(t *testing.T) {
	t.Parallel()
	v := newVault(t, -minute)
	v.gate = make(chan struct{})
	k := v.keeper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := k.Current(ctx)
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindCanceled {
		t.Errorf("got %v, want canceled", err)
	}
	close(v.gate) // the refresh token is spent: what it gave must be kept
	k.Close()
	if s, _ := v.load(); !strings.HasPrefix(s.Reveal(), "renewed1@") {
		t.Errorf("stored is %q", s.Reveal())
	}
}

func TestB15_TwoProcessesSpendOneRefresh(t *testing.T) {
	t.Parallel()
	v := newVault(t, -minute)
	keepers := []*account.Keeper{v.keeper(), v.keeper(), v.keeper()}
	var wg sync.WaitGroup
	for _, k := range keepers {
		for range 10 {
			wg.Go(func() {
				if s, err := k.Current(t.Context()); err != nil || !strings.HasPrefix(s.Reveal(), "renewed1@") {
					t.Errorf("got %q, %v", s.Reveal(), err)
				}
			})
		}
	}
	wg.Wait()
	if got := v.calls.Load(); got != 1 {
		t.Errorf("%d refreshes, want 1", got)
	}
	// Hours later the second process holds what the first has replaced twice.
	for range 2 {
		v.pass(2 * time.Hour)
		current(t, keepers[0])
	}
	if got := current(t, keepers[1]); got != "renewed3" || v.calls.Load() != 3 {
		t.Errorf("got %s after %d refreshes, want the third without another", got, v.calls.Load())
	}
}

func TestB15_AFailedRefreshKeepsTheOldToken(t *testing.T) {
	t.Parallel()
	v := newVault(t, 2*minute)
	v.failure = &llm.Error{Kind: llm.KindNetwork, Message: "no network"}
	k := v.keeper()
	current(t, k)
	k.Close()
	if got := current(t, k); got != "first" {
		t.Errorf("got %s, want the first: it lives", got)
	}
	if p := k.Problem(); p == nil || p.Kind != llm.KindNetwork {
		t.Errorf("the problem is %v, want the network", p)
	}
	if got := v.calls.Load(); got != 1 {
		t.Errorf("%d tries within the pause, want 1", got)
	}
	v.pass(11 * time.Second)
	v.set(func() { v.failure = nil })
	current(t, k)
	k.Close()
	if got := current(t, k); got != "renewed2" || k.Problem() != nil {
		t.Errorf("got %s with %v after the network came back", got, k.Problem())
	}
}

func TestB15_WhatCannotBeSavedStillWorks(t *testing.T) {
	t.Parallel()
	v := newVault(t, -minute)
	v.broken = errors.New("the disk is full")
	k := v.keeper()
	if got := current(t, k); got != "renewed1" {
		t.Errorf("got %s", got)
	}
	if p := k.Problem(); p == nil || !strings.Contains(p.Message, "disk is full") {
		t.Errorf("the problem is %v", p)
	}
	v.set(func() { v.broken = nil })
	v.pass(2 * time.Hour)
	// The stored one is spent: the rotated one must be used.
	if got := current(t, k); got != "renewed2" || k.Problem() != nil {
		t.Errorf("got %s, %v", got, k.Problem())
	}
}

func TestB15_ANewSignInIsNotLostToARefresh(t *testing.T) {
	t.Parallel()
	v := newVault(t, 2*minute)
	v.gate = make(chan struct{})
	k := v.keeper()
	current(t, k)
	_ = v.store(v.secret("other", time.Hour))
	k.Forget()
	close(v.gate)
	k.Close()
	if got := current(t, k); got != "other" {
		t.Errorf("got %s, want the new sign-in", got)
	}
	if s, _ := v.load(); !strings.HasPrefix(s.Reveal(), "other@") {
		t.Errorf("stored is %q", s.Reveal())
	}
}

func TestB13_ARevokedSignInIsToldAndNotTriedAgain(t *testing.T) {
	t.Parallel()
	v := newVault(t, -minute)
	v.failure = &llm.Error{Kind: llm.KindAuth, Code: "invalid_grant", Message: "revoked: sign in again"}
	k := v.keeper()
	for range 5 {
		_, err := k.Current(t.Context())
		if e := llm.AsError(err); e == nil || e.Kind != llm.KindAuth || e.Code != "invalid_grant" {
			t.Fatalf("got %v, want the revocation", err)
		}
		if err := k.Renew(t.Context(), v.clock()); err == nil {
			t.Fatal("Renew succeeds with a revoked token")
		}
		v.pass(time.Hour)
	}
	if got := v.calls.Load(); got != 1 {
		t.Errorf("%d tries, want 1", got)
	}
	if p := k.Problem(); p == nil || p.Code != "invalid_grant" {
		t.Errorf("the card is told %v", p)
	}
	// The user signs in again, in another window or on the command line.
	v.set(func() { v.stored, v.failure = v.secret("again", time.Hour), nil })
	if got := current(t, k); got != "again" || k.Problem() != nil {
		t.Errorf("got %s with %v after the new sign-in", got, k.Problem())
	}
}

// The keeper asks nobody whether an account may be routed to.
func TestB09_AnIdleAccountStaysFresh(t *testing.T) {
	t.Parallel()
	v := newVault(t, time.Hour)
	k := v.keeper()
	for range 24 * 6 {
		current(t, k)
		v.pass(10 * minute)
	}
	k.Close()
	if got := v.calls.Load(); got < 20 || got > 28 {
		t.Errorf("%d refreshes in a day of tokens of an hour", got)
	}
	if k.Problem() != nil || k.Expires().Before(v.clock()) {
		t.Errorf("after a day: %v, ends %v", k.Problem(), k.Expires())
	}
}

func TestKeeper_AWrongClockDoesNotRenewForEachRequest(t *testing.T) {
	t.Parallel()
	v := newVault(t, -minute)
	k := account.NewKeeper(account.KeeperOptions{
		Load: v.load, Store: v.store, Now: v.clock, Expires: expiresOf,
		Refresh: func(context.Context, account.Secret) (account.Secret, error) {
			return v.secret("old"+strconv.Itoa(int(v.calls.Add(1))), -time.Hour), nil // as the clock is an hour ahead
		},
	})
	defer k.Close()
	for range 20 {
		current(t, k)
	}
	if got := v.calls.Load(); got != 1 {
		t.Errorf("%d refreshes for 20 requests, want 1", got)
	}
}

func TestKeeper_NoEndIsNeverDue(t *testing.T) {
	t.Parallel()
	v := newVault(t, 0)
	v.stored = account.NewSecret("no-end")
	k := v.keeper()
	v.pass(1000 * time.Hour)
	if got := current(t, k); got != "no-end" || v.calls.Load() != 0 {
		t.Errorf("got %s after %d refreshes", got, v.calls.Load())
	}
}

func TestKeeper_NotSignedIn(t *testing.T) {
	t.Parallel()
	v := newVault(t, 0)
	v.stored = account.Secret{}
	k := v.keeper()
	_, err := k.Current(t.Context())
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindAuth || e.Code != "no_sign_in" {
		t.Errorf("got %v", err)
	}
	v.set(func() { v.stored = v.secret("new", time.Hour) })
	if got := current(t, k); got != "new" {
		t.Errorf("got %s", got)
	}
}
