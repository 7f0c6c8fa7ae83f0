// Package gemini is Google's generateContent, as we speak it to the Gemini API,
// to Vertex AI and to Code Assist: one codec, and what the three want
// differently is data in [Upstream].
//
// The invariant: the body is one that Google takes, whatever the client sent:
// the turns alternate, every call has its result and, where the model wants one,
// its thought signature, and every schema is of the subset that Gemini knows.
// The package sends nothing and knows no account; it keeps nothing but what it
// is handed to keep things in.
package gemini

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
)

// Upstream is how we call Gemini. The zero value is Vertex AI; the Gemini API
// takes ids too, and Code Assist an envelope.
type Upstream struct {
	// Envelope wraps the requests to Code Assist; nil is the request bare.
	Envelope *Envelope
	// IDs says that calls and their results carry their ids: Vertex AI answers
	// 400 on them, the others pair by them.
	IDs bool
	// Signatures keeps the thought signatures that clients do not send back; nil
	// keeps none.
	Signatures Signatures
	// Schemas remembers cleaned schemas; nil cleans them every time. It is to
	// live as long as the account's snapshot, see account.Derive.
	Schemas *Schemas
	// Now dates a wait that is told as a point in time; nil is time.Now.
	Now func() time.Time
}

// Envelope is what Code Assist wants round a request.
type Envelope struct {
	// Project is the Google Cloud project; "" leaves it out.
	Project string
	// NewID makes the ids of a prompt and of a session; nil makes random ones.
	NewID func() string
}

// Signatures keeps thought signatures by the id of the call they came with. It
// must not block: what it does not know at once, it does not know.
type Signatures interface {
	// Signature is the one kept for a call; "" is none.
	Signature(callID string) string
	// Keep keeps the signature of a call.
	Keep(callID, signature string)
}

var (
	_ dialect.Upstream = Upstream{}
	_ dialect.Restorer = Upstream{}
	_ dialect.Splicer  = Upstream{}
)

// minter marks what only this dialect understands.
const minter = string(dialect.Gemini)

// Name is [dialect.Gemini].
func (Upstream) Name() dialect.Name { return dialect.Gemini }

// InlinesImages says that a picture has to come inline: Gemini fetches none.
func (Upstream) InlinesImages() bool { return true }

// Splices says that texts are written as they were read.
func (Upstream) Splices() bool { return true }

// public says that this is the Gemini API itself, which knows fields that the
// two others refuse.
func (u Upstream) public() bool { return u.Envelope == nil && u.IDs }

func (u Upstream) now() time.Time {
	if u.Now == nil {
		return time.Now()
	}
	return u.Now()
}

// newID is an id of the envelope.
func (e *Envelope) newID() string {
	if e.NewID != nil {
		return e.NewID()
	}
	var b [16]byte
	_, _ = rand.Read(b[:])                      // It never fails.
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // a random UUID, as Google's own client sends
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
