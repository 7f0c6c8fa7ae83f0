package requestlog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

func TestTerms(t *testing.T) {
	for text, want := range map[string][]string{
		"":                          nil,
		"   ":                       nil,
		`"`:                         nil,
		`""`:                        nil,
		"gemini":                    {"gemini"},
		" gemini\u3000429 ":         {"gemini", "429"},
		`"rate limit" qwen`:         {"rate limit", "qwen"},
		`say"rate limit"qwen`:       {"say", "rate limit", "qwen"},
		`“限流 了” 模型`:                 {"限流 了", "模型"},
		`「首个 词元」`:                   {"首个 词元"},
		`"not closed, goes on`:      {"not closed, goes on"},
		`NEAR( OR * ) ^ - AND {a}:`: {"NEAR(", "OR", "*", ")", "^", "-", "AND", "{a}:"},
	} {
		if d := cmp.Diff(want, requestlog.Terms(text)); d != "" {
			t.Errorf("Terms(%q) (-want +got):\n%s", text, d)
		}
	}
	if n := len(requestlog.Terms(strings.Repeat("a ", 100))); n != 12 {
		t.Errorf("%d terms, want a bound of 12", n)
	}
}
