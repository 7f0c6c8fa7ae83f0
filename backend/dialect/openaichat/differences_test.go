package openaichat_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// difference is one of the ways in which services that copied the protocol are
// unlike it, and what is done about it: the answer that a client reads, or the
// request that the service reads. Both hold in both lanes.
type difference struct {
	row    int
	name   string
	quirks openaichat.Quirks
	errors []openaichat.ErrorRule

	reply []byte
	want  dialecttest.Outcome

	// request is the client's; becomes are values of what is sent, by their
	// paths, "" for what is not there.
	request string
	becomes map[string]string
	// carried are those that hold in that lane alone: the other always streams.
	carried map[string]string

	// refusal is what the service answers with status, with its kind.
	status int
	header http.Header
	body   string
	kind   llm.Kind
	wait   time.Duration
}

func TestDifferences_OfServicesAndWhatIsDoneAboutThem(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for _, d := range append(append(answerDifferences(t), requestDifferences()...), errorDifferences(t)...) {
		seen[d.row] = true
		t.Run(fmt.Sprintf("%02d %s", d.row, d.name), func(t *testing.T) {
			t.Parallel()
			u := openaichat.Upstream{Quirks: d.quirks, Errors: d.errors}
			switch {
			case d.request != "":
				d.checkRequest(t, u)
			case d.status != 0:
				d.checkRefusal(t, u)
			default:
				d.checkReply(t, u)
			}
		})
	}
	for row := 1; row <= 30; row++ {
		if !seen[row] {
			t.Errorf("nothing shows what is done about difference %d", row)
		}
	}
}

// checkReply reads the answer in both lanes, and a whole one also where the
// client wants no stream.
func (d difference) checkReply(t *testing.T, u openaichat.Upstream) {
	t.Helper()
	replies := []dialecttest.Reply{{Name: "answer", Body: d.reply, Want: d.want}}
	dialecttest.Upstream(t, u, replies)
	dialecttest.Carrier(t, u, strict, replies)
	if d.reply[0] != '{' {
		return
	}
	out, _, err := u.CarryReply(nil, d.reply, dialect.Head{}, "asked")
	if err != nil {
		if !d.want.Failed || err.Kind != d.want.Error {
			t.Errorf("carried as a whole: %v", err)
		}
		return
	}
	if diff := dialecttest.Diff(d.want, dialecttest.Of(openaichat.Upstream{}.DecodeReply("", bytes.NewReader(out)))); diff != "" {
		t.Errorf("carried as a whole (-want +got):\n%s\n%s", diff, out)
	}
	if loose := gjson.GetBytes(out, "choices.0.message.content"); loose.IsArray() {
		t.Errorf("the text is still a list: %s", out)
	}
}

func (d difference) checkRequest(t *testing.T, u openaichat.Upstream) {
	t.Helper()
	h := head(t, d.request)
	carried, _, err := u.CarryRequest(nil, []byte(d.request), h, "up")
	if err != nil {
		t.Fatal(err)
	}
	request, _, err := openaichat.Client{}.DecodeRequest(h, []byte(d.request))
	if err != nil {
		t.Fatal(err)
	}
	translated, _, err := u.EncodeRequest(request, "up")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "carried", carried, d.becomes)
	expect(t, "carried", carried, d.carried)
	expect(t, "translated", translated, d.becomes)
}

func expect(t *testing.T, lane string, body []byte, becomes map[string]string) {
	t.Helper()
	if !gjson.ValidBytes(body) {
		t.Fatalf("%s: not JSON: %s", lane, body)
	}
	for path, want := range becomes {
		if got := gjson.GetBytes(body, path).Raw; got != want {
			t.Errorf("%s: %s is %s, want %s in\n%s", lane, path, got, want, body)
		}
	}
}

func (d difference) checkRefusal(t *testing.T, u openaichat.Upstream) {
	t.Helper()
	err := u.DecodeError(d.status, d.header, []byte(d.body))
	if err.Kind != d.kind || err.RetryAfter != d.wait || err.Status != d.status || err.Message == "" || strings.Contains(err.Message, "<") {
		t.Errorf("got %v %q after %v, want %v after %v", err.Kind, err.Message, err.RetryAfter, d.kind, d.wait)
	}
}

// wholly is an answer that is one object, of one message.
func wholly(message, rest string) []byte {
	return []byte(`{"id":"c1","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":` + message + `,"finish_reason":"stop"}]` + rest + `}`)
}

func said(text string) string { return delta(`{"content":"` + text + `"}`) }

func answerDifferences(t *testing.T) []difference {
	t.Helper()
	type out = dialecttest.Outcome
	type call = dialecttest.Call
	thought := out{Thought: "hm", Text: "hi", Reason: "stop"}
	two := []call{{ID: dialecttest.AnyID, Name: "f", Arguments: `{"x":1}`}, {ID: dialecttest.AnyID, Name: "f", Arguments: `{"x":2}`}}
	f := func(rest string) string { return calls(`{` + rest + `}`) }
	noDone := func(b []byte) []byte { return bytes.TrimSuffix(b, []byte("data: [DONE]\n\n")) }
	list := []difference{
		{row: 1, name: "reasoning_content", reply: events(delta(`{"reasoning_content":"hm"}`), said("hi"), finish("stop")), want: thought},
		{row: 1, name: "reasoning", reply: events(delta(`{"reasoning":"hm"}`), said("hi"), finish("stop")), want: thought},
		{row: 1, name: "a list", reply: events(delta(`{"reasoning_content":[{"type":"text","text":"h"},"m"]}`), said("hi"), finish("stop")), want: thought},
		{row: 1, name: "an object", reply: events(delta(`{"reasoning":{"text":"hm"}}`), said("hi"), finish("stop")), want: thought},
		{row: 1, name: "in the content", reply: events(delta(`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}`), delta(`{"content":[{"type":"text","text":"hi"}]}`), finish("stop")), want: thought},
		{row: 1, name: "in a whole answer", reply: wholly(`{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"hi"}]}`, ""), want: thought},
		{row: 1, name: "both names", reply: events(delta(`{"reasoning_content":"hm","reasoning":"hm"}`), said("hi"), finish("stop")), want: thought},
		{
			row: 2, name: "tags", quirks: openaichat.Quirks{ThinkTags: true}, reply: events(said("<thi"), said("nk>h"), said("m</th"), said("ink>\\n"), said("hi"), finish("stop")),
			want: thought,
		},
		{row: 2, name: "tags in a whole answer", quirks: openaichat.Quirks{ThinkTags: true}, reply: wholly(`{"content":"<think>hm</think>\n\nhi"}`, ""), want: thought},
		{row: 2, name: "no tags", quirks: openaichat.Quirks{ThinkTags: true}, reply: events(said("a <think> b"), finish("stop")), want: out{Text: "a <think> b", Reason: "stop"}},
		{row: 3, name: "broken index", reply: vector(t, "openai_stream_tool_calls_broken_index.sse"), want: out{Reason: "tool_calls", Calls: []call{
			{ID: "call_1", Name: "read_file", Arguments: `{"path":"a.go"}`}, {ID: "call_2", Name: "read_file", Arguments: `{"path":"b.go"}`},
		}}},
		{
			row: 3, name: "negative and colliding", reply: events(
				f(`"index":-1,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}`), f(`"index":-1,"id":"b","type":"function","function":{"name":"f","arguments":"{\"x\":2}"}`), finish("tool_calls")),
			want: out{Calls: two, Reason: "tool_calls"},
		},
		{row: 4, name: "empty ids and names later", reply: vector(t, "dashscope_stream_tool_calls.sse"), want: out{
			Text: "Reading files.", Reason: "tool_calls", Usage: usage(120, 64, 30, 0), Calls: []call{
				{ID: "call_ds_a", Name: "read_file", Arguments: `{"path": "a.go"}`}, {ID: "call_ds_b", Name: "read_file", Arguments: `{"path": "b.go"}`},
			},
		}},
		{
			row: 4, name: "late name, no id", reply: events(
				f(`"index":0,"function":{"name":"","arguments":"{\"x\":"}`), f(`"index":0,"function":{"name":"f","arguments":"1}"}`), finish("tool_calls")),
			want: out{Calls: two[:1], Reason: "tool_calls"},
		},
		{row: 5, name: "an object of arguments", reply: events(f(`"index":0,"id":"a","type":"function","function":{"name":"f","arguments":{"x":1}}`), finish("tool_calls")), want: out{Calls: two[:1], Reason: "tool_calls"}},
		{row: 5, name: "in a whole answer", reply: wholly(`{"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":{"x":1}}}]}`, ""), want: out{Calls: two[:1], Reason: "tool_calls"}},
		{row: 6, name: "empty reason", reply: events(`{"index":0,"delta":{"content":"hi"},"finish_reason":""}`, finish("stop")), want: out{Text: "hi", Reason: "stop"}},
		{row: 7, name: "stop after calls", reply: events(f(`"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}`), finish("stop")), want: out{Calls: two[:1], Reason: "tool_calls"}},
		{row: 7, name: "length stays", reply: events(f(`"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}`), finish("length")), want: out{Calls: two[:1], Reason: "length"}},
		{row: 8, name: "no reason", reply: events(said("hi")), want: out{Text: "hi", Reason: "stop"}},
		{row: 8, name: "no reason after calls", reply: events(f(`"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}`)), want: out{Calls: two[:1], Reason: "tool_calls"}},
		{row: 8, name: "cut", reply: noDone(events(said("hi"))), want: out{Text: "hi", Failed: true, Error: llm.KindProtocol}},
		{row: 9, name: "an error as a reason", reply: events(said("hi"), `{"index":0,"delta":{"content":"broken"},"finish_reason":"error_finish"}`), want: out{Text: "hi", Failed: true, Error: llm.KindTransient}},
		{row: 10, name: "null everywhere, once at the end", reply: vector(t, "openai_stream_usage.sse"), want: out{Text: "Hello", Reason: "stop", Usage: usage(9, 0, 2, 0)}},
		{row: 10, name: "growing in every chunk", reply: vector(t, "openai_stream_quirks.sse"), want: out{
			Thought: "think A think B", Text: "<think>tagged</think>Answer 你好 split over two data lines", Reason: "stop", Usage: usage(4, 0, 9, 0),
		}},
		{row: 10, name: "none", reply: vector(t, "openai_stream_no_done.sse"), want: out{Text: "partial answer", Reason: "stop"}},
		{row: 12, name: "empty choices", reply: append([]byte(`data: {"prompt_filter_results":[{"prompt_index":0}],"choices":[]}`+"\n\n"), events(said("hi"), finish("stop"))...), want: out{Text: "hi", Reason: "stop"}},
		{row: 13, name: "no end marked", reply: noDone(events(said("hi"), finish("stop"))), want: out{Text: "hi", Reason: "stop"}},
		{row: 14, name: "no blank lines", reply: bytes.ReplaceAll(events(said("a"), said("b"), finish("stop")), []byte("\n\n"), []byte("\n")), want: out{Text: "ab", Reason: "stop"}},
		{row: 14, name: "no spaces, fields, comments", reply: append([]byte(":x\nid:1\nretry: 5\nevent: message\n"), bytes.ReplaceAll(events(said("a"), finish("stop")), []byte("data: "), []byte("data:"))...), want: out{Text: "a", Reason: "stop"}},
		{row: 14, name: "no last line end", reply: bytes.TrimRight(noDone(events(said("a"), finish("stop"))), "\n"), want: out{Text: "a", Reason: "stop"}},
		{row: 19, name: "events under another name", reply: []byte(miscs(t, "openai_misc.json")["sse_with_text_plain"].BodyText), want: out{Text: "hi", Reason: "stop"}},
		{row: 19, name: "an object for a stream", reply: miscs(t, "openai_misc.json")["json_although_stream_requested"].body(), want: out{Text: "whole", Reason: "stop", Usage: usage(1, 0, 1, 0)}},
		{row: 20, name: "compressed, and nobody asked", reply: zipped(t, events(said("hi"), finish("stop"))), want: out{Failed: true, Error: llm.KindProtocol}},
	}
	for name, fields := range map[string]string{
		"DeepSeek": `"prompt_cache_hit_tokens":3,"prompt_cache_miss_tokens":1`, "Moonshot": `"cached_tokens":3`, "with details": `"cached_tokens":3,"prompt_tokens_details":{"audio_tokens":0}`,
		"with null": `"cached_tokens":3,"prompt_tokens_details":null`,
	} {
		counted := `,"usage":{"prompt_tokens":4,"completion_tokens":2,` + fields + `}`
		want := out{Text: "hi", Reason: "stop", Usage: usage(4, 3, 2, 0)}
		streamed := noDone(events(said("hi"), finish("stop")))
		list = append(
			list,
			difference{row: 11, name: name + " whole", reply: wholly(`{"content":"hi"}`, counted), want: want},
			difference{row: 11, name: name + " at the end", reply: append(bytes.Clone(streamed), `data: {"choices":[]`+counted+"}\n\n"...), want: want},
			difference{row: 11, name: name + " beside text", reply: append([]byte(`data: {"choices":[{"index":0,"delta":{"content":""}}]`+counted+"}\n\n"), streamed...), want: want},
		)
	}
	return list
}

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// A line may hold a whole picture; one that never ends is an error.
func TestDifferences_15_LongLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 15<<20)
	body := events(said(long), finish("stop"))
	if got := dialecttest.Of(openaichat.Upstream{}.DecodeReply("", bytes.NewReader(body))); got.Failed || len(got.Text) != len(long) {
		t.Errorf("translated: %v, %d bytes", got.Error, len(got.Text))
	}
	tap := openaichat.Upstream{}.Tap(dialect.Head{Stream: true}, "asked")
	if out, seen, err := dialecttest.Pass(tap, body, 64<<10); err != nil || seen.Reason != "stop" || len(out) < len(long) {
		t.Errorf("carried: %v, %d bytes", err, len(out))
	}
	endless := []byte(`data: {"choices":[{"index":0,"delta":{"content":"` + strings.Repeat("x", 17<<20))
	if got := dialecttest.Of(openaichat.Upstream{}.DecodeReply("", bytes.NewReader(endless))); !got.Failed || got.Error != llm.KindProtocol {
		t.Errorf("translated without an end: %+v", got.Error)
	}
	if _, _, err := dialecttest.Pass(openaichat.Upstream{}.Tap(dialect.Head{Stream: true}, "asked"), endless, 64<<10); err == nil || err.Kind != llm.KindProtocol {
		t.Errorf("carried without an end: %v", err)
	}
}

func requestDifferences() []difference {
	const user = `{"role":"user","content":"u"}`
	body := func(messages, rest string) string { return `{"model":"m","messages":[` + messages + `]` + rest + `}` }
	called := func(rest string) string {
		return `{"role":"assistant",` + rest + `"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}`
	}
	tools := `,"tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{}}},{"type":"function","function":{"name":"g"}}]`
	type q = openaichat.Quirks
	return []difference{
		{row: 15, name: "see TestDifferences_15_LongLines", request: body(user, ""), becomes: map[string]string{"model": `"up"`}},
		{
			row: 21, name: "the old name", quirks: q{MaxTokensField: "max_tokens"}, request: body(user, `,"max_completion_tokens":5`),
			becomes: map[string]string{"max_tokens": "5", "max_completion_tokens": ""},
		},
		{
			row: 21, name: "the new name", quirks: q{MaxTokensField: "max_completion_tokens"}, request: body(user, `,"max_tokens":5`),
			becomes: map[string]string{"max_tokens": "", "max_completion_tokens": "5"},
		},
		{
			row: 22, name: "developer", quirks: q{DeveloperRole: llm.RoleSystem}, request: body(`{"role":"developer","content":"d"},`+user, ""),
			becomes: map[string]string{"messages.0.role": `"system"`, "messages.0.content": `"d"`},
		},
		{row: 22, name: "developer kept", request: body(`{"role":"developer","content":"d"},`+user, ""), becomes: map[string]string{"messages.0.role": `"developer"`}},
		{
			row: 23, name: "systems merged, first", quirks: q{MergeSystem: true}, request: body(user+`,{"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"}]}`, ""),
			becomes: map[string]string{"messages.0.role": `"system"`, "messages.0.content": `"a\n\nb"`, "messages.1.role": `"user"`, "messages.#": "2"},
		},
		{
			row: 24, name: "strict, empty and missing parameters", quirks: q{NoStrict: true, NeedsParameters: true}, request: body(user, tools),
			becomes: map[string]string{
				"tools.0.function.strict": "", "tools.0.function.parameters": `{"type":"object","properties":{}}`, "tools.1.function.parameters": `{"type":"object","properties":{}}`,
			},
		},
		{
			row: 25, name: "stream_options without a stream", request: body(user, `,"stream":false,"stream_options":{"include_usage":true}`),
			carried: map[string]string{"stream": "false", "stream_options": ""}, becomes: map[string]string{"model": `"up"`},
		},
		{
			row: 25, name: "stream_options refused", quirks: q{NoStreamOptions: true}, request: body(user, `,"stream":true,"stream_options":{"include_usage":true}`),
			becomes: map[string]string{"stream": "true", "stream_options": ""},
		},
		{row: 10, name: "usage is asked for", request: body(user, `,"stream":true`), becomes: map[string]string{"stream_options.include_usage": "true"}},
		{row: 26, name: "thinking needed", quirks: q{NeedsReasoningContent: true}, request: body(user+","+called(""), ""), becomes: map[string]string{"messages.1.reasoning_content": `""`}},
		{row: 26, name: "thinking kept", quirks: q{NeedsReasoningContent: true}, request: body(user+","+called(`"reasoning_content":"hm",`), ""), becomes: map[string]string{"messages.1.reasoning_content": `"hm"`}},
		{row: 26, name: "thinking refused", quirks: q{NoReasoningContent: true}, request: body(user+","+called(`"reasoning_content":"hm",`), ""), becomes: map[string]string{"messages.1.reasoning_content": ""}},
		{row: 27, name: "content null", quirks: q{ContentNeverNull: true}, request: body(user+","+called(`"content":null,`), ""), becomes: map[string]string{"messages.1.content": `""`}},
		{row: 27, name: "content missing", quirks: q{ContentNeverNull: true}, request: body(user+","+called(""), ""), becomes: map[string]string{"messages.1.content": `""`}},
		{row: 28, name: "stop words", quirks: q{StopLimit: 4}, request: body(user, `,"stop":["1","2","3","4","5"]`), becomes: map[string]string{"stop": `["1","2","3","4"]`}},
		{row: 30, name: "fields", quirks: q{Drop: []string{"seed", "user"}}, request: body(user, `,"seed":1,"user":"u","top_p":1`), becomes: map[string]string{"seed": "", "user": "", "top_p": "1"}},
		{
			row: 30, name: "fields of some models", quirks: q{DropFor: []openaichat.ModelFields{{Models: []string{"u*"}, Fields: []string{"seed"}}, {Models: []string{"v"}, Fields: []string{"top_p"}}}},
			request: body(user, `,"seed":1,"top_p":1`), becomes: map[string]string{"seed": "", "top_p": "1"},
		},
		{
			row: 30, name: "fields of messages", quirks: q{DropInMessages: []string{"name"}}, request: body(`{"role":"user","name":"ann","content":"u"}`, ""),
			becomes: map[string]string{"messages.0.name": "", "messages.0.content": `"u"`},
		},
		{
			row: 30, name: "numbers", quirks: q{Clamp: []openaichat.Range{{Field: "temperature", Low: 0.01, High: 0.99}, {Field: "top_p", Low: 0.01, High: 0.99}}},
			request: body(user, `,"temperature":0,"top_p":1,"seed":5`), becomes: map[string]string{"temperature": "0.01", "top_p": "0.99", "seed": "5"},
		},
		{
			row: 30, name: "thinking on", quirks: q{ThinkingSwitch: true}, request: body(user, `,"reasoning_effort":"low"`),
			becomes: map[string]string{"reasoning_effort": "", "thinking": `{"type":"enabled"}`},
		},
		{
			row: 30, name: "thinking off", quirks: q{ThinkingSwitch: true}, request: body(user, `,"reasoning_effort":"none"`),
			becomes: map[string]string{"reasoning_effort": "", "thinking": `{"type":"disabled"}`},
		},
		{
			row: 30, name: "the client's own switch", quirks: q{ThinkingSwitch: true}, request: body(user, `,"reasoning_effort":"high","thinking":{"type":"disabled"}`),
			becomes: map[string]string{"reasoning_effort": "", "thinking": `{"type":"disabled"}`},
		},
		{
			row: 30, name: "ids of calls", quirks: q{CallIDLength: 9},
			request: body(user+`,{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"abcDEF123","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"1"},{"role":"tool","tool_call_id":"abcDEF123","content":"2"}`, ""),
			becomes: map[string]string{
				"messages.1.tool_calls.0.id": `"74196fe72"`, "messages.2.tool_call_id": `"74196fe72"`, "messages.1.tool_calls.1.id": `"abcDEF123"`, "messages.3.tool_call_id": `"abcDEF123"`,
			},
		},
		{row: 30, name: "choice none", quirks: q{OnlyAuto: true}, request: body(user, tools+`,"tool_choice":"none"`), becomes: map[string]string{"tools": "", "tool_choice": ""}},
		{row: 30, name: "choice required", quirks: q{OnlyAuto: true}, request: body(user, tools+`,"tool_choice":"required"`), becomes: map[string]string{"tools.#": "2", "tool_choice": `"auto"`}},
		{
			row: 30, name: "choice of one", quirks: q{OnlyAuto: true}, request: body(user, tools+`,"tool_choice":{"type":"function","function":{"name":"g"}}`),
			becomes: map[string]string{"tools.#": "1", "tools.0.function.name": `"g"`, "tool_choice": `"auto"`},
		},
		{
			row: 30, name: "choice of some", quirks: q{OnlyAuto: true},
			request: body(user, `,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}}`+tools),
			becomes: map[string]string{"tools.#": "1", "tools.0.function.name": `"f"`, "tool_choice": `"auto"`},
		},
	}
}

func errorDifferences(t *testing.T) []difference {
	t.Helper()
	type out = dialecttest.Outcome
	failed := func(k llm.Kind) out { return out{Failed: true, Error: k} }
	busy := []openaichat.ErrorRule{{Codes: []string{"1305"}, Kind: llm.KindOverloaded}}
	list := []difference{
		{row: 16, name: "after text", reply: vector(t, "openai_stream_error_inband.sse"), want: out{Text: "par", Failed: true, Error: llm.KindOverloaded}},
		{row: 16, name: "Zhipu's", errors: busy, reply: []byte(miscs(t, "zhipu_misc.json")["stream_error_inband"].BodyText), want: out{Text: "par", Failed: true, Error: llm.KindOverloaded}},
		{row: 16, name: "an event of its own", reply: []byte("event: error\ndata: {\"message\":\"slow\",\"code\":429}\n\n"), want: failed(llm.KindRate)},
		{row: 16, name: "an event with a word", reply: []byte("event: error\ndata: overloaded\n\n"), want: failed(llm.KindProtocol)},
		{row: 16, name: "a page", reply: []byte("<html><body>Bad gateway</body></html>"), want: failed(llm.KindProtocol)},
		{row: 17, name: "a gateway's", reply: miscs(t, "openai_misc.json")["error_200_body"].body(), want: failed(llm.KindTransient)},
		{row: 18, name: "empty", status: 503, header: http.Header{"Retry-After": {"2"}}, kind: llm.KindOverloaded, wait: 2 * time.Second},
		{row: 18, name: "a page", status: 502, body: miscs(t, "openai_misc.json")["error_html"].BodyText, kind: llm.KindTransient},
		{row: 18, name: "framed as an event", status: 400, body: miscs(t, "dashscope_misc.json")["developer_role_400_sse_framed"].BodyText, kind: llm.KindBadRequest},
		{row: 29, name: "seconds", status: 429, header: http.Header{"Retry-After": {"7"}}, body: `{}`, kind: llm.KindRate, wait: 7 * time.Second},
		{row: 29, name: "milliseconds", status: 429, header: http.Header{"Retry-After-Ms": {"1500"}}, kind: llm.KindRate, wait: 1500 * time.Millisecond},
		{row: 29, name: "in the body", status: 429, body: `{"error":{"message":"slow","retry_after":3}}`, kind: llm.KindRate, wait: 3 * time.Second},
		{row: 29, name: "no wait mends it", status: 400, body: `{"error":{"message":"retry in 5s with fewer tools"}}`, kind: llm.KindBadRequest},
	}
	for sentence, wait := range map[string]time.Duration{
		"Please try again in 20s.": 20 * time.Second, "please retry after 30 seconds": 30 * time.Second, "Try again in 1h2m3.5s": time.Hour + 2*time.Minute + 3500*time.Millisecond,
		"try again in 120ms": 120 * time.Millisecond, "retry in 2 minutes": 2 * time.Minute, "limit resets in 3 days": 72 * time.Hour, "请在 20 秒后重试": 20 * time.Second,
		"Limit 30 / min, 5 models": 0, "retry with 5 models": 0, "try again later": 0,
	} {
		list = append(list, difference{row: 29, name: sentence, status: 429, body: `{"error":{"message":"` + sentence + `"}}`, kind: llm.KindRate, wait: wait})
	}
	for _, form := range []string{
		`{"error":{"message":"m","type":"t","param":null,"code":429}}`, `{"error":{"message":"m","code":"429"}}`, `{"error":"m","code":429}`, `{"message":"m","code":429}`,
		`{"msg":"m","code":"429"}`, `{"err":"m","code":429}`, `{"error_msg":"m","error_code":429}`, `{"header":{"message":"m","code":429}}`,
		`{"response":{"error":{"message":"m","code":429}}}`, `{"errors":[{"message":"m","code":429}]}`, `{"errors":{"message":"m","code":429}}`,
		`{"detail":"m","code":429}`, `{"type":"error","error":{"message":"m","http_code":"429"}}`,
	} {
		list = append(
			list,
			difference{row: 16, name: form, reply: []byte("data: " + form + "\n\n"), want: failed(llm.KindRate)},
			difference{row: 17, name: form, reply: []byte(form), want: failed(llm.KindRate)},
			difference{row: 18, name: form, status: 429, body: form, kind: llm.KindRate},
		)
	}
	return list
}
