package openaicompat_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/openaicompat"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/providertest"
)

// TestResponses_GoToTheServicesThatSpeakThem names the protocol and the path for
// a client of each kind.
func TestResponses_GoToTheServicesThatSpeakThem(t *testing.T) {
	for name, c := range map[string]struct {
		kind, setting  string
		client, spoken dialect.Name
		path           string
	}{
		"openai, for Codex":            {"openai", "", dialect.OpenAIResponses, dialect.OpenAIResponses, "/v1/responses"},
		"openai, for a chat":           {"openai", "", dialect.OpenAIChat, dialect.OpenAIChat, "/v1/chat/completions"},
		"openai, for Claude Code":      {"openai", "", dialect.Anthropic, dialect.OpenAIChat, "/v1/chat/completions"},
		"openai, switched off":         {"openai", "no", dialect.OpenAIResponses, dialect.OpenAIChat, "/v1/chat/completions"},
		"groq, which has chats":        {"groq", "", dialect.OpenAIResponses, dialect.OpenAIChat, "/v1/chat/completions"},
		"any address, by default":      {"custom", "", dialect.OpenAIResponses, dialect.OpenAIChat, "/v1/chat/completions"},
		"any address, beside chats":    {"custom", "also", dialect.OpenAIResponses, dialect.OpenAIResponses, "/v1/responses"},
		"any address, nothing else":    {"custom", "only", dialect.Anthropic, dialect.OpenAIResponses, "/v1/responses"},
		"any address, an odd setting":  {"custom", "maybe", dialect.OpenAIResponses, dialect.OpenAIChat, "/v1/chat/completions"},
		"nothing else, for no client":  {"custom", "only", "", dialect.OpenAIResponses, "/v1/responses"},
		"beside chats, for no client":  {"custom", "also", "", dialect.OpenAIChat, "/v1/chat/completions"},
		"openrouter, for Codex":        {"openrouter", "", dialect.OpenAIResponses, dialect.OpenAIResponses, "/v1/responses"},
		"xai, for the Responses world": {"xai", "", dialect.OpenAIResponses, dialect.OpenAIResponses, "/v1/responses"},
	} {
		a := of(c.kind, "k", map[string]string{"baseUrl": "https://api.example.com/v1", "responses": c.setting})
		p := openaicompat.New()
		spoken := p.Dialect(a, c.client).Name()
		r := chat(t, a, provider.Call{Operation: dialect.Chat, Dialect: spoken, Body: []byte("{}"), Stream: true})
		if spoken != c.spoken || r.URL.Path != c.path {
			t.Errorf("%s: %s at %s, want %s at %s", name, spoken, r.URL.Path, c.spoken, c.path)
		}
	}
}

// TestResponses_AServiceThatSpeaksNothingElsePassesTheSuite asks it in its own
// protocol, the probe included.
func TestResponses_AServiceThatSpeaksNothingElsePassesTheSuite(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Provider: openaicompat.New(),
		Service:  fake.NewResponses(providertest.Canary),
		Settings: func(base string) map[string]string { return map[string]string{"baseUrl": base, "responses": "only"} },
		Model:    "usage",
		Body:     `{"model":"usage","input":"hi","stream":true,"store":false}`,
	})
}

// TestResponses_ErrorsMeanWhatTheServiceMeansByThem uses the service's table in
// both protocols.
func TestResponses_ErrorsMeanWhatTheServiceMeansByThem(t *testing.T) {
	a := of("openai", "k", nil)
	u := openaicompat.New().Dialect(a, dialect.OpenAIResponses)
	err := u.DecodeError(http.StatusTooManyRequests, http.Header{}, []byte(`{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota","param":null}}`))
	if err.Kind != llm.KindQuota || !strings.Contains(err.Message, "add credit") {
		t.Errorf("got %v: %s", err.Kind, err.Message)
	}
	_, failed := llm.Collect(u.DecodeReply("", strings.NewReader(`data: {"type":"response.failed","response":{"status":"failed","error":{"code":"server_is_overloaded","message":"busy"}}}`+"\n\n")))
	if got := llm.AsError(failed); got.Kind != llm.KindOverloaded || got.Message != "busy" {
		t.Errorf("got %v: %s", got.Kind, got.Message)
	}
	_, failed = llm.Collect(u.DecodeReply("", strings.NewReader(`data: {"type":"error","code":"rate_limit_exceeded","message":"Please try again in 3s","param":null}`+"\n\n")))
	if got := llm.AsError(failed); got.Kind != llm.KindRate || got.RetryAfter == 0 {
		t.Errorf("got %v, wait %v: %s", got.Kind, got.RetryAfter, got.Message)
	}
}
