package fake

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options are how strict a stand-in is.
type Options struct {
	// Key is the only one that is taken; "" takes requests without any.
	Key string
	// Strict refuses fields that the protocol does not have.
	Strict bool
	// As is the service it stands in for, one of Services: it then refuses what
	// that service refuses beyond OpenAI, in its own words, and stands where the
	// service's API stands. "" is OpenAI at its most exacting.
	As string
	// Delay is how long the model slow-first-byte thinks; 0 is 300 ms.
	Delay time.Duration
}

// OpenAI stands in for a service with the OpenAI protocol, at /v1 and at the
// root. What it answers is chosen by the model's name, see [OpenAI.Models]; a
// name that is not scripted converses: it says Hello, calls an offered tool,
// quotes a tool's result, answers JSON and acknowledges pictures.
type OpenAI struct {
	options Options
	habits  habits

	mu       sync.Mutex
	received []*Received
	arrived  chan struct{} // Closed and replaced with every arrival.
}

// Received is one request as it arrived.
type Received struct {
	Method, Path string
	Header       http.Header
	// Host is the Host header, and Encoding the transfer encodings.
	Host     string
	Encoding []string
	Body     []byte
	// Refused is the error the request was answered with; "" when it was right.
	Refused string
	// Ended is closed when the answer is over, Left when the caller hung up
	// before.
	Ended, Left chan struct{}
}

// NewOpenAI makes a stand-in that has received nothing.
func NewOpenAI(o Options) *OpenAI {
	if o.Delay == 0 {
		o.Delay = 300 * time.Millisecond
	}
	s, ok := services()[o.As]
	if !ok && o.As != "" {
		panic("there is no service " + o.As)
	}
	return &OpenAI{options: o, habits: s, arrived: make(chan struct{})}
}

// Received lists what arrived, oldest first.
func (f *OpenAI) Received() []*Received {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.received)
}

// Reset forgets what arrived.
func (f *OpenAI) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.received = nil
}

// Await waits until at least n requests have arrived and gives the nth; nil
// when done is closed before.
func (f *OpenAI) Await(done <-chan struct{}, n int) *Received {
	for {
		f.mu.Lock()
		arrived := f.arrived
		if len(f.received) >= n {
			defer f.mu.Unlock()
			return f.received[n-1]
		}
		f.mu.Unlock()
		select {
		case <-arrived:
		case <-done:
			return nil
		}
	}
}

func (f *OpenAI) record(r *Received) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.received = append(f.received, r)
	close(f.arrived)
	f.arrived = make(chan struct{})
}

// ServeHTTP answers one request.
func (f *OpenAI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	got := &Received{
		Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone(), Host: r.Host, Encoding: r.TransferEncoding, Body: body,
		Ended: make(chan struct{}), Left: make(chan struct{}),
	}
	refused := f.refusal(r, body, err)
	if refused != nil {
		got.Refused = refused.message
	}
	f.record(got)
	defer close(got.Ended)
	if refused != nil {
		f.habits.write(w, refused)
		return
	}
	defer func() {
		// The server ends the context after the answer too, but not before
		// this handler has returned.
		if r.Context().Err() != nil {
			close(got.Left)
		}
	}()
	if strings.HasSuffix(r.URL.Path, "/key") {
		writeJSON(w, map[string]any{"data": map[string]any{"label": "test", "usage": 0}})
		return
	}
	if strings.HasSuffix(r.URL.Path, "/models") {
		writeJSON(w, map[string]any{"object": "list", "data": modelList(f.Models())})
		return
	}
	f.answer(w, r, body)
}

// refusal is why the service would not take the request; nil is none.
func (f *OpenAI) refusal(r *http.Request, body []byte, readErr error) *refusal {
	path := f.habits.path(r.URL.Path)
	wants := map[string]string{"/models": http.MethodGet, "/chat/completions": http.MethodPost}[path]
	if path == "/key" && f.options.As == "openrouter" || path == "/models" && f.habits.noList {
		wants = map[string]string{"/key": http.MethodGet}[path]
	}
	free := path == "/models" && f.habits.openList
	switch {
	case wants == "":
		return &refusal{status: http.StatusNotFound, code: "unknown_url", message: "Unknown request URL: " + r.Method + " " + r.URL.Path}
	case wants != r.Method:
		return &refusal{status: http.StatusMethodNotAllowed, code: "method_not_supported", message: "Only " + wants + " requests are accepted."}
	case f.options.Key != "" && !free && r.Header.Get("Authorization") != "Bearer "+f.options.Key:
		return &refusal{status: http.StatusUnauthorized, code: cmp.Or(f.habits.wrongKey, "invalid_api_key"), message: "Incorrect API key provided."}
	case readErr != nil:
		return bad("", "the body broke off: "+readErr.Error())
	case wants == http.MethodPost:
		if e := check(r.Header, body, f.options.Strict); e != nil {
			return e
		}
		return f.habits.check(body)
	default:
		return nil
	}
}

// refusal is an error in the protocol's shape.
type refusal struct {
	status               int
	code, param, message string
}

func bad(param, message string) *refusal {
	return &refusal{status: http.StatusBadRequest, param: param, message: message}
}

func (e *refusal) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.status)
	w.Write(e.body())
}

func (e *refusal) body() []byte {
	object := map[string]any{"message": e.message, "type": "invalid_request_error", "param": nil, "code": nil}
	if e.param != "" {
		object["param"] = e.param
	}
	if e.code != "" {
		object["code"] = e.code
	}
	if e.status >= http.StatusInternalServerError {
		object["type"] = "server_error"
	}
	raw, _ := json.Marshal(map[string]any{"error": object})
	return raw
}

func writeJSON(w http.ResponseWriter, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(v)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.Write(b.Bytes())
}

func modelList(ids []string) []map[string]any {
	out := make([]map[string]any, 0, len(ids))
	for _, id := range ids {
		out = append(out, map[string]any{"id": id, "object": "model", "created": 1760000000, "owned_by": "test"})
	}
	return out
}
