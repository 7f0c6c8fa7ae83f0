package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// accounts registers what is done with accounts: their list, sign-ins under
// way, and imports from other programs.
func (a admin) accounts(api huma.API) {
	get(api, "/api/providers", "providers", "What can be added, and the forms for it", a.providers)
	get(api, "/api/accounts", "accounts", "All accounts with their state", a.listAccounts)
	huma.Register(api, op(http.MethodPost, "/api/accounts", "addAccount", "Add an account with a key; it is checked at once"), a.addAccount)
	huma.Register(api, op(http.MethodPatch, "/api/accounts/{id}", "changeAccount", "Change the given fields of an account"), a.changeAccount)
	huma.Register(api, op(http.MethodDelete, "/api/accounts/{id}", "deleteAccount", "Remove an account and its secrets"), a.deleteAccount)
	huma.Register(api, op(http.MethodPost, "/api/accounts/{id}/test", "testAccount", "Ask an account's service now"), a.testAccount)

	huma.Register(api, op(http.MethodPost, "/api/accounts/{id}/retry", "retryAccount", "End the rest of an account, or of one of its models"), a.retryAccount)
	huma.Register(api, op(http.MethodPut, "/api/accounts/order", "orderAccounts", "Put the accounts into another order"), a.orderAccounts)

	huma.Register(api, op(http.MethodPost, "/api/sign-ins", "beginSignIn", "Begin a sign-in"), a.beginSignIn)
	get(api, "/api/sign-ins/{id}", "signIn", "How far a sign-in is", a.signIn)
	huma.Register(api, op(http.MethodPost, "/api/sign-ins/{id}/answer", "answerSignIn", "Give what the user pasted"), a.answerSignIn)
	huma.Register(api, op(http.MethodPost, "/api/sign-ins/{id}/confirm", "confirmSignIn", "Keep the credential and check it"), a.confirmSignIn)
	huma.Register(api, op(http.MethodDelete, "/api/sign-ins/{id}", "cancelSignIn", "Cancel a sign-in and free its port"), a.cancelSignIn)

	get(api, "/api/imports/found", "foundImports", "Where other programs keep sign-ins on this machine", a.foundImports)
	huma.Register(api, op(http.MethodPost, "/api/imports/preview", "previewImport", "What an import would add or change"), a.previewImport)
	huma.Register(api, op(http.MethodPost, "/api/imports", "import", "Take the chosen sign-ins of another program"), a.takeImport)
}

type providerList struct {
	Providers []control.Provider `json:"providers"`
}

func (a admin) providers(context.Context, *none) (*body[providerList], error) {
	return answer(providerList{a.s.Providers()}, nil)
}

type accountList struct {
	Accounts []control.Account `json:"accounts"`
}

func (a admin) listAccounts(ctx context.Context, _ *none) (*body[accountList], error) {
	cards := a.s.Accounts()
	a.s.ShowActivity(ctx, cards)
	return answer(accountList{cards}, nil)
}

// card answers with one account and what it did of late.
func (a admin) card(ctx context.Context, one control.Account, err error) (*body[control.Account], error) {
	if err != nil {
		return nil, problem(err)
	}
	cards := []control.Account{one}
	a.s.ShowActivity(ctx, cards)
	return answer(cards[0], nil)
}

func (a admin) addAccount(_ context.Context, in *body[control.NewAccount]) (*body[control.Account], error) {
	return answer(a.s.AddAccount(in.Body))
}

type changeAccountInput struct {
	ID   int64 `path:"id"`
	Body control.AccountPatch
}

func (a admin) changeAccount(ctx context.Context, in *changeAccountInput) (*body[control.Account], error) {
	one, err := a.s.ChangeAccount(in.ID, in.Body)
	return a.card(ctx, one, err)
}

func (a admin) deleteAccount(_ context.Context, in *idInput) (*none, error) {
	return done(a.s.DeleteAccount(in.ID))
}

func (a admin) testAccount(ctx context.Context, in *idInput) (*body[control.Account], error) {
	one, err := a.s.TestAccount(ctx, in.ID)
	return a.card(ctx, one, err)
}

type retryInput struct {
	ID   int64 `path:"id"`
	Body struct {
		// Model is the service's own name of the model whose rest ends; "" is all
		// of the account.
		Model string `json:"model,omitempty" maxLength:"400"`
	}
}

func (a admin) retryAccount(ctx context.Context, in *retryInput) (*body[control.Account], error) {
	one, err := a.s.RetryAccount(in.ID, in.Body.Model)
	return a.card(ctx, one, err)
}

type orderInput struct {
	Body struct {
		// IDs are those of the accounts in their new order; accounts that are not
		// named stay behind them, as they were.
		IDs []int64 `json:"ids"`
	}
}

func (a admin) orderAccounts(_ context.Context, in *orderInput) (*none, error) {
	return done(a.s.OrderAccounts(in.Body.IDs))
}

func (a admin) beginSignIn(ctx context.Context, in *body[control.NewSignIn]) (*body[control.SignIn], error) {
	return answer(a.s.BeginSignIn(ctx, in.Body))
}

type signInID struct {
	ID string `path:"id" maxLength:"64"`
}

func (a admin) signIn(_ context.Context, in *signInID) (*body[control.SignIn], error) {
	return answer(a.s.SignIn(in.ID))
}

type answerInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"16384"`
	}
}

func (a admin) answerSignIn(_ context.Context, in *answerInput) (*body[control.SignIn], error) {
	return answer(a.s.AnswerSignIn(in.ID, in.Body.Text))
}

type confirmInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Name string `json:"name,omitempty" maxLength:"120"`
	}
}

func (a admin) confirmSignIn(ctx context.Context, in *confirmInput) (*body[control.SignIn], error) {
	return answer(a.s.ConfirmSignIn(ctx, in.ID, in.Body.Name))
}

func (a admin) cancelSignIn(ctx context.Context, in *signInID) (*none, error) {
	return done(a.s.CancelSignIn(ctx, in.ID))
}

type sourceList struct {
	Sources []control.FoundSource `json:"sources"`
}

func (a admin) foundImports(context.Context, *none) (*body[sourceList], error) {
	return answer(sourceList{a.s.FoundImports()}, nil)
}

func (a admin) previewImport(_ context.Context, in *body[control.ImportSource]) (*body[control.Import], error) {
	return answer(a.s.PreviewImport(in.Body))
}

func (a admin) takeImport(_ context.Context, in *body[control.ImportChoice]) (*body[control.Imported], error) {
	return answer(a.s.TakeImport(in.Body))
}
