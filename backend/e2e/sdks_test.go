package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// findings is what a script in sdk prints: what its SDK saw of the program.
type findings struct {
	List                        struct{ IDs []string }
	Chat, Stream                saw
	Tools, ParallelTools, Image saw
	ToolLoop                    saw
	JSONSchema                  struct {
		failed
		Parsed struct {
			City    string
			Celsius *int
		}
	}
	// Count, Embed, Generate, Version and Show are nil where the protocol has
	// none.
	Count *struct {
		failed
		Tokens int
	}
	Embed *struct {
		failed
		Vectors, Length int
	}
	Generate *saw
	Version  *struct {
		failed
		Version string
	}
	Show *struct {
		failed
		Capabilities []string
	}
	Infill, Heartbeat, Running *saw
	Cancel                     struct {
		failed
		Chunks int
	}
	Errors map[string]refusal
}

type saw struct {
	failed
	Model, Text, Finish         string
	Chunks, TokensIn, TokensOut int
	Asked                       int
	Calls                       []struct{ ID, Name, Arguments string }
}

// kit is one SDK: how it is started, and its protocol's words.
type kit struct {
	// script is a file in sdk; ollama-go is a program of its own instead.
	script string
	// stop and calls are why an answer ends.
	stop, calls string
	// lists says that the protocol has a model list, names that answers name
	// their model, and waits that the SDK shows Retry-After.
	lists, names, waits bool
}

func kits() []kit {
	return []kit{
		{script: "anthropic", stop: "end_turn", calls: "tool_use", lists: true, names: true, waits: true},
		{script: "genai", stop: "STOP", calls: "STOP", lists: true},
		{script: "ollama", stop: "stop", calls: "stop", lists: true, names: true},
		{script: ollamaGo, stop: "stop", calls: "stop", lists: true, names: true},
		{script: "vercel", stop: "stop", calls: "tool-calls", names: true, waits: true},
	}
}

// TestSDKs_OfEveryProtocol drives the program with the makers' own SDKs.
func TestSDKs_OfEveryProtocol(t *testing.T) {
	t.Parallel()
	for _, k := range kits() {
		t.Run(k.script, func(t *testing.T) {
			t.Parallel()
			p := newCloud(t).start(t)
			for _, to := range append(targets(), elsewhere()...) {
				t.Run(to.name, func(t *testing.T) { p.runKit(t, k, to).judge(t, k, to) })
			}
		})
	}
}

// ollamaGo is the kit of Ollama's Go client.
const ollamaGo = "ollama-go"

// command starts the SDK's scenarios.
func (k kit) command(t *testing.T) *exec.Cmd {
	t.Helper()
	if k.script == ollamaGo {
		// A module of its own: what Ollama needs is nothing the program needs.
		return exec.CommandContext(t.Context(), "go", "-C", "ollama", "run", ".")
	}
	if _, err := os.Stat(filepath.Join("sdk", "node_modules", "ai")); err != nil {
		t.Fatal("the SDKs are not installed: run npm ci in backend/e2e/sdk, or make test")
	}
	return exec.CommandContext(t.Context(), "node", "sdk/"+k.script+".mjs")
}

// elsewhere are services of other protocols.
func elsewhere() []target {
	service := func(name, model, text string) target {
		return target{
			name: name, chat: name + "/" + model, tools: name + "/" + model, hang: name + "/hang", text: text, parallelAsk: "PAR get_weather",
			errors: "demo/error-", image: "I see 1 image",
		}
	}
	return []target{service("gemini", "gemini-3-flash-preview", "Hello"), service("anthropic", "claude-opus-4-7", "a + b")}
}

// runKit runs one SDK's scenarios against one target.
func (p *program) runKit(t *testing.T, k kit, to target) findings {
	t.Helper()
	models, err := json.Marshal(map[string]string{
		"chat": to.chat, "tools": to.tools, "hang": to.hang, "errors": to.errors, "parallelAsk": to.parallelAsk, "pixel": pixel, "embed": to.embed,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := k.command(t)
	cmd.Env = append(os.Environ(), "ROOT="+p.url, "API_KEY="+p.key, "TARGET="+string(models), "NO_PROXY=127.0.0.1")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", k.script, err, errs.String())
	}
	var f findings
	if err := json.Unmarshal(out, &f); err != nil {
		t.Fatalf("the report of %s: %v\n%s", k.script, err, out)
	}
	return f
}

func (f findings) judge(t *testing.T, k kit, to target) {
	t.Helper()
	if k.lists && !slices.Contains(f.List.IDs, to.chat) {
		t.Errorf("list: no %s in %v", to.chat, f.List.IDs)
	}
	for name, s := range map[string]saw{"chat": f.Chat, "stream": f.Stream} {
		if s.Failure != "" || !strings.Contains(s.Text, to.text) || s.Finish != k.stop || k.names && s.Model != to.chat {
			t.Errorf("%s: %+v", name, s)
		}
		if s.TokensIn == 0 || s.TokensOut == 0 {
			t.Errorf("%s: usage in %+v", name, s)
		}
	}
	if f.Stream.Chunks < 2 {
		t.Errorf("stream: %d chunks", f.Stream.Chunks)
	}
	if f.Image.Failure != "" || !strings.Contains(f.Image.Text, to.image) {
		t.Errorf("image: %+v, want %q", f.Image, to.image)
	}
	if p := f.JSONSchema.Parsed; f.JSONSchema.Failure != "" || p.City == "" || p.Celsius == nil {
		t.Errorf("jsonSchema: %+v", f.JSONSchema)
	}
	if f.Cancel.Failure != "" || f.Cancel.Chunks == 0 {
		t.Errorf("cancel: %+v", f.Cancel)
	}
	f.judgeTools(t, k)
	f.judgeMore(t, to)
	f.judgeErrors(t, k)
}

func (f findings) judgeTools(t *testing.T, k kit) {
	t.Helper()
	for want, s := range []saw{1: f.Tools, 2: f.ParallelTools} {
		if want == 0 {
			continue
		}
		ids := map[string]bool{}
		for _, c := range s.Calls {
			ids[c.ID] = true
			if c.Name != "get_weather" || !json.Valid([]byte(c.Arguments)) {
				t.Errorf("%d tools: call %+v", want, c)
			}
		}
		if s.Failure != "" || s.Finish != k.calls || len(s.Calls) != want || len(ids) != want {
			t.Errorf("B34, B35: %d tools: %+v", want, s)
		}
	}
	if l := f.ToolLoop; l.Failure != "" || l.Asked != 2 || !strings.Contains(l.Text, `18 degrees, "clear"`) {
		t.Errorf("B34a: toolLoop: %+v", l)
	}
}

// judgeMore judges what only some protocols have.
func (f findings) judgeMore(t *testing.T, to target) {
	t.Helper()
	if c := f.Count; c != nil && (c.Failure != "" || c.Tokens == 0) {
		t.Errorf("count: %+v", c)
	}
	if e := f.Embed; e != nil && to.embed != "" && (e.Failure != "" || e.Vectors != 2 || e.Length == 0) {
		t.Errorf("embed: %+v", e)
	}
	if g := f.Generate; g != nil && (g.Failure != "" || !strings.Contains(g.Text, to.text) || g.Finish != "stop") {
		t.Errorf("generate: %+v", g)
	}
	if g := f.Infill; g != nil && (g.Failure != "" || g.Finish != "stop" || strings.Contains(g.Text, "```")) {
		t.Errorf("infill: %+v", g)
	}
	for name, s := range map[string]*saw{"heartbeat": f.Heartbeat, "running": f.Running} {
		if s != nil && s.Failure != "" {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if v := f.Version; v != nil {
		var major, minor int
		parts := strings.Split(v.Version, ".")
		if len(parts) == 3 {
			major, _ = strconv.Atoi(parts[0])
			minor, _ = strconv.Atoi(parts[1])
		}
		if major == 0 && minor < 7 {
			t.Errorf("B42: version %q, want at least 0.6.4", v.Version)
		}
	}
	if s := f.Show; s != nil && (s.Failure != "" || !slices.Contains(s.Capabilities, "completion")) {
		t.Errorf("B42: show: %+v", s)
	}
}

func (f findings) judgeErrors(t *testing.T, k kit) {
	t.Helper()
	if len(f.Errors) < 10 {
		t.Errorf("errors: only %v", f.Errors)
	}
	for name, e := range f.Errors {
		want, err := strconv.Atoi(strings.TrimSuffix(name, " streamed"))
		if err != nil {
			want = map[string]int{"wrong key": 401, "unknown model": 404, "bad request": 400}[name]
		}
		if e.Status != want || e.Message == "" {
			t.Errorf("B05: %s: %+v", name, e)
		}
		if k.waits && want == 429 && e.RetryAfter == "" {
			t.Errorf("B05: %s has no Retry-After: %+v", name, e)
		}
	}
}
