package fake_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// askGoogle posts JSON as a client of that service would.
func askGoogle(t *testing.T, g *fake.Google, path, body string) (int, string) {
	t.Helper()
	access, _ := g.Issue("dev@example.com")
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, "/v1beta") {
		r.Header.Set("X-Goog-Api-Key", "k")
	} else {
		r.Header.Set("Authorization", "Bearer "+access)
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

const (
	public  = "/v1beta/models/gemini-2.5-flash:generateContent"
	preview = "/v1beta/models/gemini-3-flash-preview:generateContent"
	vertex  = "/v1/projects/sample-corp-project/locations/global/publishers/google/models/gemini-2.5-flash:generateContent"
	wrapped = "/v1internal:generateContent"
	user    = `{"role":"user","parts":[{"text":"hi"}]}`
)

func TestGoogle_TakesWhatIsRight(t *testing.T) {
	g := fake.NewGoogle(fake.GoogleOptions{})
	for path, body := range map[string]string{
		public:  `{"contents":[` + user + `],"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":5}}}`,
		preview: `{"contents":[` + user + `,{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"}]},{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"output":"x"}}}]}]}`,
		vertex:  `{"contents":[` + user + `,{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"x"}}}]}]}`,
		wrapped: string(fake.Vector("gemini/request_tool_round_trip.json")),
	} {
		if status, answer := askGoogle(t, g, path, body); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
}

func TestGoogle_RefusesWhatTheServicesWould(t *testing.T) {
	g := fake.NewGoogle(fake.GoogleOptions{})
	call := `{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{}}}]}`
	answer := `{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"output":"x"}}}]}`
	declared := func(d string) string {
		return `{"contents":[` + user + `],"tools":[{"functionDeclarations":[` + d + `]}]}`
	}
	config := func(c string) string { return `{"contents":[` + user + `],"generationConfig":` + c + `}` }
	for _, c := range []struct{ name, path, body, says string }{
		{"not JSON", public, `{`, "Invalid JSON"},
		{"no turn", public, `{"contents":[]}`, "not specified"},
		{"a turn twice", public, `{"contents":[` + user + `,` + user + `]}`, "alternate"},
		{"the model first", public, `{"contents":[{"role":"model","parts":[{"text":"x"}]}]}`, "alternate"},
		{"a role of OpenAI's", public, `{"contents":[{"role":"assistant","parts":[{"text":"x"}]}]}`, "valid role"},
		{"no part", public, `{"contents":[{"role":"user","parts":[]}]}`, "must not be empty"},
		{"an empty part", public, `{"contents":[{"role":"user","parts":[{}]}]}`, "oneof"},
		{"two things in a part", public, `{"contents":[{"role":"user","parts":[{"text":"a","inlineData":{"mimeType":"a/b","data":"AA=="}}]}]}`, "oneof"},
		{"empty text", public, `{"contents":[{"role":"user","parts":[{"text":""}]}]}`, "text parameter"},
		{"no base64", public, `{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"a/b","data":"!"}}]}]}`, "Base64"},
		{"a call without an answer", public, `{"contents":[` + user + `,` + call + `]}`, "followed"},
		{"an answer without a call", public, `{"contents":[` + answer + `]}`, "number of function response"},
		{"an answer to another", public, `{"contents":[` + user + `,` + call + `,` + strings.Replace(answer, `"1"`, `"2"`, 1) + `]}`, "matches"},
		{"no signature", preview, `{"contents":[` + user + `,` + call + `,` + answer + `]}`, "thought_signature"},
		{"a made-up signature", preview, `{"contents":[` + user + `,` + strings.Replace(call, `}}]`, `},"thoughtSignature":"eA=="}]`, 1) + `,` + answer + `]}`, "not valid"},
		{"ids at Vertex", vertex, `{"contents":[` + user + `,` + call + `,` + answer + `]}`, "Unknown name"},
		{"no envelope", wrapped, `{"contents":[` + user + `]}`, "Unknown name"},
		{"no project", wrapped, `{"model":"gemini-2.5-pro","request":{"contents":[` + user + `]}}`, "project"},
		{"a prefix", wrapped, `{"model":"models/gemini-2.5-pro","project":"p","request":{"contents":[` + user + `]}}`, "models/"},
		{"a field of another's", public, `{"contents":[` + user + `],"messages":[]}`, "Unknown name"},
		{"two schemas", public, declared(`{"name":"f","parameters":{"type":"OBJECT"},"parametersJsonSchema":{"type":"object"}}`), "both"},
		{"a name with a space", public, declared(`{"name":"f g"}`), "function name"},
		{"$schema", public, declared(`{"name":"f","parametersJsonSchema":{"$schema":"x","type":"object"}}`), "Unknown name"},
		{"const inside", public, declared(`{"name":"f","parametersJsonSchema":{"type":"object","properties":{"a":{"const":1}}}}`), "Unknown name"},
		{"additionalProperties", public, declared(`{"name":"f","parameters":{"type":"object","additionalProperties":false}}`), "Unknown name"},
		{"a list without items", public, declared(`{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"array"}}}}`), "items"},
		{"two types", public, declared(`{"name":"f","parameters":{"type":["string","null"]}}`), "start list"},
		{"a schema that is true", public, declared(`{"name":"f","parametersJsonSchema":{"type":"object","properties":{"a":true}}}`), "must be an object"},
		{"budget and level", public, config(`{"thinkingConfig":{"thinkingBudget":1,"thinkingLevel":"LOW"}}`), "both"},
		{"a schema without JSON", public, config(`{"responseSchema":{"type":"OBJECT"}}`), "response_mime_type"},
		{"six stops", public, config(`{"stopSequences":["1","2","3","4","5","6"]}`), "at most 5"},
		{"logprobs alone", public, config(`{"logprobs":3}`), "response_logprobs"},
		{"no alt=sse", "/v1beta/models/gemini-2.5-flash:streamGenerateContent", `{"contents":[` + user + `]}`, "alt=sse"},
		{"the key in the address", public + "?key=k", `{"contents":[` + user + `]}`, "address"},
		{"no platform", "/v1internal:loadCodeAssist", `{"metadata":{"platform":"LINUX"}}`, "platform"},
		{"free with a project", "/v1internal:onboardUser", `{"tierId":"free-tier","cloudaicompanionProject":"p","metadata":{"platform":"LINUX_AMD64","duetProject":"p"}}`, "Precondition"},
		{"no model in a batch", "/v1beta/models/gemini-embedding-001:batchEmbedContents", `{"requests":[{"content":{"parts":[{"text":"a"}]}}]}`, "models/gemini-embedding-001"},
	} {
		if status, answer := askGoogle(t, g, c.path, c.body); status < 400 || status > 499 || !strings.Contains(answer, c.says) {
			t.Errorf("%s: %d %s, want a refusal that says %q", c.name, status, answer, c.says)
		}
	}
}

func TestGoogle_TheConsentPageHasItsButtons(t *testing.T) {
	s := httptest.NewServer(fake.NewGoogle(fake.GoogleOptions{}))
	defer s.Close()
	q := url.Values{
		"client_id": {"c"}, "redirect_uri": {"http://127.0.0.1:8085/oauth2callback"}, "response_type": {"code"}, "access_type": {"offline"},
		"prompt": {"consent"}, "state": {strings.Repeat("s", 30)}, "code_challenge_method": {"S256"}, "code_challenge": {strings.Repeat("c", 43)},
		"scope": {"https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile"},
	}
	address := s.URL + "/o/oauth2/v2/auth?" + q.Encode()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, _ := io.ReadAll(resp.Body)
	for _, part := range []string{`id="allow"`, `id="deny"`, "dev@example.com", "second@example.com"} {
		if !strings.Contains(string(page), part) {
			t.Errorf("the page has no %s", part)
		}
	}
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for choice, want := range map[string]string{"allow": "code=", "deny": "error=access_denied"} {
		resp, err := stay.PostForm(address, url.Values{"choice": {choice}, "account": {"second@example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if to := resp.Header.Get("Location"); !strings.HasPrefix(to, "http://127.0.0.1:8085/oauth2callback?") || !strings.Contains(to, want) {
			t.Errorf("%s leads to %s", choice, to)
		}
	}
	for name, wrong := range map[string]string{
		"redirect_uri": "https://evil.example/", "state": "short", "scope": "email", "prompt": "", "code_challenge_method": "plain", "response_type": "token",
	} {
		bad := maps.Clone(q)
		bad.Set(name, wrong)
		if _, err := fake.NewGoogle(fake.GoogleOptions{}).Consent(s.URL+"/o/oauth2/v2/auth?"+bad.Encode(), "", true); err == nil {
			t.Errorf("%s=%s is taken", name, wrong)
		}
	}
}
