package fake_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// send posts a body to a stand-in.
func send(t *testing.T, h http.Handler, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "test")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAnthropic_RefusesWhatTheServiceRefuses(t *testing.T) {
	f := fake.NewAnthropic(fake.Options{Key: "k"})
	const (
		ask   = `{"role":"user","content":"x"}`
		call  = `{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}`
		tools = `"tools":[{"name":"f","input_schema":{"type":"object"}}]`
	)
	body := func(model, messages, rest string) string {
		return `{"model":"` + model + `","max_tokens":2000,"messages":[` + messages + `]` + rest + `}`
	}
	for name, wrong := range map[string]string{
		"no limit":             `{"model":"m","messages":[` + ask + `]}`,
		"unknown field":        body("m", ask, `,"n":1`),
		"doubled field":        body("m", ask, `,"model":"m"`),
		"no messages":          body("m", ``, ``),
		"two questions":        body("m", ask+","+ask, ``),
		"answer first":         body("m", `{"role":"assistant","content":"x"}`, ``),
		"system turn":          body("m", `{"role":"system","content":"x"}`, ``),
		"empty text":           body("m", `{"role":"user","content":[{"type":"text","text":" "}]}`, ``),
		"call without result":  body("m", ask+","+call+","+ask, ","+tools),
		"call at the end":      body("m", ask+","+call, ","+tools),
		"result without call":  body("m", `{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}`, ``),
		"result not first":     body("m", ask+","+call+`,{"role":"user","content":[{"type":"text","text":"x"},{"type":"tool_result","tool_use_id":"a"}]}`, ","+tools),
		"bad id":               body("m", ask+","+strings.Replace(call, `"id":"a"`, `"id":"a:1"`, 1)+`,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a:1"}]}`, ","+tools),
		"input is a text":      body("m", ask+","+strings.Replace(call, `{}`, `"{}"`, 1)+`,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}`, ","+tools),
		"thought unsigned":     body("m", ask+`,{"role":"assistant","content":[{"type":"thinking","thinking":"x"}]},`+ask, ``),
		"space at the end":     body("m", ask+`,{"role":"assistant","content":[{"type":"text","text":"x "}]}`, ``),
		"too hot":              body("m", ask, `,"temperature":1.5`),
		"small budget":         body("m", ask, `,"thinking":{"type":"enabled","budget_tokens":10}`),
		"budget over limit":    body("m", ask, `,"thinking":{"type":"enabled","budget_tokens":2000}`),
		"budget and heat":      body("m", ask, `,"temperature":0.5,"thinking":{"type":"enabled","budget_tokens":1024}`),
		"budget and force":     body("m", ask, `,`+tools+`,"tool_choice":{"type":"any"},"thinking":{"type":"enabled","budget_tokens":1024}`),
		"no thought in a step": body("m", ask+","+call+`,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}`, ","+tools+`,"thinking":{"type":"enabled","budget_tokens":1024}`),
		"choice without tools": body("m", ask, `,"tool_choice":{"type":"auto"}`),
		"choice of no tool":    body("m", ask, `,`+tools+`,"tool_choice":{"type":"tool","name":"g"}`),
		"name of a tool":       body("m", ask, strings.Replace(`,`+tools, `"f"`, `"a.b"`, 1)),
		"schema of a tool":     body("m", ask, strings.Replace(`,`+tools, `{"type":"object"}`, `{}`, 1)),
		"blank stop":           body("m", ask, `,"stop_sequences":["\n"]`),
		"open shape":           body("m", ask, `,"output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{}}}}`),
		"budget of 5":          body("claude-opus-5", ask, `,"thinking":{"type":"enabled","budget_tokens":1024}`),
		"heat of 5":            body("claude-opus-5", ask, `,"temperature":1`),
		"force of 5.5":         body("claude-opus-5-5", ask, `,`+tools+`,"tool_choice":{"type":"any"}`),
		"adaptive of 4.5":      body("claude-haiku-4-5", ask, `,"thinking":{"type":"adaptive"}`),
		"both of 4.5":          body("claude-haiku-4-5", ask, `,"temperature":1,"top_p":1`),
	} {
		w := send(t, f, "/v1/messages", wrong, "X-Api-Key", "k", "Anthropic-Version", "2023-06-01")
		if w.Code != http.StatusBadRequest || !json.Valid(w.Body.Bytes()) || f.Last().Refused == "" {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
	}
	right := body("m", ask+","+call+`,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"x"}]}`, ","+tools)
	for status, header := range map[int][]string{
		200: {"X-Api-Key", "k", "Anthropic-Version", "2023-06-01"}, 400: {"X-Api-Key", "k"}, 401: {"Anthropic-Version", "2023-06-01"},
	} {
		if w := send(t, f, "/v1/messages", right, header...); w.Code != status {
			t.Errorf("%v: got %d %s", header, w.Code, w.Body)
		}
	}
}

func TestCodeGeeX_RefusesWhatItsExtensionsNeverSend(t *testing.T) {
	f := fake.NewCodeGeeX(fake.Options{Key: "k"})
	const path = "/prod/code/chatCodeSseV3/chat"
	right := `{"user_id":"","user_role":0,"ide":"","ide_version":"","plugin_version":"","prompt":"x","machineId":"","talkId":"t","locale":"","model":"m","agent":null,"candidates":null,"history":null}`
	if w := send(t, f, path, right, "Code-Token", "k"); w.Code != http.StatusOK || f.Last().Refused != "" {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	for name, wrong := range map[string]string{
		"another name":    strings.Replace(right, "machineId", "machine_id", 1),
		"wrong type":      strings.Replace(right, `"user_role":0`, `"user_role":"0"`, 1),
		"unknown field":   strings.Replace(right, `{`, `{"stream":true,`, 1),
		"no question":     strings.Replace(right, `"prompt":"x"`, `"prompt":""`, 1),
		"history of text": strings.Replace(right, `"history":null`, `"history":["x"]`, 1),
		"history unnamed": strings.Replace(right, `"history":null`, `"history":[{"query":"a","answer":"b","id":""}]`, 1),
	} {
		if w := send(t, f, path, wrong, "Code-Token", "k"); w.Code != http.StatusBadRequest {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
	}
	for token, status := range map[string]int{"": 401, "other": 401} {
		if w := send(t, f, path, right, "Code-Token", token); w.Code != status {
			t.Errorf("the token %q: got %d", token, w.Code)
		}
	}
	if w := send(t, f, path, right, "Code-Token", "k", "Authorization", "Bearer k"); w.Code != http.StatusBadRequest {
		t.Errorf("a key in two headers: got %d", w.Code)
	}
}
