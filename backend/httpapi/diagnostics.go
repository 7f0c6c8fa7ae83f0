package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// diagnostics are the operations on what is shown to somebody who helps.
func (a admin) diagnostics(api huma.API) {
	get(api, "/api/diagnostics", "diagnostics", "A new report, to be read before it is given away", a.diagnose)
	file := op(http.MethodGet, "/api/diagnostics/{id}", "saveDiagnostics", "The report that was read, as a file")
	file.Responses = map[string]*huma.Response{"200": {
		Description: "The text as it was shown", Content: map[string]*huma.MediaType{"application/json": {}},
	}}
	huma.Register(api, file, a.diagnosed)
	get(api, "/api/exchanges/size", "logSize", "How much the request log is", a.logSize)
}

func (a admin) diagnose(ctx context.Context, _ *none) (*body[control.Diagnostics], error) {
	return answer(a.s.Diagnose(ctx))
}

func (a admin) diagnosed(_ context.Context, in *struct {
	ID string `path:"id"`
},
) (*huma.StreamResponse, error) {
	d, err := a.s.Diagnosed(in.ID)
	if err != nil {
		return nil, problem(err)
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "application/json")
		c.SetHeader("Content-Disposition", `attachment; filename="openaicompatible-diagnostics.json"`)
		_, _ = c.BodyWriter().Write([]byte(d.Text))
	}}, nil
}

func (a admin) logSize(ctx context.Context, _ *none) (*body[control.LogSize], error) {
	return answer(a.s.LogSize(ctx))
}
