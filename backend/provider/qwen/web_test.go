package qwen_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/qwenweb"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/qwen"
)

// webAccount is an account at a page that takes the token alone.
func webAccount(t *testing.T, f *fake.QwenWeb, token string) *account.Account {
	t.Helper()
	return signedIn(t, f, token, map[string]string{"kind": "web"})
}

// ask sends an OpenAI request through the codec and the provider.
func ask(t *testing.T, p qwen.Provider, a *account.Account, model, messages string) (*llm.Reply, *llm.Error) {
	t.Helper()
	body := `{"model":"qwen/` + model + `","messages":` + messages + `}`
	r, _, failed := openaichat.Client{}.DecodeRequest(head(t, body), []byte(body))
	if failed != nil {
		t.Fatal(failed)
	}
	u := p.Dialect(a, "")
	raw, _, failed := u.EncodeRequest(r, model)
	if failed != nil {
		return nil, failed
	}
	req, err := p.NewRequest(t.Context(), a, provider.Call{Model: model, Body: raw, Stream: true})
	if err != nil {
		return nil, llm.AsError(err)
	}
	resp, err := a.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(resp.Body)
		return nil, u.DecodeError(resp.StatusCode, resp.Header, raw)
	}
	reply, err := llm.Collect(u.DecodeReply(resp.Header.Get("Content-Type"), resp.Body))
	return reply, llm.AsError(err)
}

const hi = `[{"role":"user","content":"hi"}]`

func TestWeb_EachRequestIsOneMessageInAChatOfItsOwn(t *testing.T) {
	t.Parallel()
	token := jwt(time.Now().Add(time.Hour))
	f := fake.NewQwenWeb(fake.QwenWebOptions{Token: token})
	a := webAccount(t, f, token)
	p := qwen.Provider{Version: "1.2.3"}
	for range 2 {
		reply, err := ask(t, p, a, "qwen3-coder-plus", `[{"role":"system","content":"be kind"},{"role":"user","content":"hi"}]`)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := reply.Parts[0].(llm.Text)
		if !strings.Contains(text.Text, `<turn role="system">`) || !strings.Contains(text.Text, "be kind") || reply.Finish.Usage.Input != 7 {
			t.Errorf("the answer is %+v", reply)
		}
	}
	var paths []string
	for _, r := range f.Received() {
		paths = append(paths, r.Path)
		if r.Refused != "" {
			t.Errorf("%s was refused: %s", r.Path, r.Refused)
		}
		want := http.Header{
			"Accept": r.Header["Accept"], "Accept-Encoding": r.Header["Accept-Encoding"], "Content-Length": r.Header["Content-Length"],
			"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}, "User-Agent": {"OpenAICompatible/1.2.3"},
		}
		if diff := cmp.Diff(want, r.Header); diff != "" {
			t.Errorf("headers (-want +got):\n%s", diff)
		}
	}
	open, chat := "/api/v2/chats/new", "/api/v2/chat/completions"
	if diff := cmp.Diff([]string{open, chat, open, chat}, paths); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWeb_StreamsOfThePage(t *testing.T) {
	t.Parallel()
	a := webAccount(t, fake.NewQwenWeb(fake.QwenWebOptions{}), "t")
	for model, want := range map[string]string{"think-answer": "Need an Add function.|return a + b", "summary-search": "**Plan**\nLook it up.\n\n**Write**\nThen answer.|Use +."} {
		reply, err := ask(t, qwen.Provider{}, a, model, hi)
		if err != nil {
			t.Fatal(err)
		}
		thought, _ := reply.Parts[0].(llm.Thought)
		text, _ := reply.Parts[1].(llm.Text)
		if got := thought.Text + "|" + text.Text; got != want {
			t.Errorf("%s: got %q, want %q", model, got, want)
		}
	}
	if _, err := ask(t, qwen.Provider{}, a, "error-inband", hi); err == nil || err.Kind != llm.KindRate {
		t.Errorf("a stream with an error in it gave %v", err)
	}
}

// TestB08_WebCases asks for each recorded error, of the chat and of its opening.
func TestB08_WebCases(t *testing.T) {
	t.Parallel()
	a := webAccount(t, fake.NewQwenWeb(fake.QwenWebOptions{}), "t")
	for name, want := range map[string]llm.Error{
		"rate_limited":      {Kind: llm.KindQuota, Code: "RateLimited", RetryAfter: 3 * time.Hour},
		"chat_in_progress":  {Kind: llm.KindTransient, Code: "Bad_Request"},
		"too_many_messages": {Kind: llm.KindProtocol, Code: "Bad_Request"},
		"invalid_token":     {Kind: llm.KindAuth, Code: "unauthorized"},
		"not_found":         {Kind: llm.KindTransient, Code: "Not_Found"},
		"waf_html_200":      {Kind: llm.KindForbidden, Code: qwenweb.CodeChallenge},
		"waf_json_200":      {Kind: llm.KindForbidden, Code: qwenweb.CodeChallenge},
	} {
		for _, script := range []string{"case-", "open-"} {
			_, err := ask(t, qwen.Provider{}, a, script+name, hi)
			if err == nil || err.Kind != want.Kind || err.Code != want.Code || err.RetryAfter != want.RetryAfter || err.Message == "" {
				t.Errorf("%s%s: got %+v, want %+v", script, name, err, want)
			}
		}
	}
}

func TestWeb_AnOpeningWithoutAChat(t *testing.T) {
	t.Parallel()
	for body, kind := range map[string]llm.Kind{
		`{"success":true,"data":{}}`: llm.KindProtocol, `{}`: llm.KindProtocol, `half {`: llm.KindProtocol, ``: llm.KindProtocol,
		`<html>Sign in to the network</html>`: llm.KindProtocol,
	} {
		a := signedIn(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }), "t", map[string]string{"kind": "web"})
		if _, err := ask(t, qwen.Provider{}, a, "m", hi); err == nil || err.Kind != kind {
			t.Errorf("%q: got %v", body, err)
		}
	}
}

// TestB14_AnEndedTokenIsNotSent looks into the token before the way to the page.
func TestB14_AnEndedTokenIsNotSent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	p := qwen.Provider{Now: func() time.Time { return now }}
	f := fake.NewQwenWeb(fake.QwenWebOptions{})
	a := webAccount(t, f, jwt(now.Add(-48*time.Hour)))
	_, probed := p.Probe(t.Context(), a)
	_, listed := p.Models(t.Context(), a)
	_, asked := p.NewRequest(t.Context(), a, provider.Call{Model: "m", Body: []byte(`{}`)})
	for _, err := range []error{probed, listed, asked} {
		e := llm.AsError(err)
		if e == nil || e.Kind != llm.KindAuth || !strings.Contains(e.Message, "ended on 2026-11-21") || !strings.Contains(e.Message, "copy the token again") {
			t.Errorf("got %v", err)
		}
	}
	if n := len(f.Received()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	if _, err := p.Probe(t.Context(), webAccount(t, f, jwt(now.Add(time.Minute)))); err != nil {
		t.Errorf("a token that is still good: %v", err)
	}
}

func TestWeb_ModelsInBothForms(t *testing.T) {
	t.Parallel()
	want := []llm.Model{
		{ID: "qwen3.7-plus", Name: "Qwen3.7-Plus", OwnedBy: "qwen", Created: 1757000000, ContextTokens: 262144, OutputTokens: 32768, Can: llm.Capabilities{Reasoning: true}},
		{ID: "qwen3-coder-plus", Name: "Qwen3-Coder", OwnedBy: "qwen", Created: 1753000000, ContextTokens: 1048576, OutputTokens: 65536},
	}
	f := fake.NewQwenWeb(fake.QwenWebOptions{})
	newer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/models" {
			http.NotFound(w, r)
			return
		}
		f.ServeHTTP(w, r)
	})
	for name, h := range map[string]http.Handler{"older": f, "newer": newer} {
		got, err := qwen.Provider{}.Models(t.Context(), signedIn(t, h, "t", map[string]string{"kind": "web"}))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	odd := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[{"id":"a","info":{"is_active":false}},{"id":""},{"id":"b"},{"id":"b"},7,{"id":"c","info":{"meta":{"max_summary_generation_length":9}}}]}`)
	})
	got, err := qwen.Provider{}.Models(t.Context(), signedIn(t, odd, "t", map[string]string{"kind": "web"}))
	if diff := cmp.Diff([]llm.Model{{ID: "b", OwnedBy: "qwen"}, {ID: "c", OwnedBy: "qwen", OutputTokens: 9}}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestB12_TheProbeSaysWhoSignedIn asks the page who the user is.
func TestB12_TheProbeSaysWhoSignedIn(t *testing.T) {
	t.Parallel()
	for _, older := range []bool{false, true} {
		f, err := qwen.Provider{}.Probe(t.Context(), webAccount(t, fake.NewQwenWeb(fake.QwenWebOptions{Token: "t", Older: older}), "t"))
		if err != nil || f.Identity != "ann@example.test" {
			t.Errorf("older %v: %+v, %v", older, f, err)
		}
	}
	_, err := qwen.Provider{}.Probe(t.Context(), webAccount(t, fake.NewQwenWeb(fake.QwenWebOptions{Token: "t"}), "another"))
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindAuth || !strings.Contains(e.Message, "copy the token again") {
		t.Errorf("got %v", err)
	}
	f, err := qwen.Provider{}.Probe(t.Context(), webAccount(t, fake.NewQwenWeb(fake.QwenWebOptions{Cookie: "x=1"}), "t"))
	if e := llm.AsError(err); e == nil || e.Code != qwenweb.CodeChallenge || f.Link != "https://chat.qwen.ai" {
		t.Errorf("a check gave %+v, %v", f, err)
	}
}

func TestWeb_TheUsersOwnHeadersAreSent(t *testing.T) {
	t.Parallel()
	f := fake.NewQwenWeb(fake.QwenWebOptions{Token: "t", Cookie: "cna=1; x-ap=2"})
	s := httptest.NewServer(f)
	defer s.Close()
	with := func(secrets map[string]string) *account.Account {
		a := account.Account{Name: "mine", Settings: map[string]string{"kind": "web", "baseUrl": s.URL}, HTTP: s.Client(), Secrets: map[string]account.Secret{}}
		for k, v := range secrets {
			a.Secrets[k] = account.NewSecret(v)
		}
		return account.New(a, signedIn(t, f, "t", nil).Credential)
	}
	if _, err := ask(t, qwen.Provider{}, with(map[string]string{
		"cookie": " Cookie: cna=1; x-ap=2\n", "headers": "X-Own: 1\r\nAuthorization: Bearer other | source: web |\n",
	}), "qwen3.7-plus", hi); err != nil {
		t.Fatal(err)
	}
	if h := f.Last().Header; h.Get("X-Own") != "1" || h.Get("Source") != "web" || h.Get("Authorization") != "Bearer t" {
		t.Errorf("got %v", h)
	}
	for _, secrets := range []map[string]string{
		{"cookie": "a=1\r\nX-Evil: 1"}, {"headers": "no colon"}, {"headers": "A B: c"}, {"headers": ": c"}, {"headers": "A: b\x00"},
	} {
		_, err := ask(t, qwen.Provider{}, with(secrets), "qwen3.7-plus", hi)
		if err == nil || err.Param == "" || strings.Contains(err.Message, "Evil") {
			t.Errorf("%v: got %v", secrets, err)
		}
	}
}

func TestWeb_ToolsAreEmulatedByChoice(t *testing.T) {
	t.Parallel()
	f := fake.NewQwenWeb(fake.QwenWebOptions{})
	const body = `{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"read_file"}}]}`
	for choice, refused := range map[string]bool{"": true, "false": true, "true": false} {
		a := signedIn(t, f, "t", map[string]string{"kind": "web", "emulateTools": choice})
		r, _, failed := openaichat.Client{}.DecodeRequest(head(t, body), []byte(body))
		if failed != nil {
			t.Fatal(failed)
		}
		raw, _, err := qwen.Provider{}.Dialect(a, "").EncodeRequest(r, "qwen3.7-plus")
		if refused != (err != nil) || err != nil && (err.Kind != llm.KindUnsupported || err.Param != "tools") {
			t.Errorf("%q: got %v", choice, err)
		}
		if !refused && !strings.Contains(string(raw), "read_file") {
			t.Errorf("the tool is not described: %s", raw)
		}
		list, _ := qwen.Provider{}.Models(t.Context(), a)
		if len(list) == 0 || list[0].Can.Tools == refused {
			t.Errorf("%q: the models say %+v", choice, list)
		}
	}
}

func TestWeb_OnlyChats(t *testing.T) {
	t.Parallel()
	a := webAccount(t, fake.NewQwenWeb(fake.QwenWebOptions{}), "t")
	for _, op := range []dialect.Operation{dialect.Embed, dialect.Complete, dialect.CountTokens} {
		_, err := qwen.Provider{}.NewRequest(t.Context(), a, provider.Call{Operation: op, Body: []byte(`{}`)})
		if e := llm.AsError(err); e == nil || e.Kind != llm.KindUnsupported {
			t.Errorf("operation %d: %v", op, err)
		}
	}
	if _, err := ask(t, qwen.Provider{}, a, "qwen3.7-plus", `[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x.example.test/a.png"}}]}]`); err == nil || err.Kind != llm.KindUnsupported || err.Param != "messages[0].content[0]" {
		t.Errorf("a picture: %v", err)
	}
}

// TestModelStudio_ReadsItsOwnStreams replays the recorded streams.
func TestModelStudio_ReadsItsOwnStreams(t *testing.T) {
	t.Parallel()
	u := qwen.Provider{}.Dialect(account.New(account.Account{Settings: map[string]string{"kind": "dashscope"}}, nil), "")
	dialecttest.Upstream(t, u, []dialecttest.Reply{
		{Name: "reasoning", Body: fake.Vector("qwen/dashscope_stream_reasoning.sse"), Want: dialecttest.Outcome{
			Thought: "First, add.", Text: "a + b", Reason: "stop", Usage: llm.Usage{Known: true, Input: 10, Output: 9, Reasoning: 4},
		}},
		{Name: "tool calls", Body: fake.Vector("qwen/dashscope_stream_tool_calls.sse"), Want: dialecttest.Outcome{
			Text: "Reading files.", Reason: "tool_calls", Usage: llm.Usage{Known: true, Input: 120, Cached: 64, Output: 30}, Calls: []dialecttest.Call{
				{ID: "call_ds_a", Name: "read_file", Arguments: `{"path": "a.go"}`}, {ID: "call_ds_b", Name: "read_file", Arguments: `{"path": "b.go"}`},
			},
		}},
	})
}
