// Package qwenweb is what the page chat.qwen.ai and its server say to each
// other: a private protocol without a specification, read from what others
// have seen of it.
//
// The invariant: one request is one user message in a chat of its own. The
// conversation is folded into that message, each turn marked; what the protocol
// has no place for is refused or named in a warning, never lost. The package
// sends nothing, makes up no value by which the site tells browsers from
// programs, and gets around none of its checks.
package qwenweb

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/toolprompt"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Name is the protocol's name in the request log.
const Name dialect.Name = "qwen-web"

// Upstream is how we call the site. The zero value is ready.
type Upstream struct {
	// Now stamps the messages; nil is time.Now.
	Now func() time.Time
	// NewID names the messages; nil is a random UUID.
	NewID func() string
	// EmulateTools describes tools in the prompt and finds the calls in the
	// answer's text. Without it a request with tools is refused.
	EmulateTools bool
}

var (
	_ dialect.Upstream = Upstream{}
	_ dialect.Restorer = Upstream{}
)

// Name is [Name].
func (Upstream) Name() dialect.Name { return Name }

// Restore finds the calls in an answer to tools that were described in words.
func (u Upstream) Restore(r *llm.Request, s llm.Stream) llm.Stream {
	if !u.EmulateTools {
		return s
	}
	return toolprompt.Restore(r, s)
}

func (u Upstream) now() time.Time {
	if u.Now == nil {
		return time.Now()
	}
	return u.Now()
}

func (u Upstream) newID() string {
	if u.NewID == nil {
		return newUUID()
	}
	return u.NewID()
}

// newUUID is a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	x := hex.EncodeToString(b[:])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
