package qwen

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// thinking is what a model does before it answers.
type thinking uint8

const (
	// mayThink is a model that can be told to and not to; of one that is not
	// known here it is the safe guess.
	mayThink thinking = iota
	neverThinks
	alwaysThinks
	// graded thinks by reasoning_effort: low, medium or xhigh.
	graded
)

// family says what is known of the models whose names are like one of the
// patterns: an end or a beginning of * is any text.
type family struct {
	like     []string
	thinking thinking
}

// families are looked through in order; the first that fits counts.
func families() []family {
	return []family{
		{like: []string{"qwq*", "qvq*", "*-thinking", "*-thinking-*", "deepseek-r1*"}, thinking: alwaysThinks},
		{like: []string{"qwen3.8-max*"}, thinking: graded},
		{like: []string{"*coder*", "*-instruct*", "qwen-max*", "qwen-long*", "qwen-mt*", "qwen2*", "deepseek-v3", "*embedding*"}, thinking: neverThinks},
	}
}

func thinkingOf(model string) thinking {
	for _, f := range families() {
		if likeAny(f.like, model) {
			return f.thinking
		}
	}
	return mayThink
}

func likeAny(patterns []string, name string) bool {
	name = strings.ToLower(name)
	for _, p := range patterns {
		inner := strings.Trim(p, "*")
		open, shut := strings.HasPrefix(p, "*"), strings.HasSuffix(p, "*")
		switch {
		case open && shut && strings.Contains(name, inner),
			open && !shut && strings.HasSuffix(name, inner),
			!open && shut && strings.HasPrefix(name, inner),
			!open && !shut && name == inner:
			return true
		}
	}
	return false
}

// known is what a name says of a model: the list itself says nothing.
func known(id string) llm.Model {
	m := llm.Model{ID: id, OwnedBy: "qwen"}
	special := likeAny([]string{"*embedding*", "*rerank*", "wan*", "*-asr*", "*-tts*", "*image*", "cosyvoice*", "*livetranslate*"}, id)
	m.Can = llm.Capabilities{
		Tools:      !special && !likeAny([]string{"qwen-mt*", "*-ocr*"}, id),
		Vision:     likeAny([]string{"*-vl*", "*omni*", "qvq*", "*-ocr*", "qwen3.5-*", "qwen3.6-*", "qwen3.7-*", "qwen3.8-*", "coder-model", "vision-model", "kimi-k2.5"}, id),
		Reasoning:  !special && thinkingOf(id) != neverThinks,
		FIM:        likeAny([]string{"qwen-coder*", "qwen2.5-coder*"}, id),
		Embeddings: likeAny([]string{"*embedding*"}, id),
	}
	return m
}

// planModels are those of the Coding Plan by its documentation: it does not
// list them itself.
func planModels() []llm.Model {
	return listed("qwen3-coder-plus", "qwen3-coder-next", "qwen3.7-plus", "qwen3.6-plus", "qwen3.5-plus",
		"qwen3-max-2026-01-23", "glm-5", "glm-4.7", "kimi-k2.5", "MiniMax-M2.5")
}

// builtinCodeModels are those that Qwen Code's service has had, the present one first;
// the last are the names that this program's predecessor gave.
func builtinCodeModels() []llm.Model {
	return listed("coder-model", "qwen3-coder-plus", "qwen3-coder-flash", "vision-model", "qwen3-coder-turbo", "qwen3-plus", "qwen3-turbo")
}

func listed(ids ...string) []llm.Model {
	list := make([]llm.Model, len(ids))
	for i, id := range ids {
		list[i] = known(id)
	}
	return list
}
