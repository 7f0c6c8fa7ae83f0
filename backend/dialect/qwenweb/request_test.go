package qwenweb_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/qwenweb"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// fixed is a codec whose messages are the same every time.
func fixed() qwenweb.Upstream {
	return qwenweb.Upstream{
		Now:   func() time.Time { return time.Unix(1760000000, 0) },
		NewID: func() string { return "11111111-1111-4111-8111-111111111111" },
	}
}

func decode(tb testing.TB, body string) (*llm.Request, []llm.Warning) {
	tb.Helper()
	h, err := openaichat.Client{}.Head(&http.Request{Header: http.Header{}}, []byte(body))
	if err != nil {
		tb.Fatalf("%s: %v", body, err)
	}
	r, warnings, err := openaichat.Client{}.DecodeRequest(h, []byte(body))
	if err != nil {
		tb.Fatalf("%s: %v", body, err)
	}
	return r, warnings
}

// TestRequests_AreOneMessage is golden: what becomes of an OpenAI client's
// requests, and what is said of it.
func TestRequests_AreOneMessage(t *testing.T) {
	t.Parallel()
	emulating := fixed()
	emulating.EmulateTools = true
	dialecttest.Golden(t, openaichat.Client{}, fixed(), "qwen3.7-plus", "testdata/request")
	dialecttest.Golden(t, openaichat.Client{}, emulating, "qwen3.7-plus", "testdata/emulated")
}

func TestEncodeRequest_RefusesWhatTheSiteCannot(t *testing.T) {
	t.Parallel()
	const hi = `{"role":"user","content":"hi"}`
	for _, c := range []struct {
		body, param string
		kind        llm.Kind
	}{
		{`{"model":"m","messages":[` + hi + `],"tools":[{"type":"function","function":{"name":"f"}}]}`, "tools", llm.KindUnsupported},
		{`{"model":"m","messages":[` + hi + `],"n":2}`, "n", llm.KindUnsupported},
		{`{"model":"m","messages":[` + hi + `],"logprobs":true}`, "logprobs", llm.KindUnsupported},
		{`{"model":"m","messages":[` + hi + `,{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}]}`, "messages[1].content[1]", llm.KindUnsupported},
		{`{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}]}`, "messages[0].content[0]", llm.KindUnsupported},
		{`{"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/pdf;base64,AA==","filename":"a.pdf"}}]}]}`, "messages[0].content[0]", llm.KindUnsupported},
		{`{"model":"m","messages":[{"role":"system","content":"be kind"}]}`, "messages", llm.KindBadRequest},
		{`{"model":"m","messages":[{"role":"user","content":""}]}`, "messages", llm.KindBadRequest},
	} {
		r, _ := decode(t, c.body)
		_, _, err := qwenweb.Upstream{}.EncodeRequest(r, "m")
		if err == nil || err.Kind != c.kind || err.Param != c.param || err.Message == "" {
			t.Errorf("%s\n got %+v\nwant %v about %s", c.body, err, c.kind, c.param)
		}
	}
}

func TestEncodeRequest_ThinksAsMuchAsAsked(t *testing.T) {
	t.Parallel()
	zero, some := 0, 2000
	for _, c := range []struct {
		name string
		ask  llm.Reasoning
		want string
	}{
		{"unsaid", llm.Reasoning{}, `"thinking_enabled":true,"output_schema":"phase","research_mode":"normal","auto_thinking":true,"thinking_mode":"Auto"`},
		{"none", llm.Reasoning{Effort: "none"}, `"thinking_enabled":false,"output_schema":"phase","research_mode":"normal","auto_thinking":false,"thinking_mode":"Fast"`},
		{"no budget", llm.Reasoning{BudgetTokens: &zero}, `"thinking_mode":"Fast"`},
		{"a budget", llm.Reasoning{BudgetTokens: &some}, `"thinking_budget":2000,"research_mode":"normal","auto_thinking":false,"thinking_mode":"Thinking"`},
		{"low", llm.Reasoning{Effort: "low"}, `"thinking_budget":1024`},
		{"as much as there is", llm.Reasoning{Effort: "max"}, `"output_schema":"phase","research_mode":"normal","auto_thinking":false,"thinking_mode":"Thinking"`},
	} {
		r := &llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "hi"}}}}, Reasoning: c.ask}
		raw, _, err := qwenweb.Upstream{}.EncodeRequest(r, "m")
		if err != nil || !strings.Contains(string(raw), c.want) {
			t.Errorf("%s: %v\n got %s\nwant %s", c.name, err, raw, c.want)
		}
	}
}

func TestInChat_AddsTheChatAndNothingElse(t *testing.T) {
	t.Parallel()
	r, _ := decode(t, `{"model":"m","messages":[{"role":"user","content":"a <b> & \"c\""}]}`)
	raw, _, err := fixed().EncodeRequest(r, "m")
	if err != nil {
		t.Fatal(err)
	}
	got := string(qwenweb.InChat(raw, `id"1`))
	if want := `{"chat_id":"id\"1",` + string(raw[1:]); got != want || !json.Valid([]byte(got)) {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := string(qwenweb.InChat([]byte(" {} "), "c")); got != `{"chat_id":"c"}` {
		t.Errorf("got %s", got)
	}
	if got := string(qwenweb.NewChat("qwen3-max", 1760000000123)); got != `{"title":"New Chat","models":["qwen3-max"],"chat_mode":"normal","chat_type":"t2t","timestamp":1760000000123,"project_id":""}` {
		t.Errorf("got %s", got)
	}
}

func TestMessages_AreNamedAnewEachTime(t *testing.T) {
	t.Parallel()
	r, _ := decode(t, `{"model":"m","messages":[{"role":"user","content":"hi"}]}`)
	seen := map[string]bool{}
	for range 50 {
		raw, _, _ := qwenweb.Upstream{}.EncodeRequest(r, "m")
		var sent struct {
			Messages []struct {
				Fid         string
				ChildrenIDs []string
			}
		}
		if err := json.Unmarshal(raw, &sent); err != nil {
			t.Fatal(err)
		}
		for _, id := range append(sent.Messages[0].ChildrenIDs, sent.Messages[0].Fid) {
			if len(id) != 36 || id[14] != '4' || seen[id] {
				t.Errorf("%q is no new UUID", id)
			}
			seen[id] = true
		}
	}
}
