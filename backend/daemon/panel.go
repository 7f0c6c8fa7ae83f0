package daemon

import (
	"context"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Providers are the model services of this version, in the order of the list.
func (a *accounts) Providers() []provider.Provider { return a.offered }

// LeftOut says which accounts of the file cannot be used, and why.
func (a *accounts) LeftOut() []string { return a.current.Load().leftOut }

// LastID is the highest ID that an account ever had.
func (a *accounts) LastID() int64 { return 0 }

// Health is what is known of the account with this ID.
func (a *accounts) Health(id int64) control.Health {
	a.mu.Lock()
	defer a.mu.Unlock()
	return control.Health{State: control.AccountReady, Models: len(a.known[id])}
}

// Check asks the account's service now.
func (a *accounts) Check(context.Context, int64) {}

// Changed says that a person gave the account a new secret.
func (a *accounts) Changed(int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.build()
}

// SignIn begins a sign-in over the network that its account will use.
func (a *accounts) SignIn(ctx context.Context, p provider.SignIner, o provider.SignInOptions) (account.SignIn, error) {
	o.HTTP = a.client(nil)
	return p.SignIn(ctx, o)
}
