// Package openairesponses is OpenAI's Responses protocol, as clients speak it to
// us, over HTTP and over a WebSocket, and as we speak it to services that have
// it.
//
// The invariant: a conversation that goes on from an earlier response is put
// together here, from what [Store] keeps, before anybody else sees it. No
// upstream is asked for a response by its id, so that any account, of any
// protocol, can go on with it, and only the key that made a response can. The
// package sends nothing and knows no service by name.
package openairesponses

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Client is how we look to callers. The zero value is ready and keeps nothing.
type Client struct {
	// Store keeps responses; nil keeps none.
	Store Store
	// Key is the name of the API key that asks; see [Client.Serve].
	Key string
	// MostBytes gives the bound of one message of a WebSocket; nil is 64 MiB.
	MostBytes func() int64
	// Now stamps answers whose service gave no time; nil is time.Now.
	Now func() time.Time
	// NewID makes the id of something that begins with prefix; nil makes a random
	// one.
	NewID func(prefix string) string

	// talk is the WebSocket that this is one turn of; nil is none.
	talk *talk
}

// Upstream is how we call a service. The zero value suits a service that takes
// and answers everything as OpenAI does.
type Upstream struct {
	// Errors reads an answer that is not 2xx by what is known of the service,
	// and, with status 0, an error object that came in another way; nil reads
	// them as OpenAI's.
	Errors func(status int, h http.Header, body []byte) *llm.Error
	// Now dates a Retry-After that is a point in time; nil is time.Now.
	Now func() time.Time
}

var (
	_ dialect.Client   = Client{}
	_ dialect.Server   = Client{}
	_ dialect.Upstream = Upstream{}
	_ dialect.Carrier  = Upstream{}
)

// minter marks what only this dialect understands.
const minter = string(dialect.OpenAIResponses)

// Name is [dialect.OpenAIResponses].
func (Client) Name() dialect.Name { return dialect.OpenAIResponses }

// StreamType is that of server-sent events.
func (Client) StreamType() string { return "text/event-stream; charset=utf-8" }

// KeepAlive is a comment, which all known clients of this protocol skip.
func (Client) KeepAlive() []byte { return []byte(": keep-alive\n\n") }

// Name is [dialect.OpenAIResponses].
func (Upstream) Name() dialect.Name { return dialect.OpenAIResponses }

// Carries is [dialect.OpenAIResponses].
func (Upstream) Carries() dialect.Name { return dialect.OpenAIResponses }

func (c Client) now() time.Time { return now(c.Now) }

func now(clock func() time.Time) time.Time {
	if clock == nil {
		return time.Now()
	}
	return clock()
}

// The prefixes of ids.
const (
	responseID  = "resp_"
	messageID   = "msg_"
	reasoningID = "rs_"
	pictureID   = "ig_"
)

func (c Client) newID(prefix string) string {
	if c.NewID != nil {
		return c.NewID(prefix)
	}
	return newID(prefix)
}

func newID(prefix string) string { return prefix + strings.ToLower(rand.Text()+rand.Text()) }
