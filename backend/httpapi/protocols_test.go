package httpapi_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/ollama"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// everything serves a path of each protocol.
func everything(t *testing.T, g *httpapi.Guard, edit ...func(*httpapi.ProxyOptions)) *httptest.Server {
	t.Helper()
	r := relay.New(relay.Options{
		Router: func() relay.Router { return nobody{} }, Recorder: &records{}, Redactor: plain{},
		Limits: func() *relay.Limits { return &relay.Limits{Attempts: 1, Body: 1 << 20, Keep: relay.KeepOff} },
	})
	models := []dialect.Model{{ID: "x/a/b", OwnedBy: "x", Created: 7, ContextTokens: 8}, {ID: "plain", OwnedBy: "x", Created: 7}}
	o := httpapi.ProxyOptions{
		Guard: func() *httpapi.Guard { return g }, Relay: r, Version: "test",
		Endpoints: []httpapi.Endpoint{
			{Path: "/v1/chat/completions", Client: openaichat.Client{}},
			{Path: "/v1/messages", Client: anthropic.Client{}},
			{Path: "/v1/messages/count_tokens", Client: anthropic.Client{}},
			{Path: "/v1beta/models/*:generateContent", Client: gemini.Client{}},
			{Path: "/v1/models/*:generateContent", Client: gemini.Client{}},
			{Path: "/api/chat", Client: ollama.Chat{}},
			{Path: "/v1/things/*", Client: openaichat.Client{}, Methods: "GET", Serve: func(w http.ResponseWriter, r *http.Request, _ relay.Caller) {
				_, _ = io.WriteString(w, "got "+r.URL.Path)
			}},
			{Path: "/v1/things/*", Client: openaichat.Client{}, Methods: "DELETE", Serve: func(w http.ResponseWriter, r *http.Request, _ relay.Caller) {
				_, _ = io.WriteString(w, "deleted "+r.URL.Path)
			}},
		},
		Models: func() []dialect.Model { return models },
		Model: func(id string) (dialect.Model, bool) {
			i := slices.IndexFunc(models, func(m dialect.Model) bool { return m.ID == id })
			return models[max(i, 0)], i >= 0
		},
	}
	for _, e := range edit {
		e(&o)
	}
	srv := httptest.NewServer(httpapi.NewProxy(o))
	t.Cleanup(srv.Close)
	return srv
}

// shape is the protocol whose error a body is; "" is none.
func shape(body string) string {
	var e struct {
		Type      string          `json:"type"`
		Error     json.RawMessage `json:"error"`
		RequestID any             `json:"request_id"`
	}
	if json.Unmarshal([]byte(body), &e) != nil {
		return ""
	}
	var inner struct {
		Message, Status, Type string
		Code                  any
	}
	if json.Unmarshal(e.Error, &inner) != nil {
		var s string
		if json.Unmarshal(e.Error, &s) == nil && s != "" {
			return "ollama"
		}
		return ""
	}
	switch {
	case inner.Message == "":
		return ""
	case e.Type == "error" && inner.Type != "":
		return "anthropic"
	case inner.Status != "":
		return "gemini"
	case inner.Type != "":
		return "openai"
	}
	return ""
}

func TestB41_ErrorsHaveTheShapeOfTheProtocolThatWasAsked(t *testing.T) {
	srv := everything(t, strict())
	key := []string{"Authorization", "Bearer " + key}
	version := []string{"Anthropic-Version", "2023-06-01"}
	for _, c := range []struct {
		method, path, body string
		header             []string
		status             int
		shape              string
	}{
		{"POST", "/v1/messages", ask, nil, 401, "anthropic"},
		{"POST", "/v1/messages?beta=true", ask, key, 404, "anthropic"},
		{"GET", "/v1/messages", "", key, 405, "anthropic"},
		{"POST", "/v1/messages/batches", "{}", key, 404, "anthropic"},
		{"POST", "/v1/messages", ask, []string{"Host", "evil.example"}, 403, "anthropic"},
		{"POST", "/v1/messages", ask, append(slices.Clone(key), "Origin", "https://evil.example"), 403, "anthropic"},
		{"POST", "/v1/messages", strings.Repeat(" ", 1<<20+1), key, 413, "anthropic"},
		{"POST", "/v1/messages", "x", append(slices.Clone(key), "Content-Encoding", "lzma"), 400, "anthropic"},
		{"GET", "/v1/models/none", "", append(slices.Clone(key), version...), 404, "anthropic"},
		{"GET", "/v1/files", "", append(slices.Clone(key), version...), 404, "anthropic"},
		{"POST", "/v1beta/models/m:generateContent", "{}", nil, 401, "gemini"},
		{"POST", "/v1beta/models/m:generateContent", `{"contents":[{"parts":[{"text":"x"}]}]}`, key, 404, "gemini"},
		{"GET", "/v1beta/models/m:generateContent", "", key, 405, "gemini"},
		{"POST", "/v1/models/m:generateContent", "{}", nil, 401, "gemini"},
		{"POST", "/v1beta/files", "", key, 404, "gemini"},
		{"GET", "/v1beta/models/none", "", key, 404, "gemini"},
		{"POST", "/v1beta/models/m:predictLongRunning", "{}", key, 404, "gemini"},
		{"POST", "/v1/models/x/a/b:predict", "{}", []string{"X-Goog-Api-Key", "sk-oac-test"}, 404, "gemini"},
		{"POST", "/v1beta/models/m", "{}", key, 405, "gemini"},
		{"POST", "/v1internal:countTokens", "", key, 404, "gemini"},
		{"GET", "/v1/nothing", "", []string{"X-Goog-Api-Key", "sk-oac-test"}, 404, "gemini"},
		{"POST", "/api/chat", "{}", nil, 401, "ollama"},
		{"GET", "/api/chat", "", key, 405, "ollama"},
		{"POST", "/api/pull", "{}", key, 404, "ollama"},
		{"POST", "/api/show", "{}", key, 400, "ollama"},
		{"POST", "/api/show", `{"model":"none"}`, key, 404, "ollama"},
		{"POST", "/v1/chat/completions", ask, nil, 401, "openai"},
		{"POST", "/v1/chat/completions", ask, key, 404, "openai"},
		{"PUT", "/v1/chat/completions", ask, key, 405, "openai"},
		{"POST", "/v1/chat/completions", ask, version, 401, "openai"},
		{"GET", "/nowhere", "", key, 404, "openai"},
	} {
		resp, body := call(t, srv, c.method, c.path, c.body, c.header...)
		if resp.StatusCode != c.status || shape(body) != c.shape {
			t.Errorf("%s %s: got %d in the shape of %q, want %d %q: %s", c.method, c.path, resp.StatusCode, shape(body), c.status, c.shape, body)
		}
		if ct := resp.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
			t.Errorf("%s %s: Content-Type %q", c.method, c.path, ct)
		}
	}
}

func TestB47a_OneModelListForEachProtocol(t *testing.T) {
	srv := everything(t, strict())
	for _, c := range []struct {
		method, path, body string
		header             []string
		wants              []string
	}{
		{"GET", "/v1/models", "", nil, []string{`"object":"list"`, `"id":"x/a/b"`, `"created":7`}},
		{"GET", "/v1/models", "", []string{"Anthropic-Version", "2026-10-21"}, []string{`"has_more":false`, `"type":"model"`, `"display_name":"x/a/b"`}},
		{"GET", "/v1/models?limit=1", "", []string{"Anthropic-Version", "2026-10-21"}, []string{`"has_more":true`, `"last_id":"x/a/b"`}},
		{"GET", "/v1/models", "", []string{"X-Goog-Api-Client", "google-genai-sdk/3.1.0"}, []string{`"models":[`, `"name":"models/x/a/b"`}},
		{"GET", "/v1beta/models", "", nil, []string{`"models":[`, `"name":"models/x/a/b"`}},
		{"GET", "/v1beta/models/x/a/b", "", nil, []string{`"name":"models/x/a/b"`}},
		{"GET", "/v1/models/x%2Fa%2Fb", "", []string{"Anthropic-Version", "1"}, []string{`"type":"model"`, `"id":"x/a/b"`}},
		{"GET", "/v1/models/x/a/b", "", nil, []string{`"object":"model"`, `"id":"x/a/b"`}},
		{"GET", "/v1beta/openai/models", "", nil, []string{`"object":"list"`}},
		{"GET", "/api/tags", "", nil, []string{`"models":[`, `"x/a/b`}},
		{"POST", "/api/show", `{"model":"plain:latest"}`, nil, []string{`"capabilities":[`}},
		{"POST", "/api/show", `{"name":"x/a/b"}`, nil, []string{`"capabilities":[`}},
		{"GET", "/api/version", "", nil, []string{`"version":"`}},
		{"GET", "/api/ps", "", nil, []string{`"models":[]`}},
	} {
		resp, body := call(t, srv, c.method, c.path, c.body, append(slices.Clone(c.header), "Api-Key", key)...)
		for _, want := range c.wants {
			if resp.StatusCode != 200 || !strings.Contains(body, want) {
				t.Errorf("%s %s %v: got %d %s, want %s", c.method, c.path, c.header, resp.StatusCode, body, want)
			}
		}
	}
}

func TestB45_EveryProtocolIsFoundBehindMistakesInItsBaseURL(t *testing.T) {
	srv := everything(t, strict())
	for want, paths := range map[string][]string{
		"openai": {
			"/v1/chat/completions", "/chat/completions", "/v1/v1/chat/completions", "/openai/v1/chat/completions", "/openai/chat/completions", "/api/v1/chat/completions", "/v1beta/openai/chat/completions",
			"/v1/chat/completions/chat/completions", "/v1/chat/completions/v1/chat/completions", "/chat/completions/chat/completions", "/v1/chat/completions/", "//v1//chat/completions//", "/v1/openai/v1/chat/completions",
		},
		"anthropic": {
			"/v1/messages", "/messages", "/v1/v1/messages", "/anthropic/v1/messages", "/anthropic/messages", "/api/anthropic/v1/messages", "/v1/messages/v1/messages", "/v1/messages/messages", "/v1/messages/",
			"/v1/messages/count_tokens", "/messages/count_tokens", "/v1/v1/messages/count_tokens", "/v1/messages/v1/messages/count_tokens", "/v1/chat/completions/v1/messages", "/openai/v1/messages",
		},
		"gemini": {
			"/v1beta/models/m:generateContent", "/v1/models/m:generateContent", "/models/m:generateContent", "/v1/v1beta/models/m:generateContent", "/v1beta/v1beta/models/m:generateContent",
			"/gemini/v1beta/models/x/a/b:generateContent", "/v1beta/models/x%2Fa%2Fb:generateContent", "/v1beta/models/m%3AgenerateContent", "/v1beta/models/qwen3:latest:generateContent",
		},
		"ollama": {"/api/chat", "/api/chat/", "//api/chat", "/v1/api/chat", "/ollama/api/chat"},
	} {
		for _, path := range paths {
			body := map[string]string{
				"gemini": `{"contents":[{"role":"user","parts":[{"text":"x"}]}]}`, "ollama": `{"model":"m","messages":[{"role":"user","content":"x"}],"stream":false}`,
			}[want]
			if body == "" {
				body = ask
			}
			resp, got := call(t, srv, "POST", path, body, "X-Api-Key", key)
			if !strings.Contains(got, "reached with") || shape(got) != want {
				t.Errorf("%s: got %d %s", path, resp.StatusCode, got)
			}
		}
	}
	for _, path := range []string{"/v1/nothing/chat/completions", "/v2/chat/completions", "/secret/v1/messages", "/v1/chat", "/completions"} {
		if resp, got := call(t, srv, "POST", path, ask, "X-Api-Key", key); resp.StatusCode != 404 || strings.Contains(got, "reached with") {
			t.Errorf("%s: got %d %s", path, resp.StatusCode, got)
		}
	}
}

func TestB63_TheQueryHasAKeyForGoogleAlone(t *testing.T) {
	srv := everything(t, strict())
	const question = `{"contents":[{"parts":[{"text":"x"}]}]}`
	for _, path := range []string{"/v1beta/models/m:generateContent?key=" + key, "/v1/models/m:generateContent?alt=json&key=" + key, "/models/m:generateContent?key=" + key} {
		if resp, body := call(t, srv, "POST", path, question); resp.StatusCode != 404 || !strings.Contains(body, "reached") || strings.Contains(body, key) {
			t.Errorf("%s: got %d %s", path, resp.StatusCode, body)
		}
	}
	for _, path := range []string{"/v1/messages?key=" + key, "/v1/chat/completions?key=" + key, "/api/chat?key=" + key} {
		if resp, body := call(t, srv, "POST", path, ask); resp.StatusCode != 401 {
			t.Errorf("%s: got %d %s", path, resp.StatusCode, body)
		}
	}
	if resp, _ := call(t, srv, "POST", "/v1/chat/completions?key="+key, ask, "X-Goog-Api-Client", "x"); resp.StatusCode != 401 {
		t.Errorf("a header opened the query of another protocol: %d", resp.StatusCode)
	}
	if resp, body := call(t, srv, "POST", "/v1beta/models/m:generateContent?key=wrong", question); resp.StatusCode != 401 || strings.Contains(body, "wrong") {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
	// One header has a placeholder, another the key.
	for _, h := range [][]string{{"Authorization", "Bearer none", "X-Api-Key", key}, {"X-Api-Key", "none", "Authorization", "bearer " + key}, {"Authorization", "Bearer", "Api-Key", key}} {
		if resp, body := call(t, srv, "POST", "/v1/messages", ask, h...); resp.StatusCode != 404 {
			t.Errorf("%v: got %d %s", h, resp.StatusCode, body)
		}
	}
}

func TestB47b_OllamaWithoutAKeyIsAChoice(t *testing.T) {
	const question = `{"model":"m","messages":[{"role":"user","content":"x"}]}`
	closed, open := everything(t, strict()), strict()
	open.OllamaOpen = true
	opened := everything(t, open)
	if resp, body := call(t, closed, "POST", "/api/chat", question); resp.StatusCode != 401 {
		t.Errorf("closed: got %d %s", resp.StatusCode, body)
	}
	for _, c := range []struct {
		path   string
		header []string
		want   int
	}{
		{"/api/chat", nil, 404},
		{"/api/chat", []string{"Authorization", "Bearer ollama"}, 404},
		{"/v1/chat/completions", nil, 401},
		{"/v1/messages", nil, 401},
		{"/ollama/v1/chat/completions", nil, 401},
		{"/api/chat/../../v1/chat/completions", nil, 401},
		{"/api/tags/../../v1/messages", nil, 401},
		{"/api/chat", []string{"Origin", "https://evil.example"}, 403},
		{"/api/chat", []string{"Host", "evil.example"}, 403},
	} {
		if resp, body := call(t, opened, "POST", c.path, question, c.header...); resp.StatusCode != c.want {
			t.Errorf("%s %v: got %d %s, want %d", c.path, c.header, resp.StatusCode, body, c.want)
		}
	}
	// A client of another machine needs its key all the same.
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/chat", strings.NewReader(question))
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "192.168.1.7:5000"
	opened.Config.Handler.ServeHTTP(w, r)
	if w.Code != 401 {
		t.Errorf("from the network: got %d %s", w.Code, w.Body)
	}
}

func TestRoot_GreetsEachClientInItsWords(t *testing.T) {
	srv := everything(t, strict())
	admin := everything(t, strict(), func(o *httpapi.ProxyOptions) {
		o.Admin = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "pages "+r.URL.Path) })
	})
	other := everything(t, strict(), func(o *httpapi.ProxyOptions) { o.Ollama = true })
	agent := []string{"User-Agent", "ollama/0.17.4 (amd64 linux) Go/go1.26"}
	for _, c := range []struct {
		srv    *httptest.Server
		header []string
		want   string
	}{
		{srv, nil, "OpenAICompatible is running"},
		{srv, agent, "Ollama is running"},
		{other, nil, "Ollama is running"},
		{admin, nil, "pages /"},
		{admin, agent, "Ollama is running"},
	} {
		if resp, body := call(t, c.srv, "GET", "/", "", c.header...); resp.StatusCode != 200 || !strings.HasPrefix(body, c.want) {
			t.Errorf("%v: got %d %q, want %q", c.header, resp.StatusCode, body, c.want)
		}
		if resp, body := call(t, c.srv, "HEAD", "/", "", c.header...); resp.StatusCode != 200 || body != "" {
			t.Errorf("HEAD %v: got %d %q", c.header, resp.StatusCode, body)
		}
	}
	// The admin API keeps its paths below /api.
	for _, path := range []string{"/api/accounts", "/api/models", "/api/models/x"} {
		if _, body := call(t, admin, "GET", path, ""); body != "pages "+path {
			t.Errorf("%s: got %q", path, body)
		}
	}
	if resp, body := call(t, admin, "GET", "/api/v1/models", ""); resp.StatusCode != 401 {
		t.Errorf("B45: got %d %q", resp.StatusCode, body)
	}
	if resp, body := call(t, admin, "GET", "/api/tags", ""); resp.StatusCode != 401 || shape(body) != "ollama" {
		t.Errorf("got %d %q", resp.StatusCode, body)
	}
}

func TestEndpoint_OnePathForSeveralMethods(t *testing.T) {
	srv := everything(t, strict())
	for method, want := range map[string]string{"GET": "got /v1/things/a/b", "DELETE": "deleted /v1/things/a/b"} {
		if resp, body := call(t, srv, method, "/v1/things/a/b", "", "Api-Key", key); resp.StatusCode != 200 || body != want {
			t.Errorf("%s: got %d %q", method, resp.StatusCode, body)
		}
	}
	resp, _ := call(t, srv, "POST", "/v1/things/a", "", "Api-Key", key)
	if allow := resp.Header.Get("Allow"); resp.StatusCode != 405 || allow != "GET, DELETE, OPTIONS" {
		t.Errorf("got %d %q", resp.StatusCode, allow)
	}
	for _, path := range []string{"/v1/messages", "/v1/things/a", "/api/chat", "/v1/models", "/v1beta/models/m:generateContent"} {
		if resp, _ := call(t, srv, "OPTIONS", path, ""); resp.StatusCode != 204 || !strings.Contains(resp.Header.Get("Allow"), "OPTIONS") {
			t.Errorf("OPTIONS %s: got %d %v", path, resp.StatusCode, resp.Header)
		}
	}
}

func TestB47_DeflateWithItsFrameAndWithout(t *testing.T) {
	srv := everything(t, strict())
	var framed, bare bytes.Buffer
	z := zlib.NewWriter(&framed)
	f, err := flate.NewWriter(&bare, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.WriteCloser{z, f} {
		_, _ = io.WriteString(w, ask)
		_ = w.Close()
	}
	for name, body := range map[string]string{"framed": framed.String(), "bare": bare.String()} {
		if resp, got := call(t, srv, "POST", "/v1/messages", body, "Api-Key", key, "Content-Encoding", "deflate"); resp.StatusCode != 404 || !strings.Contains(got, "reached with m") {
			t.Errorf("%s: got %d %s", name, resp.StatusCode, got)
		}
	}
	if resp, got := call(t, srv, "POST", "/v1/messages", "x", "Api-Key", key, "Content-Encoding", "gzip, gzip, gzip"); resp.StatusCode != 400 {
		t.Errorf("three times: got %d %s", resp.StatusCode, got)
	}
}
