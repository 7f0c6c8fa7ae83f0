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
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// Endpoint is where a client protocol is served.
type Endpoint struct {
	// Path is what is asked. One * in it stands for a model's name, slashes
	// included, or for an id.
	Path   string
	Client dialect.Client
	// Methods are what may be asked, as "GET, HEAD"; "" is POST.
	Methods string
	// Serve answers; nil is the relay, with the codec.
	Serve func(w http.ResponseWriter, r *http.Request, c relay.Caller)
}

// ProxyOptions are what a Proxy works with; all are needed but Admin and Ollama.
type ProxyOptions struct {
	// Guard gives the current guard; the result is not changed.
	Guard func() *Guard
	Relay *relay.Relay
	// Endpoints are the client protocols, at least one, and the first lists
	// models: errors of paths that belong to no protocol have its shape.
	Endpoints []Endpoint
	// Models gives the current list, in order, which the caller may change; Model
	// finds one line of it.
	Models func() []dialect.Model
	Model  func(id string) (dialect.Model, bool)
	// Allows says whether who has the API key of that name may ask for a model of
	// the list; nil allows all.
	Allows func(key, model string) bool
	// Version is shown by /health.
	Version string
	// Admin answers the paths of the admin API and its pages on the proxy's own
	// port (serve --admin); nil keeps them off it.
	Admin http.Handler
	// Ollama says that the port is Ollama's usual one, where its clients want to
	// be greeted in its words.
	Ollama bool
	// Metrics writes the counts for Prometheus; nil or false is that they are off.
	Metrics func(w http.ResponseWriter) bool
}

// Proxy is the proxy's port.
type Proxy struct {
	o      ProxyOptions
	routes map[string]endpoint
	// wild are the paths with a name in them.
	wild []wildcard
}

// NewProxy makes the proxy's port.
func NewProxy(o ProxyOptions) *Proxy {
	p := &Proxy{o: o}
	list, one := endpoint{methods: "GET, HEAD", serve: p.models}, endpoint{methods: "GET, HEAD", serve: p.model, named: true}
	p.routes = map[string]endpoint{
		"/v1/models": list, "/v1beta/models": list,
		"/health": {methods: "GET, HEAD", open: true, serve: p.health},
		"/":       {methods: "GET, HEAD", open: true, serve: p.root},
		// Behind a key: they name accounts and models.
		"/metrics": {methods: "GET, HEAD", serve: p.metrics},
	}
	if p.speaking(dialect.Ollama) != nil {
		maps.Copy(p.routes, p.ollama())
	}
	for _, e := range o.Endpoints {
		p.add(e)
	}
	// Behind those of the protocols, which may have a model's name before a verb.
	p.wild = append(p.wild, wildcard{"/v1/models/", "", one}, wildcard{"/v1beta/models/", "", one})
	return p
}

// add serves an endpoint. One path may be asked in several ways.
func (p *Proxy) add(e Endpoint) {
	one := endpoint{methods: cmp.Or(e.Methods, http.MethodPost), client: e.Client, serve: e.Serve}
	if one.serve == nil {
		one.serve = func(w http.ResponseWriter, r *http.Request, c relay.Caller) { p.o.Relay.Serve(w, r, e.Client, c) }
	}
	if before, after, ok := strings.Cut(e.Path, "*"); ok {
		at := slices.IndexFunc(p.wild, func(c wildcard) bool { return c.before == before && c.after == after })
		if at >= 0 {
			p.wild[at].endpoint = both(p.wild[at].endpoint, one)
			return
		}
		p.wild = append(p.wild, wildcard{before, after, one})
		return
	}
	if there, ok := p.routes[e.Path]; ok {
		one = both(there, one)
	}
	p.routes[e.Path] = one
}

// both serves what either takes.
func both(a, b endpoint) endpoint {
	return endpoint{
		methods: a.methods + ", " + b.methods, open: a.open && b.open, client: b.client,
		serve: func(w http.ResponseWriter, r *http.Request, c relay.Caller) {
			if a.takes(r.Method) {
				a.serve(w, r, c)
				return
			}
			b.serve(w, r, c)
		},
	}
}

// speaking is the codec of a protocol; nil is none.
func (p *Proxy) speaking(name dialect.Name) dialect.Client {
	for _, e := range p.o.Endpoints {
		if e.Client.Name() == name {
			return e.Client
		}
	}
	return nil
}

// ServeHTTP guards, then looks the path up.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g := p.o.Guard()
	if err := g.admit(r); err != nil {
		p.refuse(w, r, endpoint{}, err)
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

// locked serves what needs a key. A path that is not served is told only to
// those who have one.
func (p *Proxy) locked(w http.ResponseWriter, r *http.Request, g *Guard, e endpoint, found bool) {
	key, err := caller(r, g, e.speaks(r))
	if err != nil {
		p.refuse(w, r, e, err)
		return
	}
	if err := g.switchedOff(e.speaks(r)); err != nil {
		p.refuse(w, r, e, err)
		return
	}
	switch {
	case !found || e.unknownVerb(r):
		p.refuse(w, r, e, &llm.Error{
			Kind: llm.KindNotFound, Code: "unknown_url",
			Message: "there is nothing at " + r.Method + " " + clip(r.URL.Path) + "; " + hint(speaks(r)),
		})
	case !e.takes(r.Method):
		p.wrongMethod(w, r, e)
	default:
		if err := decode(r); err != nil {
			p.refuse(w, r, e, err)
			return
		}
		e.serve(w, r, g.known(r, relay.Caller{Key: key}))
	}
}

// caller is the name of the key that a request has; "" is none.
func caller(r *http.Request, g *Guard, name dialect.Name) (string, *llm.Error) {
	keys := given(r)
	if name == dialect.Gemini {
		keys = append(keys, inQuery(r)...)
	}
	key, err := g.identify(keys)
	if err != nil && name == dialect.Ollama && g.OllamaOpen && local(r) {
		return "", nil
	}
	return key, err
}

// hint is where a protocol is served.
func hint(n dialect.Name) string {
	where, ok := map[dialect.Name]string{
		dialect.Anthropic: "POST /v1/messages, POST /v1/messages/count_tokens and GET /v1/models are served, and the base URL has no path",
		dialect.Gemini:    "POST /v1beta/models/MODEL:generateContent and its like and GET /v1beta/models are served, and the base URL has no path",
		dialect.Ollama:    "/api/chat, /api/generate, /api/embed, /api/tags, /api/show, /api/ps and /api/version are served, and models are neither loaded nor changed",
	}[n]
	if !ok {
		return "the base URL ends in /v1, and POST /v1/chat/completions and GET /v1/models are served"
	}
	return where
}

func (p *Proxy) wrongMethod(w http.ResponseWriter, r *http.Request, e endpoint) {
	w.Header().Set("Allow", e.allow())
	p.refuse(w, r, e, &llm.Error{
		Kind: llm.KindMethod, Code: "method_not_allowed",
		Message: clip(r.URL.Path) + " takes " + e.methods + ", not " + clip(r.Method),
	})
}

// refuse answers in the shape of the protocol that was asked (B41, B48).
func (p *Proxy) refuse(w http.ResponseWriter, r *http.Request, e endpoint, err *llm.Error) {
	if err.Kind == llm.KindAuth {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	client := e.client
	if client == nil {
		client = p.speaking(speaks(r))
	}
	if client == nil {
		client = p.o.Endpoints[0].Client
	}
	client.EncodeError(w, err)
}

// health is for supervisors: it says that the listener answers.
func (p *Proxy) health(w http.ResponseWriter, _ *http.Request, _ relay.Caller) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok", "version": p.o.Version})
}

// metrics are for Prometheus.
func (p *Proxy) metrics(w http.ResponseWriter, r *http.Request, _ relay.Caller) {
	if p.o.Metrics == nil || !p.o.Metrics(w) {
		p.refuse(w, r, endpoint{}, &llm.Error{
			Kind: llm.KindNotFound, Code: "metrics_off", Message: "metrics are off: set server.metrics to true",
		})
	}
}

// root tells a person with a browser, and a client's heartbeat, what this is.
func (p *Proxy) root(w http.ResponseWriter, r *http.Request, _ relay.Caller) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if p.o.Ollama || heartbeat(r) {
		_, _ = w.Write([]byte("Ollama is running"))
		return
	}
	_, _ = w.Write([]byte("OpenAICompatible is running. Point your client at http://" + r.Host + "/v1 and give it the API key.\n"))
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
