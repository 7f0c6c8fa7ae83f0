package control

import (
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// AccountState is what an account is good for at this moment.
type AccountState string

// The states.
const (
	// AccountReady takes requests.
	AccountReady AccountState = "ready"
	// AccountChecking is asked for the first time, or again.
	AccountChecking AccountState = "checking"
	// AccountSignIn needs a new sign-in or key: none is there, or it is revoked.
	AccountSignIn AccountState = "signIn"
	// AccountRefused is signed in, and the service refuses it (B12).
	AccountRefused AccountState = "refused"
	// AccountUnreachable could not be asked: network, proxy, clock.
	AccountUnreachable AccountState = "unreachable"
	// AccountOff was switched off by the user.
	AccountOff AccountState = "off"
)

// Account is one sign-in at a provider, as the pages show it.
type Account struct {
	ID       int64  `json:"id"`
	Provider string `json:"provider"`
	// Way is the ID of the provider's way it was added by.
	Way     string `json:"way"`
	Name    string `json:"name"`
	Prefix  string `json:"prefix"`
	Enabled bool   `json:"enabled"`
	// Original says that it stands in a section of the original program's file:
	// it works, and cannot be changed here before it is imported.
	Original bool `json:"original"`
	// Identity is its own name at the service, as an e-mail address; "" is
	// unknown. Tier is its plan in the service's words.
	Identity string       `json:"identity"`
	Tier     string       `json:"tier"`
	State    AccountState `json:"state" enum:"ready,checking,signIn,refused,unreachable,off"`
	// Reason is a sentence about a State that is not ready: what happened and
	// what to do. Link is a page where the user can do it; "" is none.
	Reason string `json:"reason"`
	Link   string `json:"link"`
	// Instead are the ways that remain when this one is refused.
	Instead []provider.Reference `json:"instead"`
	// CheckedAt is when the service was last asked; nil is never.
	CheckedAt *time.Time `json:"checkedAt,omitempty"`
	// Expires is when the credential ends or is renewed; nil is never.
	Expires *time.Time `json:"expires,omitempty"`
	// HasSecret says that a credential is there; Masked is its first and last
	// letters where it is a key.
	HasSecret bool   `json:"hasSecret"`
	Masked    string `json:"masked"`
	// Settings are the provider's own fields; Secrets are the keys of those
	// secret ones that are set, which are not shown.
	Settings map[string]string `json:"settings"`
	Secrets  []string          `json:"secrets"`
	// Listed are the models listed by hand; ModelCount is how many it has.
	Listed     []string `json:"listed"`
	ModelCount int      `json:"modelCount"`
	Quotas     []Quota  `json:"quotas"`
	// Standing is whether it may be asked now, as the requests found it.
	Standing AccountStanding `json:"standing"`
	// Weight is its share, 1 to 100; Priority orders accounts that are filled one
	// after the other, the highest first.
	Weight   int `json:"weight"`
	Priority int `json:"priority"`
	// Pace is in force; PaceDefault says that nobody set it.
	Pace        Pace `json:"pace"`
	PaceDefault bool `json:"paceDefault"`
	// ModelPace bounds single models by the service's own names.
	ModelPace map[string]Pace `json:"modelPace"`
	Network   AccountNetwork  `json:"network"`
	// Today counts since midnight; Dots are the last 24 hours, the oldest first.
	Today Counts `json:"today"`
	Dots  []Dot  `json:"dots"`
}

// Quota is what is left of one budget of an account.
type Quota struct {
	// Model is the upstream's model it counts for; "" is all.
	Model string `json:"model"`
	// Name tells limits of one model apart, in the service's words, as
	// requests-day; "" where it has one.
	Name string `json:"name"`
	// Remaining is the part that is left, 0 to 1; nil is unknown.
	Remaining *float64 `json:"remaining,omitempty"`
	// Left and Limit are in Unit; nil is unknown.
	Left  *int64     `json:"left,omitempty"`
	Limit *int64     `json:"limit,omitempty"`
	Reset *time.Time `json:"reset,omitempty"`
	// At is when it was learnt.
	At time.Time `json:"at"`
	// Source is who told: the provider was asked, its answers' headers said it,
	// or it is an estimate from our own requests.
	Source QuotaSource `json:"source" enum:"provider,headers,estimate"`
	// Unit is requests or tokens; "" is the service's own measure.
	Unit string `json:"unit" enum:",requests,tokens"`
}

// The units of a Quota.
const (
	UnitRequests = "requests"
	UnitTokens   = "tokens"
)

// QuotaSource is who told what is left.
type QuotaSource string

// The sources.
const (
	QuotaProvider QuotaSource = "provider"
	QuotaHeaders  QuotaSource = "headers"
	QuotaEstimate QuotaSource = "estimate"
)

// NewAccount is what the form of a way gives.
type NewAccount struct {
	Provider string `json:"provider"`
	Way      string `json:"way"`
	// Name and Prefix may be empty: the way's title and prefix then.
	Name   string `json:"name,omitempty" maxLength:"120"`
	Prefix string `json:"prefix,omitempty" maxLength:"120"`
	// Settings are the fields of the form, the secret ones among them.
	Settings map[string]string `json:"settings,omitempty"`
	Models   []string          `json:"models,omitempty"`
	// Key is the secret, for a way whose credential is a key or a file.
	Key string `json:"key,omitempty" maxLength:"65536"`
	// Network is how the account reaches its service; left out it is as all do.
	Network *AccountNetwork `json:"network,omitempty"`
}

// AccountPatch changes the given fields alone.
type AccountPatch struct {
	Name *string `json:"name,omitempty" maxLength:"120"`
	// Prefix "" is the way's.
	Prefix  *string `json:"prefix,omitempty" maxLength:"120"`
	Enabled *bool   `json:"enabled,omitempty"`
	// Settings replace those of the same key, secret or not; "" removes one.
	Settings map[string]string `json:"settings,omitempty"`
	Models   *[]string         `json:"models,omitempty"`
	Key      *string           `json:"key,omitempty" maxLength:"65536"`
	Weight   *int              `json:"weight,omitempty" minimum:"1" maximum:"100"`
	Priority *int              `json:"priority,omitempty" minimum:"-1000" maximum:"1000"`
	// Pace replaces the whole pace. PaceDefault true goes back to what is safe
	// for the account's kind; false changes nothing.
	Pace        *Pace `json:"pace,omitempty"`
	PaceDefault *bool `json:"paceDefault,omitempty"`
	// ModelPace and Network replace all that was set.
	ModelPace *map[string]Pace `json:"modelPace,omitempty"`
	Network   *AccountNetwork  `json:"network,omitempty"`
}

// SignInState is how far a sign-in is.
type SignInState string

// The states.
const (
	// SignInWaiting waits for the user, in the browser or to paste.
	SignInWaiting SignInState = "waiting"
	// SignInConfirm has a credential and shows whose it is before it is kept
	// (B20).
	SignInConfirm SignInState = "confirm"
	// SignInChecking makes the real call that decides (B12).
	SignInChecking SignInState = "checking"
	// SignInDone has ended with an account; its state says whether it works.
	SignInDone SignInState = "done"
	// SignInFailed has ended without; Message says why.
	SignInFailed SignInState = "failed"
	// SignInCanceled was ended by the user.
	SignInCanceled SignInState = "canceled"
)

// NewSignIn begins a sign-in: for a new account, or again for one that is
// there.
type NewSignIn struct {
	Provider string `json:"provider"`
	Way      string `json:"way"`
	// Method may be left out: the way's first then.
	Method   provider.SignInMethod `json:"method,omitempty" enum:"browser,code,device"`
	Settings map[string]string     `json:"settings,omitempty"`
	// AccountID is the account that signs in again; 0 is a new one.
	AccountID int64 `json:"accountId,omitempty"`
	// Network is how the sign-in and then its account reach the service; left
	// out it is as the account does, and a new one as all do.
	Network *AccountNetwork `json:"network,omitempty"`
	// Open asks the program to open the browser, on the machine it runs on.
	Open bool `json:"open,omitempty"`
}

// SignIn is one sign-in under way, or just ended.
type SignIn struct {
	ID       string                `json:"id"`
	Provider string                `json:"provider"`
	Way      string                `json:"way"`
	Method   provider.SignInMethod `json:"method" enum:"browser,code,device"`
	State    SignInState           `json:"state" enum:"waiting,confirm,checking,done,failed,canceled"`
	// URL is the page to open, UserCode what to type there; "" is nothing.
	URL      string `json:"url"`
	UserCode string `json:"userCode"`
	// Paste says that an answer may be pasted; Problem is what was wrong with
	// the last one, "" is nothing.
	Paste   bool   `json:"paste"`
	Problem string `json:"problem"`
	// Tunnel is a command for a browser on another machine, with ssh -L; "" is
	// none (B19).
	Tunnel  string    `json:"tunnel"`
	Expires time.Time `json:"expires"`
	// Message says why it failed, or what the check found.
	Message string `json:"message"`
	// Identity is whose sign-in it is; "" until it is known.
	Identity string `json:"identity"`
	// AccountID is the account it became, or that it will update; 0 is a new
	// one. Known says that this account was there before.
	AccountID int64 `json:"accountId"`
	Known     bool  `json:"known"`
}

// ImportState says what an import would do with one find.
type ImportState string

// The states.
const (
	ImportNew ImportState = "new"
	// ImportUpdate brings a newer credential to an account that is there.
	ImportUpdate ImportState = "update"
	// ImportSame is there already.
	ImportSame ImportState = "same"
	// ImportUnusable cannot be used; Problem says why.
	ImportUnusable ImportState = "unusable"
)

// ImportSource is where sign-ins of other programs may be.
type ImportSource struct {
	// Path is a file or a folder on the machine the program runs on; Text is
	// the content of a file instead, and Path its name.
	Path string `json:"path,omitempty" maxLength:"4096"`
	Text string `json:"text,omitempty" maxLength:"4194304"`
}

// FoundSource is a place of this machine where other programs' sign-ins are.
type FoundSource struct {
	ImportSource
	// Title names the other program.
	Title string `json:"title"`
}

// Import is what was found at a source.
type Import struct {
	// Format names what it is: original, gemini-cli, qwen-code, cliproxyapi, or
	// mixed for several of them.
	Format string   `json:"format"`
	Path   string   `json:"path"`
	Finds  []Find   `json:"finds"`
	Notes  []string `json:"notes"`
}

// Find is one sign-in of another program.
type Find struct {
	// Key names it within its source, for the choice of what to take.
	Key      string      `json:"key"`
	Provider string      `json:"provider"`
	Way      string      `json:"way"`
	Name     string      `json:"name"`
	Identity string      `json:"identity"`
	State    ImportState `json:"state" enum:"new,update,same,unusable"`
	Problem  string      `json:"problem"`
}

// ImportChoice says what to take from a source.
type ImportChoice struct {
	ImportSource
	// Keys are the finds to take, by their Key.
	Keys []string `json:"keys"`
}

// Imported is what an import did.
type Imported struct {
	Added   []Account `json:"added"`
	Updated []Account `json:"updated"`
	Skipped int       `json:"skipped"`
}
