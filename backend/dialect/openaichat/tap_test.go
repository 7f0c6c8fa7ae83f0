package openaichat_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func tap(includeUsage bool) dialect.Tap {
	return openaichat.Upstream{}.Tap(dialect.Head{Stream: true, IncludeUsage: includeUsage}, "asked")
}

func TestTap_ReturnsRightBytesAsTheyCame(t *testing.T) {
	t.Parallel()
	body := stream(50, "asked")
	for _, size := range dialecttest.Sizes() {
		out, seen, err := dialecttest.Pass(tap(true), body, size)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out, body) {
			t.Errorf("in pieces of %d: got\n%s", size, out)
		}
		if len(seen.Notes) > 0 {
			t.Errorf("in pieces of %d: notes %v", size, seen.Notes)
		}
	}
}

func TestTap_ReturnsARunAsASliceOfWhatItWasFed(t *testing.T) {
	body := stream(50, "asked")
	events := bytes.SplitAfter(body, []byte("\n\n"))
	open, rest := bytes.Join(events[:3], nil), bytes.Join(events[3:40], nil)
	watch := tap(false)
	if _, err := watch.Feed(nil, open); err != nil {
		t.Fatal(err)
	}
	out, err := watch.Feed(nil, rest)
	if err != nil || len(out) != len(rest) || &out[0] != &rest[0] {
		t.Errorf("got %d bytes of its own for %d, %v", len(out), len(rest), err)
	}
	if got := testing.AllocsPerRun(10, func() { _, _ = watch.Feed(nil, rest) }); got > 0 {
		t.Errorf("got %v allocations for 37 events, want 0", got)
	}
}

func TestTap_HoldsTheOpeningBackUntilThereIsSomethingToRead(t *testing.T) {
	t.Parallel()
	watch := tap(false)
	opening := ": hello\n\n" + strings.TrimSuffix(string(events(delta(`{"role":"assistant","content":""}`))), "data: [DONE]\n\n")
	out, err := watch.Feed(nil, []byte(opening))
	if err != nil || len(out) > 0 || watch.Seen().Token {
		t.Fatalf("got %q, %v before anything can be read", out, err)
	}
	_, err = watch.Feed(nil, []byte(`data: {"error":{"message":"busy","code":"503"}}`+"\n\n"))
	if err == nil || err.Kind != llm.KindOverloaded || err.Message != "busy" {
		t.Errorf("got %+v", err)
	}
	watch = tap(false)
	if _, err := watch.Feed(nil, []byte(opening)); err != nil {
		t.Fatal(err)
	}
	out, err = watch.Feed(nil, []byte(strings.TrimSuffix(string(events(delta(`{"content":"hi"}`))), "data: [DONE]\n\n")))
	if err != nil || bytes.Count(out, []byte("data: ")) != 2 || !watch.Seen().Token {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestB25_UsageIsSentOnceAndOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"openai_stream_usage.sse", "openai_stream_quirks.sse", "dashscope_stream_tool_calls.sse"} {
		body := vector(t, name)
		out, seen, err := dialecttest.Pass(tap(false), body, 4096)
		if err != nil || !seen.Usage.Known {
			t.Fatalf("%s: %+v, %v", name, seen, err)
		}
		got, failed := strict(out, "asked")
		if failed != nil || got.Usage.Known {
			t.Errorf("%s: not asked, got %+v, %v", name, got.Usage, failed)
		}
	}
}

func TestB46_TheAskedModelIsEchoedEverywhere(t *testing.T) {
	t.Parallel()
	body := stream(20, "vendor/other")
	out, seen, err := dialecttest.Pass(tap(true), body, 333)
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.ReplaceAll(body, []byte(`"vendor/other"`), []byte(`"asked"`)); !bytes.Equal(out, want) {
		t.Errorf("got\n%s", out)
	}
	if seen.Model != "vendor/other" {
		t.Errorf("seen the model %q", seen.Model)
	}
}

func TestTap_LeavesThinkTagsAloneUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	body := events(delta(`{"content":"<thi"}`), delta(`{"content":"nk>a</th"}`), delta(`{"content":"ink>\n\nb <think>"}`), finish("stop"))
	out, _, err := dialecttest.Pass(tap(false), body, 4096)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := strict(out, "asked"); got.Text != "<think>a</think>\n\nb <think>" {
		t.Errorf("got %+v", got)
	}
	u := openaichat.Upstream{Quirks: openaichat.Quirks{ThinkTags: true}}
	for _, size := range dialecttest.Sizes() {
		out, _, err = dialecttest.Pass(u.Tap(dialect.Head{Stream: true}, "asked"), body, size)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := strict(out, "asked"); got.Text != "b <think>" || got.Thought != "a" {
			t.Errorf("in pieces of %d: got %+v", size, got)
		}
	}
}

func TestTap_KeepsSeveralAnswersApart(t *testing.T) {
	t.Parallel()
	body := events(
		`{"index":0,"delta":{"content":"a"},"finish_reason":null}`, `{"index":1,"delta":{"content":"b"},"finish_reason":null}`,
		`{"index":0,"delta":{},"finish_reason":"stop"}`, `{"index":1,"delta":{},"finish_reason":"length"}`)
	out, _, err := dialecttest.Pass(tap(false), body, 4096)
	if want := bytes.ReplaceAll(body, []byte(`"up"`), []byte(`"asked"`)); err != nil || !bytes.Equal(out, want) {
		t.Errorf("got %v\n%s", err, out)
	}
}

func TestTap_PassesUnknownFieldsOn(t *testing.T) {
	t.Parallel()
	body := `data: {"id":"1","x":{"model":"inner"},"model":"up","choices":[{"index":0,"delta":{"content":"a","annotations":[1]},"y":2,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"z":3},"service_tier":"t"}` + "\n\n"
	out, _, err := dialecttest.Pass(tap(true), []byte(body), 4096)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(strings.Replace(body, `"model":"up"`, `"model":"asked"`, 1), `{"prompt_tokens":1,"z":3}`, "null", 1)
	if got := string(out[:len(want)]); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !bytes.Contains(out, []byte(`"choices":[],"usage":{"prompt_tokens":1,"z":3}}`)) {
		t.Errorf("the usage is not at the end: %s", out)
	}
}

func TestTap_DoesNotGrowWithTheAnswer(t *testing.T) {
	t.Parallel()
	watch := tap(false)
	body := stream(1000, "asked")
	body = body[:bytes.LastIndex(body, []byte(`data: {"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx","object":"chat.completion.chunk","created":1760000000,"model":"asked","service_tier":"default","system_fingerprint":"fp_0123456789","choices":[{"index":0,"delta":{}`))]
	var total int
	for range 50 {
		out, err := watch.Feed(nil, body)
		if err != nil {
			t.Fatal(err)
		}
		total += len(out)
	}
	if total != 50*len(body) {
		t.Errorf("%d of %d bytes came out", total, 50*len(body))
	}
}

func TestCarryReply_ChangesOnlyWhatItMust(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, before, want string }{
		{
			"model", ` {"x":1.0,"model":"up","choices":[{"index":0,"message":{"content":"a","model":"up"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}} `,
			` {"x":1.0,"model":"asked","choices":[{"index":0,"message":{"content":"a","model":"up"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}} `,
		},
		{
			"B35 stop after a call", `{"choices":[{"message":{"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}`,
			`{"choices":[{"message":{"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}`,
		},
		{"another protocol's reason", `{"choices":[{"message":{"content":"a"},"finish_reason":"max_tokens"}]}`, `{"choices":[{"message":{"content":"a"},"finish_reason":"length"}]}`},
	} {
		got, seen, err := openaichat.Upstream{}.CarryReply(nil, []byte(test.before), dialect.Head{}, "asked")
		if err != nil || string(got) != test.want || !seen.Token {
			t.Errorf("%s: got %s, %+v, %v", test.name, got, seen, err)
		}
	}
}

func TestCarryReply_RewritesWhatIsBroken(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{
		"B27 a stream":         string(events(delta(`{"content":"a"}`), finish("stop"))),
		"B38 thoughts alone":   `{"choices":[{"message":{"content":"","reasoning_content":"a"},"finish_reason":"stop"}]}`,
		"B28a no reason":       `{"choices":[{"message":{"content":"a"}}]}`,
		"B34 calls without id": `{"choices":[{"message":{"content":"a","tool_calls":[{"function":{"name":"f","arguments":{}}}]},"finish_reason":"tool_calls"}]}`,
	} {
		got, seen, err := openaichat.Upstream{}.CarryReply(nil, []byte(before), dialect.Head{}, "asked")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var reply struct {
			Model   string
			Choices []struct {
				Message struct {
					Content   string
					ToolCalls []struct{ ID, Type string } `json:"tool_calls"`
				}
				FinishReason string `json:"finish_reason"`
			}
		}
		if err := json.Unmarshal(got, &reply); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, got)
		}
		c := reply.Choices[0]
		if reply.Model != "asked" || c.Message.Content != "a" || c.FinishReason != string(seen.Reason) || len(seen.Notes) == 0 {
			t.Errorf("%s: got %s, %+v", name, got, seen)
		}
		for _, call := range c.Message.ToolCalls {
			if call.ID == "" || call.Type != "function" {
				t.Errorf("%s: got %s", name, got)
			}
		}
	}
}

func TestCarryReply_FindsFailures(t *testing.T) {
	t.Parallel()
	for body, kind := range map[string]llm.Kind{
		`{"error":{"message":"m","code":429}}`:                                      llm.KindRate,
		`{"error":{"message":"m","code":"insufficient_quota"}}`:                     llm.KindQuota,
		`{"code":500,"msg":"m"}`:                                                    llm.KindTransient,
		`{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}`:           llm.KindProtocol,
		`{"choices":[{"message":{"content":""},"finish_reason":"length"}]}`:         llm.KindBadRequest,
		`{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}`: llm.KindContent,
		`{"choices":[]}`: llm.KindProtocol, `{"ok":true}`: llm.KindProtocol, `{"choices":[`: llm.KindProtocol, `<html></html>`: llm.KindProtocol, ``: llm.KindProtocol,
	} {
		_, _, err := openaichat.Upstream{}.CarryReply(nil, []byte(body), dialect.Head{}, "asked")
		if err == nil || err.Kind != kind {
			t.Errorf("%s: got %+v, want the kind %v", body, err, kind)
		}
	}
}

// TestEncode_IsReadBackAsItWas writes events and whole answers and reads them
// again with the upstream face.
func TestEncode_IsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	for _, r := range replies(t) {
		if r.Want.Failed {
			continue
		}
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			var u openaichat.Upstream
			var c openaichat.Client
			var streamed, whole bytes.Buffer
			if err := c.EncodeStream(&streamed, u.DecodeReply("", bytes.NewReader(r.Body)), "asked", dialect.Head{IncludeUsage: true}); err != nil {
				t.Fatal(err)
			}
			got, err := strict(streamed.Bytes(), "asked")
			if diff := dialecttest.Diff(r.Want, got); diff != "" || err != nil {
				t.Errorf("streamed: %v (-want +got):\n%s", err, diff)
			}
			reply, err := llm.Collect(u.DecodeReply("", bytes.NewReader(r.Body)))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.EncodeReply(&whole, reply, "asked", dialect.Head{}); err != nil {
				t.Fatal(err)
			}
			if diff := dialecttest.Diff(r.Want, dialecttest.Of(u.DecodeReply("", &whole))); diff != "" {
				t.Errorf("whole (-want +got):\n%s", diff)
			}
		})
	}
}

func TestB23_AFailureInTheMiddleIsWrittenAndEnds(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := openaichat.Upstream{}.DecodeReply("", bytes.NewReader(vector(t, "openai_stream_error_inband.sse")))
	err := openaichat.Client{}.EncodeStream(&out, s, "asked", dialect.Head{})
	if llm.AsError(err).Kind != llm.KindOverloaded {
		t.Errorf("got %v", err)
	}
	parts := strings.Split(out.String(), "\n\n")
	if len(parts) < 4 || parts[len(parts)-2] != "data: [DONE]" || strings.Contains(out.String(), `"finish_reason":"`) {
		t.Fatalf("got %s", out.String())
	}
	if err := errorObject([]byte(strings.TrimPrefix(parts[len(parts)-3], "data: "))); err != nil {
		t.Errorf("%v in %s", err, out.String())
	}
}

func TestEncodeReply_JoinsLogprobsAndKeepsSignatures(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := openaichat.Client{}.EncodeReply(&out, &llm.Reply{
		Start: llm.Start{ID: "i", Created: 7}, Logprobs: []llm.RawJSON{llm.RawJSON(`{"content":[1]}`), llm.RawJSON(`{"content":[2],"refusal":null}`)},
		Parts:  []llm.Part{llm.ToolCall{ID: "1", Name: "f", Arguments: "{}", Signature: "s"}, llm.ToolCall{ID: "2", Name: "p", Arguments: "x", Custom: true}},
		Finish: llm.Finish{Reason: llm.ReasonToolCalls, Fingerprint: "fp"},
	}, "m", dialect.Head{})
	if err != nil {
		t.Fatal(err)
	}
	want := value(t, []byte(`{"id":"chatcmpl-i","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[
		{"id":"1","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}},
		{"id":"2","type":"custom","custom":{"name":"p","input":"x"}}]},"logprobs":{"content":[1,2],"refusal":null},"finish_reason":"tool_calls"}],"system_fingerprint":"fp"}`))
	if diff := cmp.Diff(want, value(t, out.Bytes())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
