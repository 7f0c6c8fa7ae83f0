package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/network"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/route"
)

// beside does something with the accounts of a configuration, whether a program
// runs with it or not: what is written is merged into the files, and a running
// program takes it over. Nothing listens, and the request log is left alone.
func beside(ctx context.Context, o Options, do func(context.Context, *Daemon) error) error {
	d := &Daemon{o: o, log: slog.New(slog.DiscardHandler), events: event.New()}
	if err := d.openSettings(); err != nil {
		return err
	}
	d.redactor = requestlog.NewRedactor(d.knownSecrets)
	balance := pool.New(pool.Options{})
	d.accounts = newAccounts(d.accountOptions(ctx, balance))
	d.control = control.New(control.Options{
		Config: d.config, Credentials: d.secrets, Events: d.events, Accounts: d.accounts, Balance: balance,
		Redact: d.redactor.String, OpenBrowser: o.OpenBrowser, SSHTarget: sshTarget(), Home: home(), Now: time.Now,
		Clients: clients(d.o.DataDir), Table: func() *route.Table { return d.accounts.table() }, Version: o.Version,
	})
	follow := func(_, now *config.Config) {
		d.gatherSecrets(now)
		d.accounts.rebuild(now, false)
	}
	defer d.config.Subscribe(follow)()
	follow(nil, d.config.Snapshot())

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.control.Run(ctx) })
	g.Go(func() error {
		defer stop()
		return do(ctx, d)
	})
	err := g.Wait()
	d.accounts.close()
	d.accounts.remember()
	return err
}

// accountOptions are what the accounts work with.
func (d *Daemon) accountOptions(ctx context.Context, balance *pool.State) accountOptions {
	return accountOptions{
		Providers: d.offered(), Config: d.config, Secrets: d.secrets, Balance: balance, Guests: d.guests, Events: d.events,
		Network: network.New(ctx),
		Redact:  d.redactor.String, Renewed: func() { d.gatherSecrets(d.config.Snapshot()) },
		Memory: filepath.Join(d.o.DataDir, "accounts.json"), Log: d.log,
	}
}
