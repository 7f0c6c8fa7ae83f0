// Package providertest is the suite that every provider runs: what the user
// interface, the pool and the relay take for granted of each of them.
//
// The invariant: it asserts only what package provider promises; what is
// special about a provider is tested beside it.
package providertest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Canary is the credential of the suite's accounts: it must be seen in a header
// and nowhere else.
const Canary = "canary-7f3a-not-a-real-key"

// Subject is a provider and what the suite must know to drive it.
type Subject struct {
	Provider provider.Provider
	// Service answers like the real service does. It must ask for Canary where
	// the provider has credentials. Nil for a provider that is embedded.
	Service http.Handler
	// Settings point an account at a base address; nil for no settings.
	Settings func(base string) map[string]string
	// Model is one that Service has, and Body a chat request for it.
	Model string
	Body  string
	// Slow is a chat request whose answer takes longer than a test; only for a
	// provider that is embedded.
	Slow string
	// Lists says that the provider has a list of its own for a service that
	// answers 404 to the question for its models.
	Lists bool
	// Opens says of a request that NewRequest makes it before its own, as to open
	// a chat: Service answers it, whatever the suite answers to the others. Nil
	// is none.
	Opens func(r *http.Request) bool
	// Wraps says that NewRequest puts the call's body into one of its own.
	Wraps bool
}

// Run runs the suite.
func Run(t *testing.T, s Subject) {
	t.Helper()
	t.Run("Info", s.info)
	t.Run("NewRequest", s.newRequest)
	t.Run("NewRequestOfOperations", s.operations)
	t.Run("Chat", s.chat)
	t.Run("Cancel", s.cancel)
	t.Run("Models", s.models)
	if s.Service != nil {
		t.Run("CredentialFails", s.credentialFails)
		t.Run("ModelsErrors", s.modelsErrors)
		t.Run("ModelsUnreachable", s.modelsUnreachable)
	}
}

// account makes a sign-in at the service behind h, or in this process.
func (s Subject) account(t *testing.T, h http.Handler) *account.Account {
	t.Helper()
	secret := func(context.Context) (account.Secret, error) { return account.NewSecret(Canary), nil }
	if e, ok := s.Provider.(provider.Embedded); ok {
		return s.accountAt("", &http.Client{Transport: e.Transport()}, secret)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return s.accountAt(server.URL, server.Client(), secret)
}

func (s Subject) accountAt(base string, client *http.Client, credential func(context.Context) (account.Secret, error)) *account.Account {
	a := account.Account{ID: 1, Provider: s.Provider.Info().Kind, Name: "suite", Prefix: "suite", Enabled: true, HTTP: client}
	if s.Settings != nil {
		a.Settings = s.Settings(base)
	}
	return account.New(a, credential)
}

func (s Subject) call(stream bool) provider.Call {
	return provider.Call{Operation: dialect.Chat, Model: s.Model, Body: []byte(s.Body), Stream: stream}
}

func (s Subject) newRequest(t *testing.T) {
	a := s.account(t, s.Service)
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "kept"))
	c := s.call(true)
	r, err := s.Provider.NewRequest(ctx, a, c)
	if err != nil {
		t.Fatalf("NewRequest: %v", err)
	}
	if r.Context().Value(key{}) != "kept" {
		t.Error("the request does not carry the caller's context")
	}
	cancel()
	if r.Context().Err() == nil {
		t.Error("the request outlives the caller's context")
	}
	if strings.Contains(r.URL.String(), Canary) {
		t.Errorf("the credential is in the URL %s", r.URL.Redacted())
	}
	if got := r.Header.Get("Accept-Encoding"); got != "" {
		t.Errorf("Accept-Encoding is %q; it belongs to the transport", got)
	}
	if got := r.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type is %q", got)
	}
	s.sameBody(t, r, c)
}

func (s Subject) sameBody(t *testing.T, r *http.Request, c provider.Call) {
	t.Helper()
	got, err := io.ReadAll(r.Body)
	if err != nil || !s.Wraps && !bytes.Equal(got, c.Body) {
		t.Errorf("the body is %q (%v), want the call's", got, err)
	}
	if r.ContentLength != int64(len(got)) {
		t.Errorf("ContentLength is %d, want %d", r.ContentLength, len(got))
	}
	if r.GetBody == nil {
		t.Fatal("GetBody is nil: a request on a connection that died cannot be sent again")
	}
	again, err := r.GetBody()
	if err != nil {
		t.Fatalf("GetBody: %v", err)
	}
	if twice, _ := io.ReadAll(again); !bytes.Equal(twice, got) {
		t.Errorf("GetBody gives %q, want the same body", twice)
	}
}

func (s Subject) operations(t *testing.T) {
	a := s.account(t, s.Service)
	for _, op := range []dialect.Operation{dialect.Chat, dialect.Embed, dialect.CountTokens, dialect.Complete} {
		r, err := s.Provider.NewRequest(t.Context(), a, provider.Call{Operation: op, Model: s.Model, Body: []byte(`{}`)})
		if err == nil {
			if r == nil {
				t.Errorf("operation %d gives neither a request nor an error", op)
			}
			continue
		}
		if e := typed(t, err); e != nil && (op == dialect.Chat || e.Kind != llm.KindUnsupported) {
			t.Errorf("operation %d is refused as %s: %v", op, e.Kind, e)
		}
	}
}

// chat sends a real request and reads the answer with the provider's codec.
func (s Subject) chat(t *testing.T) {
	a := s.account(t, s.Service)
	r, err := s.Provider.NewRequest(t.Context(), a, s.call(true))
	if err != nil {
		t.Fatalf("NewRequest: %v", err)
	}
	resp, err := a.HTTP.Do(r)
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		t.Fatalf("status %d: %s", resp.StatusCode, body)
	}
	reply, err := llm.Collect(s.Provider.Dialect(a, "").DecodeReply(resp.Header.Get("Content-Type"), resp.Body))
	if err != nil {
		t.Fatalf("the answer: %v", err)
	}
	if len(reply.Parts) == 0 || reply.Finish.Reason == "" {
		t.Errorf("the answer is empty or has no end: %+v", reply)
	}
}

// cancel leaves in the middle of an answer.
func (s Subject) cancel(t *testing.T) {
	gone := make(chan struct{})
	a := s.account(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Opens != nil && s.Opens(r) {
			s.Service.ServeHTTP(w, r)
			return
		}
		defer close(gone)
		_, _ = io.Copy(io.Discard, r.Body)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	ctx, cancel := context.WithCancel(t.Context())
	c := s.call(true)
	if s.Slow != "" {
		c.Body = []byte(s.Slow)
		close(gone)
	}
	r, err := s.Provider.NewRequest(ctx, a, c)
	if err != nil {
		t.Fatalf("NewRequest: %v", err)
	}
	resp, err := a.HTTP.Do(r)
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	defer resp.Body.Close()
	cancel()
	if _, err := io.Copy(io.Discard, resp.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("reading after the cancellation: %v, want context.Canceled", err)
	}
	wait(t, gone, "the service did not see the hang-up")
}

func wait(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(5 * time.Second):
		t.Error(what)
	}
}

func (s Subject) credentialFails(t *testing.T) {
	a := s.accountAt("http://127.0.0.1:1", http.DefaultClient, func(context.Context) (account.Secret, error) {
		return account.Secret{}, errors.New("the keyring is locked")
	})
	_, err := s.Provider.NewRequest(t.Context(), a, s.call(false))
	if e := typed(t, err); e != nil && e.Kind != llm.KindAuth {
		t.Errorf("kind %s, want auth", e.Kind)
	}
}

// typed is err as the one error type, with all that a person needs.
func typed(t *testing.T, err error) *llm.Error {
	t.Helper()
	var e *llm.Error
	if !errors.As(err, &e) {
		t.Errorf("the error is %v (%T), want an *llm.Error", err, err)
		return nil
	}
	if e.Message == "" {
		t.Errorf("an error of kind %s has no message", e.Kind)
	}
	if strings.Contains(e.Message, Canary) {
		t.Errorf("the credential is in the error %q", e.Message)
	}
	return e
}
