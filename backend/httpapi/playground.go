package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// playgroundAgent is the name that the requests of the Playground have in the log.
const playgroundAgent = "Playground"

// longestRun bounds the name of an answer under way.
const longestRun = 64

// playground lets the pages ask the models in this process, by the code that
// answers every client and is asked with no key: no secret is in a page, and it
// works while the port is closed. What the page sends is a chat completion of
// OpenAI's, and so is what it gets.
type playground struct {
	chat http.Handler
	// bus tells the pieces of an answer as they come; nil does not. A window
	// needs it: the one of Windows gets an answer when it has ended.
	bus *event.Bus

	mu sync.Mutex
	// runs end the answers under way. A window does not tell that a page gave a
	// call up, so that the page has to ask for it (B28).
	runs map[string]context.CancelFunc
}

func newPlayground(o AdminOptions) *playground {
	p := &playground{chat: o.Chat}
	if o.Chat == nil {
		p.chat = http.HandlerFunc(withoutChat)
	}
	if o.Pieces {
		p.bus = o.Events
	}
	return p
}

// mount serves the paths: POST asks, DELETE ends.
func (p *playground) mount(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/playground/{run}", p.ask)
	mux.HandleFunc("DELETE /api/playground/{run}", p.end)
}

func (p *playground) ask(w http.ResponseWriter, r *http.Request) {
	run := r.PathValue("run")
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if len(run) > longestRun || !p.begin(run, cancel) {
		writeProblem(w, http.StatusConflict, "an answer of this name is under way")
		return
	}
	defer p.forget(run)
	if err := decode(r); err != nil {
		writeProblem(w, statusOf(err.Kind), err.Message)
		return
	}
	if p.bus == nil {
		p.chat.ServeHTTP(w, asked(ctx, r))
		return
	}
	pieces := &pieces{ResponseWriter: w, run: run, bus: p.bus}
	defer pieces.stop()
	p.chat.ServeHTTP(pieces, asked(ctx, r))
}

// asked is what a client would have sent. Nothing of the page's session goes on.
func asked(ctx context.Context, r *http.Request) *http.Request {
	c := r.Clone(ctx)
	c.Header = http.Header{"User-Agent": {playgroundAgent}, "Content-Type": {"application/json"}}
	c.URL = &url.URL{Path: "/v1/chat/completions"}
	c.RequestURI = c.URL.Path
	return c
}

func (p *playground) begin(run string, cancel context.CancelFunc) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, there := p.runs[run]; there {
		return false
	}
	if p.runs == nil {
		p.runs = make(map[string]context.CancelFunc)
	}
	p.runs[run] = cancel
	return true
}

func (p *playground) forget(run string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.runs, run)
}

// end stops an answer; one that has ended is none to stop, and no error.
func (p *playground) end(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	cancel := p.runs[r.PathValue("run")]
	p.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	w.WriteHeader(http.StatusNoContent)
}

// withoutChat answers where there is nobody to ask.
func withoutChat(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, statusOf(llm.KindUnsupported), "this program has no models to ask")
}
