package relay

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// errorBody bounds what is read of an upstream's error.
const errorBody = 64 << 10

// attempt is one try at one upstream.
type attempt struct {
	*exchange
	upstream *pool.Upstream
	codec    dialect.Upstream
	// completes says that the codec takes a completion as it is.
	completes bool
	// batch is what is asked for now, of an embedding.
	batch batch
	// carrier is nil in the translated lane.
	carrier dialect.Carrier
	// request is what was encoded, in the translated lane; conversed says that it
	// is a conversation in place of a completion.
	request   *llm.Request
	conversed bool
	cancel    context.CancelCauseFunc
	// log is guarded by the exchange's mu: pages show the attempt under way.
	log   requestlog.Attempt
	start time.Time
}

// attempt asks u and passes the answer on. It returns nil when the client has
// its answer, whole.
func (x *exchange) attempt(u *pool.Upstream, why string) (err *llm.Error) {
	ctx, cancel := context.WithCancelCause(x.req.Context())
	defer cancel(nil)
	a := x.newAttempt(u, why, cancel)
	defer func() { a.done(err) }()
	a.lane()
	return a.run(ctx)
}

// ask sends one request and passes its answer on.
func (a *attempt) ask(ctx context.Context) *llm.Error {
	req, err := a.build(ctx)
	if err != nil {
		return err
	}
	resp, err := a.send(ctx, req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := a.unpack(resp); err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return a.refused(ctx, resp)
	}
	return a.pass(ctx, resp)
}

// newAttempt begins the attempt's line in the log. It is a function of its own
// for the sake of the stack; see carried.
func (x *exchange) newAttempt(u *pool.Upstream, why string, cancel context.CancelCauseFunc) *attempt {
	a := &attempt{exchange: x, upstream: u, cancel: cancel, start: time.Now()}
	a.speak()
	a.log = requestlog.Attempt{
		Provider: u.Account.Provider, Account: u.Account.Name, AccountID: u.Account.ID, Model: u.Model,
		Reason: why, StartMs: ms(a.start.Sub(x.log.Start)),
	}
	return a
}

// lane follows from the two protocols' names, unless the account wants its
// requests translated whatever they are.
func (a *attempt) lane() {
	lane := requestlog.Translated
	c, ok := a.codec.(dialect.Carrier)
	many := a.head.Operation == dialect.Embed && a.batched()
	if ok && c.Carries() == a.exchange.codec.Name() && a.upstream.Account.Setting("translate") != "true" && !many {
		a.carrier, lane = c, requestlog.Carried
	}
	x := a.exchange
	x.mu.Lock()
	x.current = a
	x.log.Lane, x.log.Provider = lane, a.upstream.Account.Provider
	x.log.Account, x.log.AccountID, x.log.Served = a.upstream.Account.Name, a.upstream.Account.ID, a.upstream.Model
	x.mu.Unlock()
}

// build encodes the body and has the provider build the HTTP request.
func (a *attempt) build(ctx context.Context) (*http.Request, *llm.Error) {
	x := a.exchange
	x.lease.release()
	x.lease = nil
	if err := a.encode(ctx); err != nil {
		return nil, err
	}
	req, err := a.newRequest(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case x.lease == nil:
	case x.lease.carries(req):
		x.lease.guard(req)
	default:
		x.lease = nil // Whoever holds the memory may go on reading it.
	}
	return req, nil
}

// newRequest has the provider build the HTTP request. A credential that is due is
// renewed in there, and some services want to be asked for something first: the
// client gets signs of life meanwhile.
func (a *attempt) newRequest(ctx context.Context) (*http.Request, *llm.Error) {
	x := a.exchange
	x.wait.begin(time.Now(), x.limits.FirstByte, a.cancel)
	req, err := a.upstream.Provider.NewRequest(ctx, a.upstream.Account, provider.Call{
		Operation: a.operation(), Dialect: a.codec.Name(), Model: a.upstream.Model, Body: x.sent, Stream: a.streams(), Previews: x.head.Previews,
	})
	x.wait.end()
	switch e, ok := errors.AsType[*llm.Error](err); {
	case err == nil:
		return req, nil
	case ctx.Err() != nil:
		return nil, a.broken(ctx, err)
	case ok:
		return nil, e
	}
	return nil, &llm.Error{Kind: llm.KindAuth, Message: "account " + a.upstream.Account.Name + " cannot be used: " + err.Error(), Cause: err}
}

func (a *attempt) carryRequest() *llm.Error {
	x := a.exchange
	const room = 128
	var dst []byte
	var b *buffer
	if len(x.raw) > big {
		b = newBuffer(len(x.raw) + room)
		dst = b.b
	} else {
		dst = make([]byte, 0, len(x.raw)+room)
	}
	out, warned, err := a.carrier.CarryRequest(dst, x.raw, x.head, a.upstream.Model)
	if err != nil {
		b.release()
		return err
	}
	if b != nil {
		b.b = out
		x.lease = newLease(b)
	}
	x.sent, x.warned = out, warned
	return nil
}

// send makes the call. The account's transport is used without its client, so
// that no redirect is followed (B65).
func (a *attempt) send(ctx context.Context, req *http.Request) (*http.Response, *llm.Error) {
	x := a.exchange
	now := time.Now()
	x.wait.begin(now, x.limits.FirstByte, a.cancel)
	resp, err := transport(a.upstream.Account.HTTP).RoundTrip(req)
	x.wait.end()
	took := time.Since(now)
	x.waited += took
	if err != nil {
		return nil, a.broken(ctx, err)
	}
	x.mu.Lock()
	a.log.HeaderMs, a.log.Status = ms(took), resp.StatusCode
	x.mu.Unlock()
	a.learn(resp.Header)
	return resp, nil
}

func transport(c *http.Client) http.RoundTripper {
	if c == nil || c.Transport == nil {
		return http.DefaultTransport
	}
	return c.Transport
}

// broken names the failure of a connection.
func (a *attempt) broken(ctx context.Context, err error) *llm.Error {
	who := "account " + a.upstream.Account.Name
	switch {
	case errors.Is(context.Cause(ctx), errUpstreamSilent):
		return &llm.Error{Kind: llm.KindTimeout, Message: who + ": the upstream did not answer in time; the limits are network.firstByteTimeoutMs and network.idleTimeoutMs", Cause: err}
	case a.gone():
		return a.canceled() //nolint:contextcheck // It is about the request's own context.
	}
	var dns *net.DNSError
	var op *net.OpError
	var e *llm.Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &dns):
		return &llm.Error{Kind: llm.KindNetwork, Message: who + ": the host " + dns.Name + " was not found; check the base URL and the network", Cause: err}
	case errors.As(err, &op) && op.Op == "dial":
		return &llm.Error{Kind: llm.KindNetwork, Message: who + ": no connection to the upstream: " + op.Err.Error(), Cause: err}
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return &llm.Error{Kind: llm.KindNetwork, Message: who + ": the upstream closed the connection before its answer was whole", Cause: err}
	}
	return &llm.Error{Kind: llm.KindNetwork, Message: who + ": the connection to the upstream broke: " + err.Error(), Cause: err}
}

// refused reads an answer that is not a success.
func (a *attempt) refused(ctx context.Context, resp *http.Response) *llm.Error {
	if resp.StatusCode/100 == 3 {
		return &llm.Error{
			Kind: llm.KindProtocol, Status: resp.StatusCode,
			Message: "account " + a.upstream.Account.Name + ": the upstream redirects to " + where(resp) + "; redirects are not followed with a credential, so put the right base URL into the account",
		}
	}
	body, err := a.readBody(ctx, resp.Body, errorBody)
	if err != nil && len(body) == 0 {
		body = nil
	}
	return a.codec.DecodeError(resp.StatusCode, resp.Header, bytes.Clone(body))
}

// unpack undoes a compression that nobody asked for: some services send gzip
// whatever the request says, even for a stream.
func (a *attempt) unpack(resp *http.Response) *llm.Error {
	switch coding := strings.ToLower(resp.Header.Get("Content-Encoding")); coding {
	case "", "identity":
		return nil
	case "gzip", "x-gzip":
		resp.Body = &unpacked{under: resp.Body}
		resp.ContentLength = -1
		return nil
	default:
		return &llm.Error{
			Kind:    llm.KindProtocol,
			Message: "account " + a.upstream.Account.Name + ": the upstream's answer is compressed with " + coding + ", which was not asked for",
		}
	}
}

// unpacked reads what is in a gzip body. The header is read with the first byte,
// so that a silent upstream is bounded like any other.
type unpacked struct {
	under io.ReadCloser
	gz    *gzip.Reader
}

func (u *unpacked) Read(p []byte) (int, error) {
	if u.gz == nil {
		gz, err := gzip.NewReader(u.under)
		if err != nil {
			return 0, err
		}
		u.gz = gz
	}
	return u.gz.Read(p)
}

func (u *unpacked) Close() error { return u.under.Close() }

// where names a redirect's host; its path and query may hold secrets.
func where(resp *http.Response) string {
	if u, err := resp.Location(); err == nil {
		return u.Host
	}
	return "nowhere"
}

// readBody reads at most limit bytes, under the watchman's eye.
func (a *attempt) readBody(ctx context.Context, r io.Reader, limit int64) ([]byte, *llm.Error) {
	w := &watched{a: a, r: io.LimitReader(r, limit)}
	b, err := io.ReadAll(w)
	if err != nil {
		return b, a.broken(ctx, err)
	}
	return b, nil
}

// done closes the attempt's line in the log.
func (a *attempt) done(err *llm.Error) {
	x := a.exchange
	x.mu.Lock()
	defer x.mu.Unlock()
	x.current = nil
	a.log.DurationMs = ms(time.Since(a.start))
	if err != nil {
		a.log.ErrorKind, a.log.Error = err.Kind.String(), err.Message
		if err.Kind == llm.KindUnsupported {
			x.unfit = append(x.unfit, a.unfit())
		}
	}
	x.log.Attempts = append(x.log.Attempts, a.log)
}

// watched is an upstream's body: what was written is flushed before a read that
// may block, and the watchman bounds each read.
type watched struct {
	a *attempt
	r io.Reader
	// last is when the last read began.
	last time.Time
}

func (w *watched) Read(p []byte) (int, error) {
	w.a.out.Flush()
	w.gather()
	return w.a.read(w.r, p)
}

// gather lets others run before the next read of an answer that comes in quick
// pieces, which makes few reads and writes of many; see [carried.gather].
func (w *watched) gather() {
	const quick = time.Millisecond
	now := time.Now()
	if now.Sub(w.last) < quick {
		runtime.Gosched()
	}
	w.last = now
}

// read is one read of an upstream's body under the watchman's eye.
func (a *attempt) read(r io.Reader, p []byte) (int, error) {
	x := a.exchange
	now := time.Now()
	x.wait.begin(now, x.limits.Idle, a.cancel)
	n, err := r.Read(p)
	x.wait.end()
	if !x.out.answered {
		x.waited += time.Since(now)
	}
	return n, err
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// isStream says what a body is by its label, or by its first bytes where the
// label is neither of the two (B27).
func isStream(contentType string) (stream, sure bool) {
	t, _, _ := strings.Cut(contentType, ";")
	switch strings.TrimSpace(strings.ToLower(t)) {
	case "text/event-stream":
		return true, true
	case "application/json":
		return false, true
	}
	return false, false
}
