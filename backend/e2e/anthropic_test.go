package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/anthropics/anthropic-sdk-go/packages/param"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// messages is the running program with the services behind its accounts that a
// client of Anthropic's protocol can reach.
type messages struct {
	*program

	sdk       anthropic.Client
	anthropic *fake.Anthropic
}

// messagesTarget is one way to an answer for such a client.
type messagesTarget struct {
	name, lane                           string
	chat, tools, hang, text, image, asks string
	// errors are models by the status that a client must see. An account that
	// failed rests, so that each request has one of its own: see failing.
	errors map[int]string
}

func messagesTargets() []messagesTarget {
	numbers := map[int]string{}
	for _, status := range []int{400, 401, 403, 404, 413, 429, 500, 529} {
		numbers[status] = "error-" + strconv.Itoa(status)
	}
	return []messagesTarget{
		{
			name: "demo", lane: "translated", chat: "demo/fast", tools: "demo/fast", hang: "demo/slow", text: "This is the demo model.", image: "I see an image (image/png, ",
			asks:   "Call get_weather for Berlin and Tokyo in parallel",
			errors: map[int]string{401: "error-401", 404: "error-404", 429: "error-429", 500: "error-500", 503: "error-503"},
		},
		{
			name: "carried", lane: "carried", chat: "carried/claude-opus-4-7", tools: "carried/claude-opus-4-7", hang: "carried/hang", text: "a + b", image: "I see 1 image", asks: "PAR",
			errors: numbers,
		},
		{
			name: "own", lane: "translated", chat: "own/claude-opus-4-7", tools: "own/claude-opus-4-7", hang: "own/hang", text: "a + b", image: "I see 1 image", asks: "PAR",
			errors: numbers,
		},
		{
			name: "gemini", lane: "translated", chat: "gemini/gemini-3-flash-preview", tools: "gemini/gemini-3-flash-preview", hang: "gemini/hang", text: "Hello", image: "I see 1 image", asks: "PAR",
			errors: map[int]string{429: "error-429_rate_limit", 503: "error-503_capacity", 401: "error-401_unauthenticated"},
		},
	}
}

// failing is the model that answers a status, at an account of its own.
func (to messagesTarget) failing(status int, streamed bool) (prefix, model string) {
	if to.name == "demo" {
		return "demo", to.errors[status]
	}
	prefix = to.name + strconv.Itoa(status)
	if streamed {
		prefix += "s"
	}
	return prefix, to.errors[status]
}

// startMessages runs the program with an account at each service, and with those
// that are to fail.
func startMessages(t *testing.T, failing bool) *messages {
	t.Helper()
	m := &messages{anthropic: fake.NewAnthropic(fake.Options{Key: upstreamKey})}
	serve := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	service, google := serve(m.anthropic), serve(fake.NewGoogle(fake.GoogleOptions{Key: upstreamKey}))
	var accounts []any
	add := func(to, prefix string) {
		provider, base, translate := "anthropic", service, "false"
		switch to {
		case "demo":
			return
		case "own":
			translate = "true"
		case "gemini":
			provider, base = "gemini", google
		}
		accounts = append(accounts, map[string]any{
			"id": 11 + len(accounts), "provider": provider, "name": prefix, "prefix": prefix, "key": upstreamKey,
			"settings": map[string]string{"kind": "key", "baseUrl": base, "translate": translate},
		})
	}
	for _, to := range messagesTargets() {
		add(to.name, to.name)
		for status := range to.errors {
			for _, streamed := range []bool{false, true} {
				if prefix, _ := to.failing(status, streamed); failing {
					add(to.name, prefix)
				}
			}
		}
	}
	m.program = start(t, func(config map[string]any) {
		config["accounts"] = append(config["accounts"].([]any), accounts...)
	})
	m.sdk = anthropic.NewClient(option.WithBaseURL(m.url), option.WithAPIKey(m.key), option.WithMaxRetries(0), option.WithHTTPClient(m.client))
	eventually(t, "all models are known", func() bool {
		var list struct{ Accounts []control.Account }
		m.admin(t, "/api/accounts", &list)
		return !slices.ContainsFunc(list.Accounts, func(a control.Account) bool { return a.State == control.AccountChecking }) && len(list.Accounts) > len(accounts)
	})
	return m
}

func eachMessages(t *testing.T, scenario func(t *testing.T, m *messages, to messagesTarget)) {
	t.Helper()
	m := startMessages(t, strings.Contains(t.Name(), "B05"))
	for _, to := range messagesTargets() {
		t.Run(to.name, func(t *testing.T) { scenario(t, m, to) })
	}
}

func askMessages(model, text string) anthropic.MessageNewParams {
	return anthropic.MessageNewParams{
		Model: model, MaxTokens: 4000,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(text))},
	}
}

func weatherTool() []anthropic.ToolUnionParam {
	return []anthropic.ToolUnionParam{{OfTool: &anthropic.ToolParam{
		Name: "get_weather", Description: param.NewOpt("The weather in a city"),
		InputSchema: anthropic.ToolInputSchemaParam{Properties: map[string]any{"city": map[string]any{"type": "string"}}, Required: []string{"city"}},
	}}}
}

// streamMessages reads a streamed answer with the SDK's own accumulator.
func (m *messages) stream(t *testing.T, q anthropic.MessageNewParams) anthropic.Message {
	t.Helper()
	s := m.sdk.Messages.NewStreaming(t.Context(), q)
	defer s.Close()
	var all anthropic.Message
	stopped := false
	for s.Next() {
		if err := all.Accumulate(s.Current()); err != nil {
			t.Fatalf("the SDK cannot add %s: %v", s.Current().RawJSON(), err)
		}
		stopped = s.Current().Type == "message_stop"
	}
	if err := s.Err(); err != nil || !stopped {
		t.Fatalf("stream: %v, ended with message_stop: %v", err, stopped)
	}
	return all
}

func spoken(m anthropic.Message) string {
	var b strings.Builder
	for _, c := range m.Content {
		b.WriteString(c.Text)
	}
	return b.String()
}

func called(m anthropic.Message) []anthropic.ToolUseBlock {
	var out []anthropic.ToolUseBlock
	for _, c := range m.Content {
		if c.Type == "tool_use" {
			out = append(out, c.AsToolUse())
		}
	}
	return out
}

func TestAnthropicSDK_List(t *testing.T) {
	m := startMessages(t, false)
	found := map[string]bool{}
	pages := m.sdk.Models.ListAutoPaging(t.Context(), anthropic.ModelListParams{Limit: param.NewOpt(int64(3))})
	for pages.Next() {
		one := pages.Current()
		if one.Type != "model" || one.DisplayName == "" || one.CreatedAt.IsZero() || found[one.ID] {
			t.Errorf("the model is %s", one.RawJSON())
		}
		found[one.ID] = true
	}
	if err := pages.Err(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"demo/chat", "carried/claude-opus-4-7", "gemini/gemini-3-flash-preview"} {
		if !found[want] {
			t.Errorf("no %s among %d models", want, len(found))
		}
	}
	if one, err := m.sdk.Models.Get(t.Context(), "demo/chat", anthropic.ModelGetParams{}); err != nil || one.ID != "demo/chat" {
		t.Errorf("one model: %v, %+v", err, one)
	}
	var e *anthropic.Error
	if _, err := m.sdk.Models.Get(t.Context(), "demo/none", anthropic.ModelGetParams{}); !errors.As(err, &e) || e.StatusCode != http.StatusNotFound || e.Type() != "not_found_error" {
		t.Errorf("a model that is not: %v", err)
	}
}

func TestAnthropicSDK_ChatAndStream(t *testing.T) {
	eachMessages(t, func(t *testing.T, m *messages, to messagesTarget) {
		whole, err := m.sdk.Messages.New(t.Context(), askMessages(to.chat, "hello"))
		if err != nil {
			t.Fatal(err)
		}
		row := m.last(t)
		if row.Lane != to.lane || row.Asked != to.chat || row.Status != 200 || row.Finish != "stop" || row.TokensOut == nil {
			t.Errorf("the log row is %+v", row)
		}
		streamed := m.stream(t, askMessages(to.chat, "hello"))
		for name, got := range map[string]anthropic.Message{"whole": *whole, "streamed": streamed} {
			if !strings.Contains(spoken(got), to.text) || got.StopReason != "end_turn" || got.Model != to.chat || !strings.HasPrefix(got.ID, "msg_") {
				t.Errorf("%s: B46 model %q, stop %q, %q", name, got.Model, got.StopReason, spoken(got))
			}
			if got.Usage.InputTokens == 0 || got.Usage.OutputTokens == 0 {
				t.Errorf("%s: the usage is %+v", name, got.Usage)
			}
		}
		if row := m.last(t); !row.Stream || row.FirstTokenMs == nil || row.TokensOut == nil || *row.TokensOut == 0 || row.Lane != to.lane {
			t.Errorf("the log row is %+v", row)
		}
	})
}

func TestB34_AnthropicSDK_ToolsAndTheirResults(t *testing.T) {
	eachMessages(t, func(t *testing.T, m *messages, to messagesTarget) {
		q := askMessages(to.tools, "What is the weather in Berlin?")
		q.Tools = weatherTool()
		whole, err := m.sdk.Messages.New(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]anthropic.Message{"whole": *whole, "streamed": m.stream(t, q)} {
			if calls := called(got); got.StopReason != "tool_use" || len(calls) != 1 || calls[0].Name != "get_weather" || calls[0].ID == "" || !json.Valid(calls[0].Input) {
				t.Errorf("%s: stop %q, calls %+v", name, got.StopReason, calls)
			}
		}
		q = askMessages(to.tools, to.asks)
		q.Tools = weatherTool()
		got := m.stream(t, q)
		calls := called(got)
		if len(calls) != 2 || calls[0].ID == calls[1].ID || got.StopReason != "tool_use" {
			t.Fatalf("stop %q, calls %+v", got.StopReason, calls)
		}
		// The results go back in the other order: they are matched by id.
		q.Messages = append(q.Messages, got.ToParam(), anthropic.NewUserMessage(
			anthropic.NewToolResultBlock(calls[1].ID, "second result", false),
			anthropic.NewToolResultBlock(calls[0].ID, `{"celsius": 18, "sky": "clear"}`, false)))
		reply, err := m.sdk.Messages.New(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if s := spoken(*reply); reply.StopReason != "end_turn" || !strings.Contains(s, `{"celsius": 18, "sky": "clear"}`) && !strings.Contains(s, "second result") {
			t.Errorf("B34a: stop %q, %q; want a result verbatim", reply.StopReason, s)
		}
	})
}

func TestAnthropicSDK_Image(t *testing.T) {
	eachMessages(t, func(t *testing.T, m *messages, to messagesTarget) {
		q := askMessages(to.tools, "")
		_, data, _ := strings.Cut(pixel, ",")
		q.Messages = []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("What is this?"), anthropic.NewImageBlockBase64("image/png", data))}
		got, err := m.sdk.Messages.New(t.Context(), q)
		if err != nil || !strings.Contains(spoken(*got), to.image) {
			t.Errorf("%v, %+v; want %q", err, got, to.image)
		}
	})
}

func TestB05_AnthropicSDK_ErrorsKeepTheirClass(t *testing.T) {
	kinds := map[int]string{
		400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error", 413: "request_too_large",
		429: "rate_limit_error", 500: "api_error", 503: "overloaded_error", 529: "overloaded_error",
	}
	eachMessages(t, func(t *testing.T, m *messages, to messagesTarget) {
		for status := range to.errors {
			for _, streamed := range []bool{false, true} {
				prefix, name := to.failing(status, streamed)
				model := prefix + "/" + name
				var err error
				if streamed {
					s := m.sdk.Messages.NewStreaming(t.Context(), askMessages(model, "hello"))
					for s.Next() {
						t.Errorf("%d: an event before the error", status)
					}
					err = s.Err()
				} else {
					_, err = m.sdk.Messages.New(t.Context(), askMessages(model, "hello"))
				}
				var e *anthropic.Error
				if !errors.As(err, &e) || e.StatusCode != status || string(e.Type()) != kinds[status] || e.RequestID == "" {
					t.Errorf("%d (stream %v): got %v", status, streamed, err)
					continue
				}
				if status == 429 && e.Response.Header.Get("Retry-After") == "" {
					t.Errorf("%s: no Retry-After", model)
				}
				if strings.Contains(e.RawJSON(), upstreamKey) {
					t.Errorf("%d: the account's key is in the error", status)
				}
			}
		}
	})
}

func TestB28_AnthropicSDK_CancelReachesTheUpstream(t *testing.T) {
	eachMessages(t, func(t *testing.T, m *messages, to messagesTarget) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := m.sdk.Messages.NewStreaming(ctx, askMessages(to.hang, "hello"))
		if !s.Next() {
			t.Fatalf("no first event: %v", s.Err())
		}
		at := time.Now()
		cancel()
		if to.name == "carried" || to.name == "own" {
			m.left(t, m.anthropic.Last(), at)
		}
		for s.Next() {
			// What had arrived before may still be read.
		}
		_ = s.Close()
		if row := m.last(t); row.Status != 499 || row.ErrorKind != "canceled" {
			t.Errorf("the log row is %+v", row)
		}
	})
}

func TestB23a_AnthropicSDK_ACutStreamIsAnError(t *testing.T) {
	m := startMessages(t, false)
	for _, model := range []string{"demo/cut", "carried/cut", "own/cut", "gemini/cut"} {
		s := m.sdk.Messages.NewStreaming(t.Context(), askMessages(model, "hello"))
		finished := false
		for s.Next() {
			finished = finished || s.Current().Type == "message_stop"
		}
		if s.Err() == nil || finished {
			t.Errorf("%s: finished %v, error %v; want an error", model, finished, s.Err())
		}
		_ = s.Close()
	}
}

func TestAnthropicSDK_CountTokens(t *testing.T) {
	eachMessages(t, func(t *testing.T, m *messages, to messagesTarget) {
		got, err := m.sdk.Messages.CountTokens(t.Context(), anthropic.MessageCountTokensParams{
			Model: to.chat, Messages: askMessages(to.chat, "How many tokens are these words?").Messages, Tools: []anthropic.MessageCountTokensToolUnionParam{{OfTool: weatherTool()[0].OfTool}},
		})
		if err != nil || got.InputTokens < 5 || got.InputTokens > 2000 {
			t.Errorf("%v, %+v", err, got)
		}
		if to.name == "carried" && got != nil && got.InputTokens != 120 {
			t.Errorf("the service counts 120, we say %d", got.InputTokens)
		}
	})
}

func TestAnthropicSDK_ThoughtsComeBackWithTheirSignature(t *testing.T) {
	m := startMessages(t, false)
	for _, model := range []string{"carried/claude-haiku-4-5", "own/claude-haiku-4-5", "gemini/gemini-3-flash-preview"} {
		q := askMessages(model, "think")
		q.Thinking = anthropic.ThinkingConfigParamOfEnabled(2000)
		got := m.stream(t, q)
		thought := slices.ContainsFunc(got.Content, func(c anthropic.ContentBlockUnion) bool { return c.Thinking != "" })
		if !thought || spoken(got) == "" {
			t.Errorf("%s: %s", model, got.RawJSON())
		}
		q.Messages = append(q.Messages, got.ToParam(), anthropic.NewUserMessage(anthropic.NewTextBlock("and?")))
		if _, err := m.sdk.Messages.New(t.Context(), q); err != nil {
			t.Errorf("%s: the second turn: %v", model, err)
		}
		// The conversation moves on to the service that refuses foreign thoughts.
		q.Model = "carried/claude-haiku-4-5"
		if _, err := m.sdk.Messages.New(t.Context(), q); err != nil {
			t.Errorf("%s: moved on: %v", model, err)
		}
	}
}
