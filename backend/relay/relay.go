// Package relay carries one exchange from the client's socket to an upstream
// and back: it reads, routes, attempts, commits, watches and closes.
//
// The invariant: nothing is tried again once a byte of an answer has gone to
// the client (B29), and every exchange that began is closed and recorded,
// whatever happened. The package knows no provider and no protocol by name.
package relay

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// Router finds who may answer a model's name.
type Router interface {
	Route(model string) (pool.Turn, *llm.Error)
}

// Recorder takes finished exchanges. Put must not block.
type Recorder interface {
	Put(r requestlog.Record)
}

// Redactor takes secrets out of what is kept.
type Redactor interface {
	String(s string) string
	// Record redacts all of a record in place; its bodies may be replaced.
	Record(r *requestlog.Record)
}

// Limits are what the user may set. A zero duration is no bound.
type Limits struct {
	// Attempts bounds the tries of one exchange; less than 1 is 1.
	Attempts int
	// Queue is how many exchanges may wait at one model when nothing but pace
	// stands in the way, QueueWait how long each may; 0 is no waiting.
	Queue     int
	QueueWait time.Duration
	// Sticky keeps a conversation with the account that answered it last, by what
	// the request says of it or by the client's session headers.
	Sticky bool
	// Explain tells every client in headers who answered and why; otherwise only
	// those that ask.
	Explain bool
	// Clients bounds what all clients together may ask. Keys are what those with
	// an API key may, by its name as in [Caller]; who is not in it may everything.
	Clients pool.Pace
	Keys    map[string]*pool.Allowance
	// FirstByte bounds the wait for an upstream's first byte, Idle the wait for
	// each one after it.
	FirstByte, Idle time.Duration
	// Client is how long a client may pause while it sends its body.
	Client time.Duration
	// KeepAlive is the pause after which a waiting client is sent a sign of life.
	KeepAlive time.Duration
	// Body bounds a request body in bytes, after decompression; 0 is no bound.
	Body int64
	// Keep says which bodies the log gets, KeepBytes how much of each.
	Keep      Keep
	KeepBytes int
}

// Keep is a policy for bodies.
type Keep string

// The policies.
const (
	KeepOff    Keep = "off"
	KeepErrors Keep = "errors"
	KeepAll    Keep = "all"
)

// Options are what a Relay works with; all are needed but Fetch, Estimate,
// OnRunning, OnRefused, Learned and Log.
type Options struct {
	// Router gives the current route table.
	Router func() Router
	// Limits gives the current limits; the result is not changed.
	Limits   func() *Limits
	Recorder Recorder
	Redactor Redactor
	// LastID is the highest exchange ID that was used before.
	LastID int64
	// Fetch gets the picture at a public address for upstreams that take none by
	// its address: its media type, and its bytes as base64. Nil refuses those.
	Fetch func(ctx context.Context, url string) (mime, data string, err *llm.Error)
	// Estimate counts the tokens of a conversation for a model of the service's own
	// name where no service counts them, and names the tokenizer. Nil refuses then.
	Estimate func(r *llm.Request, model string) (tokens int, tokenizer string)
	// OnRunning is called when an exchange's model is known and when it has
	// ended; it must not block.
	OnRunning func()
	// OnRefused is called when a service refused an account's credential and the
	// account could not renew it; it must not block. Nil is nobody to tell.
	OnRefused func(account int64)
	// Learned is called with the header of an upstream's answer that tells what is
	// left of a budget; it must not block, nor keep or change the header. Nil is
	// nobody to tell.
	Learned func(accountID int64, model string, h http.Header)
	// Guests count what clients ask for; nil begins at nothing.
	Guests *pool.Clients
	Log    *slog.Logger
}

// Relay serves exchanges.
type Relay struct {
	o      Options
	lastID atomic.Int64
	// clients knows the programs that ask by what they say of themselves.
	clients requestlog.Clients
	// guests counts what clients ask for, where that is bounded.
	guests *pool.Clients

	mu      sync.Mutex
	running map[int64]*exchange
	// wake tells the watchman that there is something to watch.
	wake chan struct{}
}

// New makes a Relay. Its watchman must be run by the caller: see Run.
func New(o Options) *Relay {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.OnRunning == nil {
		o.OnRunning = func() {}
	}
	if o.OnRefused == nil {
		o.OnRefused = func(int64) {}
	}
	if o.Guests == nil {
		o.Guests = pool.NewClients(time.Now)
	}
	r := &Relay{o: o, guests: o.Guests, running: map[int64]*exchange{}, wake: make(chan struct{}, 1)}
	r.lastID.Store(o.LastID)
	return r
}

// Caller is what the guards learnt of a client.
type Caller struct {
	// Key is the name of the API key that was used; "" is none.
	Key string
	// Quiet says that the program cannot take an error behind a sign of life: it
	// gets none before the answer, so that a failure is a status.
	Quiet bool
	// Silent says that the program cannot take signs of life: it gets none at all.
	Silent bool
	// ReplayOf is the exchange whose request is sent again; 0 is a request of its own.
	ReplayOf int64
	// Began is called with the exchange's ID, before anything is asked; it must not
	// block. Nil is nobody to tell.
	Began func(id int64)
}

// Serve answers one request in codec's protocol. It returns when the exchange
// is closed.
func (r *Relay) Serve(w http.ResponseWriter, req *http.Request, codec dialect.Client, c Caller) {
	x := r.begin(w, req, codec, c)
	defer x.close()
	if err := x.exchange(); err != nil {
		x.fail(err)
	}
}

// Running are the exchanges that have not ended, oldest first.
func (r *Relay) Running() []requestlog.Exchange {
	r.mu.Lock()
	all := make([]*exchange, 0, len(r.running))
	for _, x := range r.running {
		all = append(all, x)
	}
	r.mu.Unlock()
	out := make([]requestlog.Exchange, 0, len(all))
	for _, x := range all {
		out = append(out, x.snapshot())
	}
	sortByID(out)
	return out
}

// Skip leaves the IDs up to last to others: to exchanges that a log was given
// from elsewhere.
func (r *Relay) Skip(last int64) {
	for {
		was := r.lastID.Load()
		if was >= last || r.lastID.CompareAndSwap(was, last) {
			return
		}
	}
}

// Count is how many exchanges have not ended.
func (r *Relay) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.running)
}

// Idle waits until no exchange runs, or until ctx ends.
func (r *Relay) Idle(ctx context.Context) error {
	const look = 10 * time.Millisecond
	t := time.NewTicker(look)
	defer t.Stop()
	for r.Count() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
	return nil
}

func (r *Relay) register(x *exchange) {
	r.mu.Lock()
	r.running[x.log.ID] = x
	first := len(r.running) == 1
	r.mu.Unlock()
	if first {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

func (r *Relay) forget(x *exchange) {
	r.mu.Lock()
	delete(r.running, x.log.ID)
	r.mu.Unlock()
	r.o.OnRunning()
}
