// Package anthropic is the Messages protocol, as clients speak it to us and as we
// speak it to Anthropic and to the services that copied it.
//
// The invariant: what is sent is a conversation that the protocol accepts,
// whatever the client's looked like (turns that alternate, every call answered
// in the turn behind it, ids and names in its alphabet), and what had to be
// changed for that is a Warning; what a client reads is one block after the
// other, each opened, filled and closed, and an end. A thought goes back only
// with the signature that this protocol's services gave it. The package sends
// nothing; what a model takes follows from its name.
package anthropic

import (
	"crypto/rand"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
)

// Upstream is how we call a service. The zero value is ready.
type Upstream struct {
	// MaxTokens is the limit of an answer whose client gave none, which the
	// protocol does not allow; 0 is one that suits the model.
	MaxTokens int
	// Now dates a limit's reset; nil is time.Now.
	Now func() time.Time
}

var (
	_ dialect.Upstream      = Upstream{}
	_ dialect.Restorer      = Upstream{}
	_ dialect.Carrier       = Upstream{}
	_ dialect.CountUpstream = Upstream{}
)

// The minters of what only this protocol's services understand: the signature
// of a thought, and a thought of which nothing but that is to be seen.
const (
	minter   = string(dialect.Anthropic)
	redacted = minter + "-redacted"
)

// Name is [dialect.Anthropic].
func (Upstream) Name() dialect.Name { return dialect.Anthropic }

func (u Upstream) now() time.Time {
	if u.Now != nil {
		return u.Now()
	}
	return time.Now()
}

// newCallID names a call whose service did not, or named two alike.
func newCallID() string { return "toolu_" + rand.Text() }
