// Package demo is a model service inside the program: it needs no network and
// no account, and answers every model name. It is there to try the program out
// and to test it, so it speaks the OpenAI Chat Completions protocol in full,
// with tools, schemas, pictures, thinking and errors on demand.
//
// The invariant: it is deterministic. The same request gets the same bytes; no
// clock and no chance is in them. It knows nothing, and does not pretend to.
package demo

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/completions"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// baseURL is never resolved: Transport answers instead of the network.
const baseURL = "http://demo.invalid/v1"

// Provider is the demo service. Its zero value is ready.
type Provider struct{}

var (
	_ provider.Provider = Provider{}
	_ provider.Embedded = Provider{}
)

// New makes the demo provider.
func New() Provider { return Provider{} }

// Info describes the demo: no field, no credential.
func (Provider) Info() provider.Info {
	return provider.Info{
		Kind:   "demo",
		Title:  provider.Text{EN: "Demo", ZH: "演示"},
		Prefix: "demo",
		Notices: []provider.Text{{
			EN: "Built in, for trying things out: it needs no network and no account, costs nothing, and knows nothing. Its answers are canned.",
			ZH: "内置，仅供试用：无需网络和账号，没有费用，也没有任何知识，回答都是预设的。",
		}},
		Ways: []provider.Way{{
			ID:         "demo",
			Title:      provider.Text{EN: "Built in", ZH: "内置"},
			Help:       provider.Text{EN: "Answers in this program, whatever is asked.", ZH: "由本程序直接回答，问什么都可以。"},
			Credential: provider.CredentialNone,
		}},
	}
}

// Dialect is one of OpenAI's, without any quirk.
func (Provider) Dialect(_ *account.Account, client dialect.Name) dialect.Upstream {
	if client == dialect.Completions {
		return completions.Upstream{Faults: openaichat.Upstream{}}
	}
	if client == dialect.Embeddings {
		return openaichat.EmbeddingsUpstream{}
	}
	return openaichat.Upstream{}
}

// Transport answers in this process.
func (Provider) Transport() http.RoundTripper { return transport{Handler()} }

// NewRequest builds a request. It needs no credential and asks for none.
func (Provider) NewRequest(ctx context.Context, _ *account.Account, c provider.Call) (*http.Request, error) {
	path := ""
	switch c.Operation {
	case dialect.Chat:
		path = "/chat/completions"
	case dialect.Complete:
		path = "/completions"
	case dialect.Embed:
		path = "/embeddings"
	case dialect.CountTokens:
		return nil, &llm.Error{Kind: llm.KindUnsupported, Message: "the demo provider does not count tokens"}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, baseURL+path, bytes.NewReader(c.Body))
	if err != nil {
		return nil, &llm.Error{Kind: llm.KindInternal, Message: "could not build the request to the demo provider", Cause: err}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", accept(c.Stream))
	return r, nil
}

func accept(stream bool) string {
	if stream {
		return "text/event-stream"
	}
	return "application/json"
}

// Models lists the names that behave in a way of their own. Any other name
// answers like chat.
func (Provider) Models(context.Context, *account.Account) ([]llm.Model, error) {
	var out []llm.Model
	for _, m := range models() {
		out = append(out, llm.Model{
			ID: m.id, Name: m.name, OwnedBy: "demo", Created: created,
			ContextTokens: 128_000, OutputTokens: 16_384,
			Can: m.can(),
		})
	}
	return out, nil
}

// created is the Unix time in every answer: a constant, for determinism.
const created = 1_760_000_000

// behavior is how the model of one name answers.
type behavior struct {
	id, name string
	// pace is the pause before each word of a streamed answer.
	pace time.Duration
	// status, when not 0, is the error that is answered instead.
	status int
	// cut breaks the connection in the middle of the answer.
	cut bool
}

// can is what a model of that behavior does: all of them do all, but the one for
// embeddings stands in lists of those alone.
func (b behavior) can() llm.Capabilities {
	if b.id == "embed" {
		return llm.Capabilities{Embeddings: true}
	}
	return llm.Capabilities{Tools: true, Vision: true, Reasoning: true, FIM: true}
}

func models() []behavior {
	return []behavior{
		{id: "chat", name: "Demo: streams a word every 15 ms", pace: 15 * time.Millisecond},
		{id: "fast", name: "Demo: streams without a pause"},
		{id: "slow", name: "Demo: streams a word every 200 ms", pace: 200 * time.Millisecond},
		{id: "embed", name: "Demo: embeddings, nearer for texts with words in common"},
		{id: "cut", name: "Demo: the connection breaks in mid-answer", cut: true},
		{id: "error-401", name: "Demo: answers 401, wrong key", status: http.StatusUnauthorized},
		{id: "error-404", name: "Demo: answers 404, no such model", status: http.StatusNotFound},
		{id: "error-429", name: "Demo: answers 429 with Retry-After: 7", status: http.StatusTooManyRequests},
		{id: "error-500", name: "Demo: answers 500", status: http.StatusInternalServerError},
		{id: "error-503", name: "Demo: answers 503, overloaded", status: http.StatusServiceUnavailable},
	}
}

// lookup finds the behavior of a model; a name of nobody answers like chat.
func lookup(model string) behavior {
	list := models()
	for _, m := range list {
		if m.id == model {
			return m
		}
	}
	return list[0]
}

// pause waits before a word, or until ctx ends; it says whether to go on.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// maxBody bounds what is read of a request; the relay has its own bound.
const maxBody = 256 << 20

func readBody(r *http.Request) ([]byte, error) { return io.ReadAll(io.LimitReader(r.Body, maxBody)) }
