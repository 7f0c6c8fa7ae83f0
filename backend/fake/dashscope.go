package fake

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// DashScopeOptions are how the stand-in is set up.
type DashScopeOptions struct {
	// Key is the only one that is taken; "" takes any.
	Key string
	// Plan makes it a coding plan's: it has no model list, and its FIM is
	// nowhere.
	Plan bool
}

// DashScope stands in for Alibaba Cloud Model Studio in its OpenAI form, below
// /compatible-mode/v1 and /v1. The model case-NAME answers that case of
// dashscope_misc.json or qwen_oauth_errors.json; qwq-plus always thinks,
// qwen3.7-plus and qwen3.8-max do unless they are told not to, and qwen-plus
// does when it is told to. What the service refuses is refused in its own words
// and, for a stream, as an event.
type DashScope struct {
	mailbox

	options DashScopeOptions
}

// NewDashScope makes a stand-in that has received nothing.
func NewDashScope(o DashScopeOptions) *DashScope { return &DashScope{options: o} }

// Models are the names of its list.
func (*DashScope) Models() []string {
	return []string{"qwen-plus", "qwen3-coder-plus", "qwen3.7-plus", "qwen3.8-max", "qwq-plus", "qwen-coder-turbo", "qwen-vl-plus", "text-embedding-v4"}
}

// ServeHTTP answers one request.
func (f *DashScope) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got, err := f.take(r)
	defer close(got.Ended)
	path, ok := strings.CutPrefix(strings.TrimPrefix(r.URL.Path, "/compatible-mode"), "/v1")
	q := gjson.ParseBytes(got.Body)
	switch {
	case err != nil:
		f.fail(w, got, q, bad("", "the body broke off"))
	case f.options.Key != "" && r.Header.Get("Authorization") != "Bearer "+f.options.Key:
		f.fail(w, got, gjson.Result{}, &refusal{status: http.StatusUnauthorized, code: "invalid_api_key", message: "Incorrect API key provided."})
	case strings.Contains(r.UserAgent(), "QwenCode"):
		f.fail(w, got, q, bad("", "this program is not Qwen Code"))
	case ok && path == "/models" && r.Method == http.MethodGet:
		f.list(w, got)
	case ok && r.Method == http.MethodPost && path == "/chat/completions":
		f.chat(w, r, got, q)
	case ok && r.Method == http.MethodPost && path == "/completions" && !f.options.Plan:
		f.complete(w, got, q)
	case ok && r.Method == http.MethodPost && path == "/embeddings" && !f.options.Plan:
		f.embed(w, got, q)
	default:
		f.fail(w, got, gjson.Result{}, &refusal{status: http.StatusNotFound, code: "invalid_url", message: "no such path: " + r.Method + " " + r.URL.Path})
	}
}

// fail answers an error as the service frames it: to a stream, as an event.
func (f *DashScope) fail(w http.ResponseWriter, got *Received, q gjson.Result, e *refusal) {
	f.refuse(got, e.message)
	if e.code == "" {
		e.code = "invalid_parameter_error"
	}
	if !q.Get("stream").Bool() {
		e.write(w)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream;charset=UTF-8")
	w.WriteHeader(e.status)
	w.Write([]byte("data: " + string(e.body()) + "\n\n"))
}

func (f *DashScope) list(w http.ResponseWriter, got *Received) {
	if f.options.Plan {
		f.fail(w, got, gjson.Result{}, &refusal{status: http.StatusMethodNotAllowed, code: "method_not_allowed", message: "test: the plan has no model list"})
		return
	}
	writeJSON(w, map[string]any{"object": "list", "data": modelList(f.Models())})
}

func (f *DashScope) chat(w http.ResponseWriter, r *http.Request, got *Received, q gjson.Result) {
	if name, ok := strings.CutPrefix(q.Get("model").String(), "case-"); ok {
		f.scripted(w, got, q, name)
		return
	}
	if e := dashScopeCheck(r.Header, got.Body, q); e != nil {
		f.fail(w, got, q, e)
		return
	}
	if thinks(q) {
		send(w, q, Vector("qwen/dashscope_stream_reasoning.sse"))
		return
	}
	converse(w, q)
}

// scripted answers the case of that name.
func (f *DashScope) scripted(w http.ResponseWriter, got *Received, q gjson.Result, name string) {
	for _, c := range slices.Concat(Cases("qwen/dashscope_misc.json"), Cases("qwen/qwen_oauth_errors.json")) {
		if c.Name == name {
			f.refuse(got, name)
			c.write(w)
			return
		}
	}
	f.fail(w, got, q, &refusal{status: http.StatusNotFound, code: "model_not_found", message: "no case " + name})
}

// complete takes one prompt with the marks of FIM in it: there is no suffix.
func (f *DashScope) complete(w http.ResponseWriter, got *Received, q gjson.Result) {
	prompt := q.Get("prompt")
	switch {
	case !gjson.ValidBytes(got.Body) || prompt.Type != gjson.String:
		f.fail(w, got, q, bad("prompt", "prompt must be a text"))
	case isSet(q, "suffix"):
		f.fail(w, got, q, bad("suffix", "suffix is not supported"))
	case !strings.Contains(q.Get("model").String(), "coder"):
		f.fail(w, got, q, &refusal{status: http.StatusNotFound, code: "model_not_supported", message: "Unsupported model for OpenAI compatibility mode."})
	default:
		for _, c := range Cases("qwen/dashscope_misc.json") {
			if c.Name == "fim_completion" {
				c.write(w)
			}
		}
	}
}

func (f *DashScope) embed(w http.ResponseWriter, got *Received, q gjson.Result) {
	if !strings.HasPrefix(q.Get("model").String(), "text-embedding") || !isSet(q, "input") {
		f.fail(w, got, q, bad("model", "no embedding model, or no input"))
		return
	}
	writeJSON(w, map[string]any{
		"object": "list", "model": q.Get("model").String(), "usage": map[string]any{"prompt_tokens": 1, "total_tokens": 1},
		"data": []map[string]any{{"object": "embedding", "index": 0, "embedding": []float64{0.5, -0.25}}},
	})
}
