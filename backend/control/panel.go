package control

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/connect"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/route"
)

// Socket is the proxy's listener, as the daemon keeps it.
type Socket interface {
	// State is what the socket is now.
	State() Listener
	// Open listens; port 0 is the configured one, any other is also written
	// into the configuration once it listens. It is no error when it is open.
	Open(ctx context.Context, port int) error
	// Close stops listening, lets running exchanges end within the drain time,
	// and returns when the port is free.
	Close(ctx context.Context) error
}

// Log is the request log on disk.
type Log interface {
	List(ctx context.Context, q requestlog.Query) (requestlog.Page, error)
	// Choices are what the log can be filtered by.
	Choices(ctx context.Context) (requestlog.Choices, error)
	Get(ctx context.Context, id int64) (requestlog.Exchange, *requestlog.Body, error)
	Figures(ctx context.Context, since time.Time) (requestlog.Figures, error)
	// Used is what was asked in a stretch of time, by step, account and model.
	Used(ctx context.Context, s requestlog.Stretch) ([]requestlog.Use, error)
	// Activities are what accounts did in the last day, as of now.
	Activities(ctx context.Context, now time.Time) (requestlog.Activities, error)
	// KeysUsed is when each API key was used last, by its name.
	KeysUsed(ctx context.Context) (map[string]time.Time, error)
	Wipe(ctx context.Context) error
	// Size is how many bytes it takes of the disk.
	Size(ctx context.Context) (int64, error)
	// Trouble says why it is not written at the moment; "" is nothing.
	Trouble() string
}

// Balance is what the requests found of the accounts, as the pool keeps it.
type Balance interface {
	// Snapshot is what is known of an account; ok is false where no pool has it.
	Snapshot(accountID int64) (v pool.AccountView, ok bool)
	// RetryNow ends the rest of an account and of its models, or of one model.
	RetryNow(accountID int64, model string)
}

// Options are what a Panel works with; all are needed but Network, Redact,
// OpenBrowser, SSHTarget and Home.
type Options struct {
	Config      *config.Store
	Credentials *account.Credentials
	Log         Log
	Socket      Socket
	Events      *event.Bus
	// Running gives the exchanges that have not ended.
	Running func() []requestlog.Exchange
	// Table gives the current route table.
	Table    func() *route.Table
	Accounts Accounts
	Balance  Balance
	// Network tries the ways to services; nil where there is none to try.
	Network Network
	// Redact takes secrets out of what services said; nil changes nothing.
	Redact func(string) string
	// OpenBrowser opens a page on this machine; nil where nobody sits at it.
	OpenBrowser func(url string) error
	// SSHTarget is user@host of this machine, for a tunnel to it; "" is unknown.
	SSHTarget string
	// Home is the user's folder, where other programs keep sign-ins; "" is
	// unknown.
	Home string
	// Ask answers what the program itself asks, by the path of a client protocol,
	// as the port answers a client without a key.
	Ask http.Handler
	// Clients are the programs of this machine's user that can be pointed here;
	// nil where nobody's files are at hand, as in a container.
	Clients *connect.Clients
	// Replay sends a kept request again; nil where nothing is asked.
	Replay Replay
	// Backups make and restore backups; nil where there is nothing to back up.
	Backups Backups
	// Updates knows of newer versions; nil where nobody looks for them.
	Updates Updates
	// Read decodes a stored answer of a client protocol; nil when the protocol
	// is unknown.
	Read func(dialect, contentType string, body []byte) llm.Stream
	// Now is the clock.
	Now func() time.Time

	Version string
	// Demo says that the demo provider was asked for when the program started,
	// whatever the configuration says.
	Demo bool
	// Edition is window or web.
	Edition  string
	DataPath string
}

// Panel is everything a person can do or see. Its methods may be called at
// any time from any goroutine.
type Panel struct {
	o    Options
	desk *desk
	// replays are under way.
	replays    replays
	lastReport lastReport
	// trials has an element for each model that is tried now.
	trials chan struct{}
	// offered are the providers with what they say of themselves, which they
	// would make anew at each question.
	offered []offered
}

// offered is one provider.
type offered struct {
	provider.Provider

	info provider.Info
}

// New makes a Panel.
func New(o Options) *Panel {
	if o.Redact == nil {
		o.Redact = func(text string) string { return text }
	}
	s := &Panel{o: o, desk: newDesk(o.Now), trials: make(chan struct{}, trialsAtOnce)}
	for _, p := range o.Accounts.Providers() {
		s.offered = append(s.offered, offered{p, p.Info()})
	}
	return s
}

// Status is the state of the whole program at this moment.
func (s *Panel) Status(ctx context.Context) (Status, error) {
	c := s.o.Config.Snapshot()
	st := Status{
		Version: s.o.Version, Listener: s.o.Socket.State(), Demo: c.Demo || s.o.Demo, KeyRequired: c.KeyRequired(),
		SecretStore: s.o.Credentials.Where(), Edition: s.o.Edition, ConfigProblem: s.o.Config.Problem(),
		ConfigPath: s.o.Config.Path(), DataPath: s.o.DataPath,
	}
	st.Warnings = slices.Concat(c.Warnings(), s.o.Accounts.LeftOut())
	if p := s.o.Credentials.Problem(); p != "" {
		st.Warnings = append(st.Warnings, p)
	}
	if p := st.Listener.OllamaError; p != "" {
		st.Warnings = append(st.Warnings, "Ollama's port is not open: "+p)
	}
	if p := s.o.Log.Trouble(); p != "" {
		st.Warnings = append(st.Warnings, "requests are served, and not written to the request log: "+p+": make room in "+s.o.DataPath+", then they are written")
	}
	if st.Warnings == nil {
		st.Warnings = []string{}
	}
	st.Accounts = s.tally(c)
	if len(c.Keys) > 0 {
		st.KeyID = c.Keys[0].ID
		st.KeyMasked = account.Masked(s.secret(c.Keys[0]))
	}
	now := s.o.Now()
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	f, err := s.o.Log.Figures(ctx, midnight)
	if err != nil {
		return st, err
	}
	st.Today = Figures{
		Requests: f.Requests, Errors: f.Errors, TokensIn: f.TokensIn, TokensOut: f.TokensOut,
		FirstTokenMs: msOrNil(f.FirstTokenMedian), OwnMs: msOrNil(f.OwnMedian),
	}
	return st, nil
}

// StartListener opens the proxy's port; port 0 is the configured one.
func (s *Panel) StartListener(ctx context.Context, port int) error {
	return s.o.Socket.Open(ctx, port)
}

// StopListener closes the proxy's port after running exchanges have ended, or
// after the drain time.
func (s *Panel) StopListener(ctx context.Context) error {
	return s.o.Socket.Close(ctx)
}

// Listener is the state of the proxy's port.
func (s *Panel) Listener() Listener { return s.o.Socket.State() }

func msOrNil(d time.Duration) *float64 {
	if d <= 0 {
		return nil
	}
	v := float64(d.Microseconds()) / 1000
	return &v
}
