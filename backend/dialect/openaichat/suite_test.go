package openaichat_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

// misc is one case of a list of answers.
type misc struct {
	Name     string            `json:"name"`
	Status   int               `json:"status"`
	Headers  map[string]string `json:"headers"`
	Body     json.RawMessage   `json:"body"`
	BodyText string            `json:"body_text"`
}

func (m misc) body() []byte {
	if m.Body != nil {
		return m.Body
	}
	return []byte(m.BodyText)
}

func miscs(tb testing.TB, file string) map[string]misc {
	tb.Helper()
	var list struct {
		Cases []misc `json:"cases"`
	}
	if err := json.Unmarshal(vector(tb, file), &list); err != nil {
		tb.Fatal(err)
	}
	out := map[string]misc{}
	for _, c := range list.Cases {
		out[c.Name] = c
	}
	return out
}

func usage(in, cached, out, reasoning int) llm.Usage {
	return llm.Usage{Known: true, Input: in, Cached: cached, Output: out, Reasoning: reasoning}
}

// replies are the answers of services and what a client must make of them.
func replies(tb testing.TB) []dialecttest.Reply {
	tb.Helper()
	others := miscs(tb, "openai_misc.json")
	type out = dialecttest.Outcome
	list := []dialecttest.Reply{
		{Name: "usage", Body: vector(tb, "openai_stream_usage.sse"), Want: out{Text: "Hello", Reason: "stop", Usage: usage(9, 0, 2, 0)}},
		{Name: "no done", Body: vector(tb, "openai_stream_no_done.sse"), Want: out{Text: "partial answer", Reason: "stop"}},
		{Name: "error inside", Body: vector(tb, "openai_stream_error_inband.sse"), Want: out{Text: "par", Failed: true, Error: llm.KindOverloaded}},
		{Name: "quirks", Body: vector(tb, "openai_stream_quirks.sse"), Want: out{
			Thought: "think A think B", Text: "<think>tagged</think>Answer 你好 split over two data lines", Reason: "stop", Usage: usage(4, 0, 9, 0),
		}},
		{Name: "broken index", Body: vector(tb, "openai_stream_tool_calls_broken_index.sse"), Want: out{Reason: "tool_calls", Calls: []dialecttest.Call{
			{ID: "call_1", Name: "read_file", Arguments: `{"path":"a.go"}`}, {ID: "call_2", Name: "read_file", Arguments: `{"path":"b.go"}`},
		}}},
		{Name: "dashscope calls", Body: vector(tb, "dashscope_stream_tool_calls.sse"), Want: out{
			Text: "Reading files.", Reason: "tool_calls", Usage: usage(120, 64, 30, 0), Calls: []dialecttest.Call{
				{ID: "call_ds_a", Name: "read_file", Arguments: `{"path": "a.go"}`}, {ID: "call_ds_b", Name: "read_file", Arguments: `{"path": "b.go"}`},
			},
		}},
		{Name: "dashscope reasoning", Body: vector(tb, "dashscope_stream_reasoning.sse"), Want: out{
			Thought: "First, add.", Text: "a + b", Reason: "stop", Usage: usage(10, 0, 9, 4),
		}},
		{Name: "B27 whole answer to a stream", Body: others["json_although_stream_requested"].body(), Want: out{Text: "whole", Reason: "stop", Usage: usage(1, 0, 1, 0)}},
		{Name: "whole answer with calls", Body: others["chat_tool_calls"].body(), Want: out{Reason: "tool_calls", Usage: usage(50, 0, 12, 0), Calls: []dialecttest.Call{
			{ID: "call_1", Name: "read_file", Arguments: `{"path":"a.go"}`},
		}}},
		{Name: "stream under a wrong name", Body: others["sse_with_text_plain"].body(), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "error under success", Body: others["error_200_body"].body(), Want: out{Failed: true, Error: llm.KindTransient}},
		{Name: "html", Body: others["error_html"].body(), Want: out{Failed: true, Error: llm.KindProtocol}},
	}
	return append(list, madeReplies()...)
}

// events writes chunks, each the JSON of one choice, and [DONE].
func events(choices ...string) []byte {
	var b strings.Builder
	for _, c := range choices {
		b.WriteString(`data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"up","choices":[` + c + "]}\n\n")
	}
	return []byte(b.String() + "data: [DONE]\n\n")
}

func delta(d string) string { return `{"index":0,"delta":` + d + `,"finish_reason":null}` }

func finish(reason string) string { return `{"index":0,"delta":{},"finish_reason":"` + reason + `"}` }

func calls(list string) string { return delta(`{"tool_calls":[` + list + `]}`) }

// madeReplies are the cases that no vector has.
func madeReplies() []dialecttest.Reply {
	type out = dialecttest.Outcome
	one := []dialecttest.Call{{ID: "a", Name: "f", Arguments: `{"x":1}`}}
	two := []dialecttest.Call{{ID: dialecttest.AnyID, Name: "f", Arguments: `{"x":1}`}, {ID: dialecttest.AnyID, Name: "f", Arguments: `{"x":2}`}}
	protocol := out{Failed: true, Error: llm.KindProtocol}
	return []dialecttest.Reply{
		{Name: "B23a cut", Body: []byte(strings.TrimSuffix(string(events(delta(`{"content":"hi"}`))), "data: [DONE]\n\n")), Want: out{Text: "hi", Failed: true, Error: llm.KindProtocol}},
		{Name: "B28a done without a reason", Body: events(delta(`{"content":"hi"}`)), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "B28a done without a reason after a call", Body: events(calls(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}`)), Want: out{Calls: one, Reason: "tool_calls"}},
		{Name: "done in the middle of a call", Body: events(calls(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":"}}`)), Want: out{
			Calls: []dialecttest.Call{{ID: "a", Name: "f", Arguments: `{"x":`}}, Failed: true, Error: llm.KindProtocol,
		}},
		{Name: "B38 empty", Body: events(delta(`{"role":"assistant","content":""}`), finish("stop")), Want: protocol},
		{Name: "B38 nothing", Body: []byte("data: [DONE]\n\n"), Want: protocol},
		{Name: "no byte", Body: nil, Want: protocol},
		{Name: "B38 thoughts alone", Body: events(delta(`{"reasoning_content":"a \"b\""}`), delta(`{"reasoning_content":"\nc"}`), finish("stop")), Want: out{
			Thought: "a \"b\"\nc", Text: "a \"b\"\nc", Reason: "stop",
		}},
		{Name: "limit used up", Body: events(delta(`{"content":""}`), finish("length")), Want: out{Failed: true, Error: llm.KindBadRequest}},
		{Name: "withheld", Body: events(delta(`{"content":""}`), finish("content_filter")), Want: out{Failed: true, Error: llm.KindContent}},
		{Name: "B35 stop after a call", Body: events(calls(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}`), finish("stop")), Want: out{Calls: one, Reason: "tool_calls"}},
		{Name: "length after a call stays", Body: events(calls(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}`), finish("length")), Want: out{Calls: one, Reason: "length"}},
		{Name: "B37 no index, no type", Body: events(calls(`{"id":"a","function":{"name":"f","arguments":"{\"x\":"}}`), calls(`{"function":{"arguments":"1}"}}`), finish("tool_calls")), Want: out{Calls: one, Reason: "tool_calls"}},
		{Name: "arguments as an object", Body: events(calls(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":{"x":1}}}`), finish("tool_calls")), Want: out{Calls: one, Reason: "tool_calls"}},
		{Name: "late name", Body: events(calls(`{"index":0,"id":"a","type":"function","function":{"name":null,"arguments":"{\"x\""}}`), calls(`{"index":0,"function":{"name":"f","arguments":":1}"}}`), finish("tool_calls")), Want: out{Calls: one, Reason: "tool_calls"}},
		{Name: "name and id in every piece", Body: events(calls(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""}}`), calls(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":":1}"}}`), finish("tool_calls")), Want: out{Calls: one, Reason: "tool_calls"}},
		{Name: "no ids, one index", Body: events(calls(`{"index":0,"function":{"name":"f","arguments":"{\"x\":1}"}}`), calls(`{"index":0,"function":{"name":"f","arguments":"{\"x\":2}"}}`), finish("stop")), Want: out{Calls: two, Reason: "tool_calls"}},
		{Name: "B34 one id twice", Body: events(calls(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"index":1,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":2}"}}`), finish("tool_calls")), Want: out{Calls: two, Reason: "tool_calls"}},
		{Name: "interleaved", Body: events(
			calls(`{"index":3,"id":"p","type":"function","function":{"name":"f","arguments":"{\"x\":"}},{"index":5,"id":"q","type":"function","function":{"name":"f","arguments":"{\"x\":"}}`),
			calls(`{"index":3,"function":{"arguments":"1}"}}`), calls(`{"index":5,"function":{"arguments":"2}"}}`), finish("tool_calls")), Want: out{Calls: two, Reason: "tool_calls"}},
		{Name: "never named", Body: events(calls(`{"index":0,"id":"a","type":"function","function":{"arguments":"{}"}}`), finish("tool_calls")), Want: protocol},
		{Name: "error reason", Body: events(delta(`{"content":"hi"}`), `{"index":0,"delta":{"content":"broken"},"finish_reason":"error_finish"}`), Want: out{Text: "hi", Failed: true, Error: llm.KindTransient}},
		{Name: "reason of another protocol", Body: events(delta(`{"content":"hi"}`), finish("max_tokens")), Want: out{Text: "hi", Reason: "length"}},
		{Name: "B46 a model inside the text", Body: events(delta(`{"content":"\"model\":\"up\","}`), delta(`{"content":"\"model\":\"up\""}`), delta(`{"content":"\\\"model\\\":\\\"up\\\""}`), finish("stop")), Want: out{
			Text: `"model":"up","model":"up"\"model\":\"up\"`, Reason: "stop",
		}},
		{Name: "B25 usage everywhere", Body: []byte(
			`data: {"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}` + "\n\n" +
				`data: {"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"prompt_cache_hit_tokens":1}}` + "\n\n",
		), Want: out{Text: "ab", Reason: "stop", Usage: usage(1, 1, 2, 0)}},
		{Name: "error event", Body: []byte("event: error\ndata: {\"code\":429,\"message\":\"slow\"}\n\n"), Want: out{Failed: true, Error: llm.KindRate}},
		{Name: "message at the top", Body: []byte(`data: {"code":"overloaded","message":"busy"}` + "\n\n"), Want: out{Failed: true, Error: llm.KindOverloaded}},
		{Name: "not JSON", Body: []byte("data: oops\n\n"), Want: protocol},
		{Name: "plain text", Body: []byte("upstream connect error"), Want: protocol},
		{Name: "half a JSON", Body: []byte(`{"choices":[{"message":{"content":"a`), Want: protocol},
		{Name: "refusal", Body: events(delta(`{"refusal":"no"}`), finish("stop")), Want: out{Refusal: "no", Reason: "stop"}},
		{Name: "no blank lines", Body: []byte(strings.ReplaceAll(string(events(delta(`{"content":"a"}`), delta(`{"content":"b"}`), finish("stop"))), "\n\n", "\n")), Want: out{Text: "ab", Reason: "stop"}},
	}
}

func TestDecodeReply_GivesWhatTheServiceMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Upstream(t, openaichat.Upstream{}, replies(t))
}

func TestTap_PassesOnWhatTheServiceMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Carrier(t, openaichat.Upstream{}, strict, replies(t))
}

func TestClient_AnswersEveryKindOfErrorWithAnObject(t *testing.T) {
	t.Parallel()
	dialecttest.Errors(t, openaichat.Client{}, errorObject)
}

// canonical makes the two writings of one text, and an answer's limit under its
// two names, equal. Null is unsaid.
func canonical(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil {
				delete(v, k)
				continue
			}
			v[k] = canonical(e)
		}
		if list, ok := v["content"].([]any); ok && len(list) == 1 {
			if part, ok := list[0].(map[string]any); ok && part["type"] == "text" && len(part) == 2 {
				v["content"] = part["text"]
			}
		}
	case []any:
		for i := range v {
			v[i] = canonical(v[i])
		}
	}
	return v
}

func TestRequests_OfRealClientsLoseNothingUnsaid(t *testing.T) {
	t.Parallel()
	dialecttest.Requests(t, openaichat.Client{}, openaichat.Upstream{}, canonical, dialecttest.Captures(t, "testdata/captures"))
}
