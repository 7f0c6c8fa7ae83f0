package trace_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The types are the members of OTLP's JSON that a collector of traces knows; what
// else is sent is refused.
type (
	export struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes []attribute }
			ScopeSpans []struct {
				Scope struct{ Name, Version string }
				Spans []span
			}
		}
	}
	span struct {
		TraceID, SpanID, ParentSpanID, Name string
		Kind                                int
		StartTimeUnixNano, EndTimeUnixNano  string
		Attributes                          []attribute
		Status                              struct {
			Code    int
			Message string
		}
	}
	attribute struct {
		Key   string
		Value any1
	}
	any1 struct {
		StringValue, IntValue *string
		BoolValue             *bool
		ArrayValue            *struct {
			Values []struct{ StringValue string }
		}
	}
)

func (s span) attribute(key string) string {
	for _, a := range s.Attributes {
		if a.Key != key {
			continue
		}
		switch v := a.Value; {
		case v.StringValue != nil:
			return *v.StringValue
		case v.IntValue != nil:
			return *v.IntValue
		case v.BoolValue != nil:
			return strconv.FormatBool(*v.BoolValue)
		case v.ArrayValue != nil && len(v.ArrayValue.Values) > 0:
			return "[" + v.ArrayValue.Values[0].StringValue + "]"
		}
	}
	return ""
}

// collector is a strict one. It answers with the statuses in order, then 200.
type collector struct {
	t        *testing.T
	statuses []int
	header   http.Header
	answer   string

	mu    sync.Mutex
	asked int
	spans []span
	text  string
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, _ := io.ReadAll(r.Body)
	if r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Tenant") != "a b" {
		c.t.Errorf("a collector does not know %s %s %v", r.Method, r.URL, r.Header)
	}
	c.asked++
	if c.asked <= len(c.statuses) {
		for name := range c.header {
			w.Header().Set(name, c.header.Get(name))
		}
		w.WriteHeader(c.statuses[c.asked-1])
		return
	}
	var got export
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		c.t.Errorf("no OTLP: %v in %s", err, text)
	}
	for _, rs := range got.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				c.check(s)
			}
			c.spans = append(c.spans, ss.Spans...)
		}
	}
	c.text += string(text)
	_, _ = io.WriteString(w, c.answer)
}

func (c *collector) check(s span) {
	hexed := func(text string, n int) bool { b, err := hex.DecodeString(text); return err == nil && len(b) == n }
	start, err1 := strconv.ParseUint(s.StartTimeUnixNano, 10, 64)
	end, err2 := strconv.ParseUint(s.EndTimeUnixNano, 10, 64)
	if !hexed(s.TraceID, 16) || !hexed(s.SpanID, 8) || s.ParentSpanID != "" && !hexed(s.ParentSpanID, 8) ||
		err1 != nil || err2 != nil || end < start || s.Name == "" || s.Kind < 1 || s.Kind > 5 {
		c.t.Errorf("a span that is none: %+v", s)
	}
}

// kept counts what was passed on.
type kept struct{ n int }

func (k *kept) Put(requestlog.Record) { k.n++ }

// sent runs an Exporter until done, and gives it back.
func sent(t *testing.T, c *collector, done func() bool, records ...requestlog.Record) (*trace.Exporter, *kept) {
	t.Helper()
	c.t = t
	srv := httptest.NewServer(c)
	defer srv.Close()
	k := new(kept)
	to := trace.Target{URL: trace.Endpoint(srv.URL + "/"), Header: trace.Headers("X-Tenant=a%20b, "), Service: "test"}
	e := trace.New(trace.Options{
		Next: k, Target: func() trace.Target { return to }, Client: srv.Client, Version: "v1",
		Rest: time.Millisecond, Again: time.Millisecond, Log: slog.New(slog.DiscardHandler),
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	for _, r := range records {
		e.Put(r)
	}
	for deadline := time.Now().Add(5 * time.Second); done != nil && !done(); {
		if time.Now().After(deadline) {
			t.Fatal("it is not done within five seconds")
		}
		<-time.After(time.Millisecond)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return e, k
}

func exchange() requestlog.Record {
	return requestlog.Record{
		Body: &requestlog.Body{Request: []byte("canary-question")},
		Exchange: requestlog.Exchange{
			ID: 7, Start: time.Unix(1_700_000_000, 5), Duration: 3 * time.Second, FirstToken: 800 * time.Millisecond, Client: "curl", Key: "canary-key",
			Dialect: "openaichat", Path: "/v1/chat/completions", Stream: true, Asked: "fast", Served: "gemini-9", Provider: "gemini", Account: "canary-account", AccountID: 3,
			Lane: requestlog.Translated, Status: 200, Finish: "stop", TokensIn: 12, TokensOut: 34, TokensCached: -1, TokensReasoning: -1,
			Attempts: []requestlog.Attempt{
				{Provider: "qwen", Account: "canary-account", AccountID: 2, Model: "q", DurationMs: 400, Status: 429, ErrorKind: "rate_limit", Error: "canary-said"},
				{Provider: "gemini", Account: "canary-account", AccountID: 3, Model: "gemini-9", StartMs: 401, DurationMs: 2500, Status: 200},
			},
		},
	}
}

func TestExporter_SendsASpanForTheRequestAndEachTry(t *testing.T) {
	t.Parallel()
	c := new(collector)
	e, k := sent(t, c, nil, exchange()) // the end of the program sends what is left
	if len(c.spans) != 3 || k.n != 1 || e.Dropped() != 0 {
		t.Fatalf("%d spans, %d records passed on, %d dropped", len(c.spans), k.n, e.Dropped())
	}
	root, first, second := c.spans[0], c.spans[1], c.spans[2]
	for key, want := range map[string]string{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "gcp.gemini", "gen_ai.request.model": "fast", "gen_ai.response.model": "gemini-9",
		"gen_ai.usage.input_tokens": "12", "gen_ai.usage.output_tokens": "34", "gen_ai.usage.cache_read.input_tokens": "", "gen_ai.response.finish_reasons": "[stop]",
		"http.response.status_code": "200", "url.path": "/v1/chat/completions", "error.type": "", "openaicompatible.lane": "translated", "openaicompatible.stream": "true",
	} {
		if got := root.attribute(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if root.Name != "chat fast" || root.Kind != 2 || root.ParentSpanID != "" || root.StartTimeUnixNano != "1700000000000000005" || root.EndTimeUnixNano != "1700000003000000005" {
		t.Errorf("the request: %+v", root)
	}
	for _, s := range []span{first, second} {
		if s.TraceID != root.TraceID || s.ParentSpanID != root.SpanID || s.Kind != 3 {
			t.Errorf("a try: %+v", s)
		}
	}
	if first.Status.Code != 2 || first.attribute("error.type") != "rate_limit" || second.Status.Code != 0 || second.attribute("openaicompatible.account_id") != "3" {
		t.Errorf("the tries: %+v, %+v", first, second)
	}
	if strings.Contains(c.text, "canary") {
		t.Errorf("it tells too much: %s", c.text)
	}
}

func TestExporter_TriesAgainWhereThatMayHelp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		statuses []int
		answer   string
		asked    int
		spans    int
		dropped  int64
	}{
		{"too many and then room", []int{429, 503}, "{}", 3, 3, 0},
		{"never", []int{503, 503, 503, 503, 503}, "", 5, 0, 1},
		{"a wrong request", []int{400}, "", 1, 0, 1},
		{"a part", nil, `{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}`, 1, 3, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := &collector{statuses: c.statuses, answer: c.answer}
			asked := func() bool { at.mu.Lock(); defer at.mu.Unlock(); return at.asked >= c.asked }
			e, _ := sent(t, at, asked, exchange())
			if at.asked != c.asked || len(at.spans) != c.spans || e.Dropped() != c.dropped {
				t.Errorf("asked %d times, %d spans, %d dropped", at.asked, len(at.spans), e.Dropped())
			}
		})
	}
}

// direct is the way to a collector in this process.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

func TestExporter_TheEndInThePauseBetweenTwoBatchesLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &collector{t: t}
		to := trace.Target{URL: trace.Endpoint("http://collector.example/"), Header: trace.Headers("X-Tenant=a%20b, "), Service: "test"}
		e := trace.New(trace.Options{
			Next: new(kept), Target: func() trace.Target { return to }, Client: func() *http.Client { return &http.Client{Transport: direct{c}} },
			Version: "v1", Rest: time.Hour, Log: slog.New(slog.DiscardHandler),
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.Run(ctx) }()
		e.Put(exchange())
		synctest.Wait() // until it pauses, for others to come
		stop()
		if err := <-ended; err != nil || len(c.spans) != 3 || e.Dropped() != 0 {
			t.Errorf("%v: %d spans, %d dropped", err, len(c.spans), e.Dropped())
		}
	})
}

func TestExporter_BoundsItsQueueAndIsOffWithoutAnAddress(t *testing.T) {
	t.Parallel()
	k := new(kept)
	to := trace.Target{}
	e := trace.New(trace.Options{Next: k, Target: func() trace.Target { return to }, Log: slog.New(slog.DiscardHandler)})
	for range 10 {
		e.Put(exchange())
	}
	to.URL = "http://127.0.0.1:1/v1/traces" // nobody runs it: nothing is taken away
	for range 3000 {
		e.Put(exchange())
	}
	if k.n != 3010 || e.Dropped() != 3000-2048 {
		t.Errorf("%d passed on, %d dropped", k.n, e.Dropped())
	}
}

func TestEndpoint_AndHeaders(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"": "", "http://a:4318": "http://a:4318/v1/traces", "http://a/x/": "http://a/x/v1/traces", "http://a/v1/traces": "http://a/v1/traces",
	} {
		if got := trace.Endpoint(base); got != want {
			t.Errorf("%q: %q", base, got)
		}
	}
	if h := trace.Headers("a=1, authorization=Bearer%20x=y,,broken"); fmt.Sprint(h) != "map[A:[1] Authorization:[Bearer x=y]]" {
		t.Errorf("got %v", h)
	}
}
