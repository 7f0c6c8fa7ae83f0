package daemon

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/network"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/route"
)

// accountOptions are what accounts work with; all are needed.
type accountOptions struct {
	Providers []provider.Provider
	Config    *config.Store
	Secrets   *account.Credentials
	Balance   *pool.State
	Events    *event.Bus
	// Network has the ways out.
	Network *network.Network
	// Redact takes secrets out of what services answer, before it is shown.
	Redact func(string) string
	// Renewed is called when a credential was renewed.
	Renewed func()
	// Guests count what clients ask for; nil where nobody is served.
	Guests *pool.Clients
	// Memory is the file of what is remembered over a restart.
	Memory string
	Log    *slog.Logger
}

// accounts turns the configuration into accounts and a route table, keeps their
// credentials and model lists fresh, and knows what each service answered last.
type accounts struct {
	o         accountOptions
	providers map[string]provider.Provider
	// infos are what the providers say of themselves, which they would make anew
	// at each question.
	infos   map[string]provider.Info
	memory  *memory
	current atomic.Pointer[state]
	// wake has an element when there is something to check, learnt when checks
	// found something to write, stale when the table is behind the model lists,
	// dirty when there is something to remember, changed when who looks is to be
	// told.
	wake, learnt, stale, dirty, changed chan struct{}
	ear                                 *ear

	mu     sync.Mutex
	config *config.Config
	demo   bool
	// seats are the accounts in force, in order; byID finds one.
	seats []*seat
	byID  map[int64]*seat
	// retired are keepers of accounts that went, which may have a refresh under
	// way.
	retired []*account.Keeper
	leftOut []string
	// keeping is held while findings are written, before mu; pending are those that
	// wait for it.
	keeping   sync.Mutex
	pending   findings
	attention attention
}

// state is what is in force, swapped in whole.
type state struct {
	table *route.Table
	// leftOut says which accounts of the file cannot be used, and why.
	leftOut []string
}

// seat is one account in force, and what is known of it.
type seat struct {
	config   config.Account
	provider provider.Provider
	info     provider.Info
	way      provider.Way
	account  *account.Account
	known    *known
	// replaced says that an imported account is used in its stead.
	replaced bool
}

func newAccounts(o accountOptions) *accounts {
	a := &accounts{
		o: o, providers: map[string]provider.Provider{}, infos: map[string]provider.Info{}, memory: openMemory(o.Memory),
		wake: make(chan struct{}, 1), learnt: make(chan struct{}, 1), stale: make(chan struct{}, 1), dirty: make(chan struct{}, 1),
		changed: make(chan struct{}, 1), ear: newEar(), byID: map[int64]*seat{}, pending: findings{},
	}
	for _, p := range o.Providers {
		info := p.Info()
		a.providers[info.Kind], a.infos[info.Kind] = p, info
	}
	o.Balance.Remember(a.memory.Rests)
	if o.Guests != nil {
		o.Guests.Remember(a.memory.Keys)
	}
	a.current.Store(&state{table: route.Build(route.Options{State: o.Balance})})
	return a
}

func (a *accounts) table() *route.Table { return a.current.Load().table }

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is told already
	}
}

// rebuild follows the configuration.
func (a *accounts) rebuild(c *config.Config, demo bool) {
	a.mu.Lock()
	a.config, a.demo = c, demo || c.Demo
	a.seat()
	a.route()
	used := a.waysOut()
	a.mu.Unlock()
	a.o.Network.Keep(used)
	for _, w := range slices.Concat(c.Warnings(), a.LeftOut()) {
		a.o.Log.Warn("configuration", slog.String("warning", w))
	}
	nudge(a.wake)
}

// reseat looks for secrets that were changed by others.
func (a *accounts) reseat() {
	a.mu.Lock()
	a.seat()
	a.route()
	a.mu.Unlock()
	nudge(a.wake)
	a.tell()
}

// seat makes the accounts of the configuration. What is known of one stays
// unless something changed that its service would see. mu is held.
func (a *accounts) seat() {
	all := slices.Concat(a.config.Accounts, a.config.Imported)
	if a.demo {
		all = append(all, config.Account{ID: control.DemoID, Provider: "demo", Name: "Demo"})
	}
	before := a.byID
	a.seats, a.byID, a.leftOut = nil, map[int64]*seat{}, nil
	for _, c := range all {
		p, ok := a.providers[c.Provider]
		if !ok {
			a.leftOut = append(a.leftOut, "the account '"+cmp.Or(c.Name, c.Provider)+"' is left out: the provider "+c.Provider+" is not part of this version")
			continue
		}
		info := a.infos[c.Provider]
		s := &seat{config: c, provider: p, info: info, way: info.Way(c.Settings[provider.KindSetting]), replaced: a.config.ReplacedBy(&c) != ""}
		a.know(s, before[c.ID])
		a.seats = append(a.seats, s)
		a.byID[c.ID] = s
	}
	for id, s := range before {
		if now := a.byID[id]; now == nil || now.known != s.known {
			a.retire(s.known)
		}
	}
	a.memory.keepOnly(a.byID)
	for _, s := range a.seats {
		if s.config.Own() {
			a.memory.LastID = max(a.memory.LastID, s.config.ID)
		}
	}
	nudge(a.dirty)
}

// know gives s what was known of it, or a new beginning. mu is held.
func (a *accounts) know(s, was *seat) {
	settings := a.settings(s)
	keeps := keeps(s)
	seen := a.print(s, keeps)
	switch {
	case was != nil && was.known.print == seen:
		s.known = was.known
	case was != nil && was.known.coming == seen:
		s.known = was.known
		s.known.print, s.known.coming = seen, ""
	default:
		s.known = &known{print: seen, wanted: true}
		if r, ok := a.memory.of(s.config.ID); ok && r.Print == seen {
			s.known.recall(r)
		} else {
			a.memory.forget(s.config.ID)
		}
		settings = a.settings(s)
	}
	if keeps && s.known.keeper == nil {
		s.known.keeper = a.keeper(s)
	}
	if keeps {
		a.follow(s)
	} else if r, ok := s.provider.(provider.Refresher); ok { // it cannot renew it, and knows its end
		secret, _ := a.secret(s)
		s.known.health.Expires = r.Expires(account.New(account.Account{Provider: s.config.Provider, Settings: s.config.Settings}, nil), secret)
	}
	s.account = a.account(s, settings)
	if s.account.Enabled && !s.known.enabled {
		s.known.wanted = true // it was off and may have changed
	}
	s.known.enabled = s.account.Enabled
}

// settings are the account's own, and what was found for an account whose
// entry cannot be written. mu is held.
func (a *accounts) settings(s *seat) map[string]string {
	out := maps.Clone(s.config.Settings)
	if s.known == nil || len(s.known.found) == 0 {
		return out
	}
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, s.known.found)
	return out
}

// account is s as it is used. mu is held.
func (a *accounts) account(s *seat, settings map[string]string) *account.Account {
	c := s.config
	credential, renew := a.credential(s)
	return account.New(account.Account{
		ID: c.ID, Provider: c.Provider, Name: cmp.Or(c.Name, s.info.Title.EN), Prefix: cmp.Or(c.Prefix, s.way.Prefix, s.info.Prefix),
		Enabled: !c.Disabled && !s.replaced, Settings: settings, Secrets: a.secretFields(s), Models: c.Models,
		HTTP: a.client(s.provider, c.Network), Renew: renew,
	}, credential)
}

// route makes the table of what is known. mu is held.
func (a *accounts) route() {
	var sources []route.Source
	for _, s := range a.seats {
		if s.replaced {
			continue
		}
		sources = append(sources, route.Source{
			Upstream: pool.Upstream{Account: s.account, Provider: s.provider, Terms: a.terms(s)}, Prefix: s.account.Prefix, Models: s.models(),
		})
	}
	aliases := make([]route.Alias, 0, len(a.config.Routing.Aliases))
	for _, al := range a.config.Routing.Aliases {
		aliases = append(aliases, route.Alias{Name: al.Name, Models: al.Models})
	}
	a.current.Store(&state{
		table: route.Build(route.Options{
			Sources: sources, Default: a.config.Routing.DefaultModel, Aliases: aliases, State: a.o.Balance,
			Policy: pool.Policy(a.config.Routing.Policy), Hidden: a.config.Models.Hidden, LeftOut: leftOutPrefixes(),
		}),
		leftOut: a.leftOut,
	})
}

// leftOutPrefixes are what the original program served and this one does not.
func leftOutPrefixes() map[string]string {
	return map[string]string{
		"dangbei": "DangBei is left out: it is an anonymous private interface, and the original program sent each prompt to a third party's server to have it signed; use a supported provider instead",
	}
}

// run checks accounts, and keeps them fresh, until ctx ends and all that was
// begun has ended.
func (a *accounts) run(ctx context.Context) error {
	const beat = time.Minute
	var wg sync.WaitGroup
	defer a.end(&wg)
	tick := time.NewTicker(beat)
	defer tick.Stop()
	wg.Go(func() { a.report(ctx) })
	slots := make(chan struct{}, checksAtOnce)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.wake:
			a.begin(ctx, &wg, slots)
		case now := <-tick.C:
			a.due(now)
			a.begin(ctx, &wg, slots)
			nudge(a.dirty) // requests were counted
		case <-a.learnt:
			a.keepFindings()
		case <-a.stale:
			a.mu.Lock()
			a.route()
			a.mu.Unlock()
			a.o.Events.Publish(event.Event{Kind: event.Models})
		}
	}
}

// report tells who looks what changed, and writes down what is to be remembered,
// until ctx ends.
func (a *accounts) report(ctx context.Context) {
	// Rests come and go with each failure of a storm; quotas with each answer.
	const pause, gather = 250 * time.Millisecond, 2 * time.Second
	var shown time.Time
	show, hear, note := stopped(), stopped(), stopped()
	defer show.Stop()
	defer hear.Stop()
	defer note.Stop()
	hearing, noting := false, false // what comes meanwhile waits with it
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.changed:
			show.Reset(pause - time.Since(shown))
		case now := <-show.C:
			shown = now
			if next := a.show(now); !next.IsZero() {
				show.Reset(max(time.Until(next), pause))
			}
		case <-a.ear.wake:
			begin(hear, gather, &hearing)
		case <-hear.C:
			hearing = false
			a.listen()
		case <-a.dirty:
			begin(note, gather, &noting)
		case <-note.C:
			noting = false
			a.remember()
		}
	}
}

// begin starts t unless it runs.
func begin(t *time.Timer, d time.Duration, running *bool) {
	if !*running {
		*running = true
		t.Reset(d)
	}
}

// stopped is a timer that does not run.
func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// end waits for all that was begun, and remembers what came of it.
func (a *accounts) end(wg *sync.WaitGroup) {
	wg.Wait()
	a.close()
	a.remember()
}

// close waits for refreshes that are under way: their tokens are spent.
func (a *accounts) close() {
	a.mu.Lock()
	keepers := a.retired
	for _, s := range a.seats {
		if s.known.keeper != nil {
			keepers = append(keepers, s.known.keeper)
		}
	}
	a.mu.Unlock()
	for _, k := range keepers {
		k.Close()
	}
	a.o.Network.Keep(nil)
}

// retire ends what goes on for an account that went or is another now. mu is
// held.
func (a *accounts) retire(k *known) {
	if k.cancel != nil {
		k.cancel()
	}
	if k.keeper != nil {
		a.retired = append(a.retired, k.keeper)
	}
}
