package account

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// KeeperOptions say where a Keeper finds a secret and how it gets the next.
type KeeperOptions struct {
	// Load reads the secret as it is stored now; it may have been replaced by
	// another process, or by a new sign-in. The zero Secret is none.
	Load func() (Secret, error)
	// Store replaces the stored secret, all or nothing.
	Store func(fresh Secret) error
	// Lock keeps other processes from refreshing until unlock; nil is for a
	// store that no other process has.
	Lock func() (unlock func(), err error)
	// Refresh makes a new secret of s. An *llm.Error of KindAuth is final; after
	// any other s is as good as before.
	Refresh func(ctx context.Context, s Secret) (Secret, error)
	// Expires is when s ends; the zero time is not known.
	Expires func(s Secret) time.Time
	// Skew is how long before its end a secret is renewed; 0 is 5 minutes.
	Skew time.Duration
	// Timeout bounds one refresh; 0 is 30 seconds.
	Timeout time.Duration
	// Now is the clock; nil is the system's.
	Now func() time.Time
}

// Keeper keeps one account's secret fresh: it is renewed before it ends, once
// for all who ask at a time, in this process and in others (B14, B15), and
// whether or not the account is routed to (B09). A failure is remembered for
// the account's card (B13), and a refresh token that was refused is not tried
// again until another one is stored. It is safe for many goroutines.
type Keeper struct {
	o KeeperOptions

	mu sync.Mutex
	// held is the secret in use; zero before the first Current.
	held    Secret
	expires time.Time
	// due is when a refresh is wanted; the zero time is never.
	due time.Time
	// renewed is when the last refresh was made, or found made by others.
	renewed time.Time
	// refused is the secret whose refresh was refused for good.
	refused Secret
	failed  *llm.Error
	// failures counts those in a row; retry is when the next try makes sense.
	failures int
	retry    time.Time
	// unsaved says that held is newer than what is stored.
	unsaved bool
	flight  *flight
	running sync.WaitGroup
}

// flight is one refresh under way.
type flight struct {
	done chan struct{}
	err  *llm.Error
}

const (
	// enough is how long a secret must live to be sent without waiting for the
	// refresh that is under way.
	enough = time.Minute
	// shortest is the least time between two refreshes that nobody forced.
	shortest   = 30 * time.Second
	firstPause = 10 * time.Second
	longPause  = 5 * time.Minute
)

// NewKeeper makes a keeper that has read nothing yet.
func NewKeeper(o KeeperOptions) *Keeper {
	o.Skew, o.Timeout = cmp.Or(o.Skew, 5*time.Minute), cmp.Or(o.Timeout, 30*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Lock == nil {
		o.Lock = func() (func(), error) { return func() {}, nil }
	}
	return &Keeper{o: o}
}

// Close waits for a refresh that is under way: its refresh token is spent, and
// what it got must be stored.
func (k *Keeper) Close() { k.running.Wait() }

// Problem is why the last refresh failed; nil is no problem. Its Kind says
// whether the user must sign in again (KindAuth) or a later try may work.
func (k *Keeper) Problem() *llm.Error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failed
}

// Expires is when the secret in use ends; the zero time is not known.
func (k *Keeper) Expires() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.expires
}

// Forget drops what is held and what failed, so that the next Current reads the
// store: after a new sign-in.
func (k *Keeper) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held, k.refused, k.failed, k.failures, k.unsaved, k.flight = Secret{}, Secret{}, nil, 0, false, nil
	k.expires, k.due, k.retry, k.renewed = time.Time{}, time.Time{}, time.Time{}, time.Time{}
}

// Awoke says that the machine slept, or that its network changed: a refresh
// that failed for want of one may be tried at once (B54).
func (k *Keeper) Awoke() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed != nil && (k.failed.Kind == llm.KindNetwork || k.failed.Kind == llm.KindTimeout) {
		k.retry, k.failures = time.Time{}, 0
	}
}

// Current gives the secret to send. One that is near its end is renewed first;
// while it still lives for a while, and also when the refresh fails, it is
// given meanwhile. Called now and then without a request, it keeps an account
// fresh that nobody uses.
func (k *Keeper) Current(ctx context.Context) (Secret, error) {
	k.mu.Lock()
	if err := k.read(); err != nil {
		k.mu.Unlock()
		return Secret{}, err
	}
	now := k.o.Now()
	if k.due.IsZero() || now.Before(k.due) {
		defer k.mu.Unlock()
		return k.held, nil
	}
	left := k.expires.Sub(now) // there is an end, or nothing would be due
	alive := left > 0
	f := k.launch(ctx, now)
	held, failed := k.held, k.failed
	k.mu.Unlock()
	switch {
	case alive && (f == nil || left > enough):
		return held, nil
	case f == nil:
		return Secret{}, failed
	}
	if err := f.wait(ctx); err != nil && !alive {
		return Secret{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.held, nil
}

// Renew forces one refresh, after the service refused the secret (B14) of a
// request that was begun at asked. One made since then counts, as does one that
// another process made, and one that was refused, or has just failed, is not
// tried.
func (k *Keeper) Renew(ctx context.Context, asked time.Time) error {
	k.mu.Lock()
	if err := k.read(); err != nil {
		k.mu.Unlock()
		return err
	}
	now := k.o.Now()
	if k.flight == nil && !k.renewed.IsZero() && !k.renewed.Before(asked) && !now.Before(k.renewed) {
		k.mu.Unlock()
		return nil
	}
	f := k.launch(ctx, now)
	failed := k.failed
	k.mu.Unlock()
	if f == nil {
		return failed
	}
	if err := f.wait(ctx); err != nil {
		return err
	}
	return nil
}

func (f *flight) wait(ctx context.Context) *llm.Error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return &llm.Error{Kind: llm.KindCanceled, Message: "the request was canceled", Cause: context.Cause(ctx)}
	}
}

// read fills held from the store: at first, and when the one held is of no more
// use, so that a new sign-in elsewhere is seen. k.mu is held.
func (k *Keeper) read() error {
	stuck := k.failed != nil && !k.unsaved
	if !k.held.IsZero() && !stuck {
		return nil
	}
	s, err := k.o.Load()
	if err != nil {
		if !k.held.IsZero() {
			return nil // what is held is as good as it was
		}
		return &llm.Error{Kind: llm.KindAuth, Code: "unreadable", Message: "the stored sign-in cannot be read: " + err.Error(), Cause: err}
	}
	if s.IsZero() {
		return &llm.Error{Kind: llm.KindAuth, Code: "no_sign_in", Message: "this account is not signed in: sign in"}
	}
	if !s.Equal(k.held) {
		k.take(s, k.o.Now())
	}
	return nil
}

// take makes s the secret in use, and forgets what went wrong before it. k.mu
// is held.
func (k *Keeper) take(s Secret, now time.Time) {
	k.held, k.expires, k.due = s, k.o.Expires(s), time.Time{}
	k.failed, k.failures, k.retry, k.refused = nil, 0, time.Time{}, Secret{}
	if !k.expires.IsZero() {
		k.due = k.expires.Add(-k.o.Skew)
	}
	// A secret that lives shorter than the skew, or seems to, as the clock is
	// wrong, must not be renewed for each request.
	if !k.renewed.IsZero() && !k.due.IsZero() && k.due.Before(now.Add(shortest)) && k.renewed.Equal(now) {
		k.due = now.Add(max(shortest, k.expires.Sub(now)/2))
	}
}

// launch starts a refresh, or joins the one under way. It gives nil where none
// would help: the failure stands in failed. k.mu is held.
func (k *Keeper) launch(ctx context.Context, now time.Time) *flight {
	if k.flight != nil {
		return k.flight
	}
	if k.failed != nil && (k.refused.Equal(k.held) || now.Before(k.retry)) {
		return nil
	}
	f := &flight{done: make(chan struct{})}
	k.flight = f
	// The one who asked may leave; the refresh token is spent all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), k.o.Timeout)
	s := k.held
	k.running.Go(func() {
		defer cancel()
		fresh, unsaved, err := k.refresh(ctx, s)
		k.land(f, s, fresh, unsaved, err)
	})
	return f
}

// refresh renews s under the lock of all processes. The store is read again
// first: another process may have spent the refresh token already.
func (k *Keeper) refresh(ctx context.Context, s Secret) (fresh Secret, unsaved, err error) {
	unlock, err := k.o.Lock()
	if err != nil {
		return Secret{}, nil, &llm.Error{Kind: llm.KindUnavailable, Code: "locked", Message: "the sign-in is being renewed by another program, which does not finish: " + err.Error(), Cause: err}
	}
	defer unlock()
	k.mu.Lock()
	newer := k.unsaved
	k.mu.Unlock()
	stored, loadErr := k.o.Load()
	if loadErr == nil && !newer && !stored.IsZero() && !stored.Equal(s) {
		if e := k.o.Expires(stored); e.IsZero() || k.o.Now().Before(e.Add(-k.o.Skew)) {
			return stored, nil, nil
		}
		s = stored
	}
	fresh, err = k.o.Refresh(ctx, s)
	switch {
	case err != nil:
		return Secret{}, nil, err
	case fresh.IsZero():
		return Secret{}, nil, &llm.Error{Kind: llm.KindProtocol, Message: "the service renewed the sign-in with nothing"}
	case fresh.Equal(s):
		return fresh, nil, nil
	}
	// A new sign-in does not wait for a refresh, and is not to be lost to it.
	if latest, err := k.o.Load(); err == nil && loadErr == nil && !latest.Equal(stored) && !latest.IsZero() {
		return latest, nil, nil
	}
	return fresh, k.o.Store(fresh), nil
}

// land ends a flight.
func (k *Keeper) land(f *flight, s, fresh Secret, unsaved, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer close(f.done)
	if k.flight != f { // forgotten meanwhile
		if err != nil {
			f.err = llm.AsError(err)
		}
		return
	}
	k.flight = nil
	now := k.o.Now()
	if err != nil {
		k.fail(llm.AsError(err), s, now)
		f.err = k.failed
		return
	}
	k.renewed = now
	k.take(fresh, now)
	k.unsaved = unsaved != nil
	if k.unsaved {
		// It works until the program ends; the card says that it will not after.
		k.failed = &llm.Error{Kind: llm.KindInternal, Code: "unsaved", Message: fmt.Sprintf("the sign-in was renewed, but could not be saved: %v", unsaved), Cause: unsaved}
	}
}

// fail remembers why, and when to try again. k.mu is held.
func (k *Keeper) fail(e *llm.Error, s Secret, now time.Time) {
	k.failed = e
	if e.Kind == llm.KindAuth {
		k.refused = s
		return
	}
	pause := min(longPause, firstPause<<min(k.failures, 8))
	k.failures++
	k.retry = now.Add(max(pause, min(e.RetryAfter, longPause)))
}
