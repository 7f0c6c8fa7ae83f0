package config_test

import (
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// typical is a file as a user of some months has it.
const typical = `// OpenAICompatible
{
  "version": 1,
  "host": "127.0.0.1",
  "port": 8080,
  "general": {"language": "zh-CN", "theme": "dark"},
  "server": {
    "requireKey": true,
    "allowedOrigins": ["https://chat.example.com"], // the web client
  },
  "routing": {
    "defaultModel": "demo/large",
    "aliases": [
      {"name": "gpt-4o", "models": ["local/qwen3-coder", "remote/qwen3-max"]},
      {"name": "claude-sonnet", "models": ["remote/qwen3-max"]},
    ],
  },
  "keys": [{"id": 1, "name": "laptop"}, {"id": 2, "name": "CI"}],
  "accounts": [
    {"id": 1, "provider": "openaicompat", "name": "local", "prefix": "local", "settings": {"baseURL": "http://127.0.0.1:11434/v1"}},
    {"id": 2, "provider": "openaicompat", "name": "remote", "prefix": "remote", "settings": {"baseURL": "https://api.example.com/v1"}},
  ],
  "qwen": [{"token": "jwt", "prefix": "qwen"}],
}
`

// BenchmarkOpen must stay below 3 ms: the whole program has 50 ms from its
// start to its open port.
func BenchmarkOpen(b *testing.B) {
	path := write(b, typical)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := config.Open(path); err != nil {
			b.Fatal(err)
		}
	}
}

func TestOpen_TakesLessThanThreeMilliseconds(t *testing.T) {
	path := write(t, typical)
	best := time.Hour // the best of some: others use the machine too
	for range 50 {
		start := time.Now()
		open(t, path)
		best = min(best, time.Since(start))
	}
	if best > 3*time.Millisecond {
		t.Errorf("got %v", best)
	}
}
