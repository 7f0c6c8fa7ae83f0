package tokens_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/tokens"
)

// tenth is how far an estimate may be from the service's own count.
const tenth = 0.1

// near is a token of rounding aside.
func near(got, want int, part float64) bool {
	return math.Abs(float64(got-want)) <= part*float64(want)+0.5
}

// far are the texts that are known to come out further off: German is written in
// long words, which o200k_base has more of than the others.
func far() map[string]float64 { return map[string]float64{"german": 0.15} }

// What the makers' public tokenizers say of texts of every kind, beside what is
// estimated for their models.
func TestRequest_IsWithinTenPercentOfTheMakersTokenizer(t *testing.T) {
	t.Parallel()
	var truth map[string]map[string]int
	raw, err := os.ReadFile("testdata/counts_of_others.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &truth); err != nil {
		t.Fatal(err)
	}
	var e tokens.Estimator
	for name, counts := range truth {
		text, err := os.ReadFile(filepath.Join("testdata", "texts", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		for tokenizer, model := range map[string]string{
			"o200k_base": "gpt-5", "cl100k_base": "gpt-4-turbo", "gemma3": "gemini-2.5-pro", "qwen3": "qwen3-max", "deepseek_v3": "deepseek-chat", "llama3": "llama-3.3-70b-instruct",
		} {
			want, ok := counts[tokenizer]
			if !ok {
				t.Fatalf("%s: nothing is known of %s", name, tokenizer)
			}
			got, said := e.Request(&llm.Request{Completion: &llm.Completion{Prompt: string(text)}}, model)
			if tokenizer == "o200k_base" && got != want {
				t.Errorf("%s: %d tokens, want exactly %d", name, got, want)
			}
			if !near(got, want, max(tenth, far()[name])) {
				t.Errorf("%s for %s: %d tokens, want %d: %+.1f %%", name, model, got, want, 100*(float64(got)/float64(want)-1))
			}
			if strings.Contains(said, "assumed") || !strings.HasSuffix(said, tokenizer) {
				t.Errorf("%s: it says that it was made with %s", model, said)
			}
		}
	}
}

// talk is a conversation: roles and texts in turn.
func talk(list ...string) *llm.Request {
	r := &llm.Request{}
	for i := 0; i+1 < len(list); i += 2 {
		role, name, _ := strings.Cut(list[i], " ")
		r.Messages = append(r.Messages, llm.Message{Role: llm.Role(role), Name: name, Parts: []llm.Part{llm.Text{Text: list[i+1]}}})
	}
	return r
}

func with(r *llm.Request, tools ...llm.Tool) *llm.Request {
	r.Tools = tools
	return r
}

func weather(properties string) llm.Tool {
	return llm.Tool{
		Name: "get_current_weather", Description: "Get the current weather in a given location",
		Parameters: llm.RawJSON(`{"type":"object","properties":{"location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"}` + properties + `},"required":["location"]}`),
	}
}

// jargon is the conversation in OpenAI's cookbook.
func jargon() *llm.Request {
	return talk("system", "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
		"system example_user", "New synergies will help drive top-line growth.",
		"system example_assistant", "Things working well together will increase revenue.",
		"system example_user", "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
		"system example_assistant", "Let's talk later when we're less busy about how to do better.",
		"user", "This late pivot means we don't have time to boil the ocean for the client deliverable.")
}

// Examples that makers publish with the counts that their services gave.
func TestRequest_IsWithinTenPercentOfPublishedExamples(t *testing.T) {
	t.Parallel()
	unit := `,"unit":{"type":"string","description":"The unit of temperature to return","enum":["celsius","fahrenheit"]}`
	forecast := talk("system", "You are a helpful assistant that can answer to questions about the weather.", "user", "What's the weather like in San Francisco?")
	var e tokens.Estimator
	for _, c := range []struct {
		name, model string
		ask         *llm.Request
		want        int
	}{
		{"OpenAI's cookbook", "gpt-4o", jargon(), 124},
		{"OpenAI's cookbook", "gpt-4o-mini", jargon(), 124},
		{"OpenAI's cookbook", "gpt-4", jargon(), 129},
		{"OpenAI's cookbook", "gpt-3.5-turbo", jargon(), 129},
		{"OpenAI's cookbook, tools", "gpt-4o", with(forecast, weather(unit)), 101},
		{"OpenAI's cookbook, tools", "gpt-4", with(forecast, weather(unit)), 105},
		{"Anthropic's token counting", "claude-sonnet-4-5-20250929", talk("system", "You are a scientist", "user", "Hello, Claude"), 14},
		{
			"Anthropic's token counting, tools", "claude-opus-4-20250514",
			with(talk("user", "What's the weather like in San Francisco?"), func() llm.Tool { w := weather(""); w.Name = "get_weather"; return w }()), 403,
		},
		{"Gemini's generateContent", "gemini-1.5-flash", talk("user", "The quick brown fox jumps over the lazy dog."), 11},
		{"Gemini's countTokens", "gemini-2.0-flash", talk("user", "The quick brown fox jumps over the lazy dog."), 10},
	} {
		if got, said := e.Request(c.ask, c.model); !near(got, c.want, tenth) {
			t.Errorf("%s, %s: %d tokens by %s, want %d: %+.1f %%", c.name, c.model, got, said, c.want, 100*(float64(got)/float64(c.want)-1))
		}
	}
}

func TestRequest_SaysWhereNobodyKnows(t *testing.T) {
	t.Parallel()
	var e tokens.Estimator
	for model, want := range map[string]string{
		"gpt-4o": "o200k_base", "o3": "o200k_base", "gpt-4": "o200k_base fitted to cl100k_base", "gemini/gemini-3-pro": "o200k_base fitted to gemma3",
		"claude-3-5-sonnet-20241022": "o200k_base fitted to claude (assumed)", "claude-opus-4-20250514": "o200k_base fitted to claude (assumed)",
		"claude-haiku-4-5-20251001": "o200k_base fitted to claude (assumed)", "claude-opus-4-7": "o200k_base fitted to claude-4.7 (assumed)",
		"claude-opus-4.8": "o200k_base fitted to claude-4.7 (assumed)", "claude-sonnet-5": "o200k_base fitted to claude-4.7 (assumed)",
		"glm-4.7": "o200k_base fitted to qwen3 (assumed)", "something-new": "o200k_base fitted to qwen3 (assumed)",
	} {
		if _, got := e.Request(talk("user", "hello"), model); got != want {
			t.Errorf("%s: it says %q, want %q", model, got, want)
		}
	}
}
