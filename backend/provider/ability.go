package provider

import (
	"context"
	"net/http"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
)

// The abilities below are optional: a provider has them or not, and who needs
// one asks for it by a type assertion.

// SignInMethod is how the user gets from here to the service and back.
type SignInMethod string

// The methods.
const (
	// SignInBrowser opens a browser here, which returns to a port of this
	// machine; where it cannot, the user pastes the address it ended on.
	SignInBrowser SignInMethod = "browser"
	// SignInCode shows a page anywhere, which gives a code to paste.
	SignInCode SignInMethod = "code"
	// SignInDevice shows a page and a code, and waits (RFC 8628).
	SignInDevice SignInMethod = "device"
)

// SignIner is the ability of a provider to get a credential by a sign-in.
type SignIner interface {
	// SignIn begins one. It returns at once, with the address to open; ports
	// are open and polling goes on until Wait has returned. The error is an
	// *llm.Error for a person.
	SignIn(ctx context.Context, o SignInOptions) (account.SignIn, error)
}

// SignInOptions say which sign-in.
type SignInOptions struct {
	// Way is the ID of the way; "" is the first.
	Way    string
	Method SignInMethod
	// Settings are the new account's, as an OAuth client of its own.
	Settings map[string]string
	// AccountID is the account that signs in again, whose way out is taken; 0 is
	// a new one.
	AccountID int64
	// HTTP sends all of the sign-in, as later the account's (B16).
	HTTP *http.Client
}

// Refresher is the ability of a provider to renew a credential.
type Refresher interface {
	// Expires is when the secret ends; the zero time is never, or not known.
	Expires(a *account.Account, s account.Secret) time.Time
	// Refresh makes a new secret of s, through a.HTTP. An *llm.Error of KindAuth
	// is final: the user must sign in again; after any other a later try may
	// work, and s is as good as it was.
	Refresh(ctx context.Context, a *account.Account, s account.Secret) (account.Secret, error)
}

// Prober is the ability of a provider to say more of an account than its
// models: who it is, what it may do, and what it needs to work. A provider
// without it is asked for its models.
type Prober interface {
	// Probe makes the real calls that decide whether the account works (B12),
	// through a.HTTP. The error is an *llm.Error that says what the user can do;
	// the finding holds what was learnt before it.
	Probe(ctx context.Context, a *account.Account) (Finding, error)
}

// Finding is what a probe learnt.
type Finding struct {
	// Identity is the account's own name at the service, as an e-mail address;
	// "" is unknown.
	Identity string
	// Tier is the plan, in the service's own words; "" is unknown.
	Tier string
	// Settings are to be kept with the account, as the project that was found
	// for it; nil is none.
	Settings map[string]string
	// Link is a page on which the user can mend what failed; "" is none.
	Link string
}

// Quotaer is the ability of a provider to ask what is left.
type Quotaer interface {
	Quota(ctx context.Context, a *account.Account) ([]Quota, error)
}

// Quota is what is left of one budget.
type Quota struct {
	// Model is the upstream's model it counts for; "" is all of the account.
	Model string
	// Remaining is the part that is left, 0 to 1; negative is unknown.
	Remaining float64
	// Left and Limit are in requests; negative is unknown.
	Left, Limit int64
	// Reset is when it is whole again; the zero time is unknown.
	Reset time.Time
}
