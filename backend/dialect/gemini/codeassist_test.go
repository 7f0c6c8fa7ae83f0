package gemini_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
)

// TestCodeAssist_AnswersWhatGeminiCLIAsks goes through the questions of a start
// of Gemini CLI, which ends without a tier and a project.
func TestCodeAssist_AnswersWhatGeminiCLIAsks(t *testing.T) {
	t.Parallel()
	c := gemini.CodeAssist{Models: func() []dialect.Model {
		return []dialect.Model{{ID: "gemini/gemini-3-pro-preview"}, {ID: "vertex/gemini-3-pro-preview"}, {ID: "demo/chat"}}
	}}
	for _, test := range []struct {
		method, path, body, want string
		status                   int
	}{
		{"POST", ":loadCodeAssist", `{"metadata":{"ideType":"IDE_UNSPECIFIED"}}`, `"cloudaicompanionProject":"openaicompatible"`, 200},
		{"POST", ":loadCodeAssist", `{"cloudaicompanionProject":"mine"}`, `"currentTier":{"id":"standard-tier"`, 200},
		{"POST", ":loadCodeAssist", `{`, `"status":"INVALID_ARGUMENT"`, 400},
		{"POST", ":onboardUser", `{"tierId":"standard-tier","cloudaicompanionProject":"mine"}`, `"done":true,"response":{"cloudaicompanionProject":{"id":"mine"`, 200},
		{"GET", "/operations/abc", ``, `"done":true`, 200},
		{"POST", ":retrieveUserQuota", `{"project":"p"}`, `{"buckets":[{"modelId":"gemini-3-pro-preview","tokenType":"REQUESTS"}]}`, 200},
		{"POST", ":listExperiments", `{}`, `{"experimentIds":[],"flags":[]}`, 200},
		{"POST", ":fetchAdminControls", `{}`, `"adminControlsApplicable":false`, 200},
		{"GET", ":getCodeAssistGlobalUserSetting", ``, `"freeTierDataCollectionOptin":false`, 200},
		{"POST", ":recordCodeAssistMetrics", `{"metrics":[]}`, `{}`, 200},
		{"POST", ":mineBitcoin", `{}`, `"status":"NOT_FOUND"`, 404},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), test.method, "/v1internal"+test.path, strings.NewReader(test.body))
		c.ServeHTTP(w, r)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
			t.Errorf("%s: got %d %s", test.path, w.Code, w.Body)
		}
	}
	if len(c.Paths()) == 0 {
		t.Error("it is served nowhere")
	}
	// A model is asked with POST alone.
	w := httptest.NewRecorder()
	gemini.CodeAssistClient{}.Serve(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1internal:generateContent", nil), "", nil)
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d", w.Code)
	}
}
