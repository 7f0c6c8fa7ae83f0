package gemini_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// TestB34b_RequestsBecomeWhatGoogleTakes reads the golden files: a folder for
// each model, since a model's family decides much.
func TestB34b_RequestsBecomeWhatGoogleTakes(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("testdata/request/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no requests: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			dialecttest.Golden(t, openaichat.Client{}, gemini.Upstream{IDs: true}, filepath.Base(folder), folder)
		})
	}
}

func decodedRequest(tb testing.TB, body string) *llm.Request {
	tb.Helper()
	h, failed := openaichat.Client{}.Head(&http.Request{Header: http.Header{}}, []byte(body))
	if failed != nil {
		tb.Fatal(failed)
	}
	r, _, failed := openaichat.Client{}.DecodeRequest(h, []byte(body))
	if failed != nil {
		tb.Fatal(failed)
	}
	return r
}

func encoded(tb testing.TB, u gemini.Upstream, body, model string) (out string, warnings []string) {
	tb.Helper()
	raw, list, failed := u.EncodeRequest(decodedRequest(tb, body), model)
	if failed != nil {
		tb.Fatalf("%s: %v", body, failed)
	}
	if !json.Valid(raw) {
		tb.Fatalf("%s is no JSON", raw)
	}
	for _, w := range list {
		warnings = append(warnings, w.String())
	}
	return string(raw), warnings
}

const called = `{"messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},` +
	`{"role":"tool","tool_call_id":"a","content":"y"}]`

func TestEncodeRequest_SendsNoIDsToVertex(t *testing.T) {
	t.Parallel()
	vertex, _ := encoded(t, gemini.Upstream{}, called+"}", "gemini-2.5-pro")
	if strings.Contains(vertex, `"id"`) {
		t.Errorf("got %s, want no ids", vertex)
	}
	public, _ := encoded(t, gemini.Upstream{IDs: true}, called+"}", "gemini-2.5-pro")
	if strings.Count(public, `"id":"a"`) != 2 {
		t.Errorf("got %s, want the id on the call and on the result", public)
	}
}

func TestEncodeRequest_WrapsForCodeAssist(t *testing.T) {
	t.Parallel()
	n := 0
	newID := func() string { n++; return fmt.Sprintf("id-%d", n) }
	const body = `{"messages":[{"role":"user","content":"hi"}],"service_tier":"priority"}`
	got, warnings := encoded(t, gemini.Upstream{IDs: true, Envelope: &gemini.Envelope{Project: "p", NewID: newID}}, body, "gemini-2.5-pro")
	want := `{"model":"gemini-2.5-pro","project":"p","user_prompt_id":"id-1","request":{"contents":[{"role":"user","parts":[{"text":"hi"}]}],` +
		`"generationConfig":{"thinkingConfig":{"includeThoughts":true}},"session_id":"id-2"}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if diff := cmp.Diff([]string{"dropped service_tier"}, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	bare, _ := encoded(t, gemini.Upstream{IDs: true, Envelope: &gemini.Envelope{}}, body, "gemini-2.5-pro")
	again, _ := encoded(t, gemini.Upstream{IDs: true, Envelope: &gemini.Envelope{}}, body, "gemini-2.5-pro")
	if strings.Contains(bare, "project") || bare == again {
		t.Errorf("got %s and %s, want no project and ids of their own", bare, again)
	}
}

func TestB33_AMissUsesTheDocumentedValue(t *testing.T) {
	t.Parallel()
	k := kept{"a": "from the store"}
	for _, test := range []struct {
		name, model string
		u           gemini.Upstream
		want        string
	}{
		{"the store", "gemini-3-pro-preview", gemini.Upstream{Signatures: k}, `"thoughtSignature":"from the store"`},
		{"nobody has it", "gemini-3-pro-preview", gemini.Upstream{}, `"thoughtSignature":"skip_thought_signature_validator"`},
		{"an older model", "gemini-2.5-pro", gemini.Upstream{}, ""},
	} {
		got, _ := encoded(t, test.u, called+"}", test.model)
		if !strings.Contains(got, test.want) || test.want == "" && strings.Contains(got, "thoughtSignature") {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestB33_ASignatureIsReadHoweverItsPlaceIsWritten(t *testing.T) {
	t.Parallel()
	for _, place := range []string{
		`{"google":{"thought_signature":"c2ln"}}`, `{ "google": { "thought_signature": "c2ln" } }`,
		`{"google":{"other":1,"thought_signature":"c2ln"},"vendor":2}`,
	} {
		body := strings.Replace(called, `"id":"a",`, `"id":"a","extra_content":`+place+`,`, 1) + "}"
		got, _ := encoded(t, gemini.Upstream{}, body, "gemini-3-pro-preview")
		if !strings.Contains(got, `"thoughtSignature":"c2ln"`) {
			t.Errorf("%s: got %s", place, got)
		}
	}
}

func TestEncodeRequest_ThinksAsMuchAsAsked(t *testing.T) {
	t.Parallel()
	const on, off = `"includeThoughts":true`, `"includeThoughts":false`
	for _, test := range []struct{ model, effort, want, warning string }{
		{"gemini-2.5-pro", "", on, ""},
		{"gemini-2.5-pro", "none", off + `,"thinkingBudget":128`, "brought into the model's range: reasoning_effort"},
		{"gemini-2.5-flash", "none", off + `,"thinkingBudget":0`, ""},
		{"gemini-2.5-flash", "minimal", on + `,"thinkingBudget":1024`, ""},
		{"gemini-2.5-flash", "low", on + `,"thinkingBudget":1024`, ""},
		{"models/gemini-2.5-flash", "medium", on + `,"thinkingBudget":8192`, ""},
		{"gemini-2.5-flash-lite", "high", on + `,"thinkingBudget":24576`, ""},
		{"gemini-2.5-pro", "xhigh", on + `,"thinkingBudget":32768`, "sent xhigh as the largest budget in reasoning_effort"},
		{"gemini-3-pro-preview", "", on, ""},
		{"gemini-3-pro-preview", "minimal", on + `,"thinkingLevel":"LOW"`, "sent minimal as low in reasoning_effort"},
		{"gemini-3-pro-preview", "medium", on + `,"thinkingLevel":"HIGH"`, "sent medium as high in reasoning_effort"},
		{"gemini-3.1-pro-preview", "medium", on + `,"thinkingLevel":"MEDIUM"`, ""},
		{"gemini-3.1-pro-preview", "none", off + `,"thinkingLevel":"LOW"`, "sent none as low in reasoning_effort"},
		{"gemini-3-flash-preview", "minimal", on + `,"thinkingLevel":"MINIMAL"`, ""},
		{"gemini-3.8-flash", "minimal", on + `,"thinkingLevel":"LOW"`, "sent minimal as low in reasoning_effort"},
		{"gemini-3.8-flash", "max", on + `,"thinkingLevel":"HIGH"`, "sent max as high in reasoning_effort"},
		{"gemini-flash-latest", "low", on + `,"thinkingLevel":"LOW"`, ""},
		{"gemini-2.0-flash", "high", "", "dropped reasoning_effort"},
		{"gemma-4-31b-it", "none", "", ""},
		{"gemini-2.5-flash", "odd", on, "dropped reasoning_effort"},
	} {
		body := `{"messages":[{"role":"user","content":"x"}]}`
		if test.effort != "" {
			body = `{"messages":[{"role":"user","content":"x"}],"reasoning_effort":"` + test.effort + `"}`
		}
		got, warnings := encoded(t, gemini.Upstream{}, body, test.model)
		want := `"thinkingConfig":{` + test.want + `}`
		if test.want == "" {
			want = `}]}`
			if strings.Contains(got, "thinkingConfig") {
				t.Errorf("%s %s: got %s, want nothing of it", test.model, test.effort, got)
			}
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s %s: got %s, want %s", test.model, test.effort, got, want)
		}
		if strings.Join(warnings, "; ") != test.warning {
			t.Errorf("%s %s: got the notes %q, want %q", test.model, test.effort, warnings, test.warning)
		}
	}
}

func TestB32_RenamedToolsComeBackUnderTheirOwnNames(t *testing.T) {
	t.Parallel()
	r := &llm.Request{Tools: []llm.Tool{{Name: "mcp/server tool"}, {Name: "plain"}, {Name: "patch", Custom: true}}}
	body := chunks(ends(`{"functionCall":{"id":"1","name":"mcp_server_tool_a786cb9b","args":{"a":1}}},`+
		`{"functionCall":{"id":"2","name":"plain","args":{"input":"x"}}},{"functionCall":{"id":"3","name":"patch","args":{"input":"*** \"Begin\""}}}`, "STOP"))
	u := gemini.Upstream{}
	reply, err := llm.Collect(u.Restore(r, u.DecodeReply("", bytes.NewReader(body))))
	if err != nil {
		t.Fatal(err)
	}
	want := []llm.Part{
		llm.ToolCall{ID: "1", Name: "mcp/server tool", Arguments: `{"a":1}`},
		llm.ToolCall{ID: "2", Name: "plain", Arguments: `{"input":"x"}`},
		llm.ToolCall{ID: "3", Name: "patch", Arguments: `*** "Begin"`, Custom: true},
	}
	if diff := cmp.Diff(want, reply.Parts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEncodeRequest_SendsASignedThoughtBack(t *testing.T) {
	t.Parallel()
	r := &llm.Request{Messages: []llm.Message{
		{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "x"}}},
		{Role: llm.RoleAssistant, Parts: []llm.Part{
			llm.Thought{Text: "hm", Signature: "sig", Minter: "gemini"},
			llm.Thought{Text: "no", Signature: "sig", Minter: "anthropic"},
			llm.Text{Text: "y"},
			llm.Thought{Signature: "last", Minter: "gemini"},
		}},
		{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "z"}}},
	}}
	out, warnings, failed := gemini.Upstream{IDs: true}.EncodeRequest(r, "gemini-3.5-flash")
	if failed != nil {
		t.Fatal(failed)
	}
	want := `{"role":"model","parts":[{"text":"hm","thought":true,"thoughtSignature":"sig"},{"text":"y"},{"text":"","thoughtSignature":"last"}]}`
	if !strings.Contains(string(out), want) || len(warnings) != 1 {
		t.Errorf("got %s with %v, want %s in it and a note of the thought that is not Google's", out, warnings, want)
	}
}
