package openaicompat

import (
	"bytes"
	"context"
	"net/http"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// tries is how many models a probe asks before it gives up: the first of a list
// may be one that the account may not use.
const tries = 3

// Probe asks for the models, which mostly proves the key. Where it does not, the
// shortest possible chat does (B12).
func (p Provider) Probe(ctx context.Context, a *account.Account) (provider.Finding, error) {
	err := p.probe(ctx, a)
	if err != nil && llm.AsError(err).Kind == llm.KindAuth {
		return provider.Finding{Link: presetOf(a).base(a).keyPage}, err
	}
	return provider.Finding{}, err
}

func (p Provider) probe(ctx context.Context, a *account.Account) error {
	preset := presetOf(a)
	list, err := p.list(ctx, a)
	switch {
	case unlisted(err):
		return p.tryChats(ctx, a, preset.models, err)
	case err != nil:
		return err
	case len(list) == 0 && len(a.Models) == 0 && preset.start != "":
		return &llm.Error{Kind: llm.KindNotFound, Message: preset.way.Title.EN + " runs, and has no model yet: load one there"}
	case !preset.openList:
		return nil
	case preset.keyCheck != "":
		_, _, err = p.ask(ctx, a, http.MethodGet, preset.keyCheck, nil)
		return err
	}
	if key, err := endpoint.Key(ctx, a, "key"); err != nil || key == "" {
		return err
	}
	return p.tryChats(ctx, a, list, nil)
}

// tryChats asks models until one says whether the account works; none is the
// error where there is nothing to ask, nil where the service has a list.
func (p Provider) tryChats(ctx context.Context, a *account.Account, known []llm.Model, none error) error {
	names := slices.Clone(a.Models)
	for _, m := range known {
		names = append(names, m.ID)
	}
	last := none
	for _, name := range names[:min(len(names), tries)] {
		err := p.tryChat(ctx, a, name)
		if err == nil {
			return nil
		}
		switch e := llm.AsError(err); e.Kind {
		case llm.KindRate, llm.KindOverloaded:
			return nil // the key was good enough to be told so
		case llm.KindForbidden:
			last = err
		case llm.KindNotFound, llm.KindBadRequest, llm.KindUnsupported:
			if none != nil { // else it is a model of the list that does not chat
				last = err
			}
		case llm.KindInternal, llm.KindAuth, llm.KindMethod, llm.KindTooLarge, llm.KindQuota, llm.KindTransient, llm.KindTimeout,
			llm.KindNetwork, llm.KindProtocol, llm.KindContent, llm.KindUnavailable, llm.KindCanceled:
			return err
		}
	}
	return last
}

// tryChat sends a word and reads what comes, errors under a status of success
// included.
func (p Provider) tryChat(ctx context.Context, a *account.Account, model string) error {
	few := 16 // some models refuse a smaller limit
	dialect := p.Dialect(a, "")
	body, _, refusal := dialect.EncodeRequest(&llm.Request{
		Messages:  []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "hi"}}}},
		MaxTokens: &few,
	}, model)
	if refusal != nil {
		return refusal
	}
	r, answer, err := p.ask(ctx, a, http.MethodPost, chatsPath(a, dialect.Name()), body)
	if err != nil {
		return err
	}
	if _, err := llm.Collect(dialect.DecodeReply("", bytes.NewReader(answer))); err != nil && !usedUp(err) {
		return silent(r, llm.AsError(err))
	}
	return nil
}

// usedUp says that thinking has used the few tokens up: the account works.
func usedUp(err error) bool {
	e := llm.AsError(err)
	return e.Kind == llm.KindBadRequest && e.Param == "max_tokens"
}
