package infill_test

import (
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/infill"
)

func TestPrompt_HasTheMarksOfTheFamily(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]string{
		"qwen2.5-coder:7b":                "<|fim_prefix|>a(<|fim_suffix|>)b<|fim_middle|>",
		"Qwen/Qwen2.5-Coder-32B-Instruct": "<|fim_prefix|>a(<|fim_suffix|>)b<|fim_middle|>",
		"codegemma-2b":                    "<|fim_prefix|>a(<|fim_suffix|>)b<|fim_middle|>",
		"starcoder2-15b":                  "<fim_prefix>a(<fim_suffix>)b<fim_middle>",
		"granite-8b-code-base":            "<fim_prefix>a(<fim_suffix>)b<fim_middle>",
		"deepseek-coder-6.7b-base":        "<｜fim▁begin｜>a(<｜fim▁hole｜>)b<｜fim▁end｜>",
		"codellama-13b":                   "<PRE> a( <SUF>)b <MID>",
		"codestral-22b-v0.1":              "[SUFFIX])b[PREFIX]a(",
		"codegeex4-all-9b":                "<|user|>\n###MODE:BLOCK\n<|code_suffix|>)b<|code_prefix|>a(<|code_middle|><|assistant|>\n",
	} {
		family, ok := infill.For(model)
		if !ok {
			t.Errorf("%s has no family", model)
			continue
		}
		got := family.Prompt("a(", ")b")
		if got != want {
			t.Errorf("%s: got %q, want %q", model, got, want)
		}
		if before, behind, ok := infill.Read(got); !ok || before != "a(" || behind != ")b" {
			t.Errorf("%s: read back %q and %q, %v", model, before, behind, ok)
		}
	}
	if _, ok := infill.For("gpt-4o"); ok {
		t.Error("a family for a model that has none")
	}
}

func TestRead_LeavesWhatHasNoMarks(t *testing.T) {
	t.Parallel()
	for _, prompt := range []string{"", "func main() {", "<fim_prefix>", "<|fim_prefix|>a<|fim_suffix|>b", "a <SUF> b <MID>", "[SUFFIX]x"} {
		if before, behind, ok := infill.Read(prompt); ok {
			t.Errorf("%q was read as %q and %q", prompt, before, behind)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("func main() {\n", "\n}")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, before, behind string) {
		if strings.ContainsAny(before+behind, "<>[]|") {
			return // may be a mark, or a part of one
		}
		for _, model := range []string{"qwen2.5-coder", "starcoder2", "deepseek-coder", "codellama", "codestral", "codegeex4"} {
			family, _ := infill.For(model)
			gotBefore, gotBehind, ok := infill.Read(family.Prompt(before, behind))
			if !ok || gotBefore != before || gotBehind != behind {
				t.Errorf("%s: %q and %q came back as %q and %q", model, before, behind, gotBefore, gotBehind)
			}
		}
	})
}
