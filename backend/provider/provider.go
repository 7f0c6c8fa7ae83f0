// Package provider says what a model service must tell and do to be used: what
// it is called, which protocol it speaks, how a request to it is built, which
// models it has.
//
// The invariant: a provider builds requests; it never retries, logs, chooses
// among accounts or streams. It keeps no state between calls.
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
	// Dialect is the protocol the account's service speaks.
	Dialect(a *account.Account) dialect.Upstream
	// NewRequest builds the HTTP request for one attempt, credential included.
	// The body is c.Body, unread. It fails when the account's settings or
	// credential do not allow a call.
	NewRequest(ctx context.Context, a *account.Account, c Call) (*http.Request, error)
	// Models asks the service what it has, through a.HTTP.
	Models(ctx context.Context, a *account.Account) ([]llm.Model, error)
}

// Embedded is the ability of a provider to answer in this process: its
// accounts' HTTP clients use this transport instead of the network.
type Embedded interface{ Transport() http.RoundTripper }

// Operation is what is asked of a service.
type Operation uint8

// The operations.
const (
	Chat Operation = iota
	Embed
	CountTokens
	Complete
)

// Call is what one attempt sends.
type Call struct {
	Operation Operation
	// Model is the upstream's own name of the model.
	Model string
	// Body is the encoded request. It must not be changed, nor kept after the
	// request's body was closed.
	Body []byte
	// Stream says that the answer is wanted as events.
	Stream bool
}

// Text is a text in the languages of the user interface.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// Info describes a provider: the user interface is built from it.
type Info struct {
	// Kind is the name in the configuration, as openaicompat.
	Kind  string
	Title Text
	// Prefix is what model names of an account get when it does not say.
	Prefix string
	// Notices are what the user should know before adding an account.
	Notices []Text
	Fields  []Field
	// NeedsSecret says that an account is useless without a credential.
	NeedsSecret bool
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
}
