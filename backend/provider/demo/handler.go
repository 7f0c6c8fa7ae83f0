package demo

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Handler is the service behind the provider, as any HTTP server may serve it:
// GET /v1/models, and POST /v1/chat/completions, /v1/completions and
// /v1/embeddings.
func Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /v1/models", serveModels)
	m.HandleFunc("POST /v1/chat/completions", serveChat)
	m.HandleFunc("POST /v1/completions", serveText)
	m.HandleFunc("POST /v1/embeddings", serveEmbeddings)
	m.HandleFunc("/v1/models", notAllowed("GET"))
	for _, path := range []string{"/v1/chat/completions", "/v1/completions", "/v1/embeddings"} {
		m.HandleFunc(path, notAllowed("POST"))
	}
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		(&failure{status: http.StatusNotFound, kind: "invalid_request_error", code: "unknown_url", message: "no such path: " + r.Method + " " + r.URL.Path}).write(w)
	})
	return m
}

// failure is an error as the protocol shows it.
type failure struct {
	status                     int
	kind, code, param, message string
	// retryAfter is in seconds; 0 is none.
	retryAfter int
}

func (f *failure) write(w http.ResponseWriter) {
	if f.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.retryAfter))
	}
	writeJSON(w, f.status, map[string]any{"error": map[string]any{
		"message": f.message, "type": f.kind, "param": orNull(f.param), "code": orNull(f.code),
	}})
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(http.ErrAbortHandler) // Nothing here is without a JSON form.
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	_, _ = w.Write(raw) // The client has left; nobody is to be told.
}

func notAllowed(method string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", method)
		(&failure{
			status: http.StatusMethodNotAllowed, kind: "invalid_request_error", code: "method_not_allowed",
			message: r.URL.Path + " takes " + method + ", not " + r.Method,
		}).write(w)
	}
}

func serveModels(w http.ResponseWriter, _ *http.Request) {
	var data []map[string]any
	for _, m := range models() {
		data = append(data, map[string]any{"id": m.id, "object": "model", "created": created, "owned_by": "demo", "name": m.name})
	}
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": data})
}

func serveChat(w http.ResponseWriter, r *http.Request) {
	raw, err := readBody(r)
	if err != nil {
		refuse("", "the body could not be read").write(w)
		return
	}
	q, f := decode(raw)
	if f == nil {
		f = onDemand(lookup(q.Model))
	}
	if f != nil {
		f.write(w)
		return
	}
	a := compose(q, len(raw))
	if q.Stream {
		stream(r.Context(), w, q, a)
		return
	}
	if lookup(q.Model).cut {
		cutReply(w, a.reply(q))
	}
	writeJSON(w, http.StatusOK, a.reply(q))
}

// onDemand is the error that a model's name asks for; nil is none.
func onDemand(b behavior) *failure {
	f := &failure{status: b.status, message: "this is the error you asked for by naming the model " + b.id}
	switch b.status {
	case 0:
		return nil
	case http.StatusUnauthorized:
		f.kind, f.code = "invalid_request_error", "invalid_api_key"
	case http.StatusNotFound:
		f.kind, f.code, f.param = "invalid_request_error", "model_not_found", "model"
	case http.StatusTooManyRequests:
		f.kind, f.code, f.retryAfter = "requests", "rate_limit_exceeded", 7
	default:
		f.kind = "server_error"
	}
	return f
}

// cutReply sends half of an answer and breaks the connection.
func cutReply(w http.ResponseWriter, reply any) {
	raw, err := json.Marshal(reply)
	if err == nil {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
		_, _ = w.Write(raw[:len(raw)/2])
	}
	panic(http.ErrAbortHandler)
}
