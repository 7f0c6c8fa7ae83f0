package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// report is what sdk/run.mjs prints.
type report struct {
	List                                                struct{ IDs []string }
	Chat, Stream, StreamWithUsage, Tools, ParallelTools said
	Image                                               said
	ToolLoop                                            struct {
		failed
		Text  string
		Asked int
	}
	JSONSchema struct {
		failed
		Parsed struct {
			City    string
			Celsius *int
		}
	}
	Errors map[string]refusal
	Cancel struct {
		failed
		Chunks int
		ID     string
	}
}

type failed struct{ Failure string }

type said struct {
	failed
	Model, Text, Finish         string
	Chunks, UsageChunks, Tokens int
	Calls                       []struct {
		ID       string
		Function struct{ Name, Arguments string }
	}
}

type refusal struct {
	Type, Message, Code, RetryAfter string
	Status                          int
}

// runSDK runs the JavaScript SDK's scenarios against one target.
func (p *program) runSDK(t *testing.T, to target) report {
	t.Helper()
	if _, err := os.Stat(filepath.Join("sdk", "node_modules", "openai")); err != nil {
		t.Fatal("the SDK is not installed: run npm ci in backend/e2e/sdk, or make test")
	}
	models, err := json.Marshal(map[string]string{
		"chat": to.chat, "tools": to.tools, "hang": to.hang, "errors": to.errors, "parallelAsk": to.parallelAsk, "pixel": pixel,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "sdk/run.mjs")
	cmd.Env = append(os.Environ(), "BASE_URL="+p.url+"/v1", "API_KEY="+p.key, "TARGET="+string(models), "NO_PROXY=127.0.0.1")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("sdk/run.mjs: %v\n%s", err, errs.String())
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("the report of sdk/run.mjs: %v\n%s", err, out)
	}
	return r
}

func TestJavaScriptSDK(t *testing.T) {
	p := start(t, separateErrors)
	for _, to := range targets() {
		t.Run(to.name, func(t *testing.T) {
			r := p.runSDK(t, to.separate())
			for _, want := range []string{"demo/chat", "plain/usage", "translated/usage"} {
				if !slices.Contains(r.List.IDs, want) {
					t.Errorf("list: no %s in %v", want, r.List.IDs)
				}
			}
			r.answers(t, to)
			r.tools(t)
			r.errors(t)
			if r.Cancel.Failure != "" || r.Cancel.Chunks == 0 {
				t.Errorf("cancel: %+v", r.Cancel)
			}
			if row := p.row(t, r.Cancel.ID); row.Status != 499 || row.ErrorKind != "canceled" {
				t.Errorf("cancel: the log row is %+v", row)
			}
		})
	}
}

func (r *report) answers(t *testing.T, to target) {
	t.Helper()
	for name, s := range map[string]said{"chat": r.Chat, "stream": r.Stream, "streamWithUsage": r.StreamWithUsage} {
		if s.Failure != "" || !strings.Contains(s.Text, to.text) || s.Finish != "stop" || s.Model != to.chat {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if r.Chat.Tokens == 0 || r.Stream.UsageChunks != 0 || r.StreamWithUsage.UsageChunks != 1 || r.StreamWithUsage.Tokens == 0 {
		t.Errorf("B25: usage in %+v, %+v, %+v", r.Chat, r.Stream, r.StreamWithUsage)
	}
	if !strings.Contains(r.Image.Text, to.image) {
		t.Errorf("image: %+v, want %q", r.Image, to.image)
	}
	if p := r.JSONSchema.Parsed; r.JSONSchema.Failure != "" || p.City == "" || p.Celsius == nil {
		t.Errorf("jsonSchema: %+v", r.JSONSchema)
	}
}

func (r *report) tools(t *testing.T) {
	t.Helper()
	for name, want := range map[string]int{"tools": 1, "parallelTools": 2} {
		s := map[string]said{"tools": r.Tools, "parallelTools": r.ParallelTools}[name]
		if s.Failure != "" || s.Finish != "tool_calls" || len(s.Calls) != want {
			t.Errorf("%s: %+v", name, s)
		}
		ids := map[string]bool{}
		for _, c := range s.Calls {
			ids[c.ID] = true
			if c.Function.Name != "get_weather" || !json.Valid([]byte(c.Function.Arguments)) {
				t.Errorf("%s: call %+v", name, c)
			}
		}
		if len(ids) != want {
			t.Errorf("B34: %s: ids %v", name, ids)
		}
	}
	if r.ToolLoop.Failure != "" || r.ToolLoop.Asked != 2 || !strings.Contains(r.ToolLoop.Text, `18 degrees, "clear"`) {
		t.Errorf("toolLoop: %+v", r.ToolLoop)
	}
}

func (r *report) errors(t *testing.T) {
	t.Helper()
	got := map[string]string{}
	for name, e := range r.Errors {
		got[name] = e.Type
		if e.Message == "" {
			t.Errorf("errors: %s has no message", name)
		}
		if strings.HasPrefix(name, "429") && e.RetryAfter != "7" {
			t.Errorf("errors: %s has Retry-After %q", name, e.RetryAfter)
		}
	}
	want := map[string]string{
		"401": "AuthenticationError", "401 streamed": "AuthenticationError", "404": "NotFoundError", "404 streamed": "NotFoundError",
		"429": "RateLimitError", "429 streamed": "RateLimitError", "500": "InternalServerError", "500 streamed": "InternalServerError",
		"wrong key": "AuthenticationError", "unknown model": "NotFoundError", "bad request": "BadRequestError",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("B05: the SDK's classes differ (-want +got):\n%s", diff)
	}
}
