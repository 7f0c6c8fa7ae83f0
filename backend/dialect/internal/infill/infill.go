// Package infill knows how models of certain families were taught to find what
// belongs between two texts: by marks in one prompt.
//
// The invariant: Read undoes what Prompt does. The marks are those that the
// makers publish with the models; a model of another family is never sent any.
package infill

import (
	"path"
	"slices"
	"strings"
)

// Template is how a family's prompt is made.
type Template struct {
	// names are patterns of path.Match for names in lower case, without the maker
	// before the slash.
	names []string
	// open stands first; prefix and suffix stand before the texts of these names,
	// and close last.
	open, prefix, suffix, close string
	// suffixFirst says that the text behind the gap stands before the other.
	suffixFirst bool
	// Stop are the words with which the family ends what it writes.
	Stop []string
}

// templates are the families; the first that has a name counts.
func templates() []Template {
	return []Template{
		// Qwen's "Qwen2.5-Coder" repository; CodeGemma's model card has the same marks.
		{
			names:  []string{"qwen2.5-coder*", "qwen-coder*", "qwen3-coder*", "qwen2.5-7b-coder*", "codeqwen*"},
			prefix: "<|fim_prefix|>", suffix: "<|fim_suffix|>", close: "<|fim_middle|>",
			Stop: []string{"<|endoftext|>", "<|fim_pad|>", "<|file_sep|>", "<|repo_name|>"},
		},
		{
			names:  []string{"codegemma*"},
			prefix: "<|fim_prefix|>", suffix: "<|fim_suffix|>", close: "<|fim_middle|>",
			Stop: []string{"<|file_separator|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"},
		},
		// The model cards of StarCoder, Stable Code and Granite.
		{
			names:  []string{"starcoder*", "stable-code*", "granite*code*", "granite-8b-code*"},
			prefix: "<fim_prefix>", suffix: "<fim_suffix>", close: "<fim_middle>",
			Stop: []string{"<|endoftext|>", "<file_sep>"},
		},
		// DeepSeek's "DeepSeek-Coder" repository.
		{
			names:  []string{"deepseek-coder*"},
			prefix: "<｜fim▁begin｜>", suffix: "<｜fim▁hole｜>", close: "<｜fim▁end｜>",
			Stop: []string{"<｜end▁of▁sentence｜>"},
		},
		// Meta's "codellama" repository; the spaces belong to the marks.
		{
			names:  []string{"codellama*"},
			prefix: "<PRE> ", suffix: " <SUF>", close: " <MID>",
			Stop: []string{"<EOT>"},
		},
		// Mistral's tokenizer: the text behind comes first.
		{
			names:  []string{"codestral*"},
			prefix: "[PREFIX]", suffix: "[SUFFIX]", suffixFirst: true,
			Stop: []string{"</s>"},
		},
		// The model card of codegeex4-all-9b.
		{
			names: []string{"codegeex4*"}, open: "<|user|>\n###MODE:BLOCK\n",
			prefix: "<|code_prefix|>", suffix: "<|code_suffix|>", close: "<|code_middle|><|assistant|>\n", suffixFirst: true,
			Stop: []string{"<|endoftext|>", "<|user|>", "<|observation|>"},
		},
	}
}

// For is the template of a model by its name.
func For(model string) (Template, bool) {
	name := strings.ToLower(path.Base(model))
	for _, t := range templates() {
		if slices.ContainsFunc(t.names, func(p string) bool {
			fits, err := path.Match(p, name)
			return err == nil && fits
		}) {
			return t, true
		}
	}
	return Template{}, false
}

// Prompt is the prompt for what belongs between two texts.
func (t Template) Prompt(before, behind string) string {
	if t.suffixFirst {
		return t.open + t.suffix + behind + t.prefix + before + t.close
	}
	return t.open + t.prefix + before + t.suffix + behind + t.close
}

// Read finds the two texts in a prompt that has the marks of any family in it,
// as editors send it that know the model behind a name.
func Read(prompt string) (before, behind string, ok bool) {
	for _, t := range templates() {
		if before, behind, ok = t.read(prompt); ok {
			return before, behind, true
		}
	}
	return "", "", false
}

func (t Template) read(prompt string) (before, behind string, ok bool) {
	first, second := t.prefix, t.suffix
	if t.suffixFirst {
		first, second = second, first
	}
	// What may stand before the marks, as the name of a repository, is no text of
	// the file.
	_, rest, ok := strings.Cut(prompt, first)
	if !ok {
		return "", "", false
	}
	if t.close != "" {
		// An editor may have left out the newline that ends the last mark.
		if rest, ok = strings.CutSuffix(strings.TrimRight(rest, "\n"), strings.TrimRight(t.close, "\n")); !ok {
			return "", "", false
		}
	}
	one, other, ok := strings.Cut(rest, second)
	if !ok {
		return "", "", false
	}
	if t.suffixFirst {
		return other, one, true
	}
	return one, other, true
}
