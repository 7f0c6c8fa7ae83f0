package relay_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// counter is a provider whose service counts tokens and embeds, in Gemini's
// protocol.
type counter struct{ service }

func (counter) Dialect(*account.Account, dialect.Name) dialect.Upstream { return gemini.Upstream{} }

func (counter) NewRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	path := map[dialect.Operation]string{dialect.Chat: "/chat", dialect.CountTokens: "/count", dialect.Embed: "/embed"}[c.Operation]
	return http.NewRequestWithContext(ctx, http.MethodPost, a.Setting("url")+path, bytes.NewReader(c.Body))
}

// operating is a relay before services of counter, asked in Gemini's protocol.
func operating(t *testing.T, services ...http.HandlerFunc) (*bench, func(method, body string) (int, string, http.Header)) {
	t.Helper()
	b := newBench(t, limits(), services...)
	for i := range b.accounts {
		b.accounts[i].Provider = counter{}
	}
	r := relay.New(relay.Options{
		Router: func() relay.Router { return b }, Recorder: b, Redactor: censor{}, Limits: func() *relay.Limits { return &b.limits },
		Estimate: func(*llm.Request, string) (int, string) { return 99, "by_guess" },
	})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.Serve(w, req, gemini.Client{}, relay.Caller{})
	}))
	t.Cleanup(srv.Close)
	return b, func(method, body string) (int, string, http.Header) {
		t.Helper()
		resp, err := srv.Client().Post(srv.URL+"/v1beta/models/asked:"+method, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(raw), resp.Header
	}
}

const question = `{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestRelay_CountsWhereTheServiceDoes(t *testing.T) {
	b, ask := operating(t, says(http.StatusServiceUnavailable, `{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}`), says(http.StatusOK, `{"totalTokens":7}`))
	code, body, header := ask("countTokens", question)
	if code != http.StatusOK || !strings.Contains(body, `"totalTokens":7`) && !strings.Contains(body, `"totalTokens": 7`) || header.Get("X-OpenAICompatible-Estimated") != "" {
		t.Fatalf("got %d %s %v", code, body, header)
	}
	if e := b.record().Exchange; len(e.Attempts) != 2 || e.TokensIn != 7 || e.Status != http.StatusOK {
		t.Errorf("the row is %+v", e)
	}
}

func TestRelay_EstimatesWhereNobodyCounts(t *testing.T) {
	b, ask := operating(t, says(http.StatusNotFound, `{"error":{"code":404,"message":"no counts here","status":"NOT_FOUND"}}`))
	for range 2 {
		code, body, header := ask("countTokens", question)
		if code != http.StatusOK || !strings.Contains(body, "99") || header.Get("X-OpenAICompatible-Estimated") != "by_guess" {
			t.Fatalf("got %d %s %v", code, body, header)
		}
		// The model does not rest: it may well answer.
		e := b.record().Exchange
		if notes := strings.Join(e.Notes, "\n"); len(e.Attempts) != 1 || e.TokensIn != 99 || !strings.Contains(notes, "no counts here") || !strings.Contains(notes, "by_guess") {
			t.Errorf("the row is %+v", e)
		}
	}
	if code, body, _ := ask("countTokens", `{"contents":[`); code != http.StatusBadRequest {
		t.Errorf("half a body: got %d %s", code, body)
	}
	b.record()
}

func TestRelay_EmbedsWithFailover(t *testing.T) {
	var first atomic.Int32
	b, ask := operating(t, func(w http.ResponseWriter, _ *http.Request) {
		first.Add(1)
		says(http.StatusTooManyRequests, `{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}`)(w, nil)
	}, says(http.StatusOK, `{"embeddings":[{"values":[0.5,-1]}]}`))
	code, body, _ := ask("embedContent", `{"content":{"parts":[{"text":"hi"}]}}`)
	if code != http.StatusOK || !strings.Contains(body, "0.5") || first.Load() != 1 {
		t.Fatalf("got %d %s after %d tries at the first", code, body, first.Load())
	}
	if e := b.record().Exchange; len(e.Attempts) != 2 || e.Attempts[0].ErrorKind != "rate" {
		t.Errorf("the row is %+v", e)
	}
	_, wrong := operating(t, says(http.StatusOK, `{"embeddings":[]}`))
	if code, body, _ := wrong("embedContent", `{"content":{"parts":[{"text":"hi"}]}}`); code != http.StatusBadGateway {
		t.Errorf("a vector too few: got %d %s", code, body)
	}
}

func TestTurn_OffersWithoutChoosing(t *testing.T) {
	b := newBench(t, limits(), good)
	turn, err := b.Route("asked")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	if turn.Offers(func(*pool.Upstream) bool { asked++; return false }) || asked != 1 {
		t.Errorf("one that does not fit is offered, after %d questions", asked)
	}
	if !turn.Offers(func(u *pool.Upstream) bool { return u.Model == "up-model" }) {
		t.Error("one that fits is not offered")
	}
	if (&pool.Turn{}).Offers(func(*pool.Upstream) bool { return true }) {
		t.Error("nobody is somebody")
	}
}

// wrapping is a provider whose service wants an envelope round each request.
type wrapping struct{ service }

func (wrapping) NewRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	body := slices.Concat([]byte(`{"request":`), c.Body, []byte(`}`))
	return http.NewRequestWithContext(ctx, http.MethodPost, a.Setting("url"), bytes.NewReader(body))
}

// A long body is sent from memory that is used again, but not past an envelope.
func TestRelay_KeepsAnEnvelopeRoundALongBody(t *testing.T) {
	for _, translate := range []string{"false", "true"} {
		url, sent := listening(t, 0)
		b := newBench(t, limits())
		b.add("wrapped", map[string]string{"url": url, "translate": translate})
		b.accounts[0].Provider = wrapping{}
		long := strings.Replace(whole, "hi", strings.Repeat("long ", 20_000), 1)
		if code, text := b.ask(long); code != http.StatusOK {
			t.Fatalf("got %d %s", code, text)
		}
		if got := sent()[0]; !strings.HasPrefix(got, `{"request":{`) || !strings.HasSuffix(got, "}}") || strings.Count(got, "long ") != 20_000 {
			t.Errorf("translate %s: %d bytes went out, beginning with %.40s", translate, len(got), got)
		}
	}
}
