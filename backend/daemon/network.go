package daemon

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/network"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/remote"
)

// stayHome follows no redirect to another host: the credential stays (B65).
func stayHome(req *http.Request, via []*http.Request) error {
	const most = 5
	if len(via) >= most || req.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// wayOut is the way of an account that has own settings of its network: what
// they do not say is as for all. A proxy of its own takes all that it sends,
// whatever the others leave out.
func wayOut(c *config.Config, own config.AccountNetwork) network.Options {
	o := network.Options{
		Proxy: c.UpstreamProxy(), NoProxy: c.Network.NoProxy, CAFiles: []string{c.Network.CAFile, own.CAFile},
		Connect: millis(c.Network.ConnectTimeoutMs),
	}
	if own.Proxy != "" {
		o.Proxy = own.Proxy
		if own.Proxy != config.ProxySystem {
			o.NoProxy = nil
		}
	}
	return o
}

// way is what a service sees of an account's way out, to tell it from another.
func (a *accounts) way(own config.AccountNetwork) []string {
	o := wayOut(a.config, own)
	return slices.Concat([]string{o.Proxy}, o.CAFiles, o.NoProxy)
}

// waysOut are all that are in use. mu is held.
func (a *accounts) waysOut() []network.Options {
	all := []network.Options{wayOut(a.config, config.AccountNetwork{})}
	for _, s := range a.seats {
		all = append(all, wayOut(a.config, s.config.Network))
	}
	return all
}

// client is what sends all of an account at p with these settings of its own
// (B16). mu is held.
func (a *accounts) client(p provider.Provider, own config.AccountNetwork) *http.Client {
	var t http.RoundTripper
	if e, ok := p.(provider.Embedded); ok {
		t = e.Transport()
	} else {
		t = a.o.Network.Transport(wayOut(a.config, own))
	}
	return &http.Client{Transport: t, CheckRedirect: stayHome}
}

// awoke has everything looked at again that a sleep or another network may have
// changed: what could not be reached, and credentials, whose time went on (B54).
func (a *accounts) awoke() {
	a.o.Balance.Awoke()
	a.mu.Lock()
	for _, s := range a.seats {
		k := s.known
		if k.keeper != nil {
			k.keeper.Awoke()
		}
		if k.health.State == control.AccountUnreachable && k.flight == nil {
			k.wanted, k.quiet = true, true
		}
	}
	a.mu.Unlock()
	nudge(a.wake)
}

// watchNetwork follows sleep, other networks, and settings of the system.
func (d *Daemon) watchNetwork(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return network.Watch{Changed: d.awoke}.Run(ctx) })
	g.Go(func() error {
		const beat = time.Minute
		tick := time.NewTicker(beat)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				d.accounts.o.Network.Follow(ctx)
			}
		}
	})
	return g.Wait()
}

func (d *Daemon) awoke(ctx context.Context, c network.Change) {
	d.log.Info("network is looked at again", slog.Duration("slept", c.Slept.Round(time.Second)),
		slog.Bool("clock_set", c.ClockSet), slog.Bool("moved", c.Moved))
	d.accounts.o.Network.Renew(ctx)
	d.accounts.awoke()
}

// pictures fetches those that a request only names, over the way out that is
// set for all at that moment.
type pictures struct {
	version string
	way     func() *network.Transport

	mu      sync.Mutex
	fetcher *remote.Fetcher
	// of and roots are the transport and the authorities that it has.
	of    *network.Transport
	roots *x509.CertPool
}

// Picture fetches the picture at an address; see [remote.Fetcher.Picture].
func (p *pictures) Picture(ctx context.Context, address string) (mime, data string, err *llm.Error) {
	way := p.way()
	roots := way.Roots()
	p.mu.Lock()
	if p.fetcher == nil || p.of != way || p.roots != roots {
		p.of, p.roots = way, roots
		p.fetcher = remote.New(remote.Options{
			Version: p.version, Proxy: way.Proxy, TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		})
	}
	f := p.fetcher
	p.mu.Unlock()
	return f.Picture(ctx, address)
}

func (d *Daemon) pictures() *pictures {
	return &pictures{version: d.o.Version, way: func() *network.Transport {
		return d.accounts.o.Network.Transport(wayOut(d.config.Snapshot(), config.AccountNetwork{}))
	}}
}

// ways is the network as the pages see it.
type ways struct{ accounts *accounts }

var _ control.Network = ways{}

// System is the system's proxy as it was last read.
func (w ways) System() control.SystemProxy {
	s := w.accounts.o.Network.System()
	out := control.SystemProxy{HTTP: s.HTTP, HTTPS: s.HTTPS, NoProxy: s.NoProxy, Source: string(s.Source)}
	if s.Source == network.SourceNone {
		out.Source = ""
	}
	return out
}

// Test goes the way of an account, or that of all, step by step.
func (w ways) Test(ctx context.Context, t control.NetworkTest) (control.NetworkResult, error) {
	o, target, err := w.accounts.tried(ctx, t)
	if err != nil {
		return control.NetworkResult{}, err
	}
	if target == "" {
		return control.NetworkResult{OK: true, Said: "this account answers in this program: there is no network on its way"}, nil
	}
	r := network.Test(ctx, o, target)
	out := control.NetworkResult{OK: r.OK, Said: r.Said}
	for _, h := range r.Hops {
		out.Hops = append(out.Hops, control.Hop{Name: string(h.Name), Target: h.Target, OK: h.OK, Ms: h.Ms, Said: h.Said})
	}
	return out, nil
}

// tried is the way and the address of a test; "" is an account without a way.
func (a *accounts) tried(ctx context.Context, t control.NetworkTest) (network.Options, string, error) {
	// someone is asked where no account says whom: its answer has no content and
	// is made for tests.
	const someone = "https://www.gstatic.com/generate_204"
	a.mu.Lock()
	s := a.byID[t.AccountID]
	if t.AccountID == 0 {
		s = a.anyone()
	}
	var own config.AccountNetwork
	if s != nil && t.AccountID != 0 {
		own = s.config.Network
	}
	if t.Network != nil {
		own = config.AccountNetwork(*t.Network)
	}
	o := wayOut(a.config, own)
	a.mu.Unlock()
	switch {
	case t.URL != "":
		return o, t.URL, nil
	case s == nil:
		return o, someone, nil
	}
	if _, ok := s.provider.(provider.Embedded); ok {
		return o, "", nil
	}
	target := a.address(ctx, s)
	switch {
	case target == "" && t.AccountID != 0:
		return o, "", &llm.Error{Kind: llm.KindBadRequest, Param: "url", Message: "the address of this account's service is not known: enter one to test"}
	case target == "":
		return o, someone, nil
	}
	return o, target, nil
}

// anyone is the first account with a service on the network; nil is none. mu is
// held.
func (a *accounts) anyone() *seat {
	for _, s := range a.seats {
		if _, ok := s.provider.(provider.Embedded); !ok && s.account.Enabled {
			return s
		}
	}
	return nil
}

// pretended is a credential of nobody, for a request that is not sent: an
// account that is not signed in has a way to its service too.
func pretended(kind provider.CredentialKind) account.Secret {
	switch kind {
	case provider.CredentialSignIn, provider.CredentialFile:
		return oauth.Token{Access: account.NewSecret("none"), Expiry: time.Now().Add(time.Hour)}.Secret()
	case provider.CredentialNone, provider.CredentialKey, provider.CredentialOptionalKey:
	}
	return account.NewSecret("none")
}

// errOnlyLooked is what a request ends with that was not to be sent.
var errOnlyLooked = errors.New("daemon: the request was only looked at")

// address is where the service of s stands: where its provider would ask for
// its models, or who it is. Nothing is sent. "" is not known.
func (a *accounts) address(ctx context.Context, s *seat) string {
	var found *url.URL
	look := roundTrip(func(r *http.Request) (*http.Response, error) {
		if found == nil {
			found = &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: "/"}
		}
		return nil, errOnlyLooked
	})
	shown := *s.account
	shown.HTTP = &http.Client{Transport: look}
	asked := account.New(shown, func(context.Context) (account.Secret, error) { return pretended(s.way.Credential), nil })
	if _, err := s.provider.Models(ctx, asked); err != nil && found != nil {
		return found.String()
	}
	if p, ok := s.provider.(provider.Prober); ok {
		if _, err := p.Probe(ctx, asked); err != nil && found != nil {
			return found.String()
		}
	}
	return ""
}

// roundTrip is a function as an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip calls it.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
