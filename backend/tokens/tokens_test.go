package tokens_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/tokens"
)

func said(parts ...llm.Part) *llm.Request {
	return &llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: parts}}}
}

func picture(t *testing.T, width, height int) llm.Image {
	t.Helper()
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return llm.Image{MIME: "image/png", Data: base64.StdEncoding.EncodeToString(b.Bytes())}
}

func TestRequest_CountsTextAsItsTokenizer(t *testing.T) {
	t.Parallel()
	var e tokens.Estimator
	hello := said(llm.Text{Text: "hello world"}) // two tokens
	for model, want := range map[string]struct {
		tokens int
		name   string
	}{
		"gpt-4o-mini":      {2 + 4 + 3, "o200k_base"},
		"openai/gpt-5":     {2 + 4 + 3, "o200k_base"},
		"gpt-4-turbo":      {2 + 4 + 3, "o200k_base fitted to cl100k_base"},
		"claude-sonnet-4":  {2 + 4 + 3, "o200k_base fitted to claude (assumed)"},
		"gemini-2.5-flash": {2 + 1, "o200k_base fitted to gemma3"},
		"qwen3-max":        {2 + 5 + 3, "o200k_base fitted to qwen3"},
		"something-new":    {2 + 4 + 3, "o200k_base fitted to qwen3 (assumed)"},
	} {
		if got, name := e.Request(hello, model); got != want.tokens || name != want.name {
			t.Errorf("%s: got %d by %s, want %d by %s", model, got, name, want.tokens, want.name)
		}
	}
}

func TestRequest_CountsATextOnceInEitherForm(t *testing.T) {
	t.Parallel()
	var e tokens.Estimator
	plain, _ := e.Request(said(llm.Text{Text: "a \"quoted\"\nword"}), "gpt-4o")
	raw, _ := e.Request(said(llm.Text{Raw: llm.RawJSON(`"a \"quoted\"\nword"`)}), "gpt-4o")
	both, _ := e.Request(said(llm.Text{Text: "a \"quoted\"\nword", Raw: llm.RawJSON(`"a \"quoted\"\nword"`)}), "gpt-4o")
	if plain != raw || plain != both {
		t.Errorf("got %d as text, %d as JSON, %d as both", plain, raw, both)
	}
}

func TestRequest_CountsEveryKindOfPart(t *testing.T) {
	t.Parallel()
	var e tokens.Estimator
	least, _ := e.Request(said(), "gpt-4o")
	for name, p := range map[string]llm.Part{
		"text": llm.Text{Text: "x"}, "image": llm.Image{URL: "https://a.example/x.png"}, "audio": llm.Audio{Data: "AAAA"},
		"file": llm.File{Data: "AAAA", MIME: "application/pdf"}, "text file": llm.File{Data: "aGVsbG8=", MIME: "text/plain"},
		"refusal": llm.Refusal{Text: "no"}, "thought": llm.Thought{Text: "hm"}, "call": llm.ToolCall{Name: "f", Arguments: "{}"},
		"result": llm.ToolResult{Parts: []llm.Part{llm.Text{Text: "y"}}}, "opaque": llm.Opaque{Value: llm.RawJSON(`{"a":1}`)},
	} {
		if got, _ := e.Request(said(p), "gpt-4o"); got <= least {
			t.Errorf("%s counts for nothing: %d of %d", name, got, least)
		}
	}
	tool := said()
	tool.Tools = []llm.Tool{{Name: "look", Description: "looks", Parameters: llm.RawJSON(`{"type":"object"}`)}}
	if got, _ := e.Request(tool, "claude-opus-4"); got < 346 {
		t.Errorf("a tool of Claude's counts %d", got)
	}
	if got, _ := e.Request(&llm.Request{Completion: &llm.Completion{Prompt: "hello world", Suffix: " again"}}, "gpt-4o"); got != 3 {
		t.Errorf("a completion counts %d, want 3", got)
	}
}

func TestRequest_CountsPicturesByTheMakersRules(t *testing.T) {
	t.Parallel()
	var e tokens.Estimator
	for _, c := range []struct {
		model         string
		width, height int
		detail        string
		want          int
	}{
		{"gpt-4o", 1024, 1024, "", 765},    // OpenAI's own example
		{"gpt-4o", 2048, 4096, "", 1105},   // and the other one
		{"gpt-4o", 4096, 8192, "low", 85},  // the third
		{"claude-x", 1000, 1000, "", 1334}, // Anthropic's own example
		{"gemini-2.5-pro", 384, 384, "", 258},
		{"gemini-2.5-pro", 1536, 768, "", 516},
		{"qwen-vl-max", 280, 280, "", 102},
	} {
		i := picture(t, c.width, c.height)
		i.Detail = c.detail
		with, _ := e.Request(said(i), c.model)
		without, _ := e.Request(said(), c.model)
		if got := with - without; got != c.want {
			t.Errorf("%s, %dx%d %s: got %d, want %d", c.model, c.width, c.height, c.detail, got, c.want)
		}
	}
	broken, _ := e.Request(said(llm.Image{Data: "!!"}), "gpt-4o")
	unseen, _ := e.Request(said(llm.Image{URL: "https://a.example/x.png"}), "gpt-4o")
	if broken != unseen {
		t.Errorf("a picture that cannot be read counts %d, one by its address %d", broken, unseen)
	}
}

// A long prompt is judged by samples; they must not be far off, and not slow.
func TestRequest_IsQuickAndNearForLongPrompts(t *testing.T) {
	t.Parallel()
	var e tokens.Estimator
	part := "func (s *server) serve(w http.ResponseWriter, r *http.Request) {\n\treturn 42 // 中文注释 and words\n}\n"
	one, _ := e.Request(said(llm.Text{Text: strings.Repeat(part, 100)}), "gpt-4o")
	begun := time.Now()
	many, _ := e.Request(said(llm.Text{Text: strings.Repeat(part, 40_000)}), "gpt-4o")
	took := time.Since(begun)
	if ratio := float64(many) / float64(one) / 400; ratio < 0.97 || ratio > 1.03 {
		t.Errorf("4 MB count %d, 10 KB %d: off by %.3f", many, one, ratio)
	}
	for _, hard := range []string{"\n ", " ", "a", "中", "\x80", "\r\n\t"} {
		n, _ := e.Request(said(llm.Text{Text: strings.Repeat(hard, 1<<20)}), "gpt-4o")
		if n <= 0 {
			t.Errorf("%q counts %d", hard, n)
		}
	}
	if took > 5*time.Second {
		t.Errorf("4 MB took %v", took)
	}
}

func TestRequest_GoesOnWithWhatItHasWhenTimeIsUp(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	e := tokens.Estimator{Now: func() time.Time { now = now.Add(100 * time.Millisecond); return now }}
	n, _ := e.Request(said(llm.Text{Text: strings.Repeat("hello world ", 10_000)}), "gpt-4o")
	if n < 19_000 || n > 31_000 {
		t.Errorf("got %d of about 20,000 tokens", n)
	}
}
