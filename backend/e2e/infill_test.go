package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// CodeGeeX's own completion fills a gap for each kind of editor, whole and
// streamed; its chat models fill it in a conversation.
func TestCompletions_CodeGeeXFillsAGapNatively(t *testing.T) {
	site := fake.NewCodeGeeX(fake.Options{Key: upstreamKey})
	p := start(t, beside(t, "codegeex", "codegeex", "token", prodOf(site)))
	const model = "codegeex/codegeex-lite"
	c := p.sdk()
	page, err := c.Models.List(t.Context())
	if err != nil || !slices.ContainsFunc(page.Data, func(m openai.Model) bool { return m.ID == model }) {
		t.Errorf("%s is not in the list: %v", model, err)
	}
	if got := completed(t, c, gap(model)); got != "return a + b" {
		t.Errorf("the editor inserts %q", got)
	}
	if row := p.last(t); row.Lane != "translated" || len(row.Notes) != 0 || row.Finish != "stop" {
		t.Errorf("the row says %s, ended by %q, with the notes %q", row.Lane, row.Finish, row.Notes)
	}
	body := `{"model":"` + model + `","prompt":"package a\nfunc b() int {\n\t","suffix":"\n}","max_tokens":32,"stop":[" + "]}`
	status, raw := p.do(t, http.MethodPost, "/v1/fim/completions", body)
	if got := gjson.GetBytes(raw, "choices.0.message.content").String(); status != http.StatusOK || got != "return a" {
		t.Errorf("Mistral's protocol: got %d %s", status, raw)
	}
	status, raw = p.do(t, http.MethodPost, "/v1/fim/completions", strings.Replace(body, "{", `{"stream":true,`, 1))
	if status != http.StatusOK || !strings.Contains(string(raw), `"content":"return a"`) || !strings.HasSuffix(string(raw), "data: [DONE]\n\n") {
		t.Errorf("Mistral's protocol, streamed: got %d %s", status, raw)
	}
	asked := site.Last()
	for path, want := range map[string]string{
		"max_new_tokens": "32", "lang": "Go", "context.0.active_document.suffix": "\n}", "context.0.active_document.prefix": "package a\nfunc b() int {\n\t", "model": "codegeex-lite",
	} {
		if got := gjson.GetBytes(asked.Body, path).String(); got != want {
			t.Errorf("the site got %s %q, want %q", path, got, want)
		}
	}
	_, text, _ := p.ollama(t, "/api/generate", map[string]any{"model": model, "prompt": before, "suffix": behind})
	if text != "return a + b" {
		t.Errorf("Ollama's protocol: got %q", text)
	}
	if got := completed(t, c, gap("codegeex/codegeex-4")); got == "" || strings.Contains(got, "```") {
		t.Errorf("a chat model inserts %q", got)
	}
	if got := site.Last(); got.Path != "/prod/code/chatCodeSseV3/chat" {
		t.Errorf("a chat model was asked at %s", got.Path)
	}
	// What the site refuses, the editor is told, and nobody answers in its place.
	status, raw = p.do(t, http.MethodPost, "/v1/completions", `{"model":"`+model+`","prompt":"http-400","suffix":"x"}`)
	if status != http.StatusBadRequest || !strings.Contains(string(raw), "CodeGeeX does not take this request") {
		t.Errorf("a refusal: got %d %s", status, raw)
	}
}

// prodOf serves what [beside] gives as the base address, where the site has its own.
func prodOf(site http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/prod" + strings.TrimPrefix(r.URL.Path, "/v1")
		site.ServeHTTP(w, r)
	})
}
