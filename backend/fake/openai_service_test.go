package fake_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

func TestOpenAI_AsAServiceRefusesWhatThatServiceWould(t *testing.T) {
	const (
		called = `{"role":"assistant","content":"","tool_calls":[{"id":"abcdefghi","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"abcdefghi","content":"1"}`
		tool   = `"tools":[{"type":"function","function":{"name":"f"}}]`
	)
	for _, c := range []struct{ as, path, rest, messages, says string }{
		{"zhipu", "/api/paas/v4", `,"temperature":0`, "", "temperature must be in (0, 1)"},
		{"zhipu", "/api/paas/v4", `,"top_p":1`, "", "top_p must be in (0, 1)"},
		{"zhipu", "/api/paas/v4", `,"user":"u"`, "", "not permitted: user"},
		{"zhipu", "/api/paas/v4", `,"stream":true,"stream_options":{}`, "", "not permitted: stream_options"},
		{"zhipu", "/api/paas/v4", `,"max_completion_tokens":5`, "", "Use 'max_tokens' instead"},
		{"zhipu", "/api/paas/v4", `,"tool_choice":"required",` + tool, "", "only supports auto"},
		{"zhipu", "/api/paas/v4", `,"tools":[{"type":"function","function":{"name":"f","strict":true}}]`, "", "strict"},
		{"zhipu", "/api/paas/v4", ``, `{"role":"developer","content":"d"}`, "Incorrect role information"},
		{"zhipu", "/api/paas/v4", ``, `{"role":"user","name":"ann","content":"d"}`, "name"},
		{"zhipu", "/api/paas/v4", ``, strings.Replace(called, `"content":""`, `"content":null`, 1), "must not be null"},
		{"openai", "/v1", `,"max_tokens":5`, "", "max_completion_tokens"},
		{"openai", "/v1", `,"stop":["1","2","3","4","5"]`, "", "at most 4"},
		{"deepseek", "/v1", `,"stop":["1","2","3","4","5"],"temperature":9`, "", "temperature"},
		{"deepseek", "/v1", ``, called, "reasoning_content"},
		{"groq", "/openai/v1", `,"logprobs":true`, "", "logprobs"},
		{"mistral", "/v1", `,"seed":1`, "", "seed"},
		{"mistral", "/v1", ``, strings.ReplaceAll(called, "abcdefghi", "call_1"), "length of 9"},
		{"moonshot", "/v1", `,"temperature":1.5`, "", "at most 1"},
		{"moonshot", "/v1", `,` + tool, "", "parameters"},
		{"minimax", "/v1", `,"temperature":0`, "", "above 0"},
		{"minimax", "/v1", ``, `{"role":"user","content":"u"},{"role":"system","content":"s"}`, "at the beginning"},
		{"volcengine", "/v1", ``, "", "Unknown request URL"},
	} {
		messages := c.messages
		if messages == "" {
			messages = `{"role":"user","content":"u"}`
		}
		w := ask(t, fake.NewOpenAI(fake.Options{As: c.as}), http.MethodPost, c.path+"/chat/completions", `{"model":"m","messages":[`+messages+`]`+c.rest+`}`)
		if w.Code < 400 || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %s: got %d %s, want a refusal that says %q", c.as, c.rest, c.messages, w.Code, w.Body, c.says)
		}
	}
}

func ask(t *testing.T, f *fake.OpenAI, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

func TestOpenAI_AsAServiceKnowsItsKeysAndPaths(t *testing.T) {
	for _, c := range []struct {
		as, path, key string
		status        int
		says          string
	}{
		{"zhipu", "/api/paas/v4/models", "wrong", 401, `"code":"1002"`},
		{"zhipu", "/api/paas/v4/models", "right", 200, `"usage"`},
		{"siliconflow", "/v1/models", "wrong", 401, `"Invalid token"`},
		{"moonshot", "/v1/models", "wrong", 401, `invalid_authentication_error`},
		{"openrouter", "/api/v1/models", "wrong", 200, `"usage"`},
		{"openrouter", "/api/v1/key", "wrong", 401, `invalid_api_key`},
		{"openrouter", "/api/v1/key", "right", 200, `"label"`},
		{"minimax", "/v1/models", "right", 404, `unknown_url`},
		{"openai", "/v1/key", "right", 404, `unknown_url`},
	} {
		w := ask(t, fake.NewOpenAI(fake.Options{As: c.as, Key: "right"}), http.MethodGet, c.path, "", "Authorization", "Bearer "+c.key)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: got %d %s, want %d that says %s", c.as, c.path, w.Code, w.Body, c.status, c.says)
		}
	}
}
