package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// ollamaLine is a line of an answer of Ollama's protocol, of each of its paths.
type ollamaLine struct {
	Model    string
	At       time.Time `json:"created_at"`
	Response string
	Message  struct {
		Role, Content, Thinking string
		Calls                   []struct {
			ID       string
			Function struct {
				Name      string
				Arguments map[string]any
			}
		} `json:"tool_calls"`
	}
	Done   bool
	Reason string `json:"done_reason"`
	Total  int64  `json:"total_duration"`
	In     int    `json:"prompt_eval_count"`
	Out    int    `json:"eval_count"`
	Error  string
}

// ollama asks and reads the lines of the answer; text is all that was said.
func (p *program) ollama(t *testing.T, path string, body map[string]any) (status int, text string, lines []ollamaLine) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	resp := p.send(t.Context(), t, http.MethodPost, path, string(raw))
	want := "application/x-ndjson"
	if body["stream"] == false || resp.StatusCode != http.StatusOK {
		want = "application/json"
	}
	if got := resp.Header.Get("Content-Type"); !strings.HasPrefix(got, want) {
		t.Errorf("%s %v: the answer is %s, want %s", path, body["model"], got, want)
	}
	var said strings.Builder
	in := bufio.NewScanner(resp.Body)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var l ollamaLine
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			t.Fatalf("%v in the line %q", err, in.Bytes())
		}
		lines = append(lines, l)
		said.WriteString(l.Response + l.Message.Content)
	}
	if len(lines) == 0 {
		t.Fatalf("%s %v: no line", path, body["model"])
	}
	return resp.StatusCode, said.String(), lines
}

// ollamaTargets are the demo, another protocol's service, and Google.
func ollamaTargets() []target {
	list := googleTargets()
	for i := range list {
		list[i].lane = "translated"
	}
	return list
}

func eachOllama(t *testing.T, scenario func(t *testing.T, p *program, to target)) {
	t.Helper()
	p := newCloud(t).start(t)
	for _, to := range ollamaTargets() {
		t.Run(to.name, func(t *testing.T) { scenario(t, p, to) })
	}
}

func user(content string, more ...any) map[string]any {
	m := map[string]any{"role": "user", "content": content}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i].(string)] = more[i+1]
	}
	return m
}

func TestOllama_ChatStreamAndGenerate(t *testing.T) {
	eachOllama(t, func(t *testing.T, p *program, to target) {
		for name, ask := range map[string]struct {
			path string
			body map[string]any
		}{
			"stream":            {"/api/chat", map[string]any{"model": to.chat + ":latest", "messages": []any{user("hello")}}},
			"whole":             {"/api/chat", map[string]any{"model": to.chat + ":latest", "messages": []any{user("hello")}, "stream": false}},
			"generate":          {"/api/generate", map[string]any{"model": to.chat + ":latest", "prompt": "hello"}},
			"generate, a whole": {"/api/generate", map[string]any{"model": to.chat + ":latest", "prompt": "hello", "stream": false}},
		} {
			status, text, lines := p.ollama(t, ask.path, ask.body)
			last := lines[len(lines)-1]
			if status != 200 || !strings.Contains(text, to.text) || !last.Done || last.Reason != "stop" || last.Total <= 0 || last.Out == 0 || last.Model != to.chat+":latest" || last.At.IsZero() {
				t.Errorf("%s: %d, %q, the last line %+v", name, status, text, last)
			}
			if ask.body["stream"] == nil && len(lines) < 2 {
				t.Errorf("%s: %d lines", name, len(lines))
			}
		}
		if row := p.last(t); row.Lane != to.lane || row.Dialect != "ollama" || row.Asked != to.chat || row.TokensOut == nil {
			t.Errorf("the log row is %+v", row)
		}
	})
}

func TestB34_Ollama_ToolLoop(t *testing.T) {
	tools := []any{map[string]any{"type": "function", "function": map[string]any{
		"name": "get_weather", "description": "The weather in a city",
		"parameters": map[string]any{"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}, "required": []string{"city"}},
	}}}
	eachOllama(t, func(t *testing.T, p *program, to target) {
		_, _, lines := p.ollama(t, "/api/chat", map[string]any{"model": to.tools, "messages": []any{user(to.parallelAsk)}, "tools": tools})
		var calls []any
		for _, l := range lines {
			for _, c := range l.Message.Calls {
				if c.ID == "" || c.Function.Name != "get_weather" || c.Function.Arguments == nil {
					t.Errorf("the call %+v", c)
				}
				// Ollama's own clients send neither ids nor indexes back.
				calls = append(calls, map[string]any{"function": map[string]any{"name": c.Function.Name, "arguments": c.Function.Arguments}})
			}
		}
		if len(calls) != 2 || lines[len(lines)-1].Reason != "stop" {
			t.Fatalf("%d calls in %+v", len(calls), lines)
		}
		result := func(s string) map[string]any {
			return map[string]any{"role": "tool", "tool_name": "get_weather", "content": s}
		}
		status, text, _ := p.ollama(t, "/api/chat", map[string]any{"model": to.tools, "stream": false, "tools": tools, "messages": []any{
			user(to.parallelAsk), map[string]any{"role": "assistant", "content": "", "tool_calls": calls}, result("first result"), result("second result"),
		}})
		if status != 200 || !strings.Contains(text, "result") {
			t.Errorf("%d: %q", status, text)
		}
	})
}

func TestOllama_SchemaImageAndInfill(t *testing.T) {
	eachOllama(t, func(t *testing.T, p *program, to target) {
		schema := map[string]any{"type": "object", "required": []string{"city", "celsius"}, "properties": map[string]any{
			"city": map[string]any{"type": "string"}, "celsius": map[string]any{"type": "integer"},
		}}
		_, text, _ := p.ollama(t, "/api/chat", map[string]any{"model": to.tools, "messages": []any{user("Where and how warm?")}, "format": schema, "stream": false})
		var place struct {
			City    string
			Celsius *int
		}
		if err := json.Unmarshal([]byte(text), &place); err != nil || place.City == "" || place.Celsius == nil {
			t.Errorf("schema: %v: %q", err, text)
		}
		_, text, _ = p.ollama(t, "/api/chat", map[string]any{
			"model": to.tools, "messages": []any{user("What is this?", "images", []string{strings.TrimPrefix(pixel, "data:image/png;base64,")})}, "options": map[string]any{"temperature": 0},
		})
		if !strings.Contains(text, to.image) {
			t.Errorf("image: %q, want %q", text, to.image)
		}
		status, text, lines := p.ollama(t, "/api/generate", map[string]any{"model": to.chat, "prompt": "func add(a, b int) int {\n\treturn ", "suffix": "\n}", "options": map[string]any{"num_predict": 64}})
		if status != 200 || !lines[len(lines)-1].Done || strings.Contains(text, "```") {
			t.Errorf("infill: %d, %q, %+v", status, text, lines[len(lines)-1])
		}
	})
}

func TestB42_Ollama_WhatEditorsAskFirst(t *testing.T) {
	p := newCloud(t).start(t)
	if status, body := p.do(t, http.MethodGet, "/api/version", ""); status != 200 || !bytes.Contains(body, []byte(`"version":"0.`)) {
		t.Errorf("version: %d %s", status, body)
	}
	status, body := p.do(t, http.MethodGet, "/api/tags", "")
	var tags struct {
		Models []struct {
			Name, Model string
			Caps        []string `json:"capabilities"`
		}
	}
	if err := json.Unmarshal(body, &tags); err != nil || status != 200 {
		t.Fatalf("tags: %d, %v: %.300s", status, err, body)
	}
	found := false
	for _, m := range tags.Models {
		found = found || m.Model == "demo/chat" && m.Name == m.Model && len(m.Caps) > 0
	}
	if !found {
		t.Errorf("tags: no demo/chat among %d", len(tags.Models))
	}
	for _, ask := range []string{`{"model":"demo/chat"}`, `{"name":"demo/chat:latest"}`} {
		status, body = p.do(t, http.MethodPost, "/api/show", ask)
		var shown struct {
			Template string
			Caps     []string       `json:"capabilities"`
			Info     map[string]any `json:"model_info"`
		}
		if err := json.Unmarshal(body, &shown); err != nil || status != 200 || !strings.Contains(shown.Template, ".Suffix") || len(shown.Caps) == 0 || shown.Info["general.architecture"] == nil {
			t.Errorf("show %s: %d, %v: %s", ask, status, err, body)
		}
	}
	if status, body = p.do(t, http.MethodGet, "/api/ps", ""); status != 200 || !bytes.Contains(body, []byte(`"models":[`)) {
		t.Errorf("ps: %d %s", status, body)
	}
	// To have a model loaded asks no service for anything.
	before := len(p.chats())
	if status, body = p.do(t, http.MethodPost, "/api/generate", `{"model":"plain/usage"}`); status != 200 || !bytes.Contains(body, []byte(`"done_reason":"load"`)) || len(p.chats()) != before {
		t.Errorf("load: %d %s", status, body)
	}
}

func TestB41_Ollama_Errors(t *testing.T) {
	p := newCloud(t).start(t)
	for _, ask := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/api/chat", `{"model":"nobody/knows","messages":[{"role":"user","content":"x"}]}`, 404},
		{"POST", "/api/chat", `{"model":"demo/fast","messages":"hello"}`, 400},
		{"POST", "/api/chat", `{"model":"demo/fast"`, 400},
		{"POST", "/api/chat", `{"model":"demo/error-429","messages":[{"role":"user","content":"x"}]}`, 429},
		{"POST", "/api/chat", `{"model":"demo/error-503","stream":false,"messages":[{"role":"user","content":"x"}]}`, 503},
		{"POST", "/api/show", `{"model":"nobody/knows"}`, 404},
		{"POST", "/api/generate", `{"model":"nobody/knows"}`, 404},
		{"POST", "/api/chat", `{"model":"nobody/knows","messages":[]}`, 404},
		{"POST", "/api/pull", `{"model":"llama3"}`, 404},
		{"DELETE", "/api/delete", `{"model":"llama3"}`, 404},
		{"GET", "/api/chat", ``, 405},
	} {
		status, body := p.do(t, ask.method, ask.path, ask.body)
		var e struct{ Error string }
		if err := json.Unmarshal(body, &e); err != nil || status != ask.status || e.Error == "" {
			t.Errorf("%s %s: %d, %v: %s; want %d", ask.path, ask.body, status, err, body, ask.status)
		}
	}
	if status, body := p.do(t, http.MethodPost, "/api/chat", `{"model":"demo/fast","messages":[]}`, "Authorization", "Bearer sk-wrong"); status != 401 || !bytes.HasPrefix(body, []byte(`{"error":"`)) {
		t.Errorf("B47b: a wrong key: %d %s", status, body)
	}
	// What breaks in the middle is the last line.
	_, _, lines := p.ollama(t, "/api/chat", map[string]any{"model": "plain/cut", "messages": []any{user("hello")}})
	if last := lines[len(lines)-1]; last.Error == "" || last.Done {
		t.Errorf("B23a: the last line of a cut answer is %+v", last)
	}
}

func TestB28_Ollama_CancelReachesTheUpstream(t *testing.T) {
	p := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	resp := p.send(ctx, t, http.MethodPost, "/api/chat", `{"model":"plain/hang","messages":[{"role":"user","content":"hello"}]}`)
	if _, err := bufio.NewReader(resp.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	all := p.chats()
	at := time.Now()
	cancel()
	p.left(t, all[len(all)-1], at)
	_, _ = io.Copy(io.Discard, resp.Body)
	if row := p.last(t); row.Status != 499 || row.ErrorKind != "canceled" {
		t.Errorf("the log row is %+v", row)
	}
}

func TestOllama_Embed(t *testing.T) {
	p := newCloud(t).start(t)
	status, body := p.do(t, http.MethodPost, "/api/embed", `{"model":"gemini/gemini-embedding-001","input":["one","two"]}`)
	var got struct{ Embeddings [][]float32 }
	if err := json.Unmarshal(body, &got); err != nil || status != 200 || len(got.Embeddings) != 2 || len(got.Embeddings[0]) == 0 {
		t.Errorf("%d, %v: %.300s", status, err, body)
	}
	status, body = p.do(t, http.MethodPost, "/api/embeddings", `{"model":"gemini/gemini-embedding-001","prompt":"one"}`)
	var old struct{ Embedding []float32 }
	if err := json.Unmarshal(body, &old); err != nil || status != 200 || len(old.Embedding) == 0 {
		t.Errorf("%d, %v: %.300s", status, err, body)
	}
}
