package fake_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// sent is what a stand-in answers to a request.
func sent(t *testing.T, h http.Handler, method, address, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestDashScope_RefusesWhatTheServiceWould(t *testing.T) {
	const chat = "/compatible-mode/v1/chat/completions"
	const tools = `,"tools":[{"type":"function","function":{"name":"f"}}]`
	body := func(model, fields string) string { return `{"model":"` + model + `",` + hi + fields + `}` }
	for _, c := range []struct {
		path, body, says string
		status           int
	}{
		{chat, body("qwen3.7-plus", ``), "parameter.enable_thinking must be set to false for non-streaming calls", 400},
		{chat, body("qwq-plus", ``), "only support stream mode", 400},
		{chat, body("qwq-plus", `,"enable_thinking":false,"stream":true`), "restricted to True", 400},
		{chat, body("qwen3-coder-plus", `,"enable_thinking":true`), "restricted to False", 400},
		{chat, body("qwen3.7-plus", `,"stream":true,"tool_choice":"required"`+tools), "does not support being set to required", 400},
		{chat, body("qwen3.7-plus", `,"stream":true,"response_format":{"type":"json_object"}`), "must contain the word 'json'", 400},
		{chat, body("qwen3.7-plus", `,"stream":true,"reasoning_effort":"low"`), "reasoning_effort is not supported", 400},
		{chat, body("qwen3.8-max", `,"stream":true,"reasoning_effort":"high"`), "must be one of low, medium, xhigh", 400},
		{chat, body("qwen3.8-max", `,"stream":true,"reasoning_effort":"low","thinking_budget":9`), "cannot be set together", 400},
		{chat, body("qwen-plus", `,"temperature":2`), "[0, 2)", 400},
		{chat, body("qwen-plus", `,"top_p":0`), "(0, 1]", 400},
		{chat, body("qwen-plus", `,"n":5`), "[1, 4]", 400},
		{chat, body("qwen-plus", `,"max_completion_tokens":5`), "max_completion_tokens", 400},
		{chat, body("qwen-plus", `,"stream_options":{"include_usage":true}`), "only allowed when 'stream'", 400},
		{chat, body("qwen-plus", `,"tool_choice":"sideways"`+tools), "Invalid value", 400},
		{chat, `{"model":"qwen-plus","messages":[{"role":"developer","content":"x"}]}`, "developer is not one of", 400},
		{"/compatible-mode/v1/completions", `{"model":"qwen-coder-turbo","prompt":"a","suffix":"b"}`, "suffix is not supported", 400},
		{"/v2/chat/completions", body("qwen-plus", ``), "no such path", 404},
	} {
		w := sent(t, fake.NewDashScope(fake.DashScopeOptions{}), http.MethodPost, c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s\n got %d %s\nwant %d that says %q", c.path, c.body, w.Code, w.Body, c.status, c.says)
		}
		if framed := strings.HasPrefix(w.Body.String(), "data: {"); framed != strings.Contains(c.body, `"stream":true`) {
			t.Errorf("%s: framed as an event: %v", c.body, framed)
		}
	}
	if w := sent(t, fake.NewDashScope(fake.DashScopeOptions{Key: "k"}), http.MethodGet, "/v1/models", ""); w.Code != 401 {
		t.Errorf("without a key: %d", w.Code)
	}
	if w := sent(t, fake.NewDashScope(fake.DashScopeOptions{Plan: true}), http.MethodGet, "/v1/models", ""); w.Code != 405 {
		t.Errorf("a plan's list: %d", w.Code)
	}
}

func TestQwenWeb_RefusesWhatTheSiteWould(t *testing.T) {
	const open = `{"title":"x","models":["m"],"chat_mode":"normal","chat_type":"t2t","timestamp":1760000000000}`
	const id, message = "22222222-2222-4222-8222-000000000001", `{"fid":"11111111-1111-4111-8111-111111111111","childrenIds":["11111111-1111-4111-8111-111111111111"],"role":"user",` +
		`"user_action":"chat","content":"hi","models":["m"],"chat_type":"t2t","sub_chat_type":"t2t","feature_config":{"output_schema":"phase","thinking_mode":"Fast"}}`
	right := `{"chat_id":"` + id + `","stream":true,"incremental_output":true,"version":"2.1","model":"m","timestamp":1760000000,"messages":[` + message + `]}`
	for _, c := range []struct {
		name, body, says string
		header           []string
	}{
		{"right", right, "You said: ", nil},
		{"two messages", strings.Replace(right, message, message+","+message, 1), "too many messages", nil},
		{"unknown chat", strings.Replace(right, id, "33333333", 1), "chat does not exist", nil},
		{"no stream", strings.Replace(right, `"stream":true`, `"stream":false`, 1), "stream must be true", nil},
		{"whole texts", strings.Replace(right, `"incremental_output":true,`, ``, 1), "incremental_output", nil},
		{"another model", strings.Replace(right, `"models":["m"]`, `"models":["n"]`, 1), "the model is not the chat's", nil},
		{"parts", strings.Replace(right, `"content":"hi"`, `"content":[]`, 1), "content must be a text", nil},
		{"no phases", strings.Replace(right, `"output_schema":"phase",`, ``, 1), "output_schema", nil},
		{"sampling", strings.Replace(right, `"stream":true`, `"stream":true,"temperature":1`, 1), "unknown field", nil},
		{"a made-up value", right, "made up the header", []string{"bx-ua", "231!"}},
		{"a made-up browser", right, "pretended to be a browser", []string{"User-Agent", "Mozilla/5.0"}},
		{"no token", right, "token expired", []string{"Authorization", "Bearer x"}},
	} {
		f := fake.NewQwenWeb(fake.QwenWebOptions{Token: "t"})
		if w := sent(t, f, http.MethodPost, "/api/v2/chats/new", open, "Authorization", "Bearer t"); !strings.Contains(w.Body.String(), id) {
			t.Fatalf("no chat was opened: %s", w.Body)
		}
		w := sent(t, f, http.MethodPost, "/api/v2/chat/completions?chat_id="+id, c.body, append([]string{"Authorization", "Bearer t"}, c.header...)...)
		if !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: got %s, want %q", c.name, w.Body, c.says)
		}
	}
}
