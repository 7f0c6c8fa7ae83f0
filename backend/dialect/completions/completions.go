// Package completions is text that goes on where another text ends, or that
// belongs between two: OpenAI's text completion, and Mistral's fill-in-the-middle,
// whose questions are the same and whose answers have the form of a chat. Clients
// speak both to us, and we speak both to services that complete text as such.
//
// The invariant: what a client reads is the text alone. An answer without any text
// is an answer like any other here, for nothing may be missing at a cursor; one
// that breaks off is an error. The package knows no service by name and asks
// nobody in a conversation: how to do that is not a matter of this protocol.
package completions

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/openaierror"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Client is how we look to callers. The zero value is OpenAI's text completion.
type Client struct {
	// FIM is Mistral's fill-in-the-middle, whose answers look like a chat's.
	FIM bool
	// Now stamps answers whose service gave no time; nil is time.Now.
	Now func() time.Time
}

// Upstream is how we call a service. The zero value suits one that takes and
// answers everything as OpenAI does, with all of its models.
type Upstream struct {
	// FIM says that the service speaks Mistral's fill-in-the-middle, which has no
	// stream_options and tells the usage without being asked.
	FIM bool
	// Models are the models that complete text, as patterns of path.Match in lower
	// case; nil is all.
	Models []string
	// Infills are those of them that find what belongs between two texts; nil is
	// all. With Marks, it is those whose family is known as well.
	Infills []string
	// Marks puts both texts into the prompt with the marks of the model's family:
	// the service has no suffix.
	Marks bool
	// NoStreamOptions leaves stream_options out (B26).
	NoStreamOptions bool
	// Drop are fields that the service refuses.
	Drop []string
	// Faults reads the service's errors; nil knows the statuses alone.
	Faults Faults
	// Now dates a Retry-After that is a point in time; nil is time.Now.
	Now func() time.Time
}

// Faults reads what a service says when it refuses. The codec of the service's
// chat does, for its errors are the same everywhere.
type Faults interface {
	DecodeError(status int, h http.Header, body []byte) *llm.Error
}

var (
	_ dialect.Client    = Client{}
	_ dialect.Upstream  = Upstream{}
	_ dialect.Completer = Upstream{}
	_ dialect.Carrier   = Upstream{}
)

// minter marks what only these two protocols understand.
const minter = string(dialect.Completions)

func name(fim bool) dialect.Name {
	if fim {
		return dialect.FIM
	}
	return dialect.Completions
}

// Name is [dialect.Completions] or [dialect.FIM].
func (c Client) Name() dialect.Name { return name(c.FIM) }

// StreamType is that of server-sent events.
func (Client) StreamType() string { return "text/event-stream; charset=utf-8" }

// KeepAlive is a comment, which clients skip.
func (Client) KeepAlive() []byte { return []byte(": keep-alive\n\n") }

// EncodeError answers with an error object. A client that left gets nothing.
func (Client) EncodeError(w http.ResponseWriter, err *llm.Error) { openaierror.Write(w, err) }

// AppendStreamError appends the error event and [DONE].
func (Client) AppendStreamError(dst []byte, err *llm.Error) []byte {
	return openaierror.AppendEvent(dst, err)
}

// Name is [dialect.Completions] or [dialect.FIM].
func (u Upstream) Name() dialect.Name { return name(u.FIM) }

// Carries is the protocol that it is.
func (u Upstream) Carries() dialect.Name { return name(u.FIM) }

func (c Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// newID names an answer whose service did not.
func newID() string { return "cmpl-" + rand.Text() }
