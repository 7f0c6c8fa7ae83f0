package gemini

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Client is how we look to callers of the Gemini API: below /v1beta/models and
// /v1/models, with the model and the method in the path. The zero value is
// ready.
type Client struct {
	// Now stamps answers whose service gave no time; nil is time.Now.
	Now func() time.Time
	// list says that a stream is one JSON list instead of events; see Serve.
	list bool
}

// CodeAssistClient is how we look to Gemini CLI when it takes us for Code
// Assist: below /v1internal, with the request in an envelope that names the
// model. What it asks there beside answers is [CodeAssist]'s.
type CodeAssistClient struct {
	// Now is as in Client.
	Now  func() time.Time
	list bool
}

var (
	_ dialect.Client      = Client{}
	_ dialect.Server      = Client{}
	_ dialect.CountClient = Client{}
	_ dialect.EmbedClient = Client{}
	_ dialect.Lister      = Client{}
	_ dialect.Client      = CodeAssistClient{}
	_ dialect.Server      = CodeAssistClient{}
	_ dialect.CountClient = CodeAssistClient{}
)

// Name is [dialect.Gemini].
func (Client) Name() dialect.Name { return dialect.Gemini }

// Name is [dialect.CodeAssist].
func (CodeAssistClient) Name() dialect.Name { return dialect.CodeAssist }

// Serve has the request answered in the form in which it wants a stream: Google
// sends events only to who says alt=sse, and else a list of the same chunks.
func (c Client) Serve(w http.ResponseWriter, r *http.Request, _ string, exchange func(dialect.Client, http.ResponseWriter, *http.Request)) {
	c.list = wantsList(r)
	serve(c, w, r, exchange)
}

// Serve is as of [Client].
func (c CodeAssistClient) Serve(w http.ResponseWriter, r *http.Request, _ string, exchange func(dialect.Client, http.ResponseWriter, *http.Request)) {
	c.list = wantsList(r)
	serve(c, w, r, exchange)
}

func serve(c dialect.Client, w http.ResponseWriter, r *http.Request, exchange func(dialect.Client, http.ResponseWriter, *http.Request)) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		c.EncodeError(w, &llm.Error{Kind: llm.KindMethod, Code: "METHOD_NOT_ALLOWED", Message: "this path takes POST, not " + r.Method})
		return
	}
	exchange(c, w, r)
}

func wantsList(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, ":"+methodStream) && r.URL.Query().Get("alt") != "sse"
}

// StreamType is that of server-sent events, or of a list.
func (c Client) StreamType() string { return c.face().streamType() }

// StreamType is that of server-sent events, or of a list.
func (c CodeAssistClient) StreamType() string { return c.face().streamType() }

// KeepAlive is nothing: Gemini CLI ends on a comment between two events (B22).
func (Client) KeepAlive() []byte { return nil }

// KeepAlive is nothing, as of [Client].
func (CodeAssistClient) KeepAlive() []byte { return nil }

func (c Client) face() face { return face{now: c.Now, list: c.list} }

func (c CodeAssistClient) face() face { return face{now: c.Now, list: c.list, envelope: true} }

// face is what the two clients differ in on the wire.
type face struct {
	now func() time.Time
	// list is a stream that is a JSON list, envelope an answer below "response".
	list, envelope bool
}

func (s face) streamType() string {
	if s.list {
		return "application/json; charset=UTF-8"
	}
	return "text/event-stream"
}

// newResponseID names an answer whose service did not.
func newResponseID() string { return rand.Text() }
