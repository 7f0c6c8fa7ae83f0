package demo_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/provider/demo"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/providertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestProvider_PassesTheSuite(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Provider: demo.New(), Model: "fast",
		Body: `{"model":"fast","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}`,
		Slow: `{"model":"slow","messages":[{"role":"user","content":"hi"}],"stream":true}`,
	})
}

// send posts a body to the demo and returns the answer, open.
func send(ctx context.Context, t *testing.T, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://demo.invalid/v1/chat/completions", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := demo.New().Transport().RoundTrip(r)
	if err != nil {
		t.Fatalf("RoundTrip: %v", err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

type message struct {
	Role      string  `json:"role"`
	Content   *string `json:"content"`
	Reasoning string  `json:"reasoning_content"`
	ToolCalls []struct {
		Index    *int   `json:"index"`
		ID       string `json:"id"`
		Type     string `json:"type"`
		Function struct {
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		} `json:"function"`
		Custom struct{ Name, Input string } `json:"custom"`
	} `json:"tool_calls"`
}

type completion struct {
	ID, Object, Model string
	Choices           []struct {
		Index        int
		Message      message
		Delta        message
		FinishReason *string `json:"finish_reason"`
	}
	Usage *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
		TotalTokens      int `json:"total_tokens"`
		Details          struct {
			ReasoningTokens int `json:"reasoning_tokens"`
		} `json:"completion_tokens_details"`
	}
	Error struct {
		Message, Type string
		Param, Code   *string
	}
}

func ask(t *testing.T, body string) (int, completion) {
	t.Helper()
	resp := send(t.Context(), t, body)
	var c completion
	if err := json.NewDecoder(resp.Body).Decode(&c); err != nil {
		t.Fatalf("the answer is not JSON: %v", err)
	}
	return resp.StatusCode, c
}

// whole asks for an answer that must succeed and returns its only message.
func whole(t *testing.T, body string) (message, string) {
	t.Helper()
	status, c := ask(t, body)
	if status != http.StatusOK || len(c.Choices) != 1 {
		t.Fatalf("status %d, %d choices, error %q", status, len(c.Choices), c.Error.Message)
	}
	if c.Usage == nil || c.Usage.PromptTokens == 0 || c.Usage.TotalTokens != c.Usage.PromptTokens+c.Usage.CompletionTokens {
		t.Errorf("usage is %+v", c.Usage)
	}
	return c.Choices[0].Message, *c.Choices[0].FinishReason
}

// events reads a stream to its end: the chunks, and whether [DONE] stood there.
func events(t *testing.T, r io.Reader) (chunks []completion, done bool, err error) {
	t.Helper()
	s := bufio.NewScanner(r)
	for s.Scan() {
		data, ok := strings.CutPrefix(s.Text(), "data: ")
		if !ok {
			continue
		}
		if data == "[DONE]" {
			return chunks, true, nil
		}
		var c completion
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			t.Fatalf("chunk %q: %v", data, err)
		}
		chunks = append(chunks, c)
	}
	return chunks, false, s.Err()
}

func joined(chunks []completion) (said, thought, finish string) {
	var text, mind strings.Builder
	for _, c := range chunks {
		for _, ch := range c.Choices {
			if ch.Delta.Content != nil {
				text.WriteString(*ch.Delta.Content)
			}
			mind.WriteString(ch.Delta.Reasoning)
			if ch.FinishReason != nil {
				finish = *ch.FinishReason
			}
		}
	}
	return text.String(), mind.String(), finish
}

func TestChat_IsDeterministic(t *testing.T) {
	const body = `{"model":"anything","messages":[{"role":"user","content":"Guten Tag"}]}`
	_, one := ask(t, body)
	_, two := ask(t, body)
	a, b := one.Choices[0].Message.Content, two.Choices[0].Message.Content
	if one.ID != two.ID || *a != *b || !strings.Contains(*a, "Guten Tag") {
		t.Errorf("got %q (%s) and %q (%s)", *a, one.ID, *b, two.ID)
	}
}

func TestStream_SaysTheSameAsTheWholeAnswer(t *testing.T) {
	for _, question := range []string{"Hello", "你好，今天怎么样", "emoji 🎉🎉 and \\\"quotes\\\"", "\xff\xfe broken"} {
		m, _ := whole(t, `{"model":"fast","messages":[{"role":"user","content":"`+question+`"}],"reasoning_effort":"low"}`)
		resp := send(t.Context(), t, `{"model":"fast","messages":[{"role":"user","content":"`+question+`"}],"stream":true,"reasoning_effort":"low"}`)
		if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
			t.Errorf("Content-Type is %q", got)
		}
		chunks, done, err := events(t, resp.Body)
		text, thought, finish := joined(chunks)
		if !done || err != nil || finish != "stop" || text != *m.Content || thought != m.Reasoning || thought == "" {
			t.Errorf("done %v, err %v, finish %q\n got %q\nwant %q\nthought %q", done, err, finish, text, *m.Content, thought)
		}
		if len(chunks) < 10 {
			t.Errorf("the answer came in %d chunks", len(chunks))
		}
	}
}

func TestStream_UsageComesOnceAndOnlyWhenAsked(t *testing.T) {
	for asked, want := range map[string]int{`,"stream_options":{"include_usage":true}`: 1, ``: 0, `,"stream_options":{"include_usage":false}`: 0} {
		chunks, _, _ := events(t, send(t.Context(), t, `{"model":"fast","messages":[{"role":"user","content":"a"}],"stream":true`+asked+`}`).Body)
		got := 0
		for _, c := range chunks {
			if c.Usage != nil {
				got++
				if len(c.Choices) != 0 || c.Usage.CompletionTokens == 0 {
					t.Errorf("the usage chunk is %+v", c)
				}
			}
		}
		if got != want {
			t.Errorf("%q: %d usage chunks, want %d", asked, got, want)
		}
	}
}

func TestStream_KeepsItsPace(t *testing.T) {
	for model, want := range map[string]time.Duration{"chat": 15 * time.Millisecond, "slow": 200 * time.Millisecond, "fast": 0, "gpt-4o": 15 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			resp := send(t.Context(), t, `{"model":"`+model+`","messages":[{"role":"user","content":"a"}],"stream":true}`)
			chunks, done, err := events(t, resp.Body)
			words := len(chunks) - 2 // The role and the finish.
			if got := time.Since(start); !done || err != nil || got != time.Duration(words)*want {
				t.Errorf("%s: %d words in %s, want %s each (done %v, %v)", model, words, got, want, done, err)
			}
			_ = resp.Body.Close()
		})
	}
}

func TestStream_EndsAtOnceWhenTheCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		resp := send(ctx, t, `{"model":"slow","messages":[{"role":"user","content":"a"}],"stream":true}`)
		time.AfterFunc(time.Second, cancel)
		_, done, err := events(t, resp.Body)
		if done || !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("done %v, err %v after %s, want context.Canceled after 1s", done, err, time.Since(start))
		}
		_ = resp.Body.Close()
	})
}

func TestStream_WaitsForASlowReader(t *testing.T) {
	resp := send(t.Context(), t, `{"model":"fast","messages":[{"role":"user","content":"a"}],"stream":true}`)
	one := make([]byte, 1)
	if _, err := io.ReadFull(resp.Body, one); err != nil || one[0] != 'd' {
		t.Fatalf("first byte %q, %v", one, err)
	}
	// Closing waits for the writer; goleak sees a writer that is left behind.
	if err := resp.Body.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := resp.Body.Read(one); err == nil {
		t.Error("a closed body can be read")
	}
}

func TestTransport_RefusesACallerThatHasLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://demo.invalid/v1/chat/completions",
		strings.NewReader(`{"model":"slow","messages":[{"role":"user","content":"a"}],"stream":true}`))
	resp, err := demo.New().Transport().RoundTrip(r)
	if err == nil {
		// The answer may win the race; then its body tells.
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestCut_BreaksInMidAnswer(t *testing.T) {
	for _, stream := range []string{"true", "false"} {
		resp := send(t.Context(), t, `{"model":"cut","messages":[{"role":"user","content":"a"}],"stream":`+stream+`}`)
		body, err := io.ReadAll(resp.Body)
		if !errors.Is(err, io.ErrUnexpectedEOF) || len(body) == 0 || strings.Contains(string(body), "[DONE]") {
			t.Errorf("stream %s: %d bytes, %v; want some and an unexpected end", stream, len(body), err)
		}
	}
}

func TestErrors_OnDemand(t *testing.T) {
	for model, want := range map[string]int{"error-401": 401, "error-404": 404, "error-429": 429, "error-500": 500, "error-503": 503} {
		resp := send(t.Context(), t, `{"model":"`+model+`","messages":[{"role":"user","content":"a"}]}`)
		var c completion
		if err := json.NewDecoder(resp.Body).Decode(&c); err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != want || c.Error.Message == "" || c.Error.Type == "" {
			t.Errorf("%s: status %d, %+v", model, resp.StatusCode, c.Error)
		}
		if got := resp.Header.Get("Retry-After"); (got == "7") != (want == 429) {
			t.Errorf("%s: Retry-After %q", model, got)
		}
	}
}

func TestModels_DocumentEachName(t *testing.T) {
	list, err := demo.New().Models(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		talks := m.Can.Tools && m.Can.Vision && m.Can.FIM
		if m.Name == "" || talks == m.Can.Embeddings {
			t.Errorf("%+v does not say what it does", m)
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://demo.invalid/v1/models", http.NoBody)
	resp, err := demo.New().Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var wire struct{ Data []struct{ ID string } }
	if err := json.NewDecoder(resp.Body).Decode(&wire); err != nil || len(wire.Data) != len(list) {
		t.Errorf("GET /models has %d models (%v), Models %d", len(wire.Data), err, len(list))
	}
}

func TestPaths_OthersGetAnErrorObject(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"POST", "/v1/models", 405},
		{"GET", "/v1/chat/completions", 405},
		{"GET", "/v1/nothing", 404},
	} {
		r, _ := http.NewRequestWithContext(t.Context(), c.method, "http://demo.invalid"+c.path, http.NoBody)
		resp, err := demo.New().Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		var got completion
		err = json.NewDecoder(resp.Body).Decode(&got)
		_ = resp.Body.Close()
		if resp.StatusCode != c.want || err != nil || got.Error.Message == "" {
			t.Errorf("%s %s: status %d, %v, %+v; want %d", c.method, c.path, resp.StatusCode, err, got.Error, c.want)
		}
	}
}
