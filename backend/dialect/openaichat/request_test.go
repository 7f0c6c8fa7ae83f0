package openaichat_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func head(tb testing.TB, body string) dialect.Head {
	tb.Helper()
	h, err := openaichat.Client{}.Head(&http.Request{Header: http.Header{}}, []byte(body))
	if err != nil {
		tb.Fatalf("%s: %v", body, err)
	}
	return h
}

func value(tb testing.TB, raw []byte) any {
	tb.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		tb.Fatalf("%v in %s", err, raw)
	}
	return v
}

func lines(warnings []llm.Warning) []string {
	var out []string
	for _, w := range warnings {
		out = append(out, w.String())
	}
	return out
}

func section(tb testing.TB, a *txtar.Archive, name string) string {
	tb.Helper()
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	tb.Fatalf("there is no %s", name)
	return ""
}

// TestB34b_RequestsKeepEveryField reads each request and writes it again: where
// the two differ, and what was said of it, stands in the golden file.
func TestB34b_RequestsKeepEveryField(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/request/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no requests: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			body := section(t, archive, "request.json")
			request, first, failed := openaichat.Client{}.DecodeRequest(head(t, body), []byte(body))
			if failed != nil {
				t.Fatal(failed)
			}
			out, second, failed := openaichat.Upstream{}.EncodeRequest(request, "upstream")
			if failed != nil {
				t.Fatal(failed)
			}
			want := strings.FieldsFunc(section(t, archive, "warnings"), func(r rune) bool { return r == '\n' })
			if diff := cmp.Diff(want, append(lines(first), lines(second)...), cmp.Transformer("", func(s []string) string { return strings.Join(s, "\n") })); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			differences := strings.Fields(section(t, archive, "differences"))
			got := dialecttest.Paths(withoutNull(value(t, []byte(body))), withoutNull(value(t, out)))
			if diff := cmp.Diff(differences, got); diff != "" {
				t.Errorf("differences (-want +got):\n%s\n%s", diff, out)
			}
		})
	}
}

func withoutNull(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil {
				delete(v, k)
			}
			withoutNull(e)
		}
	case []any:
		for _, e := range v {
			withoutNull(e)
		}
	}
	return v
}

func TestHead_ReadsWhatRoutingNeeds(t *testing.T) {
	t.Parallel()
	const messages = `"messages":[{"role":"user","content":"\"model\":\"no\""}]`
	for _, test := range []struct {
		body string
		want dialect.Head
	}{
		{`{"model":"m",` + messages + `}`, dialect.Head{Model: "m"}},
		{`{` + messages + `}`, dialect.Head{}},
		{`{"model":null,` + messages + `}`, dialect.Head{}},
		{`{"model":"a",` + messages + `,"model":"b\/\u00e9"}`, dialect.Head{Model: "b/é"}},
		{`{"mod\u0065l":"m","stream":"true",` + messages + `}`, dialect.Head{Model: "m", Stream: true}},
		{`{"stream":true,"stream_options":{"include_usage":true},"prompt_cache_key":"k",` + messages + `}`, dialect.Head{Stream: true, IncludeUsage: true, Sticky: "k"}},
		{`{"stream":null,"stream_options":null,"tools":[],` + messages + `}`, dialect.Head{}},
		{`{"tools":[{}],"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}`, dialect.Head{Tools: true, Images: true}},
	} {
		got := head(t, test.body)
		if at := got.ModelAt; at.Found() {
			var model *string
			if err := json.Unmarshal([]byte(test.body[at.From:at.To]), &model); err != nil || model != nil && *model != got.Model {
				t.Errorf("%s: the model stands at %q", test.body, test.body[at.From:at.To])
			}
		}
		got.ModelAt, got.StreamAt, got.StreamOptionsAt, got.ObjectAt = dialect.Span{}, dialect.Span{}, dialect.Span{}, dialect.Span{}
		if got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.body, got, test.want)
		}
	}
	h, _ := openaichat.Client{}.Head(&http.Request{Header: http.Header{"X-Session-Id": {"s"}}}, []byte(`{`+messages+`}`))
	if h.Sticky != "s" {
		t.Errorf("got the session %q, want s", h.Sticky)
	}
}

func TestHead_SaysWhatToChange(t *testing.T) {
	t.Parallel()
	long := `{"messages":[{"role":"user","content":"` + strings.Repeat("x", 100_000)
	for body, want := range map[string]string{
		``:                             "the request has no body; send a JSON object with model and messages",
		`[]`:                           "expected an object at line 1, column 1 (byte 0)",
		`{"messages":[`:                "unexpected end at line 1, column 14 (byte 13)",
		long:                           "unexpected end at line 1, column 100040 (byte 100039)",
		long + `"}]} {`:                "unexpected text after the end",
		"{\"messages\":[\"\xff\"]}":    "bad UTF-8 in a string at line 1, column 15 (byte 14)",
		`{"model":1,"messages":[{}]}`:  "model must be a string",
		`{"model":"m"}`:                "messages is missing",
		`{"messages":[]}`:              "messages is empty; send at least one",
		`{"messages":"x"}`:             "messages must be a list",
		`{"messages":[{}],"stream":1}`: "stream must be true or false",
		`{"messages":[{}],"stream_options":true}`: "stream_options must be an object",
	} {
		_, err := openaichat.Client{}.Head(&http.Request{Header: http.Header{}}, []byte(body))
		if err == nil {
			t.Errorf("%.60q is accepted", body)
			continue
		}
		if err.Kind != llm.KindBadRequest || !strings.Contains(err.Message, want) {
			t.Errorf("%.60q: got %v %q, want %q", body, err.Kind, err.Message, want)
		}
	}
}

func TestDecodeRequest_NamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for field, param := range map[string]string{
		`"temperature":"hot"`: "temperature", `"max_tokens":1.5`: "max_tokens", `"seed":"x"`: "seed", `"stop":{}`: "stop", `"stop":["a",1]`: "stop[1]",
		`"tools":{}`: "tools", `"tools":[{}]`: "tools[0].type", `"tools":[{"type":"function"}]`: "tools[0].function",
		`"tools":[{"type":"function","function":{}}]`: "tools[0].function.name", `"logprobs":1`: "logprobs", `"response_format":"json"`: "response_format",
		`"response_format":{"type":"json_schema"}`: "response_format.json_schema", `"messages":[{"content":"x"}]`: "messages[0].role",
		`"messages":[{"role":"robot"}]`: "messages[0].role", `"messages":["x"]`: "messages[0]", `"messages":[{"role":"user","content":5}]`: "messages[0].content",
		`"messages":[{"role":"user","content":[{"type":"text"}]}]`: "messages[0].content[0].text", `"messages":[{"role":"user","content":[{}]}]`: "messages[0].content[0].type",
	} {
		body := `{"model":"m","messages":[{"role":"user","content":"x"}],` + field + `}`
		_, _, err := openaichat.Client{}.DecodeRequest(head(t, body), []byte(body))
		if err == nil || err.Param != param || err.Kind != llm.KindBadRequest {
			t.Errorf("%s: got %+v, want the parameter %s", field, err, param)
		}
	}
}

func TestEncodeRequest_RefusesSeveralAnswers(t *testing.T) {
	t.Parallel()
	_, _, err := openaichat.Upstream{}.EncodeRequest(&llm.Request{Choices: 2}, "m")
	if err == nil || err.Kind != llm.KindUnsupported || err.Param != "n" {
		t.Errorf("got %+v, want an unsupported n", err)
	}
}

func TestEncodeRequest_DropsWhatOthersMintedAndSaysSo(t *testing.T) {
	t.Parallel()
	out, warnings, err := openaichat.Upstream{}.EncodeRequest(&llm.Request{
		Minter: "anthropic", Stream: true, IncludeUsage: true, Extra: []llm.Field{{Name: "thinking", Value: llm.RawJSON("1")}},
		Messages: []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{
			llm.ToolResult{CallID: "1", Parts: []llm.Part{llm.Text{Text: "r"}}},
			llm.Text{Text: "t", Extra: []llm.Field{{Name: "cache_control", Value: llm.RawJSON("1")}}},
			llm.Opaque{Minter: "anthropic", Value: llm.RawJSON("1")},
		}}},
		Tools: []llm.Tool{{Builtin: "web_search", Raw: llm.RawJSON("1")}},
	}, "m")
	if err != nil {
		t.Fatal(err)
	}
	want := value(t, []byte(`{"model":"m","messages":[{"role":"tool","tool_call_id":"1","content":"r"},{"role":"user","content":[{"type":"text","text":"t"}]}],
		"stream":true,"stream_options":{"include_usage":true}}`))
	if diff := cmp.Diff(want, value(t, out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantLines := []string{"dropped messages[0].cache_control", "dropped messages[0].content[1]", "dropped tools[0]", "dropped thinking"}
	got := lines(warnings)
	slices.Sort(got)
	slices.Sort(wantLines)
	if len(got) != len(wantLines) {
		t.Errorf("got the warnings %q", got)
	}
}

func TestB40_QuirksAreMetAndNamed(t *testing.T) {
	t.Parallel()
	const user = `{"role":"user","content":"x"}`
	for _, test := range []struct {
		name         string
		quirks       openaichat.Quirks
		before, want string
		warnings     []string
	}{
		{
			"B44 limit",
			openaichat.Quirks{MaxTokensField: "max_completion_tokens"},
			`{"max_tokens":5,"messages":[` + user + `]}`,
			`{"max_completion_tokens":5,"messages":[` + user + `]}`,
			[]string{"renamed max_tokens"},
		},
		{
			"both limits",
			openaichat.Quirks{MaxTokensField: "max_tokens"},
			`{"max_tokens":5,"max_completion_tokens":6,"messages":[` + user + `]}`,
			`{"max_tokens":5,"messages":[` + user + `]}`,
			[]string{"dropped max_completion_tokens"},
		},
		{
			"B26 stream options",
			openaichat.Quirks{NoStreamOptions: true},
			`{"stream":true,"stream_options":{"include_usage":true},"messages":[` + user + `]}`,
			`{"stream":true,"messages":[` + user + `]}`,
			[]string{"dropped stream_options"},
		},
		{
			"stream options without a stream",
			openaichat.Quirks{},
			`{"stream_options":{"include_usage":true},"messages":[` + user + `]}`,
			`{"messages":[` + user + `]}`,
			[]string{"dropped stream_options"},
		},
		{
			"developer",
			openaichat.Quirks{DeveloperRole: "system"},
			`{"messages":[{"role":"developer","content":"d"},` + user + `]}`,
			`{"messages":[{"role":"system","content":"d"},` + user + `]}`,
			[]string{"renamed messages[0].role"},
		},
		{
			"systems",
			openaichat.Quirks{MergeSystem: true},
			`{"messages":[{"role":"system","content":"a"},` + user + `,{"role":"developer","content":[{"type":"text","text":"b"}]}]}`,
			`{"messages":[{"role":"system","content":"a\n\nb"},` + user + `]}`,
			[]string{"merged the system messages of messages"},
		},
		{
			"one system",
			openaichat.Quirks{MergeSystem: true},
			`{"messages":[{"role":"system","content":"a","x":1},` + user + `]}`,
			`{"messages":[{"role":"system","content":"a","x":1},` + user + `]}`, nil,
		},
		{
			"tools",
			openaichat.Quirks{NoStrict: true, NeedsParameters: true},
			`{"messages":[` + user + `],"tools":[{"type":"function","function":{"name":"f","strict":true}},{"type":"x"}]}`,
			`{"messages":[` + user + `],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}},{"type":"x"}]}`,
			[]string{"dropped tools[0].function.strict", "added tools[0].function.parameters"},
		},
		{"stop", openaichat.Quirks{StopLimit: 1}, `{"messages":[` + user + `],"stop":["a","b","c"]}`, `{"messages":[` + user + `],"stop":["a"]}`, []string{"dropped stop[1:]"}},
		{"drop", openaichat.Quirks{Drop: []string{"store"}}, `{"store":true,"messages":[` + user + `]}`, `{"messages":[` + user + `]}`, []string{"dropped store"}},
		{
			"content and thinking",
			openaichat.Quirks{ContentNeverNull: true, NeedsReasoningContent: true},
			`{"messages":[` + user + `,{"role":"assistant","content":null,"tool_calls":[1]}]}`,
			`{"messages":[` + user + `,{"role":"assistant","content":"","tool_calls":[1],"reasoning_content":""}]}`,
			[]string{"replaced null in messages[1].content", "added messages[1].reasoning_content"},
		},
		{
			"no thinking",
			openaichat.Quirks{NoReasoningContent: true},
			`{"messages":[{"role":"assistant","content":"a","reasoning_content":"r"}]}`,
			`{"messages":[{"role":"assistant","content":"a"}]}`,
			[]string{"dropped messages[0].reasoning_content"},
		},
		{
			"B39 tool choice",
			openaichat.Quirks{},
			`{"tool_choice":"validated","messages":[` + user + `]}`, `{"tool_choice":"auto","messages":[` + user + `]}`,
			[]string{"read as auto: unknown value of tool_choice"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			before := `{"model":"asked",` + test.before[1:]
			out, warnings, err := openaichat.Upstream{Quirks: test.quirks}.CarryRequest([]byte("kept"), []byte(before), head(t, before), "up")
			if err != nil {
				t.Fatal(err)
			}
			rest, ok := strings.CutPrefix(string(out), "kept")
			if !ok {
				t.Fatalf("%s does not begin with what was there", out)
			}
			if diff := cmp.Diff(value(t, []byte(`{"model":"up",`+test.want[1:])), value(t, []byte(rest))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.warnings, lines(warnings)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCarryRequest_TouchesOnlyWhatItMust(t *testing.T) {
	t.Parallel()
	const rest = `"messages" : [ {"role":"user", "content":"\u0041\n"} ] , "x": 1.0e2 }`
	for before, want := range map[string]string{
		` { "model" : "asked" , ` + rest:                                            ` { "model" : "up\"" , ` + rest,
		`{"stream":true,"model":"asked",` + rest:                                    `{"stream_options":{"include_usage":true},"stream":true,"model":"up\"",` + rest,
		`{"stream":"true","model":"a",` + rest:                                      `{"stream_options":{"include_usage":true},"stream":true,"model":"up\"",` + rest,
		`{` + rest:                                                                  `{"model":"up\"",` + rest,
		`{"stream":true,"stream_options":{"a":[1 ]},"model":"m",` + rest:            `{"stream":true,"stream_options":{"include_usage":true,"a":[1 ]},"model":"up\"",` + rest,
		`{"stream":true,"stream_options":{"include_usage":true},"model":"",` + rest: `{"stream":true,"stream_options":{"include_usage":true},"model":"up\"",` + rest,
	} {
		got, _, err := openaichat.Upstream{}.CarryRequest(nil, []byte(before), head(t, before), `up"`)
		if err != nil || string(got) != want {
			t.Errorf("got  %s\nwant %s\n%v", got, want, err)
		}
	}
}
