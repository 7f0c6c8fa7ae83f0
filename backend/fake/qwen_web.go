package fake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
)

// QwenWebOptions are how the stand-in is set up.
type QwenWebOptions struct {
	// Token is the only one that is taken; "" takes any.
	Token string
	// Cookie is wanted too when it is not "".
	Cookie string
	// Older has the old address of the model list alone, and no user info.
	Older bool
}

// QwenWeb stands in for chat.qwen.ai. The model case-NAME answers that case of
// qwen_web_errors.json to the chat, open-NAME to the opening of it; think-answer,
// summary-search and error-inband replay those streams, and any other name
// repeats its message. It refuses what the site refuses, and any value that is
// made up to look like a browser's.
type QwenWeb struct {
	mailbox

	options QwenWebOptions

	state sync.Mutex
	chats map[string]string
}

// NewQwenWeb makes a stand-in without any chat.
func NewQwenWeb(o QwenWebOptions) *QwenWeb { return &QwenWeb{options: o, chats: map[string]string{}} }

// Models are the names of its list.
func (*QwenWeb) Models() []string {
	return []string{"qwen3.7-plus", "qwen3-coder-plus"}
}

// ServeHTTP answers one request.
func (f *QwenWeb) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got, err := f.take(r)
	defer close(got.Ended)
	if err == nil && f.guarded(w, r, got) {
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /api/models":
		f.vector(w, "qwen_web_models.json")
	case "GET /api/v2/models/":
		f.listNewer(w, got)
	case "GET /api/v2/user/info":
		f.user(w, got)
	case "GET /api/v1/auths/":
		writeJSON(w, map[string]any{"id": "u", "email": "ann@example.test", "name": "Ann", "role": "user"})
	case "POST /api/v2/chats/new":
		f.open(w, got)
	case "POST /api/v2/chat/completions":
		f.chat(w, r, got)
	default:
		f.fail(w, got, http.StatusNotFound, "Not_Found", "no such path: "+r.Method+" "+r.URL.Path)
	}
}

// guarded answers a request without the right credential, or one that pretends
// to be a browser.
func (f *QwenWeb) guarded(w http.ResponseWriter, r *http.Request, got *Received) bool {
	for name := range r.Header {
		if strings.HasPrefix(strings.ToLower(name), "bx-") || strings.HasPrefix(strings.ToLower(name), "sec-ch-") {
			f.fail(w, got, http.StatusBadRequest, "Bad_Request", "made up the header "+name)
			return true
		}
	}
	switch {
	case strings.Contains(r.UserAgent(), "Mozilla"):
		f.fail(w, got, http.StatusBadRequest, "Bad_Request", "pretended to be a browser")
	case f.options.Token != "" && r.Header.Get("Authorization") != "Bearer "+f.options.Token:
		f.fail(w, got, http.StatusUnauthorized, "unauthorized", "test: token expired")
	case f.options.Cookie != "" && r.Header.Get("Cookie") != f.options.Cookie:
		f.refuse(got, "the cookie is missing")
		qwenWebCase("waf_html_200").write(w)
	default:
		return false
	}
	return true
}

func (f *QwenWeb) fail(w http.ResponseWriter, got *Received, status int, code, details string) {
	f.refuse(got, details)
	raw, _ := json.Marshal(map[string]any{"success": false, "request_id": "req-e", "data": map[string]any{"code": code, "details": details}})
	Case{Status: status, Body: raw}.write(w)
}

func (*QwenWeb) vector(w http.ResponseWriter, name string) {
	Case{Body: Vector("qwen/" + name)}.write(w)
}

// listNewer answers the newer form of the list: the same, in an envelope.
func (f *QwenWeb) listNewer(w http.ResponseWriter, got *Received) {
	if f.options.Older {
		f.fail(w, got, http.StatusNotFound, "Not_Found", "no such path")
		return
	}
	Case{Body: []byte(`{"success":true,"request_id":"req-m","data":` + string(Vector("qwen/qwen_web_models.json")) + `}`)}.write(w)
}

func (f *QwenWeb) user(w http.ResponseWriter, got *Received) {
	if f.options.Older {
		f.fail(w, got, http.StatusNotFound, "Not_Found", "no such path")
		return
	}
	writeJSON(w, map[string]any{"success": true, "data": map[string]any{"id": "u", "email": "ann@example.test", "name": "Ann"}})
}

// open begins a chat.
func (f *QwenWeb) open(w http.ResponseWriter, got *Received) {
	q := gjson.ParseBytes(got.Body)
	model := q.Get("models.0").String()
	if name, ok := strings.CutPrefix(model, "open-"); ok {
		f.refuse(got, name)
		qwenWebCase(name).write(w)
		return
	}
	switch {
	case !gjson.ValidBytes(got.Body) || len(q.Get("models").Array()) != 1:
		f.fail(w, got, http.StatusOK, "RequestValidationError", "models must name one model")
	case q.Get("chat_type").String() != "t2t" || q.Get("chat_mode").String() != "normal":
		f.fail(w, got, http.StatusOK, "RequestValidationError", "unknown chat_type or chat_mode")
	case q.Get("timestamp").Num < 1e12:
		f.fail(w, got, http.StatusOK, "RequestValidationError", "timestamp must be in milliseconds")
	default:
		f.state.Lock()
		id := fmt.Sprintf("22222222-2222-4222-8222-%012d", len(f.chats)+1)
		f.chats[id] = model
		f.state.Unlock()
		writeJSON(w, map[string]any{"success": true, "request_id": "req-new-1", "data": map[string]any{"id": id}})
	}
}

// chat answers in a chat that was opened, once.
func (f *QwenWeb) chat(w http.ResponseWriter, r *http.Request, got *Received) {
	q := gjson.ParseBytes(got.Body)
	id := r.URL.Query().Get("chat_id")
	f.state.Lock()
	model, known := f.chats[id]
	delete(f.chats, id)
	f.state.Unlock()
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" || !gjson.ValidBytes(got.Body) {
		f.fail(w, got, http.StatusOK, "RequestValidationError", "the body is no JSON")
		return
	}
	if !known || q.Get("chat_id").String() != id {
		f.fail(w, got, http.StatusOK, "Not_Found", "test: chat does not exist")
		return
	}
	if wrong := qwenWebWrong(q, model); wrong != "" {
		f.fail(w, got, http.StatusOK, "Bad_Request", wrong)
		return
	}
	if name, ok := strings.CutPrefix(model, "case-"); ok {
		f.refuse(got, name)
		qwenWebCase(name).write(w)
		return
	}
	open(w)
	for _, event := range events(qwenWebStream(model, id, q.Get("messages.0.content").String())) {
		w.Write(event)
		flush(w)
	}
}

// qwenWebWrong is what the site does not take of a message.
func qwenWebWrong(q gjson.Result, model string) string {
	messages := q.Get("messages").Array()
	if len(messages) != 1 {
		return "Invalid input too many messages."
	}
	m := messages[0]
	for _, c := range []struct {
		wrong bool
		says  string
	}{
		{!q.Get("stream").Bool(), "stream must be true"},
		{!q.Get("incremental_output").Bool(), "incremental_output must be true"},
		{q.Get("version").String() == "", "version is missing"},
		{q.Get("model").String() != model || m.Get("models.0").String() != model, "the model is not the chat's"},
		{q.Get("parent_id").Type != gjson.Null || m.Get("parentId").Type != gjson.Null, "the first turn has no parent"},
		{m.Get("role").String() != "user" || m.Get("user_action").String() != "chat", "the message must be the user's"},
		{m.Get("content").Type != gjson.String || m.Get("content").Str == "", "content must be a text"},
		{len(m.Get("fid").String()) != 36 || len(m.Get("childrenIds.0").String()) != 36, "fid must be a UUID"},
		{m.Get("feature_config.output_schema").String() != "phase", "output_schema must be phase"},
		{!slices.Contains([]string{"Auto", "Thinking", "Fast"}, m.Get("feature_config.thinking_mode").String()), "unknown thinking_mode"},
		{m.Get("chat_type").String() != "t2t" || m.Get("sub_chat_type").String() != "t2t", "unknown chat_type"},
		{q.Get("timestamp").Num < 1e9 || q.Get("timestamp").Num > 1e11, "timestamp must be in seconds"},
		{isSet(q, "tools") || isSet(q, "temperature") || isSet(q, "max_tokens"), "unknown field"},
	} {
		if c.wrong {
			return c.says
		}
	}
	return ""
}

// qwenWebStream is the answer of a model, in the chat it was asked in.
func qwenWebStream(model, chat, content string) []byte {
	switch model {
	case "think-answer", "summary-search", "error-inband":
		stream := Vector("qwen/qwen_web_stream_" + strings.ReplaceAll(model, "-", "_") + ".sse")
		return bytes.ReplaceAll(stream, []byte("22222222-2222-4222-8222-222222222222"), []byte(chat))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `data: {"response.created":{"chat_id":%q,"parent_id":"p-1","response_id":"r-1","response_index":"0"}}`+"\n\n", chat)
	say := func(text, status string, output int) {
		raw, _ := json.Marshal(text)
		fmt.Fprintf(&b, `data: {"choices":[{"delta":{"role":"assistant","content":%s,"phase":"answer","status":%q}}],"response_id":"r-1","usage":{"input_tokens":7,"output_tokens":%d,"total_tokens":%d}}`+"\n\n", raw, status, output, output+7)
	}
	say("You said: ", "typing", 2)
	say(content, "typing", 5)
	say("", "finished", 5)
	return b.Bytes()
}

func qwenWebCase(name string) Case {
	cases := Cases("qwen/qwen_web_errors.json")
	i := slices.IndexFunc(cases, func(c Case) bool { return c.Name == name })
	if i < 0 {
		panic("no case " + name)
	}
	return cases[i]
}
