package openaicompat

import (
	"path"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// family is what the models of these names can do. The patterns are those of
// path.Match, in lower case, for a name without the maker before its slash.
type family struct {
	names []string
	can   llm.Capabilities
}

// families are hints for services whose lists tell nothing but names. The open
// models have them wherever they are served.
func families() []family {
	return []family{
		{[]string{
			"gpt-*", "chatgpt-*", "o1*", "o3*", "o4*", "deepseek*", "glm-*", "kimi*", "moonshot-*", "qwen*", "qwq*", "mistral*", "ministral*", "codestral*",
			"devstral*", "magistral*", "pixtral*", "grok*", "minimax-*", "doubao*", "llama-3*", "llama3.[1-9]*", "llama-4*", "llama4*", "meta-llama-3*",
			"claude*", "gemini*", "command-r*", "command-a*", "hermes*", "granite*", "ernie*", "hunyuan*", "step-*", "mimo*", "nemotron*",
		}, llm.Capabilities{Tools: true}},
		{[]string{
			"gpt-4o*", "gpt-4.1*", "gpt-4-turbo*", "gpt-5*", "chatgpt-4o*", "o1", "o1-2*", "o3*", "o4*", "claude*", "gemini*", "*-vl", "*-vl-*", "*[0-9]vl*",
			"*vision*", "glm-[4-9]v*", "glm-[4-9].[0-9]v*", "pixtral*", "mistral-medium*", "mistral-small*", "kimi-k2.[5-9]*", "kimi-k3*", "grok-4*",
			"doubao-seed*", "llama-4*", "llama4*", "llava*", "gemma-3*", "gemma3*", "minicpm-v*", "internvl*", "moondream*", "qwen3.[5-9]*",
		}, llm.Capabilities{Vision: true}},
		{[]string{
			"o1*", "o3*", "o4*", "gpt-5*", "gpt-oss*", "deepseek-r1*", "deepseek-reasoner*", "deepseek-v3.[1-9]*", "deepseek-v[4-9]*", "glm-4.[5-9]*",
			"glm-[5-9]*", "glm-z1*", "kimi-k2.[5-9]*", "kimi-k3*", "*thinking*", "qwq*", "qwen3*", "magistral*", "grok-3-mini*", "grok-4*", "grok-code*",
			"minimax-m*", "doubao-seed*", "mimo*", "claude*", "gemini-[2-9].[0-9]*", "gemini-[3-9]*",
		}, llm.Capabilities{Reasoning: true}},
		{[]string{
			"codestral*", "codegeex*", "qwen2.5-coder*", "qwen-coder*", "deepseek-coder*", "starcoder*", "codellama*", "codegemma*", "stable-code*",
			"granite-code*",
		}, llm.Capabilities{FIM: true}},
	}
}

func embedders() []string {
	return []string{"*embed*", "bge-*", "*-bge-*", "bce-embedding*", "gte-*", "e5-*", "multilingual-e5-*", "nomic-embed*", "all-minilm*", "*rerank*"}
}

// hint is what a model of this name is known to do.
func hint(id string) llm.Capabilities {
	name := strings.ToLower(path.Base(id))
	if named(embedders(), name) {
		return llm.Capabilities{Embeddings: !strings.Contains(name, "rerank")}
	}
	var can llm.Capabilities
	for _, f := range families() {
		if named(f.names, name) {
			can.Tools = can.Tools || f.can.Tools
			can.Vision = can.Vision || f.can.Vision
			can.Reasoning = can.Reasoning || f.can.Reasoning
			can.FIM = can.FIM || f.can.FIM
		}
	}
	return can
}

// named says whether a name fits one of the patterns.
func named(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		fits, err := path.Match(p, name)
		return err == nil && fits
	})
}

// complete makes a service's list ours: without what does not chat, with what
// it leaves out, and with what is known of the names where it says nothing.
func (p preset) complete(list []llm.Model) []llm.Model {
	list = slices.DeleteFunc(list, func(m llm.Model) bool { return named(p.hidden, strings.ToLower(path.Base(m.ID))) })
	for _, more := range p.also {
		if !slices.ContainsFunc(list, func(m llm.Model) bool { return m.ID == more.ID }) {
			list = append(list, more)
		}
	}
	for i := range list {
		if list[i].Can == (llm.Capabilities{}) {
			list[i].Can = hint(list[i].ID)
		}
		list[i].Can.FIM = (list[i].Can.FIM || named(p.completers, list[i].ID)) && p.completions != ""
	}
	return list
}
