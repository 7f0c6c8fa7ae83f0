package anthropic

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// Probe asks for the beginning of the model list, which costs nothing. A service
// without one is asked for one word of the first model listed by hand.
func (p Provider) Probe(ctx context.Context, a *account.Account) (provider.Finding, error) {
	_, got, err := p.page(ctx, a, url.Values{"limit": {"1"}})
	if err == nil {
		return provider.Finding{Identity: got.Header.Get("Anthropic-Organization-Id")}, nil
	}
	e := llm.AsError(err)
	if len(a.Models) > 0 && (e.Kind == llm.KindNotFound || e.Kind == llm.KindProtocol) {
		return provider.Finding{}, p.word(ctx, a)
	}
	f := provider.Finding{}
	if e.Kind == llm.KindAuth && a.Setting(fieldBaseURL) == "" {
		f.Link = p.Info().Ways[0].KeyPage
	}
	return f, e
}

// word asks a model for the shortest answer there is.
func (p Provider) word(ctx context.Context, a *account.Account) error {
	one := 1
	codec := p.Dialect(a, "")
	body, _, failed := codec.EncodeRequest(&llm.Request{
		Messages: []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "Hi"}}}}, MaxTokens: &one,
	}, a.Models[0])
	if failed != nil {
		return failed
	}
	r, err := p.NewRequest(ctx, a, provider.Call{Operation: dialect.Chat, Model: a.Models[0], Body: body, Stream: true})
	if err != nil {
		return err
	}
	got, err := endpoint.Ask(a.HTTP, r)
	if err != nil {
		return err
	}
	if got.Status != http.StatusOK {
		return codec.DecodeError(got.Status, got.Header, got.Body)
	}
	// A limit of one word is mostly used up before the first.
	_, err = llm.Collect(codec.DecodeReply(got.Header.Get("Content-Type"), bytes.NewReader(got.Body)))
	if e := llm.AsError(err); e != nil && e.Code != "max_tokens" {
		return e
	}
	return nil
}
