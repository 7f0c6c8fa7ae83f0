package gemini_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/gemini"
)

// patient does not wait for the clock, and counts how often it would have.
func patient(pauses *int) gemini.Provider {
	return gemini.Provider{Pause: func(ctx context.Context, d time.Duration) error {
		if d != 5*time.Second {
			return fmt.Errorf("waits %v", d)
		}
		*pauses++
		return ctx.Err()
	}}
}

// B12: after a sign-in the real calls decide, and find the project.
func TestB12_CodeAssistIsSetUp(t *testing.T) {
	for name, c := range map[string]struct {
		options  fake.GoogleOptions
		project  string
		tier     string
		found    string
		pauses   int
		onboards int
	}{
		"has a license":   {fake.GoogleOptions{}, "", "Gemini Code Assist", project, 0, 0},
		"paid":            {fake.GoogleOptions{Load: []string{"load_code_assist_free.json"}}, "", "Gemini Code Assist in Google One AI Pro", "sample-managed-4821", 0, 0},
		"new":             {fake.GoogleOptions{Load: []string{"load_code_assist_new_user.json"}, Polls: 2}, "", "Gemini Code Assist for individuals", "sample-managed-4821", 2, 1},
		"new, at once":    {fake.GoogleOptions{Load: []string{"load_code_assist_new_user.json"}}, "mine-1", "Gemini Code Assist for individuals", "sample-managed-4821", 0, 1},
		"a project of it": {fake.GoogleOptions{Load: []string{"load_code_assist_unsupported_client_current_tier.json"}}, "mine-1", "Gemini Code Assist", "mine-1", 0, 0},
		"a perimeter":     {fake.GoogleOptions{}, "fenced-project", "standard-tier", "fenced-project", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGoogle(t, c.options)
			pauses := 0
			f, err := patient(&pauses).Probe(t.Context(), g.signedIn("cli", "projectId", c.project))
			if err != nil || f.Tier != c.tier || f.Settings["projectId"] != c.found || f.Identity != "dev@example.com" || f.Link != "" {
				t.Errorf("got %+v, %v", f, err)
			}
			onboards := 0
			for _, r := range g.Received() {
				if strings.HasSuffix(r.Path, ":onboardUser") {
					onboards++
				}
			}
			if pauses != c.pauses || onboards != c.onboards {
				t.Errorf("%d pauses and %d onboardings, want %d and %d", pauses, onboards, c.pauses, c.onboards)
			}
		})
	}
}

func TestB12_CodeAssistRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		options fake.GoogleOptions
		project string
		code    string
		says    []string
		link    string
	}{
		"B21 not served any more": {fake.GoogleOptions{Load: []string{"load_code_assist_unsupported_client.json"}}, "", "UNSUPPORTED_CLIENT", []string{"2026-06-18", "API key", "Vertex AI", "license", "antigravity"}, ""},
		"to be verified":          {fake.GoogleOptions{Load: []string{"load_code_assist_validation_required.json"}}, "", "VALIDATION_REQUIRED", []string{"verified"}, "https://accounts.google.com/signin/continue?sarp=1&scc=1&example=1"},
		"no license":              {fake.GoogleOptions{}, "unlicensed-project", "PERMISSION_DENIED", []string{"licence is needed", "API key"}, ""},
		"API disabled":            {fake.GoogleOptions{}, "disabled-project", "SERVICE_DISABLED", []string{"Enable it"}, "https://console.developers.google.com/apis/api/cloudaicompanion.googleapis.com/overview?project=sample-corp-project"},
		"unverified":              {fake.GoogleOptions{}, "unverified-project", "VALIDATION_REQUIRED", []string{"verify"}, "https://accounts.google.com/signin/continue?example=1"},
		"the operation fails":     {fake.GoogleOptions{Load: []string{"load_code_assist_new_user.json"}, OperationFails: true, Polls: 1}, "", "PERMISSION_DENIED", []string{"terms were not accepted"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGoogle(t, c.options)
			pauses := 0
			f, err := patient(&pauses).Probe(t.Context(), g.signedIn("cli", "projectId", c.project))
			wantError(t, err, llm.KindForbidden, c.code, c.says...)
			if f.Link != c.link || f.Identity != "dev@example.com" || len(f.Settings) != 0 {
				t.Errorf("got %+v, want the link %q", f, c.link)
			}
		})
	}
}

func TestProbe_AProjectNumberIsRefusedWithoutACall(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	_, err := gemini.Provider{}.Probe(t.Context(), g.signedIn("cli", "projectId", "100000000001"))
	wantError(t, err, llm.KindForbidden, "INVALID_PROJECT", "number")
	for _, r := range g.Received() {
		if strings.Contains(r.Path, "v1internal") {
			t.Errorf("Google was asked: %s", r.Path)
		}
	}
}

func TestProbe_OnboardingThatNeverEnds(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{Load: []string{"load_code_assist_new_user.json"}, Polls: 1000})
	pauses := 0
	_, err := patient(&pauses).Probe(t.Context(), g.signedIn("cli"))
	wantError(t, err, llm.KindTimeout, "ONBOARDING_PENDING", "some minutes")
	if pauses != 24 {
		t.Errorf("%d pauses, want two minutes of them", pauses)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p := gemini.Provider{Pause: func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }}
	_, err = p.Probe(ctx, g.signedIn("cli"))
	wantError(t, err, llm.KindCanceled, "")
}

func TestB12_AKey(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{Key: "right"})
	if f, err := (gemini.Provider{}).Probe(t.Context(), g.account("right", g.settings("key"))); err != nil || f.Link != "" {
		t.Errorf("got %+v, %v", f, err)
	}
	f, err := gemini.Provider{}.Probe(t.Context(), g.account("wrong", g.settings("key")))
	wantError(t, err, llm.KindAuth, "invalid_api_key", "API key not valid", "aistudio.google.com")
	if f.Link != "https://aistudio.google.com/apikey" {
		t.Errorf("the link is %q", f.Link)
	}
	refuse := func(status int, body string) error {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}))
		defer s.Close()
		_, err := gemini.Provider{}.Probe(t.Context(), g.account("k", map[string]string{"baseUrl": s.URL}))
		return err
	}
	info := func(reason string) string {
		return `{"error":{"code":403,"message":"Requests from this client are blocked.","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"` + reason + `","domain":"googleapis.com"}]}}`
	}
	wantError(t, refuse(400, `{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}`), llm.KindForbidden, "unsupported_location", "Vertex AI")
	wantError(t, refuse(403, info("API_KEY_SERVICE_BLOCKED")), llm.KindForbidden, "API_KEY_SERVICE_BLOCKED", "Generative Language API")
	wantError(t, refuse(403, info("BILLING_DISABLED")), llm.KindForbidden, "BILLING_DISABLED", "billing")
	wantError(t, refuse(403, info("CONSUMER_SUSPENDED")), llm.KindForbidden, "CONSUMER_SUSPENDED", "suspended")
	wantError(t, refuse(403, string(fake.Vector("gemini/error_403_service_disabled.json"))), llm.KindForbidden, "SERVICE_DISABLED", "https://console.developers.google.com")
	wantError(t, refuse(200, `<html><title>Hotel</title></html>`), llm.KindProtocol, "", "sign in to the network")
	wantError(t, refuse(200, `{"hello":1}`), llm.KindProtocol, "", "API address")
	wantError(t, refuse(503, `<html>busy</html>`), llm.KindOverloaded, "")
}

func TestB12_Vertex(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	f, err := gemini.Provider{}.Probe(t.Context(), g.signedIn("vertex", "projectId", project, "location", "europe-west4"))
	if err != nil || f.Identity != "dev@example.com" {
		t.Errorf("got %+v, %v", f, err)
	}
	_, err = gemini.Provider{}.Probe(t.Context(), g.signedIn("vertex", "projectId", project, "location", "nowhere1"))
	wantError(t, err, llm.KindForbidden, "unsupported_region", "location")
	_, err = gemini.Provider{}.Probe(t.Context(), g.signedIn("vertex", "projectId", "not-mine"))
	wantError(t, err, llm.KindForbidden, "IAM_PERMISSION_DENIED", "Vertex AI User")
	f, err = gemini.Provider{}.Probe(t.Context(), g.signedIn("vertex", "projectId", "disabled-project"))
	wantError(t, err, llm.KindForbidden, "SERVICE_DISABLED")
	if f.Link == "" {
		t.Error("there is no link to the page that enables the API")
	}
	_, err = gemini.Provider{}.Probe(t.Context(), g.signedIn("vertex"))
	wantError(t, err, llm.KindForbidden, "PROJECT_REQUIRED")
}

func TestB21_EveryRefusalOfCodeAssistNamesTheWaysThatRemain(t *testing.T) {
	for _, w := range (gemini.Provider{}).Info().Ways {
		if w.ID == "cli" && (len(w.Instead) != 2 || w.Instead[0].Way != "key" || w.Instead[1].Way != "vertex") {
			t.Errorf("instead: %v", w.Instead)
		}
	}
	ways := (gemini.Provider{}).Info().Ways
	if ways[0].ID != "key" || ways[len(ways)-1].ID != "cli" {
		t.Errorf("the order is %v", ways)
	}
	body := []byte(`{"error":{"code":403,"message":"This client is no longer supported.","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"UNSUPPORTED_CLIENT","domain":"cloudcode-pa.googleapis.com"}]}}`)
	g := newGoogle(t, fake.GoogleOptions{})
	e := gemini.Provider{}.Dialect(g.signedIn("cli"), "").DecodeError(403, http.Header{}, body)
	wantError(t, e, llm.KindForbidden, "UNSUPPORTED_CLIENT", "API key", "Vertex AI", "license", "no longer supported")
}

func TestProbe_NobodyAnswers(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	a := g.signedIn("cli", "baseUrl", "http://127.0.0.1:1")
	_, err := gemini.Provider{}.Probe(t.Context(), a)
	wantError(t, err, llm.KindNetwork, "", "127.0.0.1")
	bad := *a
	bad.HTTP = &http.Client{Transport: broken{}}
	_, err = gemini.Provider{}.Probe(t.Context(), &bad)
	wantError(t, err, llm.KindNetwork, "")
}

type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("cut") }
