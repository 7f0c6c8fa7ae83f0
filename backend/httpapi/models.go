package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// models registers what can be asked for: models, and names that stand for them.
func (a admin) models(api huma.API) {
	get(api, "/api/models", "models", "Every model of every account", a.modelList)
	huma.Register(api, op(http.MethodPatch, "/api/models", "changeModels", "Hide models or show them, make favourites of them or not"), a.changeModels)
	huma.Register(api, op(http.MethodPost, "/api/models/refresh", "refreshModels", "Ask the services of all accounts for their models anew"), a.refreshModels)
	huma.Register(api, op(http.MethodPost, "/api/models/test", "testModel", "Ask a model something small"), a.testModel)
	get(api, "/api/aliases", "aliases", "The names that stand for models", a.aliases)
	huma.Register(api, op(http.MethodPut, "/api/aliases", "setAliases", "Put these aliases in the place of all there were"), a.setAliases)
}

type modelList struct {
	Models []control.Model `json:"models"`
}

func (a admin) modelList(context.Context, *none) (*body[modelList], error) {
	return answer(modelList{a.s.Models()}, nil)
}

func (a admin) changeModels(_ context.Context, in *body[control.ModelsPatch]) (*none, error) {
	return done(a.s.ChangeModels(in.Body))
}

func (a admin) refreshModels(context.Context, *none) (*none, error) {
	a.s.RefreshModels()
	return done(nil)
}

type modelTest struct {
	// Model is any name that a client could ask for.
	Model string `json:"model" maxLength:"512"`
}

func (a admin) testModel(ctx context.Context, in *body[modelTest]) (*body[control.Trial], error) {
	return answer(a.s.TryModel(ctx, in.Body.Model))
}

type aliasList struct {
	Aliases []control.AliasState `json:"aliases"`
}

func (a admin) aliases(context.Context, *none) (*body[aliasList], error) {
	return answer(aliasList{a.s.Aliases()}, nil)
}

type aliasesWanted struct {
	Aliases []control.Alias `json:"aliases" maxItems:"1000"`
}

func (a admin) setAliases(_ context.Context, in *body[aliasesWanted]) (*body[aliasList], error) {
	all, err := a.s.SetAliases(in.Body.Aliases)
	return answer(aliasList{all}, err)
}
