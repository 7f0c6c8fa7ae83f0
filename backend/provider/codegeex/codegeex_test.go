package codegeex_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	codec "github.com/WenChunTech/OpenAICompatible/backend/dialect/codegeex"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/codegeex"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/providertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "00000000-0000-4000-8000-000000000001"

func body(t *testing.T, u codec.Upstream, r *llm.Request, model string) []byte {
	t.Helper()
	out, _, err := u.EncodeRequest(r, model)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func hello() *llm.Request {
	return &llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "write Add in Go"}}}}}
}

func TestProvider_PassesTheSuite(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Provider: codegeex.Provider{},
		Service:  fake.NewCodeGeeX(fake.Options{Key: providertest.Canary}),
		Settings: func(base string) map[string]string { return map[string]string{"baseUrl": base + "/prod"} },
		Model:    "codegeex-4",
		Body:     string(body(t, codec.Upstream{}, hello(), "codegeex-4")),
	})
}

// site is a stand-in and an account at it.
func site(t *testing.T, key string, settings map[string]string) (*fake.CodeGeeX, *account.Account) {
	t.Helper()
	f := fake.NewCodeGeeX(fake.Options{Key: token})
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	all := map[string]string{"baseUrl": s.URL + "/prod"}
	maps.Copy(all, settings)
	return f, account.New(account.Account{ID: 1, Name: "mine", Settings: all, HTTP: s.Client()},
		func(context.Context) (account.Secret, error) { return account.NewSecret(key), nil })
}

// ask sends a chat as the relay does and reads the answer.
func ask(t *testing.T, a *account.Account, r *llm.Request, model string) (*llm.Reply, *llm.Error) {
	t.Helper()
	p := codegeex.Provider{Version: "1.2.3"}
	u, ok := p.Dialect(a, "").(codec.Upstream)
	if !ok {
		t.Fatalf("%T is not the site's own dialect", p.Dialect(a, ""))
	}
	req, err := p.NewRequest(t.Context(), a, provider.Call{Operation: dialect.Chat, Model: model, Body: body(t, u, r, model), Stream: true})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := a.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, u.DecodeError(resp.StatusCode, resp.Header, []byte(`{}`))
	}
	reply, err := llm.Collect(u.Restore(r, u.DecodeReply(resp.Header.Get("Content-Type"), resp.Body)))
	return reply, llm.AsError(err)
}

// The original sent the token of one account with the fields of another.
func TestNewRequest_EveryFieldOfTheOriginalGoesWithItsToken(t *testing.T) {
	for name, settings := range map[string]map[string]string{
		"names of the original": {
			"user_id": "ua", "user_role": "3", "ide": "VSCode", "ide_version": "1.102.0", "plugin_version": "2.30.0", "machine_id": "ma", "talk_id": "t", "locale": "zh", "prefix": "cgx",
		},
		"our names": {
			"userId": "ua", "userRole": "3", "ide": "VSCode", "ideVersion": "1.102.0", "pluginVersion": "2.30.0", "machineId": "ma", "talkId": "t", "locale": "zh",
		},
	} {
		f, a := site(t, token, settings)
		if _, err := ask(t, a, hello(), "codegeex-4"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := f.Last()
		want := map[string]any{
			"user_id": "ua", "user_role": 3.0, "ide": "VSCode", "ide_version": "1.102.0", "plugin_version": "2.30.0", "prompt": "write Add in Go", "machineId": "ma",
			"talkId": "t", "locale": "zh", "model": "codegeex-4", "agent": nil, "candidates": nil, "history": nil,
		}
		if diff := cmp.Diff(want, gjson.ParseBytes(got.Body).Value()); diff != "" {
			t.Errorf("%s: the body (-want +got):\n%s", name, diff)
		}
		if h := got.Header; h.Get("Code-Token") != token || h.Get("User-Agent") != "OpenAICompatible/1.2.3" || h.Get("Accept") != "text/event-stream" || h.Get("Authorization") != "" {
			t.Errorf("%s: the header is %v", name, h)
		}
	}
}

func TestNewRequest_ATalkOfItsOwnForEachRequest(t *testing.T) {
	f, a := site(t, token, map[string]string{"talk_id": "", "userAgent": "Mine/1"})
	for range 2 {
		if _, err := ask(t, a, hello(), "codegeex-4"); err != nil {
			t.Fatal(err)
		}
	}
	list := f.Received()
	first, second := gjson.GetBytes(list[0].Body, "talkId").Str, gjson.GetBytes(list[1].Body, "talkId").Str
	if first == second || len(first) != 36 {
		t.Errorf("the talks are %q and %q", first, second)
	}
	if got := f.Last().Header.Get("User-Agent"); got != "Mine/1" {
		t.Errorf("the User-Agent is %q", got)
	}
}

func TestNewRequest_WithoutAStream(t *testing.T) {
	_, a := site(t, token, nil)
	r, err := codegeex.Provider{}.NewRequest(t.Context(), a, provider.Call{Body: []byte(`{}`)})
	if err != nil || r.URL.Query().Get("stream") != "false" {
		t.Errorf("got %v, %v", r, err)
	}
}

func TestNewRequest_SettingsThatCannotBeUsed(t *testing.T) {
	for key, value := range map[string]string{"user_role": "admin", "baseUrl": "ftp://x"} {
		_, a := site(t, token, map[string]string{key: value})
		_, err := codegeex.Provider{}.NewRequest(t.Context(), a, provider.Call{})
		if e := llm.AsError(err); e == nil || e.Kind == llm.KindInternal || !strings.EqualFold(strings.ReplaceAll(key, "_", ""), e.Param) {
			t.Errorf("%s=%s: got %+v", key, value, e)
		}
	}
}

func TestChat_AnswersAndRefusals(t *testing.T) {
	for _, c := range []struct {
		model, text string
		kind        llm.Kind
	}{
		{"codegeex-4", "func Add(a, b int) int {\n\treturn a + b // 和\n}", 0},
		{"finish-only", "Only the closing event carries the answer.", 0},
		{"non-stream", "func Add(a, b int) int { return a + b }", 0},
		{"envelope-401", "", llm.KindAuth},
		{"http-429", "", llm.KindRate},
		{"http-502", "", llm.KindTransient},
		{"cut", "", llm.KindProtocol},
		{"silent", "", llm.KindProtocol},
		{"page", "", llm.KindProtocol},
	} {
		_, a := site(t, token, nil)
		reply, err := ask(t, a, hello(), c.model)
		switch {
		case c.text == "" && (err == nil || err.Kind != c.kind):
			t.Errorf("%s: got %v, want the kind %v", c.model, err, c.kind)
		case c.text != "" && err != nil:
			t.Errorf("%s: %v", c.model, err)
		case c.text != "":
			if got := reply.Parts[0]; !cmp.Equal(got, llm.Part(llm.Text{Text: c.text})) || len(reply.Parts) != 1 {
				t.Errorf("%s: got %+v", c.model, reply.Parts)
			}
		}
	}
	_, a := site(t, "wrong", nil)
	if _, err := ask(t, a, hello(), "codegeex-4"); err == nil || err.Kind != llm.KindAuth || !strings.Contains(err.Message, "sign in again") {
		t.Errorf("a wrong token: %v", err)
	}
}

func TestEmulateTools_ACallAndItsResult(t *testing.T) {
	f, a := site(t, token, map[string]string{"emulateTools": "true"})
	r := hello()
	r.Tools = []llm.Tool{{Name: "read_file", Parameters: llm.RawJSON(`{"type":"object"}`)}}
	reply, err := ask(t, a, r, "codegeex-4")
	if err != nil {
		t.Fatal(err)
	}
	call, ok := reply.Parts[len(reply.Parts)-1].(llm.ToolCall)
	if !ok || call.Name != "read_file" || call.Arguments != `{"path": "a.go"}` || reply.Finish.Reason != llm.ReasonToolCalls {
		t.Fatalf("got %+v", reply)
	}
	r.Messages = append(r.Messages, llm.Message{Role: llm.RoleAssistant, Parts: []llm.Part{call}},
		llm.Message{Role: llm.RoleTool, Parts: []llm.Part{llm.ToolResult{CallID: call.ID, Parts: []llm.Part{llm.Text{Text: "package a"}}}}})
	reply, err = ask(t, a, r, "codegeex-4")
	if err != nil || reply.Finish.Reason != llm.ReasonStop {
		t.Fatalf("got %+v, %v", reply, err)
	}
	if got := gjson.GetBytes(f.Last().Body, "prompt").Str; !strings.HasSuffix(got, "<tool_result id=\""+call.ID+"\">\npackage a\n</tool_result>") {
		t.Errorf("the prompt is %q", got)
	}
}

func TestModels_WithDescriptionsAndCapabilities(t *testing.T) {
	_, a := site(t, token, map[string]string{"locale": "zh", "emulateTools": "true"})
	list, err := codegeex.Provider{}.Models(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	want := llm.Model{ID: "codegeex-4", Name: "CodeGeeX Lite", Description: "测试模型一", OwnedBy: "codegeex", Can: llm.Capabilities{Tools: true}}
	if diff := cmp.Diff(want, list[0]); diff != "" {
		t.Error(diff)
	}
}

// answering is an account at a site that answers every question with body.
func answering(t *testing.T, status int, body string) *account.Account {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return account.New(account.Account{Name: "mine", Settings: map[string]string{"baseUrl": s.URL}, HTTP: s.Client()},
		func(context.Context) (account.Secret, error) { return account.NewSecret(token), nil })
}

func TestModels_KnownOnesWhereTheSiteListsNone(t *testing.T) {
	list, err := codegeex.Provider{}.Models(t.Context(), answering(t, 200, `{"options":[],"default":""}`))
	if err != nil || len(list) == 0 || list[0].ID != "codegeex-4" {
		t.Errorf("got %v, %v", list, err)
	}
}

func TestB12_ProbeSaysWhoseTokenItIs(t *testing.T) {
	_, a := site(t, token, nil)
	got, err := codegeex.Provider{}.Probe(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(provider.Finding{Identity: "tester", Settings: map[string]string{"userId": "u-1"}}, got); diff != "" {
		t.Error(diff)
	}
	_, a = site(t, token, map[string]string{"user_id": "own"})
	if got, _ := (codegeex.Provider{}).Probe(t.Context(), a); got.Settings != nil {
		t.Errorf("the user's own id is replaced: %v", got)
	}
}

func TestProbe_SaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   llm.Kind
		says   string
	}{
		{200, `{"code":401,"msg":"not logged in"}`, llm.KindAuth, "sign in again"},
		{200, `{"code":10010,"msg":"?"}`, llm.KindAuth, "sign in again"},
		{200, `<html>portal</html>`, llm.KindProtocol, "network"},
		{200, ``, llm.KindProtocol, "cannot be read"},
		{200, `{"data":{}}`, llm.KindProtocol, "cannot be read"},
		{503, ``, llm.KindOverloaded, "overloaded"},
		{429, `{"code":429,"msg":"slow"}`, llm.KindRate, "passes"},
	} {
		_, err := codegeex.Provider{}.Probe(t.Context(), answering(t, c.status, c.body))
		if e := llm.AsError(err); e == nil || e.Kind != c.kind || !strings.Contains(e.Message, c.says) || strings.Contains(e.Message, token) {
			t.Errorf("%d %s: got %+v", c.status, c.body, e)
		}
	}
	_, a := site(t, "", nil)
	if _, err := (codegeex.Provider{}).Probe(t.Context(), a); llm.AsError(err) == nil || llm.AsError(err).Kind != llm.KindAuth {
		t.Errorf("no token: %v", err)
	}
}

// clock is a time that passes by sleeping alone.
type clock struct {
	at    time.Time
	slept int
	wake  func(n int) error
}

func (c *clock) provider() codegeex.Provider {
	return codegeex.Provider{Now: func() time.Time { return c.at }, Sleep: func(_ context.Context, d time.Duration) error {
		c.at = c.at.Add(d)
		c.slept++
		if c.wake == nil {
			return nil
		}
		return c.wake(c.slept)
	}}
}

func begin(t *testing.T, p codegeex.Provider, base string, client *http.Client) (account.SignIn, url.Values) {
	t.Helper()
	s, err := p.SignIn(t.Context(), provider.SignInOptions{
		Way: "browser", Method: provider.SignInBrowser, HTTP: client, Settings: map[string]string{"baseUrl": base + "/prod", "authUrl": base + "/auth", "machineId": "m-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.Prompt().URL)
	if err != nil {
		t.Fatal(err)
	}
	return s, u.Query()
}

func TestSignIn_TheSessionBecomesTheToken(t *testing.T) {
	f := fake.NewCodeGeeX(fake.Options{})
	server := httptest.NewServer(f)
	defer server.Close()
	c := &clock{at: time.Unix(1760000000, 0)}
	s, query := begin(t, c.provider(), server.URL, server.Client())
	session := query.Get("sessionId")
	if _, ok := query["m-1"]; !ok || len(session) != 36 || query.Get("device") == "" || !strings.HasPrefix(s.Prompt().URL, server.URL+"/auth?") {
		t.Fatalf("the page is %s", s.Prompt().URL)
	}
	if s.Prompt().Expires != c.at.Add(5*time.Minute) || s.Prompt().Paste || s.Answer("x") == nil {
		t.Errorf("the prompt is %+v", s.Prompt())
	}
	c.wake = func(n int) error {
		if n == 3 {
			f.SignIn(session)
		}
		return nil
	}
	got, err := s.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Secret.Reveal() != session || got.Identity != "tester" || got.Settings["userId"] != "u-1" || got.Settings["machineId"] != "m-1" {
		t.Errorf("got %+v", got)
	}
	if n := len(f.Received()); n != 4 {
		t.Errorf("the site was asked %d times, want 4", n)
	}
}

func TestSignIn_GivesUpAfterFiveMinutes(t *testing.T) {
	f := fake.NewCodeGeeX(fake.Options{})
	server := httptest.NewServer(f)
	defer server.Close()
	c := &clock{at: time.Unix(1760000000, 0)}
	s, _ := begin(t, c.provider(), server.URL, server.Client())
	_, err := s.Wait(t.Context())
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindTimeout || !strings.Contains(e.Message, "nobody signed in") {
		t.Errorf("got %+v", e)
	}
	if n := len(f.Received()); n > 151 || n < 100 {
		t.Errorf("the site was asked %d times", n)
	}
}

func TestSignIn_OutlivesAnOutageAndSaysSoInTheEnd(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c := &clock{at: time.Unix(1760000000, 0)}
	s, _ := begin(t, c.provider(), server.URL, &http.Client{})
	_, err := s.Wait(t.Context())
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindTimeout || !strings.Contains(e.Message, "could not reach") || c.slept < 2 {
		t.Errorf("got %+v after %d questions", e, c.slept)
	}
}

func TestSignIn_IsCanceled(t *testing.T) {
	server := httptest.NewServer(fake.NewCodeGeeX(fake.Options{}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	c := &clock{at: time.Unix(1760000000, 0), wake: func(int) error { cancel(); return context.Canceled }}
	s, _ := begin(t, c.provider(), server.URL, server.Client())
	_, err := s.Wait(ctx)
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindCanceled || !errors.Is(e, context.Canceled) {
		t.Errorf("got %+v", e)
	}
	// The usual clock ends with the context too.
	s, _ = begin(t, codegeex.Provider{}, server.URL, server.Client())
	if _, err := s.Wait(ctx); llm.AsError(err) == nil || llm.AsError(err).Kind != llm.KindCanceled {
		t.Errorf("got %v", err)
	}
}

func TestSignIn_OtherMethodsAreRefused(t *testing.T) {
	_, err := codegeex.Provider{}.SignIn(t.Context(), provider.SignInOptions{Method: provider.SignInDevice})
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindUnsupported {
		t.Errorf("got %v", err)
	}
}

// complete asks for code at a cursor as the relay does.
func complete(t *testing.T, a *account.Account, r *llm.Request, model string) (*llm.Reply, *llm.Error) {
	t.Helper()
	p := codegeex.Provider{Version: "1.2.3"}
	u, ok := p.Dialect(a, dialect.Completions).(codec.Inline)
	if !ok || !u.Completes(model, true) || p.Dialect(a, dialect.FIM).Name() != dialect.CodeGeeXInline {
		t.Fatalf("%T does not complete with %s", p.Dialect(a, dialect.Completions), model)
	}
	out, _, failed := u.EncodeRequest(r, model)
	if failed != nil {
		t.Fatal(failed)
	}
	req, err := p.NewRequest(t.Context(), a, provider.Call{Operation: dialect.Complete, Dialect: u.Name(), Model: model, Body: out, Stream: true})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := a.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, u.DecodeError(resp.StatusCode, resp.Header, []byte(`{}`))
	}
	reply, err := llm.Collect(u.Restore(r, u.DecodeReply(resp.Header.Get("Content-Type"), resp.Body)))
	return reply, llm.AsError(err)
}

func TestComplete_AnswersAndRefusals(t *testing.T) {
	gap := func(before string) *llm.Request {
		return &llm.Request{Completion: &llm.Completion{Prompt: before, Suffix: "\n}"}}
	}
	for _, c := range []struct {
		model, before, text string
		reason              llm.Reason
		kind                llm.Kind
	}{
		{"codegeex-lite", "func Add(a, b int) int {\n\t", "return a + b", llm.ReasonStop, 0},
		{"codegeex-pro", "func Add(a, b int) int {\n\t", "return a + b\n}\n\nfunc Sub(", llm.ReasonLength, 0},
		{"codegeex-lite", "envelope-401", "", "", llm.KindAuth},
		{"codegeex-lite", "http-429", "", "", llm.KindRate},
		{"codegeex-lite", "http-502", "", "", llm.KindTransient},
	} {
		f, a := site(t, token, map[string]string{"ide": "VSCode"})
		reply, err := complete(t, a, gap(c.before), c.model)
		switch {
		case c.text == "" && (err == nil || err.Kind != c.kind):
			t.Errorf("%s: got %v, want the kind %v", c.before, err, c.kind)
		case c.text != "" && err != nil:
			t.Errorf("%s: %v", c.model, err)
		case c.text != "":
			if len(reply.Parts) != 1 || !cmp.Equal(reply.Parts[0], llm.Part(llm.Text{Text: c.text})) || reply.Finish.Reason != c.reason {
				t.Errorf("%s: got %+v", c.model, reply)
			}
		}
		if got := f.Last(); got.Path != "/prod/v3/completions/inline" || got.Header.Get("Code-Token") != token || got.Header.Get("User-Agent") != "OpenAICompatible/1.2.3" {
			t.Errorf("%s: asked %s with %v", c.model, got.Path, got.Header)
		}
	}
	_, a := site(t, "wrong", nil)
	if _, err := complete(t, a, gap("x"), "codegeex-lite"); err == nil || err.Kind != llm.KindAuth {
		t.Errorf("a wrong token: %v", err)
	}
}

func TestModels_NameThoseThatComplete(t *testing.T) {
	_, a := site(t, token, map[string]string{"emulateTools": "true"})
	list, err := codegeex.Provider{}.Models(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	can := map[string]llm.Capabilities{}
	for _, m := range list {
		can[m.ID] = m.Can
	}
	for id, want := range map[string]llm.Capabilities{"codegeex-lite": {FIM: true}, "codegeex-pro": {FIM: true}, "codegeex-4": {Tools: true}} {
		if got, ok := can[id]; !ok || got != want {
			t.Errorf("%s can %+v, listed: %v", id, got, ok)
		}
	}
}
