package fake

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// anthropicRefusal is what the service would say to a request; "" means that it
// is right. counts is a request to count tokens alone.
func anthropicRefusal(h http.Header, body []byte, counts bool) string {
	if h.Get("Content-Type") != "application/json" {
		return "Content-Type must be application/json"
	}
	if !utf8.Valid(body) || !gjson.ValidBytes(body) || !gjson.ParseBytes(body).IsObject() {
		return "The request body is not valid JSON"
	}
	q := gjson.ParseBytes(body)
	for _, check := range []func(gjson.Result) string{anthropicKeys, anthropicTop(counts), anthropicModelRules, anthropicThinking, anthropicTools, anthropicTurns} {
		if why := check(q); why != "" {
			return why
		}
	}
	return ""
}

func anthropicKeys(q gjson.Result) string {
	return anthropicFields("", q, "model", "max_tokens", "messages", "system", "stream", "temperature", "top_p", "top_k", "stop_sequences", "tools", "tool_choice", "thinking",
		"output_config", "metadata", "service_tier", "container", "cache_control", "speed")
}

// anthropicFields finds fields that are not known, or there twice.
func anthropicFields(at string, object gjson.Result, known ...string) (why string) {
	seen := map[string]bool{}
	object.ForEach(func(key, _ gjson.Result) bool {
		if !slices.Contains(known, key.Str) || seen[key.Str] {
			why = strings.TrimPrefix(at+"."+key.Str, ".") + ": Extra inputs are not permitted"
		}
		seen[key.Str] = true
		return why == ""
	})
	return why
}

func anthropicTop(counts bool) func(gjson.Result) string {
	return func(q gjson.Result) string {
		limit := q.Get("max_tokens")
		switch {
		case q.Get("model").Str == "":
			return "model: Field required"
		case counts && (limit.Exists() || q.Get("stream").Exists()):
			return "max_tokens: Extra inputs are not permitted"
		case !counts && !limit.Exists():
			return "max_tokens: Field required"
		case !counts && (limit.Type != gjson.Number || limit.Int() < 1):
			return "max_tokens: Input should be greater than or equal to 1"
		case q.Get("stream").Exists() && !q.Get("stream").IsBool():
			return "stream: Input should be a valid boolean"
		case len(q.Get("metadata.user_id").Str) > 256:
			return "metadata.user_id: String should have at most 256 characters"
		}
		for _, s := range q.Get("stop_sequences").Array() {
			if strings.TrimSpace(s.Str) == "" {
				return "stop_sequences: each stop sequence must contain non-whitespace"
			}
		}
		for _, b := range q.Get("system").Array() {
			if q.Get("system").IsArray() && (b.Get("type").Str != "text" || strings.TrimSpace(b.Get("text").Str) == "") {
				return "system: text content blocks must be non-empty"
			}
		}
		return anthropicNumbers(q)
	}
}

func anthropicNumbers(q gjson.Result) string {
	for _, f := range []string{"temperature", "top_p"} {
		if v := q.Get(f); v.Exists() && (v.Type != gjson.Number || v.Num < 0 || v.Num > 1) {
			return f + ": Input should be less than or equal to 1"
		}
	}
	return ""
}

// anthropicModelRules are the rules of the newer models.
func anthropicModelRules(q gjson.Result) string {
	model := q.Get("model").Str
	newer := regexp.MustCompile(`claude-(opus-4-[7-9]|[a-z]+-5)`).MatchString(model)
	adaptive := newer || strings.HasPrefix(model, "claude-opus-4-6")
	always := strings.Contains(model, "-5-5") || strings.Contains(model, "fable")
	kind := q.Get("thinking.type").Str
	forced := q.Get("tool_choice.type").Str
	switch {
	case newer && (q.Get("temperature").Exists() || q.Get("top_p").Exists() || q.Get("top_k").Exists()):
		return "temperature: this model does not support sampling parameters"
	case strings.HasPrefix(model, "claude-") && !newer && !strings.Contains(model, "-3-") && q.Get("temperature").Exists() && q.Get("top_p").Exists():
		return "`temperature` and `top_p` cannot both be specified for this model"
	case newer && kind == "enabled":
		return `"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.`
	case strings.HasPrefix(model, "claude-") && !adaptive && kind == "adaptive":
		return "adaptive thinking is not supported on this model"
	case always && kind == "disabled":
		return `"thinking.type.disabled" is not supported for this model.`
	case always && (forced == "any" || forced == "tool"):
		return "tool_choice: this model does not support forced tool use"
	case strings.HasPrefix(model, "claude-") && !adaptive && q.Get("output_config.effort").Exists():
		return "output_config.effort: this model does not support the effort parameter"
	}
	effort := q.Get("output_config.effort")
	if effort.Exists() && !slices.Contains([]string{"low", "medium", "high", "xhigh", "max"}, effort.Str) {
		return "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'"
	}
	return anthropicClosed(q.Get("output_config.format.schema"))
}

// anthropicClosed finds an object in a schema that is not closed.
func anthropicClosed(schema gjson.Result) (why string) {
	if schema.Get("type").Str == "object" && schema.Get("properties").Exists() && schema.Get("additionalProperties").Raw != "false" {
		return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
	}
	for _, banned := range []string{"minimum", "maximum", "minLength", "maxLength", "pattern", "oneOf", "$schema"} {
		if schema.IsObject() && schema.Get(strings.ReplaceAll(banned, "$", "\\$")).Exists() && schema.Get("type").Exists() {
			return "output_config.format.schema: " + banned + " is not supported"
		}
	}
	schema.ForEach(func(_, v gjson.Result) bool {
		if v.IsObject() || v.IsArray() {
			why = anthropicClosed(v)
		}
		return why == ""
	})
	return why
}

func anthropicThinking(q gjson.Result) string {
	t := q.Get("thinking")
	if !t.Exists() {
		return ""
	}
	kind, budget := t.Get("type").Str, t.Get("budget_tokens")
	if !slices.Contains([]string{"enabled", "disabled", "adaptive", "between_tools"}, kind) {
		return "thinking.type: unknown"
	}
	forced := slices.Contains([]string{"any", "tool"}, q.Get("tool_choice.type").Str)
	if kind == "adaptive" && forced {
		return "Thinking may not be enabled when tool_choice forces tool use."
	}
	if kind != "enabled" {
		if budget.Exists() {
			return "thinking." + kind + ".budget_tokens: Extra inputs are not permitted"
		}
		return ""
	}
	switch {
	case budget.Int() < 1024:
		return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
	case q.Get("max_tokens").Exists() && budget.Int() >= q.Get("max_tokens").Int():
		return "`max_tokens` must be greater than `thinking.budget_tokens`."
	case q.Get("temperature").Exists() && q.Get("temperature").Num != 1:
		return "`temperature` may only be set to 1 when thinking is enabled."
	case q.Get("top_k").Exists() || q.Get("top_p").Exists() && q.Get("top_p").Num < 0.95:
		return "`top_k` must be unset and `top_p` at least 0.95 when thinking is enabled."
	case forced:
		return "Thinking may not be enabled when tool_choice forces tool use."
	}
	list := q.Get("messages").Array()
	if n := len(list); n > 1 && list[n-1].Get("content.0.type").Str == "tool_result" {
		if first := list[n-2].Get("content.0.type").Str; first != "thinking" && first != "redacted_thinking" {
			return fmt.Sprintf("messages.%d.content.0.type: Expected `thinking` or `redacted_thinking`, but found `%s`.", n-2, first)
		}
	}
	return ""
}

func anthropicTools(q gjson.Result) string {
	tools := q.Get("tools").Array()
	var names []string
	for i, t := range tools {
		at := fmt.Sprintf("tools.%d", i)
		if why := anthropicFields(at, t, "name", "description", "input_schema", "type", "strict", "cache_control", "defer_loading", "eager_input_streaming", "input_examples"); why != "" {
			return why
		}
		name, schema := t.Get("name").Str, t.Get("input_schema")
		switch {
		case !nameRule().MatchString(name) || slices.Contains(names, name):
			return at + ".name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$', and be unique"
		case schema.Get("type").Str != "object":
			return at + ".input_schema.type: Field required"
		case schema.Get("anyOf").Exists() || schema.Get("oneOf").Exists() || schema.Get("allOf").Exists():
			return at + ".input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level"
		}
		names = append(names, name)
	}
	choice := q.Get("tool_choice")
	switch {
	case !choice.Exists():
		return ""
	case len(tools) == 0:
		return "tool_choice: may only be specified while providing tools"
	case choice.Get("type").Str == "tool" && !slices.Contains(names, choice.Get("name").Str):
		return "tool_choice.name: no such tool"
	case !slices.Contains([]string{"auto", "any", "tool", "none"}, choice.Get("type").Str):
		return "tool_choice.type: unknown"
	case choice.Get("type").Str == "none" && choice.Get("disable_parallel_tool_use").Exists():
		return "tool_choice.none.disable_parallel_tool_use: Extra inputs are not permitted"
	}
	return ""
}
