package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// updates are the operations on newer versions.
func (a admin) updates(api huma.API) {
	get(api, "/api/updates", "updates", "What is known of newer versions", a.updateNotice)
	huma.Register(api, op(http.MethodPost, "/api/updates", "askForUpdates", "Ask for a newer version now"), a.askForUpdates)
}

func (a admin) updateNotice(context.Context, *none) (*body[control.UpdateNotice], error) {
	return answer(a.s.Updates(), nil)
}

func (a admin) askForUpdates(ctx context.Context, _ *none) (*body[control.UpdateNotice], error) {
	return answer(a.s.AskForUpdates(ctx))
}
