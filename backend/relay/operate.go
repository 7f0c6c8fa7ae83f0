package relay

import (
	"context"
	"errors"
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/fim"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// operation is what the service of the attempt is asked for: text, where it
// completes text, and a conversation where it does not.
func (a *attempt) operation() dialect.Operation {
	if a.head.Operation == dialect.Complete && !a.completes {
		return dialect.Chat
	}
	return a.head.Operation
}

// speak chooses the protocol in which the upstream is asked: the client's where
// the service speaks it, for this model; see [dialect.Completer].
func (a *attempt) speak() {
	switch a.head.Operation {
	case dialect.Complete:
		a.speakText()
	case dialect.Embed:
		a.codec = a.dialect(a.exchange.codec.Name())
		if _, ok := a.codec.(dialect.EmbedUpstream); !ok {
			a.codec = a.dialect(dialect.Embeddings)
		}
	case dialect.CountTokens:
		a.codec = a.counter(a.upstream)
	case dialect.Chat:
		a.codec = a.dialect(a.exchange.codec.Name())
	}
}

func (a *attempt) dialect(client dialect.Name) dialect.Upstream {
	return a.upstream.Provider.Dialect(a.upstream.Account, client)
}

// speakText looks for a protocol in which the service completes text.
func (a *attempt) speakText() {
	for _, name := range [...]dialect.Name{a.exchange.codec.Name(), dialect.Completions, dialect.FIM} {
		codec := a.dialect(name)
		if c, ok := codec.(dialect.Completer); ok && c.Completes(a.upstream.Model, a.head.Infill) {
			a.codec, a.completes = codec, true
			return
		}
	}
	a.codec = a.dialect("")
}

// converse is the request as the upstream takes it: a completion is asked for in a
// conversation, where the service does not complete text.
func (a *attempt) converse() (*llm.Request, []llm.Warning) {
	if a.request.Completion == nil || a.completes {
		return a.request, nil
	}
	a.conversed = true
	asked, warned := fim.Ask(a.request)
	a.request = asked
	return asked, warned
}

// streams says whether the answer is wanted as events: text always is, where it
// is translated.
func (a *attempt) streams() bool {
	switch a.head.Operation {
	case dialect.Embed, dialect.CountTokens:
		return false
	case dialect.Chat, dialect.Complete:
	}
	return a.head.Stream || a.carrier == nil
}

// run asks the upstream, as often as the operation needs it.
func (a *attempt) run(ctx context.Context) *llm.Error {
	if a.head.Operation == dialect.Embed && a.carrier == nil {
		return a.embed(ctx)
	}
	err := a.ask(ctx)
	if err == nil || !a.completes || a.out.answered || !noSuchPath(err) {
		return err
	}
	// A service behind an address of the user's own may have chats alone.
	a.mu.Lock()
	a.exchange.log.Notes = append(a.exchange.log.Notes, "the service completes no text with this model: "+a.relay.o.Redactor.String(err.Message))
	a.mu.Unlock()
	a.codec, a.carrier, a.completes = a.dialect(""), nil, false
	a.lane()
	return a.ask(ctx)
}

// noSuchPath says that a service does not know the path that it was asked at, or
// not for the model.
func noSuchPath(err *llm.Error) bool {
	return err.Status == http.StatusNotFound || err.Status == http.StatusMethodNotAllowed || err.Status == http.StatusNotImplemented
}

// encode writes the body of what is asked, in the upstream's protocol.
func (a *attempt) encode(ctx context.Context) *llm.Error {
	switch {
	case a.carrier != nil:
		return a.carryRequest()
	case a.head.Operation == dialect.Embed:
		return a.embedRequest()
	case a.head.Operation == dialect.CountTokens:
		return a.countRequest()
	default:
		return a.translateRequest(ctx)
	}
}

// operated brings the answer to an operation that has one value for an answer to
// the client; done is false for a conversation and for text.
func (a *attempt) operated(ctx context.Context, resp *http.Response) (done bool, err *llm.Error) {
	switch a.head.Operation {
	case dialect.Embed:
		if a.carrier != nil {
			return true, a.carryReply(ctx, resp)
		}
		return true, a.embedded(ctx, resp)
	case dialect.CountTokens:
		return true, a.counted(ctx, resp)
	case dialect.Chat, dialect.Complete:
	}
	return false, nil
}

// wholeBody reads an answer of one value.
func (a *attempt) wholeBody(ctx context.Context, resp *http.Response) (*buffer, *llm.Error) {
	const usual = 4 << 10
	size := usual
	if n := resp.ContentLength; n > 0 && n < replyLimit {
		size = int(n) + 1
	}
	in := newBuffer(size)
	var err error
	in.b, err = readAll(in.b, &watched{a: a, r: resp.Body}, replyLimit)
	switch {
	case errors.Is(err, errTooLarge):
		in.release()
		return nil, &llm.Error{Kind: llm.KindProtocol, Message: "account " + a.upstream.Account.Name + ": the upstream's answer is larger than 64 MiB"}
	case err != nil:
		in.release()
		return nil, a.broken(ctx, err)
	}
	return in, nil
}

// unsupported is an upstream, or a client's protocol, that cannot do what was
// asked for.
func unsupported(message string) *llm.Error {
	return &llm.Error{Kind: llm.KindUnsupported, Code: "unsupported_operation", Param: "model", Message: message}
}

// blamed is err as the pool is told of it. That a model does not do one thing
// says nothing about another: a chat model is not to rest because somebody asked
// it for embeddings.
func (x *exchange) blamed(err *llm.Error) *llm.Error {
	if err == nil || err.Kind != llm.KindNotFound || x.head.Operation == dialect.Chat {
		return err
	}
	x.lenient = err
	told := *err
	told.Kind = llm.KindUnsupported
	return &told
}

// meant is what the client is told where the pool gives an error back that it was
// told in other words.
func (x *exchange) meant(none *llm.Error) *llm.Error {
	if none != nil && x.lenient != nil && none.Kind == llm.KindUnsupported && none.Message == x.lenient.Message {
		return x.lenient
	}
	return none
}

// counter is the protocol in which an upstream's service counts tokens: the
// client's, or the one in which services of chats count.
func (x *exchange) counter(u *pool.Upstream) dialect.Upstream {
	own := u.Provider.Dialect(u.Account, x.codec.Name())
	if _, ok := own.(dialect.CountUpstream); ok {
		return own
	}
	other := u.Provider.Dialect(u.Account, dialect.OpenAIResponses)
	if _, ok := other.(dialect.CountUpstream); ok {
		return other
	}
	return own
}

// canCount says that an upstream's service counts tokens.
func (x *exchange) canCount(u *pool.Upstream) bool {
	_, ok := x.counter(u).(dialect.CountUpstream)
	return ok
}
