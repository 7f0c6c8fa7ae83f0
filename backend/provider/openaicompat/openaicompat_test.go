package openaicompat_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/openaicompat"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/providertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestProvider_PassesTheSuite(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Provider: openaicompat.New(),
		Service:  fake.NewOpenAI(fake.Options{Key: providertest.Canary}),
		Settings: func(base string) map[string]string { return map[string]string{"baseUrl": base} },
		Model:    "usage",
		Body:     `{"model":"usage","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}`,
	})
}

// signIn is an account at base with a key; "" is none.
func signIn(base, key string) *account.Account {
	return account.New(account.Account{
		ID: 1, Provider: "openaicompat", Name: "mine", Enabled: true,
		Settings: map[string]string{"baseUrl": base}, HTTP: &http.Client{},
	}, func(context.Context) (account.Secret, error) { return account.NewSecret(key), nil })
}

func chat(t *testing.T, a *account.Account, c provider.Call) *http.Request {
	t.Helper()
	r, err := openaicompat.Provider{Version: "1.2.3"}.NewRequest(t.Context(), a, c)
	if err != nil {
		t.Fatalf("NewRequest: %v", err)
	}
	return r
}

func TestB45_BaseURLIsTakenAsItIsTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"https://api.example.com":                            "https://api.example.com/v1/chat/completions",
		"https://api.example.com/":                           "https://api.example.com/v1/chat/completions",
		"https://api.example.com/v1":                         "https://api.example.com/v1/chat/completions",
		"\thttps://api.example.com/v1/\n":                    "https://api.example.com/v1/chat/completions",
		"https://api.example.com/v1//":                       "https://api.example.com/v1/chat/completions",
		"https://api.example.com/v1/v1":                      "https://api.example.com/v1/chat/completions",
		"https://api.example.com/v1/chat/completions":        "https://api.example.com/v1/chat/completions",
		"https://api.example.com/v1/chat/completions/":       "https://api.example.com/v1/chat/completions",
		"https://api.example.com/v1/models":                  "https://api.example.com/v1/chat/completions",
		"https://api.example.com/api/v3":                     "https://api.example.com/api/v3/chat/completions",
		"https://api.example.com/compatible-mode/v1":         "https://api.example.com/compatible-mode/v1/chat/completions",
		"https://api.example.com/openai?api-version=2026-01": "https://api.example.com/openai/chat/completions?api-version=2026-01",
		"https://api.example.com/v1#top":                     "https://api.example.com/v1/chat/completions",
		"api.example.com/v1":                                 "https://api.example.com/v1/chat/completions",
		"localhost:11434":                                    "http://localhost:11434/v1/chat/completions",
		"192.168.1.5:8000/v1":                                "http://192.168.1.5:8000/v1/chat/completions",
		"[::1]:8000":                                         "http://[::1]:8000/v1/chat/completions",
		"HTTP://Host.Example/v1":                             "http://Host.Example/v1/chat/completions",
	} {
		if got := chat(t, signIn(typed, ""), provider.Call{Body: []byte(`{}`)}).URL.String(); got != want {
			t.Errorf("%q\n got %s\nwant %s", typed, got, want)
		}
	}
}

func TestBaseURL_WrongOnesAreExplained(t *testing.T) {
	for typed, says := range map[string]string{
		"": "missing", "   ": "missing", "https://": "cannot be read", "ftp://x/v1": "https://", "https://user:pa55word@x/v1": "own field",
		"https://%zz": "cannot be read", "https://:80": "cannot be read", "file:///etc/passwd": "cannot be read",
	} {
		_, err := openaicompat.New().NewRequest(t.Context(), signIn(typed, ""), provider.Call{})
		var e *llm.Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, says) || e.Param != "baseUrl" || strings.Contains(e.Message, "pa55word") {
			t.Errorf("%q: got %v, want one that says %q", typed, err, says)
		}
	}
}

func TestNewRequest_Headers(t *testing.T) {
	for _, c := range []struct {
		name, key string
		stream    bool
		want      http.Header
	}{
		{"key and stream", "sk-1", true, http.Header{
			"Accept": {"text/event-stream"}, "Authorization": {"Bearer sk-1"}, "Content-Type": {"application/json"}, "User-Agent": {"OpenAICompatible/1.2.3"},
		}},
		{"a pasted key with its line end", " sk-1\n", false, http.Header{
			"Accept": {"application/json"}, "Authorization": {"Bearer sk-1"}, "Content-Type": {"application/json"}, "User-Agent": {"OpenAICompatible/1.2.3"},
		}},
		{"no key", "", false, http.Header{
			"Accept": {"application/json"}, "Content-Type": {"application/json"}, "User-Agent": {"OpenAICompatible/1.2.3"},
		}},
	} {
		r := chat(t, signIn("http://127.0.0.1:1", c.key), provider.Call{Body: []byte(`{}`), Stream: c.stream})
		if diff := cmp.Diff(c.want, r.Header); diff != "" {
			t.Errorf("%s: headers differ (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestNewRequest_AKeyThatCannotBeSent(t *testing.T) {
	for _, key := range []string{"sk 1", "sk-1\r\nX-Evil: 1", "sk-中文", "sk-\x00"} {
		_, err := openaicompat.New().NewRequest(t.Context(), signIn("http://127.0.0.1:1", key), provider.Call{})
		var e *llm.Error
		if !errors.As(err, &e) || e.Kind != llm.KindAuth || strings.Contains(e.Message, key) {
			t.Errorf("%q: got %v", key, err)
		}
	}
}

func TestNewRequest_PathsOfOperations(t *testing.T) {
	for op, want := range map[dialect.Operation]string{dialect.Chat: "/v1/chat/completions", dialect.Embed: "/v1/embeddings", dialect.Complete: "/v1/completions"} {
		if got := chat(t, signIn("http://127.0.0.1:1", ""), provider.Call{Operation: op}).URL.Path; got != want {
			t.Errorf("operation %d goes to %s, want %s", op, got, want)
		}
	}
}

func TestModels_ShapesThatAreAbout(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []llm.Model
	}{
		"OpenAI": {
			`{"object":"list","data":[{"id":"a","object":"model","created":1760000000,"owned_by":"x"},{"id":"b"},{"id":"a"},{"id":""}]}`,
			[]llm.Model{{ID: "a", OwnedBy: "x", Created: 1760000000}, {ID: "b"}},
		},
		"BareArray":    {`[{"id":"a","context_length":4096,"display_name":"A"}]`, []llm.Model{{ID: "a", Name: "A", ContextTokens: 4096}}},
		"Ollama":       {`{"models":[{"name":"q:7b","model":"q:7b"}]}`, []llm.Model{{ID: "q:7b"}}},
		"Strings":      {`{"data":["a","b"]}`, []llm.Model{{ID: "a"}, {ID: "b"}}},
		"Nested":       {`{"data":{"models":[{"id":"a"}]}}`, []llm.Model{{ID: "a"}}},
		"Null":         {`{"object":"list","data":null}`, []llm.Model{}},
		"Empty":        {`{"data":[]}`, []llm.Model{}},
		"WrongTypes":   {`{"data":[{"id":7},{"id":"a","created":"soon","owned_by":3},null,5]}`, []llm.Model{{ID: "a"}}},
		"OpenRouter":   {`{"data":[{"id":"a","name":"A","context_length":9,"top_provider":{"max_completion_tokens":4},"architecture":{"input_modalities":["text","image"]},"supported_parameters":["tools","reasoning"]}]}`, []llm.Model{{ID: "a", Name: "A", ContextTokens: 9, OutputTokens: 4, Can: llm.Capabilities{Tools: true, Vision: true, Reasoning: true}}}},
		"Mistral":      {`{"data":[{"id":"a","capabilities":{"function_calling":true,"completion_fim":true,"vision":false}}]}`, []llm.Model{{ID: "a", Can: llm.Capabilities{Tools: true, FIM: true}}}},
		"LMStudioEmbd": {`{"data":[{"id":"a","type":"embeddings","max_context_length":8}]}`, []llm.Model{{ID: "a", ContextTokens: 8, Can: llm.Capabilities{Embeddings: true}}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/models" {
					http.NotFound(w, r)
					return
				}
				_, _ = io.WriteString(w, c.body)
			}))
			defer s.Close()
			a := signIn(s.URL, "")
			got, err := openaicompat.New().Models(t.Context(), a)
			a.HTTP.CloseIdleConnections()
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%v, differs (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestModels_ErrorsSayWhatToDo(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		says   []string
	}{
		{404, `404 page not found`, []string{"/v1/models", "404", "base URL", "by hand"}},
		{405, ``, []string{"405", "base URL"}},
		{200, `<html>`, []string{"is not a model list", "/v1"}},
		{401, `{"error":{"message":"Incorrect key"}}`, []string{"Incorrect key"}},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		}))
		a := signIn(s.URL, "sk-1")
		_, err := openaicompat.New().Models(t.Context(), a)
		a.HTTP.CloseIdleConnections()
		s.Close()
		if err == nil || slices.ContainsFunc(c.says, func(w string) bool { return !strings.Contains(err.Error(), w) }) {
			t.Errorf("status %d: got %v, want all of %q", c.status, err, c.says)
		}
	}
}

func TestModels_AServiceThatHangs(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer s.Close()
	_, err := openaicompat.Provider{ModelsTimeout: 20 * time.Millisecond}.Models(t.Context(), signIn(s.URL, ""))
	var e *llm.Error
	if !errors.As(err, &e) || e.Kind != llm.KindTimeout || !strings.Contains(e.Message, "in time") {
		t.Errorf("got %v, want a timeout", err)
	}
}

func TestModels_AHostThatIsNot(t *testing.T) {
	_, err := openaicompat.New().Models(t.Context(), signIn("http://no-such-host.invalid", ""))
	var e *llm.Error
	if !errors.As(err, &e) || e.Kind != llm.KindNetwork || !strings.Contains(e.Message, "no-such-host.invalid") {
		t.Errorf("got %v, want one that names the host", err)
	}
}

func TestQuirks_AreSwitchesOfTheAccount(t *testing.T) {
	body := `{"model":"m","messages":[{"role":"developer","content":"d"},{"role":"user","content":"u"}],"max_tokens":5,"seed":1,"stop":["a","b"],"stream":true,"stream_options":{"include_usage":true}}`
	for _, c := range []struct {
		settings map[string]string
		says     string
		without  string
	}{
		{map[string]string{"maxTokensField": "max_completion_tokens"}, `"max_completion_tokens":5`, `"max_tokens"`},
		{map[string]string{"maxTokensField": "nonsense", "stopLimit": "many"}, `"max_tokens":5`, `"max_completion_tokens"`},
		{map[string]string{"noDeveloperRole": "true"}, `"role":"system"`, `developer`},
		{map[string]string{"noStreamOptions": "true"}, `"stream":true`, `stream_options`},
		{map[string]string{"drop": "seed, model"}, `"model"`, `seed`},
		{map[string]string{"stopLimit": "1"}, `"a"`, `"b"`},
	} {
		a := account.New(account.Account{Settings: c.settings}, nil)
		carrier, ok := openaicompat.New().Dialect(a, "").(dialect.Carrier)
		if !ok {
			t.Fatal("the dialect carries nothing")
		}
		h, e := openaichat.Client{}.Head(httptest.NewRequest(http.MethodPost, "/v1/chat/completions", http.NoBody), []byte(body))
		if e != nil {
			t.Fatal(e)
		}
		got, _, e := carrier.CarryRequest(nil, []byte(body), h, "m")
		if e != nil || !strings.Contains(string(got), c.says) || strings.Contains(string(got), c.without) {
			t.Errorf("%v: %v\n%s", c.settings, e, got)
		}
	}
}
