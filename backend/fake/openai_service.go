package fake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// habits are what one service wants differently from OpenAI, and refuses where
// it does not get it.
type habits struct {
	// base is where its API stands; "" is /v1.
	base string
	// refuses are top-level fields, inMessages those of messages.
	refuses, inMessages []string
	// roles are those it knows; nil is OpenAI's.
	roles []string
	// maxTokens is the one name it knows for the limit of the answer.
	maxTokens string
	// stops is how many stop words it takes; 0 is OpenAI's number, -1 is any.
	stops int
	// open are numbers that must lie between 0 and 1, without the two.
	open []string
	// hottest is the highest temperature; 0 is 2. positive refuses 0.
	hottest  float64
	positive bool
	// noStrict, parameters, never null, only auto, system first, thinking
	// returned: the names say it.
	noStrict, needsParameters, contentNeverNull, onlyAuto, oneSystem, needsReasoning bool
	// callIDs is the length that ids of tool calls must have; 0 is any.
	callIDs int
	// noList answers 404 to the question for models, openList answers it without
	// a key.
	noList, openList bool
	// cases is the file of cases that case-NAME plays; "" is OpenAI's and
	// DashScope's.
	cases string
	// refusal writes an error as the service does; nil is OpenAI's way. wrongKey
	// is the code of a key that is not known.
	refusal  func(e *refusal) any
	wrongKey string
}

// beyondOpenAI are fields of OpenAI's own that the services which refuse what
// they do not know do not know.
func beyondOpenAI(more ...string) []string {
	return append([]string{
		"store", "metadata", "service_tier", "modalities", "audio", "prediction", "verbosity", "prompt_cache_key", "safety_identifier", "web_search_options", "logit_bias",
		"logprobs", "top_logprobs",
	}, more...)
}

func services() map[string]habits {
	classic := []string{"system", "user", "assistant", "tool"}
	return map[string]habits{
		"openai":     {inMessages: []string{"reasoning_content"}, maxTokens: "max_completion_tokens"},
		"openrouter": {stops: -1, base: "/api/v1", openList: true},
		"groq": {
			base: "/openai/v1", roles: classic, inMessages: []string{"name", "reasoning_content"},
			refuses: []string{"logit_bias", "logprobs", "top_logprobs", "store"},
		},
		"mistral": {
			stops: -1, roles: classic, maxTokens: "max_tokens", inMessages: []string{"name", "refusal", "reasoning_content"}, hottest: 1.5, callIDs: 9,
			refuses: beyondOpenAI("seed", "user", "reasoning_effort", "stream_options"),
		},
		"xai":      {},
		"deepseek": {roles: classic, maxTokens: "max_tokens", stops: 16, needsReasoning: true},
		"zhipu": {
			base: "/api/paas/v4", roles: classic, maxTokens: "max_tokens", open: []string{"temperature", "top_p"}, inMessages: []string{"name"},
			refuses:  beyondOpenAI("frequency_penalty", "presence_penalty", "stream_options", "n", "parallel_tool_calls", "user", "reasoning_effort"),
			noStrict: true, contentNeverNull: true, onlyAuto: true, refusal: zhipuRefusal, wrongKey: "1002", cases: "zhipu_misc.json",
		},
		"moonshot": {
			roles: classic, maxTokens: "max_tokens", stops: 5, hottest: 1, needsReasoning: true, needsParameters: true, wrongKey: "invalid_authentication_error",
		},
		"siliconflow": {roles: classic, maxTokens: "max_tokens", refusal: plainRefusal},
		"minimax": {
			stops: -1, roles: classic, maxTokens: "max_tokens", hottest: 1, positive: true, oneSystem: true, needsParameters: true, contentNeverNull: true, noList: true,
			refuses: []string{"n", "logit_bias", "logprobs", "top_logprobs"},
		},
		"volcengine": {stops: -1, base: "/api/v3", roles: classic, maxTokens: "max_tokens", wrongKey: "AuthenticationError"},
		"modelscope": {stops: -1, roles: classic, maxTokens: "max_tokens", openList: true},
		"ollama":     {stops: -1, roles: classic, maxTokens: "max_tokens"},
		"lmstudio":   {stops: -1, roles: classic, maxTokens: "max_tokens", oneSystem: true, needsParameters: true},
		"llamacpp":   {stops: -1, roles: classic, oneSystem: true, needsParameters: true, openList: true},
		"vllm":       {stops: -1, roles: classic, oneSystem: true, needsParameters: true},
	}
}

// Services are the names that Options.As takes.
func Services() []string {
	var out []string
	for name := range services() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// zhipuRefusal is the service's own shape, with digits for a code.
func zhipuRefusal(e *refusal) any {
	code := "1214"
	if e.code != "" {
		code = e.code
	}
	return map[string]any{"error": map[string]any{"code": code, "message": e.message}}
}

// plainRefusal has its message at the top, and a bare text for a wrong key.
func plainRefusal(e *refusal) any {
	if e.status == http.StatusUnauthorized {
		return "Invalid token"
	}
	return map[string]any{"code": 20015, "message": e.message, "data": nil}
}

// check is what the service would say to a chat request that OpenAI would take.
func (h habits) check(body []byte) *refusal {
	root := gjson.ParseBytes(body)
	for _, field := range h.refuses {
		if isSet(root, field) {
			return bad(field, "Extra inputs are not permitted: "+field)
		}
	}
	for _, part := range []func(gjson.Result) *refusal{h.checkNumbers, h.checkMessages, h.checkTools} {
		if e := part(root); e != nil {
			return e
		}
	}
	return nil
}

func (h habits) checkNumbers(root gjson.Result) *refusal {
	for _, name := range []string{"max_tokens", "max_completion_tokens"} {
		if h.maxTokens != "" && name != h.maxTokens && isSet(root, name) {
			return bad(name, "Unsupported parameter: '"+name+"' is not supported. Use '"+h.maxTokens+"' instead.")
		}
	}
	for _, field := range h.open {
		if v := root.Get(field); isSet(root, field) && (v.Num <= 0 || v.Num >= 1) {
			return bad(field, field+" must be in (0, 1)")
		}
	}
	heat := root.Get("temperature")
	switch {
	case h.hottest > 0 && heat.Num > h.hottest:
		return bad("temperature", fmt.Sprintf("temperature must be at most %g", h.hottest))
	case h.positive && isSet(root, "temperature") && heat.Num <= 0:
		return bad("temperature", "temperature must be above 0")
	case h.stops >= 0 && len(root.Get("stop").Array()) > cmp.Or(h.stops, 4):
		return bad("stop", fmt.Sprintf("stop takes at most %d sequences.", cmp.Or(h.stops, 4)))
	}
	return nil
}

func (h habits) checkMessages(root gjson.Result) *refusal {
	for i, m := range root.Get("messages").Array() {
		at := fmt.Sprintf("messages[%d]", i)
		role := m.Get("role").String()
		for _, field := range h.inMessages {
			if m.Get(field).Exists() {
				return bad(at+"."+field, "Extra inputs are not permitted: "+at+"."+field)
			}
		}
		called := len(m.Get("tool_calls").Array()) > 0
		for _, id := range append(m.Get("tool_calls.#.id").Array(), m.Get("tool_call_id")) {
			if h.callIDs > 0 && id.Exists() && (len(id.String()) != h.callIDs || !nameRule().MatchString(id.String())) {
				return bad(at, fmt.Sprintf("Tool call id was %s but must be a-z, A-Z, 0-9, with a length of %d.", id, h.callIDs))
			}
		}
		switch {
		case h.roles != nil && !slices.Contains(h.roles, role):
			return bad(at+".role", "Incorrect role information: "+role)
		case h.contentNeverNull && (!m.Get("content").Exists() || m.Get("content").Type == gjson.Null):
			return bad(at+".content", "content must not be null")
		case h.oneSystem && role == "system" && i > 0:
			return bad(at, "System message must be at the beginning.")
		case h.needsReasoning && role == "assistant" && called && !m.Get("reasoning_content").Exists():
			return bad(at, "Missing `reasoning_content` field in the assistant message")
		}
	}
	return nil
}

func (h habits) checkTools(root gjson.Result) *refusal {
	for i, t := range root.Get("tools").Array() {
		at := fmt.Sprintf("tools[%d].function", i)
		if h.noStrict && t.Get("function.strict").Exists() {
			return bad(at+".strict", "unknown field strict")
		}
		if p := t.Get("function.parameters"); h.needsParameters && (!p.IsObject() || len(p.Map()) == 0) {
			return bad(at+".parameters", "function parameters must be a schema")
		}
	}
	if choice := root.Get("tool_choice"); h.onlyAuto && isSet(root, "tool_choice") && choice.String() != "auto" {
		return bad("tool_choice", "tool_choice only supports auto")
	}
	return nil
}

// write answers a refusal in the service's own shape.
func (h habits) write(w http.ResponseWriter, e *refusal) {
	if h.refusal == nil {
		e.write(w)
		return
	}
	raw, _ := json.Marshal(h.refusal(e))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.status)
	w.Write(raw)
}

// path is a request's path below the service's base; the whole path where it
// stands elsewhere.
func (h habits) path(full string) string {
	if h.base == "" {
		return strings.TrimPrefix(full, "/v1")
	}
	below, ok := strings.CutPrefix(full, h.base)
	if !ok {
		return full
	}
	return below
}
