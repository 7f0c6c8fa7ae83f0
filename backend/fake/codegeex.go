package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
)

// CodeGeeX stands in for codegeex.cn: its chat, its model list, its sign-in.
// What it answers is chosen by the model's name, see [CodeGeeX.Models]; any
// other says Hello, or writes a call when the prompt describes tools.
type CodeGeeX struct {
	mailbox

	options Options

	mu     sync.Mutex
	tokens []string // those of finished sign-ins
}

// NewCodeGeeX makes a stand-in that takes the token o.Key.
func NewCodeGeeX(o Options) *CodeGeeX { return &CodeGeeX{options: o} }

// Models are the scripted names beside http-NNN, which answers that status.
func (f *CodeGeeX) Models() []string {
	return []string{
		"claude-sonnet-4", "codegeex-4", "finish-only", "quirks", "envelope-401", "cut", "silent", "page", "non-stream",
	}
}

// SignIn finishes a sign-in in the browser: the session's id is a token now.
func (f *CodeGeeX) SignIn(session string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tokens = append(f.tokens, session)
}

func (f *CodeGeeX) knows(token string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return token != "" && (token == f.options.Key || slices.Contains(f.tokens, token))
}

// ServeHTTP answers one request.
func (f *CodeGeeX) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got, err := f.take(r)
	defer close(got.Ended)
	known := f.knows(r.Header.Get("Code-Token"))
	switch path := r.Method + " " + r.URL.Path; {
	case err != nil:
		f.fail(w, got, http.StatusBadRequest, "the body broke off")
	case r.Header.Get("Authorization") != "":
		f.fail(w, got, http.StatusBadRequest, "the token belongs into Code-Token")
	case path == "GET /prod/code/oauth/getUserInfo" && known:
		codegeexCase("user_info_logged_in").write(w)
	case path == "GET /prod/code/oauth/getUserInfo":
		codegeexCase("user_info_not_yet").write(w)
	case path == "GET /prod/v3/chat/model" && known:
		f.models(w)
	case path == "POST /prod/code/chatCodeSseV3/chat" && known:
		f.chat(w, r, got)
	case path == "POST /prod/v3/completions/inline" && known:
		f.inline(w, r, got)
	case strings.HasPrefix(r.URL.Path, "/prod/") && !known:
		f.fail(w, got, http.StatusUnauthorized, "unauthorized")
	default:
		f.fail(w, got, http.StatusNotFound, "no such address: "+path)
	}
}

// models lists the recorded models and the scripted ones.
func (f *CodeGeeX) models(w http.ResponseWriter) {
	var list struct {
		Options []map[string]any `json:"options"`
		Default string           `json:"default"`
	}
	if err := json.Unmarshal(Vector("codegeex/codegeex_models.json"), &list); err != nil {
		panic(err)
	}
	for _, id := range f.Models()[2:] {
		list.Options = append(list.Options, map[string]any{"id": id, "name": "Test " + id, "description": map[string]string{"zh": "测试", "en": "test"}, "host": ""})
	}
	writeJSON(w, list)
}

func codegeexCase(name string) Case {
	for _, c := range Cases("codegeex/codegeex_misc.json") {
		if c.Name == name {
			return c
		}
	}
	panic("there is no case " + name)
}

// fail answers in the envelope of the site's addresses.
func (f *CodeGeeX) fail(w http.ResponseWriter, got *Received, status int, message string) {
	f.refuse(got, message)
	w.Header().Set("Content-Type", "application/json")
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"code":%d,"msg":%q}`, status, message)
}

func (f *CodeGeeX) chat(w http.ResponseWriter, r *http.Request, got *Received) {
	q := gjson.ParseBytes(got.Body)
	if why := codegeexRefusal(r.Header, got.Body); why != "" {
		f.fail(w, got, http.StatusBadRequest, why)
		return
	}
	model := q.Get("model").Str
	if status, err := strconv.Atoi(strings.TrimPrefix(model, "http-")); err == nil {
		f.fail(w, got, status, fmt.Sprintf("test: the site answers %d", status))
		return
	}
	switch model {
	case "envelope-401":
		w.Header().Set("Content-Type", "application/json")
		w.Write(Vector("codegeex/codegeex_auth_error.json"))
		return
	case "page":
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<!doctype html><title>Sign in to the network</title>"))
		return
	}
	if r.URL.Query().Get("stream") == "false" || model == "non-stream" {
		codegeexCase("chat_non_stream_200").write(w)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Write(codegeexStream(model, q))
}

// codegeexStream is the answer of a model.
func codegeexStream(model string, q gjson.Result) []byte {
	switch model {
	case "finish-only":
		return Vector("codegeex/codegeex_stream_finish_only.sse")
	case "quirks":
		return Vector("codegeex/codegeex_stream_quirks.sse")
	case "cut":
		whole, _, _ := strings.Cut(string(Vector("codegeex/codegeex_stream.sse")), "event: finish")
		return []byte(whole)
	case "silent":
		return []byte("event: finish\ndata: {\"id\":\"s\",\"text\":\"\",\"finish_reason\":\"stop\"}\n\n")
	}
	prompt := q.Get("prompt").Str
	switch _, tools, offered := strings.Cut(prompt, "one JSON object a line:\n"); {
	case strings.Contains(prompt, "<tool_result id="):
		return codegeexSay("The tool said something.")
	case offered:
		name := gjson.Get(tools, "name").Str
		return codegeexSay("I call it.\n<tool_call>\n{\"name\": \"" + name + "\", \"arguments\": {\"path\": \"a.go\"}}\n</tool_call>")
	}
	return Vector("codegeex/codegeex_stream.sse")
}

// codegeexSay streams a text word by word and repeats it at the end.
func codegeexSay(text string) []byte {
	var b strings.Builder
	event := func(kind, text, reason string) {
		raw, _ := json.Marshal(map[string]string{"id": "cg-say", "model": "test-model", "text": text, "finish_reason": reason})
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", kind, raw)
	}
	for _, word := range strings.SplitAfter(text, " ") {
		event("add", word, "")
	}
	event("finish", text, "stop")
	return []byte(b.String())
}

// codegeexRefusal is what is wrong with a chat request; "" is nothing. The site
// is not known to check its body: the stand-in holds callers to the form that
// its own extensions send.
func codegeexRefusal(h http.Header, body []byte) string {
	if h.Get("Content-Type") != "application/json" {
		return "Content-Type must be application/json"
	}
	if h.Get("User-Agent") == "" || strings.Contains(h.Get("User-Agent"), "Go-http-client") {
		return "there is no User-Agent"
	}
	if !gjson.ValidBytes(body) || !gjson.ParseBytes(body).IsObject() {
		return "the body is no JSON object"
	}
	text := []string{"user_id", "ide", "ide_version", "plugin_version", "prompt", "machineId", "talkId", "locale", "model"}
	known := append([]string{"user_role", "agent", "candidates", "history"}, text...)
	q := gjson.ParseBytes(body)
	why := ""
	seen := map[string]bool{}
	q.ForEach(func(key, _ gjson.Result) bool {
		if !slices.Contains(known, key.Str) || seen[key.Str] {
			why = "the field " + key.Str + " is unknown, or there twice"
		}
		seen[key.Str] = true
		return why == ""
	})
	for _, field := range text {
		if why == "" && q.Get(field).Type != gjson.String {
			why = field + " must be a string"
		}
	}
	switch {
	case why != "":
		return why
	case q.Get("user_role").Type != gjson.Number:
		return "user_role must be a number"
	case q.Get("prompt").Str == "" || q.Get("model").Str == "" || q.Get("talkId").Str == "":
		return "prompt, model and talkId must not be empty"
	}
	return codegeexHistory(q.Get("history"))
}

func codegeexHistory(h gjson.Result) string {
	if h.Type == gjson.Null {
		return ""
	}
	if !h.IsArray() || len(h.Array()) == 0 {
		return "history must be null or a list of pairs"
	}
	ids := map[string]bool{}
	for _, pair := range h.Array() {
		id := pair.Get("id").Str
		if pair.Get("query").Type != gjson.String || pair.Get("answer").Type != gjson.String || id == "" || ids[id] {
			return "a pair of history needs query, answer and an id of its own"
		}
		ids[id] = true
	}
	return ""
}
