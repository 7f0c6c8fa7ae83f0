package fake_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

const hi = `"messages":[{"role":"user","content":"hi"}]`

// post sends a body to a stand-in and returns what it answered.
func post(t *testing.T, f *fake.OpenAI, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/chat/completions", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

func TestOpenAI_ReplaysVectorsByteForByte(t *testing.T) {
	f := fake.NewOpenAI(fake.Options{})
	w := post(t, f, `{"model":"quirks",`+hi+`,"stream":true,"stream_options":{"include_usage":true}}`)
	if got := w.Body.String(); got != string(fake.Vector("openai/openai_stream_quirks.sse")) {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(w.Body.String(), "\r\n") {
		t.Error("the recording has lost its line ends")
	}
}

func TestOpenAI_UsageOnlyForThoseWhoAsked(t *testing.T) {
	w := post(t, fake.NewOpenAI(fake.Options{}), `{"model":"usage",`+hi+`,"stream":true}`)
	if got := w.Body.String(); strings.Contains(got, `"prompt_tokens"`) || !strings.Contains(got, "[DONE]") {
		t.Errorf("got %s", got)
	}
}

func TestOpenAI_FoldsStreamsForOthers(t *testing.T) {
	for model, want := range map[string][]string{
		"usage":          {`"content":"Hello"`, `"total_tokens":11`, `"finish_reason":"stop"`},
		"reasoning":      {`"content":"a + b"`, `"reasoning_content":"First, add."`},
		"parallel-tools": {`"arguments":"{\"path\": \"a.go\"}"`, `"id":"call_ds_b"`, `"finish_reason":"tool_calls"`},
		"broken-index":   {`"id":"call_1"`, `"id":"call_2"`},
		"error-inband":   {`"error":{`},
		"anything":       {`"content":"Hello"`},
	} {
		w := post(t, fake.NewOpenAI(fake.Options{}), `{"model":"`+model+`",`+hi+`}`)
		for _, s := range want {
			if !strings.Contains(w.Body.String(), s) || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: no %s in %s", model, s, w.Body)
			}
		}
	}
}

func TestOpenAI_Converses(t *testing.T) {
	const tools = `,"tools":[{"type":"function","function":{"name":"get_weather"}}]`
	for body, want := range map[string]string{
		`{"model":"m",` + hi + tools + `}`:                                                                                                                 `"name":"get_weather"`,
		`{"model":"m","messages":[{"role":"user","content":"PAR"}]` + tools + `}`:                                                                          `call_ds_b`,
		`{"model":"m",` + hi + `,"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{}}}}`:                                         `{\"city\":\"Paris\",\"celsius\":18}`,
		`{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}]}`:                     `I see 1 image.`,
		`{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a"}]},{"role":"tool","tool_call_id":"a","content":"18 degrees"}]` + tools + `}`: `The tool said: 18 degrees`,
	} {
		if w := post(t, fake.NewOpenAI(fake.Options{}), body); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s\n got %d %s\nwant %s", body, w.Code, w.Body, want)
		}
	}
}

func TestOpenAI_RefusesWhatTheServiceWould(t *testing.T) {
	const called = `{"role":"assistant","tool_calls":[{"id":"a"}]}`
	for _, c := range []struct {
		body   string
		header []string
		says   string
	}{
		{`{"model":"m",`, nil, "could not parse"},
		{"{\"model\":\"\xff\"," + hi + "}", nil, "could not parse"},
		{`[1]`, nil, "must be a JSON object"},
		{`{"model":"m",` + hi + `}`, []string{"Content-Type", "text/plain"}, "Content-Type"},
		{`{` + hi + `}`, nil, "model parameter"},
		{`{"model":"m","model":"n",` + hi + `}`, nil, "there twice"},
		{`{"model":"m",` + hi + `,"cache_control":1}`, nil, "Unrecognized request argument supplied: cache_control"},
		{`{"model":"m",` + hi + `,"stream_options":{}}`, nil, "only allowed when 'stream'"},
		{`{"model":"m",` + hi + `,"stream":"yes"}`, nil, "must be a boolean"},
		{`{"model":"m",` + hi + `,"max_tokens":1,"max_completion_tokens":1}`, nil, "at the same time"},
		{`{"model":"m",` + hi + `,"temperature":"hot"}`, nil, "temperature"},
		{`{"model":"m",` + hi + `,"top_p":2}`, nil, "top_p"},
		{`{"model":"m","messages":[]}`, nil, "empty array"},
		{`{"model":"m","messages":[{"role":"model","content":""}]}`, nil, "'model'"},
		{`{"model":"m","messages":[{"role":"user","content":null}]}`, nil, "Missing content"},
		{`{"model":"m","messages":[{"role":"assistant","content":null}]}`, nil, "expected a string"},
		{`{"model":"m","messages":[{"role":"tool","tool_call_id":"a","content":""}]}`, nil, "must be a response"},
		{`{"model":"m","messages":[` + called + `,{"role":"user","content":"x"}]}`, nil, "must be followed"},
		{`{"model":"m","messages":[` + called + `]}`, nil, "have no result"},
		{`{"model":"m","messages":[{"role":"user","content":[{"type":"image"}]}]}`, nil, "content part"},
		{`{"model":"m",` + hi + `,"tools":[{"type":"function","function":{"name":"a b"}}]}`, nil, "a b"},
		{`{"model":"m",` + hi + `,"tools":[{"type":"web"}]}`, nil, "'web'"},
		{`{"model":"m",` + hi + `,"tool_choice":"auto"}`, nil, "only allowed when 'tools'"},
		{`{"model":"m",` + hi + `,"parallel_tool_calls":true}`, nil, "only allowed when 'tools'"},
		{`{"model":"m",` + hi + `,"response_format":{"type":"json_schema","json_schema":{"schema":{}}}}`, nil, "json_schema.name"},
	} {
		f := fake.NewOpenAI(fake.Options{Strict: true})
		w := post(t, f, c.body, c.header...)
		got := f.Received()
		if w.Code != 400 || !strings.Contains(w.Body.String(), c.says) || len(got) != 1 || !strings.Contains(got[0].Refused, c.says) {
			t.Errorf("%s\n got %d %s\nwant 400 that says %q", c.body, w.Code, w.Body, c.says)
		}
	}
}

func TestOpenAI_KeysAndPaths(t *testing.T) {
	f := fake.NewOpenAI(fake.Options{Key: "sk-1"})
	const body = `{"model":"m",` + hi + `}`
	for _, c := range []struct {
		method, path, key string
		want              int
	}{
		{"POST", "/v1/chat/completions", "Bearer sk-1", 200},
		{"POST", "/chat/completions", "Bearer sk-1", 200},
		{"POST", "/v1/chat/completions", "Bearer sk-2", 401},
		{"POST", "/v1/chat/completions", "", 401},
		{"GET", "/v1/models", "Bearer sk-1", 200},
		{"POST", "/v1/models", "Bearer sk-1", 405},
		{"POST", "/v1/v1/chat/completions", "Bearer sk-1", 404},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(body))
		r.Header.Set("Authorization", c.key)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s %s with %q: %d, want %d", c.method, c.path, c.key, w.Code, c.want)
		}
	}
}

func TestOpenAI_Gzip(t *testing.T) {
	for _, stream := range []string{"true", "false"} {
		w := post(t, fake.NewOpenAI(fake.Options{}), `{"model":"gzip",`+hi+`,"stream":`+stream+`}`, "Accept-Encoding", "gzip")
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if err != nil || !strings.Contains(string(got), "lo") {
			t.Errorf("stream %s: %v, %s", stream, err, got)
		}
	}
}

func TestOpenAI_ErrorsByName(t *testing.T) {
	for model, want := range map[string]int{"error-401": 401, "error-429": 429, "error-500": 500, "case-error_html": 502, "case-empty_body_503": 503, "html": 200} {
		w := post(t, fake.NewOpenAI(fake.Options{}), `{"model":"`+model+`",`+hi+`}`)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", model, w.Code, want)
		}
		if model == "error-429" && w.Header().Get("Retry-After") != "7" {
			t.Error("error-429 has no Retry-After")
		}
	}
}

func TestOpenAI_KnowsThatTheCallerLeft(t *testing.T) {
	f := fake.NewOpenAI(fake.Options{})
	s := httptest.NewServer(f)
	defer s.Close()
	for i, model := range []string{"hang", "silent", "long"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v1/chat/completions", strings.NewReader(`{"model":"`+model+`",`+hi+`,"stream":true}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		done := make(chan struct{})
		go func() {
			defer close(done)
			if resp, err := s.Client().Do(r); err == nil {
				_, _ = resp.Body.Read(make([]byte, 1))
				_ = resp.Body.Close()
			}
		}()
		got := f.Await(t.Context().Done(), i+1)
		if model == "silent" {
			s.CloseClientConnections()
		}
		<-done
		<-got.Ended
		select {
		case <-got.Left:
		default:
			t.Errorf("%s: ended without seeing the hang-up", model)
		}
	}
}
