package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

func TestAProtocolThatIsOff_SaysSoInItsOwnShape(t *testing.T) {
	off := strict()
	off.Off = config.Protocols()
	srv, on := everything(t, off), everything(t, strict())
	given := []string{"Authorization", "Bearer " + key}
	for _, c := range []struct{ method, path, word, shape string }{
		{"POST", "/v1/messages", "anthropic", "anthropic"},
		{"POST", "/v1/messages/count_tokens", "anthropic", "anthropic"},
		{"POST", "/v1beta/models/plain:generateContent", "gemini", "gemini"},
		{"POST", "/v1/models/plain:generateContent", "gemini", "gemini"},
		{"GET", "/v1beta/models", "gemini", "gemini"},
		{"POST", "/api/chat", "ollama", "ollama"},
		{"GET", "/api/tags", "ollama", "ollama"},
		{"POST", "/api/v1/messages", "anthropic", "anthropic"}, // a base URL with a mistake in it
	} {
		resp, body := call(t, srv, c.method, c.path, ask, given...)
		if resp.StatusCode != http.StatusNotFound || shape(body) != c.shape || !strings.Contains(body, "switched off") || !strings.Contains(body, "server.protocolsOff") {
			t.Errorf("%s %s: %d %s, want 404 as %s", c.method, c.path, resp.StatusCode, body, c.shape)
		}
		if _, body := call(t, on, c.method, c.path, ask, given...); strings.Contains(body, "switched off") {
			t.Errorf("%s %s is off when it is on: %s", c.method, c.path, body)
		}
	}
	for _, path := range []string{"/v1/chat/completions", "/v1/models"} {
		method := map[bool]string{true: "GET", false: "POST"}[path == "/v1/models"]
		if _, body := call(t, srv, method, path, ask, given...); strings.Contains(body, "switched off") {
			t.Errorf("%s is off: %s", path, body)
		}
	}
	if resp, body := call(t, srv, "POST", "/v1/messages", ask); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a key: %d %s, want that it is needed", resp.StatusCode, body)
	}
}
