package fake

import (
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// check is what the strictest service would say to a chat request; nil means
// that it is right.
func check(h http.Header, body []byte, strict bool) *refusal {
	if t, _, err := mime.ParseMediaType(h.Get("Content-Type")); err != nil || t != "application/json" {
		return bad("", "Content-Type must be application/json, not "+h.Get("Content-Type"))
	}
	if !utf8.Valid(body) || !gjson.ValidBytes(body) {
		return bad("", "We could not parse the JSON body of your request.")
	}
	root := gjson.ParseBytes(body)
	if !root.IsObject() {
		return bad("", "The body must be a JSON object.")
	}
	for _, part := range []func(gjson.Result) *refusal{checkKeys(strict), checkTop, checkNumbers, checkMessages, checkTools} {
		if e := part(root); e != nil {
			return e
		}
	}
	return nil
}

// checkKeys finds doubled fields, as a careless splice leaves them, and with
// strict those that the protocol does not have.
func checkKeys(strict bool) func(gjson.Result) *refusal {
	known := []string{
		"model", "messages", "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens",
		"max_tokens", "metadata", "modalities", "moderation", "n", "parallel_tool_calls", "prediction", "presence_penalty", "prompt_cache_key",
		"prompt_cache_retention", "reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier", "stop", "store", "stream",
		"stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity", "web_search_options",
	}
	return func(root gjson.Result) (e *refusal) {
		seen := map[string]bool{}
		root.ForEach(func(key, _ gjson.Result) bool {
			switch k := key.String(); {
			case seen[k]:
				e = bad(k, "The field "+k+" is there twice.")
			case strict && !slices.Contains(known, k):
				e = bad(k, "Unrecognized request argument supplied: "+k)
			default:
				seen[k] = true
			}
			return e == nil
		})
		return e
	}
}

func checkTop(root gjson.Result) *refusal {
	stream := root.Get("stream")
	switch {
	case root.Get("model").Type != gjson.String || root.Get("model").Str == "":
		return bad("model", "you must provide a model parameter")
	case stream.Exists() && !stream.IsBool() && stream.Type != gjson.Null:
		return bad("stream", "stream must be a boolean")
	case isSet(root, "stream_options") && !stream.Bool():
		return bad("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
	case isSet(root, "max_tokens") && isSet(root, "max_completion_tokens"):
		return bad("max_tokens", "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
	}
	return checkFormat(root.Get("response_format"))
}

func checkFormat(f gjson.Result) *refusal {
	if !f.Exists() || f.Type == gjson.Null {
		return nil
	}
	switch f.Get("type").String() {
	case "text", "json_object":
		return nil
	case "json_schema":
		if name := f.Get("json_schema.name").String(); !nameRule().MatchString(name) {
			return bad("response_format.json_schema.name", "Invalid 'response_format.json_schema.name': "+name)
		}
		return nil
	default:
		return bad("response_format.type", "Invalid response_format.type")
	}
}

// checkNumbers finds numbers of the wrong type or out of their range.
func checkNumbers(root gjson.Result) *refusal {
	for _, c := range []struct {
		field string
		low   float64
		high  float64
	}{
		{"temperature", 0, 2},
		{"top_p", 0, 1},
		{"presence_penalty", -2, 2},
		{"frequency_penalty", -2, 2},
		{"max_tokens", 1, 1e9},
		{"max_completion_tokens", 1, 1e9},
		{"n", 1, 128},
		{"top_logprobs", 0, 20},
	} {
		v := root.Get(c.field)
		if isSet(root, c.field) && (v.Type != gjson.Number || v.Num < c.low || v.Num > c.high) {
			return bad(c.field, fmt.Sprintf("Invalid '%s': expected a number from %g to %g.", c.field, c.low, c.high))
		}
	}
	return nil
}

// checkMessages finds wrong roles and parts, results of calls that were never
// made, and calls without a result.
func checkMessages(root gjson.Result) *refusal {
	list := root.Get("messages")
	if !list.IsArray() || len(list.Array()) == 0 {
		return bad("messages", "Invalid 'messages': empty array.")
	}
	open := map[string]bool{}
	for i, m := range list.Array() {
		at := fmt.Sprintf("messages[%d]", i)
		role := m.Get("role").String()
		if role != "tool" && len(open) > 0 {
			return bad(at, "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.")
		}
		switch role {
		case "system", "developer", "user":
			if !m.Get("content").Exists() || m.Get("content").Type == gjson.Null {
				return bad(at+".content", "Missing content.")
			}
		case "tool":
			id := m.Get("tool_call_id").String()
			if !open[id] {
				return bad(at+".tool_call_id", "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.")
			}
			delete(open, id)
		case "assistant":
			for _, c := range m.Get("tool_calls").Array() {
				open[c.Get("id").String()] = true
			}
			if len(open) == 0 && (!m.Get("content").Exists() || m.Get("content").Type == gjson.Null) && !isSet(m, "refusal") {
				return bad(at+".content", "Invalid value for 'content': expected a string, got null.")
			}
		default:
			return bad(at+".role", "Invalid value: '"+role+"'.")
		}
		if e := checkParts(at, m.Get("content")); e != nil {
			return e
		}
	}
	if len(open) > 0 {
		return bad("messages", "The last tool calls have no result.")
	}
	return nil
}

func checkParts(at string, content gjson.Result) *refusal {
	if !content.IsArray() {
		return nil
	}
	needs := map[string]string{"text": "text", "image_url": "image_url.url", "input_audio": "input_audio.data", "file": "file", "refusal": "refusal"}
	for j, p := range content.Array() {
		field, ok := needs[p.Get("type").String()]
		if !ok || !p.Get(field).Exists() {
			return bad(fmt.Sprintf("%s.content[%d]", at, j), "Invalid content part.")
		}
	}
	return nil
}

func checkTools(root gjson.Result) *refusal {
	tools := root.Get("tools").Array()
	names := []string{}
	for i, t := range tools {
		kind := t.Get("type").String()
		if kind != "function" && kind != "custom" {
			return bad(fmt.Sprintf("tools[%d].type", i), "Invalid value: '"+kind+"'.")
		}
		name := t.Get(kind + ".name").String()
		if !nameRule().MatchString(name) || slices.Contains(names, name) {
			return bad(fmt.Sprintf("tools[%d].%s.name", i, kind), "Invalid or doubled name '"+name+"'.")
		}
		names = append(names, name)
	}
	choice := root.Get("tool_choice")
	switch {
	case len(tools) == 0 && isSet(root, "tool_choice") && choice.String() != "none":
		return bad("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.")
	case len(tools) == 0 && isSet(root, "parallel_tool_calls"):
		return bad("parallel_tool_calls", "'parallel_tool_calls' is only allowed when 'tools' are specified.")
	case choice.Type == gjson.String && !slices.Contains([]string{"auto", "none", "required"}, choice.Str):
		return bad("tool_choice", "Invalid value: '"+choice.Str+"'.")
	case choice.IsObject() && choice.Get("function.name").Exists() && !slices.Contains(names, choice.Get("function.name").String()):
		return bad("tool_choice", "The tool of 'tool_choice' is not among 'tools'.")
	}
	return nil
}

func isSet(object gjson.Result, field string) bool {
	v := object.Get(field)
	return v.Exists() && v.Type != gjson.Null
}

func nameRule() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`) }
