package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

func (p *program) sdk(extra ...option.RequestOption) openai.Client {
	return openai.NewClient(append([]option.RequestOption{
		option.WithBaseURL(p.url + "/v1"), option.WithAPIKey(p.key), option.WithMaxRetries(0), option.WithHTTPClient(p.client),
	}, extra...)...)
}

// each runs a scenario against every target.
func each(t *testing.T, scenario func(t *testing.T, p *program, c openai.Client, to target)) {
	t.Helper()
	p := start(t)
	for _, to := range targets() {
		t.Run(to.name, func(t *testing.T) { scenario(t, p, p.sdk(), to) })
	}
}

func ask(model, text string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(text)}}
}

func weather() []openai.ChatCompletionToolUnionParam {
	return []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
		Name: "get_weather", Description: openai.String("The weather in a city"),
		Parameters: shared.FunctionParameters{
			"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}, "required": []string{"city"},
		},
	})}
}

// stream reads a streamed answer with the SDK's own accumulator.
func stream(t *testing.T, c openai.Client, q openai.ChatCompletionNewParams) (openai.ChatCompletionAccumulator, []openai.ChatCompletionChunk) {
	t.Helper()
	s := c.Chat.Completions.NewStreaming(t.Context(), q)
	defer s.Close()
	var all openai.ChatCompletionAccumulator
	var chunks []openai.ChatCompletionChunk
	for s.Next() {
		chunks = append(chunks, s.Current())
		if !all.AddChunk(s.Current()) {
			t.Fatalf("the SDK cannot add the chunk %s", s.Current().RawJSON())
		}
	}
	if err := s.Err(); err != nil {
		t.Fatalf("stream: %v", err)
	}
	if len(all.Choices) != 1 {
		t.Fatalf("%d choices in %d chunks", len(all.Choices), len(chunks))
	}
	return all, chunks
}

func TestGoSDK_List(t *testing.T) {
	p := start(t)
	c := p.sdk()
	page, err := c.Models.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, m := range page.Data {
		ids[m.ID] = true
		if m.Created == 0 || m.OwnedBy == "" || m.Object != "model" {
			t.Errorf("B43: the model %s lacks what clients want: %s", m.ID, m.RawJSON())
		}
	}
	for _, want := range []string{"demo/chat", "demo/slow", "plain/usage", "translated/usage"} {
		if !ids[want] {
			t.Errorf("no %s among %d models", want, len(ids))
		}
	}
	one, err := c.Models.Get(t.Context(), "demo/chat")
	if err != nil || one.ID != "demo/chat" {
		t.Errorf("one model: %v, %+v", err, one)
	}
	var e *openai.Error
	if _, err = c.Models.Get(t.Context(), "demo/none"); !errors.As(err, &e) || e.StatusCode != http.StatusNotFound {
		t.Errorf("a model that is not: %v", err)
	}
}

func TestGoSDK_Chat(t *testing.T) {
	each(t, func(t *testing.T, p *program, c openai.Client, to target) {
		got, err := c.Chat.Completions.New(t.Context(), ask(to.chat, "hello"))
		if err != nil {
			t.Fatal(err)
		}
		m := got.Choices[0]
		if !strings.Contains(m.Message.Content, to.text) || m.FinishReason != "stop" || got.Usage.TotalTokens == 0 || got.Model != to.chat {
			t.Errorf("model %q, finish %q, usage %+v, %q", got.Model, m.FinishReason, got.Usage, m.Message.Content)
		}
		row := p.last(t)
		if row.Lane != to.lane || row.Asked != to.chat || row.Status != 200 || row.Finish != "stop" || row.TokensOut == nil || row.Client == "" {
			t.Errorf("the log row is %+v", row)
		}
	})
}

func TestGoSDK_Stream(t *testing.T) {
	each(t, func(t *testing.T, p *program, c openai.Client, to target) {
		got, chunks := stream(t, c, ask(to.chat, "hello"))
		if !strings.Contains(got.Choices[0].Message.Content, to.text) || got.Choices[0].FinishReason != "stop" || got.Model != to.chat {
			t.Errorf("model %q, %+v", got.Model, got.Choices[0])
		}
		if got.Usage.TotalTokens != 0 {
			t.Errorf("B25: usage %+v although nobody asked", got.Usage)
		}
		for _, c := range chunks {
			if len(c.Choices) == 0 {
				t.Errorf("B25: a chunk without choices although nobody asked: %s", c.RawJSON())
			}
		}
		if row := p.last(t); !row.Stream || row.FirstTokenMs == nil || row.TokensOut == nil || *row.TokensOut == 0 || row.Lane != to.lane {
			t.Errorf("the log row is %+v", row)
		}
	})
}

func TestB25_GoSDK_StreamWithUsageOnce(t *testing.T) {
	p := start(t)
	for _, model := range []string{"demo/fast", "plain/usage", "translated/usage", "plain/usage-every", "translated/usage-every", "plain/quirks", "translated/quirks"} {
		q := ask(model, "hello")
		q.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
		got, chunks := stream(t, p.sdk(), q)
		n := 0
		for i, c := range chunks {
			if c.JSON.Usage.Valid() {
				n++
				if len(c.Choices) != 0 || i != len(chunks)-1 {
					t.Errorf("%s: usage in chunk %d of %d: %s", model, i+1, len(chunks), c.RawJSON())
				}
			}
		}
		want := map[string]int64{"plain/usage": 11, "translated/usage": 11, "plain/usage-every": 12, "translated/usage-every": 12, "plain/quirks": 13, "translated/quirks": 13}[model]
		if n != 1 || got.Usage.TotalTokens == 0 || want != 0 && got.Usage.TotalTokens != want {
			t.Errorf("%s: %d chunks with usage, total %d, want 1 and %d", model, n, got.Usage.TotalTokens, want)
		}
	}
}

func TestGoSDK_Tools(t *testing.T) {
	each(t, func(t *testing.T, _ *program, c openai.Client, to target) {
		q := ask(to.tools, "What is the weather in Berlin?")
		q.Tools = weather()
		whole, err := c.Chat.Completions.New(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		streamed, _ := stream(t, c, q)
		for name, m := range map[string]openai.ChatCompletionChoice{"whole": whole.Choices[0], "streamed": streamed.Choices[0]} {
			if m.FinishReason != "tool_calls" || len(m.Message.ToolCalls) != 1 {
				t.Fatalf("%s: finish %q, calls %+v", name, m.FinishReason, m.Message.ToolCalls)
			}
			call := m.Message.ToolCalls[0]
			if call.Function.Name != "get_weather" || !json.Valid([]byte(call.Function.Arguments)) || call.ID == "" {
				t.Errorf("%s: call %+v", name, call)
			}
		}
	})
}

func TestB34_GoSDK_ParallelToolsAndTheirResults(t *testing.T) {
	each(t, func(t *testing.T, p *program, c openai.Client, to target) {
		q := ask(to.tools, to.parallelAsk)
		q.Tools = weather()
		got, chunks := stream(t, c, q)
		calls := got.Choices[0].Message.ToolCalls
		if len(calls) != 2 || calls[0].ID == calls[1].ID || got.Choices[0].FinishReason != "tool_calls" {
			t.Fatalf("finish %q, calls %+v", got.Choices[0].FinishReason, calls)
		}
		for _, c := range chunks {
			for _, call := range c.Choices[0].Delta.ToolCalls {
				if !call.JSON.Index.Valid() {
					t.Errorf("B37: a delta without index: %s", c.RawJSON())
				}
			}
		}
		// The results go back in the other order: they are matched by id.
		q.Messages = append(q.Messages, got.Choices[0].Message.ToParam(),
			openai.ToolMessage("second result", calls[1].ID), openai.ToolMessage(`{"celsius": 18, "sky": "clear"}`, calls[0].ID))
		reply, err := c.Chat.Completions.New(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if m := reply.Choices[0]; m.FinishReason != "stop" || !strings.Contains(m.Message.Content, `{"celsius": 18, "sky": "clear"}`) {
			t.Errorf("B34a: finish %q, %q; want the result verbatim", m.FinishReason, m.Message.Content)
		}
		if to.name != "demo" {
			if r := p.chats(); r[len(r)-1].Refused != "" {
				t.Errorf("the upstream refused: %s", r[len(r)-1].Refused)
			}
		}
	})
}

func TestB37_GoSDK_BrokenIndexesAreMended(t *testing.T) {
	p := start(t)
	for _, model := range []string{"plain/broken-index", "translated/broken-index"} {
		q := ask(model, "read both")
		q.Tools = weather()
		got, _ := stream(t, p.sdk(), q)
		calls := got.Choices[0].Message.ToolCalls
		if len(calls) != 2 || calls[0].Function.Arguments != `{"path":"a.go"}` || calls[1].Function.Arguments != `{"path":"b.go"}` || got.Choices[0].FinishReason != "tool_calls" {
			t.Errorf("%s: finish %q, calls %+v", model, got.Choices[0].FinishReason, calls)
		}
	}
}

func TestGoSDK_JSONSchema(t *testing.T) {
	each(t, func(t *testing.T, _ *program, c openai.Client, to target) {
		q := ask(to.tools, "Where and how warm?")
		q.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
			Name: "place", Strict: openai.Bool(true),
			Schema: map[string]any{
				"type": "object", "additionalProperties": false, "required": []string{"city", "celsius"},
				"properties": map[string]any{"city": map[string]any{"type": "string"}, "celsius": map[string]any{"type": "integer", "minimum": -90}},
			},
		}}
		reply, err := c.Chat.Completions.New(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var place struct {
			City    string `json:"city"`
			Celsius *int   `json:"celsius"`
		}
		if err := json.Unmarshal([]byte(reply.Choices[0].Message.Content), &place); err != nil || place.City == "" || place.Celsius == nil {
			t.Errorf("%v: %s", err, reply.Choices[0].Message.Content)
		}
	})
}

func TestGoSDK_Image(t *testing.T) {
	each(t, func(t *testing.T, _ *program, c openai.Client, to target) {
		q := ask(to.tools, "")
		q.Messages = []openai.ChatCompletionMessageParamUnion{openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{
			openai.TextContentPart("What is this?"),
			openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: pixel, Detail: "low"}),
		})}
		got, err := c.Chat.Completions.New(t.Context(), q)
		if err != nil || !strings.Contains(got.Choices[0].Message.Content, to.image) {
			t.Errorf("%v, %+v; want %q", err, got, to.image)
		}
	})
}

func TestB05_GoSDK_ErrorsKeepTheirClass(t *testing.T) {
	each(t, func(t *testing.T, p *program, c openai.Client, to target) {
		for status, retryAfter := range map[int]string{401: "", 404: "", 429: "7", 500: "", 503: ""} {
			for _, streamed := range []bool{false, true} {
				p.awake(t)
				q := ask(to.errors+strconv.Itoa(status), "hello")
				var err error
				if streamed {
					s := c.Chat.Completions.NewStreaming(t.Context(), q)
					for s.Next() {
						t.Errorf("%d: a chunk before the error", status)
					}
					err = s.Err()
				} else {
					_, err = c.Chat.Completions.New(t.Context(), q)
				}
				var e *openai.Error
				if !errors.As(err, &e) || e.StatusCode != status || e.Message == "" || e.Type == "" {
					t.Errorf("%d (stream %v): got %v", status, streamed, err)
					continue
				}
				if got := e.Response.Header.Get("Retry-After"); retryAfter != "" && got != retryAfter {
					t.Errorf("%d: Retry-After %q, want %q", status, got, retryAfter)
				}
				if strings.Contains(e.RawJSON(), upstreamKey) {
					t.Errorf("%d: the account's key is in the error", status)
				}
			}
		}
		if row := p.last(t); row.Status < 400 || row.ErrorKind == "" || row.Error == "" || len(row.Attempts) == 0 {
			t.Errorf("the log row is %+v", row)
		}
	})
}

func TestGoSDK_AWrongKeyIsRefused(t *testing.T) {
	p := start(t)
	for _, key := range []string{"sk-wrong", ""} {
		c := p.sdk(option.WithAPIKey(key))
		_, err := c.Chat.Completions.New(t.Context(), ask("demo/fast", "hello"))
		var e *openai.Error
		if !errors.As(err, &e) || e.StatusCode != http.StatusUnauthorized || e.Message == "" {
			t.Errorf("key %q: got %v", key, err)
		}
	}
	if n := len(p.chats()); n != 0 {
		t.Errorf("%d requests went on to the upstream", n)
	}
}

func TestB28_GoSDK_CancelReachesTheUpstream(t *testing.T) {
	each(t, func(t *testing.T, p *program, c openai.Client, to target) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := c.Chat.Completions.NewStreaming(ctx, ask(to.hang, "hello"))
		if !s.Next() {
			t.Fatalf("no first chunk: %v", s.Err())
		}
		at := time.Now()
		cancel()
		if to.name != "demo" {
			all := p.chats()
			p.left(t, all[len(all)-1], at)
		}
		for s.Next() {
			// What had arrived before may still be read.
		}
		_ = s.Close()
		if row := p.last(t); row.Status != 499 || row.ErrorKind != "canceled" {
			t.Errorf("the log row is %+v", row)
		}
	})
}

// left waits for the upstream to see a hang-up; the bar is 100 ms.
func (p *program) left(t *testing.T, r *fake.Received, since time.Time) {
	t.Helper()
	select {
	case <-r.Left:
		if took := time.Since(since); took > 100*time.Millisecond {
			t.Errorf("B28: the upstream saw the hang-up after %s", took)
		}
	case <-time.After(5 * time.Second):
		t.Error("B28: the upstream did not see the hang-up")
	}
}

func TestB23a_GoSDK_ACutStreamIsAnError(t *testing.T) {
	p := start(t)
	ids := map[string]string{}
	for _, model := range []string{"demo/cut", "plain/cut", "translated/cut", "plain/cut-clean", "translated/cut-clean", "plain/error-inband", "translated/error-inband"} {
		c := p.sdk()
		s := c.Chat.Completions.NewStreaming(t.Context(), ask(model, "hello"))
		n, finished := 0, false
		for s.Next() {
			n++
			for _, ch := range s.Current().Choices {
				finished = finished || ch.FinishReason != ""
			}
		}
		if s.Err() == nil || finished {
			t.Errorf("%s: %d chunks, finished %v, error %v; want an error", model, n, finished, s.Err())
		}
		_ = s.Close()
		ids[model] = p.ids.last()
	}
	for model, id := range ids {
		if row := p.row(t, id); row.ErrorKind == "" || row.Error == "" {
			t.Errorf("%s: the log row is %+v", model, row)
		}
	}
}

func TestB27_GoSDK_AnswersInTheWrongForm(t *testing.T) {
	p := start(t)
	for _, model := range []string{
		"plain/sse-always", "translated/sse-always", "plain/json-always", "translated/json-always",
		"plain/no-done", "translated/no-done", "plain/gzip", "translated/gzip", "plain/slow-first-byte", "translated/slow-first-byte",
	} {
		want := "Hello"
		if strings.HasSuffix(model, "no-done") {
			want = "partial answer"
		}
		c := p.sdk()
		whole, err := c.Chat.Completions.New(t.Context(), ask(model, "hello"))
		if err != nil || whole.Choices[0].Message.Content != want || whole.Choices[0].FinishReason != "stop" {
			t.Errorf("%s, whole: %v, %+v", model, err, whole)
		}
		got, _ := stream(t, c, ask(model, "hello"))
		if m := got.Choices[0]; m.Message.Content != want || m.FinishReason != "stop" {
			t.Errorf("%s, streamed: %+v", model, m)
		}
	}
	for _, model := range []string{"plain/html", "translated/html"} {
		c := p.sdk()
		_, err := c.Chat.Completions.New(t.Context(), ask(model, "hello"))
		var e *openai.Error
		if !errors.As(err, &e) || e.StatusCode != http.StatusBadGateway || strings.Contains(e.Message, "<") {
			t.Errorf("%s: got %v, want a 502 without HTML", model, err)
		}
	}
}
