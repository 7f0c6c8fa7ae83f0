package fake

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// Anthropic stands in for the Messages API, at /v1. What it answers is chosen by
// the model's name, see [Anthropic.Models]; a Claude converses: it thinks when it
// is told to, calls an offered tool, answers a shape, and otherwise says a + b.
type Anthropic struct {
	mailbox

	options Options
}

// NewAnthropic makes a stand-in that takes the key o.Key.
func NewAnthropic(o Options) *Anthropic { return &Anthropic{options: o} }

// Models are the Claudes and the scripted names beside error-NNN, which answers
// that status, and case-NAME, which answers a case of anthropic_misc.json.
func (f *Anthropic) Models() []string {
	return []string{
		"claude-opus-5-5", "claude-sonnet-5", "claude-opus-4-7", "claude-opus-4-6", "claude-haiku-4-5", "claude-3-7-sonnet-20250219", "test-model", "cut", "page",
		"refusal", "whole", "hang",
	}
}

// ServeHTTP answers one request.
func (f *Anthropic) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got, err := f.take(r)
	defer close(got.Ended)
	key := r.Header.Get("X-Api-Key")
	switch path := r.Method + " " + r.URL.Path; {
	case err != nil:
		f.fail(w, got, http.StatusBadRequest, "the body broke off")
	case f.options.Key != "" && key != f.options.Key || r.Header.Get("Authorization") != "":
		f.fail(w, got, http.StatusUnauthorized, "invalid x-api-key")
	case r.Header.Get("Anthropic-Version") != "2023-06-01":
		f.fail(w, got, http.StatusBadRequest, "anthropic-version: header is required")
	case path == "GET /v1/models":
		f.list(w, r)
	case path == "POST /v1/messages/count_tokens":
		f.checked(w, r, got, func(gjson.Result) { anthropicCase("count_tokens").write(w) })
	case path == "POST /v1/messages":
		f.checked(w, r, got, func(q gjson.Result) { f.answer(w, r, got, q) })
	default:
		f.fail(w, got, http.StatusNotFound, "Not found: "+path)
	}
}

func (f *Anthropic) checked(w http.ResponseWriter, r *http.Request, got *Received, answer func(gjson.Result)) {
	counts := strings.HasSuffix(r.URL.Path, "count_tokens")
	if why := anthropicRefusal(r.Header, got.Body, counts); why != "" {
		f.fail(w, got, http.StatusBadRequest, why)
		return
	}
	answer(gjson.ParseBytes(got.Body))
}

// fail answers an error as the service words it.
func (f *Anthropic) fail(w http.ResponseWriter, got *Received, status int, message string) {
	f.refuse(got, message)
	kinds := map[int]string{
		400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error", 404: "not_found_error", 413: "request_too_large",
		429: "rate_limit_error", 500: "api_error", 504: "timeout_error", 529: "overloaded_error",
	}
	kind := kinds[status]
	if kind == "" {
		kind = "api_error"
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "3")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"type":"error","error":{"type":%q,"message":%q},"request_id":"req_test"}`, kind, message)
}

func anthropicCase(name string) Case {
	for _, c := range Cases("anthropic/anthropic_misc.json") {
		if c.Name == name {
			return c
		}
	}
	return Case{Name: name, Status: http.StatusNotFound}
}

// list answers a page of the models, of at most limit entries after after_id.
func (f *Anthropic) list(w http.ResponseWriter, r *http.Request) {
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	limit = min(max(limit, 1), 4) // so that there is more than one page
	ids := f.Models()
	if after := r.URL.Query().Get("after_id"); after != "" {
		ids = ids[slices.Index(ids, after)+1:]
	}
	more := len(ids) > limit
	ids = ids[:min(limit, len(ids))]
	data := []map[string]any{}
	yes, no := map[string]bool{"supported": true}, map[string]bool{"supported": false}
	for _, id := range ids {
		data = append(data, map[string]any{
			"type": "model", "id": id, "display_name": "Test " + id, "created_at": "2025-10-09T08:53:20Z", "max_input_tokens": 200000, "max_tokens": 64000, "lifecycle": "active",
			"capabilities": map[string]any{"image_input": yes, "pdf_input": yes, "structured_outputs": yes, "thinking": map[string]any{"supported": id != "whole"}, "batch": no},
		})
	}
	writeJSON(w, map[string]any{"data": data, "has_more": more, "first_id": ids[0], "last_id": ids[len(ids)-1]})
}

func (f *Anthropic) answer(w http.ResponseWriter, r *http.Request, got *Received, q gjson.Result) {
	model := q.Get("model").Str
	if status, err := strconv.Atoi(strings.TrimPrefix(model, "error-")); err == nil {
		f.fail(w, got, status, fmt.Sprintf("test: the service answers %d", status))
		return
	}
	if name, ok := strings.CutPrefix(model, "case-"); ok {
		anthropicCase(name).write(w)
		return
	}
	if model == "page" {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<!doctype html><title>Sign in to the network</title>"))
		return
	}
	if model == "whole" {
		anthropicCase("message").write(w)
		return
	}
	stream := anthropicStream(model, q)
	if !q.Get("stream").Bool() {
		w.Header().Set("Content-Type", "application/json")
		w.Write(anthropicWhole(stream))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	if model != "hang" {
		w.Write(stream)
		return
	}
	begun, _, _ := strings.Cut(string(stream), "event: content_block_stop")
	io.WriteString(w, begun)
	flush(w)
	<-r.Context().Done()
	close(got.Left)
}

// anthropicWhole is a streamed answer as one message.
func anthropicWhole(stream []byte) []byte {
	message := map[string]any{}
	var content []map[string]any
	arguments := ""
	for line := range strings.SplitSeq(string(stream), "\n") {
		data, ok := strings.CutPrefix(line, "data: ")
		e := gjson.Parse(data)
		if !ok {
			continue
		}
		switch e.Get("type").Str {
		case "message_start":
			_ = json.Unmarshal([]byte(e.Get("message").Raw), &message)
		case "content_block_start":
			block := map[string]any{}
			_ = json.Unmarshal([]byte(e.Get("content_block").Raw), &block)
			content, arguments = append(content, block), ""
		case "content_block_delta":
			block := content[len(content)-1]
			for _, name := range []string{"text", "thinking", "signature"} {
				if piece := e.Get("delta." + name); piece.Exists() {
					block[name] = fmt.Sprint(block[name]) + piece.Str
				}
			}
			if arguments += e.Get("delta.partial_json").Str; json.Valid([]byte(arguments)) {
				block["input"] = json.RawMessage(arguments)
			}
		case "message_delta":
			message["stop_reason"] = e.Get("delta.stop_reason").Str
			usage, _ := message["usage"].(map[string]any)
			usage["output_tokens"] = e.Get("usage.output_tokens").Int()
		}
	}
	message["content"] = content
	raw, _ := json.Marshal(message)
	return raw
}

// anthropicStream is the answer of a model.
func anthropicStream(model string, q gjson.Result) []byte {
	thinking := string(Vector("anthropic/anthropic_stream_thinking_text.sse"))
	switch model {
	case "cut":
		whole, _, _ := strings.Cut(thinking, "event: message_delta")
		return []byte(whole)
	case "refusal":
		start, _, _ := strings.Cut(thinking, "event: content_block_start")
		return []byte(start + `event: message_delta` + "\n" +
			`data: {"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":null,"explanation":"test: not this"}},"usage":{"output_tokens":1}}` +
			"\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
	}
	messages := q.Get("messages").Array()
	last := messages[len(messages)-1].Get("content.0.type").Str
	if tools := q.Get("tools").Array(); len(tools) > 0 && last != "tool_result" && q.Get("tool_choice.type").Str != "none" {
		calls := strings.ReplaceAll(string(Vector("anthropic/anthropic_stream_tool_use.sse")), "read_file", anthropicCalled(q, tools))
		if strings.Contains(messages[len(messages)-1].Get("content").Raw, "PAR") {
			calls = anthropicTwice(calls)
		}
		return []byte(calls)
	}
	if kind := q.Get("thinking.type").Str; kind == "enabled" || kind == "adaptive" {
		return []byte(thinking)
	}
	text := "a + b"
	if strings.Contains(messages[len(messages)-1].Raw, `"image"`) {
		text = "I see 1 image"
	}
	if last == "tool_result" {
		text = "It says " + messages[len(messages)-1].Get("content.0.content").String()
	}
	if q.Get("output_config.format").Exists() {
		text = `{"city":"Paris","celsius":18}`
	}
	return anthropicSay(text)
}

// anthropicTwice is an answer with a second call behind its first one.
func anthropicTwice(calls string) string {
	const mark = "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,"
	before, rest, _ := strings.Cut(calls, mark)
	call, after, _ := strings.Cut(rest, "event: message_delta")
	second := strings.ReplaceAll(strings.ReplaceAll(mark+call, `"index":1`, `"index":2`), "toolu_t1", "toolu_t2")
	return before + mark + call + second + "event: message_delta" + after
}

// anthropicCalled is the tool that is called: the required one, or the first.
func anthropicCalled(q gjson.Result, tools []gjson.Result) string {
	if name := q.Get("tool_choice.name").Str; name != "" {
		return name
	}
	return tools[0].Get("name").Str
}

// anthropicSay streams a text.
func anthropicSay(text string) []byte {
	var b strings.Builder
	event := func(v map[string]any) {
		raw, _ := json.Marshal(v)
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", v["type"], raw)
	}
	usage := map[string]int{"input_tokens": 20, "output_tokens": 1}
	event(map[string]any{"type": "message_start", "message": map[string]any{"id": "msg_say", "type": "message", "role": "assistant", "model": "test-model", "content": []any{}, "usage": usage}})
	event(map[string]any{"type": "content_block_start", "index": 0, "content_block": map[string]string{"type": "text", "text": ""}})
	event(map[string]any{"type": "content_block_delta", "index": 0, "delta": map[string]string{"type": "text_delta", "text": text}})
	event(map[string]any{"type": "content_block_stop", "index": 0})
	event(map[string]any{"type": "message_delta", "delta": map[string]any{"stop_reason": "end_turn"}, "usage": map[string]int{"output_tokens": 9}})
	event(map[string]any{"type": "message_stop"})
	return []byte(b.String())
}
