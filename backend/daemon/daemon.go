// Package daemon wires the engine together and gives it a lifetime: the
// configuration, the accounts, the request log, the relay, the listener and the
// admin handler. The window and the command line are two shells around it.
//
// The invariant: whatever it starts it waits for, and a change of the
// configuration is in force without a restart and without a stream being cut.
package daemon

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
	"github.com/WenChunTech/OpenAICompatible/backend/metrics"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/route"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
	"github.com/WenChunTech/OpenAICompatible/backend/tokens"
	"github.com/WenChunTech/OpenAICompatible/backend/trace"
)

// drain is how long running exchanges may go on after a stop was asked for; the
// program is gone within five seconds (B50).
const drain = 4 * time.Second

// credentialsFile is the credential store's name in the data folder.
const credentialsFile = "credentials.json"

// logFile is the request log's name in the data folder.
const logFile = "requests.db"

// Options say how to run. The zero value reads the configuration from the
// user's folder.
type Options struct {
	// ConfigPath is the file; "" finds it (config.Locate).
	ConfigPath string
	// Environ is the environment whose variables decide settings over the file;
	// nil is none, as for the window.
	Environ []string
	// DataDir is the folder of the request log and the credentials; "" is found
	// from the configuration's.
	DataDir string
	// Host and Port override the configuration; "" and 0 do not.
	Host string
	Port int
	// Demo adds the demo provider whatever the configuration says.
	Demo bool
	// Admin serves the pages and the admin API on the proxy's port.
	Admin bool
	// Headless looks for ./config.json first.
	Headless bool
	Version  string
	// Edition is window or web; "" is web.
	Edition string
	// Pages are the built front end; nil is none.
	Pages fs.FS
	// Log is where the program reports; nil is nowhere.
	Log *slog.Logger
	// Listener is an open socket that was handed over; nil opens one.
	Listener net.Listener
	// Stopped keeps the port closed at the start.
	Stopped bool
	// Providers are the model services there are; nil is all of this version.
	Providers []provider.Provider
	// OpenBrowser opens a page on this machine; nil where nobody sits at it.
	OpenBrowser func(url string) error
}

// Daemon is the running engine.
type Daemon struct {
	o        Options
	log      *slog.Logger
	config   *config.Store
	secrets  *account.Credentials
	requests *sqlite.Log
	meter    *metrics.Meter
	tracer   *trace.Exporter
	events   *event.Bus
	relay    *relay.Relay
	control  *control.Panel
	socket   *socket
	second   *second
	live     *live
	accounts *accounts
	backups  *backups
	releases releases
	balance  *pool.State
	guests   *pool.Clients
	redactor *requestlog.Redactor
	token    string
	// spareKey is the API key of a program that may not write its configuration.
	spareKey *config.Key
	// began is when the program was opened, in Unix seconds.
	began int64
	// started is called once when the port is open; nil is nothing to do.
	started func()

	applied atomic.Pointer[config.Config]
	guard   atomic.Pointer[httpapi.Guard]
	limits  atomic.Pointer[relay.Limits]
	// tracing is where traces go.
	tracing atomic.Pointer[trace.Target]
	// mustNot are the secrets in force.
	mustNot atomic.Pointer[[]string]
}

// Open reads the configuration and makes everything ready; nothing listens and
// nothing runs before Run.
func Open(o Options) (*Daemon, error) {
	d := &Daemon{o: o, log: o.Log, events: event.New(), began: time.Now().Unix()}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if err := d.openFiles(); err != nil {
		return nil, err
	}
	d.redactor = requestlog.NewRedactor(d.knownSecrets)
	d.live = newLive(d.events, func() []control.Exchange { return d.control.Running() })
	estimator := &tokens.Estimator{}
	d.meter = metrics.New(d.requests, func() bool { return d.config.Snapshot().Server.Metrics })
	d.tracing.Store(new(trace.Target))
	d.tracer = d.newTracer()
	d.guests = pool.NewClients(time.Now)
	d.relay = relay.New(relay.Options{
		Router: func() relay.Router { return d.accounts.table() }, Limits: d.limits.Load,
		Recorder: d.tracer, Redactor: d.redactor, Fetch: d.pictures().Picture, LastID: d.requests.LastID(), OnRunning: d.live.touch,
		Estimate: estimator.Request, Guests: d.guests,
		OnRefused: func(id int64) { d.accounts.refused(id) },
		Learned:   func(id int64, model string, h http.Header) { d.accounts.learned(id, model, h) }, Log: d.log,
	})
	d.balance = pool.New(pool.Options{Changed: func(id int64) { d.accounts.changedNow(id) }})
	d.accounts = newAccounts(d.accountOptions(context.Background(), d.balance))
	d.socket = newSocket(socketOptions{
		Address: d.address, KeepPort: d.keepPort, Handler: d.proxy(), Config: d.config.Snapshot,
		Running: d.relay.Count, Log: d.log, Inherited: o.Listener,
		Changed: func() {
			d.events.Publish(event.Event{Kind: event.Listener})
			d.second.touch()
		},
	})
	d.second = d.newSecond()
	d.releases = d.newReleases()
	d.control = control.New(control.Options{
		Config: d.config, Credentials: d.secrets, Log: d.requests, Socket: ports{d.socket, d.second}, Events: d.events,
		Running: d.relay.Running, Table: func() *route.Table { return d.accounts.table() }, Accounts: d.accounts, Balance: d.balance, Network: ways{d.accounts},
		Redact: d.redactor.String, OpenBrowser: o.OpenBrowser, SSHTarget: sshTarget(), Home: home(), Clients: clients(d.o.DataDir),
		Ask: d.ownRequests(), Replay: d.replay(), Read: readStored, Backups: d.backups, Updates: d.releases, Now: time.Now, Version: o.Version, Demo: o.Demo, Edition: cmp.Or(o.Edition, "web"), DataPath: d.o.DataDir,
	})
	d.firstKey()
	d.apply(d.config.Snapshot())
	return d, nil
}

// offered are the providers there are.
func (d *Daemon) offered() []provider.Provider {
	if d.o.Providers != nil {
		return d.o.Providers
	}
	if d.requests == nil {
		return Providers(d.o.Version, nil)
	}
	return Providers(d.o.Version, d.requests.Signatures())
}

// home is the user's folder; "" is unknown.
func home() string {
	dir, _ := os.UserHomeDir()
	return dir
}

// sshTarget is what a person types after ssh to come to this machine; "" is
// unknown.
func sshTarget() string {
	host, err := os.Hostname()
	if err != nil {
		return ""
	}
	if u, err := user.Current(); err == nil && !strings.ContainsAny(u.Username, `\ `) {
		return u.Username + "@" + host
	}
	return host
}

// openFiles opens what is on disk.
func (d *Daemon) openFiles() error {
	err := d.openSettings()
	if err != nil {
		return err
	}
	d.requests, err = sqlite.Open(context.Background(), filepath.Join(d.o.DataDir, logFile), sqlite.Options{
		Written: func() { d.events.Publish(event.Event{Kind: event.Exchanges}) }, Log: d.log, Read: readStored,
	})
	if err != nil {
		return d.folderError(err)
	}
	d.token = d.adminToken()
	d.backups.recover(context.Background())
	return nil
}

// openSettings opens the configuration and the credentials.
func (d *Daemon) openSettings() error {
	path := d.o.ConfigPath
	if path == "" {
		found, err := config.Locate("", d.o.Headless)
		if err != nil {
			return err
		}
		path = found
	}
	store, err := config.OpenIn(path, d.o.Environ)
	if err != nil {
		return err
	}
	d.config = store
	d.o.DataDir = cmp.Or(d.o.DataDir, config.DataDir(path))
	if err := os.MkdirAll(d.o.DataDir, 0o700); err != nil {
		return d.folderError(err)
	}
	d.backups = &backups{d: d}
	d.secrets, err = account.OpenCredentials(filepath.Join(d.o.DataDir, credentialsFile), account.CredentialOptions{})
	return err
}

// adminToken is kept, so that the printed link stays good over restarts.
func (d *Daemon) adminToken() string {
	const name = "admin/token"
	if s, ok := d.secrets.Get(name); ok {
		return s.Reveal()
	}
	token := rand.Text()
	if !d.o.Admin {
		return token
	}
	if err := d.secrets.Set(name, account.NewSecret(token)); err != nil {
		d.log.Warn("admin token is not kept", slog.String("error", err.Error()))
	}
	return token
}

// Run serves until ctx ends, then drains and closes everything. A port that
// cannot be opened is an error only of a program without a window: there is
// somebody to tell otherwise.
func (d *Daemon) Run(ctx context.Context) error {
	// The collector starts when the heap has doubled. Ours is a few megabytes, so
	// that under load it would run dozens of times a second, for a fifth of all
	// the time that a request costs. Memory that is never touched, and so never
	// resident, counts as heap and makes it wait for as much garbage.
	const headroom = 16 << 20
	ballast := make([]byte, headroom)
	defer runtime.KeepAlive(ballast)

	// What must outlive the stop of the rest is not bound to ctx: the log's
	// writer ends last.
	late, stopLate := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLate()
	writer := make(chan error, 1)
	go func() { writer <- d.requests.Run(late) }()

	cancel := d.config.Subscribe(func(_, now *config.Config) { d.reconfigure(ctx, now) })
	defer cancel()
	if now := d.config.Snapshot(); now != d.applied.Load() { // it was changed since Open
		d.apply(now)
	}
	err := d.run(ctx)
	stopLate()
	return errors.Join(err, <-writer, d.requests.Close())
}

func (d *Daemon) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	if err := d.openSocket(ctx); err != nil {
		return err
	}
	if d.started != nil {
		d.started()
	}
	g.Go(func() error { return d.config.Run(ctx) })
	g.Go(func() error { return d.relay.Run(ctx) })
	g.Go(func() error { return d.live.run(ctx) })
	g.Go(func() error { return d.accounts.run(ctx) })
	g.Go(func() error { return d.control.Run(ctx) })
	g.Go(func() error { return d.second.run(ctx) })
	g.Go(func() error { return d.watchSecrets(ctx) })
	g.Go(func() error { return d.watchNetwork(ctx) })
	g.Go(func() error { return d.retain(ctx) })
	g.Go(func() error { return d.watchReleases(ctx) })
	g.Go(func() error { return d.tracer.Run(ctx) })
	g.Go(func() error {
		<-ctx.Done()
		end, stop := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer stop()
		return d.socket.Close(end)
	})
	return g.Wait()
}

func (d *Daemon) openSocket(ctx context.Context) error {
	c := d.config.Snapshot()
	if d.o.Stopped || (d.o.Edition == "window" && !c.General.StartListener && d.o.Listener == nil) {
		return nil
	}
	err := d.socket.Open(ctx, 0)
	if err != nil && d.o.Edition == "window" {
		d.log.Warn("listener failed", slog.String("error", err.Error()))
		return nil
	}
	return err
}

// retain keeps the request log within its bounds: at the start, then hourly, and
// when the bounds are others.
func (d *Daemon) retain(ctx context.Context) error {
	const first, then = 10 * time.Second, time.Hour
	bounds := make(chan struct{}, 1)
	defer d.config.Subscribe(func(was, now *config.Config) {
		if was.Requests != now.Requests {
			nudge(bounds)
		}
	})()
	t := time.NewTimer(first)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		case <-bounds:
		}
		r := d.config.Snapshot().Requests
		if err := d.requests.Retain(ctx, r.Days, r.MaxMB); err != nil && ctx.Err() == nil {
			d.log.Warn("request log is not trimmed", slog.String("error", err.Error()))
		}
		d.events.Publish(event.Event{Kind: event.Exchanges})
		t.Reset(then)
	}
}

// Control is what the shells show and do.
func (d *Daemon) Control() *control.Panel { return d.control }

// Events is the bus.
func (d *Daemon) Events() *event.Bus { return d.events }

// Config is the configuration's store.
func (d *Daemon) Config() *config.Store { return d.config }

// DataDir is the folder of the request log and the credentials.
func (d *Daemon) DataDir() string { return d.o.DataDir }

// Running is how many exchanges have not ended.
func (d *Daemon) Running() int { return d.relay.Count() }

// ProxyListener is the open socket, for a successor that takes it over; nil
// when it is closed.
func (d *Daemon) ProxyListener() net.Listener { return d.socket.listener() }

// Admin is the admin API and the pages for a caller that is trusted, as the
// window is.
func (d *Daemon) Admin() http.Handler {
	return httpapi.Admin(httpapi.AdminOptions{
		Control: d.control, Events: d.events, Chat: d.chat(), Pieces: true, Pages: d.o.Pages, Version: d.o.Version,
	})
}

// proxy is what the port serves.
func (d *Daemon) proxy() func() http.Handler {
	return func() http.Handler {
		o := d.proxyOptions()
		if d.o.Admin {
			o.Admin = httpapi.Admin(httpapi.AdminOptions{
				Control: d.control, Events: d.events, Guard: d.guard.Load, Token: d.token, SessionFile: filepath.Join(d.o.DataDir, "sessions"), Chat: d.chat(), Pages: d.o.Pages, Version: d.o.Version,
			})
		}
		return httpapi.NewProxy(o)
	}
}

// proxyOptions are those of every port that serves the client protocols.
func (d *Daemon) proxyOptions() httpapi.ProxyOptions {
	return httpapi.ProxyOptions{
		Guard: d.guard.Load, Relay: d.relay, Endpoints: d.endpoints(),
		Models: d.models, Model: d.model, Allows: d.allows, Version: d.o.Version, Metrics: d.metrics,
	}
}

// allows says whether who has the API key of that name may ask for a model.
func (d *Daemon) allows(key, model string) bool {
	own := d.limits.Load().Keys[key]
	if own == nil {
		return true
	}
	behind, _ := d.accounts.table().Behind(model)
	return own.Allows(model, behind...)
}

func (d *Daemon) models() []dialect.Model {
	list := d.accounts.table().Offered()
	out := make([]dialect.Model, 0, len(list))
	for _, l := range list {
		out = append(out, d.asModel(l))
	}
	return out
}

func (d *Daemon) model(id string) (dialect.Model, bool) {
	l, ok := d.accounts.table().Model(id)
	return d.asModel(l), ok
}

// asModel is a line of the list for clients. Some of them fail on a model
// without a time (B43), so one whose service tells none is as old as this start.
func (d *Daemon) asModel(l route.Listed) dialect.Model {
	return dialect.Model{
		ID: l.ID, Created: cmp.Or(l.Model.Created, d.began), OwnedBy: cmp.Or(l.Model.OwnedBy, l.Provider),
		ContextTokens: l.Model.ContextTokens, OutputTokens: l.Model.OutputTokens, Can: l.Model.Can,
	}
}
