package completions_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/completions"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func decode(t *testing.T, c completions.Client, raw string) (*llm.Request, []llm.Warning, dialect.Head, *llm.Error) {
	t.Helper()
	h, err := c.Head(nil, []byte(raw))
	if err != nil {
		return nil, nil, h, err
	}
	r, w, err := c.DecodeRequest(h, []byte(raw))
	return r, w, h, err
}

const full = ` {"model":"m","prompt":["a\nb"],"suffix":"c","max_tokens":9,"temperature":0.5,"top_p":0.25,"top_k":3,"presence_penalty":1,` +
	`"frequency_penalty":-1,"seed":7,"n":1,"best_of":1,"stop":["x","y"],"user":"u","stream":"true","stream_options":{"include_usage":true},"min_p":0.1,"logprobs":null} `

func TestClient_ReadsEveryField(t *testing.T) {
	t.Parallel()
	r, w, h, err := decode(t, completions.Client{}, full)
	if err != nil {
		t.Fatal(err)
	}
	if h.Operation != dialect.Complete || !h.Infill || !h.Stream || !h.IncludeUsage || h.Model != "m" {
		t.Errorf("the head is %+v", h)
	}
	if c := r.Completion; c.Prompt != "a\nb" || c.Suffix != "c" || *r.MaxTokens != 9 || *r.Temperature != 0.5 || *r.TopP != 0.25 || *r.TopK != 3 ||
		*r.PresencePenalty != 1 || *r.FrequencyPenalty != -1 || *r.Seed != 7 || !slices.Equal(r.Stop, []string{"x", "y"}) || r.User != "u" ||
		len(r.Extra) != 1 || r.Extra[0].Name != "min_p" || len(w) != 0 {
		t.Errorf("got %+v of %+v, with %v", r, *c, w)
	}
	out, _, err := completions.Upstream{}.EncodeRequest(r, "up")
	want := `{"model":"up","prompt":"a\nb","suffix":"c","stop":["x","y"],"max_tokens":9,"temperature":0.5,"top_p":0.25,"presence_penalty":1,"frequency_penalty":-1,` +
		`"top_k":3,"seed":7,"user":"u","min_p":0.1,"stream":true,"stream_options":{"include_usage":true}}`
	if err != nil || string(out) != want {
		t.Errorf("sent %s, %v\nwant %s", out, err, want)
	}
	out, warned, _ := completions.Upstream{FIM: true, Drop: []string{"user", "min_p"}}.EncodeRequest(r, "up")
	if got := string(out); strings.Contains(got, "user") || !strings.Contains(got, `"random_seed":7`) || strings.Contains(got, "stream_options") || len(warned) != 2 {
		t.Errorf("Mistral gets %s, %v", got, warned)
	}
}

func TestClient_RefusesWhatOneAnswerOfTextCannotBe(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		``: "no body", `{`: "not valid JSON", `{"model":"m"}`: "prompt is missing", `{"model":1,"prompt":""}`: "model must be", `{"prompt":1}`: "prompt must be",
		`{"prompt":"","suffix":1}`: "suffix must be", `{"prompt":"","stream":1}`: "stream must be", `{"prompt":"","stream_options":1}`: "stream_options must be",
		`{"prompt":["a","b"]}`: "one at a time", `{"prompt":[]}`: "a list of 0 texts", `{"prompt":[1,2]}`: "token numbers", `{"prompt":[[1]]}`: "token numbers",
		`{"prompt":"","n":2}`: "n is more than 1", `{"prompt":"","best_of":2}`: "best_of is more than 1", `{"prompt":"","logprobs":3}`: "logprobs",
		`{"prompt":"","max_tokens":"x"}`: "max_tokens must be", `{"prompt":"","top_p":"x"}`: "top_p must be", `{"prompt":"","seed":1.5}`: "seed must be",
		`{"prompt":"","stop":1}`: "stop must be", `{"prompt":"","stop":[1]}`: "stop must be",
	} {
		if _, _, _, err := decode(t, completions.Client{}, raw); err == nil || !strings.Contains(err.Message, want) {
			t.Errorf("%s: got %v, want %q", raw, err, want)
		}
	}
}

func TestClient_ReadsTheMarksOfAModelAsTwoTexts(t *testing.T) {
	t.Parallel()
	r, w, _, err := decode(t, completions.Client{}, `{"prompt":"<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>"}`)
	if err != nil || r.Completion.Prompt != "a" || r.Completion.Suffix != "b" || len(w) != 1 {
		t.Errorf("got %+v, %v, %v", r.Completion, w, err)
	}
}

func TestUpstream_KnowsItsModels(t *testing.T) {
	t.Parallel()
	u := completions.Upstream{Models: []string{"code*", "qwen2.5-coder*"}, Infills: []string{"code*"}, Marks: true}
	for _, c := range []struct {
		model  string
		infill bool
		want   bool
	}{
		{"codellama:7b", false, true},
		{"meta/CodeLlama-13b", true, true},
		{"codestral-x", true, true},
		{"codefoo", true, false},
		{"codefoo", false, true},
		{"qwen2.5-coder", true, false},
		{"gpt-4o", false, false},
	} {
		if got := u.Completes(c.model, c.infill); got != c.want {
			t.Errorf("%s, infill %v: got %v", c.model, c.infill, got)
		}
	}
	if !(completions.Upstream{}).Completes("anything", true) {
		t.Error("a service without lists takes every model")
	}
	for _, r := range []*llm.Request{{}, {Completion: &llm.Completion{}, Format: llm.Format{Kind: llm.FormatJSON}}} {
		if _, _, err := u.EncodeRequest(r, "m"); err == nil || err.Kind != llm.KindUnsupported {
			t.Errorf("%+v is taken: %v", r, err)
		}
	}
}

func TestUpstream_CarriesTheClientsOwnBytes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		u         completions.Upstream
		raw, want string
		notes     int
	}{
		{"as it is", completions.Upstream{}, ` {"model":"m" , "prompt":[1,2],"n":3}`, ` {"model":"qwen2.5-coder" , "prompt":[1,2],"n":3}`, 0},
		{"without a model", completions.Upstream{}, `{"prompt":"a"}`, `{"model":"qwen2.5-coder","prompt":"a"}`, 0},
		{"with usage", completions.Upstream{}, `{"model":"m","prompt":"a","stream":true}`, `{"stream_options":{"include_usage":true},"model":"qwen2.5-coder","prompt":"a","stream":true}`, 1},
		{"no usage", completions.Upstream{FIM: true}, `{"model":"m","prompt":"a","stream":"true","stream_options":{"include_usage":true}}`, `{"model":"qwen2.5-coder","prompt":"a","stream":true,"stream_options":null}`, 2},
		{"with marks", completions.Upstream{Marks: true}, `{"model":"m","suffix":"c\n","prompt":["a\""]}`, `{"model":"qwen2.5-coder","suffix":null,"prompt":"<|fim_prefix|>a\"<|fim_suffix|>c\n<|fim_middle|>"}`, 1},
		{"dropping", completions.Upstream{Drop: []string{"user", "seed"}}, `{"model":"m","prompt":"a","user":"u","seed":null}`, `{"model":"qwen2.5-coder","prompt":"a","user":null,"seed":null}`, 1},
	} {
		h, err := completions.Client{}.Head(nil, []byte(c.raw))
		if err != nil {
			t.Fatal(err)
		}
		out, w, err := c.u.CarryRequest(nil, []byte(c.raw), h, "qwen2.5-coder")
		if err != nil || string(out) != c.want || len(w) != c.notes {
			t.Errorf("%s: got %s with %v, %v\nwant %s", c.name, out, w, err, c.want)
		}
	}
	_, _, err := completions.Upstream{}.CarryRequest(nil, []byte("{}"), dialect.Head{}, "m")
	if err == nil {
		t.Error("a head of nobody's is taken")
	}
}

func TestUpstream_CarriesAWholeAnswer(t *testing.T) {
	t.Parallel()
	const raw = ` {"model":"up","choices":[{"text":"x","logprobs":{"tokens":["x"]},"finish_reason":"length"},{"text":"y","finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":3}}`
	out, seen, err := completions.Upstream{}.CarryReply(nil, []byte(raw), dialect.Head{}, "asked")
	if err != nil || string(out) != strings.Replace(raw, `"up"`, `"asked"`, 1) || seen.Reason != llm.ReasonLength || seen.Usage != known(2, 3) {
		t.Errorf("got %s, %+v, %v", out, seen, err)
	}
	for _, bad := range []string{"", "x", "{", "{}", `{"error":{"message":"no"}}`} {
		if _, _, err := (completions.Upstream{}).CarryReply(nil, []byte(bad), dialect.Head{}, "asked"); err == nil {
			t.Errorf("%q is passed on", bad)
		}
	}
}

func events(list ...llm.Event) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestClient_WritesTextAloneInBothForms(t *testing.T) {
	t.Parallel()
	said := []llm.Event{
		llm.Start{ID: "1", Created: 7, Model: "up"},
		llm.ThoughtDelta{Text: "hm"},
		llm.TextDelta{Block: 1, Text: "a"},
		llm.Finish{Reason: llm.ReasonToolCalls, Usage: known(2, 1)},
	}
	for _, c := range []struct {
		client        completions.Client
		raw           string
		stream, whole string
	}{
		{
			completions.Client{},
			`{"prompt":"p","stream":true,"stream_options":{"include_usage":true}}`,
			`data: {"id":"1","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":null}]}` + "\n\n" +
				`data: {"id":"1","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]}` + "\n\n" +
				`data: {"id":"1","object":"text_completion","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}` + "\n\ndata: [DONE]\n\n",
			`{"id":"1","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}`,
		},
		{
			completions.Client{FIM: true},
			`{"prompt":"p","stream":true}`,
			`data: {"id":"1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null}]}` + "\n\n" +
				`data: {"id":"1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}` + "\n\ndata: [DONE]\n\n",
			`{"id":"1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a","tool_calls":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}`,
		},
		{
			completions.Client{},
			`{"prompt":"p","stream":true,"echo":true}`,
			`data: {"id":"1","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"pa","logprobs":null,"finish_reason":null}]}` + "\n\n" +
				`data: {"id":"1","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n",
			`{"id":"1","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"pa","logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}`,
		},
	} {
		_, _, h, derr := decode(t, c.client, c.raw)
		if derr != nil {
			t.Fatal(derr)
		}
		var out bytes.Buffer
		if err := c.client.EncodeStream(&out, events(said...), "m", h); err != nil || out.String() != c.stream {
			t.Errorf("%s: streamed %s, %v\nwant %s", c.raw, &out, err, c.stream)
		}
		reply, err := llm.Collect(events(said...))
		if err != nil {
			t.Fatal(err)
		}
		out.Reset()
		if err := c.client.EncodeReply(&out, reply, "m", h); err != nil || out.String() != c.whole {
			t.Errorf("%s: wrote %s, %v\nwant %s", c.raw, &out, err, c.whole)
		}
	}
}

func TestClient_EndsAStreamThatFails(t *testing.T) {
	t.Parallel()
	failing := func(yield func(llm.Event, error) bool) {
		_ = yield(llm.TextDelta{Text: "a"}, nil) && yield(nil, &llm.Error{Kind: llm.KindOverloaded, Message: "too busy"})
	}
	var out bytes.Buffer
	err := completions.Client{}.EncodeStream(&out, failing, "m", dialect.Head{})
	if err == nil || !strings.Contains(out.String(), "too busy") || !strings.HasSuffix(out.String(), "data: [DONE]\n\n") {
		t.Errorf("got %s, %v", &out, err)
	}
}

func TestUpstream_ReadsStatuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]llm.Kind{
		http.StatusUnauthorized: llm.KindAuth, http.StatusForbidden: llm.KindForbidden, http.StatusNotFound: llm.KindNotFound,
		http.StatusTooManyRequests: llm.KindRate, http.StatusBadGateway: llm.KindTransient, http.StatusBadRequest: llm.KindBadRequest,
	} {
		err := completions.Upstream{}.DecodeError(status, nil, []byte(`{"error":{"message":"said"}}`))
		if err.Kind != want || err.Message != "said" || err.Status != status {
			t.Errorf("%d: got %+v", status, err)
		}
	}
}

func FuzzRequest(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(`{"model":"a","prompt":"<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>","echo":true}`))
	f.Add([]byte(`{"prompt":"a","suffix":"b","prompt":["c"],"stream":"false"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if bytes.Count(raw, []byte("["))+bytes.Count(raw, []byte("{")) > 500 {
			return
		}
		h, err := completions.Client{}.Head(nil, raw)
		if err != nil {
			return
		}
		if !json.Valid(raw) || !utf8.Valid(raw) {
			t.Fatalf("%q is accepted", raw)
		}
		for _, u := range []completions.Upstream{{}, {Marks: true}, {FIM: true, Drop: []string{"user"}}} {
			out, _, err := u.CarryRequest(nil, raw, h, "qwen2.5-coder")
			if err == nil && !json.Valid(out) {
				t.Errorf("%q is carried as %q", raw, out)
			}
			r, _, err := completions.Client{}.DecodeRequest(h, raw)
			if err != nil {
				continue
			}
			out, _, err = u.EncodeRequest(r, "qwen2.5-coder")
			if err != nil || !json.Valid(out) {
				t.Errorf("%q is sent as %q, %v", raw, out, err)
			}
		}
	})
}
