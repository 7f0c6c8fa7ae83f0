package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// figures registers what was asked, and what it cost.
func (a admin) figures(api huma.API) {
	get(api, "/api/figures", "figures", "What was asked in the last hour, day or week, and what it cost", a.span)
	get(api, "/api/prices", "prices", "What models cost: known prices and the user's own", a.prices)
	huma.Register(api, op(http.MethodPut, "/api/prices", "setPrices", "Replace the user's own prices"), a.setPrices)
}

type spanInput struct {
	Range string `query:"range" enum:"hour,day,week" default:"hour"`
}

func (a admin) span(ctx context.Context, in *spanInput) (*body[control.Span], error) {
	return answer(a.s.Span(ctx, in.Range))
}

func (a admin) prices(context.Context, *none) (*body[control.Prices], error) {
	return answer(a.s.Prices(), nil)
}

type ownPrices struct {
	Prices []control.Price `json:"prices" maxItems:"1000"`
}

func (a admin) setPrices(_ context.Context, in *body[ownPrices]) (*body[control.Prices], error) {
	return answer(a.s.SetPrices(in.Body.Prices))
}
