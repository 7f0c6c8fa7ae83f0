// Package codegeex is the chat protocol of codegeex.cn, as the editors'
// extensions of that site speak it to it. Nobody documents it, and no client
// speaks it to us.
//
// The invariant: an answer's text is shown once, although the event that ends it
// repeats all of it. The site takes text alone: pictures are refused, and tools
// are refused or, by choice, described in the prompt. The package sends nothing.
package codegeex

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/toolprompt"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Caller is what the site wants to know about who asks. All of it may be empty;
// it belongs to the account whose token is sent.
type Caller struct {
	UserID        string
	UserRole      int
	IDE           string
	IDEVersion    string
	PluginVersion string
	MachineID     string
	// TalkID names the conversation; "" is a new one for each request.
	TalkID string
	// Locale is zh, en or "".
	Locale string
}

// Upstream is how we call the site. The zero value is ready.
type Upstream struct {
	Caller Caller
	// EmulateTools describes tools in the prompt and finds the calls in the
	// text; without it a request with tools is refused.
	EmulateTools bool
	// NewID makes the ids of conversations and their turns; nil makes random
	// UUIDs.
	NewID func() string
	// Now dates a Retry-After that is a point in time; nil is time.Now.
	Now func() time.Time
}

var (
	_ dialect.Upstream = Upstream{}
	_ dialect.Restorer = Upstream{}
)

// Name is [dialect.CodeGeeX].
func (Upstream) Name() dialect.Name { return dialect.CodeGeeX }

// Restore finds the calls of described tools in the text.
func (u Upstream) Restore(r *llm.Request, s llm.Stream) llm.Stream {
	if !u.EmulateTools {
		return s
	}
	return toolprompt.Restore(r, s)
}

func (u Upstream) newID() string {
	if u.NewID != nil {
		return u.NewID()
	}
	return NewID()
}

func (u Upstream) now() time.Time {
	if u.Now != nil {
		return u.Now()
	}
	return time.Now()
}

// NewID is a random UUID, the form that the site's own ids have.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
