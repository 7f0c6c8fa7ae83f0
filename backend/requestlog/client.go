package requestlog

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// Clients names the programs that ask, from their headers. The zero value is
// ready, and safe for concurrent use; it remembers what it named, because a
// program asks thousands of times with the same header.
type Clients struct {
	mu    sync.Mutex // held by who adds to known
	known atomic.Pointer[map[[2]string]string]
}

// Bounds of Clients: anybody may send any header.
const (
	clientsLimit    = 256
	clientHeaderMax = 512
	clientNameMax   = 40
)

// Name names the program with this User-Agent and this X-Title, the header in
// which some tell their name to OpenRouter. It is the program's own name
// where it is known, then that of its library, then what the headers begin
// with; "" when they say nothing.
func (c *Clients) Name(userAgent, title string) string {
	key := [2]string{userAgent, title}
	if known := c.known.Load(); known != nil {
		if name, ok := (*known)[key]; ok {
			return name
		}
	}
	name := clientName(userAgent, title)
	if len(userAgent)+len(title) <= clientHeaderMax {
		c.remember(key, name)
	}
	return name
}

// remember adds a name to a copy, so that readers need no lock. Headers that
// never end make it begin anew.
func (c *Clients) remember(key [2]string, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := make(map[[2]string]string)
	if known := c.known.Load(); known != nil && len(*known) < clientsLimit {
		maps.Copy(next, *known)
	}
	// The header is a part of the request's buffer, which must not stay.
	next[[2]string{strings.Clone(key[0]), strings.Clone(key[1])}] = strings.Clone(name)
	c.known.Store(&next)
}

// clientName looks for the program, for the title, for the library.
func clientName(userAgent, title string) string {
	if userAgent == "" && title == "" {
		return ""
	}
	agent := strings.ToLower(userAgent)
	for _, p := range clientPrograms() {
		if strings.Contains(agent, p.in) {
			return p.name
		}
	}
	if title = word(title, ""); title != "" {
		return title
	}
	for _, p := range clientLibraries() {
		if strings.Contains(agent, p.in) {
			return p.name
		}
	}
	return word(userAgent, "/ (;")
}

// sniffed is what a User-Agent in lower case has in it, and whose it is.
type sniffed struct{ in, name string }

// clientPrograms are the programs that say who they are. The first that fits
// is taken, so those that contain another's name come before it.
func clientPrograms() []sniffed {
	return []sniffed{
		{"kilo-code/", "kilo"},
		{"opencode/", "opencode"},
		{"claude-cli/", "claude-code"},
		{"claude-code/", "claude-code"},
		{"codex_", "codex"}, // codex_exec, codex_cli_rs, codex_vscode
		{"codex/", "codex"},
		{"codex-", "codex"},
		{"geminicli", "gemini-cli"}, // GeminiCLI/, GeminiCLI-tui/
		{"gemini-cli", "gemini-cli"},
		{"qwencode/", "qwen-code"},
		{"qwen-code", "qwen-code"},
		{"roo-code", "roo-code"},
		{"roocode", "roo-code"},
		{"cline/", "cline"},
		{"continue/", "continue"},
		{"githubcopilotchat/", "copilot-chat"},
		{"githubcopilot", "copilot"},
		{"copilot-cli", "copilot-cli"},
		{"copilot/", "copilot"},
		{"jetbrains", "jetbrains"},
		{"zed/", "zed"},
		{"cursor/", "cursor"},
		{"crush/", "crush"},
		{"aider/", "aider"},
		{"goose/", "goose"},
		{"open-webui", "open-webui"},
		{"openwebui", "open-webui"},
		{"lobe", "lobechat"},
		{"cherrystudio", "cherry-studio"},
		{"chatbox", "chatbox"},
	}
}

// clientLibraries are the libraries that programs speak through when they do
// not say who they are.
func clientLibraries() []sniffed {
	return []sniffed{
		{"langchain", "langchain"},
		{"litellm", "litellm"},
		{"anthropic/js", "anthropic-js"},
		{"anthropic/python", "anthropic-python"},
		{"anthropic/go", "anthropic-go"},
		{"openai/python", "openai-python"},
		{"asyncopenai/python", "openai-python"},
		{"openai/go", "openai-go"},
		{"openai/java", "openai-java"},
		{"openai/js", "openai-js"},
		{"/js ", "openai-js"}, // the SDK says its class's name, which a bundler made short: "ls/JS 5.23.2"
		{"google-genai-sdk/", "google-genai"},
		{"ai-sdk", "ai-sdk"},
		{"ai/", "ai-sdk"},
		{"ollama-js", "ollama-js"},
		{"ollama-python", "ollama-python"},
		{"ollama/", "ollama"},
		{"go-http-client", "go"},
		{"python-requests", "python"},
		{"python-httpx", "python"},
		{"aiohttp", "python"},
		{"curl/", "curl"},
		{"wget/", "wget"},
		{"httpie/", "httpie"},
		{"postmanruntime/", "postman"},
		{"insomnia/", "insomnia"},
		{"okhttp/", "okhttp"},
		{"node-fetch", "node"},
		{"undici", "node"},
		{"axios/", "node"},
		{"bun/", "bun"},
		{"deno/", "deno"},
		{"electron/", "electron"},
		{"mozilla/", "browser"},
	}
}

// word is s up to the first of the letters in until, without what cannot be
// shown on one line, and not long.
func word(s, until string) string {
	if i := strings.IndexAny(s, until); i >= 0 {
		s = s[:i]
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > clientNameMax {
		s = strings.ToValidUTF8(s[:clientNameMax], "")
	}
	return strings.TrimSpace(s)
}
