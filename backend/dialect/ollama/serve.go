package ollama

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// exchange is how the listener has a question to a model answered.
type exchange = func(c dialect.Client, w http.ResponseWriter, r *http.Request)

// Serve has the request answered, but for one without a message: clients send
// that to have a model loaded, or with keep_alive 0 taken from memory, and no
// service is to be asked for it.
func (c Chat) Serve(w http.ResponseWriter, r *http.Request, _ string, ask exchange) {
	warmUp{client: c, now: c.Now, known: c.Known, wants: "messages", answer: `"message":{"role":"assistant","content":""}`}.serve(w, r, ask)
}

// Serve has the request answered, but for one without a prompt; see Chat.Serve.
func (g Generate) Serve(w http.ResponseWriter, r *http.Request, _ string, ask exchange) {
	warmUp{client: g, now: g.Now, known: g.Known, wants: "prompt", answer: `"response":""`}.serve(w, r, ask)
}

// warmUp answers requests that only want a model to be ready.
type warmUp struct {
	client dialect.Client
	now    func() time.Time
	known  func(model string) *llm.Error
	// wants is the member that a question has, answer what an empty answer says.
	wants, answer string
}

func (u warmUp) serve(w http.ResponseWriter, r *http.Request, ask exchange) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		fail(w, &llm.Error{Kind: llm.KindMethod, Message: "this path takes POST, not " + r.Method})
		return
	}
	// A question is longer than that, or is one by its first look.
	const most = 512
	if r.ContentLength < 0 || r.ContentLength > most {
		ask(u.client, w, r)
		return
	}
	raw, err := io.ReadAll(r.Body)
	under := r.Body
	r.Body = body{io.MultiReader(bytes.NewReader(raw), failing{err}), under}
	model, empty := u.empty(raw)
	if err != nil || !empty {
		ask(u.client, w, r)
		return
	}
	if u.known != nil {
		if err := u.known(named(model)); err != nil {
			fail(w, err)
			return
		}
	}
	u.ready(w, raw, model)
}

// body is a request's body of which a part was read.
type body struct {
	io.Reader
	io.Closer
}

// failing ends a body as its reading ended.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// empty says that a body names a model and asks it nothing.
func (u warmUp) empty(raw []byte) (model string, empty bool) {
	if !rawjson.Valid(raw) {
		return "", false
	}
	model = rawjson.Text(rawjson.Get(raw, "model"))
	switch v := rawjson.Get(raw, u.wants); {
	case rawjson.IsNull(v), string(v) == `""`:
		return model, model != "" && rawjson.IsNull(rawjson.Get(raw, "suffix")) && rawjson.IsNull(rawjson.Get(raw, "images"))
	case v[0] == '[':
		for range rawjson.Elements(v) {
			return model, false
		}
		return model, model != ""
	default:
		return model, false
	}
}

// ready says that the model is loaded, or not any more.
func (u warmUp) ready(w http.ResponseWriter, raw []byte, model string) {
	reason := "load"
	switch string(rawjson.Get(raw, "keep_alive")) {
	case "0", `"0"`, `"0s"`, `"0m"`:
		reason = "unload"
	}
	out := rawjson.AppendString([]byte(`{"model":`), model)
	out = clock(u.now).UTC().AppendFormat(append(out, `,"created_at":"`...), time.RFC3339Nano)
	out = append(out, `",`+u.answer+`,"done":true,"done_reason":"`+reason+"\"}\n"...)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(out)
}
