package requestlog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

func TestClients_NamesWhoAsks(t *testing.T) {
	var c requestlog.Clients
	for _, x := range []struct{ agent, title, want string }{
		// As they were seen on the wire.
		{"Kilo-Code/7.7.9 ai-sdk/provider-utils/4.0.27 runtime/bun/1.3.14", "Kilo Code", "kilo"},
		{"ai-sdk/openai-compatible/3.0.37 ai-sdk/provider-utils/5.0.30 runtime/bun/1.3.13", "Cline", "Cline"},
		{"ai-sdk/openai-compatible/3.0.37 ai-sdk/provider-utils/5.0.30 runtime/bun/1.3.13", "", "ai-sdk"},
		{"ai/7.0.173 ai-sdk-provider-utils/5.0.81 node.js/24", "", "ai-sdk"},
		{"ls/JS 5.23.2", "", "openai-js"},
		{"OpenAI/JS 7.57.0", "", "openai-js"},
		{"Anthropic/JS 1.12.0", "", "anthropic-js"},
		{"google-genai-sdk/3.1.0 gl-node/v24.21.0", "", "google-genai"},
		{"langchainjs-openai/1.0.0 ((node/v24.21.0; linux; x64))", "", "langchain"},
		{"ollama-js/0.6.4 (x64 linux Node.js/v24.21.0)", "", "ollama-js"},
		{"GeminiCLI-tui/0.61.0/gemini-3-pro (linux; x64; terminal)", "", "gemini-cli"},
		{"QwenCode/0.24.4 (linux; x64)", "", "qwen-code"},
		{"claude-cli/2.1.330 (external, cli)", "", "claude-code"},
		{"codex_exec/0.169.0 (Debian 12; x86_64) unknown", "", "codex"},
		{"opencode/1.18.33 ai-sdk/provider-utils/5.0.30 runtime/bun/1.3.13", "", "opencode"},
		{"OpenAI/Go 3.96.0", "", "openai-go"},
		{"OpenAI/Python 1.99.1", "", "openai-python"},
		{"Go-http-client/1.1", "", "go"},
		{"curl/8.5.0", "", "curl"},
		{"Mozilla/5.0 (X11; Linux x86_64) Chrome/134.0", "", "browser"},
		// Others.
		{"", "", ""},
		{"my-script/2 (linux)", "", "my-script"},
		{"", "My Tool", "My Tool"},
		{"\x1b[31mred\n/1", "", "[31mred"},
		{strings.Repeat("é", 100), "", strings.Repeat("é", 20)},
	} {
		for range 2 { // the second answer is remembered
			if got := c.Name(x.agent, x.title); got != x.want {
				t.Errorf("Name(%q, %q) = %q, want %q", x.agent, x.title, got, x.want)
			}
		}
	}
}

func TestClients_AnsweringAgainTakesNoMemory(t *testing.T) {
	var c requestlog.Clients
	c.Name("OpenAI/Go 3.96.0", "")
	if n := testing.AllocsPerRun(100, func() { c.Name("OpenAI/Go 3.96.0", "") }); n != 0 {
		t.Errorf("%v allocations for a header seen before, want none", n)
	}
}

func TestB57_ClientsThatNeverEndAreNotAllRemembered(t *testing.T) {
	var c requestlog.Clients
	for i := range 2000 {
		if got, want := c.Name(fmt.Sprintf("tool%d/1", i), ""), fmt.Sprintf("tool%d", i); got != want {
			t.Fatalf("Name = %q, want %q", got, want)
		}
	}
}

func BenchmarkClients(b *testing.B) {
	var c requestlog.Clients
	for b.Loop() {
		c.Name("OpenAI/Go 3.96.0", "")
	}
}
