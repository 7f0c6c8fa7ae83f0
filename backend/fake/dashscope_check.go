package fake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// thinks says whether the model will think about a request.
func thinks(q gjson.Result) bool {
	model := q.Get("model").String()
	switch {
	case alwaysThinks(model):
		return true
	case neverThinks(model):
		return false
	case isSet(q, "enable_thinking"):
		return q.Get("enable_thinking").Bool()
	default:
		return strings.HasPrefix(model, "qwen3.7") || strings.HasPrefix(model, "qwen3.8")
	}
}

func alwaysThinks(model string) bool { return strings.HasPrefix(model, "qwq") }

func neverThinks(model string) bool { return strings.Contains(model, "coder") }

// dashScopeCheck is what the service says to a chat request; nil means that it
// is right.
func dashScopeCheck(h http.Header, body []byte, q gjson.Result) *refusal {
	for i, m := range q.Get("messages").Array() {
		if role := m.Get("role").String(); !slices.Contains([]string{"system", "assistant", "user", "tool", "function"}, role) {
			return bad("", fmt.Sprintf("%s is not one of ['system', 'assistant', 'user', 'tool', 'function'] - 'messages.['%d].role'", role, i))
		}
	}
	if e := check(h, body, false); e != nil {
		return e
	}
	switch {
	case isSet(q, "temperature") && q.Get("temperature").Num >= 2:
		return bad("", "'temperature' must be a float in [0, 2)")
	case isSet(q, "top_p") && q.Get("top_p").Num <= 0:
		return bad("", "'top_p' must be a float in (0, 1]")
	case isSet(q, "n") && q.Get("n").Num > 4:
		return bad("", "'n' must be an integer in [1, 4]")
	case isSet(q, "max_completion_tokens"):
		return bad("", "unknown parameter max_completion_tokens")
	case q.Get("response_format.type").String() == "json_object" && !strings.Contains(strings.ToLower(q.Get("messages").Raw), "json"):
		return bad("", "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.")
	}
	return dashScopeThinking(q)
}

// dashScopeThinking finds what does not go together with thinking.
func dashScopeThinking(q gjson.Result) *refusal {
	model, choice := q.Get("model").String(), q.Get("tool_choice")
	switch {
	case isSet(q, "enable_thinking") && !q.Get("enable_thinking").IsBool():
		return bad("", "enable_thinking must be a boolean")
	case isSet(q, "enable_thinking") && !q.Get("enable_thinking").Bool() && alwaysThinks(model):
		return bad("", "The value of the enable_thinking parameter is restricted to True.")
	case isSet(q, "enable_thinking") && q.Get("enable_thinking").Bool() && neverThinks(model):
		return bad("", "The value of the enable_thinking parameter is restricted to False.")
	case isSet(q, "reasoning_effort") && !strings.HasPrefix(model, "qwen3.8-max"):
		return bad("", "reasoning_effort is not supported by "+model)
	case isSet(q, "reasoning_effort") && !slices.Contains([]string{"low", "medium", "xhigh"}, q.Get("reasoning_effort").String()):
		return bad("", "reasoning_effort must be one of low, medium, xhigh")
	case isSet(q, "reasoning_effort") && isSet(q, "thinking_budget"):
		return bad("", "reasoning_effort and thinking_budget cannot be set together")
	case isSet(q, "thinking_budget") && (!thinks(q) || q.Get("thinking_budget").Num < 1):
		return bad("", "thinking_budget must be positive, and only with thinking")
	case !thinks(q):
		return nil
	case alwaysThinks(model) && !q.Get("stream").Bool():
		return bad("", "This model only support stream mode, please enable the stream parameter to access the model. ")
	case !q.Get("stream").Bool():
		return bad("", "parameter.enable_thinking must be set to false for non-streaming calls")
	case choice.IsObject() || choice.String() == "required":
		return bad("", "<400> InternalError.Algo.InvalidParameter: The tool_choice parameter does not support being set to required or object in thinking mode")
	case slices.Contains([]string{"json_object", "json_schema"}, q.Get("response_format.type").String()):
		return bad("", "Json mode response is not supported when enable_thinking is true")
	}
	return nil
}
