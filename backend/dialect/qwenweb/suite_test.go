package qwenweb_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/qwenweb"
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
	Name     string          `json:"name"`
	Status   int             `json:"status"`
	Body     json.RawMessage `json:"body"`
	BodyText string          `json:"body_text"`
}

func (m misc) body() []byte {
	if m.Body != nil {
		return m.Body
	}
	return []byte(m.BodyText)
}

func miscs(tb testing.TB) map[string]misc {
	tb.Helper()
	var list struct {
		Cases []misc `json:"cases"`
	}
	if err := json.Unmarshal(vector(tb, "qwen_web_errors.json"), &list); err != nil {
		tb.Fatal(err)
	}
	out := map[string]misc{}
	for _, c := range list.Cases {
		out[c.Name] = c
	}
	return out
}

func usage(in, out, reasoning int) llm.Usage {
	return llm.Usage{Known: true, Input: in, Output: out, Reasoning: reasoning}
}

// events writes objects as the site frames them.
func events(objects ...string) []byte {
	var b strings.Builder
	for _, o := range objects {
		b.WriteString("data: " + o + "\n\n")
	}
	return []byte(b.String())
}

const created = `{"response.created":{"chat_id":"c","parent_id":"p","response_id":"r","response_index":"0"}}`

func delta(fields string) string {
	return `{"choices":[{"delta":{"role":"assistant",` + fields + `}}],"response_id":"r"}`
}

func answer(text string) string {
	raw, _ := json.Marshal(text)
	return delta(`"content":` + string(raw) + `,"phase":"answer","status":"typing"`)
}

const end = `{"choices":[{"delta":{"role":"assistant","content":"","phase":"answer","status":"finished"}}],"response_id":"r"}`

// replies are the answers of the site and what a client must make of them.
func replies(tb testing.TB) []dialecttest.Reply {
	tb.Helper()
	type out = dialecttest.Outcome
	failed := func(kind llm.Kind) out { return out{Failed: true, Error: kind} }
	list := []dialecttest.Reply{
		{Name: "think and answer", Body: vector(tb, "qwen_web_stream_think_answer.sse"), Want: out{
			Thought: "Need an Add function.", Text: "return a + b", Reason: "stop", Usage: usage(20, 9, 5),
		}},
		{Name: "summary, search, two responses", Body: vector(tb, "qwen_web_stream_summary_search.sse"), Want: out{
			Thought: "**Plan**\nLook it up.\n\n**Write**\nThen answer.", Text: "Use +.", Reason: "stop", Usage: usage(30, 9, 6),
		}},
		{Name: "B23a error inside", Body: vector(tb, "qwen_web_stream_error_inband.sse"), Want: out{Text: "par", Failed: true, Error: llm.KindRate}},
		{Name: "B23a cut", Body: events(created, answer("hi")), Want: out{Text: "hi", Failed: true, Error: llm.KindProtocol}},
		{Name: "B24 no blank line at the end", Body: []byte(strings.TrimRight(string(events(created, answer("hi"), end)), "\n")), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "a finished thought is not the end", Body: events(created, delta(`"content":"hm","phase":"think","status":"finished"`), answer("hi"), end), Want: out{Thought: "hm", Text: "hi", Reason: "stop"}},
		{Name: "stopped", Body: events(created, answer("hi"), `{"response.stopped":{"response_id":"r"}}`), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "another response stopped", Body: events(created, answer("hi"), `{"response.stopped":{"response_id":"x"}}`, answer("!"), end), Want: out{Text: "hi!", Reason: "stop"}},
		{Name: "another response failed", Body: events(created, answer("hi"), `{"error":{"code":"x"},"response_id":"x"}`, end), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "done", Body: events(created, answer("hi"), "[DONE]"), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "no phases, as old pages had it", Body: events(`{"choices":[{"delta":{"content":"hi"}}]}`, `{"choices":[{"delta":{"content":"","status":"finished"}}]}`), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "unknown phases and objects", Body: events(created, `{"news":1}`, `[1]`, `7`, delta(`"content":"drawing","phase":"image_gen","status":"finished"`), answer("hi"), end), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "a summary that grows", Body: events(created,
			delta(`"content":"","phase":"thinking_summary","extra":{"summary_title":{"content":["A"]},"summary_thought":{"content":["x"]}}`),
			delta(`"content":"","phase":"thinking_summary","extra":{"summary_title":{"content":["A","B"]},"summary_thought":{"content":["xy","z"]}}`),
			answer("hi"), end), Want: out{Thought: "**A**\nxy\n\n**B**\nz", Text: "hi", Reason: "stop"}},
		{Name: "words of a check in an answer", Body: events(created, answer("a captcha may punish you, says RGV587"), end), Want: out{Text: "a captcha may punish you, says RGV587", Reason: "stop"}},
		{Name: "B38 empty", Body: events(created, end), Want: failed(llm.KindProtocol)},
		{Name: "B38 thoughts alone", Body: events(created, delta(`"content":"hm","phase":"think"`), end), Want: out{Thought: "hm", Failed: true, Error: llm.KindProtocol}},
		{Name: "nothing", Body: nil, Want: failed(llm.KindProtocol)},
		{Name: "half an event", Body: []byte(`data: {"choices":[{"delta":{"con`), Want: failed(llm.KindProtocol)},
		{Name: "no JSON", Body: events("oops"), Want: failed(llm.KindProtocol)},
		{Name: "a page", Body: []byte("<!doctype html><title>Sign in</title>"), Want: failed(llm.KindProtocol)},
		{Name: "refused under success", Body: events(`{"success":false,"data":{"code":"RateLimited","num":2}}`), Want: failed(llm.KindQuota)},
		{Name: "a check inside the stream", Body: events(`{"ret":["FAIL_SYS_USER_VALIDATE"],"data":{}}`), Want: failed(llm.KindForbidden)},
		{Name: "too long a conversation", Body: events(created, `{"error":{"code":"ContextLengthExceeded","details":"test"}}`), Want: failed(llm.KindBadRequest)},
		{Name: "whole, as the site once answered", Body: []byte(`{"choices":[{"message":{"role":"assistant","content":"hi"}}],"usage":{"input_tokens":1,"output_tokens":2}}`), Want: out{Text: "hi", Reason: "stop", Usage: usage(1, 2, 0)}},
	}
	kinds := map[string]llm.Kind{
		"rate_limited": llm.KindQuota, "chat_in_progress": llm.KindTransient, "too_many_messages": llm.KindProtocol, "invalid_token": llm.KindAuth,
		"not_found": llm.KindTransient, "waf_html_200": llm.KindForbidden, "waf_json_200": llm.KindForbidden,
	}
	for name, c := range miscs(tb) {
		kind, ok := kinds[name]
		if !ok {
			tb.Fatalf("nobody says what %s means", name)
		}
		list = append(list, dialecttest.Reply{Name: "case " + name, Body: c.body(), Want: failed(kind)})
	}
	return list
}

func TestDecodeReply_GivesWhatTheSiteMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Upstream(t, qwenweb.Upstream{}, replies(t))
}
