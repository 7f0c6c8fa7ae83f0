package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

//go:generate go run ./describe openapi.json

// API describes the admin API once: the server answers by it, and the
// description for the front end is written from it.
func API(mux *http.ServeMux, s *control.Panel, version string) huma.API {
	c := huma.DefaultConfig("OpenAICompatible admin API", version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	// No "$schema" member in answers, and no Link header.
	c.CreateHooks = nil
	c.Transformers = nil
	api := humago.New(mux, c)
	a := admin{s}
	get(api, "/api/status", "status", "The state of the whole program", a.status)
	huma.Register(api, op(http.MethodPost, "/api/listener", "setListener", "Open or close the proxy's port"), a.listener)
	a.exchanges(api)
	get(api, "/api/exchanges/running", "runningExchanges", "The exchanges that have not ended", a.running)
	get(api, "/api/exchanges/{id}", "exchange", "One exchange with all that is known of it", a.exchange)
	huma.Register(api, op(http.MethodDelete, "/api/exchanges", "wipeExchanges", "Delete the whole request log"), a.wipe)
	get(api, "/api/settings", "settings", "The settings in force", a.settings)
	huma.Register(api, op(http.MethodPatch, "/api/settings", "updateSettings", "Change the given settings"), a.updateSettings)
	get(api, "/api/keys", "keys", "The API keys, without their secrets", a.keys)
	get(api, "/api/keys/{id}/secret", "keySecret", "The text of one API key", a.keySecret)
	huma.Register(api, op(http.MethodPost, "/api/keys", "createKey", "Make an API key"), a.createKey)
	huma.Register(api, op(http.MethodPatch, "/api/keys/{id}", "changeKey", "Change the given fields of an API key"), a.changeKey)
	huma.Register(api, op(http.MethodDelete, "/api/keys/{id}", "deleteKey", "Delete an API key"), a.deleteKey)
	a.models(api)
	a.accounts(api)
	a.network(api)
	a.replays(api)
	a.clients(api)
	a.figures(api)
	a.backups(api)
	a.diagnostics(api)
	a.updates(api)
	return api
}

func op(method, path, id, summary string) huma.Operation {
	return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary}
}

func get[I, O any](api huma.API, path, id, summary string, f func(context.Context, *I) (*O, error)) {
	huma.Register(api, op(http.MethodGet, path, id, summary), f)
}

// admin is the face of control.Panel over HTTP.
type admin struct{ s *control.Panel }

type none struct{}

type body[T any] struct{ Body T }

func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, problem(err)
	}
	return &body[T]{v}, nil
}

func (a admin) status(ctx context.Context, _ *none) (*body[control.Status], error) {
	return answer(a.s.Status(ctx))
}

type listenerInput struct {
	Body struct {
		Running bool `json:"running"`
		// Port, when it is given, is tried instead of the configured one and
		// becomes it.
		Port int `json:"port,omitempty" minimum:"0" maximum:"65535"`
	}
}

// listener answers with the state even when the port could not be opened: the
// state says why.
func (a admin) listener(ctx context.Context, in *listenerInput) (*body[control.Listener], error) {
	if !in.Body.Running {
		err := a.s.StopListener(ctx)
		return answer(a.s.Listener(), err)
	}
	err := a.s.StartListener(ctx, in.Body.Port)
	l := a.s.Listener()
	if err != nil && l.State != control.Failed {
		return nil, problem(err)
	}
	return answer(l, nil)
}

type exchangeList struct {
	Exchanges []control.Exchange `json:"exchanges"`
}

func (a admin) running(context.Context, *none) (*body[exchangeList], error) {
	return answer(exchangeList{a.s.Running()}, nil)
}

type idInput struct {
	ID int64 `path:"id"`
}

func (a admin) exchange(ctx context.Context, in *idInput) (*body[control.ExchangeDetail], error) {
	return answer(a.s.Exchange(ctx, in.ID))
}

func (a admin) wipe(ctx context.Context, _ *none) (*none, error) {
	return done(a.s.Wipe(ctx))
}

func done(err error) (*none, error) {
	if err != nil {
		return nil, problem(err)
	}
	return &none{}, nil
}

func (a admin) settings(context.Context, *none) (*body[control.Settings], error) {
	return answer(a.s.Settings(), nil)
}

func (a admin) updateSettings(_ context.Context, in *body[control.SettingsPatch]) (*body[control.Settings], error) {
	return answer(a.s.UpdateSettings(in.Body))
}

type keyList struct {
	Keys []control.Key `json:"keys"`
}

func (a admin) keys(ctx context.Context, _ *none) (*body[keyList], error) {
	keys := a.s.Keys()
	a.s.ShowUse(ctx, keys)
	return answer(keyList{keys}, nil)
}

type keySecret struct {
	Key string `json:"key"`
}

func (a admin) keySecret(ctx context.Context, in *idInput) (*body[keySecret], error) {
	text, err := a.s.KeySecret(ctx, in.ID)
	return answer(keySecret{text}, err)
}

type newKey struct {
	control.Key
	Text string `json:"key"`
}

func (a admin) createKey(_ context.Context, in *body[control.KeyPatch]) (*body[newKey], error) {
	k, text, err := a.s.NewKey(in.Body)
	return answer(newKey{k, text}, err)
}

type changeKeyInput struct {
	ID   int64 `path:"id"`
	Body control.KeyPatch
}

func (a admin) changeKey(ctx context.Context, in *changeKeyInput) (*body[control.Key], error) {
	k, err := a.s.ChangeKey(in.ID, in.Body)
	if err != nil {
		return nil, problem(err)
	}
	shown := []control.Key{k}
	a.s.ShowUse(ctx, shown)
	return answer(shown[0], nil)
}

func (a admin) deleteKey(_ context.Context, in *idInput) (*none, error) {
	return done(a.s.DeleteKey(in.ID))
}

// problem turns an error into an RFC 9457 problem that a page can show at the
// field it belongs to: the location is body.port, and for a field of a
// provider's form body.settings.baseUrl.
func problem(err error) error {
	if ce, ok := errors.AsType[*config.Error](err); ok {
		return huma.Error422UnprocessableEntity(ce.Message, &huma.ErrorDetail{Message: ce.Message, Location: "body." + place(ce.Field)})
	}
	if le, ok := errors.AsType[*llm.Error](err); ok {
		return huma.NewError(statusOf(le.Kind), le.Message)
	}
	return huma.Error500InternalServerError(err.Error())
}

// statusOf is for what went wrong at a service, or cannot be done here.
func statusOf(k llm.Kind) int {
	switch k {
	case llm.KindNotFound:
		return http.StatusNotFound
	case llm.KindBadRequest, llm.KindMethod:
		return http.StatusBadRequest
	case llm.KindTooLarge:
		return http.StatusRequestEntityTooLarge
	case llm.KindUnsupported:
		return http.StatusConflict
	case llm.KindRate, llm.KindQuota:
		return http.StatusTooManyRequests
	case llm.KindUnavailable:
		return http.StatusServiceUnavailable
	case llm.KindAuth, llm.KindForbidden, llm.KindOverloaded, llm.KindTransient, llm.KindTimeout,
		llm.KindNetwork, llm.KindProtocol, llm.KindContent, llm.KindCanceled:
		return http.StatusBadGateway
	case llm.KindInternal:
		return http.StatusInternalServerError
	default:
		return http.StatusInternalServerError
	}
}

// place is a field's name in the request: what follows the entry of a list in
// the file, the whole of a provider's setting, an alias with its place among all,
// the last step of any other path.
func place(field string) string {
	if strings.HasPrefix(field, "settings.") {
		return field
	}
	if strings.HasPrefix(field, "routing.aliases[") {
		return strings.TrimPrefix(field, "routing.")
	}
	if strings.HasPrefix(field, "accounts[") || strings.HasPrefix(field, "keys[") {
		_, field, _ = strings.Cut(field, "].")
		return field
	}
	return field[strings.LastIndexByte(field, '.')+1:]
}
