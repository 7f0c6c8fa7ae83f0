package ollama_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/ollama"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func asking(path, body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
}

func headOf(tb testing.TB, c dialect.Client, path, body string) dialect.Head {
	tb.Helper()
	h, failed := c.Head(asking(path, body), []byte(body))
	if failed != nil {
		tb.Fatalf("%s: %v", body, failed)
	}
	return h
}

func decoded(tb testing.TB, c dialect.Client, path, body string) (r *llm.Request, notes []string) {
	tb.Helper()
	r, list, failed := c.DecodeRequest(headOf(tb, c, path, body), []byte(body))
	if failed != nil {
		tb.Fatalf("%s: %v", body, failed)
	}
	for _, w := range list {
		notes = append(notes, w.String())
	}
	return r, notes
}

func TestB34b_RequestsReachOtherProtocols(t *testing.T) {
	t.Parallel()
	dialecttest.Golden(t, ollama.Chat{}, openaichat.Upstream{}, "upstream", "testdata/request")
}

func TestHead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		c      dialect.Client
		body   string
		stream bool
		op     dialect.Operation
		infill bool
	}{
		{"a stream unless told otherwise", ollama.Chat{}, `{"model":"a/b:latest","messages":[]}`, true, dialect.Chat, false},
		{"no stream", ollama.Chat{}, `{"model":"a/b","stream":false,"messages":[]}`, false, dialect.Chat, false},
		{"a question", ollama.Generate{}, `{"model":"a/b","prompt":"x"}`, true, dialect.Chat, false},
		{"between two texts", ollama.Generate{}, `{"model":"a/b","prompt":"x","suffix":"y"}`, true, dialect.Complete, true},
		{"a template", ollama.Generate{}, `{"model":"a/b","prompt":"<|fim_prefix|>x","raw":true,"stream":false}`, false, dialect.Complete, false},
		{"nothing behind", ollama.Generate{}, `{"model":"a/b","prompt":"x","suffix":""}`, true, dialect.Chat, false},
		{"vectors", ollama.Embed{}, `{"model":"a/b","input":"x","stream":true}`, false, dialect.Embed, false},
	} {
		h := headOf(t, test.c, "/api/x", test.body)
		if h.Model != "a/b" || h.Stream != test.stream || h.Operation != test.op || h.Infill != test.infill {
			t.Errorf("%s: got %+v", test.name, h)
		}
	}
	for _, test := range []struct {
		c    dialect.Client
		body string
	}{
		{ollama.Chat{}, ``},
		{ollama.Chat{}, `{`},
		{ollama.Chat{}, `{"messages":[]}`},
		{ollama.Chat{}, `{"model":"m"}`},
		{ollama.Chat{}, `{"model":"m","messages":"hello"}`},
		{ollama.Chat{}, `{"model":7,"messages":[]}`},
		{ollama.Generate{}, `{"model":"m","prompt":1}`},
		{ollama.Embed{}, `{"model":"m"}`},
	} {
		if _, failed := test.c.Head(asking("/api/x", test.body), []byte(test.body)); failed == nil || failed.Kind != llm.KindBadRequest {
			t.Errorf("%s: got %v", test.body, failed)
		}
	}
}

func TestDecode_NamesTheFault(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"model":"m","messages":["x"]}`, `{"model":"m","messages":[{"role":"robot","content":"x"}]}`, `{"model":"m","messages":[{"content":"x"}]}`,
		`{"model":"m","messages":[{"role":"user","content":[]}]}`, `{"model":"m","messages":[{"role":"tool","content":"x","tool_name":"f"}]}`,
		`{"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{}}]}]}`, `{"model":"m","messages":[],"tools":[{}]}`,
		`{"model":"m","messages":[],"options":{"temperature":"hot"}}`, `{"model":"m","messages":[],"options":{"seed":1.5}}`,
		`{"model":"m","messages":[],"format":"xml"}`, `{"model":"m","messages":[],"think":"hard"}`,
	} {
		if _, _, failed := (ollama.Chat{}).DecodeRequest(headOf(t, ollama.Chat{}, "/api/chat", body), []byte(body)); failed == nil || failed.Kind != llm.KindBadRequest || failed.Param == "" {
			t.Errorf("%s: got %+v", body, failed)
		}
	}
}

func TestGenerate_Decode(t *testing.T) {
	t.Parallel()
	r, notes := decoded(t, ollama.Generate{}, "/api/generate", `{"model":"m","system":"s","prompt":"x","images":["/9j/4A"],"template":"t","think":false,"format":"json","context":[]}`)
	if len(r.Messages) != 2 || r.Messages[0].Role != llm.RoleSystem || len(r.Messages[1].Parts) != 2 || r.Reasoning.Effort != "none" || r.Format.Kind != llm.FormatJSON || r.Completion != nil {
		t.Errorf("got %+v", r)
	}
	if img, ok := r.Messages[1].Parts[1].(llm.Image); !ok || img.MIME != "image/jpeg" {
		t.Errorf("the picture is %+v", r.Messages[1].Parts[1])
	}
	if diff := cmp.Diff([]string{"dropped template"}, notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r, notes = decoded(t, ollama.Generate{}, "/api/generate", `{"model":"m","prompt":"a(","suffix":")","raw":true,"system":"s","options":{"num_predict":-1,"stop":"\n"}}`)
	if diff := cmp.Diff(&llm.Completion{Prompt: "a(", Suffix: ")", Raw: true}, r.Completion); diff != "" || r.Messages != nil || r.MaxTokens != nil || len(r.Stop) != 1 {
		t.Errorf("got %+v\n%s", r, diff)
	}
	if diff := cmp.Diff([]string{"dropped system"}, notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// ticking is a clock that goes on by a millisecond at each look.
func ticking() func() time.Time {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return func() time.Time { now = now.Add(time.Millisecond); return now }
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

func conversation() []llm.Event {
	return []llm.Event{
		llm.Start{},
		llm.ThoughtDelta{Text: "hm"},
		llm.TextDelta{Block: 1, Text: "a\n"},
		llm.TextDelta{Block: 1, Text: "b"},
		llm.ToolCallStart{Block: 2, ID: "x", Name: "f"},
		llm.ToolCallStart{Block: 3, ID: "y", Name: "g"},
		llm.ToolCallDelta{Block: 2, Arguments: `{"n":`},
		llm.ToolCallDelta{Block: 3, Arguments: ``},
		llm.ToolCallDelta{Block: 2, Arguments: `1}`},
		llm.Finish{Reason: llm.ReasonToolCalls, Usage: llm.Usage{Known: true, Input: 5, Output: 7}},
	}
}

func TestChat_StreamIsLinesWithTheCountsInTheLast(t *testing.T) {
	t.Parallel()
	c := ollama.Chat{Now: ticking()}
	h := headOf(t, c, "/api/chat", `{"model":"a/b:latest","messages":[]}`)
	var out bytes.Buffer
	if err := c.EncodeStream(&out, streamOf(conversation(), nil), "a/b", h); err != nil {
		t.Fatal(err)
	}
	const begin = `{"model":"a/b:latest","created_at":"2026-01-02T03:04:05.0`
	want := begin + `03Z","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}` + "\n" +
		begin + `04Z","message":{"role":"assistant","content":"a\n"},"done":false}` + "\n" +
		begin + `05Z","message":{"role":"assistant","content":"b"},"done":false}` + "\n" +
		begin + `06Z","message":{"role":"assistant","content":"","tool_calls":[{"id":"x","function":{"index":0,"name":"f","arguments":{"n":1}}},` +
		`{"id":"y","function":{"index":1,"name":"g","arguments":{}}}]},"done":false}` + "\n" +
		begin + `07Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":7000000,"load_duration":0,` +
		`"prompt_eval_count":5,"prompt_eval_duration":1000000,"eval_count":7,"eval_duration":6000000}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestChat_NoThinkingForWhoWantsNone(t *testing.T) {
	t.Parallel()
	h := headOf(t, ollama.Chat{}, "/api/chat", `{"model":"m","think":false,"messages":[]}`)
	var out bytes.Buffer
	if err := (ollama.Chat{}).EncodeStream(&out, streamOf(conversation(), nil), "m", h); err != nil || strings.Contains(out.String(), "thinking") {
		t.Errorf("%v: %s", err, out.Bytes())
	}
}

func TestReply_IsOneLine(t *testing.T) {
	t.Parallel()
	reply, err := llm.Collect(streamOf(conversation(), nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []dialect.Client{ollama.Chat{}, ollama.Generate{}} {
		var out bytes.Buffer
		if err := c.EncodeReply(&out, reply, "m", dialect.Head{}); err != nil || !json.Valid(out.Bytes()) {
			t.Fatalf("%v: %s", err, out.Bytes())
		}
		got := dialecttest.Of(ollama.Reader{}.DecodeReply("", &out))
		if got.Text != "a\nb" || got.Thought != "hm" || got.Usage.Output != 7 || got.Failed {
			t.Errorf("got %+v", got)
		}
	}
}

func TestGenerate_Stream(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	events := []llm.Event{llm.Start{}, llm.TextDelta{Text: "mid"}, llm.Finish{Reason: llm.ReasonLength}}
	if err := (ollama.Generate{Now: ticking()}).EncodeStream(&out, streamOf(events, nil), "m", dialect.Head{}); err != nil {
		t.Fatal(err)
	}
	first, last, _ := strings.Cut(out.String(), "\n")
	if !strings.Contains(first, `"response":"mid","done":false`) || !strings.Contains(last, `"response":"","done":true,"done_reason":"length"`) || strings.Contains(last, "eval_count") {
		t.Errorf("got %s", out.Bytes())
	}
}

func TestB23_AFailureInAStreamIsItsLastLine(t *testing.T) {
	t.Parallel()
	failure := &llm.Error{Kind: llm.KindTransient, Message: "broke \"here\""}
	var out bytes.Buffer
	err := (ollama.Chat{}).EncodeStream(&out, streamOf([]llm.Event{llm.Start{}, llm.TextDelta{Text: "half"}}, failure), "m", dialect.Head{})
	if !errors.Is(err, failure) || !strings.HasSuffix(out.String(), "\n{\"error\":\"broke \\\"here\\\"\"}\n") {
		t.Errorf("%v: %s", err, out.Bytes())
	}
	got := dialecttest.Of(ollama.Reader{}.DecodeReply("", &out))
	if !got.Failed || got.Text != "half" {
		t.Errorf("got %+v", got)
	}
	for name, body := range map[string]string{"cut": `{"message":{"content":"x"},"done":false}`, "nothing": "", "a page": "<html>"} {
		if got := dialecttest.Of(ollama.Reader{}.DecodeReply("", strings.NewReader(body))); !got.Failed {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []dialect.Client{ollama.Chat{}, ollama.Generate{}, ollama.Embed{}} {
		dialecttest.Errors(t, c, func(body []byte) error {
			var e struct{ Error string }
			if err := json.Unmarshal(body, &e); err != nil || e.Error != "a \"message\"\nwith <marks>" {
				return fmt.Errorf("%w: %+v", err, e)
			}
			return nil
		})
	}
}

func TestKeepAlive_IsALineThatClientsRead(t *testing.T) {
	t.Parallel()
	for _, c := range []dialect.Client{ollama.Chat{}, ollama.Generate{}} {
		var l struct {
			Message struct{ Content string }
			Done    bool
			At      time.Time `json:"created_at"`
		}
		if err := json.Unmarshal(c.KeepAlive(), &l); err != nil || l.Done || l.Message.Content != "" || !bytes.HasSuffix(c.KeepAlive(), []byte("}\n")) {
			t.Errorf("%q: %v", c.KeepAlive(), err)
		}
	}
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	c := ollama.Embed{Now: ticking()}
	for body, want := range map[string][]string{
		`{"model":"m:latest","input":"a"}`: {"a"}, `{"model":"m","input":["a","b"],"dimensions":3}`: {"a", "b"},
	} {
		h := headOf(t, c, "/api/embed", body)
		r, _, failed := c.DecodeEmbed(h, []byte(body))
		if failed != nil || cmp.Diff(want, r.Inputs) != "" || r.Model != "m" {
			t.Errorf("%s: got %+v, %v", body, r, failed)
		}
		var out bytes.Buffer
		if err := c.EncodeEmbeddings(&out, &llm.Embeddings{Vectors: [][]float32{{1, 0.5}}, Usage: llm.Usage{Input: 4}}, "m", h); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.Contains(got, `"embeddings":[[1,0.5]],"total_duration":`) || !strings.Contains(got, `"prompt_eval_count":4`) || !json.Valid(out.Bytes()) {
			t.Errorf("got %s", got)
		}
	}
	old := `{"model":"m","prompt":"a"}`
	h := headOf(t, c, "/api/embeddings", old)
	r, _, failed := c.DecodeEmbed(h, []byte(old))
	var out bytes.Buffer
	if err := c.EncodeEmbeddings(&out, &llm.Embeddings{Vectors: [][]float32{{1}}}, "m", h); err != nil || failed != nil || r.Inputs[0] != "a" || out.String() != `{"embedding":[1]}` {
		t.Errorf("got %s of %+v, %v, %v", out.Bytes(), r, failed, err)
	}
	for _, bad := range []string{`{"model":"m","input":[1,2]}`, `{"model":"m","input":[]}`} {
		if _, _, failed := c.DecodeEmbed(headOf(t, c, "/api/embed", bad), []byte(bad)); failed == nil || failed.Kind != llm.KindBadRequest {
			t.Errorf("%s: got %v", bad, failed)
		}
	}
	if _, _, failed := c.DecodeRequest(dialect.Head{}, nil); failed == nil {
		t.Error("vectors are taken for a conversation")
	}
}

func TestServe_AModelIsAlwaysReady(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		server     dialect.Server
		body, want string
	}{
		{ollama.Chat{}, `{"model":"m"}`, `"message":{"role":"assistant","content":""},"done":true,"done_reason":"load"`},
		{ollama.Chat{}, `{"model":"m","messages":[],"keep_alive":0}`, `"done_reason":"unload"`},
		{ollama.Generate{}, `{"model":"m","keep_alive":"5m"}`, `"response":"","done":true,"done_reason":"load"`},
		{ollama.Chat{}, `{"model":"m","messages":[{"role":"user","content":"x"}]}`, ""},
		{ollama.Generate{}, `{"model":"m","prompt":"x"}`, ""},
		{ollama.Generate{}, `{"model":"m","prompt":"","suffix":"x"}`, ""},
		{ollama.Chat{}, `{`, ""},
		{ollama.Chat{}, `{"messages":[]}`, ""},
	} {
		w := httptest.NewRecorder()
		asked := false
		test.server.Serve(w, asking("/api/chat", test.body), "", func(_ dialect.Client, _ http.ResponseWriter, r *http.Request) {
			asked = true
			if raw, err := io.ReadAll(r.Body); err != nil || string(raw) != test.body {
				t.Errorf("%s: the body became %s, %v", test.body, raw, err)
			}
		})
		if asked != (test.want == "") || !strings.Contains(w.Body.String(), test.want) || !asked && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: asked %v, got %s", test.body, asked, w.Body)
		}
	}
	none := func(model string) *llm.Error {
		if model == "m" {
			return nil
		}
		return &llm.Error{Kind: llm.KindNotFound, Message: "the model '" + model + "' does not exist here"}
	}
	for body, want := range map[string]string{`{"model":"m:latest"}`: `"done_reason":"load"`, `{"model":"n:latest"}`: `{"error":"the model 'n' does not exist here"}`} {
		for _, server := range []dialect.Server{ollama.Chat{Known: none}, ollama.Generate{Known: none}} {
			w := httptest.NewRecorder()
			if server.Serve(w, asking("/api/chat", body), "", nil); !strings.Contains(w.Body.String(), want) || (w.Code == http.StatusNotFound) != strings.Contains(body, "n:") {
				t.Errorf("%s: %d %s", body, w.Code, w.Body)
			}
		}
	}
	w := httptest.NewRecorder()
	r := asking("/api/chat", "")
	r.Method = http.MethodGet
	ollama.Chat{}.Serve(w, r, "", nil)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodPost {
		t.Errorf("GET: got %d", w.Code)
	}
}

func TestB42_WhatVSCodeAndContinueReadOfAModel(t *testing.T) {
	t.Parallel()
	m := dialect.Model{ID: "vertex/gemini-2.5-pro", OwnedBy: "google", Created: 1_700_000_000, ContextTokens: 1 << 20, Can: llm.Capabilities{Tools: true, Vision: true, Reasoning: true}}
	var list struct {
		Models []struct {
			Name, Model, Digest string
			Modified            time.Time `json:"modified_at"`
			Capabilities        []string
		}
	}
	raw, failed := ollama.Chat{}.AppendModels(nil, asking("/api/tags", ""), []dialect.Model{m, {ID: "e", Can: llm.Capabilities{Embeddings: true}}})
	if err := json.Unmarshal(raw, &list); err != nil || failed != nil || len(list.Models) != 2 || list.Models[0].Model != m.ID || len(list.Models[0].Digest) != 64 || list.Models[0].Modified.IsZero() {
		t.Errorf("%v, %v: %s", err, failed, raw)
	}
	if diff := cmp.Diff([]string{"embedding"}, list.Models[1].Capabilities); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var shown struct {
		Template, Parameters string
		Info                 map[string]any `json:"model_info"`
		Capabilities         []string
	}
	raw = ollama.Chat{}.AppendModel(nil, m)
	if err := json.Unmarshal(raw, &shown); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	arch, _ := shown.Info["general.architecture"].(string)
	if arch != "gemini" || shown.Info["gemini.context_length"] != float64(1<<20) || shown.Info["general.basename"] != m.ID || shown.Parameters != "num_ctx 1048576" {
		t.Errorf("got %s", raw)
	}
	if diff := cmp.Diff([]string{"completion", "insert", "tools", "vision", "thinking"}, shown.Capabilities); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(shown.Template, ".Suffix") {
		t.Errorf("Continue would write templates of its own: %s", shown.Template)
	}
	raw = ollama.Chat{}.AppendModel(nil, dialect.Model{ID: "x/1", Can: llm.Capabilities{Embeddings: true}})
	if bytes.Contains(raw, []byte("template")) || bytes.Contains(raw, []byte("context_length")) || !json.Valid(raw) {
		t.Errorf("got %s", raw)
	}
}

// TestCaptures replays what Ollama's own SDK sent.
func TestCaptures(t *testing.T) {
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
			URL  string
			Body json.RawMessage
		}
		if err := json.Unmarshal(raw, &capture); err != nil {
			t.Fatal(err)
		}
		var c dialect.Client = ollama.Chat{}
		switch capture.URL {
		case "/api/generate":
			c = ollama.Generate{}
		case "/api/chat":
		default:
			continue
		}
		r, notes := decoded(t, c, capture.URL, string(capture.Body))
		if _, _, failed := (openaichat.Upstream{}).EncodeRequest(r, "m"); failed != nil || len(notes) > 0 {
			t.Errorf("%s: %v, notes %q", file, failed, notes)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":"x","images":["aGk="]},{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{}}}]},{"role":"tool","content":"y"}],"options":{"stop":["a"]},"format":{},"think":true}`))
	f.Add([]byte(`{"model":"m","prompt":"x","suffix":"y","input":["a"],"raw":true}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, c := range []dialect.Client{ollama.Chat{}, ollama.Generate{}, ollama.Embed{}} {
			h, failed := c.Head(asking("/api/x", ""), body)
			if failed != nil {
				continue
			}
			if e, ok := c.(dialect.EmbedClient); ok {
				_, _, _ = e.DecodeEmbed(h, body)
				continue
			}
			r, _, failed := c.DecodeRequest(h, body)
			if failed != nil || r.Completion != nil {
				continue
			}
			if out, _, failed := (openaichat.Upstream{}).EncodeRequest(r, "m"); failed == nil && !json.Valid(out) {
				t.Fatalf("%s became %s", body, out)
			}
		}
	})
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(`{"message":{"content":"x","tool_calls":[{"id":"a","function":{"name":"f","arguments":{}}}]},"done":false}` + "\n" + `{"done":true,"prompt_eval_count":1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for e, err := range (ollama.Reader{}).DecodeReply("", bytes.NewReader(body)) {
			if e == nil && err == nil {
				t.Fatal("neither an event nor an error")
			}
		}
	})
}
