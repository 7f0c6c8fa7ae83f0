// Package provider says what a model service must tell and do to be used: what
// it is called, which protocol it speaks, how a request to it is built, which
// models it has.
//
// The invariant: a provider builds requests; it never retries, logs, chooses
// among accounts or streams. It keeps no state between calls. What a service
// wants to have been asked before, as for a chat to be opened, is part of
// building a request, and is asked through the account's HTTP client.
package provider

import (
	"context"
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Provider is one model service.
type Provider interface {
	Info() Info
	// Dialect is the protocol in which the account's service is asked on behalf
	// of a client that speaks client: that one, where the service speaks it too,
	// so that the request can be carried; otherwise, and for "", the service's
	// main one.
	Dialect(a *account.Account, client dialect.Name) dialect.Upstream
	// NewRequest builds the HTTP request for one attempt, credential included.
	// The body is c.Body, unread, or for a service that wants it so, in an
	// envelope. It fails when the account's settings or credential do not allow
	// a call, or a call that must come before this one fails.
	NewRequest(ctx context.Context, a *account.Account, c Call) (*http.Request, error)
	// Models asks the service what it has, through a.HTTP.
	Models(ctx context.Context, a *account.Account) ([]llm.Model, error)
}

// Embedded is the ability of a provider to answer in this process: its
// accounts' HTTP clients use this transport instead of the network.
type Embedded interface{ Transport() http.RoundTripper }

// Call is what one attempt sends.
type Call struct {
	Operation dialect.Operation
	// Dialect is the protocol of Body: the name of the codec that wrote it; "" is
	// the service's main one.
	Dialect dialect.Name
	// Model is the upstream's own name of the model.
	Model string
	// Body is the encoded request. It must not be changed, nor kept after the
	// request's body was closed.
	Body []byte
	// Stream says that the answer is wanted as events.
	Stream bool
	// Previews are those that a client of the same protocol asked for; see
	// [dialect.Head].
	Previews string
}

// Text is a text in the languages of the user interface.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// KindSetting is the account's setting that remembers the way it was added by,
// as code; an account without it has the provider's default way.
const KindSetting = "kind"

// Info describes a provider: the user interface and the command line are built
// from it, and name no provider themselves.
type Info struct {
	// Kind is the name in the configuration, as openaicompat.
	Kind  string
	Title Text
	// Prefix is what model names of an account get when neither the account nor
	// its way says.
	Prefix string
	// Notices are what the user should know before adding an account, whatever
	// the way.
	Notices []Text
	// Ways are the ways to add an account, the proposed one first; at least one.
	Ways []Way
	// Default is the ID of the way of an account that names none, or one that is
	// unknown; "" is the first.
	Default string
	// Fields are settings that every way has, after those of the way.
	Fields []Field
}

// Way is one way to have an account at a provider: a plan, a transport, or a
// service with an address of its own.
type Way struct {
	// ID is the value of the account's KindSetting.
	ID    string
	Title Text
	// Help is one sentence: who can use it, and what for.
	Help Text
	// Notices are what the user should know before choosing it: terms, risks,
	// costs.
	Notices []Text
	// Prefix is what model names get; "" is the provider's.
	Prefix string
	// Credential says how the secret comes.
	Credential CredentialKind
	// SignIns are how a sign-in may go, the proposed one first; only for
	// CredentialSignIn, and then at least one.
	SignIns []SignInMethod
	// KeyPage is where the user makes a key; "" is nowhere.
	KeyPage string
	// Fields are this way's own settings.
	Fields []Field
	// Settings are filled into a new account's settings, as baseUrl; its form
	// may change them.
	Settings map[string]string
	// Ended says since when and why the service is not served to new accounts
	// of this way any more; nil while it is.
	Ended *Text
	// Instead are the ways that remain when this one is refused (B21).
	Instead []Reference
}

// Reference names a way of a provider.
type Reference struct {
	Provider string `json:"provider"`
	Way      string `json:"way"`
}

// CredentialKind is how an account's secret comes.
type CredentialKind string

// The kinds of credentials.
const (
	// CredentialNone is a service that wants none.
	CredentialNone CredentialKind = "none"
	// CredentialKey is a text that the user pastes: an API key, a token.
	CredentialKey CredentialKind = "key"
	// CredentialOptionalKey is a key that a service may do without.
	CredentialOptionalKey CredentialKind = "optionalKey"
	// CredentialSignIn comes of a sign-in; see [SignIner].
	CredentialSignIn CredentialKind = "signIn"
	// CredentialFile is the content of a file, as of a service account.
	CredentialFile CredentialKind = "file"
)

// Way is the way of that ID, or the default one for an ID that is unknown or "".
func (i Info) Way(id string) Way {
	for _, wanted := range [...]string{id, i.Default} {
		for _, w := range i.Ways {
			if w.ID == wanted {
				return w
			}
		}
	}
	if len(i.Ways) == 0 {
		return Way{}
	}
	return i.Ways[0]
}

// FieldKind is how a field is entered.
type FieldKind string

// The kinds of fields.
const (
	FieldText   FieldKind = "text"
	FieldURL    FieldKind = "url"
	FieldSecret FieldKind = "secret"
	FieldChoice FieldKind = "choice"
	FieldSwitch FieldKind = "switch"
)

// Field is one setting of an account.
type Field struct {
	// Key is the name in the configuration, in lower camel case.
	Key      string
	Kind     FieldKind
	Label    Text
	Help     Text
	Required bool
	// Default is used when the field is not set.
	Default string
	// Choices are the values of a FieldChoice.
	Choices []string
	// Words are what a form shows for some of the Choices, by their values; the
	// others show the value, which must then speak for itself in any language.
	Words map[string]Text
	// Advanced says that most users leave it alone: forms fold it away.
	Advanced bool
}
