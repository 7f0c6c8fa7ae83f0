package daemon

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// The bounds of checks: a dead service costs its own time and nobody else's.
const (
	checksAtOnce = 64
	// checkLimit is for a first sign-in, which a service may take a while to
	// prepare for; modelsLimit for one question.
	checkLimit  = time.Minute
	modelsLimit = 15 * time.Second

	checkEvery = time.Hour
	quotaEvery = 10 * time.Minute
	// The pauses after a failure that another try may mend.
	firstRetry = time.Minute
	lastRetry  = 30 * time.Minute
)

// verdict is what a check found.
type verdict struct {
	finding provider.Finding
	models  []llm.Model
	quotas  []provider.Quota
	asked   bool // quotas were
	err     *llm.Error
}

// begin starts what is wanted: checks, refreshes of credentials, questions for
// quotas.
func (a *accounts) begin(ctx context.Context, wg *sync.WaitGroup, slots chan struct{}) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	shown := false
	for _, s := range a.seats {
		k := s.known
		if k.keeper != nil {
			wg.Go(func() { a.freshen(ctx, k) })
		}
		switch {
		case !s.account.Enabled || k.flight != nil:
		case k.wanted:
			shown = shown || !k.quiet
			own := a.start(ctx, s)
			wg.Go(func() { a.inTurn(slots, func() { a.check(own, s) }) })
		case k.health.State == control.AccountReady && now.Sub(k.quotaAt) >= quotaEvery:
			if q, ok := s.provider.(provider.Quotaer); ok {
				k.quotaAt = now // so that it is not asked twice
				wg.Go(func() { a.inTurn(slots, func() { a.askQuota(ctx, s, q) }) })
			}
		}
	}
	if shown {
		a.tell()
	}
}

func (a *accounts) inTurn(slots chan struct{}, do func()) {
	slots <- struct{}{}
	defer func() { <-slots }()
	do()
}

// start marks a check as under way and gives its context. mu is held.
func (a *accounts) start(ctx context.Context, s *seat) context.Context {
	k := s.known
	ctx, k.cancel = context.WithTimeout(ctx, checkLimit)
	k.flight, k.wanted = make(chan struct{}), false
	k.health.Checking = !k.quiet
	k.quiet = false
	return ctx
}

// due wants checks of those whose time has come.
func (a *accounts) due(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.seats {
		if k := s.known; !k.next.IsZero() && !now.Before(k.next) && !k.wanted && k.flight == nil {
			k.wanted, k.quiet = true, true
		}
	}
}

// Check asks the account's service now. One that is under way counts. What was
// found is in the file when it returns.
func (a *accounts) Check(ctx context.Context, id int64) {
	a.mu.Lock()
	s := a.byID[id]
	if s == nil {
		a.mu.Unlock()
		return
	}
	if flight := s.known.flight; flight != nil {
		s.known.health.Checking = true
		a.mu.Unlock()
		select {
		case <-flight:
			a.keepFindings()
		case <-ctx.Done():
		}
		return
	}
	s.known.quiet, s.known.doubted = false, false
	own := a.start(ctx, s)
	a.mu.Unlock()
	a.tell()
	a.check(own, s)
	a.keepFindings()
}

// check asks the service of s and keeps what it answers.
func (a *accounts) check(ctx context.Context, s *seat) {
	v := a.ask(ctx, s)
	if !a.settle(ctx, s, v) {
		return
	}
	nudge(a.learnt)
	nudge(a.stale)
	nudge(a.dirty)
	a.tell()
}

// ask makes the real calls that decide (B12).
func (a *accounts) ask(ctx context.Context, s *seat) verdict {
	var v verdict
	if e := missing(ctx, s); e != nil {
		v.err = e
		return v
	}
	acc := s.account
	prober, probes := s.provider.(provider.Prober)
	if probes {
		finding, err := prober.Probe(ctx, acc)
		v.finding, v.err = finding, llm.AsError(err)
		if v.err != nil {
			return v
		}
		acc = with(acc, finding.Settings)
	}
	models, err := within(ctx, modelsLimit, func(ctx context.Context) ([]llm.Model, error) { return s.provider.Models(ctx, acc) })
	v.models = models
	switch e := llm.AsError(err); {
	case e == nil:
	case len(s.account.Models) > 0 && (probes || silent(e)):
		// Its models are listed by hand, as the service has no list.
	default:
		v.err = e
		return v
	}
	if q, ok := s.provider.(provider.Quotaer); ok {
		quotas, err := within(ctx, modelsLimit, func(ctx context.Context) ([]provider.Quota, error) { return q.Quota(ctx, acc) })
		v.quotas, v.asked = quotas, err == nil
	}
	return v
}

// with is a with what was just found for it.
func with(a *account.Account, found map[string]string) *account.Account {
	if contains(a.Settings, found) {
		return a
	}
	n := *a
	n.Settings = merged(a.Settings, found)
	return account.New(n, a.Credential)
}

func within[T any](ctx context.Context, limit time.Duration, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}

// silent says that a service has no model list, which decides nothing.
func silent(e *llm.Error) bool {
	return e.Kind == llm.KindNotFound || e.Kind == llm.KindMethod || e.Kind == llm.KindProtocol || e.Kind == llm.KindUnsupported
}

// missing says what an account lacks before its service is asked; nil is
// nothing.
func missing(ctx context.Context, s *seat) *llm.Error {
	secret, err := s.account.Credential(ctx)
	if err != nil {
		return llm.AsError(err)
	}
	if !secret.IsZero() {
		return nil
	}
	switch s.way.Credential {
	case provider.CredentialKey:
		return &llm.Error{Kind: llm.KindAuth, Message: "there is no key: enter it"}
	case provider.CredentialSignIn:
		return &llm.Error{Kind: llm.KindAuth, Message: "this account is not signed in: sign in"}
	case provider.CredentialFile:
		return &llm.Error{Kind: llm.KindAuth, Message: "the credential file is missing: choose it again"}
	case provider.CredentialNone, provider.CredentialOptionalKey:
	}
	return nil
}

// settle ends a check and keeps its verdict; false is one that counts for
// nothing: it was canceled, or the account has changed meanwhile.
func (a *accounts) settle(ctx context.Context, s *seat, v verdict) bool {
	canceled := errors.Is(ctx.Err(), context.Canceled)
	a.mu.Lock()
	defer a.mu.Unlock()
	k := s.known
	close(k.flight)
	k.cancel()
	k.flight, k.cancel, k.health.Checking = nil, nil, false
	if now := a.byID[s.config.ID]; now == nil || now.known != k {
		return false
	}
	if canceled && v.err != nil {
		k.wanted = true
		return false
	}
	was := k.health.State
	a.judge(s, v)
	a.found(s, v.finding)
	if k.health.State != was && k.health.State != control.AccountReady {
		a.o.Log.Warn("account is not ready", slog.String("account", s.account.Name), slog.String("state", string(k.health.State)),
			slog.String("reason", k.health.Reason))
	}
	return true
}

// judge turns a verdict into what is shown. mu is held.
func (a *accounts) judge(s *seat, v verdict) {
	now := time.Now()
	k := s.known
	h := &k.health
	h.CheckedAt, h.Reason, h.Link = now, "", ""
	h.Identity, h.Tier = cmp.Or(v.finding.Identity, h.Identity), cmp.Or(v.finding.Tier, h.Tier)
	if v.models != nil {
		k.models = v.models
	}
	if v.asked {
		h.Quotas, k.quotaAt = quotasOf(v.quotas, now), now
		a.o.Balance.Learn(s.config.ID, v.quotas)
	}
	h.State, k.next = control.AccountReady, now.Add(checkEvery)
	if v.err == nil {
		k.failures = 0
		a.pardon(s, now)
		return
	}
	var again bool
	h.State, again = stateOf(v.err)
	h.Reason, h.Link = advised(s.way, h.State, a.o.Redact(v.err.Message)), v.finding.Link
	if again {
		k.next = now.Add(max(min(firstRetry<<min(k.failures, 10), lastRetry), min(v.err.RetryAfter, checkEvery)))
		k.failures++
	}
}

// pardon ends what the pool holds against a credential that was refused, now
// that a check of it went well. Where requests were refused since the last
// pardon it waits: a service that answers its list to everybody would otherwise
// be asked with a bad key every few seconds. mu is held.
func (a *accounts) pardon(s *seat, now time.Time) {
	const pause = 5 * time.Minute
	k := s.known
	if next := k.pardoned.Add(pause); k.doubted && now.Before(next) {
		k.next = next
		return
	}
	k.doubted, k.pardoned = false, now
	a.o.Balance.Renewed(s.config.ID)
}

// advised adds what to do to a service's own words, which seldom say it.
func advised(way provider.Way, state control.AccountState, message string) string {
	advice := "sign in again"
	switch way.Credential {
	case provider.CredentialKey, provider.CredentialOptionalKey:
		advice = "enter a new key"
	case provider.CredentialFile:
		advice = "choose the file again"
	case provider.CredentialNone, provider.CredentialSignIn:
	}
	lower := strings.ToLower(message)
	says := func(word string) bool { return strings.Contains(lower, word) }
	if state != control.AccountSignIn || says("sign in") || says("key") || says("again") {
		return message
	}
	return strings.TrimRight(message, ". ") + ": " + advice
}

// stateOf is what a failure makes of an account, and whether another try may
// mend it by itself.
func stateOf(e *llm.Error) (state control.AccountState, again bool) {
	switch e.Kind {
	case llm.KindAuth:
		return control.AccountSignIn, false
	case llm.KindQuota: // one with an end is a limit like any other
		if e.RetryAfter > 0 {
			return control.AccountReady, true
		}
		return control.AccountRefused, false
	case llm.KindForbidden, llm.KindBadRequest, llm.KindNotFound, llm.KindMethod, llm.KindTooLarge, llm.KindUnsupported, llm.KindContent:
		return control.AccountRefused, false
	case llm.KindRate: // the service knows it, and has had enough of it for now
		return control.AccountReady, true
	case llm.KindInternal, llm.KindOverloaded, llm.KindTransient, llm.KindTimeout, llm.KindNetwork, llm.KindProtocol,
		llm.KindUnavailable, llm.KindCanceled:
		return control.AccountUnreachable, true
	default:
		return control.AccountUnreachable, true
	}
}

// findings are what checks found, to be written.
type findings map[int64]provider.Finding

// found notes what a check found and the configuration does not say. mu is held.
func (a *accounts) found(s *seat, f provider.Finding) {
	if f.Identity == s.config.Identity && contains(s.account.Settings, f.Settings) {
		return
	}
	if f.Identity == "" && len(f.Settings) == 0 {
		return
	}
	a.pending[s.config.ID] = f
}

// keepFindings writes what was found into the file, merged into what is there
// (B17): all of it at once, as a thousand accounts may have been asked. What
// cannot be written is kept apart.
func (a *accounts) keepFindings() {
	a.keeping.Lock() // so that what somebody else took is written too
	defer a.keeping.Unlock()
	own, others := a.takeFindings()
	if len(own) > 0 {
		if err := a.writeFindings(own); err != nil {
			a.o.Log.Warn("what was found for accounts is not saved", slog.String("error", err.Error()))
			maps.Copy(others, own)
		}
	}
	a.hold(others)
}

// takeFindings takes what is to be written, and what is kept apart. The accounts
// stay who they are without what was found, as someone may look at the file
// before it is written, and with it.
func (a *accounts) takeFindings() (own, others findings) {
	a.mu.Lock()
	defer a.mu.Unlock()
	own, others = findings{}, findings{}
	for id, f := range a.pending {
		switch s := a.byID[id]; {
		case s == nil:
		case id == control.DemoID || s.config.Original():
			others[id] = f
		default:
			own[id] = f
			// The same account with what it found itself is no other one.
			with := *s
			with.config.Settings = merged(s.config.Settings, f.Settings)
			s.known.coming = a.print(&with, s.known.keeper != nil)
		}
	}
	a.pending = findings{}
	return own, others
}

func (a *accounts) writeFindings(found findings) error {
	return a.o.Config.Update(func(c *config.Config) error {
		for i := range c.Accounts {
			x := &c.Accounts[i]
			f, ok := found[x.ID]
			if !ok {
				continue
			}
			x.Identity = cmp.Or(f.Identity, x.Identity)
			if len(f.Settings) > 0 {
				x.Settings = merged(x.Settings, f.Settings)
			}
		}
		return nil
	})
}

// hold keeps what was found in memory alone, and uses it.
func (a *accounts) hold(found findings) {
	if len(found) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, f := range found {
		if s := a.byID[id]; s != nil {
			s.known.print, s.known.coming = a.print(s, s.known.keeper != nil), ""
			s.known.found = merged(s.known.found, f.Settings)
		}
	}
	a.seat()
	a.route()
}

func contains(all, some map[string]string) bool {
	for k, v := range some {
		if all[k] != v {
			return false
		}
	}
	return true
}

func merged(was, with map[string]string) map[string]string {
	out := maps.Clone(was)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, with)
	return out
}

// askQuota asks what is left; an answer that does not come leaves the last one.
func (a *accounts) askQuota(ctx context.Context, s *seat, q provider.Quotaer) {
	quotas, err := within(ctx, modelsLimit, func(ctx context.Context) ([]provider.Quota, error) { return q.Quota(ctx, s.account) })
	if err != nil {
		return
	}
	a.mu.Lock()
	s.known.health.Quotas = quotasOf(quotas, time.Now())
	a.mu.Unlock()
	a.o.Balance.Learn(s.config.ID, quotas)
	nudge(a.dirty)
	a.tell()
}

// quotasOf is what a service told, bounded.
func quotasOf(quotas []provider.Quota, at time.Time) []control.Quota {
	const most = 100
	out := make([]control.Quota, 0, len(quotas))
	for _, q := range quotas[:min(len(quotas), most)] {
		x := control.Quota{Model: q.Model, At: at, Left: countOrNil(q.Left), Limit: countOrNil(q.Limit), Source: control.QuotaProvider}
		if x.Left != nil {
			x.Unit = control.UnitRequests
		}
		if q.Remaining >= 0 {
			left := min(q.Remaining, 1)
			x.Remaining = &left
		}
		if !q.Reset.IsZero() {
			x.Reset = &q.Reset
		}
		out = append(out, x)
	}
	return out
}

func countOrNil(n int64) *int64 {
	if n < 0 {
		return nil
	}
	return &n
}
