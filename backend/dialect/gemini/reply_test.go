package gemini_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
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

func usage(in, cached, out, reasoning int) llm.Usage {
	return llm.Usage{Known: true, Input: in, Cached: cached, Output: out, Reasoning: reasoning}
}

type (
	out  = dialecttest.Outcome
	call = dialecttest.Call
)

const picture = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="

// vectors are the recorded answers and what a reader must make of them.
func vectors(tb testing.TB) []dialecttest.Reply {
	tb.Helper()
	list := []dialecttest.Reply{
		{Name: "stream_text.sse", Want: out{Text: "The capital of France is Paris.", Reason: "stop", Usage: usage(9, 0, 38, 31)}},
		{Name: "stream_text_crlf_multiline.sse", Want: out{Text: "café — naïve 😀\n\ndata: not a field", Reason: "stop", Usage: usage(4, 0, 9, 0)}},
		{Name: "stream_thoughts.sse", Want: out{
			Thought: "**Reading the question**\n\nThe user asks for 17 x 23.**Computing**\n\n17 x 20 + 17 x 3 = 391.",
			Text:    "17 x 23 = 391.", Reason: "stop", Usage: usage(12, 0, 70, 61),
		}},
		{Name: "stream_tool_call_parallel.sse", Want: out{
			Thought: "**Planning**\n\nTwo look-ups.", Reason: "tool_calls", Usage: usage(118, 0, 84, 40), Calls: []call{
				{ID: "8fkx2a1p", Name: "get_weather", Arguments: `{"city":"Paris","unit":"celsius"}`},
				{ID: "9gly3b2q", Name: "get_weather", Arguments: `{"city":"Oslo","unit":"celsius"}`},
				{ID: "0hmz4c3r", Name: "get_time", Arguments: `{}`},
			},
		}},
		{Name: "stream_metadata_only_chunks.sse", Want: out{Text: "ok", Reason: "stop", Usage: usage(7, 0, 13, 12)}},
		{Name: "stream_prompt_blocked.sse", Want: out{
			Refusal: "Google's filter blocked the request (PROHIBITED_CONTENT)", Reason: "content_filter", Usage: usage(33, 0, 0, 0),
		}},
		{Name: "stream_midstream_error.sse", Want: out{Text: "Half an ans", Failed: true, Error: llm.KindOverloaded}},
		{Name: "public_stream_text.sse", Want: out{Text: "Hello!", Reason: "stop", Usage: usage(3, 0, 2, 0)}},
		{Name: "stream_safety_block.sse", Want: out{Text: "First, you would", Reason: "content_filter", Usage: usage(21, 0, 4, 0)}},
		{Name: "stream_max_tokens.sse", Want: out{Thought: "thinking hard", Reason: "length", Usage: usage(15, 0, 99, 99)}},
		{Name: "stream_malformed_function_call.sse", Want: out{Failed: true, Error: llm.KindTransient}},
		{Name: "stream_tool_call_no_id_25.sse", Want: out{
			Reason: "tool_calls", Usage: usage(66, 0, 67, 55), Calls: []call{{ID: dialecttest.AnyID, Name: "get_weather", Arguments: `{"city":"Rome"}`}},
		}},
		{Name: "stream_truncated.sse", Want: out{Text: "cut off", Reason: "stop", Usage: usage(11, 0, 2, 0)}},
		{Name: "generate_text.json", Want: out{Thought: "Let me think about it.", Text: "Paris is the capital.", Reason: "stop", Usage: usage(1200, 1024, 28, 22)}},
		{Name: "generate_tool_call.json", Want: out{
			Reason: "tool_calls", Usage: usage(70, 0, 48, 33),
			Calls: []call{{ID: "8fkx2a1p", Name: "get_weather", Arguments: `{"city":"Paris","days":3,"flags":[true,null],"nested":{"q":"é"}}`}},
		}},
		{Name: "generate_image_inline.json", Want: out{Text: "Here you are.", Images: []string{picture}, Reason: "stop", Usage: usage(8, 0, 1294, 0)}},
		{Name: "generate_multi_candidate_logprobs.json", Want: out{Text: "Yes", Reason: "stop", Usage: usage(10, 0, 2, 0)}},
		{Name: "generate_grounding.json", Want: out{
			Text: "Release 1.2 came out on Monday.", Reason: "stop", Usage: usage(170, 0, 9, 0), Citations: []llm.Citation{
				{URL: "https://example.com/releases", Title: "example.com", Start: 0, End: 31},
				{URL: "https://example.com/a", Title: "A", Start: 0, End: 12},
			},
		}},
		{Name: "stream_tool_call_split_stop.sse", Want: splitStop()},
	}
	for i := range list {
		list[i].Body = vector(tb, list[i].Name)
	}
	return list
}

// splitStop is the case that users of other gateways were hurt by: the end comes
// in a chunk of its own.
func splitStop() out {
	return out{
		Text: "Let me check.", Reason: "tool_calls", Usage: usage(80, 0, 19, 0),
		Calls: []call{{ID: "a1", Name: "read_file", Arguments: `{"path":"go.mod","limit":20}`}},
	}
}

// chunks writes a bare stream, each chunk the JSON of a candidate.
func chunks(candidates ...string) []byte {
	var b bytes.Buffer
	for _, c := range candidates {
		b.WriteString(`data: {"candidates":[` + c + "]}\n\n")
	}
	return b.Bytes()
}

// counted are chunks of a word each that count their tokens.
func counted(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `data: {"candidates":[{"content":{"parts":[{"text":"w%d"}]}}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":%d}}`+"\n\n", i, 8+2*i)
	}
	return b.Bytes()
}

func says(parts string) string { return `{"content":{"role":"model","parts":[` + parts + `]}}` }

func ends(parts, reason string) string {
	return `{"content":{"role":"model","parts":[` + parts + `]},"finishReason":"` + reason + `"}`
}

// made are the cases that no vector has.
func made() []dialecttest.Reply {
	protocol := out{Failed: true, Error: llm.KindProtocol}
	transient := out{Failed: true, Error: llm.KindTransient}
	word := says(`{"text":"hi"}`)
	return []dialecttest.Reply{
		{Name: "B23a cut", Body: chunks(word), Want: out{Text: "hi", Failed: true, Error: llm.KindProtocol}},
		{Name: "B24 half an event", Body: append(chunks(word), `data: {"candidates":[{"content`...), Want: out{Text: "hi", Failed: true, Error: llm.KindProtocol}},
		{Name: "B34 one id twice", Body: chunks(says(`{"functionCall":{"id":"a","name":"f","args":{"x":1}}}`), ends(`{"functionCall":{"id":"a","name":"f"}}`, "STOP")), Want: out{
			Reason: "tool_calls", Calls: []call{{ID: "a", Name: "f", Arguments: `{"x":1}`}, {ID: dialecttest.AnyID, Name: "f", Arguments: `{}`}},
		}},
		{Name: "B35 stop long after a call", Body: chunks(says(`{"functionCall":{"id":"a","name":"f","args":{}}}`), says(`{"text":"then"}`), ends(`{"text":""}`, "STOP")), Want: out{
			Text: "then", Reason: "tool_calls", Calls: []call{{ID: "a", Name: "f", Arguments: `{}`}},
		}},
		{Name: "B25 usage that only counts up", Body: append(counted(3), `data: {"candidates":[{"finishReason":"STOP"}]}`...), Want: out{Text: "w0w1w2", Reason: "stop", Usage: usage(9, 0, 12, 0)}},
		{Name: "a chunk like the others with something in it", Body: append(counted(2), `data: {"candidates":[{"content":{"parts":[{"text":"x","thought":true}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9}}`...), Want: out{
			Text: "w0w1", Thought: "x", Reason: "stop", Usage: usage(9, 0, 0, 0),
		}},
		{Name: "B36 malformed after text", Body: chunks(word, `{"finishReason":"MALFORMED_FUNCTION_CALL"}`), Want: out{Text: "hi", Failed: true, Error: llm.KindTransient}},
		{Name: "B36 a call without a name", Body: chunks(word, ends(`{"functionCall":{"args":{}}}`, "STOP")), Want: out{Text: "hi", Failed: true, Error: llm.KindTransient}},
		{Name: "B36 unexpected call", Body: chunks(`{"finishReason":"UNEXPECTED_TOOL_CALL"}`), Want: transient},
		{Name: "B38 empty", Body: chunks(ends(`{"text":""}`, "STOP")), Want: transient},
		{Name: "B38 other", Body: chunks(`{"finishReason":"OTHER"}`), Want: transient},
		{Name: "B38 thoughts alone", Body: chunks(ends(`{"text":"so it is 4","thought":true}`, "STOP")), Want: out{Thought: "so it is 4", Text: "so it is 4", Reason: "stop"}},
		{Name: "limit used up", Body: chunks(`{"finishReason":"MAX_TOKENS"}`), Want: out{Failed: true, Error: llm.KindBadRequest}},
		{Name: "too many calls after text", Body: chunks(word, `{"finishReason":"TOO_MANY_TOOL_CALLS"}`), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "a reason nobody knows", Body: chunks(word, `{"finishReason":"BRAND_NEW"}`), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "withheld before a word", Body: chunks(`{"finishReason":"RECITATION","finishMessage":"Too close to a source."}`), Want: out{
			Refusal: "Too close to a source. (RECITATION)", Reason: "content_filter",
		}},
		{Name: "continuation", Body: chunks(ends(`{"text":"hi"}`, "CONTINUATION")), Want: out{Text: "hi", Reason: "length"}},
		{Name: "code that Google ran", Body: chunks(
			says(`{"executableCode":{"language":"PYTHON","code":"print(1)\n"}}`), ends(`{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1\n"}}`, "STOP"),
		), Want: out{Text: "\n```python\nprint(1)\n```\n\n```\n1\n```\n", Reason: "stop"}},
		{Name: "sources in characters", Body: chunks(says(`{"text":"é流"}`), `{"content":{"parts":[{"text":"😀 x"}]},"finishReason":"STOP","groundingMetadata":{`+
			`"groundingChunks":[{"web":{"uri":"https://a.example","title":"A"}},{"web":{"uri":"https://b.example"}}],`+
			`"groundingSupports":[{"segment":{"startIndex":5,"endIndex":11},"groundingChunkIndices":[0,7]}]}}`), Want: out{
			Text: "é流😀 x", Reason: "stop", Citations: []llm.Citation{{URL: "https://a.example", Title: "A", Start: 2, End: 5}, {URL: "https://b.example"}},
		}},
		{Name: "a list of chunks", Body: []byte(`[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]},` + "\n" + `{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}]`), Want: out{Text: "ab", Reason: "stop"}},
		{Name: "an error in a list", Body: []byte(`[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow"}}]`), Want: out{Failed: true, Error: llm.KindRate}},
		{Name: "an error with a success status", Body: []byte(`{"error":{"code":401,"status":"UNAUTHENTICATED","message":"no"}}`), Want: out{Failed: true, Error: llm.KindAuth}},
		{Name: "a marked end", Body: append(chunks(word), "data: [DONE]\n\n"...), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "an error event", Body: []byte("event: error\ndata: {\"error\":{\"code\":500,\"message\":\"broke\"}}\n\n"), Want: transient},
		{Name: "web page", Body: []byte("<!DOCTYPE html><title>Welcome to the hotel</title>"), Want: protocol},
		{Name: "not JSON", Body: []byte("data: oops\n\n"), Want: protocol},
		{Name: "half a JSON", Body: []byte(`{"candidates":[{"content":{"parts":[{"text":"a`), Want: protocol},
		{Name: "no byte", Body: nil, Want: protocol},
		{Name: "another candidate", Body: []byte(`data: {"candidates":[` + ends(`{"text":"a"}`, "STOP") + `,` + ends(`{"text":"b"}`, "STOP") + "]}\n\n"), Want: out{Text: "a", Reason: "stop"}},
		{Name: "parts of a kind to come", Body: chunks(ends(`{"hologram":{"x":[1,{"y":"}"}]}},{"text":"a"}`, "STOP")), Want: out{Text: "a", Reason: "stop"}},
	}
}

func TestDecodeReply_GivesWhatGoogleMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Upstream(t, gemini.Upstream{}, append(vectors(t), made()...))
}

// TestB35_ThroughTheClientsProtocol writes each answer as the clients of Chat
// Completions get it, streamed and whole. The golden files were read against
// the list of what a right bridge gives.
func TestB35_ThroughTheClientsProtocol(t *testing.T) {
	t.Parallel()
	c := openaichat.Client{Now: func() time.Time { return time.Unix(1790000000, 0) }}
	for _, r := range vectors(t) {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			if r.Name == "stream_tool_call_no_id_25.sse" {
				return // its id is made up anew each time
			}
			var stream, whole bytes.Buffer
			h := dialect.Head{Stream: true, IncludeUsage: true}
			_ = c.EncodeStream(&stream, gemini.Upstream{}.DecodeReply("", bytes.NewReader(r.Body)), "asked", h) // the error is in the stream
			reply, err := llm.Collect(gemini.Upstream{}.DecodeReply("", bytes.NewReader(r.Body)))
			if err != nil {
				whole.WriteString(err.Error())
			} else if err := c.EncodeReply(&whole, reply, "asked", dialect.Head{}); err != nil {
				t.Fatal(err)
			}
			whole.WriteByte('\n')
			got := txtar.Format(&txtar.Archive{Files: []txtar.File{{Name: "stream", Data: stream.Bytes()}, {Name: "whole", Data: whole.Bytes()}}})
			file := filepath.Join("testdata", "reply", r.Name+".txtar")
			if os.Getenv("GOLDEN") == "write" {
				if err := os.WriteFile(file, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// kept is a store of signatures.
type kept map[string]string

func (k kept) Signature(id string) string { return k[id] }
func (k kept) Keep(id, signature string)  { k[id] = signature }

func TestB33_SignaturesAreKeptAsTheyArrive(t *testing.T) {
	t.Parallel()
	k := kept{}
	dialecttest.Of(gemini.Upstream{Signatures: k}.DecodeReply("", bytes.NewReader(vector(t, "stream_tool_call_parallel.sse"))))
	want := kept{"8fkx2a1p": "PJqHAK7NLfAEhIAYwkC6usftwJnoU+Vwv0K2WAP4YRli4Uf1RmJoQJ9Lv2QIcL5z"}
	if diff := cmp.Diff(want, k); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeReply_ReadsEmptyTextForItsSignature(t *testing.T) {
	t.Parallel()
	r, err := llm.Collect(gemini.Upstream{}.DecodeReply("", bytes.NewReader(vector(t, "stream_thoughts.sse"))))
	if err != nil {
		t.Fatal(err)
	}
	last, ok := r.Parts[len(r.Parts)-1].(llm.Thought)
	if !ok || last.Text != "" || last.Minter != "gemini" || last.Signature[:8] != "6pcO3HvX" {
		t.Errorf("got %+v, want the signature as a thought without words", last)
	}
}
