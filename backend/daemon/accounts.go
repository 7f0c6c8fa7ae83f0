package daemon

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/route"
)

// accounts turns the configuration into accounts and a route table, and keeps
// the accounts' model lists fresh.
type accounts struct {
	log       *slog.Logger
	secrets   *account.Credentials
	cursors   *pool.Cursors
	events    *event.Bus
	offered   []provider.Provider
	providers map[string]provider.Provider
	changed   chan struct{}

	current atomic.Pointer[state]

	mu sync.Mutex
	// known are the models that each account's service told, by account.
	known  map[int64][]llm.Model
	config *config.Config
	demo   bool
	wire   *http.Transport
}

// state is what is in force, swapped in whole.
type state struct {
	accounts []*account.Account
	sources  []route.Source
	table    *route.Table
	// leftOut says which accounts of the file cannot be used, and why.
	leftOut []string
}

func newAccounts(version string, log *slog.Logger, secrets *account.Credentials, cursors *pool.Cursors, events *event.Bus) *accounts {
	a := &accounts{
		log: log, secrets: secrets, cursors: cursors, events: events,
		providers: map[string]provider.Provider{}, changed: make(chan struct{}, 1), known: map[int64][]llm.Model{},
	}
	a.offered = Providers(version)
	for _, p := range a.offered {
		a.providers[p.Info().Kind] = p
	}
	a.current.Store(&state{table: route.Build(route.Options{Cursors: cursors})})
	return a
}

func (a *accounts) table() *route.Table { return a.current.Load().table }

// rebuild follows the configuration.
func (a *accounts) rebuild(c *config.Config, demo bool) {
	a.mu.Lock()
	if a.wire == nil || a.config == nil || a.config.Network != c.Network || a.config.Proxy != c.Proxy {
		if a.wire != nil {
			a.wire.CloseIdleConnections()
		}
		a.wire = newTransport(c)
	}
	a.config, a.demo = c, demo || c.Demo
	a.build()
	a.mu.Unlock()
	for _, w := range slices.Concat(c.Warnings(), a.LeftOut()) {
		a.log.Warn("configuration", slog.String("warning", w))
	}
	select {
	case a.changed <- struct{}{}:
	default:
	}
}

// build makes the state from what is known. mu is held.
func (a *accounts) build() {
	s := &state{}
	all := slices.Concat(a.config.Accounts, a.config.Imported)
	if a.demo {
		all = append(all, config.Account{ID: control.DemoID, Provider: "demo", Name: "Demo"})
	}
	for _, c := range all {
		p, ok := a.providers[c.Provider]
		if !ok {
			s.leftOut = append(s.leftOut, "the account '"+cmp.Or(c.Name, c.Provider)+"' is left out: the provider "+c.Provider+" is not part of this version")
			continue
		}
		acc := a.account(c, p)
		s.accounts = append(s.accounts, acc)
		if !acc.Enabled {
			continue
		}
		s.sources = append(s.sources, route.Source{
			Upstream: pool.Upstream{Account: acc, Provider: p}, Prefix: acc.Prefix, Models: a.models(acc),
		})
	}
	s.table = route.Build(route.Options{
		Sources: s.sources, Default: a.config.Routing.DefaultModel, Aliases: aliases(a.config), Cursors: a.cursors,
	})
	a.current.Store(s)
}

func aliases(c *config.Config) []route.Alias {
	out := make([]route.Alias, 0, len(c.Routing.Aliases))
	for _, al := range c.Routing.Aliases {
		out = append(out, route.Alias{Name: al.Name, Models: al.Models})
	}
	return out
}

func (a *accounts) account(c config.Account, p provider.Provider) *account.Account {
	info := p.Info()
	credential := a.credential(c)
	return account.New(account.Account{
		ID: c.ID, Provider: c.Provider, Name: cmp.Or(c.Name, info.Title.EN), Prefix: cmp.Or(c.Prefix, info.Way(c.Settings[provider.KindSetting]).Prefix, info.Prefix),
		Enabled: !c.Disabled, Settings: c.Settings, Models: c.Models,
		HTTP: a.client(p),
	}, credential)
}

// client is what sends for an account of p; nil is any. mu is held.
func (a *accounts) client(p provider.Provider) *http.Client {
	var t http.RoundTripper = a.wire
	if e, ok := p.(provider.Embedded); ok {
		t = e.Transport()
	}
	return &http.Client{Transport: t, CheckRedirect: stayHome}
}

// credential finds an account's secret where the user wrote it, or in the
// credential store. A store that cannot be read now, as before the keyring is
// unlocked, is asked again at each use and says why.
func (a *accounts) credential(c config.Account) func(context.Context) (account.Secret, error) {
	secret := account.NewSecret(c.Key)
	if c.Key == "" {
		secret, _ = a.secrets.Get(account.CredentialName(c.ID))
	}
	if !secret.IsZero() {
		return func(context.Context) (account.Secret, error) { return secret, nil }
	}
	return func(context.Context) (account.Secret, error) {
		s, err := a.secrets.Lookup(account.CredentialName(c.ID))
		if errors.Is(err, account.ErrNoSecret) {
			return account.Secret{}, nil
		}
		return s, err
	}
}

// stayHome follows no redirect to another host: the credential stays (B65).
func stayHome(req *http.Request, via []*http.Request) error {
	const most = 5
	if len(via) >= most || req.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// models are those listed by hand, or those that the service told. mu is held.
func (a *accounts) models(acc *account.Account) []llm.Model {
	if len(acc.Models) == 0 {
		return a.known[acc.ID]
	}
	out := make([]llm.Model, 0, len(acc.Models))
	for _, id := range acc.Models {
		m := llm.Model{ID: id}
		if i := slices.IndexFunc(a.known[acc.ID], func(k llm.Model) bool { return k.ID == id }); i >= 0 {
			m = a.known[acc.ID][i]
		}
		out = append(out, m)
	}
	return out
}

// run asks each service for its models: at the start, after a change, hourly.
func (a *accounts) run(ctx context.Context) error {
	const pause = time.Hour
	t := time.NewTimer(pause)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.changed:
		case <-t.C:
		}
		a.ask(ctx)
		t.Reset(pause)
	}
}

// ask asks all services at once, so that a dead one delays nobody.
func (a *accounts) ask(ctx context.Context) {
	const limit = 15 * time.Second
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var wg sync.WaitGroup
	for _, s := range a.current.Load().sources {
		if len(s.Upstream.Account.Models) > 0 {
			continue
		}
		wg.Go(func() { a.learn(ctx, s.Upstream) })
	}
	wg.Wait()
}

func (a *accounts) learn(ctx context.Context, u pool.Upstream) {
	models, err := u.Provider.Models(ctx, u.Account)
	if err != nil {
		// The program's own end is nothing to report.
		if !errors.Is(context.Cause(ctx), context.Canceled) {
			a.log.Warn("models are not known", slog.String("account", u.Account.Name), slog.String("error", err.Error()))
		}
		return
	}
	a.mu.Lock()
	a.known[u.Account.ID] = models
	a.build()
	a.mu.Unlock()
	a.events.Publish(event.Event{Kind: event.Models})
}

// newTransport is the network of all accounts: many idle connections to one
// host, because a burst through one upstream is the normal case.
func newTransport(c *config.Config) *http.Transport {
	const idle, perHost = 1024, 512
	d := &net.Dialer{Timeout: millis(c.Network.ConnectTimeoutMs), KeepAlive: 30 * time.Second}
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer(d), ForceAttemptHTTP2: true,
		MaxIdleConns: idle, MaxIdleConnsPerHost: perHost, IdleConnTimeout: 90 * time.Second,
		// A stream that comes fast is read and passed on in big pieces, which
		// halves its cost; of the buffer of a slow one only a page is touched.
		ReadBufferSize:      16 << 10,
		TLSHandshakeTimeout: millis(c.Network.ConnectTimeoutMs), ExpectContinueTimeout: time.Second,
		// Answers are passed on as they come; a compressed stream would have to
		// be unpacked on the way.
		DisableCompression: true,
	}
	if u, err := url.Parse(c.Proxy); err == nil && c.Proxy != "" {
		t.Proxy = func(r *http.Request) (*url.URL, error) {
			// A service on this machine is never behind the proxy.
			if ip := net.ParseIP(r.URL.Hostname()); r.URL.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
				return nil, nil //nolint:nilnil // http.Transport's own word for no proxy.
			}
			return u, nil
		}
	}
	return t
}
