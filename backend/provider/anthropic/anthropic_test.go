package anthropic_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/providertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "test-key"

func TestProvider_PassesTheSuite(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Provider: anthropic.Provider{},
		Service:  fake.NewAnthropic(fake.Options{Key: providertest.Canary}),
		Settings: func(base string) map[string]string { return map[string]string{"baseUrl": base} },
		Model:    "claude-haiku-4-5",
		Body:     `{"model":"claude-haiku-4-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}],"stream":true}`,
	})
}

func service(t *testing.T, settings map[string]string) (*fake.Anthropic, *account.Account) {
	t.Helper()
	f := fake.NewAnthropic(fake.Options{Key: key})
	return f, signIn(t, f, settings)
}

func signIn(t *testing.T, h http.Handler, settings map[string]string) *account.Account {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	all := map[string]string{"baseUrl": s.URL}
	for k, v := range settings {
		all[k] = strings.ReplaceAll(v, "BASE", s.URL)
	}
	return account.New(account.Account{ID: 1, Name: "mine", Settings: all, HTTP: s.Client()},
		func(context.Context) (account.Secret, error) { return account.NewSecret(key), nil })
}

func TestNewRequest_Headers(t *testing.T) {
	call := provider.Call{Body: []byte(`{}`), Stream: true}
	for name, c := range map[string]struct {
		settings map[string]string
		want     http.Header
	}{
		"a key": {map[string]string{"beta": " a-2026-01-01, b ;c\n"}, http.Header{
			"Accept": {"text/event-stream"}, "Anthropic-Version": {"2023-06-01"}, "Anthropic-Beta": {"a-2026-01-01,b,c"}, "Content-Type": {"application/json"},
			"User-Agent": {"OpenAICompatible/1.2.3"}, "X-Api-Key": {key},
		}},
		"another service": {map[string]string{"kind": "custom", "keyHeader": "authorization"}, http.Header{
			"Accept": {"text/event-stream"}, "Anthropic-Version": {"2023-06-01"}, "Content-Type": {"application/json"},
			"User-Agent": {"OpenAICompatible/1.2.3"}, "Authorization": {"Bearer " + key},
		}},
	} {
		_, a := service(t, c.settings)
		r, err := anthropic.Provider{Version: "1.2.3"}.NewRequest(t.Context(), a, call)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, r.Header); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestB40_PreviewsOfTheClientReachTheService(t *testing.T) {
	for _, c := range []struct{ setting, previews, want string }{
		{"", "", ""},
		{"", "context-management-2025-06-27, oauth-2025-04-20,effort-2025-11-24", "context-management-2025-06-27,effort-2025-11-24"},
		{"mine-1", "theirs-2,mine-1", "mine-1,theirs-2"},
		{"", "oauth-2025-04-20", ""},
	} {
		_, a := service(t, map[string]string{"beta": c.setting})
		r, err := anthropic.Provider{}.NewRequest(t.Context(), a, provider.Call{Body: []byte(`{}`), Previews: c.previews})
		if err != nil || r.Header.Get("Anthropic-Beta") != c.want {
			t.Errorf("%+v: got %q, %v", c, r.Header.Get("Anthropic-Beta"), err)
		}
	}
}

func TestB45_BaseURLIsTakenAsItIsTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"":                                       "https://api.anthropic.com/v1/messages",
		"api.anthropic.com":                      "https://api.anthropic.com/v1/messages",
		"https://api.anthropic.com/v1/":          "https://api.anthropic.com/v1/messages",
		"https://api.anthropic.com/v1/messages":  "https://api.anthropic.com/v1/messages",
		"https://open.bigmodel.cn/api/anthropic": "https://open.bigmodel.cn/api/anthropic/v1/messages",
		"localhost:8080":                         "http://localhost:8080/v1/messages",
		"127.0.0.1:8080/x/v1":                    "http://127.0.0.1:8080/x/v1/messages",
	} {
		a := account.New(account.Account{Settings: map[string]string{"baseUrl": typed}}, nil)
		r, err := anthropic.Provider{}.NewRequest(t.Context(), a, provider.Call{Body: []byte(`{}`)})
		if err != nil || r.URL.String() != want {
			t.Errorf("%q: got %v, %v, want %s", typed, r, err, want)
		}
	}
}

func TestNewRequest_SettingsThatCannotBeUsed(t *testing.T) {
	for _, c := range []struct {
		settings map[string]string
		param    string
	}{
		{map[string]string{"baseUrl": "ftp://x"}, "baseUrl"},
		{map[string]string{"baseUrl": "https://user:pa55@x"}, "baseUrl"},
		{map[string]string{"maxTokens": "many"}, "maxTokens"},
		{map[string]string{"maxTokens": "0"}, "maxTokens"},
		{map[string]string{"kind": "custom"}, "baseUrl"},
	} {
		a := account.New(account.Account{Name: "mine", Settings: c.settings}, nil)
		_, err := anthropic.Provider{}.NewRequest(t.Context(), a, provider.Call{})
		if e := llm.AsError(err); e == nil || e.Param != c.param || e.Kind == llm.KindInternal || strings.Contains(e.Message, "pa55") {
			t.Errorf("%v: got %+v", c.settings, e)
		}
	}
}

func TestModels_AllPagesWithWhatTheyCanDo(t *testing.T) {
	f, a := service(t, nil)
	list, err := anthropic.Provider{}.Models(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(f.Models()) || len(f.Received()) < 2 {
		t.Errorf("%d models of %d questions, want %d of several", len(list), len(f.Received()), len(f.Models()))
	}
	want := llm.Model{
		ID: "claude-opus-5-5", Name: "Test claude-opus-5-5", OwnedBy: "anthropic", Created: 1760000000, ContextTokens: 200000, OutputTokens: 64000,
		Can: llm.Capabilities{Tools: true, Vision: true, Reasoning: true},
	}
	if diff := cmp.Diff(want, list[0]); diff != "" {
		t.Error(diff)
	}
}

func TestModels_OfOtherServices(t *testing.T) {
	for body, want := range map[string][]string{
		`{"data":[{"id":"glm-4.7","object":"model","created":7},{"id":"glm-4.7"},{"id":""},{"id":"old","lifecycle":"retired"}]}`: {"glm-4.7"},
		`{"data":[],"has_more":true,"last_id":"x"}`:               {},
		`{"data":[{"id":"a"}],"has_more":true,"last_id":"again"}`: {"a"},
	} {
		a := signIn(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }), nil)
		list, err := anthropic.Provider{}.Models(t.Context(), a)
		got := []string{}
		for _, m := range list {
			got = append(got, m.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", body, err, diff)
		}
	}
}

func TestB12_ProbeMakesARealCall(t *testing.T) {
	_, a := service(t, nil)
	if _, err := (anthropic.Provider{}).Probe(t.Context(), a); err != nil {
		t.Error(err)
	}
	a = signIn(t, fake.NewAnthropic(fake.Options{Key: "other"}), nil)
	if _, err := (anthropic.Provider{}).Probe(t.Context(), a); llm.AsError(err) == nil || llm.AsError(err).Kind != llm.KindAuth || !strings.Contains(err.Error(), "enter one that is valid") {
		t.Errorf("a wrong key: %v", err)
	}
}

// without is a service that has no model list.
func without(f *fake.Anthropic) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			http.NotFound(w, r)
			return
		}
		f.ServeHTTP(w, r)
	})
}

func TestProbe_OfAServiceWithoutAModelList(t *testing.T) {
	for model, want := range map[string]llm.Kind{"test-model": 0, "error-402": llm.KindQuota, "page": llm.KindProtocol} {
		a := signIn(t, without(fake.NewAnthropic(fake.Options{Key: key})), nil)
		a.Models = []string{model}
		_, err := anthropic.Provider{}.Probe(t.Context(), a)
		if e := llm.AsError(err); want == 0 && e != nil || want != 0 && (e == nil || e.Kind != want) {
			t.Errorf("%s: got %v", model, err)
		}
	}
	a := signIn(t, without(fake.NewAnthropic(fake.Options{Key: key})), nil)
	if _, err := (anthropic.Provider{}).Probe(t.Context(), a); err == nil || !strings.Contains(err.Error(), "listed by hand") {
		t.Errorf("got %v", err)
	}
}

// ask sends a request as the relay does.
func ask(t *testing.T, a *account.Account, r *llm.Request, model string) (*llm.Reply, *llm.Error) {
	t.Helper()
	p := anthropic.Provider{}
	codec := p.Dialect(a, "")
	body, _, failed := codec.EncodeRequest(r, model)
	if failed != nil {
		return nil, failed
	}
	req, err := p.NewRequest(t.Context(), a, provider.Call{Operation: dialect.Chat, Model: model, Body: body, Stream: true})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := a.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(resp.Body)
		return nil, codec.DecodeError(resp.StatusCode, resp.Header, raw)
	}
	restorer, ok := codec.(dialect.Restorer)
	if !ok {
		t.Fatal("the codec gives no names back")
	}
	reply, err := llm.Collect(restorer.Restore(r, codec.DecodeReply(resp.Header.Get("Content-Type"), resp.Body)))
	return reply, llm.AsError(err)
}

func hello() *llm.Request {
	return &llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "x"}}}}}
}

func TestChat_AnswersAndRefusals(t *testing.T) {
	for model, want := range map[string]llm.Kind{
		"claude-opus-5-5": 0, "whole": 0, "cut": llm.KindProtocol, "page": llm.KindProtocol, "refusal": llm.KindContent, "error-400": llm.KindBadRequest, "error-402": llm.KindQuota,
		"error-403": llm.KindForbidden, "error-404": llm.KindNotFound, "error-413": llm.KindTooLarge, "error-429": llm.KindRate, "error-500": llm.KindTransient,
		"error-529": llm.KindOverloaded, "case-stream_error_midway": llm.KindOverloaded,
	} {
		_, a := service(t, nil)
		reply, err := ask(t, a, hello(), model)
		if want == 0 && (err != nil || len(reply.Parts) == 0) || want != 0 && (err == nil || err.Kind != want) {
			t.Errorf("%s: got %+v, %v", model, reply, err)
		}
	}
}

func TestChat_ToolsUnderTheirOwnNames(t *testing.T) {
	_, a := service(t, map[string]string{"maxTokens": "4321"})
	r := hello()
	r.Tools = []llm.Tool{{Name: "fs.read " + strings.Repeat("x", 80)}}
	reply, err := ask(t, a, r, "claude-opus-4-7")
	if err != nil {
		t.Fatal(err)
	}
	call, ok := reply.Parts[len(reply.Parts)-1].(llm.ToolCall)
	if !ok || call.Name != r.Tools[0].Name || reply.Finish.Reason != llm.ReasonToolCalls {
		t.Errorf("got %+v", reply.Parts)
	}
}

func TestMaxTokens_OfTheAccount(t *testing.T) {
	f, a := service(t, map[string]string{"maxTokens": "4321"})
	if _, err := ask(t, a, hello(), "claude-opus-4-7"); err != nil {
		t.Fatal(err)
	}
	if got := gjson.GetBytes(f.Last().Body, "max_tokens").Int(); got != 4321 {
		t.Errorf("got %d", got)
	}
}

func TestCountTokens_HasItsPath(t *testing.T) {
	f, a := service(t, nil)
	r, err := anthropic.Provider{}.NewRequest(t.Context(), a, provider.Call{Operation: dialect.CountTokens, Body: []byte(`{"model":"m","messages":[{"role":"user","content":"x"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := a.HTTP.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); gjson.GetBytes(body, "input_tokens").Int() != 120 || f.Last().Refused != "" {
		t.Errorf("got %s", body)
	}
}

// TestAnyConversation_IsOneThatTheServiceTakes is a property: whatever a client
// sends, with ids lost, doubled and made up, wishes of all kinds, the service
// finds nothing wrong with it, and no result that belongs to a call is lost.
func TestAnyConversation_IsOneThatTheServiceTakes(t *testing.T) {
	f, a := service(t, nil)
	models := []string{"claude-3-7-sonnet-20250219", "claude-haiku-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-sonnet-5", "claude-opus-5-5", "test-model"}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		r, results := conversation(random)
		model := models[i%len(models)]
		_, err := ask(t, a, r, model)
		if err != nil {
			t.Fatalf("%s refuses %s\nfrom %+v\nbecause %v", model, f.Last().Body, r, err)
		}
		for _, text := range results {
			if !strings.Contains(string(f.Last().Body), text) {
				t.Errorf("the result %s is lost in %s", text, f.Last().Body)
			}
		}
	}
}

func conversation(random *rand.Rand) (r *llm.Request, results []string) {
	r = &llm.Request{Reasoning: llm.Reasoning{Effort: []string{"", "none", "minimal", "low", "high", "xhigh", "max"}[random.IntN(7)]}}
	r.ToolChoice.Mode = []llm.ChoiceMode{"", "auto", "none", "required"}[random.IntN(4)]
	if random.IntN(2) == 0 {
		r.Tools = []llm.Tool{{Name: "read.file", Parameters: llm.RawJSON(`{"properties":{}}`)}, {Name: "写"}, {Name: "ok", Custom: true}}
	}
	some := func(v float64) *float64 {
		if random.IntN(2) == 0 {
			return nil
		}
		return &v
	}
	r.Temperature, r.TopP = some(2*random.Float64()), some(random.Float64())
	if n := 1 + random.IntN(3000); random.IntN(2) == 0 {
		r.MaxTokens = &n
	}
	if random.IntN(3) == 0 {
		r.Format = llm.Format{Kind: llm.FormatSchema, Schema: llm.RawJSON(`{"$schema":"x","type":"object","properties":{"a":{"type":"string","pattern":"b","oneOf":[{"type":"string","maxLength":1}]}},"additionalProperties":true}`)}
	}
	for i := range 1 + random.IntN(9) {
		text := llm.Text{Text: []string{"hello", " ", "", "trailing \n"}[random.IntN(4)]}
		id := []string{"a", "b", "bad id:1", "a"}[random.IntN(4)]
		switch random.IntN(5) {
		case 0:
			r.Messages = append(r.Messages, llm.Message{Role: llm.RoleUser, Parts: []llm.Part{text}})
		case 1:
			r.Messages = append(r.Messages, llm.Message{Role: llm.RoleAssistant, Parts: []llm.Part{llm.Thought{Text: "hm", Signature: "s", Minter: []string{"gemini", "anthropic"}[random.IntN(2)]}, text}})
		case 2:
			r.Messages = append(r.Messages, llm.Message{Role: llm.RoleAssistant, Parts: []llm.Part{
				text,
				llm.ToolCall{ID: id, Name: "read.file", Arguments: []string{"{}", "", "{", `{"a":1}`}[random.IntN(4)]},
				llm.ToolCall{ID: id, Name: "ok", Custom: true, Arguments: "x"},
			}})
		case 3:
			result := fmt.Sprintf("result-%d-of", i)
			results = append(results, result)
			r.Messages = append(r.Messages, llm.Message{Role: llm.RoleTool, Parts: []llm.Part{llm.ToolResult{CallID: id, Parts: []llm.Part{llm.Text{Text: result}}}}})
		default:
			r.Messages = append(r.Messages, llm.Message{Role: llm.RoleSystem, Parts: []llm.Part{text}})
		}
	}
	r.Messages = append(r.Messages, llm.Message{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "go"}}})
	return r, results
}
