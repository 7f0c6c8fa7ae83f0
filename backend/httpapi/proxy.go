// Package httpapi is what listens: the client protocols on the proxy's port, the
// admin API with its pages, and the guards before both.
//
// The invariant: no path is reached but through the guards, whatever it looks
// like, and every answer that is an error has the shape of the protocol that was
// asked.
package httpapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// Endpoint is where a client protocol is served.
type Endpoint struct {
	// Path is POSTed to. One * in it stands for a model's name, slashes included.
	Path   string
	Client dialect.Client
	// Methods are those that the path takes, as "GET, HEAD"; "" is POST.
	Methods string
	// Handler answers what is no question to a model, as a protocol's version or
	// its own list of models; nil has the Client's requests answered by the relay.
	Handler http.Handler
}

// serve answers one request to the endpoint.
func (e Endpoint) serve(r *relay.Relay) func(w http.ResponseWriter, r *http.Request, c relay.Caller) {
	if e.Handler != nil {
		return func(w http.ResponseWriter, r *http.Request, _ relay.Caller) { e.Handler.ServeHTTP(w, r) }
	}
	return func(w http.ResponseWriter, req *http.Request, c relay.Caller) {
		server, ok := e.Client.(dialect.Server)
		if !ok {
			r.Serve(w, req, e.Client, c)
			return
		}
		server.Serve(w, req, c.Key, func(codec dialect.Client, w http.ResponseWriter, req *http.Request) { r.Serve(w, req, codec, c) })
	}
}

// ProxyOptions are what a Proxy works with; all are needed but Admin.
type ProxyOptions struct {
	// Guard gives the current guard; the result is not changed.
	Guard func() *Guard
	Relay *relay.Relay
	// Endpoints are the client protocols, at least one: errors of paths that
	// belong to no protocol have the shape of the first.
	Endpoints []Endpoint
	// Models gives the current list, in order; Model finds one line of it.
	Models func() []dialect.Model
	Model  func(id string) (dialect.Model, bool)
	// Version is shown by /health.
	Version string
	// Admin answers the paths of the admin API and its pages on the proxy's own
	// port (serve --admin); nil keeps them off it.
	Admin http.Handler
}

// Proxy is the proxy's port.
type Proxy struct {
	o ProxyOptions
	// routes are the paths; a path with a trailing slash serves all below it.
	routes map[string]endpoint
	// wild are those with a model's name in them.
	wild []wildcard
}

// wildcard is an endpoint whose path has a model's name between two fixed parts.
type wildcard struct {
	before, after string
	endpoint
}

// endpoint is one path.
type endpoint struct {
	methods string
	// open needs no key.
	open  bool
	serve func(w http.ResponseWriter, r *http.Request, c relay.Caller)
}

// NewProxy makes the proxy's port.
func NewProxy(o ProxyOptions) *Proxy {
	p := &Proxy{o: o}
	p.routes = map[string]endpoint{
		"/v1/models":  {methods: "GET, HEAD", serve: p.models},
		"/v1/models/": {methods: "GET, HEAD", serve: p.model},
		"/health":     {methods: "GET, HEAD", open: true, serve: p.health},
		"/":           {methods: "GET, HEAD", open: true, serve: p.root},
	}
	for _, e := range o.Endpoints {
		one := endpoint{methods: cmp.Or(e.Methods, http.MethodPost), serve: e.serve(o.Relay)}
		if before, after, ok := strings.Cut(e.Path, "*"); ok {
			p.wild = append(p.wild, wildcard{before, after, one})
			continue
		}
		p.routes[e.Path] = one
	}
	return p
}

// ServeHTTP guards, then looks the path up.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g := p.o.Guard()
	if err := g.admit(r); err != nil {
		p.refuse(w, err)
		return
	}
	e, found := p.find(r)
	if !found && p.o.Admin != nil && !protocolPath(r.URL.Path) {
		p.o.Admin.ServeHTTP(w, r)
		return
	}
	g.share(w, r)
	if r.Method == http.MethodOptions {
		g.preflight(w, r, e.allow())
		return
	}
	if !e.open {
		p.locked(w, r, g, e, found)
		return
	}
	if !e.takes(r.Method) {
		p.wrongMethod(w, r, e)
		return
	}
	e.serve(w, r, relay.Caller{})
}

// protocolPath says that a path is meant for a client protocol, so that its
// errors have that protocol's shape even where the pages are served too.
func protocolPath(p string) bool {
	return strings.HasPrefix(path.Clean("/"+p)+"/", "/v1/")
}

// locked serves what needs a key. A path that is not served is told only to
// those who have one.
func (p *Proxy) locked(w http.ResponseWriter, r *http.Request, g *Guard, e endpoint, found bool) {
	key, err := g.identify(r)
	if err != nil {
		p.refuse(w, err)
		return
	}
	switch {
	case !found:
		p.refuse(w, &llm.Error{
			Kind: llm.KindNotFound, Code: "unknown_url",
			Message: "there is nothing at " + r.Method + " " + clip(r.URL.Path) + "; the base URL ends in /v1, and POST /v1/chat/completions and GET /v1/models are served",
		})
	case !e.takes(r.Method):
		p.wrongMethod(w, r, e)
	default:
		if err := decode(r); err != nil {
			p.refuse(w, err)
			return
		}
		e.serve(w, r, relay.Caller{Key: key})
	}
}

func (p *Proxy) wrongMethod(w http.ResponseWriter, r *http.Request, e endpoint) {
	w.Header().Set("Allow", e.allow())
	p.refuse(w, &llm.Error{
		Kind: llm.KindMethod, Code: "method_not_allowed",
		Message: clip(r.URL.Path) + " takes " + e.methods + ", not " + clip(r.Method),
	})
}

func (e endpoint) takes(method string) bool {
	for m := range strings.SplitSeq(e.methods, ", ") {
		if m == method {
			return true
		}
	}
	return false
}

func (e endpoint) allow() string {
	if e.methods == "" {
		return "OPTIONS"
	}
	return e.methods + ", OPTIONS"
}

// refuse answers in the protocol's error shape.
func (p *Proxy) refuse(w http.ResponseWriter, err *llm.Error) {
	if err.Kind == llm.KindAuth {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	p.o.Endpoints[0].Client.EncodeError(w, err)
}

// find looks a path up: as it stands, which is the common case, then with the
// mistakes mended that people make in base URLs (B45).
func (p *Proxy) find(r *http.Request) (endpoint, bool) {
	if e, ok := p.routes[r.URL.Path]; ok && !strings.HasSuffix(r.URL.Path, "/") {
		return e, true
	}
	clean := path.Clean("/" + r.URL.Path)
	if clean == "/" {
		if p.o.Admin != nil {
			return endpoint{}, false
		}
		return p.routes["/"], true
	}
	for strings.HasPrefix(clean, "/v1/v1/") || clean == "/v1/v1" {
		clean = clean[len("/v1"):]
	}
	for _, try := range []string{clean, "/v1" + clean} {
		if e, ok := p.routes[try]; ok {
			r.URL.Path = try
			return e, true
		}
		for _, wild := range p.wild {
			if len(try) > len(wild.before)+len(wild.after) && strings.HasPrefix(try, wild.before) && strings.HasSuffix(try, wild.after) {
				r.URL.Path = try
				return wild.endpoint, true
			}
		}
		if _, below, ok := strings.Cut(try, "/v1/models/"); ok && below != "" && strings.HasPrefix(try, "/v1/models/") {
			r.URL.Path = try
			return p.routes["/v1/models/"], true
		}
	}
	return endpoint{}, false
}

// health is for supervisors: it says that the listener answers.
func (p *Proxy) health(w http.ResponseWriter, _ *http.Request, _ relay.Caller) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok", "version": p.o.Version})
}

// root tells a person with a browser, and a client's heartbeat, what this is.
func (p *Proxy) root(w http.ResponseWriter, r *http.Request, _ relay.Caller) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("OpenAICompatible is running. Point your client at http://" + r.Host + "/v1 and give it the API key.\n"))
}

// modelJSON is OpenAI's model object, with the limits under the names that
// OpenRouter, vLLM and LM Studio gave them.
type modelJSON struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Created       int64             `json:"created"`
	OwnedBy       string            `json:"owned_by"`
	ContextLength int               `json:"context_length,omitempty"`
	MaxOutput     int               `json:"max_output_tokens,omitempty"`
	Capabilities  *llm.Capabilities `json:"capabilities,omitempty"`
}

func asJSON(m dialect.Model) modelJSON {
	j := modelJSON{
		ID: m.ID, Object: "model", Created: m.Created, OwnedBy: m.OwnedBy,
		ContextLength: m.ContextTokens, MaxOutput: m.OutputTokens,
	}
	if m.Can != (llm.Capabilities{}) {
		j.Capabilities = &m.Can
	}
	return j
}

func (p *Proxy) models(w http.ResponseWriter, _ *http.Request, _ relay.Caller) {
	list := p.o.Models()
	out := struct {
		Object string      `json:"object"`
		Data   []modelJSON `json:"data"`
	}{Object: "list", Data: make([]modelJSON, 0, len(list))}
	for _, m := range list {
		out.Data = append(out.Data, asJSON(m))
	}
	writeJSON(w, http.StatusOK, out)
}

// model answers for one name, which may hold slashes, escaped or not.
func (p *Proxy) model(w http.ResponseWriter, r *http.Request, _ relay.Caller) {
	id := strings.TrimPrefix(r.URL.Path, "/v1/models/")
	m, ok := p.o.Model(id)
	if !ok {
		if plain, err := url.PathUnescape(id); err == nil {
			m, ok = p.o.Model(plain)
		}
	}
	if !ok {
		p.refuse(w, &llm.Error{
			Kind: llm.KindNotFound, Code: "model_not_found", Param: "model",
			Message: "the model '" + clip(id) + "' does not exist here; GET /v1/models lists what there is",
		})
		return
	}
	writeJSON(w, http.StatusOK, asJSON(m))
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}
