package daemon

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// ownRequests answers what the program itself asks of a model, by the code that
// answers every client.
func (d *Daemon) ownRequests() http.Handler {
	mux := http.NewServeMux()
	for path, codec := range map[string]dialect.Client{
		"/v1/chat/completions": openaichat.Client{}, "/v1/embeddings": openaichat.Embeddings{},
	} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			d.relay.Serve(w, r, codec, relay.Caller{}) //nolint:contextcheck // The request has it.
		})
	}
	return mux
}

// Recheck wants a check of every account that is on, which the pages are shown.
func (a *accounts) Recheck() {
	a.mu.Lock()
	for _, s := range a.seats {
		if s.account.Enabled && s.known.flight == nil {
			s.known.wanted, s.known.quiet, s.known.health.Checking = true, false, true
		}
	}
	a.mu.Unlock()
	nudge(a.wake)
	a.tell()
}
