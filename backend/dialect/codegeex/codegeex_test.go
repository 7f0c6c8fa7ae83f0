package codegeex_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/codegeex"
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

// miscs are the bodies of the cases, and their expected requests, by name.
func miscs(tb testing.TB) map[string]json.RawMessage {
	tb.Helper()
	var list struct {
		Cases []struct {
			Name string
			Body json.RawMessage
		}
	}
	if err := json.Unmarshal(vector(tb, "codegeex_misc.json"), &list); err != nil {
		tb.Fatal(err)
	}
	out := map[string]json.RawMessage{}
	for _, c := range list.Cases {
		out[c.Name] = c.Body
	}
	return out
}

const add = "func Add(a, b int) int {\n\treturn a + b // 和\n}"

func replies(tb testing.TB) []dialecttest.Reply {
	tb.Helper()
	type out = dialecttest.Outcome
	event := func(kind, data string) string { return "event: " + kind + "\ndata: " + data + "\n\n" }
	hi := event("add", `{"id":"1","text":"hi"}`)
	failed := func(k llm.Kind) out { return out{Failed: true, Error: k} }
	cut := out{Text: "hi", Failed: true, Error: llm.KindProtocol}
	return []dialecttest.Reply{
		{Name: "B29 the end repeats the answer", Body: vector(tb, "codegeex_stream.sse"), Want: out{Text: add, Reason: "stop"}},
		{Name: "the end alone", Body: vector(tb, "codegeex_stream_finish_only.sse"), Want: out{Text: "Only the closing event carries the answer.", Reason: "stop"}},
		{Name: "quirks", Body: vector(tb, "codegeex_stream_quirks.sse"), Want: out{
			Text: "no event name, no space after colon. CRLF ahead. two data lines.", Reason: "length",
			Citations: []llm.Citation{{URL: "https://example.test/a", Title: "A page"}},
		}},
		{Name: "whole", Body: miscs(tb)["chat_non_stream_200"], Want: out{Text: "func Add(a, b int) int { return a + b }", Reason: "stop"}},
		{Name: "whole in an envelope", Body: []byte(`{"code":200,"data":{"text":"hi","finish_reason":"length"}}`), Want: out{Text: "hi", Reason: "length"}},
		{Name: "B08 error under success", Body: vector(tb, "codegeex_auth_error.json"), Want: failed(llm.KindAuth)},
		{Name: "error as a text", Body: []byte(`{"code":"429","msg":"slow"}`), Want: failed(llm.KindRate)},
		{Name: "error of an unknown code", Body: []byte(`{"code":10010,"msg":"用户未登录"}`), Want: failed(llm.KindAuth)},
		{Name: "error without a code", Body: []byte(`{"code":"ERR","msg":"boom"}`), Want: failed(llm.KindTransient)},
		{Name: "error in the stream", Body: []byte(hi + event("add", `{"code":500,"msg":"boom"}`)), Want: out{Text: "hi", Failed: true, Error: llm.KindTransient}},
		{Name: "error event", Body: []byte(event("error", `{"msg":"boom"}`)), Want: failed(llm.KindTransient)},
		{Name: "B23a cut", Body: []byte(hi), Want: cut},
		{Name: "B24 no blank line at the end", Body: []byte(hi + "event: finish\ndata: {\"text\":\"hi\",\"finish_reason\":\"stop\"}"), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "reason in a piece", Body: []byte(hi + event("add", `{"text":"","finish_reason":"stop"}`)), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "end without a reason", Body: []byte(hi + event("finish", `{"text":"hi"}`)), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "end with a mark", Body: []byte(hi + "data: [DONE]\n\n"), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "nothing follows the end", Body: []byte(hi + event("finish", `{"text":"hi"}`) + hi), Want: out{Text: "hi", Reason: "stop"}},
		{Name: "withheld", Body: []byte(event("finish", `{"text":"","finish_reason":"sensitive"}`)), Want: failed(llm.KindContent)},
		{Name: "B38 empty end", Body: []byte(event("finish", `{"text":"","finish_reason":"stop"}`)), Want: failed(llm.KindProtocol)},
		{Name: "B38 no text", Body: []byte(event("ping", `{}`)), Want: failed(llm.KindProtocol)},
		{Name: "no byte", Body: nil, Want: failed(llm.KindProtocol)},
		{Name: "web page", Body: []byte("<!doctype html><title>Sign in</title>"), Want: failed(llm.KindProtocol)},
		{Name: "not JSON", Body: []byte("data: oops\n\n"), Want: failed(llm.KindProtocol)},
		{Name: "half a JSON", Body: []byte(`{"text":"a`), Want: failed(llm.KindProtocol)},
		{Name: "JSON without a text", Body: []byte(`{"data":null}`), Want: failed(llm.KindProtocol)},
		{Name: "a list", Body: []byte(`[]`), Want: failed(llm.KindProtocol)},
		{Name: "null", Body: []byte(`data: null` + "\n\n"), Want: failed(llm.KindProtocol)},
	}
}

func TestDecodeReply_GivesWhatTheSiteMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Upstream(t, codegeex.Upstream{}, replies(t))
}

func TestDecodeReply_AsInTheGoldenFiles(t *testing.T) {
	t.Parallel()
	client := openaichat.Client{Now: func() time.Time { return time.Unix(1760000000, 0) }}
	dialecttest.GoldenReplies(t, client, codegeex.Upstream{}, "testdata/answer")
}

func TestDecodeReply_ReachesOpenAIClients(t *testing.T) {
	t.Parallel()
	dialecttest.Translated(t, openaichat.Client{}, openaichat.Upstream{}, codegeex.Upstream{}, throughOpenAI(replies(t)))
}

// throughOpenAI are the replies as they can be read back: who reads chat
// completions here does not read sources.
func throughOpenAI(list []dialecttest.Reply) []dialecttest.Reply {
	for i := range list {
		list[i].Want.Citations = nil
	}
	return list
}

func TestDecodeReply_NamesABrokenConnection(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want llm.Kind
	}{{errors.New("reset"), llm.KindNetwork}, {os.ErrDeadlineExceeded, llm.KindTimeout}} {
		body := io.MultiReader(strings.NewReader("event: add\ndata: {\"text\":\"hi\"}\n\n"), iotest.ErrReader(c.err))
		if got := dialecttest.Of(codegeex.Upstream{}.DecodeReply("", body)); got.Text != "hi" || !got.Failed || got.Error != c.want {
			t.Errorf("%v: got %+v", c.err, got)
		}
	}
}

// upstream is one whose ids are counted.
func upstream(emulate bool) codegeex.Upstream {
	n := 0
	return codegeex.Upstream{EmulateTools: emulate, Caller: codegeex.Caller{
		UserID: "u-1", IDE: "VSCode", IDEVersion: "1.102.0", PluginVersion: "2.30.0", MachineID: "m-1", TalkID: "11111111-1111-4111-8111-111111111111", Locale: "zh",
	}, NewID: func() string { n++; return fmt.Sprintf("h-%d", n) }}
}

func TestEncodeRequest_AsInTheGoldenFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder  string
		emulate bool
	}{{"testdata/request", false}, {"testdata/emulated", true}} {
		files, err := filepath.Glob(c.folder + "/*.txtar")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", c.folder, err)
		}
		dialecttest.Golden(t, openaichat.Client{}, countless(upstream(c.emulate)), "codegeex-4", c.folder)
	}
}

// countless gives every turn the same id, for files that are read in any order.
func countless(u codegeex.Upstream) codegeex.Upstream {
	u.NewID = func() string { return "h-1" }
	return u
}

func TestEncodeRequest_IsTheRequestOfTheVector(t *testing.T) {
	t.Parallel()
	text := func(role llm.Role, s string) llm.Message {
		return llm.Message{Role: role, Parts: []llm.Part{llm.Text{Text: s}}}
	}
	out, warnings, err := upstream(false).EncodeRequest(&llm.Request{Messages: []llm.Message{
		text(llm.RoleUser, "hi"), text(llm.RoleAssistant, "hello"), text(llm.RoleUser, "write Add in Go"),
	}}, "codegeex-4")
	if err != nil || len(warnings) != 0 {
		t.Fatal(warnings, err)
	}
	var want, got any
	if err := json.Unmarshal(miscs(t)["expected_chat_request"], &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEncodeRequest_EveryTurnHasAnIDOfItsOwn(t *testing.T) {
	t.Parallel()
	u := codegeex.Upstream{}
	r := &llm.Request{}
	for range 3 {
		r.Messages = append(r.Messages, llm.Message{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "q"}}},
			llm.Message{Role: llm.RoleAssistant, Parts: []llm.Part{llm.Text{Text: "a"}}})
	}
	var got struct {
		TalkID  string
		History []struct{ ID string }
	}
	out, _, _ := u.EncodeRequest(r, "m")
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{got.TalkID: true}
	for _, h := range got.History {
		seen[h.ID] = true
	}
	if len(seen) != 4 || seen[""] {
		t.Errorf("got %+v", got)
	}
}

// TestEncodeRequest_KeepsTheOrder is a property: whatever the roles, every text
// is there once and in its order.
func TestEncodeRequest_KeepsTheOrder(t *testing.T) {
	t.Parallel()
	roles := []llm.Role{llm.RoleUser, llm.RoleAssistant}
	for mask := range 1 << 6 {
		r := &llm.Request{}
		var want []string
		for i := range 6 {
			s := fmt.Sprintf("text-%d", i)
			want = append(want, s)
			r.Messages = append(r.Messages, llm.Message{Role: roles[mask>>i&1], Parts: []llm.Part{llm.Text{Text: s}}})
		}
		out, _, err := codegeex.Upstream{}.EncodeRequest(r, "m")
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Prompt  string
			History []struct{ Query, Answer string }
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, h := range got.History {
			all = append(all, h.Query, h.Answer)
		}
		text := strings.Fields(strings.Join(append(all, got.Prompt), "\n"))
		if got.Prompt == "" || !strings.HasPrefix(strings.Join(text, " "), strings.Join(want, " ")) {
			t.Errorf("%06b: got %q", mask, text)
		}
	}
}

func TestDecodeError_SaysWhatToDo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		status     int
		body, wait string
		kind       llm.Kind
		says       string
		after      time.Duration
	}{
		{401, string(miscs(t)["chat_http_401"]), "", llm.KindAuth, "sign in again, or paste a new one (unauthorized)", 0},
		{403, ``, "", llm.KindAuth, "refuses the token", 0},
		{429, string(miscs(t)["chat_http_429"]), "5", llm.KindRate, "too many requests", 5 * time.Second},
		{429, ``, "Sun, 01 Nov 2026 00:01:00 GMT", llm.KindRate, "passes", time.Minute},
		{400, `{"message":"bad"}`, "", llm.KindBadRequest, "(bad)", 0},
		{400, `{"msg":"token expired"}`, "", llm.KindAuth, "paste a new one", 0},
		{404, `{"error":{"message":"no model"}}`, "", llm.KindNotFound, "(no model)", 0},
		{413, ``, "", llm.KindTooLarge, "too long", 0},
		{500, `oops`, "", llm.KindTransient, "(oops)", 0},
		{502, `<html><h1>Bad Gateway</h1></html>`, "", llm.KindTransient, "web page: Bad Gateway", 0},
		{503, ``, "", llm.KindOverloaded, "overloaded", 0},
		{504, ``, "", llm.KindTimeout, "in time", 0},
		{418, ``, "", llm.KindBadRequest, "does not take", 0},
	} {
		h := http.Header{}
		if c.wait != "" {
			h.Set("Retry-After", c.wait)
		}
		got := codegeex.Upstream{Now: func() time.Time { return now }}.DecodeError(c.status, h, []byte(c.body))
		if got.Kind != c.kind || !strings.Contains(got.Message, c.says) || got.Status != c.status || got.RetryAfter != c.after {
			t.Errorf("%d %s: got %+v", c.status, c.body, got)
		}
	}
}

func FuzzReply(f *testing.F) {
	for _, r := range replies(f) {
		f.Add(r.Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		dialecttest.Ordered(t, codegeex.Upstream{}.DecodeReply("", bytes.NewReader(body)))
		want := dialecttest.Of(codegeex.Upstream{}.DecodeReply("", bytes.NewReader(body)))
		got := dialecttest.Of(codegeex.Upstream{}.DecodeReply("", iotest.OneByteReader(bytes.NewReader(body))))
		if diff := dialecttest.Diff(want, got); diff != "" {
			t.Errorf("%q (-whole +pieces):\n%s", body, diff)
		}
	})
}

func FuzzError(f *testing.F) {
	for _, s := range []string{`{"code":401,"msg":"x"}`, `<html>`, ``, `[1]`, "\xff", `{"msg":{"message":1}}`} {
		f.Add(401, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		got := codegeex.Upstream{}.DecodeError(status, http.Header{}, body)
		if got.Message == "" || !utf8.ValidString(got.Message) || len(got.Message) > 1200 {
			t.Errorf("%q is read as %q", body, got.Message)
		}
	})
}
