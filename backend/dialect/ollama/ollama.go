// Package ollama is Ollama's own API, as its clients speak it to us: questions
// to a model at /api/chat and /api/generate, vectors at /api/embed, and what they
// ask before that, which models there are and what those can do.
//
// The invariant: what a client reads is as Ollama writes it, one JSON object a
// line with the counts in the last one, calls whole and with an object for their
// arguments. Models are not ours to fetch or to delete, which is said where
// somebody asks for it. The package sends nothing and knows no account.
package ollama

import (
	"net/http"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Chat is /api/chat, and the list of models. The zero value is ready.
type Chat struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Known says why nobody has a model, for a client that only wants it loaded;
	// nil is that somebody has. Without it all are known.
	Known func(model string) *llm.Error
}

// Generate is /api/generate: text that goes on, text that belongs between two,
// or one question and its answer. The zero value is ready.
type Generate struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Known says why nobody has a model, for a client that only wants it loaded;
	// nil is that somebody has. Without it all are known.
	Known func(model string) *llm.Error
}

// Embed is /api/embed, and /api/embeddings, which came before it. The zero value
// is ready.
type Embed struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

var (
	_ dialect.Client      = Chat{}
	_ dialect.Server      = Chat{}
	_ dialect.Lister      = Chat{}
	_ dialect.Client      = Generate{}
	_ dialect.Server      = Generate{}
	_ dialect.Client      = Embed{}
	_ dialect.EmbedClient = Embed{}
)

// minter marks what only this dialect understands.
const minter = string(dialect.Ollama)

// Name is [dialect.Ollama].
func (Chat) Name() dialect.Name { return dialect.Ollama }

// Name is [dialect.Ollama].
func (Generate) Name() dialect.Name { return dialect.Ollama }

// Name is [dialect.Ollama].
func (Embed) Name() dialect.Name { return dialect.Ollama }

// lines is the media type of a streamed answer.
const lines = "application/x-ndjson"

// StreamType is that of lines of JSON.
func (Chat) StreamType() string { return lines }

// StreamType is that of lines of JSON.
func (Generate) StreamType() string { return lines }

// StreamType is that of lines of JSON; vectors never stream.
func (Embed) StreamType() string { return lines }

// KeepAlive is a line that says nothing yet: clients fail on an empty one.
func (Chat) KeepAlive() []byte {
	return []byte(`{"created_at":"0001-01-01T00:00:00Z","message":{"role":"assistant","content":""},"done":false}` + "\n")
}

// KeepAlive is a line that says nothing yet.
func (Generate) KeepAlive() []byte {
	return []byte(`{"created_at":"0001-01-01T00:00:00Z","response":"","done":false}` + "\n")
}

// KeepAlive is nothing: there is no stream.
func (Embed) KeepAlive() []byte { return nil }

// EncodeError answers with Ollama's error object.
func (Chat) EncodeError(w http.ResponseWriter, err *llm.Error) { fail(w, err) }

// EncodeError answers with Ollama's error object.
func (Generate) EncodeError(w http.ResponseWriter, err *llm.Error) { fail(w, err) }

// EncodeError answers with Ollama's error object.
func (Embed) EncodeError(w http.ResponseWriter, err *llm.Error) { fail(w, err) }

// AppendStreamError appends the error as the last line.
func (Chat) AppendStreamError(dst []byte, err *llm.Error) []byte { return appendFailure(dst, err) }

// AppendStreamError appends the error as the last line.
func (Generate) AppendStreamError(dst []byte, err *llm.Error) []byte { return appendFailure(dst, err) }

// AppendStreamError appends the error as the last line.
func (Embed) AppendStreamError(dst []byte, err *llm.Error) []byte { return appendFailure(dst, err) }

// named is the model that a client means: ":latest" is the tag of a name without
// one, and clients add it.
func named(asked string) string {
	if bare, tagged := strings.CutSuffix(asked, ":latest"); tagged && bare != "" {
		return bare
	}
	return asked
}

func clock(now func() time.Time) time.Time {
	if now == nil {
		return time.Now()
	}
	return now()
}
