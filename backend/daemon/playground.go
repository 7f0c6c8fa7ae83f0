package daemon

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// chat answers the Playground as the port answers a client without a key. The
// bounds of single keys do not bind it, those of all callers together do.
func (d *Daemon) chat() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.relay.Serve(w, r, openaichat.Client{}, relay.Caller{}) //nolint:contextcheck // The request has it.
	})
}
