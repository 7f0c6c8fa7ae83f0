package fake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
)

// Responses stands in for a service that speaks the Responses protocol alone, at
// /v1. It keeps nothing, so that it refuses what refers to an earlier response
// or to an item by its id. What it answers is chosen by the model's name: usage
// says Hello, hang begins and never goes on, cut ends before it is finished,
// failed breaks in the middle, error-NNN answers that status, and any other
// converses as [OpenAI] does.
type Responses struct {
	key string

	mu       sync.Mutex
	received []*Received
}

// NewResponses makes a stand-in that takes one key; "" takes any.
func NewResponses(key string) *Responses { return &Responses{key: key} }

// Models are its models.
func (*Responses) Models() []string {
	return []string{"anything", "cut", "failed", "hang", "usage"}
}

// Received lists the requests for responses that arrived, oldest first.
func (f *Responses) Received() []*Received {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.received)
}

// ServeHTTP answers one request.
func (f *Responses) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/v1")
	switch {
	case f.key != "" && r.Header.Get("Authorization") != "Bearer "+f.key:
		(&refusal{status: http.StatusUnauthorized, code: "invalid_api_key", message: "Incorrect API key provided."}).write(w)
		return
	case path == "/models" && r.Method == http.MethodGet:
		writeJSON(w, map[string]any{"object": "list", "data": modelList(f.Models())})
		return
	case path == "/responses/input_tokens" && r.Method == http.MethodPost:
		f.count(w, r)
		return
	case path != "/responses":
		(&refusal{status: http.StatusNotFound, code: "unknown_url", message: "Unknown request URL: " + r.Method + " " + r.URL.Path}).write(w)
		return
	case r.Method != http.MethodPost:
		(&refusal{status: http.StatusMethodNotAllowed, message: "Only POST requests are accepted."}).write(w)
		return
	}
	body, err := io.ReadAll(r.Body)
	got := &Received{
		Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone(), Host: r.Host, Body: body,
		Ended: make(chan struct{}), Left: make(chan struct{}),
	}
	refused := checkResponses(r.Header, body)
	if err != nil {
		refused = bad("", "the body broke off: "+err.Error())
	}
	if refused != nil {
		got.Refused = refused.message
	}
	f.mu.Lock()
	f.received = append(f.received, got)
	f.mu.Unlock()
	defer close(got.Ended)
	if refused != nil {
		refused.write(w)
		return
	}
	defer func() {
		if r.Context().Err() != nil {
			close(got.Left)
		}
	}()
	f.answer(w, r, gjson.ParseBytes(body))
}

// count answers how many words a request's input has, and refuses what is no
// part of a count.
func (f *Responses) count(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	q := gjson.ParseBytes(body)
	refused := checkInput(q)
	if refused == nil {
		refused = checkResponseTools(q)
	}
	for _, field := range []string{"stream", "store", "max_output_tokens", "include", "temperature"} {
		if q.Get(field).Exists() {
			refused = bad(field, "Unknown parameter: '"+field+"'.")
		}
	}
	if err != nil || !gjson.ValidBytes(body) {
		refused = bad("", "the body is broken")
	}
	got := &Received{Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone(), Host: r.Host, Body: body, Ended: make(chan struct{}), Left: make(chan struct{})}
	close(got.Ended)
	if refused != nil {
		got.Refused = refused.message
	}
	f.mu.Lock()
	f.received = append(f.received, got)
	f.mu.Unlock()
	if refused != nil {
		refused.write(w)
		return
	}
	writeJSON(w, map[string]any{"object": "response.input_tokens", "input_tokens": 100 + len(strings.Fields(q.Get("input").Raw))})
}

// answer runs the script of the model.
func (f *Responses) answer(w http.ResponseWriter, r *http.Request, q gjson.Result) {
	model := q.Get("model").Str
	if status, err := strconv.Atoi(strings.TrimPrefix(model, "error-")); err == nil && status >= 400 && status < 600 {
		failWith(w, status)
		return
	}
	a := newResponse(q)
	switch model {
	case "usage":
		a.message("Hello")
	case "hang":
		a.message("Hello")
		open(w)
		w.Write(a.opening(4))
		flush(w)
		<-r.Context().Done()
		return
	case "cut":
		a.message("Hello")
		open(w)
		w.Write(a.opening(5))
		return
	case "failed":
		a.message("Hello")
		a.end("failed", map[string]any{"error": map[string]any{"code": "server_error", "message": "test: it broke in the middle"}})
		a.send(w, q)
		return
	default:
		a.converse(q)
	}
	a.end("completed", nil)
	a.send(w, q)
}

// responseAnswer is an answer on its way: its events, and the response they
// amount to.
type responseAnswer struct {
	sse    []byte
	number int
	object map[string]any
	output []any
}

func newResponse(q gjson.Result) *responseAnswer {
	a := &responseAnswer{object: map[string]any{
		"id": "resp_fake" + strconv.Itoa(len(q.Raw)), "object": "response", "created_at": 1760000000, "status": "in_progress", "model": "test-model",
		"output": []any{}, "usage": nil, "tools": []any{}, "tool_choice": "auto", "parallel_tool_calls": true, "metadata": map[string]any{}, "error": nil,
		"vendor_field": "kept",
	}}
	a.event("response.created", map[string]any{"response": a.object})
	a.event("response.in_progress", map[string]any{"response": a.object})
	return a
}

func (a *responseAnswer) event(kind string, fields map[string]any) {
	e := map[string]any{"type": kind, "sequence_number": a.number}
	maps.Copy(e, fields)
	a.number++
	raw, _ := json.Marshal(e)
	a.sse = append(a.sse, fmt.Sprintf("event: %s\ndata: %s\n\n", kind, raw)...)
}

// opening are the first n events.
func (a *responseAnswer) opening(n int) []byte {
	var out []byte
	for _, e := range events(a.sse)[:n] {
		out = append(out, e...)
	}
	return out
}

// item announces an item, says pieces of it, and ends it.
func (a *responseAnswer) item(begun, done map[string]any, delta string, pieces []string, fields map[string]any) {
	at := map[string]any{"output_index": len(a.output), "item_id": done["id"]}
	maps.Copy(at, fields)
	a.event("response.output_item.added", map[string]any{"output_index": len(a.output), "item": begun})
	for _, p := range pieces {
		at["delta"] = p
		a.event(delta, at)
	}
	a.event("response.output_item.done", map[string]any{"output_index": len(a.output), "item": done})
	a.output = append(a.output, done)
}

func (a *responseAnswer) message(text string) {
	id := fmt.Sprintf("msg_%d", len(a.output))
	part := map[string]any{"type": "output_text", "text": text, "annotations": []any{}}
	a.item(map[string]any{"id": id, "type": "message", "status": "in_progress", "role": "assistant", "content": []any{}},
		map[string]any{"id": id, "type": "message", "status": "completed", "role": "assistant", "content": []any{part}},
		"response.output_text.delta", strings.SplitAfter(text, " "), map[string]any{"content_index": 0})
}

func (a *responseAnswer) call(tool gjson.Result, arguments string) {
	n := len(a.output)
	done := map[string]any{
		"id": fmt.Sprintf("fc_%d", n), "type": "function_call", "status": "completed", "call_id": fmt.Sprintf("call_%d", n), "name": tool.Get("name").Str, "arguments": arguments,
	}
	delta := "response.function_call_arguments.delta"
	if tool.Get("type").Str == "custom" {
		done["type"], done["input"] = "custom_tool_call", "free text"
		delete(done, "arguments")
		delta, arguments = "response.custom_tool_call_input.delta", "free text"
	}
	begun := map[string]any{"id": done["id"], "type": done["type"], "status": "in_progress", "call_id": done["call_id"], "name": done["name"], "arguments": "", "input": ""}
	a.item(begun, done, delta, []string{arguments[:4], arguments[4:]}, nil)
}

// thought is thinking that is signed, and so can be sent back.
func (a *responseAnswer) thought(text string) {
	id := fmt.Sprintf("rs_%d", len(a.output))
	summary := []any{map[string]any{"type": "summary_text", "text": text}}
	a.item(map[string]any{"id": id, "type": "reasoning", "summary": []any{}},
		map[string]any{"id": id, "type": "reasoning", "summary": summary, "encrypted_content": "sealed-" + id},
		"response.reasoning_summary_text.delta", []string{text}, map[string]any{"summary_index": 0})
}

// converse answers as a model does.
func (a *responseAnswer) converse(q gjson.Result) {
	items := q.Get("input").Array()
	last := items[len(items)-1]
	tools := q.Get("tools").Array()
	if q.Get("reasoning.effort").Exists() {
		a.thought("Let me see.")
	}
	switch text := lastText(last); {
	case strings.HasSuffix(last.Get("type").Str, "_call_output"):
		a.message("The tool said: " + text)
	case q.Get("text.format.type").Str == "json_schema":
		a.message(`{"city":"Paris","celsius":18}`)
	case len(tools) > 0 && q.Get("tool_choice").String() != "none":
		a.call(tools[0], `{"city": "Berlin"}`)
		if strings.Contains(text, "PAR") {
			a.call(tools[0], `{"city": "Tokyo"}`)
		}
	case strings.Contains(last.Raw, `"input_image"`):
		a.message("I see 1 image.")
	default:
		a.message(fmt.Sprintf("Hello, I heard %d items, the last one: %s", len(items), text))
	}
}

func lastText(item gjson.Result) string {
	switch v := item.Get("output"); {
	case item.Type == gjson.String:
		return item.Str
	case v.Type == gjson.String:
		return v.Str
	case v.IsArray():
		return textOf(v)
	}
	return textOf(item.Get("content"))
}

func (a *responseAnswer) end(status string, more map[string]any) {
	a.object["status"], a.object["output"] = status, a.output
	a.object["usage"] = map[string]any{
		"input_tokens": 9, "input_tokens_details": map[string]any{"cached_tokens": 3}, "output_tokens": 2, "output_tokens_details": map[string]any{"reasoning_tokens": 1}, "total_tokens": 11,
	}
	maps.Copy(a.object, more)
	a.event("response."+status, map[string]any{"response": a.object})
}

// send gives the events to who asked for a stream, the response to others.
func (a *responseAnswer) send(w http.ResponseWriter, q gjson.Result) {
	if !q.Get("stream").Bool() {
		writeJSON(w, a.object)
		return
	}
	open(w)
	for _, e := range events(a.sse) {
		w.Write(e)
		flush(w)
	}
}

// checkResponses is what the strictest service would say; nil means that the
// request is right.
func checkResponses(h http.Header, body []byte) *refusal {
	if !strings.HasPrefix(h.Get("Content-Type"), "application/json") {
		return bad("", "Content-Type must be application/json, not "+h.Get("Content-Type"))
	}
	if !gjson.ValidBytes(body) {
		return bad("", "We could not parse the JSON body of your request.")
	}
	q := gjson.ParseBytes(body)
	for _, part := range []func(gjson.Result) *refusal{checkResponseKeys, checkResponseTop, checkResponseTools, checkInput} {
		if e := part(q); e != nil {
			return e
		}
	}
	return nil
}

func checkResponseKeys(q gjson.Result) (e *refusal) {
	known := []string{
		"model", "input", "instructions", "background", "include", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls", "previous_response_id", "prompt",
		"prompt_cache_key", "prompt_cache_retention", "reasoning", "safety_identifier", "service_tier", "store", "stream", "stream_options", "temperature", "text", "tool_choice",
		"tools", "top_logprobs", "top_p", "truncation", "user", "client_metadata", "conversation", "vendor_request_field",
	}
	seen := map[string]bool{}
	q.ForEach(func(key, _ gjson.Result) bool {
		switch k := key.String(); {
		case seen[k]:
			e = bad(k, "The field "+k+" is there twice.")
		case !slices.Contains(known, k):
			e = bad(k, "Unknown parameter: '"+k+"'.")
		default:
			seen[k] = true
		}
		return e == nil
	})
	return e
}

func checkResponseTop(q gjson.Result) *refusal {
	switch format := q.Get("text.format"); {
	case q.Get("model").Str == "":
		return bad("model", "Missing required parameter: 'model'.")
	case isSet(q, "stream") && !q.Get("stream").IsBool():
		return bad("stream", "Invalid type for 'stream': expected a boolean.")
	case isSet(q, "store") && !q.Get("store").IsBool():
		return bad("store", "Invalid type for 'store': expected a boolean.")
	case q.Get("previous_response_id").Str != "":
		return &refusal{status: http.StatusBadRequest, code: "previous_response_not_found", param: "previous_response_id", message: "Previous response with id '" + q.Get("previous_response_id").Str + "' not found."}
	case isSet(q, "max_output_tokens") && q.Get("max_output_tokens").Num < 16:
		return bad("max_output_tokens", "Invalid 'max_output_tokens': integer below minimum value.")
	case format.Get("type").Str == "json_schema" && (!nameRule().MatchString(format.Get("name").Str) || !format.Get("schema").IsObject()):
		return bad("text.format", "Missing required parameter: 'text.format.name' or schema.")
	}
	return nil
}

func checkResponseTools(q gjson.Result) *refusal {
	names := map[string]bool{}
	for i, t := range q.Get("tools").Array() {
		at := fmt.Sprintf("tools[%d]", i)
		switch t.Get("type").Str {
		case "function", "custom":
			if !nameRule().MatchString(t.Get("name").Str) {
				return bad(at+".name", "Missing required parameter: '"+at+".name'.")
			}
			if names[t.Get("name").Str] {
				return bad(at+".name", "The tool "+t.Get("name").Str+" is there twice.")
			}
			names[t.Get("name").Str] = true
		case "web_search", "namespace", "local_shell", "image_generation", "tool_search", "mcp", "file_search", "code_interpreter", "shell", "apply_patch":
		default:
			return bad(at+".type", "Invalid value: '"+t.Get("type").Str+"'.")
		}
	}
	if c := q.Get("tool_choice"); c.Type == gjson.String && !slices.Contains([]string{"auto", "none", "required"}, c.Str) {
		return bad("tool_choice", "Invalid value: '"+c.Str+"'.")
	}
	return nil
}

// checkInput finds items that are none, outputs of calls that were never made
// and calls without an output.
func checkInput(q gjson.Result) *refusal {
	in := q.Get("input")
	if in.Type == gjson.String && in.Str != "" {
		return nil
	}
	if !in.IsArray() || len(in.Array()) == 0 {
		return bad("input", "Missing required parameter: 'input'.")
	}
	open, order := map[string]bool{}, []string{}
	for i, it := range in.Array() {
		at := fmt.Sprintf("input[%d]", i)
		id := it.Get("call_id").Str
		switch kind := cmp.Or(it.Get("type").Str, "message"); kind {
		case "message":
			if e := checkSaid(at, it); e != nil {
				return e
			}
		case "reasoning":
			if it.Get("encrypted_content").Str == "" {
				return &refusal{status: http.StatusNotFound, param: "input", message: "Item with id '" + it.Get("id").Str + "' not found. Items are not persisted when `store` is set to false."}
			}
		case "function_call", "custom_tool_call":
			if id == "" || it.Get("name").Str == "" {
				return bad(at+".call_id", "Missing required parameter: '"+at+".call_id' or name.")
			}
			open[id] = true
			order = append(order, id)
		case "function_call_output", "custom_tool_call_output":
			if !open[id] {
				return bad("input", "No tool call found for function call output with call_id "+id+".")
			}
			delete(open, id)
		case "additional_tools", "web_search_call", "local_shell_call", "tool_search_call", "tool_search_output":
		default:
			return bad(at+".type", "Invalid value: '"+kind+"'.")
		}
	}
	for _, id := range order {
		if open[id] {
			return bad("input", "No tool output found for function call "+id+".")
		}
	}
	return nil
}

// checkSaid finds wrong roles, and parts that do not belong to a role.
func checkSaid(at string, it gjson.Result) *refusal {
	role, content := it.Get("role").Str, it.Get("content")
	if !slices.Contains([]string{"user", "assistant", "system", "developer"}, role) {
		return bad(at+".role", "Invalid value: '"+role+"'.")
	}
	if !content.Exists() || content.Type == gjson.Null {
		return bad(at+".content", "Missing required parameter: '"+at+".content'.")
	}
	for j, p := range content.Array() {
		kinds := []string{"input_text", "input_image", "input_file", "input_audio"}
		if role == "assistant" {
			kinds = []string{"output_text", "refusal"}
		}
		if p.IsObject() && !slices.Contains(kinds, p.Get("type").Str) {
			return bad(fmt.Sprintf("%s.content[%d]", at, j), "Invalid value: '"+p.Get("type").Str+"'.")
		}
	}
	return nil
}
