package relay_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// gate is a service that answers when it is told to.
type gate struct {
	arrived chan struct{}
	open    chan struct{}
}

func newGate() gate { return gate{make(chan struct{}, 16), make(chan struct{})} }

func (g gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.arrived <- struct{}{}
	select {
	case <-g.open:
		good(w, r)
	case <-r.Context().Done():
	}
}

// busy is a bench whose only account takes one request at a time, and is taken.
func busy(t *testing.T, edit func(*bench)) (*bench, gate, <-chan int) {
	t.Helper()
	g := newGate()
	l := limits()
	l.Queue, l.QueueWait, l.KeepAlive = 4, 10*time.Second, 20*time.Millisecond
	b := newBench(t, l, g.ServeHTTP)
	b.accounts[0].Terms = &pool.Terms{Pace: pool.Pace{InFlight: 1}}
	if edit != nil {
		edit(b)
	}
	first := make(chan int, 1)
	go func() {
		code, _ := b.ask(whole)
		first <- code
	}()
	<-g.arrived
	return b, g, first
}

func TestB22_AClientThatQueuesHearsSignsOfLifeAndIsAnswered(t *testing.T) {
	b, g, first := busy(t, nil)
	resp := b.post(t.Context(), streamed)
	in := bufio.NewReader(resp.Body)
	if line, err := in.ReadString('\n'); err != nil || resp.StatusCode != 200 || !strings.HasPrefix(line, ":") ||
		!strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("a client that waits got %d %q, %v", resp.StatusCode, line, err)
	}
	if run := b.relay.Running(); len(run) != 2 || !strings.Contains(strings.Join(run[1].Notes, ""), "account1 has 1 of 1 requests in flight") {
		t.Errorf("a running row that waits says %+v", run)
	}
	close(g.open)
	text, err := io.ReadAll(in)
	if err != nil || !strings.Contains(string(text), "Hel") || !strings.HasSuffix(string(text), "data: [DONE]\n\n") {
		t.Errorf("got %q, %v", text, err)
	}
	if code := <-first; code != 200 {
		t.Errorf("the first got %d", code)
	}
	b.record()
	e := b.record().Exchange
	if len(e.Notes) == 0 || !strings.HasPrefix(e.Notes[0], "waited ") || !strings.Contains(e.Notes[0], "account1 has 1 of 1 requests in flight") || e.Own > e.Duration/2 {
		t.Errorf("the row says %q, of %s were ours %s", e.Notes, e.Duration, e.Own)
	}
}

func TestB28_AClientThatLeavesTheQueueFreesItsPlace(t *testing.T) {
	b, g, first := busy(t, func(b *bench) { b.limits.Queue = 1 })
	ctx, leave := context.WithCancel(t.Context())
	resp := b.post(ctx, streamed)
	_, _ = resp.Body.Read(make([]byte, 1))
	if code, text := b.ask(whole); code != 429 || !strings.Contains(text, "in flight") {
		t.Errorf("with a full queue: %d %s", code, text)
	}
	b.record()
	leave()
	if e := b.record().Exchange; e.Status != 499 || len(e.Attempts) != 0 || len(e.Notes) != 1 {
		t.Errorf("who left: %+v", e)
	}
	third := make(chan int, 1)
	go func() {
		code, _ := b.ask(whole)
		third <- code
	}()
	for b.relay.Count() < 2 {
		runtime.Gosched()
	}
	close(g.open)
	if a, c := <-first, <-third; a != 200 || c != 200 {
		t.Errorf("the first got %d, the third %d", a, c)
	}
}

func TestB05_AQueueThatLastsTooLongIsARateLimit(t *testing.T) {
	b, g, first := busy(t, func(b *bench) { b.limits.QueueWait = 50 * time.Millisecond })
	resp := b.post(t.Context(), whole)
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" || !strings.Contains(string(text), "account1 has 1 of 1") {
		t.Errorf("got %d %s", resp.StatusCode, text)
	}
	close(g.open)
	<-first
}

func TestB10_HeadersSayWhoAnsweredAndWhy(t *testing.T) {
	b := newBench(t, limits(), status(429, `{"error":{"message":"no"}}`), good)
	b.accounts[1].Account.Name = "CANARY ü"
	ask := func(body, explain string) http.Header {
		t.Helper()
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL, strings.NewReader(body))
		req.Header.Set("X-OpenAICompatible-Explain", explain)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.Header
	}
	h := ask(streamed, "1")
	for name, want := range map[string]string{
		"Account": "[secret] %C3%BC", "Upstream": "test/up-model", "Attempts": "2", "Reason": "next after account1 (rate)",
	} {
		if got := h.Get("X-OpenAICompatible-" + name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if h := ask(whole, "1"); h.Get("X-OpenAICompatible-Attempts") != "1" || !strings.Contains(h.Get("X-OpenAICompatible-Reason"), "account1 rests until") {
		t.Errorf("of one answer: %v", h)
	}
	if h := ask(whole, ""); h.Get("X-OpenAICompatible-Account") != "" {
		t.Errorf("nobody asked, and got %v", h)
	}
	b.limits.Explain = true
	if h := ask(whole, ""); h.Get("X-OpenAICompatible-Account") == "" {
		t.Errorf("all are to be told, and one got %v", h)
	}
}

func TestB10_WhenNobodyCanBeAskedRowAndHeadersSayWhy(t *testing.T) {
	b := newBench(t, limits(), status(429, `{"error":{"message":"slow down"}}`), good)
	b.accounts[1].Terms = &pool.Terms{Off: true}
	b.limits.Explain = true
	b.ask(whole)
	b.record()
	resp := b.post(t.Context(), whole)
	text, _ := io.ReadAll(resp.Body)
	e := b.record().Exchange
	for place, said := range map[string]string{"answer": string(text), "row": e.Error, "header": resp.Header.Get("X-OpenAICompatible-Reason")} {
		if !strings.Contains(said, "account1 rests until") || !strings.Contains(said, "account2 is disabled") {
			t.Errorf("the %s says %q", place, said)
		}
	}
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" || resp.Header.Get("X-OpenAICompatible-Attempts") != "0" {
		t.Errorf("got %d %v", resp.StatusCode, resp.Header)
	}
}

func TestB10_ARowThatFailedSaysWhyTheOthersWereNotAsked(t *testing.T) {
	b := newBench(t, limits(), status(500, "no"), good)
	b.accounts[1].Terms = &pool.Terms{Off: true}
	b.ask(whole)
	if e := b.record().Exchange; len(e.Attempts) != 1 || !slices.ContainsFunc(e.Notes, func(n string) bool { return strings.Contains(n, "account2 is disabled") }) {
		t.Errorf("recorded %+v", e)
	}
}

func TestRelay_EachUpstreamGetsTheSameBytes(t *testing.T) {
	var mu sync.Mutex
	var bodies []string
	note := func(then http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			raw, _ := io.ReadAll(r.Body)
			mu.Lock()
			bodies = append(bodies, string(raw))
			mu.Unlock()
			r.Body = io.NopCloser(strings.NewReader(string(raw)))
			then(w, r)
		}
	}
	for _, translate := range []string{"", "true"} {
		for _, size := range []int{1, 200 << 10} { // The big one goes out as it stands in memory.
			bodies = nil
			b := newBench(t, limits())
			for i, s := range []http.HandlerFunc{note(status(503, "no")), note(status(429, "no")), note(good)} {
				srv := httptest.NewServer(s)
				t.Cleanup(srv.Close)
				b.add(fmt.Sprint("a", i), map[string]string{"url": srv.URL, "translate": translate})
			}
			code, _ := b.ask(strings.Replace(streamed, "hi", strings.Repeat("hi", size), 1))
			if code != 200 || len(bodies) != 3 || bodies[0] != bodies[1] || bodies[1] != bodies[2] || len(bodies[0]) < 2*size {
				t.Errorf("translate %q, size %d: got %d after %d requests", translate, size, code, len(bodies))
			}
		}
	}
}

func TestRelay_AnAliasKeepsAnAttemptForItsNextModel(t *testing.T) {
	no := status(503, "no")
	b := newBench(t, limits(), no, no, no, no, good)
	b.second, b.accounts = b.accounts[4:], b.accounts[:4]
	if code, text := b.ask(whole); code != 200 {
		t.Errorf("got %d %s", code, text)
	}
	if e := b.record().Exchange; len(e.Attempts) != 3 || e.Account != "account5" {
		t.Errorf("attempts %+v", e.Attempts)
	}
}

func TestRelay_WhatOneUpstreamCannotSayAnotherMay(t *testing.T) {
	b := newBench(t, limits())
	srv := httptest.NewServer(http.HandlerFunc(good))
	t.Cleanup(srv.Close)
	for i := range 5 { // Those that are asked alike are not all tried.
		b.add(fmt.Sprint("narrow", i), map[string]string{"translate": "true", "narrow": "logprobs is not served"})
	}
	b.add("narrower", map[string]string{"translate": "true", "narrow": "seed is not served"})
	if code, text := b.ask(whole); code != 400 || !strings.Contains(text, "seed is not served") {
		t.Errorf("without another: %d %s", code, text)
	}
	if e := b.record().Exchange; len(e.Attempts) != 2 {
		t.Errorf("attempts without another: %+v", e.Attempts)
	}
	b.pool = nil
	b.add("wide", map[string]string{"url": srv.URL})
	if code, text := b.ask(whole); code != 200 {
		t.Fatalf("got %d %s", code, text)
	}
	e := b.record().Exchange
	if len(e.Attempts) != 3 || e.Account != "wide" || e.Attempts[0].ErrorKind != "unsupported" {
		t.Errorf("attempts %+v", e.Attempts)
	}
}

func TestRelay_AConversationStaysWithItsAccount(t *testing.T) {
	b := newBench(t, limits(), good, good, good)
	ask := func(body, session string) string {
		t.Helper()
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL, strings.NewReader(body))
		req.Header.Set("Session-Id", session)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return b.record().Exchange.Account
	}
	keyed := strings.Replace(whole, `"model"`, `"prompt_cache_key":"k","model"`, 1)
	if a, c := ask(whole, "s"), ask(whole, "s"); a == c {
		t.Errorf("both went to %s though nobody asked for it", a)
	}
	b.limits.Sticky = true
	first := ask(whole, "s")
	for range 4 {
		if got := ask(whole, "s"); got != first {
			t.Errorf("the session moved from %s to %s", first, got)
		}
	}
	second := ask(keyed, "s")
	for range 4 {
		if got := ask(keyed, "another"); got != second {
			t.Errorf("the conversation moved from %s to %s", second, got)
		}
	}
	if first == second {
		t.Errorf("two conversations share %s of three accounts", first)
	}
}

func TestRelay_OthersGoOnOnceAnAnswerHasBegun(t *testing.T) {
	// After a rest one request tries the account; the others wait only until it
	// has begun to answer, not until it has ended.
	now := time.Now()
	begun, end := make(chan struct{}), make(chan struct{})
	var n int
	l := limits()
	l.Queue, l.QueueWait = 4, 10*time.Second
	b := newBench(t, l, func(w http.ResponseWriter, r *http.Request) {
		switch n++; n {
		case 1:
			status(429, "no")(w, r)
		case 2:
			sse(w, chunk("Hel"))
			close(begun)
			<-end
			sse(w, ending)
		default:
			good(w, r)
		}
	})
	b.clock = func() time.Time { return now }
	b.ask(whole)
	now = now.Add(time.Hour)
	tries := make(chan int, 1)
	go func() {
		code, _ := b.ask(streamed)
		tries <- code
	}()
	<-begun
	if code, text := b.ask(whole); code != 200 {
		t.Errorf("while the answer flows: %d %s", code, text)
	}
	close(end)
	if code := <-tries; code != 200 {
		t.Errorf("the one that tried got %d", code)
	}
}

func TestRelay_TellsWhatServicesSayOfTheirBudgets(t *testing.T) {
	b := newBench(t, limits(), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Ratelimit-Remaining-Requests", "7")
		good(w, r)
	}, good)
	b.ask(whole)
	b.ask(whole)
	b.mu.Lock()
	defer b.mu.Unlock()
	if want := []string{"1 up-model 7"}; !slices.Equal(b.learned, want) {
		t.Errorf("learned %q, want %q", b.learned, want)
	}
}

func TestRelay_KeysHaveLimits(t *testing.T) {
	for name, c := range map[string]struct {
		own   pool.Allowance
		all   pool.Pace
		codes []int
		says  string
	}{
		"requests a minute":     {own: pool.Allowance{Pace: pool.Pace{PerMinute: 2}}, codes: []int{200, 200, 429}, says: "2 requests a minute"},
		"requests a day":        {own: pool.Allowance{Pace: pool.Pace{PerDay: 1}}, codes: []int{200, 429}, says: "1 requests in 24 hours"},
		"tokens a minute":       {own: pool.Allowance{Pace: pool.Pace{TokensPerMinute: 6}}, codes: []int{200, 200, 429}, says: "6 tokens a minute"},
		"one at a time":         {own: pool.Allowance{Pace: pool.Pace{InFlight: 1}}, codes: []int{200, 200, 200}},
		"all together":          {all: pool.Pace{PerMinute: 1}, codes: []int{200, 429}, says: "all clients together"},
		"expired":               {own: pool.Allowance{Expires: time.Now().Add(-time.Hour)}, codes: []int{401}, says: "expired on"},
		"not yet expired":       {own: pool.Allowance{Expires: time.Now().Add(time.Hour)}, codes: []int{200}},
		"another model":         {own: pool.Allowance{Models: []string{"y/*"}}, codes: []int{403}, says: "may not ask for"},
		"the default, by name":  {own: pool.Allowance{Models: []string{"asked"}}, codes: []int{403}, says: "may not ask for"},
		"the default, in scope": {own: pool.Allowance{Models: []string{"*/one"}}, codes: []int{200}},
	} {
		l := limits()
		l.Clients, l.Keys = c.all, map[string]*pool.Allowance{"default": &c.own}
		b := newBench(t, l, good)
		for i, want := range c.codes {
			resp := b.post(t.Context(), []string{whole, streamed}[i%2])
			text, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != want || want != 200 && !strings.Contains(string(text), c.says) || want == 429 && resp.Header.Get("Retry-After") == "" {
				t.Errorf("%s, request %d: got %d, want %d: %s", name, i+1, resp.StatusCode, want, text)
			}
			if e := b.record().Exchange; e.Status != want || want != 200 && (len(e.Attempts) != 0 || e.Error == "") {
				t.Errorf("%s: the row says %+v", name, e)
			}
		}
	}
}

func TestRelay_ARunningRequestCountsUntilItEnds(t *testing.T) {
	g := newGate()
	l := limits()
	l.Keys = map[string]*pool.Allowance{"default": {Pace: pool.Pace{InFlight: 1}}}
	b := newBench(t, l, g.ServeHTTP)
	first := make(chan int, 1)
	go func() {
		code, _ := b.ask(whole)
		first <- code
	}()
	<-g.arrived
	if code, text := b.ask(whole); code != 429 || !strings.Contains(text, "1 requests at once") {
		t.Errorf("a second one got %d %s", code, text)
	}
	close(g.open)
	if code := <-first; code != 200 {
		t.Errorf("the first got %d", code)
	}
	if code, _ := b.ask(whole); code != 200 {
		t.Errorf("after the end: %d", code)
	}
}

func TestB22_SignsOfLifeWhileACredentialIsRenewed(t *testing.T) {
	l := limits()
	l.KeepAlive = 20 * time.Millisecond
	b := newBench(t, l)
	srv := httptest.NewServer(http.HandlerFunc(good))
	t.Cleanup(srv.Close)
	renewed := make(chan struct{})
	b.sign(account.Account{Name: "mine", Settings: map[string]string{"url": srv.URL}}, func(context.Context) (account.Secret, error) {
		<-renewed
		return account.NewSecret("new"), nil
	})
	resp := b.post(t.Context(), streamed)
	in := bufio.NewReader(resp.Body)
	if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, ":") {
		t.Errorf("got %q, %v", line, err)
	}
	close(renewed)
	if text, err := io.ReadAll(in); err != nil || !strings.HasSuffix(string(text), "data: [DONE]\n\n") {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestB08_AQuotaIsAQuotaAsA403AndInsideAStream(t *testing.T) {
	const said = `{"error":{"message":"the budget is used","type":"insufficient_quota","code":"insufficient_quota"}}`
	for name, spent := range map[string]http.HandlerFunc{
		"403": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, said)
		},
		"stream": func(w http.ResponseWriter, _ *http.Request) { sse(w, "data: "+said+"\n\n") },
	} {
		b := newBench(t, limits(), spent, good)
		for range 2 {
			if code, text := b.ask(streamed); code != 200 || strings.Contains(text, "budget") || !strings.Contains(text, "Hel") {
				t.Errorf("%s: got %d %s", name, code, text)
			}
		}
		b.record()
		if e := b.record().Exchange; len(e.Attempts) != 1 || !strings.Contains(e.Attempts[0].Reason, "account1 rests until") {
			t.Errorf("%s: the second request went %+v", name, e.Attempts)
		}
	}
}
