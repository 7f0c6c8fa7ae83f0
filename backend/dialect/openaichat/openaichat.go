// Package openaichat is OpenAI's Chat Completions, as clients speak it to us
// and as we speak it to the many services that copied it.
//
// The invariant: what a client reads is always the protocol as OpenAI writes it
// (an index on every piece of a tool call, one finish reason, usage once and
// only when asked, an end that is marked), whatever the service wrote. Bytes
// that are right already are not touched. The package sends nothing and knows
// no service by name: what one of them wants differently is data, in [Quirks].
package openaichat

import (
	"crypto/rand"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
)

// Client is how we look to callers. The zero value is ready.
type Client struct {
	// Now stamps answers whose service gave no time; nil is time.Now.
	Now func() time.Time
}

// Upstream is how we call a service. The zero value suits a service that takes
// and answers everything as OpenAI does.
type Upstream struct {
	// Quirks are what the service is known to want differently.
	Quirks Quirks
	// Errors are what the service's own errors mean, the first that fits first.
	Errors []ErrorRule
	// Now dates a Retry-After that is a point in time; nil is time.Now.
	Now func() time.Time
}

var (
	_ dialect.Client   = Client{}
	_ dialect.Upstream = Upstream{}
	_ dialect.Carrier  = Upstream{}
)

// minter marks what only this dialect understands.
const minter = string(dialect.OpenAIChat)

// Name is [dialect.OpenAIChat].
func (Client) Name() dialect.Name { return dialect.OpenAIChat }

// StreamType is that of server-sent events.
func (Client) StreamType() string { return "text/event-stream; charset=utf-8" }

// KeepAlive is a comment, which all known clients of this protocol skip.
func (Client) KeepAlive() []byte { return []byte(": keep-alive\n\n") }

// Name is [dialect.OpenAIChat].
func (Upstream) Name() dialect.Name { return dialect.OpenAIChat }

// Carries is [dialect.OpenAIChat].
func (Upstream) Carries() dialect.Name { return dialect.OpenAIChat }

func (c Client) now() time.Time { return now(c.Now) }

func now(clock func() time.Time) time.Time {
	if clock == nil {
		return time.Now()
	}
	return clock()
}

// newCallID names a tool call whose service did not. Conversations are sent
// back whole, so the name must be unique beyond one answer.
func newCallID() string { return "call_" + rand.Text() }

// answerPrefix begins the id of every answer.
const answerPrefix = "chatcmpl-"

func newAnswerID() string { return answerPrefix + rand.Text() }
