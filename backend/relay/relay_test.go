package relay_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is a provider whose accounts stand for test servers.
type service struct{}

func (service) Info() provider.Info { return provider.Info{Kind: "test"} }
func (service) Dialect(a *account.Account, _ dialect.Name) dialect.Upstream {
	if a.Setting("inline") == "true" {
		return inlining{}
	}
	if why := a.Setting("narrow"); why != "" {
		return narrow{why: why}
	}
	return openaichat.Upstream{}
}

func (service) Models(context.Context, *account.Account) ([]llm.Model, error) {
	return nil, nil
}

func (service) NewRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	if reason := a.Setting("unusable"); reason != "" {
		return nil, &llm.Error{Kind: llm.KindAuth, Message: reason}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Setting("url"), bytes.NewReader(c.Body))
	if err != nil {
		return nil, err
	}
	secret, err := a.Credential(ctx)
	r.Header.Set("Authorization", secret.Reveal())
	return r, err
}

// inlining is a protocol that takes pictures only with their data, and marks the
// text of its answers when it has seen the request.
type inlining struct{ openaichat.Upstream }

func (inlining) InlinesImages() bool { return true }

func (inlining) Restore(r *llm.Request, s llm.Stream) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		for e, err := range s {
			if t, ok := e.(llm.TextDelta); ok {
				t.Text += "/" + r.Model
				e = t
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// narrow is a protocol that cannot say what requests say.
type narrow struct {
	openaichat.Upstream
	why string
}

func (n narrow) EncodeRequest(*llm.Request, string) ([]byte, []llm.Warning, *llm.Error) {
	return nil, nil, &llm.Error{Kind: llm.KindUnsupported, Message: n.why}
}

// bench is a relay with its surroundings.
type bench struct {
	t        *testing.T
	relay    *relay.Relay
	limits   relay.Limits
	server   *httptest.Server
	wire     *http.Transport
	accounts []pool.Upstream
	fetch    func(ctx context.Context, url string) (mime, data string, err *llm.Error)
	pool     *pool.Pool
	// second are the upstreams of an alias's second model.
	second []pool.Upstream
	next   []*pool.Pool
	clock  func() time.Time

	mu      sync.Mutex
	learned []string
	records []requestlog.Record
	arrived chan struct{}
}

func (b *bench) Put(r requestlog.Record) {
	b.mu.Lock()
	b.records = append(b.records, r)
	b.mu.Unlock()
	b.arrived <- struct{}{}
}

func (b *bench) told(id int64, model string, h http.Header) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.learned = append(b.learned, fmt.Sprint(id, " ", model, " ", h.Get("X-Ratelimit-Remaining-Requests")))
}

// record waits for the next exchange to be written down.
func (b *bench) record() requestlog.Record {
	b.t.Helper()
	select {
	case <-b.arrived:
	case <-time.After(5 * time.Second):
		b.t.Fatal("no exchange was recorded")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.records[len(b.records)-1]
}

func (b *bench) Route(model string) (pool.Turn, *llm.Error) {
	if model == "none" {
		return pool.Turn{}, &llm.Error{Kind: llm.KindNotFound, Message: "no such model"}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pool == nil {
		all := pool.New(pool.Options{Now: b.clock}).Rebuild()
		b.pool = all.Pool("p", pool.RoundRobin, b.accounts)
		if len(b.second) > 0 {
			b.next = []*pool.Pool{all.Pool("q", pool.RoundRobin, b.second)}
		}
		all.Done()
	}
	return pool.Begin(b.pool, b.next...), nil
}

// Behind knows two models, and an alias for both.
func (b *bench) Behind(model string) (models []string, known bool) {
	switch model {
	case "x/one", "x/two":
		return []string{model}, true
	case "both":
		return []string{"x/one", "x/two"}, true
	}
	return []string{"x/one"}, false
}

type censor struct{}

func (censor) String(s string) string { return strings.ReplaceAll(s, "CANARY", "[secret]") }

func (c censor) Record(r *requestlog.Record) {
	r.Exchange.Error = c.String(r.Exchange.Error)
	for i := range r.Exchange.Attempts {
		r.Exchange.Attempts[i].Error = c.String(r.Exchange.Attempts[i].Error)
	}
}

// newBench starts a relay before the given services, one account each, in order.
func newBench(t *testing.T, limits relay.Limits, services ...http.HandlerFunc) *bench {
	t.Helper()
	b := &bench{t: t, limits: limits, arrived: make(chan struct{}, 1000), wire: &http.Transport{MaxIdleConnsPerHost: 64}}
	for i, s := range services {
		srv := httptest.NewServer(s)
		t.Cleanup(srv.Close)
		b.add(fmt.Sprintf("account%d", i+1), map[string]string{"url": srv.URL})
	}
	b.relay = relay.New(relay.Options{
		Router: func() relay.Router { return b }, Recorder: b, Redactor: censor{}, LastID: 41,
		Limits:  func() *relay.Limits { return &b.limits },
		Learned: func(id int64, model string, h http.Header) { b.told(id, model, h) },
		Fetch: func(ctx context.Context, url string) (string, string, *llm.Error) {
			return b.fetch(ctx, url)
		},
	})
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.relay.Serve(w, r, openaichat.Client{}, relay.Caller{Key: "default"})
	}))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = b.relay.Run(ctx)
	}()
	t.Cleanup(func() {
		b.server.Close()
		stop()
		<-ended
		b.wire.CloseIdleConnections()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return b
}

func (b *bench) add(name string, settings map[string]string) {
	b.sign(account.Account{Name: name, Settings: settings}, nil)
}

// sign adds an account with a credential.
func (b *bench) sign(a account.Account, credential func(context.Context) (account.Secret, error)) {
	a.ID, a.Provider, a.Enabled, a.HTTP = int64(len(b.accounts)+1), "test", true, &http.Client{Transport: b.wire}
	b.accounts = append(b.accounts, pool.Upstream{Account: account.New(a, credential), Provider: service{}, Model: "up-model"})
}

func limits() relay.Limits {
	return relay.Limits{
		Attempts: 3, FirstByte: 10 * time.Second, Idle: 10 * time.Second, Client: 10 * time.Second,
		KeepAlive: 10 * time.Second, Body: 1 << 20, Keep: relay.KeepAll, KeepBytes: 1 << 16,
	}
}

const (
	streamed = `{"model":"asked","stream":true,"messages":[{"role":"user","content":"hi"}]}`
	whole    = `{"model":"asked","messages":[{"role":"user","content":"hi"}]}`
)

func (b *bench) post(ctx context.Context, body string) *http.Response {
	b.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.server.URL, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func (b *bench) ask(body string) (int, string) {
	b.t.Helper()
	resp := b.post(b.t.Context(), body)
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func chunk(text string) string {
	return `data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"up-model","choices":[{"index":0,"delta":{"content":"` + text + `"},"finish_reason":null}]}` + "\n\n"
}

const ending = `data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"up-model","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n" +
	`data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"up-model","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}` + "\n\ndata: [DONE]\n\n"

func sse(w http.ResponseWriter, parts ...string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, p := range parts {
		_, _ = io.WriteString(w, p)
		w.(http.Flusher).Flush()
	}
}

func good(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if bytes.Contains(body, []byte(`"stream":true`)) {
		sse(w, chunk("Hel"), chunk("lo"), ending)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","created":1,"model":"up-model","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`)
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

func TestRelay_CarriesAStreamAndWritesItDown(t *testing.T) {
	b := newBench(t, limits(), good)
	code, text := b.ask(streamed)
	if code != 200 || strings.Count(text, `"content":"Hel"`) != 1 || !strings.HasSuffix(text, "data: [DONE]\n\n") {
		t.Fatalf("got %d %s", code, text)
	}
	if strings.Contains(text, "up-model") || !strings.Contains(text, `"model":"asked"`) {
		t.Errorf("the model's name is not what was asked (B46): %s", text)
	}
	if strings.Contains(text, "usage") {
		t.Errorf("usage was sent though not asked for (B25): %s", text)
	}
	r := b.record()
	e := r.Exchange
	if e.ID != 42 || e.Status != 200 || e.Asked != "asked" || e.Served != "up-model" || e.Account != "account1" || e.Lane != requestlog.Carried ||
		!e.Stream || e.TokensIn != 3 || e.TokensOut != 2 || e.Finish != "stop" || e.Key != "default" {
		t.Errorf("recorded %+v", e)
	}
	if e.FirstToken <= 0 || e.Duration < e.FirstToken || e.BytesOut != int64(len(text)) || e.BytesIn != int64(len(streamed)) || e.Own <= 0 {
		t.Errorf("times and sizes: %+v", e)
	}
	if len(e.Attempts) != 1 || e.Attempts[0].Reason != "the only account" || e.Attempts[0].Status != 200 {
		t.Errorf("attempts %+v", e.Attempts)
	}
	if string(r.Body.Request) != streamed || string(r.Body.Response) != text || !strings.Contains(string(r.Body.Sent), `"up-model"`) {
		t.Errorf("bodies %q %q", r.Body.Request, r.Body.Sent)
	}
}

func TestRelay_TheTranslatedLaneSaysTheSame(t *testing.T) {
	b := newBench(t, limits())
	srv := httptest.NewServer(http.HandlerFunc(good))
	t.Cleanup(srv.Close)
	b.add("a", map[string]string{"url": srv.URL, "translate": "true"})
	for _, body := range []string{streamed, whole} {
		code, text := b.ask(body)
		if code != 200 || !strings.Contains(text, `"model":"asked"`) || !strings.Contains(text, "lo") {
			t.Errorf("got %d %s", code, text)
		}
		e := b.record().Exchange
		if e.Lane != requestlog.Translated || e.TokensOut != 2 || e.Finish != "stop" || e.Status != 200 {
			t.Errorf("recorded %+v", e)
		}
	}
}

func TestB27_TheAnswerHasTheFormThatWasAskedFor(t *testing.T) {
	jsonAlways := func(w http.ResponseWriter, r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(""))
		good(w, r)
	}
	sseAlways := func(w http.ResponseWriter, _ *http.Request) { sse(w, chunk("Hello"), ending) }
	mislabelled := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, chunk("Hello")+ending)
	}
	for name, s := range map[string]http.HandlerFunc{"json always": jsonAlways, "sse always": sseAlways, "mislabelled": mislabelled} {
		b := newBench(t, limits(), s)
		for body, want := range map[string]string{streamed: "text/event-stream", whole: "application/json"} {
			resp := b.post(t.Context(), body)
			text, _ := io.ReadAll(resp.Body)
			if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, want) || resp.StatusCode != 200 || !strings.Contains(string(text), "Hello") {
				t.Errorf("%s: asked for %s, got %s: %s", name, want, got, text)
			}
		}
	}
}

func TestB05_AnErrorKeepsItsClassAndItsRetryAfter(t *testing.T) {
	for code, want := range map[int]int{400: 400, 401: 401, 403: 403, 404: 404, 429: 429, 500: 500, 503: 503} {
		b := newBench(t, limits(), status(code, `{"error":{"message":"upstream says no CANARY","type":"x","code":"y"}}`))
		resp := b.post(t.Context(), streamed)
		text, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != want || !strings.Contains(string(text), "upstream says no") {
			t.Errorf("upstream %d: got %d %s", code, resp.StatusCode, text)
		}
		if strings.Contains(string(text), "CANARY") {
			t.Errorf("a secret in an upstream's error reached the client: %s", text)
		}
		if code == 429 && resp.Header.Get("Retry-After") != "7" {
			t.Errorf("Retry-After %q", resp.Header.Get("Retry-After"))
		}
		if e := b.record().Exchange; e.Status != want || e.ErrorKind == "" || strings.Contains(e.Error, "CANARY") || strings.Contains(e.Attempts[0].Error, "CANARY") {
			t.Errorf("recorded %+v", e)
		}
	}
}

func TestB22_AnotherAccountAnswersBeforeTheFirstByte(t *testing.T) {
	cut := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	roleOnly := func(w http.ResponseWriter, _ *http.Request) {
		sse(w, `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`+"\n\n")
	}
	inBand := func(w http.ResponseWriter, _ *http.Request) {
		sse(w, `data: {"error":{"message":"overloaded","type":"overloaded_error"}}`+"\n\n")
	}
	html := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>captive portal</html>") }
	for name, bad := range map[string]http.HandlerFunc{
		"429": status(429, `{"error":{"message":"slow down"}}`), "500": status(500, "oops"), "401": status(401, "{}"),
		"cut": cut, "role only, then the end": roleOnly, "error in the stream": inBand, "html": html,
	} {
		for _, lane := range []string{"false", "true"} {
			b := newBench(t, limits())
			for i, h := range []http.HandlerFunc{bad, good} {
				srv := httptest.NewServer(h)
				t.Cleanup(srv.Close)
				b.add("account"+strconv.Itoa(i+1), map[string]string{"url": srv.URL, "translate": lane})
			}
			code, text := b.ask(streamed)
			if code != 200 || !strings.Contains(text, `"content":"lo"`) {
				t.Errorf("%s, translate=%s: got %d %s", name, lane, code, text)
			}
			e := b.record().Exchange
			if len(e.Attempts) != 2 || e.Attempts[0].Error == "" || !strings.HasPrefix(e.Attempts[1].Reason, "next after account1 (") || e.Account != "account2" {
				t.Errorf("%s, translate=%s: attempts %+v", name, lane, e.Attempts)
			}
		}
	}
}

func TestRelay_ATranslatedStreamThatNeverBeginsIsAnErrorWithItsStatus(t *testing.T) {
	b := newBench(t, limits())
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sse(w, `data: {"error":{"message":"overloaded","type":"overloaded_error"}}`+"\n\n")
	}))
	t.Cleanup(srv.Close)
	b.add("only", map[string]string{"url": srv.URL, "translate": "true"})
	if code, text := b.ask(streamed); code < 500 || !strings.HasPrefix(text, `{"error":{`) || !strings.Contains(text, "overloaded") {
		t.Errorf("got %d %q", code, text)
	}
}

func TestB03_FailoverIsBounded(t *testing.T) {
	var calls atomic.Int32
	limited := func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		status(429, `{"error":{"message":"slow down"}}`)(w, r)
	}
	b := newBench(t, limits(), limited, limited, limited, limited, limited)
	if code, text := b.ask(whole); code != 429 || calls.Load() != 3 {
		t.Errorf("got %d after %d calls: %s", code, calls.Load(), text)
	}
}

func TestRelay_ABadRequestIsNotTriedElsewhere(t *testing.T) {
	var calls atomic.Int32
	b := newBench(t, limits(), status(400, `{"error":{"message":"bad schema","param":"tools"}}`), func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		good(w, r)
	})
	if code, _ := b.ask(whole); code != 400 || calls.Load() != 0 {
		t.Errorf("got %d, the second account was asked %d times", code, calls.Load())
	}
}

func TestB23_AFailureInMidStreamIsTheProtocolsOwnError(t *testing.T) {
	var calls atomic.Int32
	for name, bad := range map[string]func(w http.ResponseWriter){
		"cut":      func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"the end":  func(http.ResponseWriter) {},
		"in band":  func(w http.ResponseWriter) { sse(w, `data: {"error":{"message":"boom"}}`+"\n\n") },
		"bad JSON": func(w http.ResponseWriter) { sse(w, "data: {\"choices\":[\n\n") },
	} {
		for _, lane := range []string{"false", "true"} {
			b := newBench(t, limits())
			read := make(chan struct{})
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				sse(w, chunk("Hel"))
				<-read
				bad(w)
			}))
			t.Cleanup(srv.Close)
			b.add("first", map[string]string{"url": srv.URL, "translate": lane})
			second := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { calls.Add(1); good(w, r) }))
			t.Cleanup(second.Close)
			b.add("second", map[string]string{"url": second.URL})
			resp := b.post(t.Context(), streamed)
			first := make([]byte, 1)
			if _, err := io.ReadFull(resp.Body, first); err != nil {
				t.Fatal(err)
			}
			close(read)
			rest, _ := io.ReadAll(resp.Body)
			text := string(first) + string(rest)
			if resp.StatusCode != 200 || !strings.Contains(text, `"content":"Hel"`) || strings.Count(text, `data: {"error":{`) != 1 || !strings.HasSuffix(text, "data: [DONE]\n\n") {
				t.Errorf("%s, translate=%s: got %d %s", name, lane, resp.StatusCode, text)
			}
			if strings.Contains(text, `"finish_reason":"stop"`) {
				t.Errorf("%s, translate=%s: a cut answer was finished (B23a): %s", name, lane, text)
			}
			if e := b.record().Exchange; e.ErrorKind == "" || len(e.Attempts) != 1 {
				t.Errorf("%s, translate=%s: recorded %+v", name, lane, e)
			}
		}
	}
	if calls.Load() != 0 {
		t.Errorf("another account was asked %d times after the first byte (B29)", calls.Load())
	}
}

func TestB22_ASilentUpstreamIsGivenUp(t *testing.T) {
	l := limits()
	l.FirstByte = 40 * time.Millisecond
	left := make(chan struct{})
	b := newBench(t, l, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-r.Context().Done()
		close(left)
	}, good)
	if code, text := b.ask(streamed); code != 200 || !strings.Contains(text, `"content":"lo"`) {
		t.Errorf("got %d %s", code, text)
	}
	<-left
	if e := b.record().Exchange; len(e.Attempts) != 2 || e.Attempts[0].ErrorKind != "timeout" {
		t.Errorf("attempts %+v", e.Attempts)
	}
}

func TestB22_AnUpstreamThatFallsSilentEndsInAnError(t *testing.T) {
	l := limits()
	l.Idle = 40 * time.Millisecond
	b := newBench(t, l, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		sse(w, chunk("Hel"))
		<-r.Context().Done()
	})
	if code, text := b.ask(streamed); code != 200 || !strings.Contains(text, `data: {"error":{`) {
		t.Errorf("got %d %s", code, text)
	}
	if e := b.record().Exchange; e.ErrorKind != "timeout" {
		t.Errorf("recorded %+v", e)
	}
}

func TestB22_AWaitingClientGetsKeepAlives(t *testing.T) {
	l := limits()
	l.KeepAlive = 20 * time.Millisecond
	speak := make(chan struct{})
	b := newBench(t, l, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-speak
		sse(w, chunk("Hel"))
		<-speak
		sse(w, chunk("lo"), ending)
	})
	resp := b.post(t.Context(), streamed)
	lines := bufio.NewScanner(resp.Body)
	var text []string
	kept := 0
	for lines.Scan() {
		text = append(text, lines.Text())
		if strings.HasPrefix(lines.Text(), ":") {
			if kept++; kept == 2 || kept == 4 {
				speak <- struct{}{}
			}
		}
	}
	all := strings.Join(text, "\n")
	if resp.StatusCode != 200 || kept < 4 || !strings.Contains(all, `"content":"Hel"`) || !strings.Contains(all, "[DONE]") {
		t.Errorf("%d keep-alives: %s", kept, all)
	}
}

func TestB22_AFailureAfterKeepAlivesIsAnErrorEvent(t *testing.T) {
	l := limits()
	l.KeepAlive = 20 * time.Millisecond
	fail := make(chan struct{})
	b := newBench(t, l, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-fail
		w.WriteHeader(http.StatusServiceUnavailable)
	}, good)
	resp := b.post(t.Context(), streamed)
	first := make([]byte, 1)
	if _, err := io.ReadFull(resp.Body, first); err != nil || first[0] != ':' {
		t.Fatalf("got %q %v, want a keep-alive", first, err)
	}
	close(fail)
	rest, _ := io.ReadAll(resp.Body)
	if !strings.Contains(string(rest), `"content":"lo"`) {
		t.Errorf("the other account did not answer after a keep-alive: %s", rest)
	}
}

func TestB28_AHangUpReachesTheUpstream(t *testing.T) {
	gone := make(chan time.Time, 1)
	b := newBench(t, limits(), func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		sse(w, chunk("Hel"))
		<-r.Context().Done()
		gone <- time.Now()
	})
	ctx, cancel := context.WithCancel(t.Context())
	resp := b.post(ctx, streamed)
	if _, err := io.ReadFull(resp.Body, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	left := time.Now()
	cancel()
	select {
	case at := <-gone:
		if took := at.Sub(left); took > 100*time.Millisecond {
			t.Errorf("the upstream was told after %v", took)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the upstream was never told")
	}
	if e := b.record().Exchange; e.Status != 499 || e.ErrorKind != "canceled" {
		t.Errorf("recorded %+v", e)
	}
}

// Many clients leave as soon as they have read the end, before the upstream has
// closed its side.
func TestRelay_AClientThatHasItsAnswerMayLeave(t *testing.T) {
	b := newBench(t, limits(), func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		sse(w, chunk("Hello"), ending)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	resp := b.post(ctx, streamed)
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && lines.Text() != "data: [DONE]" {
	}
	cancel()
	if e := b.record().Exchange; e.Status != 200 || e.ErrorKind != "" || e.Finish != "stop" || e.Attempts[0].ErrorKind != "" {
		t.Errorf("recorded %+v", e)
	}
}

func TestB30_ASlowReaderHoldsTheUpstreamBack(t *testing.T) {
	const total = 64 << 20
	var sent atomic.Int64
	b := newBench(t, limits(), func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		piece := []byte(strings.Repeat(chunk(strings.Repeat("x", 1000)), 10))
		for sent.Load() < total {
			n, err := w.Write(piece)
			if err != nil {
				return
			}
			sent.Add(int64(n))
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	resp := b.post(ctx, streamed)
	if _, err := io.ReadFull(resp.Body, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	// The upstream stops when the sockets' buffers are full: once nothing more
	// went out for a while it is held back.
	for last := int64(-1); last != sent.Load(); {
		last = sent.Load()
		select {
		case <-time.After(100 * time.Millisecond):
		case <-t.Context().Done():
		}
	}
	if n := sent.Load(); n >= total {
		t.Errorf("the upstream could send all of its %d MiB to a client that does not read", n>>20)
	}
	cancel()
	b.record()
}

func TestRelay_RunningRowsAreVisibleAndThenGone(t *testing.T) {
	go1 := make(chan struct{})
	b := newBench(t, limits(), func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		sse(w, chunk("Hel"))
		<-go1
		sse(w, ending)
	})
	resp := b.post(t.Context(), streamed)
	if _, err := io.ReadFull(resp.Body, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	run := b.relay.Running()
	if len(run) != 1 || run[0].Asked != "asked" || run[0].Account != "account1" || run[0].Status != 0 || run[0].BytesOut == 0 || run[0].FirstToken == 0 || run[0].Duration == 0 {
		t.Errorf("running %+v", run)
	}
	close(go1)
	_, _ = io.ReadAll(resp.Body)
	b.record()
	if n := b.relay.Count(); n != 0 {
		t.Errorf("%d exchanges run after the end", n)
	}
}

func TestRelay_BodiesAreKeptByPolicy(t *testing.T) {
	for _, c := range []struct {
		keep      relay.Keep
		ok, wrong bool
	}{{relay.KeepOff, false, false}, {relay.KeepErrors, false, true}, {relay.KeepAll, true, true}} {
		l := limits()
		l.Keep, l.KeepBytes = c.keep, 30
		b := newBench(t, l, good)
		b.ask(whole)
		if got := b.record().Body; (got != nil) != c.ok {
			t.Errorf("%s: a good exchange kept %v", c.keep, got)
		} else if got != nil && (len(got.Request) != 30 || !got.RequestCut || !got.ResponseCut) {
			t.Errorf("%s: kept %+v", c.keep, got)
		}
		b.ask(`{"model":"none"}`)
		if got := b.record().Body; (got != nil) != c.wrong {
			t.Errorf("%s: a failed exchange kept %v", c.keep, got)
		}
	}
}

func TestRelay_ARedirectIsNotFollowed(t *testing.T) {
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(other.Close)
	b := newBench(t, limits(), func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/x?token=CANARY", http.StatusTemporaryRedirect)
	})
	code, text := b.ask(whole)
	if code != 502 || asked.Load() != 0 || strings.Contains(text, "CANARY") || !strings.Contains(text, "redirect") {
		t.Errorf("B65: got %d after %d calls: %s", code, asked.Load(), text)
	}
}

func TestRelay_AnAccountThatCannotBeUsedIsPassedOver(t *testing.T) {
	b := newBench(t, limits())
	b.add("locked", map[string]string{"unusable": "the account has no key"})
	srv := httptest.NewServer(http.HandlerFunc(good))
	t.Cleanup(srv.Close)
	b.add("open", map[string]string{"url": srv.URL})
	if code, text := b.ask(whole); code != 200 {
		t.Errorf("got %d %s", code, text)
	}
	if e := b.record().Exchange; len(e.Attempts) != 2 || e.Attempts[0].Error != "the account has no key" {
		t.Errorf("attempts %+v", e.Attempts)
	}
}

func TestRelay_ALargeBodyArrivesWhole(t *testing.T) {
	big := strings.Repeat("y", 300_000)
	var got atomic.Int64
	b := newBench(t, limits(), func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.Store(int64(bytes.Count(body, []byte("y"))))
		good(w, r)
	}, good)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			code, _ := b.ask(`{"model":"asked","messages":[{"role":"user","content":"` + big + `"}]}`)
			if code != 200 {
				t.Errorf("got %d", code)
			}
		})
	}
	wg.Wait()
	if got.Load() != int64(len(big)) {
		t.Errorf("the upstream got %d of %d bytes", got.Load(), len(big))
	}
}

func TestRelay_AClientThatIsSlowToSendIsToldSo(t *testing.T) {
	l := limits()
	l.Client = 40 * time.Millisecond
	b := newBench(t, l, good)
	r, w := io.Pipe()
	defer w.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL, r)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = w.Write([]byte(`{"model":`)) }()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 400 || !strings.Contains(string(text), "did not arrive in time") {
		t.Errorf("got %d %s", resp.StatusCode, text)
	}
}

func TestRelay_AGzippedAnswerThatNobodyAskedForIsUnpacked(t *testing.T) {
	b := newBench(t, limits(), func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		good(rec, r)
		w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
		w.Header().Set("Content-Encoding", "gzip")
		gz := gzip.NewWriter(w)
		_, _ = gz.Write(rec.Body.Bytes())
		_ = gz.Close()
	})
	for _, body := range []string{streamed, whole} {
		if code, text := b.ask(body); code != 200 || !strings.Contains(text, "lo") || !strings.Contains(text, `"model":"asked"`) {
			t.Errorf("got %d %s", code, text)
		}
	}
}
