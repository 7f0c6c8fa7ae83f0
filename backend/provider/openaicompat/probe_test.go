package openaicompat_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/openaicompat"
)

// probe asks whether an account works, and what was asked of the service.
func probe(t *testing.T, a *account.Account, f *fake.OpenAI) (provider.Finding, *llm.Error, []string) {
	t.Helper()
	finding, err := openaicompat.New().Probe(t.Context(), a)
	var asked []string
	if f != nil {
		for _, r := range f.Received() {
			asked = append(asked, r.Method+" "+r.Path)
		}
	}
	if err == nil {
		return finding, nil, asked
	}
	return finding, llm.AsError(err), asked
}

func TestB12_AKeyIsProvenByARealCall(t *testing.T) {
	const key = "test-key"
	for _, kind := range known(t) {
		f := fake.NewOpenAI(fake.Options{Key: key, As: kind})
		s := httptest.NewServer(f)
		defer s.Close()
		if finding, err, asked := probe(t, of(kind, key, at(t, kind, s.URL)), f); err != nil || finding.Link != "" {
			t.Errorf("%s: a good key: %v after %v", kind, err, asked)
		}
		finding, err, asked := probe(t, of(kind, "wrong-key", at(t, kind, s.URL)), f)
		if err == nil || err.Kind != llm.KindAuth || strings.Contains(err.Message, "wrong-key") {
			t.Errorf("%s: a wrong key: %v after %v", kind, err, asked)
			continue
		}
		page := openaicompat.New().Info().Way(kind).KeyPage
		if finding.Link != page || !strings.Contains(err.Message, page) {
			t.Errorf("%s: a wrong key says %q with the link %q, want the page %s", kind, err.Message, finding.Link, page)
		}
	}
}

func TestProbe_NamesTheRegionOfAWrongKey(t *testing.T) {
	for _, c := range []struct{ kind, region, host, page string }{
		{"moonshot", "china", "api.moonshot.cn", "platform.moonshot.cn"},
		{"moonshot", "international", "api.moonshot.ai", "platform.moonshot.ai"},
		{"minimax", "international", "api.minimax.io", "platform.minimax.io"},
		{"siliconflow", "international", "api.siliconflow.com", "cloud.siliconflow.com"},
		{"zhipu", "international", "api.z.ai", "z.ai/manage-apikey"},
	} {
		a := of(c.kind, "mine", map[string]string{"region": c.region})
		a.HTTP = &http.Client{Transport: refusing{}}
		finding, err, _ := probe(t, a, nil)
		if err == nil || err.Kind != llm.KindAuth || !strings.Contains(err.Message, c.host) || !strings.Contains(err.Message, "region") || !strings.Contains(finding.Link, c.page) {
			t.Errorf("%s %s: got %v and the link %s", c.kind, c.region, err, finding.Link)
		}
	}
}

// refusing knows no key, and has no list for those that are not asked for one.
type refusing struct{}

func (refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	http.Error(w, `{"error":{"message":"no such key"}}`, http.StatusUnauthorized)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// answers is a service whose models and chats are fixed.
func answers(t *testing.T, models, chat http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", models)
	mux.HandleFunc("POST /v1/chat/completions", chat)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func fixed(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// echo repeats the caller's key under a status of success.
func echo(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, `{"error":{"code":401,"message":"wrong: %s"}}`, r.Header.Get("Authorization"))
}

func TestB12_WithoutAListTheShortestChatDecides(t *testing.T) {
	const usedUp = `{"choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"length"}]}`
	for name, c := range map[string]struct {
		models http.HandlerFunc
		chat   http.HandlerFunc
		want   llm.Kind
		says   string
	}{
		"works":              {fixed(404, ""), fixed(200, `{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}`), 0, ""},
		"thinks":             {fixed(405, ""), fixed(200, usedUp), 0, ""},
		"is busy":            {fixed(404, ""), fixed(429, `{"error":{"message":"slow down"}}`), 0, ""},
		"wrong key":          {fixed(404, ""), fixed(401, `{"error":{"message":"no such key"}}`), llm.KindAuth, "no such key"},
		"no money":           {fixed(404, ""), fixed(402, `{"error":{"message":"no balance"}}`), llm.KindQuota, "no balance"},
		"error inside 200":   {fixed(404, ""), fixed(200, `{"error":{"message":"no such key","code":401}}`), llm.KindAuth, "no such key"},
		"no such model":      {fixed(404, ""), fixed(404, `{"error":{"message":"no such model"}}`), llm.KindNotFound, "no such model"},
		"key repeated":       {fixed(404, ""), echo, llm.KindAuth, "[the key]"},
		"sign-in page":       {fixed(200, "<html><title>Hotel</title></html>"), fixed(200, ""), llm.KindProtocol, "web page"},
		"page only for chat": {fixed(404, ""), fixed(200, "<html>"), llm.KindProtocol, "HTML page"},
		"broken list":        {fixed(500, `{"error":{"message":"down"}}`), fixed(200, ""), llm.KindTransient, "down"},
		"empty chat":         {fixed(404, ""), fixed(200, ""), llm.KindProtocol, "instead|broke off"},
	} {
		a := of("custom", "key-of-mine", map[string]string{"baseUrl": answers(t, c.models, c.chat)})
		a.Models = []string{"m"}
		_, err, _ := probe(t, a, nil)
		switch {
		case err != nil && strings.Contains(err.Message, "key-of-mine"):
			t.Errorf("%s: the key is in %q", name, err.Message)
		case c.says == "" && err != nil:
			t.Errorf("%s: got %v", name, err)
		case c.says != "" && (err == nil || err.Kind != c.want || !slices.ContainsFunc(strings.Split(c.says, "|"), func(s string) bool { return strings.Contains(err.Message, s) })):
			t.Errorf("%s: got %+v, want %v that says %q", name, err, c.want, c.says)
		}
	}
}

func TestProbe_ListsNothingAndNothingIsListedByHand(t *testing.T) {
	_, err, _ := probe(t, of("custom", "k", map[string]string{"baseUrl": answers(t, fixed(404, ""), fixed(200, ""))}), nil)
	if err == nil || !strings.Contains(err.Message, "by hand") {
		t.Errorf("got %v", err)
	}
	_, err, _ = probe(t, of("ollama", "", map[string]string{"baseUrl": answers(t, fixed(200, `{"object":"list","data":null}`), fixed(200, ""))}), nil)
	if err == nil || err.Kind != llm.KindNotFound || !strings.Contains(err.Message, "Ollama runs") {
		t.Errorf("an Ollama without a model: got %v", err)
	}
}

func TestProbe_AServerThatDoesNotRunIsToBeStarted(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for kind, says := range map[string]string{"ollama": "start Ollama", "lmstudio": "LM Studio", "llamacpp": "llama-server", "vllm": "vllm serve", "custom": "could not reach"} {
		_, err, _ := probe(t, of(kind, "", map[string]string{"baseUrl": closed.URL}), nil)
		if err == nil || err.Kind != llm.KindNetwork || !strings.Contains(err.Message, says) || !strings.Contains(err.Message, closed.Listener.Addr().String()) {
			t.Errorf("%s: got %v", kind, err)
		}
	}
}

func TestModels_OfAPresetAreWhatChats(t *testing.T) {
	list := `{"data":[{"id":"gpt-4o"},{"id":"o3"},{"id":"whisper-1"},{"id":"gpt-4o-transcribe"},{"id":"text-embedding-3-small"},{"id":"told","capabilities":{"vision":true}}]}`
	models := func(kind string, h http.HandlerFunc) []llm.Model {
		got, err := openaicompat.New().Models(t.Context(), of(kind, "k", map[string]string{"baseUrl": answers(t, h, fixed(200, ""))}))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		return got
	}
	if diff := cmp.Diff([]llm.Model{
		{ID: "gpt-4o", Can: llm.Capabilities{Tools: true, Vision: true}},
		{ID: "o3", Can: llm.Capabilities{Tools: true, Vision: true, Reasoning: true}},
		{ID: "text-embedding-3-small", Can: llm.Capabilities{Embeddings: true}},
		{ID: "told", Can: llm.Capabilities{Vision: true}},
	}, models("openai", fixed(200, list))); diff != "" {
		t.Errorf("OpenAI's models differ (-want +got):\n%s", diff)
	}
	ids := func(list []llm.Model) (out []string) {
		for _, m := range list {
			out = append(out, m.ID)
		}
		return out
	}
	if got := ids(models("zhipu", fixed(200, `{"data":[{"id":"glm-4.7"}]}`))); !slices.Equal(got, []string{"glm-4.7", "codegeex-4"}) {
		t.Errorf("Zhipu's models are %v", got)
	}
	for _, kind := range []string{"zhipu", "minimax"} {
		if got := models(kind, fixed(404, "")); len(got) < 4 || !got[0].Can.Tools {
			t.Errorf("without a list %s has %v", kind, got)
		}
	}
	fim := func(kind string) bool {
		for _, m := range models(kind, fixed(200, `{"data":[{"id":"deepseek-chat"},{"id":"codestral-latest"}]}`)) {
			if m.Can.FIM {
				return true
			}
		}
		return false
	}
	if !fim("deepseek") || !fim("mistral") || fim("moonshot") {
		t.Error("code completion is not told where it is, or where it is not")
	}
}
