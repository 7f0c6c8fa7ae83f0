package openairesponses_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func vector(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func usage(in, out, reasoning int) llm.Usage {
	return llm.Usage{Known: true, Input: in, Output: out, Reasoning: reasoning}
}

// events are those of an answer, named and numbered.
func events(list ...string) []byte {
	var b bytes.Buffer
	for i, e := range list {
		kind, rest, _ := strings.Cut(e, " ")
		fmt.Fprintf(&b, "event: response.%s\ndata: {\"type\":\"response.%s\",\"sequence_number\":%d", kind, kind, i)
		if rest != "" {
			b.WriteString("," + rest)
		}
		b.WriteString("}\n\n")
	}
	return b.Bytes()
}

const (
	begun   = `"response":{"id":"resp_1","object":"response","created_at":1700000000,"model":"up","status":"in_progress","output":[]}`
	created = "created " + begun
	going   = "in_progress " + begun
)

// ended is the last event, with the items that were done.
func ended(state, more string, items ...string) string {
	return state + ` "response":{"id":"resp_1","object":"response","created_at":1700000000,"model":"up","status":"` + state + `"` + more + `,"output":[` + strings.Join(items, ",") + `]}`
}

// message are the events of a text.
func message(index int, text string) (all []string, item string) {
	at := fmt.Sprintf(`"item_id":"msg_%d","output_index":%d,"content_index":0`, index, index)
	item = fmt.Sprintf(`{"id":"msg_%d","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"%s","annotations":[]}]}`, index, text)
	return []string{
		fmt.Sprintf(`output_item.added "output_index":%d,"item":{"id":"msg_%d","type":"message","status":"in_progress","role":"assistant","content":[]}`, index, index),
		`content_part.added ` + at + `,"part":{"type":"output_text","text":"","annotations":[]}`,
		`output_text.delta ` + at + `,"delta":"` + text + `"`,
		`output_text.done ` + at + `,"text":"` + text + `"`,
		`content_part.done ` + at + `,"part":{"type":"output_text","text":"` + text + `","annotations":[]}`,
		fmt.Sprintf(`output_item.done "output_index":%d,"item":%s`, index, item),
	}, item
}

func answer(parts ...string) []byte { return events(append([]string{created, going}, parts...)...) }

// replies are the answers of services and what a client must make of them.
func replies(tb testing.TB) []dialecttest.Reply {
	tb.Helper()
	type out = dialecttest.Outcome
	hi, hiItem := message(0, "hi")
	calls := []dialecttest.Call{{ID: "call_1", Name: "read_file", Arguments: `{"path":"a.go"}`}, {ID: "call_2", Name: "read_file", Arguments: `{"path":"b.go"}`}}
	callItem := `{"id":"fc_0","type":"function_call","status":"completed","call_id":"c","name":"f","arguments":"{\"x\":1}"}`
	customItem := `{"id":"ctc_0","type":"custom_tool_call","status":"completed","call_id":"c","name":"patch","input":"*** a"}`
	image := `{"id":"ig_0","type":"image_generation_call","status":"completed","result":"AAAA","output_format":"png"}`
	cited := `{"id":"msg_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[{"type":"url_citation","url":"https://a.example","title":"A","start_index":0,"end_index":2}]}]}`
	return []dialecttest.Reply{
		{Name: "text", Body: vector(tb, "responses_stream_text.sse"), Want: out{Thought: "Greet.", Text: "Hello", Reason: "stop", Usage: usage(9, 4, 2)}},
		{Name: "calls", Body: vector(tb, "responses_stream_function_call.sse"), Want: out{Calls: calls, Reason: "tool_calls", Usage: usage(50, 20, 0)}},
		{Name: "incomplete", Body: answer(append(hi, ended("incomplete", `,"incomplete_details":{"reason":"max_output_tokens"}`, hiItem))...), Want: out{Text: "hi", Reason: "length"}},
		{Name: "filtered", Body: answer(append(hi, ended("incomplete", `,"incomplete_details":{"reason":"content_filter"}`, hiItem))...), Want: out{Text: "hi", Reason: "content_filter"}},
		{Name: "B23a cut", Body: answer(hi...), Want: out{Text: "hi", Failed: true, Error: llm.KindProtocol}},
		{Name: "failed", Body: answer(append(hi, ended("failed", `,"error":{"code":"rate_limit_exceeded","message":"slow down"}`))...), Want: out{Text: "hi", Failed: true, Error: llm.KindRate}},
		{Name: "failed at once", Body: answer(ended("failed", `,"error":{"code":"server_error","message":"oops"}`)), Want: out{Failed: true, Error: llm.KindTransient}},
		{Name: "error event", Body: append(answer(), "event: error\ndata: {\"type\":\"error\",\"code\":\"insufficient_quota\",\"message\":\"no money\",\"param\":null,\"sequence_number\":2}\n\n"...), Want: out{Failed: true, Error: llm.KindQuota}},
		{Name: "error event with an object", Body: []byte("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"code\":\"context_length_exceeded\",\"message\":\"too long\"}}\n\n"), Want: out{Failed: true, Error: llm.KindBadRequest}},
		{Name: "B38 empty", Body: answer(ended("completed", "")), Want: out{Failed: true, Error: llm.KindProtocol}},
		{Name: "arguments at the end alone", Body: answer(`output_item.added "output_index":0,"item":{"id":"fc_0","type":"function_call","call_id":"c","name":"f","arguments":""}`,
			`output_item.done "output_index":0,"item":`+callItem, ended("completed", "", callItem)), Want: out{Calls: []dialecttest.Call{{ID: "c", Name: "f", Arguments: `{"x":1}`}}, Reason: "tool_calls"}},
		{Name: "custom tool", Body: answer(`output_item.added "output_index":0,"item":{"id":"ctc_0","type":"custom_tool_call","call_id":"c","name":"patch","input":""}`,
			`custom_tool_call_input.delta "item_id":"ctc_0","output_index":0,"delta":"*** "`, `custom_tool_call_input.delta "item_id":"ctc_0","output_index":0,"delta":"a"`,
			`output_item.done "output_index":0,"item":`+customItem, ended("completed", "", customItem)), Want: out{Calls: []dialecttest.Call{{ID: "c", Name: "patch", Arguments: "*** a"}}, Reason: "tool_calls"}},
		{Name: "picture", Body: answer(`output_item.added "output_index":0,"item":{"id":"ig_0","type":"image_generation_call","status":"in_progress"}`,
			`output_item.done "output_index":0,"item":`+image, ended("completed", "", image)), Want: out{Images: []string{"data:image/png;base64,AAAA"}, Reason: "stop"}},
		{Name: "citation", Body: answer(append(append(hi[:3:3], `output_text.annotation.added "item_id":"msg_0","output_index":0,"content_index":0,"annotation_index":0,"annotation":{"type":"url_citation","url":"https://a.example","title":"A","start_index":0,"end_index":2}`,
			`output_text.done "item_id":"msg_0","output_index":0,"content_index":0,"text":"hi"`), `output_item.done "output_index":0,"item":`+cited, ended("completed", "", cited))...), Want: out{
			Text: "hi", Reason: "stop", Citations: []llm.Citation{{URL: "https://a.example", Title: "A", Start: 0, End: 2}},
		}},
	}
}

// wholes are answers that are no streams, or that leave out what they should have.
func wholes(tb testing.TB) []dialecttest.Reply {
	tb.Helper()
	type out = dialecttest.Outcome
	_, hiItem := message(0, "hi")
	head := `{"id":"resp_1","object":"response","created_at":1700000000,"model":"up","status":"completed","output":[`
	return []dialecttest.Reply{
		{Name: "whole", Body: []byte(head + hiItem + `],"usage":{"input_tokens":3,"output_tokens":1,"total_tokens":4}}`), Want: out{Text: "hi", Reason: "stop", Usage: usage(3, 1, 0)}},
		{Name: "whole, reasoning and calls", Body: []byte(head + `{"id":"rs","type":"reasoning","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}]},{"id":"fc","type":"function_call","call_id":"c","name":"f","arguments":"{}"}]}`), Want: out{Thought: "a\n\nb", Calls: []dialecttest.Call{{ID: "c", Name: "f", Arguments: "{}"}}, Reason: "tool_calls"}},
		{Name: "whole refusal", Body: []byte(head + `{"id":"m","type":"message","content":[{"type":"refusal","refusal":"no"}]}]}`), Want: out{Refusal: "no", Reason: "stop"}},
		{Name: "error object", Body: []byte(`{"error":{"message":"bad key","type":"invalid_request_error","code":"invalid_api_key"}}`), Want: out{Failed: true, Error: llm.KindAuth}},
		{Name: "page", Body: []byte("<html><title>Bad gateway</title></html>"), Want: out{Failed: true, Error: llm.KindProtocol}},
		{Name: "half a JSON", Body: []byte(head + `{"id":`), Want: out{Failed: true, Error: llm.KindProtocol}},
	}
}

func odd() []dialecttest.Reply {
	type out = dialecttest.Outcome
	return []dialecttest.Reply{
		{Name: "only the end", Body: []byte(`data: {"type":"response.completed","response":{"id":"r","model":"up","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"hi"}]}]}}` + "\n\n"), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "B38 thinking alone becomes text", Body: answer(`output_item.added "output_index":0,"item":{"id":"rs","type":"reasoning","summary":[]}`,
			`reasoning_text.delta "item_id":"rs","output_index":0,"delta":"hm"`, ended("completed", "")), Want: out{Thought: "hm", Text: "hm", Reason: "stop"}},
		{Name: "no JSON", Body: []byte("data: oops\n\n"), Want: out{Failed: true, Error: llm.KindProtocol}},
		{Name: "nothing", Body: nil, Want: out{Failed: true, Error: llm.KindProtocol}},
	}
}

func TestDecodeReply_GivesWhatTheServiceMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Upstream(t, openairesponses.Upstream{}, append(append(replies(t), wholes(t)...), odd()...))
}

// TestTap_PassesOnWhatTheServiceMeant reads what is passed on of a stream; one
// without an outer check of its parts' order, which is the service's.
func TestTap_PassesOnWhatTheServiceMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Carrier(t, openairesponses.Upstream{}, strict, replies(t))
}

func TestTap_MakesAStreamOfAWholeAnswer(t *testing.T) {
	t.Parallel()
	dialecttest.Carrier(t, openairesponses.Upstream{}, func(stream []byte, asked string) (dialecttest.Outcome, error) {
		o, err := strict(stream, asked)
		if o.Usage.Total() == 0 { // zeros stand for what nobody told
			o.Usage = llm.Usage{}
		}
		return o, err
	}, wholes(t))
}

func TestClient_WritesAStreamThatStrictClientsRead(t *testing.T) {
	t.Parallel()
	for _, r := range append(append(replies(t), wholes(t)...), odd()...) {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			u := openairesponses.Upstream{}
			err := openairesponses.Client{}.EncodeStream(&out, u.DecodeReply("", bytes.NewReader(r.Body)), "asked", dialect.Head{Stream: true})
			got, serr := strict(out.Bytes(), "asked")
			if serr != nil || (err != nil) != r.Want.Failed {
				t.Fatalf("%v, %v\n%s", serr, err, out.Bytes())
			}
			want := r.Want
			if want.Failed {
				want = dialecttest.Outcome{Failed: true}
			}
			if got.Usage.Total() == 0 {
				got.Usage = llm.Usage{}
			}
			if diff := dialecttest.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, out.Bytes())
			}
		})
	}
}

// TestClient_OpensOneItemAtATime is about calls whose pieces come side by side.
func TestClient_OpensOneItemAtATime(t *testing.T) {
	t.Parallel()
	list := []llm.Event{
		llm.Start{},
		llm.ToolCallStart{Block: 0, ID: "a", Name: "f"},
		llm.ToolCallStart{Block: 1, ID: "b", Name: "g", Custom: true},
		llm.ToolCallDelta{Block: 1, Arguments: "free "},
		llm.ToolCallDelta{Block: 0, Arguments: `{"x":`},
		llm.ToolCallStart{Block: 2, ID: "c", Name: "h"},
		llm.ToolCallDelta{Block: 2, Arguments: "{}"},
		llm.ToolCallDelta{Block: 1, Arguments: "text"},
		llm.ToolCallDelta{Block: 0, Arguments: "1}"},
		llm.TextDelta{Block: 3, Text: "bye"},
		llm.Finish{Reason: llm.ReasonToolCalls},
	}
	var out bytes.Buffer
	err := openairesponses.Client{}.EncodeStream(&out, func(yield func(llm.Event, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}, "asked", dialect.Head{Stream: true})
	got, serr := strict(out.Bytes(), "asked")
	if err != nil || serr != nil {
		t.Fatalf("%v, %v\n%s", err, serr, out.Bytes())
	}
	got.Usage = llm.Usage{}
	want := dialecttest.Outcome{Text: "bye", Reason: "tool_calls", Calls: []dialecttest.Call{{ID: "a", Name: "f", Arguments: `{"x":1}`}, {ID: "b", Name: "g", Arguments: "free text"}, {ID: "c", Name: "h", Arguments: "{}"}}}
	if diff := dialecttest.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, out.Bytes())
	}
}

func TestClient_AnswersEveryKindOfErrorWithAnObject(t *testing.T) {
	t.Parallel()
	dialecttest.Errors(t, openairesponses.Client{}, errorObject)
}

func TestB23_AFailureEndsTheStreamInTheProtocol(t *testing.T) {
	t.Parallel()
	for _, kind := range llm.Kinds() {
		stream := openairesponses.Client{}.AppendStreamError(nil, &llm.Error{Kind: kind, Message: "it \"broke\"\nhere"})
		text := string(stream)
		if !strings.HasPrefix(text, "event: error\ndata: {\"type\":\"error\"") || !strings.Contains(text, `event: response.failed`) || !strings.Contains(text, `"status":"failed"`) {
			t.Errorf("%v: %s", kind, text)
		}
	}
}

func fixed() openairesponses.Client {
	return openairesponses.Client{
		Now:   func() time.Time { return time.Unix(1700000000, 0) },
		NewID: func(prefix string) string { return prefix + "x" },
	}
}

// canonical makes the several writings of one meaning equal: a text and a list
// of one, instructions and a system message, what is null and what is unsaid.
func canonical(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if text, ok := v["input"].(string); ok {
			v["input"] = []any{map[string]any{"role": "user", "content": text}}
		}
		if in, ok := v["input"].([]any); ok && v["instructions"] != nil {
			v["input"] = append([]any{map[string]any{"role": "system", "content": v["instructions"]}}, in...)
			delete(v, "instructions")
		}
		for k, e := range v {
			if e == nil {
				delete(v, k)
				continue
			}
			v[k] = canonical(e)
		}
		if v["role"] != nil {
			delete(v, "type")
			if text, ok := v["content"].(string); ok {
				v["content"] = []any{map[string]any{"type": "input_text", "text": text}}
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
	dialecttest.Requests(t, fixed(), openairesponses.Upstream{}, canonical, dialecttest.Captures(t, "testdata/captures"))
}

func TestEncodeRequest_WritesWhatWasMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Golden(t, fixed(), openairesponses.Upstream{}, "upstream-model", "testdata/request")
}

func TestEncodeStream_WritesWhatClientsKnow(t *testing.T) {
	t.Parallel()
	dialecttest.GoldenReplies(t, fixed(), openairesponses.Upstream{}, "testdata/reply")
}
