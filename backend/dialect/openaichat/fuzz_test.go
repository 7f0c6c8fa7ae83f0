package openaichat_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
)

// shallow says that a text cannot reach the bound of the nesting.
func shallow(b []byte) bool { return bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) < 500 }

// FuzzRequest proves that Head takes exactly the bodies that encoding/json
// takes, finds the same model, and that what is carried and what is translated
// is JSON again.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}`,
		` {"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}],"mod\u0065l":"a\"b","stream":"true","stream_options":{"x":1}} `,
		`{"model":"a","model":"b","messages":[{"role":"tool","tool_call_id":"1","content":[{"type":"text","text":"x"}]}],"tool_choice":"validated"}`,
		`{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":{"a":1}}}]}],"stop":["a"],"functions":[{"name":"f"}]}`,
	} {
		f.Add([]byte(seed))
	}
	files, _ := filepath.Glob("testdata/captures/openai-js_*.json")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !shallow(raw) {
			return
		}
		var c openaichat.Client
		h, failed := c.Head(&http.Request{Header: http.Header{}}, raw)
		valid := json.Valid(raw) && utf8.Valid(raw)
		if failed == nil && !valid {
			t.Fatalf("%q is accepted", raw)
		}
		if failed != nil {
			if valid && failed.Code == "invalid_json" && len(bytes.TrimSpace(raw)) > 0 && bytes.TrimSpace(raw)[0] == '{' {
				t.Fatalf("%q is refused: %v", raw, failed)
			}
			return
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			t.Fatal(err)
		}
		var model string
		_ = json.Unmarshal(fields["model"], &model)
		if h.Model != model {
			t.Errorf("%q: the model is %q, want %q", raw, h.Model, model)
		}
		carried, _, failed := openaichat.Upstream{}.CarryRequest(nil, raw, h, "up\"stream")
		sameModel(t, carried, failed == nil)
		quirky := openaichat.Upstream{Quirks: allQuirks()}
		carried, _, failed = quirky.CarryRequest(nil, raw, h, "up\"stream")
		sameModel(t, carried, failed == nil)
		request, _, failed := c.DecodeRequest(h, raw)
		if failed != nil {
			return
		}
		translated, _, failed := quirky.EncodeRequest(request, "up\"stream")
		if failed == nil {
			sameModel(t, translated, true)
		}
	})
}

func sameModel(t *testing.T, body []byte, ok bool) {
	t.Helper()
	var got struct {
		Model string `json:"model"`
	}
	if err := json.Unmarshal(body, &got); err != nil || !ok {
		t.Fatalf("%s: %v", body, err)
	}
	if got.Model != `up"stream` && !strings.Contains(string(body), `"MODEL"`) {
		t.Errorf("%s: the model is %q", body, got.Model)
	}
}

func allQuirks() openaichat.Quirks {
	return openaichat.Quirks{
		MaxTokensField: "max_completion_tokens", NoStreamOptions: true, DeveloperRole: "system", MergeSystem: true, NoStrict: true,
		NeedsParameters: true, StopLimit: 1, Drop: []string{"user"}, ContentNeverNull: true, NeedsReasoningContent: true, ThinkTags: true,
		OnlyAuto: true, ThinkingSwitch: true, CallIDLength: 9, DropInMessages: []string{"name"}, Clamp: []openaichat.Range{{Field: "temperature", Low: 0.01, High: 0.99}},
		DropFor: []openaichat.ModelFields{{Models: []string{"up*"}, Fields: []string{"seed"}}},
	}
}

// FuzzReply proves that what is passed on of an answer says the same as the
// codec's own reading of it, and is right in the protocol, however it is cut.
func FuzzReply(f *testing.F) {
	for _, r := range replies(f) {
		f.Add(r.Body, uint16(7))
	}
	f.Fuzz(func(t *testing.T, body []byte, size uint16) {
		if !shallow(body) || !utf8.Valid(body) || bytes.Contains(body, []byte(`"index":`)) && !bytes.Contains(body, []byte(`"index":0`)) {
			return
		}
		u := openaichat.Upstream{}
		want := dialecttest.Of(u.DecodeReply("", bytes.NewReader(body)))
		dialecttest.Ordered(t, u.DecodeReply("", bytes.NewReader(body)))
		out, seen, failed := dialecttest.Pass(u.Tap(dialect.Head{Stream: true, IncludeUsage: true}, "asked"), body, int(size)+1)
		if failed == nil && seen.Token && seen.Reason != "" && want.Failed && want.Text+want.Thought+want.Refusal == "" && len(want.Calls) == 0 {
			// An answer of fields that only the client may know is passed on, and
			// is empty to a reader.
			return
		}
		if (failed != nil) != want.Failed {
			t.Fatalf("passing on says %v, reading %+v", failed, want)
		}
		if failed != nil {
			return
		}
		if seen.Reason != want.Reason {
			t.Errorf("seen %v, want %v", seen.Reason, want.Reason)
		}
		got, err := strict(out, "asked")
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for i := range want.Calls {
			want.Calls[i].ID = dialecttest.AnyID
		}
		if diff := dialecttest.Diff(want, got); diff != "" {
			t.Errorf("(-read +passed on):\n%s\n%s", diff, out)
		}
	})
}

func FuzzError(f *testing.F) {
	for _, c := range miscs(f, "openai_misc.json") {
		f.Add(c.Status, c.body())
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		err := openaichat.Upstream{}.DecodeError(status, http.Header{}, body)
		if err.Message == "" || !utf8.ValidString(err.Message) || len(err.Message) > 1100 {
			t.Errorf("%q is read as %q", body, err.Message)
		}
	})
}

// chunkings are chunks of which FuzzAnswer makes answers.
func chunkings() []string {
	call := func(index, id, name, arguments string) string {
		return calls(`{` + index + id + `"type":"function","function":{` + name + `"arguments":"` + arguments + `"}}`)
	}
	return []string{
		delta(`{"role":"assistant","content":""}`), delta(`{"content":"a"}`), delta(`{"content":"b\"model\":\"up\""}`), delta(`{"content":"\\"}`),
		delta(`{"reasoning_content":"t"}`), delta(`{"reasoning_content":"u\n"}`), delta(`{"reasoning":"v","content":"w"}`), delta(`{"refusal":"no"}`),
		call(`"index":0,`, `"id":"a",`, `"name":"f",`, ``), call(`"index":0,`, ``, ``, `{\"x\":`), call(`"index":0,`, ``, ``, `1}`),
		call(`"index":0,`, `"id":"b",`, `"name":"g",`, `{}`), call(`"index":1,`, `"id":"c",`, `"name":"f",`, ``), call(`"index":1,`, ``, ``, `{}`),
		call(``, ``, `"name":"h",`, `{}`), call(``, ``, ``, `{\"`), call(`"index":0,`, `"id":"",`, `"name":null,`, `x\"`), call(`"index":2,`, `"id":"d",`, ``, `{`),
		finish("stop"), finish("length"), finish("tool_calls"), `{"index":0,"delta":{"content":"c"},"finish_reason":""}`, finish("eos"), finish("error"),
	}
}

// FuzzAnswer is FuzzReply over answers whose chunks are in the protocol, in any
// order.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{"\x00\x01\x01\x02\x12", "\x04\x05\x04\x12", "\x08\x09\x0a\x0b\x12", "\x0c\x08\x0d\x09\x0a\x14", "\x0e\x0f\x10\x12", "\x11\x08\x12", "\x01\x12\x13"} {
		f.Add([]byte(seed), uint16(50), true)
	}
	f.Fuzz(func(t *testing.T, picks []byte, size uint16, done bool) {
		if len(picks) > 40 {
			return
		}
		list := chunkings()
		var chosen []string
		for _, p := range picks {
			pick := list[int(p)%len(list)]
			chosen = append(chosen, pick)
			if strings.Contains(pick, `{},"finish_reason":"`) { // nothing to read follows a reason
				list = chunkings()[18:21]
			}
		}
		body := events(chosen...)
		if !done {
			body = bytes.TrimSuffix(body, []byte("data: [DONE]\n\n"))
		}
		u := openaichat.Upstream{}
		want := dialecttest.Of(u.DecodeReply("", bytes.NewReader(body)))
		dialecttest.Ordered(t, u.DecodeReply("", bytes.NewReader(body)))
		out, _, failed := dialecttest.Pass(u.Tap(dialect.Head{Stream: true}, "asked"), body, int(size)+1)
		if (failed != nil) != want.Failed {
			t.Fatalf("passing on says %v, reading %+v\n%s", failed, want, body)
		}
		if failed != nil {
			return
		}
		got, err := strict(out, "asked")
		if err != nil {
			t.Fatalf("%v\n%s\nfrom\n%s", err, out, body)
		}
		for i := range want.Calls {
			want.Calls[i].ID = dialecttest.AnyID
		}
		if diff := dialecttest.Diff(want, got); diff != "" {
			t.Errorf("(-read +passed on):\n%s\n%s\nfrom\n%s", diff, out, body)
		}
	})
}
