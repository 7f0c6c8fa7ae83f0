package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// replays are the operations that send a logged request again.
func (a admin) replays(api huma.API) {
	huma.Register(api, op(http.MethodPost, "/api/exchanges/{id}/replay", "replayExchange", "Send the kept request of an exchange again, as a new exchange"), a.replay)
	huma.Register(api, op(http.MethodDelete, "/api/exchanges/{id}/replay", "endReplay", "End a replay under way"), a.endReplay)
}

type replayInput struct {
	ID   int64 `path:"id"`
	Body control.ReplayWish
}

func (a admin) replay(ctx context.Context, in *replayInput) (*body[control.Replayed], error) {
	return answer(a.s.ReplayExchange(ctx, in.ID, in.Body))
}

func (a admin) endReplay(_ context.Context, in *idInput) (*none, error) {
	a.s.EndReplay(in.ID)
	return &none{}, nil
}

// Replay serves a request without the guards, for a person who sends one of the
// log again: the caller is the one of that time. It returns when the answer was
// read to its end. The answer goes nowhere but into the log; refused is what it
// said where no exchange began.
func (p *Proxy) Replay(r *http.Request, c relay.Caller) (refused string) {
	e, found := p.find(r)
	w := &unread{header: http.Header{}}
	if !found || !e.takes(r.Method) || e.serve == nil {
		return clip(r.URL.Path) + " is not served here any more"
	}
	e.serve(w, r, p.o.Guard().known(r, c))
	return w.said()
}

// unread takes an answer that nobody reads, and keeps the beginning of it.
type unread struct {
	header http.Header
	status int
	begin  []byte
}

func (u *unread) Header() http.Header { return u.header }

func (u *unread) WriteHeader(status int) { u.status = status }

func (u *unread) Write(p []byte) (int, error) {
	const most = 4 << 10
	u.begin = append(u.begin, p[:min(len(p), most-len(u.begin))]...)
	return len(p), nil
}

// said is the message of an error, in the shape of any protocol.
func (u *unread) said() string {
	if u.status < http.StatusBadRequest {
		return ""
	}
	var e struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(u.begin, &e) != nil {
		return string(bytes.ToValidUTF8(u.begin, nil))
	}
	var text string
	var object struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(e.Error, &text) == nil {
		return text
	}
	_ = json.Unmarshal(e.Error, &object) // of another shape there is no message
	return object.Message
}
