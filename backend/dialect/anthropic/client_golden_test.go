package anthropic_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func TestB34b_DecodeRequest_AsInTheGoldenFiles(t *testing.T) {
	t.Parallel()
	dialecttest.Golden(t, anthropic.Client{}, openaichat.Upstream{}, "gpt-5.1", "testdata/client/gpt-5.1")
	dialecttest.Golden(t, anthropic.Client{}, anthropic.Upstream{}, "claude-opus-4-7", "testdata/client/claude-opus-4-7")
}

func TestEncodeStream_AsInTheGoldenFiles(t *testing.T) {
	t.Parallel()
	dialecttest.GoldenReplies(t, anthropic.Client{}, openaichat.Upstream{}, "testdata/client-answer")
}

func head(t *testing.T, path, body string, header ...string) (dialect.Head, *llm.Error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return anthropic.Client{}.Head(r, []byte(body))
}

func TestHead_ReadsWhatRoutingNeeds(t *testing.T) {
	t.Parallel()
	const body = ` {"model":"m\u0031","messages":[{"role":"user","content":"x"}],"stream":"true","tools":[{"name":"f"}],"metadata":{"user_id":"user_1_account__session_abc"}} `
	h, err := head(t, "/v1/messages", body, "Anthropic-Beta", "a-1,b-2", "Anthropic-Beta", "c-3")
	if err != nil {
		t.Fatal(err)
	}
	if h.Model != "m1" || !h.Stream || !h.Tools || h.Sticky != "abc" || h.Previews != "a-1,b-2,c-3" || h.Operation != dialect.Chat || body[h.ModelAt.From:h.ModelAt.To] != `"m\u0031"` {
		t.Errorf("got %+v", h)
	}
	if h, err = head(t, "/v1/messages/count_tokens", body); err != nil || h.Operation != dialect.CountTokens || h.Stream {
		t.Errorf("a count: %+v, %v", h, err)
	}
	for body, param := range map[string]string{
		``: "", `[]`: "", `{"messages":[{}]`: "", `{"model":1,"messages":[{}]}`: "model", `{"model":"m"}`: "messages", `{"messages":[]}`: "messages", `{"messages":{}}`: "messages",
		`{"messages":[{}],"stream":1}`: "stream",
	} {
		if _, err := head(t, "/v1/messages", body); err == nil || err.Kind != llm.KindBadRequest || err.Param != param {
			t.Errorf("%s: got %+v", body, err)
		}
	}
}

func TestDecodeRequest_RefusesWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	message := func(m string) string { return `{"model":"m","messages":[` + m + `]}` }
	for body, param := range map[string]string{
		message(`1`):                                                                                     "messages[0]",
		message(`{"content":"x"}`):                                                                       "messages[0].role",
		message(`{"role":"tool"}`):                                                                       "messages[0].role",
		message(`{"role":"user"}`):                                                                       "messages[0].content",
		message(`{"role":"user","content":1}`):                                                           "messages[0].content",
		message(`{"role":"user","content":[1]}`):                                                         "messages[0].content[0]",
		message(`{"role":"user","content":[{"text":"x"}]}`):                                              "messages[0].content[0].type",
		message(`{"role":"user","content":[{"type":"text","text":1}]}`):                                  "messages[0].content[0].text",
		message(`{"role":"assistant","content":[{"type":"tool_use","id":"a"}]}`):                         "messages[0].content[0].name",
		`{"messages":[{"role":"user","content":"x"}],"max_tokens":"many"}`:                               "max_tokens",
		`{"messages":[{"role":"user","content":"x"}],"temperature":"hot"}`:                               "temperature",
		`{"messages":[{"role":"user","content":"x"}],"stop_sequences":"a"}`:                              "stop_sequences",
		`{"messages":[{"role":"user","content":"x"}],"tools":{}}`:                                        "tools",
		`{"messages":[{"role":"user","content":"x"}],"tools":[{}]}`:                                      "tools[0].name",
		`{"messages":[{"role":"user","content":"x"}],"output_config":{"format":{"type":"x"}}}`:           "output_config.format.type",
		`{"messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled","budget_tokens":"x"}}`: "thinking.budget_tokens",
	} {
		h, err := head(t, "/v1/messages", body)
		if err != nil {
			t.Fatal(body, err)
		}
		if _, _, err = (anthropic.Client{}).DecodeRequest(h, []byte(body)); err == nil || err.Kind != llm.KindBadRequest || err.Param != param {
			t.Errorf("%s: got %+v, want the param %s", body, err, param)
		}
	}
}

func TestCarryRequest_ChangesTheModelAlone(t *testing.T) {
	t.Parallel()
	for _, c := range captures(t) {
		h, err := head(t, "/v1/messages/count_tokens", string(c.Body))
		if err != nil {
			t.Fatal(err)
		}
		got, warnings, err := anthropic.Upstream{}.CarryRequest(nil, c.Body, h, "up")
		want := strings.Replace(string(c.Body), `"fake-large"`, `"up"`, 1)
		if err != nil || len(warnings) > 0 || string(got) != want {
			t.Errorf("%s: %v, %v\n%s", c.Name, err, warnings, cmp.Diff(want, string(got)))
		}
	}
}

func TestCarryRequest_MendsWhatTheServiceWouldRefuse(t *testing.T) {
	t.Parallel()
	carry := func(body string) (string, []string) {
		h, err := head(t, "/v1/messages", body)
		if err != nil {
			t.Fatal(err)
		}
		out, warnings, err := anthropic.Upstream{MaxTokens: 7}.CarryRequest(nil, []byte(body), h, "up")
		if err != nil {
			t.Fatal(err)
		}
		var notes []string
		for _, w := range warnings {
			notes = append(notes, w.String())
		}
		return string(out), notes
	}
	for _, c := range []struct {
		body, want string
		notes      []string
	}{
		{` {"messages":[{"role":"user","content":"x"}],"stream":"false"}`, ` {"model":"up","max_tokens":7,"messages":[{"role":"user","content":"x"}],"stream":false}`, []string{"read as false: text in stream", "added max_tokens"}},
		{
			`{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"a","signature":"minted-by:gemini:xx"},{"type":"thinking","thinking":"b","signature":"c2ln"}, {"type":"text","text":"t"}]},` +
				`{"content":[{"type":"thinking","thinking":"c","signature" : ""}],"role":"assistant"},{"role":"user","content":"\"signature\":\"\""}]}`,
			`{"model":"up","max_tokens":1,"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"b","signature":"c2ln"},{"type":"text","text":"t"}]},` +
				`{"content":[{"type":"text","text":"(thinking)"}],"role":"assistant"},{"role":"user","content":"\"signature\":\"\""}]}`,
			[]string{"dropped, since another service made it: messages[0].content[0]", "dropped, since another service made it: messages[1].content[0]"},
		},
	} {
		got, notes := carry(c.body)
		if got != c.want || !slices.Equal(notes, c.notes) {
			t.Errorf("%s: notes %q\n%s", c.body, notes, cmp.Diff(c.want, got))
		}
	}
}

func TestB33_SignaturesOfAnotherServiceGoBackToIt(t *testing.T) {
	t.Parallel()
	stream := func(yield func(llm.Event, error) bool) {
		for _, e := range []llm.Event{
			llm.Start{ID: "r"}, llm.ThoughtDelta{Text: "hm"}, llm.ThoughtDelta{Signature: "c2ln:x", Minter: "gemini"}, llm.TextDelta{Block: 1, Text: "a"}, llm.Finish{Reason: llm.ReasonStop},
		} {
			if !yield(e, nil) {
				return
			}
		}
	}
	var out bytes.Buffer
	if err := (anthropic.Client{}).EncodeStream(&out, stream, "m", dialect.Head{}); err != nil {
		t.Fatal(err)
	}
	signature := regexp.MustCompile(`"signature_delta","signature":"([^"]*)"`).FindStringSubmatch(out.String())
	if signature == nil {
		t.Fatalf("no signature in %s", &out)
	}
	body := `{"model":"m","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"` + signature[1] + `"}]}]}`
	h, err := head(t, "/v1/messages", body)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := anthropic.Client{}.DecodeRequest(h, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]llm.Part{llm.Thought{Text: "hm", Signature: "c2ln:x", Minter: "gemini"}}, r.Messages[0].Parts); diff != "" {
		t.Error(diff)
	}
}

func TestTap_PassesTheServicesBytes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"anthropic_stream_tool_use.sse", "anthropic_stream_thinking_text.sse"} {
		body := vector(t, name)
		for _, size := range dialecttest.Sizes() {
			out, seen, err := dialecttest.Pass(anthropic.Upstream{}.Tap(dialect.Head{Stream: true}, "asked"), body, size)
			want := strings.Replace(string(body), `"model":"test-model"`, `"model":"asked"`, 1)
			if err != nil || len(seen.Notes) > 0 || seen.Model != "test-model" || string(out) != want {
				t.Errorf("%s in pieces of %d: %v, %v\n%s", name, size, err, seen.Notes, cmp.Diff(want, string(out)))
			}
		}
	}
}

func TestTap_HoldsTheOpeningBackUntilThereIsSomethingToRead(t *testing.T) {
	t.Parallel()
	tap := anthropic.Upstream{}.Tap(dialect.Head{Stream: true}, "m")
	for _, e := range []string{begin, `{"type":"ping"}`, open("0", `{"type":"text","text":""}`)} {
		if out, err := tap.Feed(nil, events(e)); err != nil || len(out) > 0 {
			t.Fatalf("%s: got %q, %v", e, out, err)
		}
	}
	out, err := tap.Feed(nil, events(text("a")))
	if err != nil || !tap.Seen().Token || strings.Count(string(out), "event: ") != 4 {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestCarryReply_IsTheServicesWithTheAskedModel(t *testing.T) {
	t.Parallel()
	carry := func(body string) (string, dialect.Seen, *llm.Error) {
		out, seen, err := anthropic.Upstream{}.CarryReply(nil, []byte(body), dialect.Head{}, "asked")
		return string(out), seen, err
	}
	const fine = ` {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2},"new":[1]}`
	got, seen, err := carry(fine)
	if want := strings.TrimSpace(strings.Replace(fine, `"m"`, `"asked"`, 1)); err != nil || got != want || seen.Usage != usage(3, 2) || seen.Reason != "stop" || seen.Model != "m" {
		t.Errorf("got %s, %+v, %v", got, seen, err)
	}
	got, seen, err = carry(strings.Replace(fine, `{"type":"text","text":"a"}`, `{"type":"tool_use","id":"a","name":"f","input":{}}`, 1))
	if err != nil || !strings.Contains(got, `"stop_reason":"tool_use"`) || seen.Reason != llm.ReasonToolCalls || len(seen.Notes) != 1 {
		t.Errorf("B35: got %s, %+v, %v", got, seen, err)
	}
	got, seen, err = carry(string(events(begin, text("hi"), ending("end_turn"), stop)))
	if err != nil || !strings.Contains(got, `"text":"hi"`) || !strings.Contains(got, `"model":"asked"`) || len(seen.Notes) != 1 {
		t.Errorf("B27: got %s, %+v, %v", got, seen, err)
	}
	for body, kind := range map[string]llm.Kind{
		`{"type":"error","error":{"type":"overloaded_error","message":"x"}}`: llm.KindOverloaded, `{"content":[`: llm.KindProtocol, `{"choices":[]}`: llm.KindProtocol, `<html>`: llm.KindProtocol,
		`{"type":"message","content":[],"stop_reason":"refusal"}`: llm.KindContent, `{"type":"message","content":[],"stop_reason":"end_turn"}`: llm.KindProtocol,
	} {
		if _, _, err := carry(body); err == nil || err.Kind != kind {
			t.Errorf("%s: got %+v", body, err)
		}
	}
}

func TestModels_AreListedInPages(t *testing.T) {
	t.Parallel()
	list := []dialect.Model{{ID: "a", Created: 7, ContextTokens: 9, Can: llm.Capabilities{Vision: true}}, {ID: "b/c"}, {ID: "d"}}
	type page struct {
		Data []struct {
			Type, ID string
			Display  string    `json:"display_name"`
			Created  time.Time `json:"created_at"`
		}
		More  bool    `json:"has_more"`
		First *string `json:"first_id"`
		Last  *string `json:"last_id"`
	}
	for query, want := range map[string]string{
		"": "a b/c d false", "limit=2": "a b/c true", "limit=2&after_id=b/c": "d false", "limit=1&before_id=d": "b/c true", "before_id=b/c": "a false", "after_id=d": "false",
	} {
		raw, err := anthropic.Client{}.AppendModels(nil, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/models?"+query, nil), list)
		var got page
		if err != nil || json.Unmarshal(raw, &got) != nil {
			t.Fatalf("%s: %v, %s", query, err, raw)
		}
		var words []string
		for _, m := range got.Data {
			words = append(words, m.ID)
			if m.Type != "model" || m.Display == "" || m.Created.IsZero() {
				t.Errorf("%s: %+v", query, m)
			}
		}
		if len(words) > 0 && (*got.First != words[0] || *got.Last != words[len(words)-1]) || len(words) == 0 && got.First != nil {
			t.Errorf("%s: first %v, last %v", query, got.First, got.Last)
		}
		words = append(words, map[bool]string{true: "true", false: "false"}[got.More])
		if s := strings.Join(words, " "); s != want {
			t.Errorf("%s: got %s, want %s", query, s, want)
		}
	}
	for _, query := range []string{"limit=0", "limit=x", "limit=1001", "after_id=no", "before_id=no"} {
		if _, err := (anthropic.Client{}).AppendModels(nil, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/models?"+query, nil), list); err == nil || err.Kind != llm.KindBadRequest {
			t.Errorf("%s: got %v", query, err)
		}
	}
	if one := string(anthropic.Client{}.AppendModel([]byte("x"), list[0])); one != `x{"type":"model","id":"a","display_name":"a","created_at":"1970-01-01T00:00:07Z","lifecycle":"active","max_input_tokens":9,"capabilities":{"image_input":{"supported":true}}}` {
		t.Error(one)
	}
}

func TestCount_AsksForTheConversationAlone(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/captures/anthropic-js_6.json")
	if err != nil {
		t.Fatal(err)
	}
	h, failed := head(t, "/v1/messages/count_tokens", string(body))
	if failed != nil {
		t.Fatal(failed)
	}
	r, _, failed := anthropic.Client{}.DecodeRequest(h, body)
	if failed != nil {
		t.Fatal(failed)
	}
	out, warnings, failed := anthropic.Upstream{}.EncodeCount(r, "claude-opus-4-7")
	var got map[string]json.RawMessage
	if failed != nil || json.Unmarshal(out, &got) != nil || len(warnings) > 0 {
		t.Fatalf("%v, %v, %s", failed, warnings, out)
	}
	for _, name := range []string{"max_tokens", "stream", "temperature"} {
		if got[name] != nil {
			t.Errorf("%s is in %s", name, out)
		}
	}
	for body, want := range map[string]int{`{"input_tokens":12}`: 12, `{"input_tokens":-1}`: -1, `x`: -1, `{"error":{"type":"not_found_error","message":"x"}}`: -1} {
		if n, err := (anthropic.Upstream{}).DecodeCount([]byte(body)); (err != nil) != (want < 0) || err == nil && n != want {
			t.Errorf("%s: got %d, %v", body, n, err)
		}
	}
}

func shallow(b []byte) bool { return bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) < 500 }

// FuzzRequest proves that Head takes exactly the bodies that encoding/json takes,
// finds the same model, and that what is carried and what is translated is JSON
// again.
func FuzzRequest(f *testing.F) {
	for _, r := range captures(f) {
		f.Add(r.Body)
	}
	files, _ := filepath.Glob("testdata/client/*/*.txtar")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, b, _ = bytes.Cut(b, []byte("-- request.json --\n"))
		b, _, _ = bytes.Cut(b, []byte("\n-- "))
		f.Add(b)
	}
	f.Add([]byte(`{"messages":[{"role":"assistant","content":[{"type":"thinking","signature":""}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !shallow(raw) {
			return
		}
		var c anthropic.Client
		h, failed := c.Head(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/messages", nil), raw)
		valid := json.Valid(raw) && utf8.Valid(raw)
		if failed == nil && !valid {
			t.Fatalf("%q is accepted", raw)
		}
		if failed != nil {
			return
		}
		carried, _, failed := anthropic.Upstream{}.CarryRequest(nil, raw, h, "up\"stream")
		sameModel(t, carried, failed)
		request, _, failed := c.DecodeRequest(h, raw)
		if failed != nil {
			return
		}
		for _, u := range []dialect.Upstream{anthropic.Upstream{}, openaichat.Upstream{}} {
			if out, _, failed := u.EncodeRequest(request, "up\"stream"); failed == nil {
				sameModel(t, out, nil)
			}
		}
		if out, _, failed := (gemini.Upstream{}).EncodeRequest(request, "gemini-3-flash"); failed == nil && !json.Valid(out) {
			t.Errorf("for Gemini: %s", out)
		}
	})
}

func sameModel(t *testing.T, body []byte, failed *llm.Error) {
	t.Helper()
	var got struct{ Model string }
	if err := json.Unmarshal(body, &got); err != nil || failed != nil {
		t.Fatalf("%s: %v, %v", body, err, failed)
	}
	if got.Model != `up"stream` && !strings.Contains(strings.ToLower(string(body)), `"model"`) {
		t.Errorf("%s: the model is %q", body, got.Model)
	}
}

// FuzzTap proves that what is passed on of an answer says the same however it is
// cut, and is right in the protocol.
func FuzzTap(f *testing.F) {
	for _, r := range replies(f) {
		f.Add(r.Body, uint16(7))
	}
	f.Fuzz(func(t *testing.T, body []byte, size uint16) {
		if !shallow(body) || !utf8.Valid(body) {
			return
		}
		head := dialect.Head{Stream: true, IncludeUsage: true}
		whole, seen, failed := dialecttest.Pass(anthropic.Upstream{}.Tap(head, "asked"), body, max(len(body), 1))
		_, again, failedToo := dialecttest.Pass(anthropic.Upstream{}.Tap(head, "asked"), body, int(size)+1)
		if (failed == nil) != (failedToo == nil) || seen.Reason != again.Reason || seen.Usage != again.Usage {
			t.Fatalf("%q: whole %+v, %v; in pieces of %d %+v, %v", body, seen, failed, int(size)+1, again, failedToo)
		}
		if failed == nil && !bytes.HasSuffix(bytes.TrimRight(whole, "\r\n"), []byte("}")) {
			t.Errorf("%q ends as %q", body, whole)
		}
		dialecttest.Repeats(t, func() dialect.Tap { return anthropic.Upstream{}.Tap(head, "asked") }, body, int(size)+1)
	})
}
