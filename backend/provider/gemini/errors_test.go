package gemini_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/gemini"
)

// Every row of the table of errors, as it comes out of a real attempt.
func TestErrors_EveryRowBySending(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	key, cli, vertex := g.account("k", g.settings("key")), g.signedIn("cli", "projectId", project), g.signedIn("vertex", "projectId", project)
	ended := g.account("ya29.ended", g.settings("cli", "projectId", project))
	for _, c := range []struct {
		name   string
		a      *account.Account
		model  string
		status int
		kind   llm.Kind
		code   string
		wait   time.Duration
		says   string
		other  bool // another account may succeed
	}{
		{"bad field", cli, "error-400_invalid_argument", 400, llm.KindBadRequest, "INVALID_ARGUMENT", 0, "Unknown name", false},
		{"no signature", cli, "error-400_missing_thought_signature", 400, llm.KindBadRequest, "INVALID_ARGUMENT", 0, "thought_signature", false},
		{"wrong key", key, "error-400_api_key_invalid", 400, llm.KindAuth, "invalid_api_key", 0, "aistudio.google.com", true},
		{"ended token", ended, "gemini-2.5-flash", 401, llm.KindAuth, "ACCESS_TOKEN_EXPIRED", 0, "invalid authentication credentials", true},
		{"validation", cli, "error-403_validation_required", 403, llm.KindForbidden, "VALIDATION_REQUIRED", 0, "https://accounts.google.com/signin/continue?example=1", true},
		{"disabled", cli, "error-403_service_disabled", 403, llm.KindForbidden, "SERVICE_DISABLED", 0, "https://console.developers.google.com/apis/api/cloudaicompanion", true},
		{"no license", cli, "error-403_no_license", 403, llm.KindForbidden, "PERMISSION_DENIED", 0, "a Gemini API key; Vertex AI", true},
		{"unknown model", key, "error-404_model", 404, llm.KindNotFound, "model_not_found", 0, "not found", true},
		{"unknown model at a location", vertex, "error-404_model", 404, llm.KindNotFound, "model_not_found", 0, "global", true},
		{"rate", cli, "error-429_rate_limit", 429, llm.KindRate, "rate_limit_exceeded", 539477544, "capacity", true},
		{"rate, array", cli, "error-429_as_array", 429, llm.KindQuota, "insufficient_quota", 0, "exhausted", true},
		{"quota", cli, "error-429_quota_exhausted", 429, llm.KindQuota, "insufficient_quota", 47960123456789, "13h19m20s", true},
		{"free tier", key, "error-429_public_free_tier", 429, llm.KindRate, "rate_limit_exceeded", 56 * time.Second, "Please retry", true},
		{"capacity", cli, "capacity", 503, llm.KindOverloaded, "overloaded", 9 * time.Second, "No capacity", true},
		{"portal", key, "html", 0, llm.KindProtocol, "", 0, "web page", true},
		{"nothing", key, "nothing", 0, llm.KindProtocol, "", 0, "", true},
		{"cut", key, "cut", 0, llm.KindNetwork, "", 0, "", true},
		{"in mid-stream", cli, "replay-stream_midstream_error", 503, llm.KindOverloaded, "overloaded", 0, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := send(t, gemini.Provider{}, c.a, hello(), c.model)
			e := llm.AsError(err)
			if e == nil {
				t.Fatal("it succeeds")
			}
			if e.Kind != c.kind || e.Code != c.code || e.RetryAfter != c.wait || c.status != 0 && e.Status != c.status || e.Elsewhere() != c.other {
				t.Errorf("got %s with %d after %v", describe(e), e.Status, e.RetryAfter)
			}
			if !strings.Contains(e.Message, c.says) || e.Message == "" {
				t.Errorf("%q does not say %q", e.Message, c.says)
			}
		})
	}
	// A project that the codec does not see: the service refuses it.
	for name, code := range map[string]string{"fenced-project": "SECURITY_POLICY_VIOLATED", "disabled-project": "SERVICE_DISABLED"} {
		_, err := send(t, gemini.Provider{}, g.signedIn("cli", "projectId", name), hello(), "gemini-2.5-flash")
		wantError(t, err, llm.KindForbidden, code)
	}
	_, err := send(t, gemini.Provider{}, key, hello(), "echo-key")
	if e := llm.AsError(err); e == nil {
		t.Error("it succeeds")
	}
}

func TestChat_429ThenAnAnswer(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	a := g.signedIn("cli", "projectId", project)
	_, err := send(t, gemini.Provider{}, a, hello(), "flaky")
	wantError(t, err, llm.KindRate, "rate_limit_exceeded")
	if reply, err := send(t, gemini.Provider{}, a, hello(), "flaky"); err != nil || textOf(reply) != "Hello!" {
		t.Errorf("got %v", err)
	}
}

// Every recorded stream, cut anywhere and with either line end, says the same.
func TestChat_PiecesAndLineEndsDoNotMatter(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	want := map[string]string{
		"stream_text":                 "The capital of France is Paris.",
		"stream_text_crlf_multiline":  "café — naïve 😀\n\ndata: not a field",
		"stream_thoughts":             "17 x 23 = 391.",
		"stream_metadata_only_chunks": "ok",
		"public_stream_text":          "Hello!",
	}
	for _, a := range []*account.Account{g.account("k", g.settings("key")), g.signedIn("vertex", "projectId", project), g.signedIn("cli", "projectId", project)} {
		for name, text := range want {
			for _, form := range []string{"", ".1", ".7", ".4096", ".crlf", ".crlf.1", ".crlf.7"} {
				reply, err := send(t, gemini.Provider{}, a, hello(), "replay-"+name+form)
				if err != nil || textOf(reply) != text {
					t.Errorf("%s%s: got %v, %v, want %q", name, form, reply, err, text)
				}
			}
		}
	}
}

func TestChat_AServiceThatHangs(t *testing.T) {
	p := gemini.Provider{}
	for _, model := range []string{"hang", "silent"} {
		service := fake.NewGoogle(fake.GoogleOptions{})
		arrived, left := make(chan struct{}), make(chan struct{})
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(arrived)
			defer close(left)
			service.ServeHTTP(w, r)
		}))
		a := account.New(account.Account{Settings: map[string]string{"baseUrl": s.URL}, HTTP: s.Client()},
			func(context.Context) (account.Secret, error) { return account.NewSecret("k"), nil })
		ctx, cancel := context.WithCancel(t.Context())
		body, _, refused := p.Dialect(a, "").EncodeRequest(hello(), model)
		if refused != nil {
			t.Fatal(refused)
		}
		r, err := p.NewRequest(ctx, a, provider.Call{Model: model, Body: body, Stream: true})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			resp, err := a.HTTP.Do(r)
			if err == nil {
				defer resp.Body.Close()
				for _, err = range p.Dialect(a, "").DecodeReply(resp.Header.Get("Content-Type"), resp.Body) {
					cancel() // what comes first is not waited for again
				}
			}
			done <- err
		}()
		<-arrived
		if model == "silent" {
			cancel()
		}
		select {
		case <-left:
		case <-time.After(5 * time.Second):
			t.Error(model + ": the service did not see the hang-up")
		}
		if err := <-done; err == nil {
			t.Errorf("%s: it ends without an error", model)
		}
		cancel()
		s.Close()
	}
}
