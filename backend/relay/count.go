package relay

import (
	"context"
	"net/http"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// headerEstimated names the tokenizer of a count that no service made.
const headerEstimated = "X-OpenAICompatible-Estimated"

// count answers how many tokens a conversation has: a service's own count where
// one of the upstreams counts, and an estimate, which says that it is one,
// otherwise (B40). An upstream that does not count is not asked, and so none of
// its pace is used up.
func (x *exchange) count(turn *pool.Turn) *llm.Error {
	c, ok := x.codec.(dialect.CountClient)
	if !ok {
		return unsupported("this protocol does not count tokens")
	}
	model, why := x.head.Model, "no account counts tokens"
	if turn.Offers(func(u *pool.Upstream) bool {
		model = u.Model
		return x.canCount(u)
	}) {
		err := x.attempts(turn)
		if err == nil || x.gone() || x.out.answered || x.relay.o.Estimate == nil || !estimable(err) {
			return err
		}
		why = err.Message
	}
	return x.estimate(c, model, why)
}

// estimable says whether an estimate is a better answer than the error: the
// request itself is right.
func estimable(err *llm.Error) bool {
	return err.Elsewhere() || err.Kind == llm.KindUnavailable || err.Kind == llm.KindUnsupported
}

// estimate answers without asking anybody.
func (x *exchange) estimate(c dialect.CountClient, model, why string) *llm.Error {
	if x.relay.o.Estimate == nil {
		return unsupported(why)
	}
	r, err := x.conversation()
	if err != nil {
		return err
	}
	tokens, tokenizer := x.relay.o.Estimate(r, model)
	x.mu.Lock()
	x.seen = dialect.Seen{Usage: llm.Usage{Known: true, Input: tokens}}
	x.warned = append(slices.Clone(x.decoded.warned), llm.Warning{Field: "with " + tokenizer, What: "estimated the tokens (" + why + ")"})
	x.mu.Unlock()
	x.out.Header().Set(headerEstimated, tokenizer)
	return x.answerCount(c, tokens)
}

func (x *exchange) answerCount(c dialect.CountClient, tokens int) *llm.Error {
	out := newBuffer(1 << 9)
	defer out.release()
	if err := c.EncodeCount(out, tokens, x.asked(), x.head); err != nil {
		return llm.AsError(err)
	}
	x.own()
	x.whole(out.b)
	return nil
}

// conversation is the request with all of its texts as text.
func (x *exchange) conversation() (*llm.Request, *llm.Error) {
	if err := x.decode(false); err != nil {
		return nil, err
	}
	return x.decoded.request, nil
}

func (a *attempt) countRequest() *llm.Error {
	c, ok := a.codec.(dialect.CountUpstream)
	if !ok {
		return &llm.Error{Kind: llm.KindNotFound, Message: "account " + a.upstream.Account.Name + " does not count tokens"}
	}
	r, err := a.conversation()
	if err != nil {
		return err
	}
	out, w, err := c.EncodeCount(r, a.upstream.Model)
	if err != nil {
		return err
	}
	a.sent, a.warned = out, slices.Concat(a.decoded.warned, w)
	return nil
}

// counted passes a service's count on.
func (a *attempt) counted(ctx context.Context, resp *http.Response) *llm.Error {
	up, ok := a.codec.(dialect.CountUpstream)
	client, both := a.exchange.codec.(dialect.CountClient)
	if !ok || !both {
		return unsupported("account " + a.upstream.Account.Name + " does not count tokens")
	}
	in, err := a.wholeBody(ctx, resp)
	if err != nil {
		return err
	}
	defer in.release()
	tokens, err := up.DecodeCount(in.b)
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.seen.Usage = llm.Usage{Known: true, Input: tokens}
	a.mu.Unlock()
	return a.answerCount(client, tokens)
}
