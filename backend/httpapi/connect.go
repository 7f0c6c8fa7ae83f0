package httpapi

import (
	"context"
	"net"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// clients registers what is done with the programs that are pointed here.
func (a admin) clients(api huma.API) {
	get(api, "/api/clients", "clients", "The programs that can be pointed here, and how they stand", a.listClients)
	huma.Register(api, op(http.MethodPost, "/api/clients/{id}/preview", "previewClient", "What pointing a client here would change, and snippets"), a.previewClient)
	huma.Register(api, op(http.MethodPost, "/api/clients/{id}/apply", "applyClient", "Point a client here; what stood in its files is kept"), a.applyClient)
	huma.Register(api, op(http.MethodPost, "/api/clients/{id}/undo/preview", "previewUndoClient", "What restoring a client's files would change"), a.previewUndoClient)
	huma.Register(api, op(http.MethodPost, "/api/clients/{id}/undo", "undoClient", "Restore a client's files byte for byte"), a.undoClient)
}

// seat is a part of an input that notes where the person sits.
type seat struct{ at control.Seat }

// inProcess is the address that Wails gives the requests of its window, which
// come over no network: one of the block for documents (RFC 5737).
const inProcess = "192.0.2.1:1234"

// Resolve notes where the request comes from.
func (s *seat) Resolve(ctx huma.Context) []error {
	host, _, err := net.SplitHostPort(ctx.RemoteAddr())
	ip := net.ParseIP(host)
	s.at.Local = ctx.RemoteAddr() == inProcess || err == nil && ip != nil && ip.IsLoopback()
	s.at.Host = ctx.Host()
	if name, _, err := net.SplitHostPort(s.at.Host); err == nil {
		s.at.Host = name
	}
	return nil
}

type clientsInput struct{ seat }

func (a admin) listClients(ctx context.Context, in *clientsInput) (*body[control.ClientList], error) {
	return answer(a.s.Clients(ctx, in.at), nil)
}

type clientInput[T any] struct {
	seat

	ID   string `path:"id" maxLength:"40"`
	Body T
}

func (a admin) previewClient(_ context.Context, in *clientInput[control.ClientChoice]) (*body[control.ClientPreview], error) {
	return answer(a.s.PreviewClient(in.ID, in.at, in.Body))
}

func (a admin) applyClient(_ context.Context, in *clientInput[control.ClientApply]) (*body[control.Client], error) {
	return answer(a.s.ApplyClient(in.ID, in.at, in.Body))
}

type previewUndoInput struct {
	seat

	ID string `path:"id" maxLength:"40"`
}

func (a admin) previewUndoClient(_ context.Context, in *previewUndoInput) (*body[control.ClientPreview], error) {
	return answer(a.s.PreviewUndo(in.ID, in.at))
}

type clientUndo struct {
	// Digests are those of the undo's preview: changes by hand that may go.
	Digests []string `json:"digests,omitempty"`
}

func (a admin) undoClient(_ context.Context, in *clientInput[clientUndo]) (*body[control.Client], error) {
	return answer(a.s.UndoClient(in.ID, in.at, in.Body.Digests))
}
