package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// network registers what has to do with the way of requests: who takes them,
// and how upstreams are reached.
func (a admin) network(api huma.API) {
	get(api, "/api/routing", "routing", "What the routing page shows beside the settings", a.routing)
	get(api, "/api/network", "network", "What was found of the network of this machine", a.networkState)
	huma.Register(api, op(http.MethodPost, "/api/network/test", "testNetwork", "Try the way to a service, hop by hop"), a.testNetwork)
}

func (a admin) routing(context.Context, *none) (*body[control.Routing], error) {
	return answer(a.s.Routing(), nil)
}

func (a admin) networkState(context.Context, *none) (*body[control.NetworkState], error) {
	return answer(a.s.Network(), nil)
}

func (a admin) testNetwork(ctx context.Context, in *body[control.NetworkTest]) (*body[control.NetworkResult], error) {
	return answer(a.s.TestNetwork(ctx, in.Body))
}
