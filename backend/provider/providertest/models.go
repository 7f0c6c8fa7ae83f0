package providertest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// models wants a list that can stand in the program's own.
func (s Subject) models(t *testing.T) {
	a := s.account(t, s.Service)
	list, err := s.Provider.Models(t.Context(), a)
	if err != nil {
		t.Fatalf("Models: %v", err)
	}
	seen := map[string]bool{}
	for _, m := range list {
		if m.ID == "" || seen[m.ID] {
			t.Errorf("the id %q is empty or there twice", m.ID)
		}
		seen[m.ID] = true
	}
	if !seen[s.Model] {
		t.Errorf("the list has no %s: %v", s.Model, list)
	}
}

// modelsErrors lets the service refuse, and wants each refusal told apart.
func (s Subject) modelsErrors(t *testing.T) {
	long := `{"data":[{"id":"` + strings.Repeat("a", 40<<20) + `"}]}`
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   []llm.Kind
	}{
		{"WrongKey", 401, `{"error":{"message":"Incorrect API key"}}`, []llm.Kind{llm.KindAuth}},
		{"NotAllowed", 403, `{"error":{"message":"no access"}}`, []llm.Kind{llm.KindForbidden, llm.KindAuth}},
		{"NoSuchPath", 404, `404 page not found`, []llm.Kind{llm.KindNotFound}},
		{"TooMany", 429, `{"error":{"message":"slow down"}}`, []llm.Kind{llm.KindRate}},
		{"Broken", 500, ``, []llm.Kind{llm.KindTransient}},
		{"Overloaded", 503, `<html>busy</html>`, []llm.Kind{llm.KindOverloaded, llm.KindTransient}},
		{"WebPage", 200, `<!doctype html><html><body>Sign in</body></html>`, []llm.Kind{llm.KindProtocol}},
		{"Nothing", 200, ``, []llm.Kind{llm.KindProtocol}},
		{"Half", 200, `{"data":[{"id":"a"}`, []llm.Kind{llm.KindProtocol}},
		{"Endless", 200, long, []llm.Kind{llm.KindProtocol}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.status == http.StatusNotFound && s.Lists {
				return
			}
			a := s.account(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = fmt.Fprint(w, c.body)
			}))
			_, err := s.Provider.Models(t.Context(), a)
			if e := typed(t, err); e != nil && !slices.Contains(c.want, e.Kind) {
				t.Errorf("kind %s (%s), want %v", e.Kind, e.Message, c.want)
			}
		})
	}
}

// modelsUnreachable asks where nobody listens, and leaves while waiting.
func (s Subject) modelsUnreachable(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	secret := func(context.Context) (account.Secret, error) { return account.NewSecret(Canary), nil }
	_, err := s.Provider.Models(t.Context(), s.accountAt(closed.URL, &http.Client{}, secret))
	if e := typed(t, err); e != nil && e.Kind != llm.KindNetwork {
		t.Errorf("a closed port: kind %s, want network", e.Kind)
	}

	ctx, cancel := context.WithCancel(t.Context())
	a := s.account(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server sees that a client leaves only after the body
		cancel()
		<-r.Context().Done()
	}))
	_, err = s.Provider.Models(ctx, a)
	if e := typed(t, err); e != nil && e.Kind != llm.KindCanceled {
		t.Errorf("a caller that left: kind %s, want canceled", e.Kind)
	}
}
