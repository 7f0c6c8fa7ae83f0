package openaicompat

import (
	"slices"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// find takes the list out of the shapes that are about: {"data":[…]} of OpenAI,
// {"models":[…]} of Ollama and others, {"result":[…]}, and a bare array.
func find(body []byte) ([]gjson.Result, bool) {
	if !gjson.ValidBytes(body) {
		return nil, false
	}
	root := gjson.ParseBytes(body)
	if root.IsArray() {
		return root.Array(), true
	}
	for _, key := range []string{"data", "models", "result"} {
		if list := root.Get(key); list.IsArray() {
			return list.Array(), true
		}
		if list := root.Get(key + ".models"); list.IsArray() {
			return list.Array(), true
		}
	}
	// An empty list of some servers is null.
	if data := root.Get("data"); data.Exists() && data.Type == gjson.Null {
		return nil, true
	}
	return nil, false
}

func decodeModels(list []gjson.Result) []llm.Model {
	out := make([]llm.Model, 0, len(list))
	seen := map[string]bool{}
	for _, one := range list {
		m := decodeModel(one)
		if m.ID == "" || seen[m.ID] {
			continue
		}
		seen[m.ID] = true
		out = append(out, m)
	}
	return out
}

func decodeModel(one gjson.Result) llm.Model {
	if one.Type == gjson.String {
		return llm.Model{ID: one.String()}
	}
	m := llm.Model{
		ID:      text(one, "id", "model", "name"),
		Name:    text(one, "display_name", "displayName", "name"),
		OwnedBy: text(one, "owned_by", "organization"),
		Created: one.Get("created").Int(),
		ContextTokens: size(one, "context_length", "context_window", "max_model_len", "max_context_length", "contextWindow",
			"max_input_tokens", "meta.n_ctx_train"),
		OutputTokens: size(one, "max_output_tokens", "max_completion_tokens", "top_provider.max_completion_tokens"),
		Can:          capabilities(one),
	}
	if m.Name == m.ID {
		m.Name = ""
	}
	return m
}

// text is the first of the fields that is a string with something in it.
func text(one gjson.Result, fields ...string) string {
	for _, f := range fields {
		if v := one.Get(f); v.Type == gjson.String && v.Str != "" {
			return v.Str
		}
	}
	return ""
}

func size(one gjson.Result, fields ...string) int {
	for _, f := range fields {
		if n := one.Get(f).Int(); n > 0 {
			return int(n)
		}
	}
	return 0
}

// capabilities reads what some services tell beside the protocol: OpenRouter's
// supported_parameters and input_modalities, Mistral's capabilities object, and
// the list of LM Studio and Ollama.
func capabilities(one gjson.Result) llm.Capabilities {
	var words []string
	for _, path := range []string{"supported_parameters", "architecture.input_modalities", "capabilities", "type"} {
		v := one.Get(path)
		v.ForEach(func(key, value gjson.Result) bool {
			switch value.Type {
			case gjson.String:
				words = append(words, value.Str)
			case gjson.True:
				words = append(words, key.Str)
			case gjson.Null, gjson.False, gjson.Number, gjson.JSON:
			}
			return true
		})
	}
	has := func(wanted ...string) bool {
		return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(words, w) })
	}
	return llm.Capabilities{
		Tools:      has("tools", "tool_use", "function_calling"),
		Vision:     has("image", "vision", "vlm"),
		Reasoning:  has("reasoning", "thinking"),
		FIM:        has("insert", "completion_fim"),
		Embeddings: has("embedding", "embeddings"),
	}
}
