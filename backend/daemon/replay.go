package daemon

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// replay sends requests again by the code that serves the port, which may be
// closed meanwhile.
func (d *Daemon) replay() control.Replay {
	proxy := httpapi.NewProxy(d.proxyOptions())
	return func(r *http.Request, key string, of int64, began func(int64)) string {
		return proxy.Replay(r, relay.Caller{Key: key, ReplayOf: of, Began: began})
	}
}
