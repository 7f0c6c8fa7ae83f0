package relay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// statusGone is what the log says of a client that left (nginx's 499).
const statusGone = 499

// exchange is one client request, socket to socket. All of it belongs to the
// goroutine that serves the request, but what mu guards.
type exchange struct {
	relay  *Relay
	codec  dialect.Client
	limits *Limits
	req    *http.Request
	out    out

	raw     []byte
	body    *buffer
	head    dialect.Head
	decoded decoded
	warned  []llm.Warning
	// embedding is the request, where it asks for embeddings.
	embedding embedding
	// lenient is an error that the pool was told in other words; see blamed.
	lenient *llm.Error
	sent    []byte
	lease   *lease

	// mu guards log and seen against the pages that show running exchanges.
	mu   sync.Mutex
	log  requestlog.Exchange
	seen dialect.Seen

	// turn is the way through the pools; nil before it began.
	turn *pool.Turn
	// visit is what the client's own limits count; nil is nothing.
	visit *pool.Visit
	// queued is the wait for an account that goes on now; mu guards it too.
	queued queued
	// unfit are the codecs that cannot say what the request says.
	unfit []unfit

	// current is the attempt under way, for those pages; mu guards it too.
	current *attempt
	// reason says why nobody could be asked; "" is that somebody was.
	reason string
	// renewals are the accounts whose credential was renewed.
	renewals []int64

	// ended says that the answer's own error event and end went out already.
	ended bool
	// hurried says that the client's connection was given up for reading by us,
	// which its context reports like a client that left.
	hurried atomic.Bool
	// waited is the time spent on upstreams before the first byte; what is left
	// of it was ours.
	waited time.Duration
	// wait is the wait for an upstream that goes on now; see watchman.go.
	wait wait
	// quiet and silent are the caller's; hushed says that it was noted, and mu
	// guards it.
	quiet, silent, hushed bool
}

func (r *Relay) begin(w http.ResponseWriter, req *http.Request, codec dialect.Client, c Caller) *exchange {
	x := &exchange{relay: r, codec: codec, limits: r.o.Limits(), req: req}
	now := time.Now()
	x.log = requestlog.Exchange{
		ID: r.lastID.Add(1), Start: now, Client: r.clients.Name(req.UserAgent(), req.Header.Get("X-Title")), Key: c.Key,
		Dialect: string(codec.Name()), Path: req.URL.Path,
		TokensIn: -1, TokensOut: -1, TokensCached: -1, TokensReasoning: -1,
	}
	x.quiet, x.silent = c.Quiet, c.Silent
	if c.ReplayOf != 0 {
		x.log.Notes = []string{requestlog.ReplayNote(c.ReplayOf)}
	}
	x.out.begin(w, x, now)
	w.Header().Set("X-Request-Id", strconv.FormatInt(x.log.ID, 10))
	r.register(x)
	if c.Began != nil {
		c.Began(x.log.ID)
	}
	return x
}

// exchange is the way of one request; each line is a step of the design.
func (x *exchange) exchange() *llm.Error {
	if err := x.read(); err != nil {
		return err
	}
	turn, err := x.route()
	if err != nil {
		return err
	}
	if x.head.Operation == dialect.CountTokens {
		return x.count(&turn)
	}
	return x.attempts(&turn)
}

// route reads the head and finds who may answer.
func (x *exchange) route() (pool.Turn, *llm.Error) {
	head, err := x.codec.Head(x.req, x.raw)
	if err != nil {
		return pool.Turn{}, err
	}
	x.head = head
	x.mu.Lock()
	x.log.Asked, x.log.Stream = head.Model, head.Stream
	x.mu.Unlock()
	x.relay.o.OnRunning()
	if err := x.admit(); err != nil {
		return pool.Turn{}, err
	}
	return x.relay.o.Router().Route(head.Model)
}

// attempts tries upstreams until one answers, the budget is spent, or the
// failure would be the same everywhere.
func (x *exchange) attempts(turn *pool.Turn) *llm.Error {
	turn.Limit(pool.Limits{Attempts: max(x.limits.Attempts, 1), Queue: x.limits.Queue, Wait: x.limits.QueueWait})
	turn.Stick(x.talk())
	x.turn = turn
	defer turn.Leave()
	for {
		u, none := x.next(turn)
		if u == nil {
			x.nobody(turn, none)
			return x.meant(none)
		}
		err := x.try(turn, u)
		if err != nil && x.gone() {
			return x.canceled()
		}
		turn.Done(x.blamed(err), x.seen.Usage)
		if err != nil {
			x.rests(turn.Caused())
		}
		switch {
		case err == nil || x.out.answered:
			return err
		case err.Kind == llm.KindUnsupported:
			turn.Without(x.cannot)
		case !err.Elsewhere():
			return err
		}
	}
}

// rests notes what the last attempt has cost its upstream.
func (x *exchange) rests(caused string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if n := len(x.log.Attempts); n > 0 {
		x.log.Attempts[n-1].Rest = caused
	}
}

// nobody notes who was left when the way ended in vain, and why they were not
// asked; where nobody was asked at all the error says it.
func (x *exchange) nobody(turn *pool.Turn, none *llm.Error) {
	why := turn.Barred()
	if len(x.log.Attempts) == 0 {
		x.reason = none.Message
		return
	}
	if why != "" {
		x.mu.Lock()
		x.log.Notes = append(x.log.Notes, "nobody else could be asked: "+why)
		x.mu.Unlock()
	}
}

// try asks u, and once more when its credential was refused and could be
// renewed.
func (x *exchange) try(turn *pool.Turn, u *pool.Upstream) *llm.Error {
	asked := time.Now()
	err := x.attempt(u, turn.Reason())
	if err == nil {
		return nil
	}
	again, why := x.renewed(u, asked, err)
	switch {
	case !again:
		err = why
	case turn.Again():
		err = x.attempt(u, turn.Reason())
	}
	if err != nil && err.Kind == llm.KindAuth && err.Status != 0 && !x.gone() {
		x.relay.o.OnRefused(u.Account.ID)
	}
	return err
}

// gone says that the client left.
func (x *exchange) gone() bool { return x.req.Context().Err() != nil && !x.hurried.Load() }

func (x *exchange) canceled() *llm.Error {
	return &llm.Error{Kind: llm.KindCanceled, Message: "the client closed the connection", Cause: context.Cause(x.req.Context())}
}

// fail answers with an error: as a status where nothing was sent, as the
// protocol's error event otherwise (B23).
func (x *exchange) fail(err *llm.Error) {
	if x.gone() && err.Kind != llm.KindCanceled {
		err = x.canceled()
	}
	x.mu.Lock()
	x.log.ErrorKind, x.log.Error = err.Kind.String(), err.Message
	x.mu.Unlock()
	if err.Kind == llm.KindCanceled {
		return
	}
	shown := *err
	shown.Message = x.relay.o.Redactor.String(err.Message)
	if !x.out.seal() {
		x.explain(x.out.Header())
		x.codec.EncodeError(&x.out, &shown)
		return
	}
	if !x.ended {
		x.out.send(x.codec.AppendStreamError(nil, &shown))
	}
}

// close ends the exchange and hands its record over. It is the one place that
// also catches a panic: a fault of ours must not look like a finished answer.
func (x *exchange) close() {
	if p := recover(); p != nil {
		x.panicked(p)
	}
	x.out.seal()
	x.leave(x.seen.Usage)
	x.relay.forget(x)
	rec := requestlog.Record{Exchange: x.record()}
	rec.Body = x.kept(&rec.Exchange)
	// A page may still be copying the lists that are redacted in place.
	x.mu.Lock()
	x.relay.o.Redactor.Record(&rec)
	x.mu.Unlock()
	x.relay.o.Recorder.Put(rec)
	x.release()
	if x.relay.o.Log.Enabled(x.req.Context(), slog.LevelDebug) {
		x.relay.o.Log.LogAttrs(x.req.Context(), slog.LevelDebug, "request", attrs(&rec.Exchange)...)
	}
}

func (x *exchange) panicked(p any) {
	cause, ok := p.(error)
	if ok && errors.Is(cause, http.ErrAbortHandler) {
		return
	}
	cause = fmt.Errorf("panic: %v", p)
	x.relay.o.Log.LogAttrs(x.req.Context(), slog.LevelError, "request broke", slog.Int64("id", x.log.ID),
		slog.String("error", x.relay.o.Redactor.String(cause.Error())), slog.String("stack", string(debug.Stack())))
	x.fail(&llm.Error{Kind: llm.KindInternal, Message: "internal error: the request could not be served; please report it with the log", Cause: cause})
}

// record is the exchange as it is written down.
func (x *exchange) record() requestlog.Exchange {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.note()
	x.log.Duration = time.Since(x.log.Start)
	x.log.Status = x.out.status
	if x.log.ErrorKind == llm.KindCanceled.String() {
		x.log.Status = statusGone
	}
	return x.log
}

// note brings what was seen into the log. mu is held.
func (x *exchange) note() {
	s := &x.seen
	if s.Model != "" {
		x.log.Served = s.Model
	}
	x.log.Finish = string(s.Reason)
	if s.Usage.Known {
		x.log.TokensIn, x.log.TokensOut = s.Usage.Input, s.Usage.Output
		x.log.TokensCached, x.log.TokensReasoning = s.Usage.Cached, s.Usage.Reasoning
	}
	x.log.BytesOut = x.out.bytes.Load()
	if at := x.out.first.Load(); at > 0 {
		x.log.FirstToken = time.Duration(at)
	}
	for _, list := range [...][]llm.Warning{x.warned, s.Notes} {
		for _, w := range list {
			x.log.Notes = append(x.log.Notes, w.String())
		}
	}
	x.warned, s.Notes = nil, nil
}

// snapshot is the exchange as it is now, for a page.
func (x *exchange) snapshot() requestlog.Exchange {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.log
	e.Attempts = slices.Clone(x.log.Attempts)
	if c := x.current; c != nil {
		now := c.log
		now.DurationMs = ms(time.Since(c.start))
		e.Attempts = append(e.Attempts, now)
	}
	e.Notes = slices.Clone(x.log.Notes)
	if !x.queued.since.IsZero() {
		e.Notes = append(e.Notes, x.queued.note(time.Now()))
	}
	e.Duration = time.Since(e.Start)
	e.BytesOut = x.out.bytes.Load()
	if at := x.out.first.Load(); at > 0 {
		e.FirstToken = time.Duration(at)
	}
	return e
}

// kept is what the log gets of the bodies; nil when the policy says none.
func (x *exchange) kept(e *requestlog.Exchange) *requestlog.Body {
	failed := e.ErrorKind != "" && e.ErrorKind != llm.KindCanceled.String()
	if x.limits.Keep == KeepOff || x.limits.Keep == KeepErrors && !failed {
		return nil
	}
	b := &requestlog.Body{ID: e.ID, ResponseType: x.out.contentType}
	b.Request, b.RequestCut = x.cut(x.raw)
	b.Sent, b.SentCut = x.cut(x.sent)
	b.Response, b.ResponseCut = x.cut(x.out.copied())
	b.ResponseCut = b.ResponseCut || x.out.captureCut
	b.Times = x.out.times.list()
	return b
}

// cut copies what may be kept of b.
func (x *exchange) cut(b []byte) ([]byte, bool) {
	most := min(len(b), x.limits.KeepBytes)
	return slices.Clone(b[:most]), most < len(b)
}

// release gives the buffers back. Nothing of the exchange may be used after it.
func (x *exchange) release() {
	x.lease.release()
	x.body.release()
	x.out.release()
	x.raw, x.sent = nil, nil
}

func sortByID(e []requestlog.Exchange) {
	slices.SortFunc(e, func(a, b requestlog.Exchange) int { return cmp.Compare(a.ID, b.ID) })
}

func attrs(e *requestlog.Exchange) []slog.Attr {
	return []slog.Attr{
		slog.Int64("id", e.ID), slog.String("model", e.Asked), slog.String("served", e.Served),
		slog.String("account", e.Account), slog.String("lane", string(e.Lane)), slog.Int("status", e.Status),
		slog.String("errorKind", e.ErrorKind), slog.String("error", e.Error), slog.Int("attempts", len(e.Attempts)),
		slog.Duration("firstToken", e.FirstToken), slog.Duration("duration", e.Duration),
	}
}
