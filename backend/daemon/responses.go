package daemon

import (
	"net/http"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// keptResponses are the responses that clients go on from. They are bodies of
// requests, so that they are on disk only where the user keeps those of requests
// that went well.
type keptResponses struct {
	known    *sqlite.Responses
	config   func() *config.Config
	redactor *requestlog.Redactor
}

var _ openairesponses.Store = keptResponses{}

func (k keptResponses) lasting() bool { return k.config().Requests.KeepBodies == string(relay.KeepAll) }

// Put keeps a response. What goes to the disk goes without secrets (B59).
func (k keptResponses) Put(r openairesponses.Kept) {
	one := sqlite.Response{
		ID: r.ID, Key: r.Key, Previous: r.Previous, Conversation: r.Conversation, At: time.Unix(r.Created, 0), Input: r.Input, Body: r.Body,
	}
	k.known.Put(one)
	if k.lasting() {
		one.Input, one.Body = k.redactor.Bytes(one.Input), k.redactor.Bytes(one.Body)
		one.Conversation = k.redactor.String(one.Conversation)
		k.known.Save(one)
	}
}

// Get finds a response.
func (k keptResponses) Get(id string) (openairesponses.Kept, bool) {
	r, ok := k.known.Get(id)
	return openairesponses.Kept{
		ID: r.ID, Key: r.Key, Previous: r.Previous, Conversation: r.Conversation, Created: r.At.Unix(), Input: r.Input, Body: r.Body,
	}, ok
}

// Delete forgets a response.
func (k keptResponses) Delete(id string) { k.known.Delete(id) }

// Bounds says how long responses are kept.
func (k keptResponses) Bounds() string {
	if !k.lasting() {
		return "responses are only in memory, the latest 16 MiB of them and until a restart, because the bodies of requests are not kept (requests.keepBodies is not all)"
	}
	if days := k.config().Requests.Days; days > 0 {
		return "responses are kept for " + strconv.Itoa(days) + " days (requests.days), fewer where requests.maxMB is reached"
	}
	return "responses are kept until requests.maxMB is reached"
}

// responses gives the codec of the Responses protocol what it keeps responses in.
func (d *Daemon) responses(c openairesponses.Client) openairesponses.Client {
	const mega = 20
	c.Store = keptResponses{known: d.requests.Responses(), config: d.config.Snapshot, redactor: d.redactor}
	c.MostBytes = func() int64 { return int64(d.config.Snapshot().Server.MaxBodyMB) << mega }
	return c
}

// serves makes the endpoints of a protocol that has more than questions: its
// path and all below it.
func (d *Daemon) serves(path string, c dialect.Client, s dialect.Server) []httpapi.Endpoint {
	one := httpapi.Endpoint{
		Path: path, Client: c, Methods: "GET, HEAD, POST, DELETE",
		Serve: func(w http.ResponseWriter, r *http.Request, caller relay.Caller) {
			s.Serve(w, r, caller.Key, func(c dialect.Client, w http.ResponseWriter, r *http.Request) { d.relay.Serve(w, r, c, caller) })
		},
	}
	below := one
	below.Path += "/*"
	return []httpapi.Endpoint{one, below}
}
