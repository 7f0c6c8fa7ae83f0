package httpapi

import (
	"net/http"
	"path"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// endpoint is one path.
type endpoint struct {
	methods string
	// open needs no key.
	open bool
	// client is the protocol of the path; nil is told by the request.
	client dialect.Client
	serve  func(w http.ResponseWriter, r *http.Request, c relay.Caller)
	// named says that the path ends in a model's name.
	named bool
}

// wildcard is an endpoint whose path has a model's name, or an id, between two
// fixed parts.
type wildcard struct {
	before, after string
	endpoint
}

// fits says that a path is one of the wildcard's.
func (c wildcard) fits(p string) bool {
	return len(p) > len(c.before)+len(c.after) && strings.HasPrefix(p, c.before) && strings.HasSuffix(p, c.after)
}

// speaks is the protocol that r is meant in.
func (e endpoint) speaks(r *http.Request) dialect.Name {
	if e.client != nil {
		return e.client.Name()
	}
	return speaks(r)
}

func (e endpoint) takes(method string) bool {
	for m := range strings.SplitSeq(e.methods, ", ") {
		if m == method {
			return true
		}
	}
	return false
}

// unknownVerb says that r asks a model for something that is not served: Google's
// verbs stand behind a colon.
func (e endpoint) unknownVerb(r *http.Request) bool {
	return e.named && r.Method == http.MethodPost && strings.Contains(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:], ":")
}

func (e endpoint) allow() string {
	if e.methods == "" {
		return "OPTIONS"
	}
	return e.methods + ", OPTIONS"
}

// find looks a path up: as it stands, which is the common case, then with the
// mistakes mended that people make in base URLs (B45).
func (p *Proxy) find(r *http.Request) (endpoint, bool) {
	if e, ok := p.routes[r.URL.Path]; ok && r.URL.Path != "/" {
		return e, true
	}
	clean := path.Clean("/" + r.URL.Path)
	if clean == "/" {
		if p.o.Admin != nil && !heartbeat(r) {
			return endpoint{}, false
		}
		return p.routes["/"], true
	}
	if e, ok := p.at(clean); ok {
		r.URL.Path = clean
		return e, true
	}
	if p.o.Admin != nil && within(clean, "/api") && !within(clean, "/api/v1") && !within(clean, "/api/v1beta") {
		return endpoint{}, false // the admin API's own, and no mistake
	}
	for rest, ok := clean, true; ok; rest, ok = shorter(rest) {
		for _, version := range [...]string{"", "/v1", "/v1beta"} {
			if e, ok := p.at(version + rest); ok {
				r.URL.Path = version + rest
				return e, true
			}
		}
	}
	return endpoint{}, false
}

// at is what is served at exactly that path.
func (p *Proxy) at(at string) (endpoint, bool) {
	if e, ok := p.routes[at]; ok {
		return e, true
	}
	for _, c := range p.wild {
		if c.fits(at) {
			return c.endpoint, true
		}
	}
	return endpoint{}, false
}

// shorter is a path without its first word, if that is one that people put into
// a base URL where it does not belong: another program's prefix, the version
// twice, the whole path of an endpoint.
func shorter(p string) (string, bool) {
	first, _, more := strings.Cut(p[1:], "/")
	if !more {
		return "", false
	}
	switch first {
	case "v1", "v1beta", "v1alpha", "api", "openai", "anthropic", "claude", "gemini", "google", "ollama",
		"chat", "completions", "messages", "responses", "embeddings":
		return p[1+len(first):], true
	}
	return "", false
}

// speaks is the protocol that a request is meant in, by its path and then by the
// headers that only one protocol's clients send (B47a).
func speaks(r *http.Request) dialect.Name {
	p := path.Clean("/" + r.URL.Path)
	switch {
	case within(p, "/v1beta/openai"):
		return dialect.OpenAIChat
	case within(p, "/v1beta"), within(p, "/v1alpha"), strings.HasPrefix(p, "/v1internal"), strings.HasSuffix(p, "enerateContent"):
		return dialect.Gemini
	case within(p, "/v1/messages"), within(p, "/anthropic"), within(p, "/messages"):
		return dialect.Anthropic
	case ollamaPath(p):
		return dialect.Ollama
	case r.Header.Get("Anthropic-Version") != "":
		return dialect.Anthropic
	case r.Header.Get("X-Goog-Api-Key") != "", r.Header.Get("X-Goog-Api-Client") != "":
		return dialect.Gemini
	}
	return dialect.OpenAIChat
}

func within(p, folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }

// ollamaPath says that a path is Ollama's. The admin API has others below /api.
func ollamaPath(p string) bool {
	rest, ok := strings.CutPrefix(p, "/api/")
	if !ok {
		return false
	}
	word, _, _ := strings.Cut(rest, "/")
	switch word {
	case "tags", "show", "ps", "version", "chat", "generate", "embed", "embeddings", "pull", "push", "create", "copy", "delete", "blobs":
		return true
	}
	return false
}

// protocolPath says that a path is meant for a client protocol, so that its
// errors have that protocol's shape even where the pages are served too.
func protocolPath(p string) bool {
	p = path.Clean("/" + p)
	return within(p, "/v1") || within(p, "/v1beta") || strings.HasPrefix(p, "/v1internal") || ollamaPath(p)
}
