package control

import (
	"context"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Accounts is what the daemon keeps of the accounts in force.
type Accounts interface {
	// Providers are the model services of this version, in the order of the list.
	Providers() []provider.Provider
	// LeftOut says which accounts of the configuration cannot be used, and why.
	LeftOut() []string
	// LastID is the highest ID that an account ever had: none is used again.
	LastID() int64
	// Health is what is known of the account with this ID.
	Health(id int64) Health
	// Check asks the account's service now. It returns when it has answered, or
	// when ctx ends, which leaves what was known before.
	Check(ctx context.Context, id int64)
	// Recheck asks the services of all accounts that are on, and does not wait.
	Recheck()
	// Changed says that a person gave the account a new secret: it is used from
	// now on, and the service is asked again.
	Changed(id int64)
	// SignIn begins a sign-in at p, over the network that its account will use:
	// own, or with nil what the account has.
	SignIn(ctx context.Context, p provider.SignIner, o provider.SignInOptions, own *config.AccountNetwork) (account.SignIn, error)
}

// Health is what an account's service has answered last.
type Health struct {
	// State is ready, signIn, refused or unreachable; "" is not known yet.
	State AccountState
	// Checking says that it is being asked now.
	Checking bool
	// Reason and Link are those of an [Account].
	Reason, Link   string
	Identity, Tier string
	CheckedAt      time.Time
	// Expires is when the credential ends or is renewed; the zero time is never.
	Expires time.Time
	// Models is how many it has.
	Models int
	Quotas []Quota
}
