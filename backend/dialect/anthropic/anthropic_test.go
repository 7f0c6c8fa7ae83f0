package anthropic_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func vector(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "vectors", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

type misc struct {
	Name     string            `json:"name"`
	Status   int               `json:"status"`
	Headers  map[string]string `json:"headers"`
	Body     json.RawMessage   `json:"body"`
	BodyText string            `json:"body_text"`
}

func miscs(tb testing.TB) map[string]misc {
	tb.Helper()
	var list struct {
		Cases []misc `json:"cases"`
	}
	if err := json.Unmarshal(vector(tb, "anthropic_misc.json"), &list); err != nil {
		tb.Fatal(err)
	}
	out := map[string]misc{}
	for _, c := range list.Cases {
		out[c.Name] = c
	}
	return out
}

func usage(in, out int) llm.Usage { return llm.Usage{Known: true, Input: in, Output: out} }

// events writes events, each the JSON of its data.
func events(list ...string) []byte {
	var b strings.Builder
	for _, data := range list {
		var v struct{ Type string }
		_ = json.Unmarshal([]byte(data), &v)
		b.WriteString("event: " + v.Type + "\ndata: " + data + "\n\n")
	}
	return []byte(b.String())
}

const (
	begin = `{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":5,"cache_read_input_tokens":3,"cache_creation_input_tokens":2,"output_tokens":1}}}`
	stop  = `{"type":"message_stop"}`
)

func open(index, block string) string {
	return `{"type":"content_block_start","index":` + index + `,"content_block":` + block + `}`
}

func delta(index, d string) string {
	return `{"type":"content_block_delta","index":` + index + `,"delta":` + d + `}`
}

func closing(index string) string { return `{"type":"content_block_stop","index":` + index + `}` }

func text(s string) string { return delta("0", `{"type":"text_delta","text":"`+s+`"}`) }

func ending(reason string) string {
	return `{"type":"message_delta","delta":{"stop_reason":"` + reason + `","stop_sequence":null},"usage":{"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}}`
}

func replies(tb testing.TB) []dialecttest.Reply {
	tb.Helper()
	type out = dialecttest.Outcome
	others := miscs(tb)
	read := []dialecttest.Call{{ID: "toolu_t1", Name: "read_file", Arguments: `{"path": "a.go"}`}}
	whole := []dialecttest.Call{{ID: "toolu_t1", Name: "read_file", Arguments: `{"path":"a.go"}`}}
	counted := llm.Usage{Known: true, Input: 10, Cached: 3, CacheWrite: 2, Output: 9, Reasoning: 4}
	failed := func(k llm.Kind) out { return out{Failed: true, Error: k} }
	compact := func(raw json.RawMessage) []byte {
		var b bytes.Buffer
		if err := json.Compact(&b, raw); err != nil {
			tb.Fatal(err)
		}
		return b.Bytes()
	}
	return []dialecttest.Reply{
		{Name: "tool use", Body: vector(tb, "anthropic_stream_tool_use.sse"), Want: out{Text: "Reading.", Calls: read, Reason: "tool_calls", Usage: usage(120, 42)}},
		{Name: "thinking", Body: vector(tb, "anthropic_stream_thinking_text.sse"), Want: out{Thought: "Add them.", Text: "a + b", Reason: "stop", Usage: usage(20, 9)}},
		{Name: "whole", Body: compact(others["message"].Body), Want: out{Text: "Reading.", Calls: whole, Reason: "tool_calls", Usage: usage(120, 42)}},
		{Name: "B23 error midway", Body: []byte(others["stream_error_midway"].BodyText), Want: failed(llm.KindOverloaded)},
		{Name: "error under success", Body: others["error_401"].Body, Want: failed(llm.KindAuth)},
		{Name: "usage with caches", Body: events(begin, open("0", `{"type":"text","text":""}`), text("hi"), closing("0"), ending("end_turn"), stop), Want: out{Text: "hi", Reason: "stop", Usage: counted}},
		{Name: "max_tokens", Body: events(begin, open("0", `{"type":"text","text":"a"}`), text("b"), closing("0"), ending("max_tokens"), stop), Want: out{Text: "ab", Reason: "length", Usage: counted}},
		{Name: "context window", Body: events(begin, text("a"), ending("model_context_window_exceeded"), stop), Want: out{Text: "a", Reason: "length", Usage: counted}},
		{Name: "stop sequence", Body: events(begin, text("a"), ending("stop_sequence"), stop), Want: out{Text: "a", Reason: "stop", Usage: counted}},
		{Name: "pause", Body: events(begin, text("a"), ending("pause_turn"), stop), Want: out{Text: "a", Reason: "stop", Usage: counted}},
		{Name: "refusal after text", Body: events(begin, text("a"), ending("refusal"), stop), Want: out{Text: "a", Reason: "content_filter", Usage: counted}},
		{Name: "refusal", Body: events(begin, ending("refusal"), stop), Want: failed(llm.KindContent)},
		{Name: "B38 empty", Body: events(begin, ending("end_turn"), stop), Want: failed(llm.KindProtocol)},
		{Name: "limit used up", Body: events(begin, ending("max_tokens"), stop), Want: failed(llm.KindBadRequest)},
		{Name: "B38 thoughts alone", Body: events(begin, open("0", `{"type":"thinking","thinking":"","signature":""}`), delta("0", `{"type":"thinking_delta","thinking":"hm"}`), closing("0"), ending("end_turn"), stop), Want: out{
			Thought: "hm", Text: "hm", Reason: "stop", Usage: counted,
		}},
		{Name: "redacted thinking", Body: events(begin, open("0", `{"type":"redacted_thinking","data":"abc"}`), closing("0"), open("1", `{"type":"text","text":"a"}`), closing("1"), ending("end_turn"), stop), Want: out{
			Text: "a", Reason: "stop", Usage: counted,
		}},
		{Name: "B35 end_turn after a call", Body: events(begin, open("0", `{"type":"tool_use","id":"toolu_1","name":"f","input":{}}`), closing("0"), ending("end_turn"), stop), Want: out{
			Calls: []dialecttest.Call{{ID: "toolu_1", Name: "f", Arguments: "{}"}}, Reason: "tool_calls", Usage: counted,
		}},
		{Name: "arguments whole in the beginning", Body: events(begin, open("0", `{"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1}}`), closing("0"), ending("tool_use"), stop), Want: out{
			Calls: []dialecttest.Call{{ID: "toolu_1", Name: "f", Arguments: `{"x":1}`}}, Reason: "tool_calls", Usage: counted,
		}},
		{Name: "B34 one id twice", Body: events(begin, open("0", `{"type":"tool_use","id":"a","name":"f","input":{}}`), closing("0"), open("1", `{"type":"tool_use","id":"a","name":"f","input":{}}`), closing("1"), ending("tool_use"), stop), Want: out{
			Calls: []dialecttest.Call{{ID: "a", Name: "f", Arguments: "{}"}, {ID: dialecttest.AnyID, Name: "f", Arguments: "{}"}}, Reason: "tool_calls", Usage: counted,
		}},
		{Name: "length in the middle of a call", Body: events(begin, open("0", `{"type":"tool_use","id":"a","name":"f","input":{}}`), delta("0", `{"type":"input_json_delta","partial_json":"{\"x\":"}`), ending("max_tokens"), stop), Want: out{
			Calls: []dialecttest.Call{{ID: "a", Name: "f", Arguments: `{"x":`}}, Reason: "length", Usage: counted,
		}},
		{Name: "never named", Body: events(begin, open("0", `{"type":"tool_use","id":"a","input":{}}`)), Want: failed(llm.KindProtocol)},
		{Name: "tools of the service itself", Body: events(begin, open("0", `{"type":"server_tool_use","id":"s","name":"web_search","input":{}}`), delta("0", `{"type":"input_json_delta","partial_json":"{}"}`), closing("0"),
			open("1", `{"type":"web_search_tool_result","tool_use_id":"s","content":[]}`), closing("1"), open("2", `{"type":"text","text":"Die é "}`),
			delta("2", `{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://example.test/a","title":"A","cited_text":"x"}}`), delta("2", `{"type":"text_delta","text":"b"}`), closing("2"), ending("end_turn"), stop), Want: out{
			Text: "Die é b", Reason: "stop", Usage: counted, Citations: []llm.Citation{{URL: "https://example.test/a", Title: "A", Start: 0, End: 7}},
		}},
		{Name: "B23a cut", Body: events(begin, text("hi")), Want: out{Text: "hi", Failed: true, Error: llm.KindProtocol}},
		{Name: "end without message_stop", Body: events(begin, text("hi"), ending("end_turn")), Want: out{Text: "hi", Reason: "stop", Usage: counted}},
		{Name: "B24 no blank line at the end", Body: bytes.TrimRight(events(begin, text("hi"), ending("end_turn"), stop), "\n"), Want: out{Text: "hi", Reason: "stop", Usage: counted}},
		{Name: "no event names", Body: []byte("data: " + begin + "\n\ndata: " + text("hi") + "\n\ndata: " + ending("end_turn") + "\n\ndata: " + stop + "\n\ndata: [DONE]\n\n"), Want: out{Text: "hi", Reason: "stop", Usage: counted}},
		{Name: "nothing follows the end", Body: events(begin, text("hi"), ending("end_turn"), stop, text("more")), Want: out{Text: "hi", Reason: "stop", Usage: counted}},
		{Name: "error of another form", Body: []byte("data: {\"error\":{\"message\":\"busy\",\"type\":\"overloaded_error\"}}\n\n"), Want: failed(llm.KindOverloaded)},
		{Name: "whole error of another form", Body: []byte(`{"code":"InvalidApiKey","message":"bad"}`), Want: failed(llm.KindTransient)},
		{Name: "web page", Body: []byte("<html>"), Want: failed(llm.KindProtocol)},
		{Name: "no byte", Body: nil, Want: failed(llm.KindProtocol)},
		{Name: "not JSON", Body: []byte("data: oops\n\n"), Want: failed(llm.KindProtocol)},
		{Name: "half a JSON", Body: []byte(`{"content":[`), Want: failed(llm.KindProtocol)},
		{Name: "another JSON", Body: []byte(`{"choices":[]}`), Want: failed(llm.KindProtocol)},
	}
}

func TestDecodeReply_GivesWhatTheServiceMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Upstream(t, anthropic.Upstream{}, replies(t))
}

func TestDecodeReply_AsInTheGoldenFiles(t *testing.T) {
	t.Parallel()
	client := openaichat.Client{Now: func() time.Time { return time.Unix(1760000000, 0) }}
	dialecttest.GoldenReplies(t, client, anthropic.Upstream{}, "testdata/answer")
}

func TestDecodeReply_ReachesOpenAIClients(t *testing.T) {
	t.Parallel()
	list := replies(t)
	for i := range list {
		list[i].Want.Citations = nil      // who reads chat completions here reads none,
		list[i].Want.Usage.CacheWrite = 0 // and that protocol does not count them
	}
	dialecttest.Translated(t, openaichat.Client{}, openaichat.Upstream{}, anthropic.Upstream{}, list)
}

func TestDecodeReply_KeepsSignaturesForTheirMinter(t *testing.T) {
	t.Parallel()
	r, err := llm.Collect(anthropic.Upstream{}.DecodeReply("", bytes.NewReader(vector(t, "anthropic_stream_thinking_text.sse"))))
	if err != nil {
		t.Fatal(err)
	}
	want := []llm.Part{llm.Thought{Text: "Add them.", Signature: "dGVzdC1zaWduYXR1cmU=", Minter: "anthropic"}, llm.Text{Text: "a + b"}}
	if diff := cmp.Diff(want, r.Parts); diff != "" {
		t.Error(diff)
	}
	if r.Start.ID != "msg_t1" || r.Start.Model != "test-model" {
		t.Errorf("got %+v", r.Start)
	}
}

// TestRoundTrip_AnAnswerIsSentBackAsItCame is what keeps thinking models
// thinking: thoughts, hidden ones too, go back with their signatures.
func TestRoundTrip_AnAnswerIsSentBackAsItCame(t *testing.T) {
	t.Parallel()
	body := `{"id":"m","type":"message","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"redacted_thinking","data":"aGlkZGVu"},{"type":"text","text":"I read."},` +
		`{"type":"tool_use","id":"toolu_1","name":"read","input":{"path":"a.go"}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2}}`
	r, err := llm.Collect(anthropic.Upstream{}.DecodeReply("", strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	out, _, failed := anthropic.Upstream{}.EncodeRequest(&llm.Request{Messages: []llm.Message{
		{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "read"}}},
		{Role: llm.RoleAssistant, Parts: r.Parts},
		{Role: llm.RoleTool, Parts: []llm.Part{llm.ToolResult{CallID: "toolu_1"}}},
	}, Tools: []llm.Tool{{Name: "read"}}, Reasoning: llm.Reasoning{Effort: "medium"}}, "claude-sonnet-4-5")
	if failed != nil {
		t.Fatal(failed)
	}
	var sent struct {
		Messages []struct{ Content json.RawMessage }
		Thinking struct{ Type string }
	}
	var came struct{ Content json.RawMessage }
	if err := json.Unmarshal(out, &sent); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(body), &came); err != nil {
		t.Fatal(err)
	}
	if got, want := string(sent.Messages[1].Content), string(came.Content); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if sent.Thinking.Type != "enabled" {
		t.Errorf("the thinking is %q: its thoughts came back", sent.Thinking.Type)
	}
}

func TestEncodeRequest_AsInTheGoldenFiles(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("testdata/request/*")
	if err != nil || len(folders) == 0 {
		t.Fatal("no folders", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			dialecttest.Golden(t, openaichat.Client{}, anthropic.Upstream{}, filepath.Base(folder), folder)
		})
	}
}

func encode(t *testing.T, r *llm.Request, model string) (map[string]any, []string) {
	t.Helper()
	if r.Messages == nil {
		r.Messages = []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "x"}}}}
	}
	out, warnings, err := anthropic.Upstream{}.EncodeRequest(r, model)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	var lines []string
	for _, w := range warnings {
		if w.Field != "max_tokens" {
			lines = append(lines, w.String())
		}
	}
	return v, lines
}

// TestThinking_IsAskedForAsTheModelTakesIt is the table of the families.
func TestThinking_IsAskedForAsTheModelTakesIt(t *testing.T) {
	t.Parallel()
	required := llm.ToolChoice{Mode: llm.ChoiceRequired}
	tools := []llm.Tool{{Name: "f"}}
	for _, c := range []struct {
		name, model string
		request     llm.Request
		want        string
		notes       []string
	}{
		{"too old", "claude-3-5-haiku-20241022", llm.Request{Reasoning: llm.Reasoning{Effort: "high"}}, `{}`, []string{"dropped reasoning_effort"}},
		{"by budget", "claude-3-7-sonnet-20250219", llm.Request{Reasoning: llm.Reasoning{Effort: "medium"}}, `{"thinking":{"type":"enabled","budget_tokens":8192}}`, nil},
		{"its own budget", "claude-haiku-4-5", llm.Request{Reasoning: llm.Reasoning{BudgetTokens: new(5000)}}, `{"thinking":{"type":"enabled","budget_tokens":5000}}`, nil},
		{"at least 1024", "claude-haiku-4-5", llm.Request{Reasoning: llm.Reasoning{BudgetTokens: new(10)}}, `{"thinking":{"type":"enabled","budget_tokens":1024}}`, nil},
		{"below the limit", "claude-haiku-4-5", llm.Request{MaxTokens: new(4000), Reasoning: llm.Reasoning{Effort: "high"}}, `{"thinking":{"type":"enabled","budget_tokens":3000}}`, []string{"lowered, to leave room for the answer: reasoning budget"}},
		{"no room at all", "claude-haiku-4-5", llm.Request{MaxTokens: new(100), Reasoning: llm.Reasoning{Effort: "high"}}, `{}`, []string{"dropped reasoning_effort"}},
		{"budget of none", "claude-haiku-4-5", llm.Request{Reasoning: llm.Reasoning{Effort: "none"}}, `{}`, nil},
		{"budget and a required tool", "claude-haiku-4-5", llm.Request{Reasoning: llm.Reasoning{Effort: "low"}, Tools: tools, ToolChoice: required}, `{"tool_choice":{"type":"any"}}`, []string{"dropped reasoning_effort"}},
		{"budget and temperature", "claude-haiku-4-5", llm.Request{Reasoning: llm.Reasoning{Effort: "low"}, Temperature: new(0.5), TopK: new(3), TopP: new(0.5)}, `{"thinking":{"type":"enabled","budget_tokens":1024}}`, []string{"dropped temperature", "dropped top_p", "dropped top_k"}},
		{"opus 4.5 knows both", "claude-opus-4-5", llm.Request{Reasoning: llm.Reasoning{Effort: "low"}}, `{"thinking":{"type":"enabled","budget_tokens":1024},"output_config":{"effort":"low"}}`, nil},
		{"adaptive", "claude-opus-4-6", llm.Request{Reasoning: llm.Reasoning{Effort: "medium"}}, `{"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"medium"}}`, nil},
		{"no xhigh yet", "claude-sonnet-4-6", llm.Request{Reasoning: llm.Reasoning{Effort: "xhigh"}}, `{"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"}}`, []string{"read as high: reasoning_effort"}},
		{"xhigh", "claude-opus-4-7", llm.Request{Reasoning: llm.Reasoning{Effort: "xhigh"}}, `{"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"xhigh"}}`, nil},
		{"minimal", "claude-opus-4-7", llm.Request{Reasoning: llm.Reasoning{Effort: "minimal"}}, `{"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"low"}}`, []string{"read as low: reasoning_effort"}},
		{"a budget is an effort", "claude-opus-5", llm.Request{Reasoning: llm.Reasoning{BudgetTokens: new(20000)}}, `{"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"}}`, []string{"read as the effort high: reasoning budget"}},
		{"a summary alone", "claude-opus-5", llm.Request{Reasoning: llm.Reasoning{Summary: "auto"}}, `{"thinking":{"type":"adaptive","display":"summarized"}}`, nil},
		{"nothing said", "claude-opus-5-5", llm.Request{}, `{}`, nil},
		{"none where it is off", "claude-opus-4-7", llm.Request{Reasoning: llm.Reasoning{Effort: "none"}}, `{}`, nil},
		{"none where it is on", "claude-sonnet-5", llm.Request{Reasoning: llm.Reasoning{Effort: "none"}}, `{"thinking":{"type":"disabled"}}`, nil},
		{"none between calls", "claude-sonnet-5-5", llm.Request{Reasoning: llm.Reasoning{Effort: "none"}}, `{"thinking":{"type":"between_tools"}}`, nil},
		{"none cannot be", "claude-opus-5-5", llm.Request{Reasoning: llm.Reasoning{Effort: "none"}}, `{"output_config":{"effort":"low"}}`, []string{"read as low: this model always thinks: reasoning_effort"}},
		{"none for fable", "anthropic/claude-fable-5.1", llm.Request{Reasoning: llm.Reasoning{Effort: "none"}}, `{"output_config":{"effort":"low"}}`, []string{"read as low: this model always thinks: reasoning_effort"}},
		{"required, off by itself", "claude-opus-4-7", llm.Request{Tools: tools, ToolChoice: required}, `{"tool_choice":{"type":"any"}}`, nil},
		{"required, on by itself", "claude-opus-5", llm.Request{Tools: tools, ToolChoice: required, Reasoning: llm.Reasoning{Effort: "max"}}, `{"thinking":{"type":"disabled"},"tool_choice":{"type":"any"},"output_config":{"effort":"high"}}`, []string{"no thinking, since a tool is required: reasoning_effort"}},
		{"required cannot be", "claude-opus-5-5", llm.Request{Tools: tools, ToolChoice: llm.ToolChoice{Mode: llm.ChoiceTool, Name: "f"}}, `{"tool_choice":{"type":"auto"}}`, []string{"read as auto: this model cannot be made to call a tool: tool_choice"}},
		{"sampling is gone", "us.anthropic.claude-opus-4-7-v1:0", llm.Request{Temperature: new(0.0), TopP: new(1.0), TopK: new(1)}, `{}`, []string{"dropped temperature", "dropped top_p", "dropped top_k"}},
		{"one of the two", "claude-sonnet-4-5-20250929", llm.Request{Temperature: new(0.5), TopP: new(0.9)}, `{"temperature":0.5}`, []string{"dropped top_p"}},
		{"both, long ago", "claude-3-5-sonnet-20241022", llm.Request{Temperature: new(1.5), TopP: new(0.9), TopK: new(4)}, `{"temperature":1,"top_p":0.9,"top_k":4}`, []string{"lowered to 1: temperature"}},
		{"a copy of the protocol", "glm-4.7", llm.Request{Temperature: new(0.5), TopP: new(0.9), Reasoning: llm.Reasoning{Effort: "none"}}, `{"temperature":0.5,"top_p":0.9}`, nil},
		{"an alias without a number", "claude-sonnet-latest", llm.Request{Temperature: new(0.5)}, `{}`, []string{"dropped temperature"}},
	} {
		got, notes := encode(t, &c.request, c.model)
		for _, k := range []string{"model", "messages", "max_tokens", "stream", "tools"} {
			delete(got, k)
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if !slices.Equal(notes, c.notes) {
			t.Errorf("%s: the notes are %q, want %q", c.name, notes, c.notes)
		}
	}
}

func TestThinking_IsLeftOutInTheMiddleOfAStepWithoutItsThought(t *testing.T) {
	t.Parallel()
	r := &llm.Request{Reasoning: llm.Reasoning{Effort: "low"}, Tools: []llm.Tool{{Name: "f"}}, Messages: []llm.Message{
		{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "x"}}},
		{Role: llm.RoleAssistant, Parts: []llm.Part{llm.Thought{Text: "hm"}, llm.ToolCall{ID: "a", Name: "f"}}},
		{Role: llm.RoleTool, Parts: []llm.Part{llm.ToolResult{CallID: "a"}}},
	}}
	got, notes := encode(t, r, "claude-haiku-4-5")
	if got["thinking"] != nil || !slices.Contains(notes, "dropped reasoning_effort") || !slices.Contains(notes, "dropped messages[1].reasoning_content") {
		t.Errorf("got %v, %q", got["thinking"], notes)
	}
}

func TestMaxTokens_IsTheClientsOrTheAccountsOrTheModels(t *testing.T) {
	t.Parallel()
	ask := func(u anthropic.Upstream, r llm.Request, model string) float64 {
		r.Messages = []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "x"}}}}
		out, _, err := u.EncodeRequest(&r, model)
		if err != nil {
			t.Fatal(err)
		}
		var v struct {
			MaxTokens float64 `json:"max_tokens"`
		}
		if err := json.Unmarshal(out, &v); err != nil {
			t.Fatal(err)
		}
		return v.MaxTokens
	}
	got := []float64{
		ask(anthropic.Upstream{MaxTokens: 7}, llm.Request{MaxTokens: new(5)}, "claude-opus-4-7"), ask(anthropic.Upstream{MaxTokens: 7}, llm.Request{}, "claude-opus-4-7"),
		ask(anthropic.Upstream{}, llm.Request{}, "claude-opus-4-7"), ask(anthropic.Upstream{}, llm.Request{}, "claude-3-haiku-20240307"), ask(anthropic.Upstream{}, llm.Request{}, "claude-3-5-sonnet-20241022"),
		ask(anthropic.Upstream{}, llm.Request{}, "claude-opus-4-20250514"), ask(anthropic.Upstream{}, llm.Request{}, "qwen3-max"),
	}
	if want := []float64{5, 7, 64000, 4096, 8192, 32000, 8192}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestB32_NamesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a_very_long_name.", 10)
	r := &llm.Request{Tools: []llm.Tool{{Name: long + "1"}, {Name: long + "2"}, {Name: "读文件"}, {Name: "fine"}, {Name: "patch", Custom: true}}}
	v, _ := encode(t, r, "claude-opus-4-7")
	tools, _ := v["tools"].([]any)
	seen := map[string]bool{}
	for i, tool := range tools {
		m, _ := tool.(map[string]any)
		name, _ := m["name"].(string)
		if len(name) > 64 || name == "" || seen[name] || strings.ContainsFunc(name, func(r rune) bool { return r > 'z' || r == '.' }) {
			t.Errorf("the wire name is %q", name)
		}
		seen[name] = true
		body := events(begin, open("0", `{"type":"tool_use","id":"a","name":"`+name+`","input":{"input":"*** x"}}`), closing("0"), ending("tool_use"), stop)
		reply, err := llm.Collect(anthropic.Upstream{}.Restore(r, anthropic.Upstream{}.DecodeReply("", bytes.NewReader(body))))
		if err != nil {
			t.Fatal(err)
		}
		want := llm.ToolCall{ID: "a", Name: r.Tools[i].Name, Arguments: `{"input":"*** x"}`, Custom: r.Tools[i].Custom}
		if want.Custom {
			want.Arguments = "*** x"
		}
		if diff := cmp.Diff([]llm.Part{want}, reply.Parts); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRestore_FreeTextThatWasCutIsNotLost(t *testing.T) {
	t.Parallel()
	r := &llm.Request{Tools: []llm.Tool{{Name: "patch", Custom: true}}}
	body := events(begin, open("0", `{"type":"tool_use","id":"a","name":"patch","input":{}}`), delta("0", `{"type":"input_json_delta","partial_json":"{\"input\":\"ab"}`), ending("max_tokens"), stop)
	got := dialecttest.Of(anthropic.Upstream{}.Restore(r, anthropic.Upstream{}.DecodeReply("", bytes.NewReader(body))))
	if len(got.Calls) != 1 || got.Calls[0].Arguments != `{"input":"ab` || got.Reason != llm.ReasonLength {
		t.Errorf("got %+v", got)
	}
}

func TestDecodeError_ReadsWhatTheServiceAnswers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	body := func(kind, message string) string {
		return `{"type":"error","error":{"type":"` + kind + `","message":"` + message + `"},"request_id":"req"}`
	}
	limits := http.Header{
		"Anthropic-Ratelimit-Requests-Remaining": {"0"}, "Anthropic-Ratelimit-Requests-Reset": {"2026-11-01T00:00:30Z"},
		"Anthropic-Ratelimit-Tokens-Remaining": {"0"}, "Anthropic-Ratelimit-Tokens-Reset": {"2026-11-01T00:01:00Z"},
		"Anthropic-Ratelimit-Input-Tokens-Remaining": {"5"}, "Anthropic-Ratelimit-Input-Tokens-Reset": {"2026-11-01T01:00:00Z"},
	}
	for _, c := range []struct {
		status            int
		body              string
		kind              llm.Kind
		says, code, param string
		header            http.Header
		wait              time.Duration
	}{
		{400, body("invalid_request_error", "max_tokens: 128000 > 64000"), llm.KindBadRequest, "max_tokens: 128000 > 64000", "invalid_request_error", "max_tokens", nil, 0},
		{400, body("invalid_request_error", "messages.0.content: too many"), llm.KindBadRequest, "too many", "invalid_request_error", "messages.0.content", nil, 0},
		{400, body("invalid_request_error", "prompt is too long: 200001 tokens > 200000 maximum"), llm.KindBadRequest, "prompt is too long: 200001", "context_length_exceeded", "", nil, 0},
		{400, body("invalid_request_error", "Your credit balance is too low to access the API."), llm.KindQuota, "billing page", "invalid_request_error", "", nil, 0},
		{400, body("invalid_request_error", "You have reached your specified API usage limits."), llm.KindQuota, "billing page", "invalid_request_error", "", nil, 0},
		{401, string(miscs(t)["error_401"].Body), llm.KindAuth, "test: invalid x-api-key — the key is not accepted", "authentication_error", "", nil, 0},
		{402, body("billing_error", "pay"), llm.KindQuota, "pay — ", "billing_error", "", nil, 0},
		{403, body("permission_error", "no"), llm.KindForbidden, "check its rights", "permission_error", "", nil, 0},
		{404, body("not_found_error", "model: x"), llm.KindNotFound, "check the model's name", "not_found_error", "", nil, 0},
		{409, body("conflict_error", "x"), llm.KindTransient, "x", "conflict_error", "", nil, 0},
		{413, body("request_too_large", "x"), llm.KindTooLarge, "send less", "request_too_large", "", nil, 0},
		{429, string(miscs(t)["error_429"].Body), llm.KindRate, "test: slow down", "rate_limit_error", "", http.Header{"Retry-After": {"3"}}, 3 * time.Second},
		{429, body("rate_limit_error", "x"), llm.KindRate, "x", "rate_limit_error", "", limits, time.Minute},
		{429, ``, llm.KindRate, "429 Too Many Requests", "", "", nil, 0},
		{500, body("api_error", "x"), llm.KindTransient, "x", "api_error", "", nil, 0},
		{504, body("timeout_error", "x"), llm.KindTimeout, "x", "timeout_error", "", nil, 0},
		{529, body("overloaded_error", "Overloaded"), llm.KindOverloaded, "Overloaded", "overloaded_error", "", nil, 0},
		{529, ``, llm.KindOverloaded, "529", "", "", nil, 0},
		{502, `<html><title>502 Bad Gateway</title></html>`, llm.KindTransient, "web page: 502 Bad Gateway", "", "", nil, 0},
		{400, `{"error":{"code":"1214","message":"bad field"}}`, llm.KindBadRequest, "bad field", "1214", "", nil, 0},
		{401, `{"error":"no key"}`, llm.KindAuth, "no key — ", "", "", nil, 0},
		{422, `{"code":"InvalidParameter","message":"m"}`, llm.KindBadRequest, "m", "InvalidParameter", "", nil, 0},
		{408, `nope`, llm.KindTimeout, "nope", "", "", nil, 0},
	} {
		h := http.Header{}
		maps.Copy(h, c.header)
		got := anthropic.Upstream{Now: func() time.Time { return now }}.DecodeError(c.status, h, []byte(c.body))
		if got.Kind != c.kind || !strings.Contains(got.Message, c.says) || got.Code != c.code || got.Param != c.param || got.RetryAfter != c.wait || got.Status != c.status {
			t.Errorf("%d %s: got %+v", c.status, c.body, got)
		}
	}
}

func TestDecodeReply_SaysWhyTheModelRefused(t *testing.T) {
	t.Parallel()
	body := events(begin, `{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","explanation":"not this"}}}`, stop)
	_, err := llm.Collect(anthropic.Upstream{}.DecodeReply("", bytes.NewReader(body)))
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindContent || e.Message != "the model refused: not this" {
		t.Errorf("got %+v", e)
	}
}

func FuzzReply(f *testing.F) {
	for _, r := range replies(f) {
		f.Add(r.Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		dialecttest.Ordered(t, anthropic.Upstream{}.DecodeReply("", bytes.NewReader(body)))
		want := dialecttest.Of(anthropic.Upstream{}.DecodeReply("", bytes.NewReader(body)))
		got := dialecttest.Of(anthropic.Upstream{}.DecodeReply("", iotest.OneByteReader(bytes.NewReader(body))))
		for i := range want.Calls {
			want.Calls[i].ID = dialecttest.AnyID
		}
		if diff := dialecttest.Diff(want, got); diff != "" {
			t.Errorf("%q (-whole +pieces):\n%s", body, diff)
		}
	})
}

func FuzzError(f *testing.F) {
	for _, s := range []string{`{"type":"error","error":{"type":"x","message":"y"}}`, `<html>`, ``, `[1]`, "\xff", `{"error":1}`} {
		f.Add(401, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		got := anthropic.Upstream{}.DecodeError(status, http.Header{}, body)
		if got.Message == "" || !utf8.ValidString(got.Message) || len(got.Message) > 1200 {
			t.Errorf("%q is read as %q", body, got.Message)
		}
	})
}
