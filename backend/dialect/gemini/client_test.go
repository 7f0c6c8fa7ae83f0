package gemini_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genai"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

const streamPath = "/v1beta/models/some/model:streamGenerateContent?alt=sse"

// at is a client's codec with the path that its Head reads beside the body.
type at struct {
	dialect.Client
	path string
}

func (a at) Head(_ *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	return a.Client.Head(asking(a.path), raw)
}

func asking(path string) *http.Request {
	u, err := url.Parse(path)
	if err != nil {
		panic(err)
	}
	return &http.Request{Method: http.MethodPost, URL: u, Header: http.Header{}}
}

func headOf(tb testing.TB, c dialect.Client, path, body string) dialect.Head {
	tb.Helper()
	h, failed := c.Head(asking(path), []byte(body))
	if failed != nil {
		tb.Fatalf("%s: %v", body, failed)
	}
	return h
}

// decodedBy is a client's request as the engine sees it.
func decodedBy(tb testing.TB, path, body string) (r *llm.Request, notes []string) {
	tb.Helper()
	c := gemini.Client{}
	r, list, failed := c.DecodeRequest(headOf(tb, c, path, body), []byte(body))
	if failed != nil {
		tb.Fatalf("%s: %v", body, failed)
	}
	for _, w := range list {
		notes = append(notes, w.String())
	}
	return r, notes
}

func TestClient_Head(t *testing.T) {
	t.Parallel()
	const body = `{"contents":[{"parts":[{"text":"x"}]}],"cachedContent":"cachedContents/7"}`
	for _, test := range []struct {
		path, model string
		stream      bool
		operation   dialect.Operation
	}{
		{"/v1beta/models/gemini-2.5-pro:generateContent", "gemini-2.5-pro", false, dialect.Chat},
		{"/v1/models/demo/chat:generateContent", "demo/chat", false, dialect.Chat},
		{streamPath, "some/model", true, dialect.Chat},
		{"/v1beta/models/up/llama3:8b:streamGenerateContent", "up/llama3:8b", true, dialect.Chat},
		{"/v1beta/models/a%2Fb:countTokens", "a/b", false, dialect.CountTokens},
	} {
		h := headOf(t, gemini.Client{}, test.path, body)
		if h.Model != test.model || h.Stream != test.stream || h.Operation != test.operation || h.Sticky != "cachedContents/7" {
			t.Errorf("%s: got %+v", test.path, h)
		}
	}
	h := headOf(t, gemini.CodeAssistClient{}, "/v1internal:streamGenerateContent?alt=sse",
		` {"model":"models/gemini-2.5-pro","project":"p","request":{"contents":[{"parts":[{"text":"x"}]}],"session_id":"s1","tools":[{}]}}`)
	if h.Model != "gemini-2.5-pro" || !h.Stream || h.Sticky != "s1" || !h.Tools || !h.ModelAt.Found() {
		t.Errorf("Code Assist: got %+v", h)
	}
}

func TestClient_HeadRefusesWhatNobodyCouldAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ path, body, param string }{
		{streamPath, `{}`, "contents"},
		{streamPath, `{"contents":[]}`, "contents"},
		{streamPath, `{"contents":"x"}`, "contents"},
		{streamPath, `{"contents":`, ""},
		{streamPath, ``, ""},
		{streamPath, `[]`, ""},
	} {
		if _, failed := (gemini.Client{}).Head(asking(test.path), []byte(test.body)); failed == nil || failed.Kind != llm.KindBadRequest || failed.Param != test.param {
			t.Errorf("%s: got %+v", test.body, failed)
		}
	}
	if _, failed := (gemini.Client{}).Head(asking("/v1beta/models/m:predict"), []byte(`{}`)); failed == nil || failed.Kind != llm.KindNotFound {
		t.Errorf("an unknown method: got %+v", failed)
	}
	for _, body := range []string{
		`{"contents":[{"parts":"hello"}]}`, `{"contents":["hello"]}`, `{"contents":[{"role":"robot","parts":[{"text":"x"}]}]}`,
		`{"contents":[{"parts":[{"text":1}]}]}`, `{"contents":[{"parts":[{"inlineData":{"data":"eA=="}}]}]}`, `{"contents":[{"parts":[{"functionResponse":{"name":"f","response":{}}}]}]}`,
		`{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"temperature":"hot"}}`, `{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":[]}`,
	} {
		if _, _, failed := (gemini.Client{}).DecodeRequest(headOf(t, gemini.Client{}, streamPath, body), []byte(body)); failed == nil || failed.Kind != llm.KindBadRequest || failed.Param == "" {
			t.Errorf("%s: got %+v, want a fault with its place", body, failed)
		}
	}
}

// TestB34b_GeminiRequestsReachOtherProtocols reads the golden files of requests.
func TestB34b_GeminiRequestsReachOtherProtocols(t *testing.T) {
	t.Parallel()
	t.Run("OpenAI", func(t *testing.T) {
		t.Parallel()
		dialecttest.Golden(t, at{gemini.Client{}, streamPath}, openaichat.Upstream{}, "upstream", "testdata/client/openai")
	})
	t.Run("Google", func(t *testing.T) {
		t.Parallel()
		dialecttest.Golden(t, at{gemini.Client{}, streamPath}, gemini.Upstream{IDs: true}, "gemini-3-flash-preview", "testdata/client/google")
	})
}

func TestClient_RepliesReachItsCallers(t *testing.T) {
	t.Parallel()
	c := showing{gemini.Client{}}
	dialecttest.Translated(t, c, gemini.Upstream{}, gemini.Upstream{}, bare(vectors(t)))
}

// showing asks to see the thinking.
type showing struct{ gemini.Client }

func (s showing) EncodeStream(w io.Writer, e llm.Stream, model string, _ dialect.Head) error {
	h, failed := s.Head(asking(streamPath), []byte(`{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"responseLogprobs":true,"thinkingConfig":{"includeThoughts":true}}}`))
	if failed != nil {
		return failed
	}
	return s.Client.EncodeStream(w, e, model, h)
}

// bare are answers whose refusals are read back as what they are shown as here:
// text, for this protocol has no other place for them.
func bare(list []dialecttest.Reply) []dialecttest.Reply {
	for i := range list {
		list[i].Want.Text += list[i].Want.Refusal
		list[i].Want.Refusal = ""
	}
	return list
}

func TestClient_GoogleReadsEveryChunk(t *testing.T) {
	t.Parallel()
	events := []llm.Event{
		llm.Start{ID: "r1", Created: 1_700_000_000},
		llm.ThoughtDelta{Text: "hm", Signature: "not base64!", Minter: "anthropic"},
		llm.TextDelta{Block: 1, Text: "é"},
		llm.ToolCallStart{Block: 2, ID: "a", Name: "f", Signature: "skip_thought_signature_validator"},
		llm.ToolCallStart{Block: 3, ID: "b", Name: "g"},
		llm.ToolCallDelta{Block: 2, Arguments: `{"x":`},
		llm.ToolCallDelta{Block: 3, Arguments: ``},
		llm.ToolCallDelta{Block: 2, Arguments: `1}`},
		llm.Finish{Reason: llm.ReasonToolCalls, Usage: llm.Usage{Known: true, Input: 5, Cached: 2, Output: 7, Reasoning: 3}},
	}
	var out bytes.Buffer
	if err := (showing{gemini.Client{}}).EncodeStream(&out, streamOf(events, nil), "a/b", dialect.Head{}); err != nil {
		t.Fatal(err)
	}
	var all []*genai.GenerateContentResponse
	for e := range strings.SplitSeq(strings.TrimSpace(out.String()), "\r\n\r\n") {
		var r genai.GenerateContentResponse
		if err := json.Unmarshal([]byte(strings.TrimPrefix(e, "data: ")), &r); err != nil {
			t.Fatalf("%v in %s", err, e)
		}
		all = append(all, &r)
	}
	last := all[len(all)-1]
	calls := last.FunctionCalls()
	if len(all) != 3 || len(calls) != 2 || calls[0].ID != "a" || calls[0].Args["x"] != 1.0 || calls[1].Args == nil || last.Candidates[0].FinishReason != "STOP" {
		t.Errorf("got %d chunks, calls %+v:\n%s", len(all), calls, out.Bytes())
	}
	u := last.UsageMetadata
	if u == nil || u.PromptTokenCount != 5 || u.CachedContentTokenCount != 2 || u.CandidatesTokenCount != 4 || u.ThoughtsTokenCount != 3 || u.TotalTokenCount != 12 {
		t.Errorf("usage %+v", u)
	}
	if last.ModelVersion != "a/b" || last.ResponseID != "r1" || all[0].UsageMetadata != nil || !all[0].Candidates[0].Content.Parts[0].Thought {
		t.Errorf("got %s", out.Bytes())
	}
}

func streamOf(events []llm.Event, failure error) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
		if failure != nil {
			yield(nil, failure)
		}
	}
}

func TestClient_ThoughtsAreShownToWhoAsksForThem(t *testing.T) {
	t.Parallel()
	events := []llm.Event{
		llm.Start{},
		llm.ThoughtDelta{Text: "secret"},
		llm.ThoughtDelta{Signature: "c2ln", Minter: "gemini"},
		llm.TextDelta{Block: 1, Text: "said"},
		llm.Finish{Reason: llm.ReasonStop},
	}
	var out bytes.Buffer
	if err := (gemini.Client{}).EncodeStream(&out, streamOf(events, nil), "m", dialect.Head{}); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.Contains(s, "secret") || !strings.Contains(s, `"thoughtSignature":"c2ln"`) || !strings.Contains(s, "said") {
		t.Errorf("got %s", s)
	}
}

func TestB33_AForeignSignatureComesBackToWhoMadeIt(t *testing.T) {
	t.Parallel()
	events := []llm.Event{
		llm.Start{}, llm.ThoughtDelta{Text: "hm", Signature: "ErUB/+==", Minter: "anthropic"}, llm.TextDelta{Block: 1, Text: "y"}, llm.Finish{Reason: llm.ReasonStop},
	}
	var out bytes.Buffer
	if err := (showing{gemini.Client{}}).EncodeStream(&out, streamOf(events, nil), "m", dialect.Head{}); err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(out.String(), "data: "), "\r\n")
	var chunk struct {
		Candidates []struct{ Content json.RawMessage }
	}
	if err := json.Unmarshal([]byte(first), &chunk); err != nil {
		t.Fatal(err)
	}
	content := chunk.Candidates[0].Content
	body := fmt.Sprintf(`{"contents":[{"parts":[{"text":"x"}]},%s,{"parts":[{"text":"z"}]}]}`, content)
	r, _ := decodedBy(t, streamPath, body)
	want := llm.Thought{Text: "hm", Signature: "ErUB/+==", Minter: "anthropic"}
	if diff := cmp.Diff(llm.Part(want), r.Messages[1].Parts[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Google itself would refuse it.
	h := headOf(t, gemini.Client{}, streamPath, body)
	carried, _, failed := gemini.Upstream{IDs: true}.CarryRequest(nil, []byte(body), h, "gemini-3-pro-preview")
	if failed != nil || bytes.Contains(carried, []byte("thoughtSignature")) || !json.Valid(carried) {
		t.Errorf("carried %s, %v", carried, failed)
	}
}

func TestClient_BrokenArgumentsAreGooglesOwnReason(t *testing.T) {
	t.Parallel()
	events := []llm.Event{llm.Start{}, llm.ToolCallStart{ID: "a", Name: "f"}, llm.ToolCallDelta{Arguments: `{"x":`}, llm.Finish{Reason: llm.ReasonToolCalls}}
	var out bytes.Buffer
	if err := (gemini.Client{}).EncodeStream(&out, streamOf(events, nil), "m", dialect.Head{}); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); !strings.Contains(s, `"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed function call: f(`) || strings.Contains(s, "functionCall\"") {
		t.Errorf("got %s", s)
	}
}

func TestB23_AFailureInAStreamIsTheLastThingInIt(t *testing.T) {
	t.Parallel()
	failure := &llm.Error{Kind: llm.KindOverloaded, Message: "broke", RetryAfter: 1500 * time.Millisecond}
	events := []llm.Event{llm.Start{}, llm.TextDelta{Text: "half"}}
	for _, form := range []string{"events", "list"} {
		path := strings.TrimSuffix(streamPath, "?alt=sse")
		if form == "events" {
			path = streamPath
		}
		served(t, path, func(c dialect.Client, _ *http.Request) {
			var out bytes.Buffer
			err := c.EncodeStream(&out, streamOf(events, failure), "m", dialect.Head{})
			if !errors.Is(err, failure) {
				t.Errorf("%s: got %v", form, err)
			}
			got := dialecttest.Of(gemini.Upstream{}.DecodeReply("", bytes.NewReader(out.Bytes())))
			if !got.Failed || got.Error != llm.KindOverloaded || got.Text != "half" {
				t.Errorf("%s: got %+v of %s", form, got, out.Bytes())
			}
			if form == "list" && !json.Valid(out.Bytes()) {
				t.Errorf("no list: %s", out.Bytes())
			}
			// As the relay ends a carried answer that broke.
			begun, _, _ := strings.Cut(out.String(), ",\r\n")
			if form == "list" && !json.Valid(c.AppendStreamError([]byte(begun), failure)) {
				t.Errorf("no list: %s", c.AppendStreamError([]byte(begun), failure))
			}
		})
	}
}

// served calls exchange as the listener does.
func served(t *testing.T, path string, exchange func(c dialect.Client, r *http.Request)) {
	t.Helper()
	var server dialect.Server = gemini.Client{}
	r := asking(path)
	server.Serve(httptest.NewRecorder(), r, "", func(c dialect.Client, _ http.ResponseWriter, r *http.Request) { exchange(c, r) })
}

func TestClient_AStreamWithoutSSEIsAList(t *testing.T) {
	t.Parallel()
	events := []llm.Event{llm.Start{}, llm.TextDelta{Text: "a"}, llm.TextDelta{Text: "b"}, llm.Finish{Reason: llm.ReasonStop}}
	served(t, "/v1beta/models/m:streamGenerateContent", func(c dialect.Client, _ *http.Request) {
		var out bytes.Buffer
		if err := c.EncodeStream(&out, streamOf(events, nil), "m", dialect.Head{}); err != nil {
			t.Fatal(err)
		}
		var list []genai.GenerateContentResponse
		if err := json.Unmarshal(out.Bytes(), &list); err != nil || len(list) != 3 || list[0].Text()+list[1].Text() != "ab" {
			t.Errorf("%v: %s", err, out.Bytes())
		}
		if c.StreamType() != "application/json; charset=UTF-8" {
			t.Errorf("its type is %s", c.StreamType())
		}
		w := httptest.NewRecorder()
		c.EncodeError(w, &llm.Error{Kind: llm.KindRate, Message: "slow down"})
		if !strings.HasPrefix(w.Body.String(), `[{"error":`) {
			t.Errorf("its error is %s", w.Body)
		}
	})
}

func TestB22_NoCommentsForGeminiCLI(t *testing.T) {
	t.Parallel()
	if k := (gemini.Client{}).KeepAlive(); k != nil {
		t.Errorf("got %q", k)
	}
	if k := (gemini.CodeAssistClient{}).KeepAlive(); k != nil {
		t.Errorf("got %q", k)
	}
	body := ": keep-alive\n\n" + string(chunks(ends(`{"text":"x"}`, "STOP"))) + ": bye\n\n"
	out, _, failed := dialecttest.Pass(gemini.Upstream{IDs: true}.Tap(dialect.Head{Stream: true}, "m"), []byte(body), 7)
	if failed != nil || bytes.Contains(out, []byte(": ")) && !bytes.HasPrefix(out, []byte("data: ")) || bytes.Contains(out, []byte("bye")) || bytes.Contains(out, []byte("keep-alive")) {
		t.Errorf("got %q, %v", out, failed)
	}
}

func TestClient_Errors(t *testing.T) {
	t.Parallel()
	for _, c := range []dialect.Client{gemini.Client{}, gemini.CodeAssistClient{}} {
		dialecttest.Errors(t, c, func(body []byte) error {
			var e struct {
				Error struct {
					Code    int
					Message string
					Status  string
				}
			}
			if err := json.Unmarshal(body, &e); err != nil {
				return err
			}
			if e.Error.Code < 400 || e.Error.Message != "a \"message\"\nwith <marks>" || e.Error.Status == "" {
				return fmt.Errorf("%+v", e)
			}
			return nil
		})
	}
	w := httptest.NewRecorder()
	gemini.Client{}.EncodeError(w, &llm.Error{Kind: llm.KindRate, Message: "m", Param: "p", RetryAfter: 6500 * time.Millisecond})
	want := `{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[` +
		`{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED","domain":"openaicompatible"},` +
		`{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"p","description":"m"}]},` +
		`{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"7s"}]}}`
	if got := strings.TrimSpace(w.Body.String()); got != want || w.Header().Get("Retry-After") != "7" {
		t.Errorf("got  %s\nwant %s\nwith %v", got, want, w.Header())
	}
	// What we write we also read.
	back := gemini.Upstream{}.DecodeError(429, w.Header(), w.Body.Bytes())
	if back.Kind != llm.KindRate || back.RetryAfter != 7*time.Second {
		t.Errorf("got %+v", back)
	}
}

func TestClient_PagesThroughTheModels(t *testing.T) {
	t.Parallel()
	list := []dialect.Model{
		{ID: "demo/chat", OwnedBy: "demo", ContextTokens: 8192, Can: llm.Capabilities{Tools: true, Reasoning: true}},
		{ID: "b", OwnedBy: "x"},
		{ID: "e", OwnedBy: "x", Can: llm.Capabilities{Embeddings: true}},
	}
	type page struct {
		Models []struct {
			Name            string
			InputTokenLimit int
			Methods         []string `json:"supportedGenerationMethods"`
		}
		NextPageToken string
	}
	ask := func(query string) (p page) {
		raw, failed := gemini.Client{}.AppendModels(nil, asking("/v1beta/models"+query), list)
		if failed != nil {
			t.Fatal(failed)
		}
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		return p
	}
	first := ask("?pageSize=2")
	second := ask("?pageSize=2&pageToken=" + first.NextPageToken)
	if len(first.Models) != 2 || len(second.Models) != 1 || second.NextPageToken != "" || first.Models[0].Name != "models/demo/chat" || first.Models[0].InputTokenLimit != 8192 {
		t.Errorf("got %+v and %+v", first, second)
	}
	if got := second.Models[0].Methods; cmp.Diff([]string{"embedContent", "batchEmbedContents"}, got) != "" {
		t.Errorf("a model that only embeds offers %v", got)
	}
	if all := ask(""); len(all.Models) != 3 {
		t.Errorf("got %+v", all)
	}
	for _, bad := range []string{"?pageToken=%21", "?pageToken=bm9uZQ", "?pageSize=x"} {
		if _, failed := (gemini.Client{}).AppendModels(nil, asking("/v1beta/models"+bad), list); failed == nil || failed.Kind != llm.KindBadRequest {
			t.Errorf("%s: got %v", bad, failed)
		}
	}
}

// TestCaptures_ReachOtherProtocols replays what Google's own SDK sent.
func TestCaptures_ReachOtherProtocols(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/captures/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var capture struct {
			Method, URL string
			Body        json.RawMessage
		}
		if err := json.Unmarshal(raw, &capture); err != nil {
			t.Fatal(err)
		}
		if capture.Method != http.MethodPost {
			continue
		}
		body := string(capture.Body)
		r, notes := decodedBy(t, capture.URL, body)
		if len(notes) > 0 {
			t.Errorf("%s: notes %q", file, notes)
		}
		for _, u := range []dialect.Upstream{openaichat.Upstream{}, gemini.Upstream{IDs: true}} {
			_, w, failed := u.EncodeRequest(r, "gemini-2.5-flash")
			w = slices.DeleteFunc(w, func(w llm.Warning) bool { return w.Field == "stream" }) // every upstream streams
			if failed != nil || len(w) > 0 {
				t.Errorf("%s: %v, %v", file, w, failed)
			}
		}
		carried, w, failed := gemini.Upstream{IDs: true}.CarryRequest(nil, []byte(body), headOf(t, gemini.Client{}, capture.URL, body), "gemini-2.5-flash")
		if failed != nil || len(w) > 0 || string(carried) != body {
			t.Errorf("%s: carried %s with %v, %v", file, carried, w, failed)
		}
	}
}
