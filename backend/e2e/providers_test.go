package e2e_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// cloud is a stand-in for every service, and the accounts at them.
type cloud struct {
	google   *fake.Google
	accounts []any
}

// newCloud starts the stand-ins and writes down an account at each.
func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{google: fake.NewGoogle(fake.GoogleOptions{Key: upstreamKey})}
	serve := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	google := serve(c.google)
	access, refresh := c.google.Issue("dev@example.com")
	token, err := json.Marshal(map[string]any{
		"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expiry_date": 4102444800000,
	})
	if err != nil {
		t.Fatal(err)
	}
	add := func(kind, way, key string, settings map[string]string) {
		settings["kind"] = way
		c.accounts = append(c.accounts, map[string]any{
			"id": 101 + len(c.accounts), "provider": kind, "name": kind + " " + way, "key": key, "settings": settings,
		})
	}
	add("gemini", "key", upstreamKey, map[string]string{"baseUrl": google})
	add("gemini", "cli", string(token), map[string]string{"baseUrl": google, "tokenUrl": google + "/token", "projectId": "sample-corp-project"})
	add("gemini", "vertex", string(token), map[string]string{
		"baseUrl": google, "tokenUrl": google + "/token", "projectId": "sample-corp-project", "location": "europe-west1",
	})
	c.accounts[2].(map[string]any)["prefix"] = "vertex"
	add("qwen", "dashscope", upstreamKey, map[string]string{"baseUrl": serve(fake.NewDashScope(fake.DashScopeOptions{Key: upstreamKey})) + "/compatible-mode/v1"})
	add("qwen", "web", upstreamKey, map[string]string{"baseUrl": serve(fake.NewQwenWeb(fake.QwenWebOptions{Token: upstreamKey}))})
	c.accounts[4].(map[string]any)["prefix"] = "qwen_web"
	add("codegeex", "token", upstreamKey, map[string]string{"baseUrl": serve(fake.NewCodeGeeX(fake.Options{Key: upstreamKey})) + "/prod"})
	add("anthropic", "key", upstreamKey, map[string]string{"baseUrl": serve(fake.NewAnthropic(fake.Options{Key: upstreamKey}))})
	return c
}

// start runs the program with the cloud's accounts beside the usual ones.
func (c *cloud) start(t *testing.T) *program {
	t.Helper()
	p := start(t, func(config map[string]any) {
		config["accounts"] = append(config["accounts"].([]any), c.accounts...)
	})
	eventually(t, "all accounts are ready", func() bool {
		var list struct{ Accounts []control.Account }
		p.admin(t, "/api/accounts", &list)
		ready := 0
		for _, a := range list.Accounts {
			if a.State == control.AccountReady && a.ModelCount > 0 {
				ready++
			} else if a.State != control.AccountChecking && a.State != control.AccountReady {
				t.Fatalf("%s is %s: %s", a.Name, a.State, a.Reason)
			}
		}
		return ready == len(list.Accounts) && ready > len(c.accounts)
	})
	return p
}

// chats are one model of each account that converses, by its name for clients.
func (*cloud) chats() []string {
	return []string{
		"gemini/gemini-3-flash-preview", "gemini_cli/gemini-2.5-pro", "vertex/gemini-2.5-flash", "qwen/qwen-plus",
		"qwen_web/qwen3.7-plus", "codegeex/codegeex-4", "anthropic/claude-sonnet-5",
	}
}

func TestProviders_ListChatAndStream(t *testing.T) {
	cloud := newCloud(t)
	p := cloud.start(t)
	c := p.sdk()
	page, err := c.Models.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]openai.Model{}
	for _, m := range page.Data {
		listed[m.ID] = m
	}
	for _, model := range cloud.chats() {
		t.Run(model, func(t *testing.T) {
			if m, ok := listed[model]; !ok || m.OwnedBy == "" || m.Created == 0 {
				t.Errorf("in the list it is %+v", m)
			}
			whole, err := c.Chat.Completions.New(t.Context(), ask(model, "hello"))
			if err != nil {
				t.Fatal(err)
			}
			if m := whole.Choices[0]; m.Message.Content == "" || m.FinishReason != "stop" || whole.Model != model {
				t.Errorf("whole: model %q, finish %q, %q", whole.Model, m.FinishReason, m.Message.Content)
			}
			q := ask(model, "hello")
			q.StreamOptions.IncludeUsage = openai.Bool(true)
			streamed, _ := stream(t, c, q)
			if m := streamed.Choices[0]; m.Message.Content != whole.Choices[0].Message.Content || m.FinishReason != "stop" || streamed.Model != model {
				t.Errorf("streamed: model %q, finish %q, %q, whole it was %q", streamed.Model, m.FinishReason, m.Message.Content, whole.Choices[0].Message.Content)
			}
			if row := p.last(t); row.Asked != model || row.Status != 200 || row.Finish != "stop" || row.Provider == "" {
				t.Errorf("the log row is %+v", row)
			}
		})
	}
}

func TestProviders_ToolRoundTrip(t *testing.T) {
	cloud := newCloud(t)
	p := cloud.start(t)
	c := p.sdk()
	for _, model := range []string{
		"gemini/gemini-3-flash-preview", "gemini_cli/gemini-2.5-pro", "vertex/gemini-2.5-flash", "qwen/qwen-plus", "anthropic/claude-sonnet-5",
	} {
		t.Run(model, func(t *testing.T) {
			q := ask(model, "What is the weather in Berlin? get_weather")
			q.Tools = weather()
			first, err := c.Chat.Completions.New(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			calls := first.Choices[0].Message.ToolCalls
			if len(calls) == 0 || first.Choices[0].FinishReason != "tool_calls" {
				t.Fatalf("B35: no call, finish %q: %s", first.Choices[0].FinishReason, first.RawJSON())
			}
			q.Messages = append(q.Messages, first.Choices[0].Message.ToParam())
			for _, call := range calls {
				q.Messages = append(q.Messages, openai.ToolMessage(`{"sky":"clear","degrees":21}`, call.ID))
			}
			second, _ := stream(t, c, q)
			if m := second.Choices[0]; m.FinishReason != "stop" || m.Message.Content == "" || !strings.Contains(m.Message.Content, "21") && !strings.HasPrefix(model, "anthropic/") {
				t.Errorf("the answer to the result is %q, finish %q", m.Message.Content, m.FinishReason)
			}
		})
	}
}

// The official client drops the field in which Google's signature travels, and
// the program ends between the two turns.
func TestB33_ASignatureSurvivesTheClientAndARestart(t *testing.T) {
	cloud := newCloud(t)
	p := cloud.start(t)
	q := ask("gemini/gemini-3-flash-preview", "What is the weather in Berlin? get_weather")
	q.Tools = weather()
	c := p.sdk()
	first, err := c.Chat.Completions.New(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	call := first.Choices[0].Message.ToolCalls[0]
	p.restart(t)
	q.Messages = append(q.Messages, first.Choices[0].Message.ToParam(), openai.ToolMessage("clear", call.ID))
	c = p.sdk()
	if _, err := c.Chat.Completions.New(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	var body string
	for _, r := range cloud.google.Received() {
		if strings.HasSuffix(r.Path, "GenerateContent") || strings.HasSuffix(r.Path, ":generateContent") {
			body = string(r.Body)
		}
	}
	if !strings.Contains(body, `"thoughtSignature"`) || strings.Contains(body, "skip_thought_signature_validator") {
		t.Errorf("the second turn went out without the signature: %s", body)
	}
}

// Tokens end before their time when a user ends a session.
func TestB14_ARefusedTokenIsRefreshedOnceAndTheRequestWorks(t *testing.T) {
	cloud := newCloud(t)
	p := cloud.start(t)
	c := p.sdk()
	cloud.google.EndAccess()
	const model = "gemini_cli/gemini-2.5-pro"
	got, err := c.Chat.Completions.New(t.Context(), ask(model, "hello"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Choices[0].Message.Content == "" {
		t.Error("the answer is empty")
	}
	if row := p.last(t); len(row.Attempts) != 2 || row.Attempts[0].Status != http.StatusUnauthorized || row.Status != http.StatusOK {
		t.Errorf("the attempts are %+v", row.Attempts)
	}
	cloud.google.Revoke()
	_, err = c.Chat.Completions.New(t.Context(), ask(model, "hello"))
	wantError(t, err, http.StatusUnauthorized, "sign in again")
	eventually(t, "B13: the card says that a new sign-in is needed", func() bool {
		var list struct{ Accounts []control.Account }
		p.admin(t, "/api/accounts", &list)
		for _, a := range list.Accounts {
			if a.Name == "gemini cli" {
				return a.State == control.AccountSignIn && strings.Contains(a.Reason, "sign in again")
			}
		}
		return false
	})
}

func TestProviders_ErrorsAreTheProtocolsOwn(t *testing.T) {
	cloud := newCloud(t)
	client := cloud.start(t).sdk()
	for _, c := range []struct {
		model  string
		status int
		says   string
	}{
		{"gemini/error-429_quota_exhausted", http.StatusTooManyRequests, "quota"},
		{"gemini/error-429_rate_limit", http.StatusTooManyRequests, ""},
		{"gemini/error-404_model", http.StatusNotFound, ""},
		{"gemini/html", http.StatusBadGateway, "page"},
		{"gemini/nothing", http.StatusBadGateway, ""},
		{"dangbei/deepseek", http.StatusNotFound, "anonymous"},
	} {
		_, err := client.Chat.Completions.New(t.Context(), ask(c.model, "hello"))
		wantError(t, err, c.status, c.says)
	}
}

// wantError wants an error as the protocol shapes it, with that status, whose
// message says what is wrong.
func wantError(t *testing.T, err error, status int, says string) {
	t.Helper()
	var e *openai.Error
	if !errors.As(err, &e) || e.StatusCode != status || e.Type == "" || e.Message == "" || !strings.Contains(e.Message, says) {
		t.Errorf("got %v, want %d and a message with %q", err, status, says)
	}
}
