package relay

import (
	"context"
	"net/http"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// embedding is what an exchange knows of the texts that it embeds.
type embedding struct {
	request *llm.EmbedRequest
	warned  []llm.Warning
}

// batch is the part of the texts that an attempt asks for at a time.
type batch struct {
	request *llm.EmbedRequest
	got     *llm.Embeddings
}

// decodeEmbed reads the body, once for all upstreams.
func (x *exchange) decodeEmbed() *llm.Error {
	if x.embedding.request != nil {
		return nil
	}
	c, ok := x.codec.(dialect.EmbedClient)
	if !ok {
		return unsupported("this protocol has no embeddings; use POST /v1/embeddings")
	}
	r, w, err := c.DecodeEmbed(x.head, x.raw)
	if err != nil {
		return err
	}
	x.embedding = embedding{r, w}
	return nil
}

// mostInputs is how many texts the service takes at a time; 0 is any number.
func (a *attempt) mostInputs() int {
	if b, ok := a.codec.(dialect.Batcher); ok {
		return b.MostInputs(a.upstream.Model)
	}
	return 0
}

// batched says that the texts are too many for one request, which is then made
// into several and cannot be carried.
func (a *attempt) batched() bool {
	most := a.mostInputs()
	return most > 0 && a.decodeEmbed() == nil && len(a.embedding.request.Inputs) > most
}

// embed asks for all texts, as many at a time as the service takes, and answers
// with the vectors of all.
func (a *attempt) embed(ctx context.Context) *llm.Error {
	if err := a.decodeEmbed(); err != nil {
		return err
	}
	all := a.embedding.request
	most := a.mostInputs()
	if most <= 0 {
		most = len(all.Inputs)
	}
	joined := &llm.Embeddings{Vectors: make([][]float32, 0, len(all.Inputs)), Usage: llm.Usage{Known: true}}
	var warned []llm.Warning
	for texts := range slices.Chunk(all.Inputs, most) {
		part := *all
		part.Inputs = texts
		a.batch = batch{request: &part}
		if err := a.ask(ctx); err != nil {
			return err
		}
		warned = a.warned
		joined.Model = a.batch.got.Model
		joined.Vectors = append(joined.Vectors, a.batch.got.Vectors...)
		joined.Usage.Known = joined.Usage.Known && a.batch.got.Usage.Known
		joined.Usage.Input += a.batch.got.Usage.Input
	}
	if most < len(all.Inputs) {
		warned = append(warned, llm.Warning{Field: "input", What: "asked for in several parts:"})
	}
	a.warned = warned
	return a.answerEmbeddings(joined)
}

func (a *attempt) embedRequest() *llm.Error {
	c, ok := a.codec.(dialect.EmbedUpstream)
	if !ok {
		return unsupported("account " + a.upstream.Account.Name + " has no embeddings; choose a model of another service")
	}
	out, w, err := c.EncodeEmbed(a.batch.request, a.upstream.Model)
	if err != nil {
		return err
	}
	a.sent, a.warned = out, slices.Concat(a.embedding.warned, w)
	return nil
}

// embedded reads the vectors of one request.
func (a *attempt) embedded(ctx context.Context, resp *http.Response) *llm.Error {
	c, ok := a.codec.(dialect.EmbedUpstream)
	if !ok {
		return unsupported("account " + a.upstream.Account.Name + " has no embeddings; choose a model of another service")
	}
	in, err := a.wholeBody(ctx, resp)
	if err != nil {
		return err
	}
	defer in.release()
	got, err := c.DecodeEmbeddings(in.b)
	if err != nil {
		return err
	}
	if len(got.Vectors) != len(a.batch.request.Inputs) {
		return &llm.Error{Kind: llm.KindProtocol, Message: "account " + a.upstream.Account.Name + ": the upstream did not answer with one vector for each text"}
	}
	a.batch.got = got
	return nil
}

func (a *attempt) answerEmbeddings(e *llm.Embeddings) *llm.Error {
	c, ok := a.exchange.codec.(dialect.EmbedClient)
	if !ok {
		return unsupported("this protocol has no embeddings; use POST /v1/embeddings")
	}
	a.mu.Lock()
	a.seen.Model, a.seen.Usage, a.seen.Token = e.Model, e.Usage, true
	a.mu.Unlock()
	const perNumber = 12
	size := 1 << 10
	for _, v := range e.Vectors {
		size += perNumber*len(v) + 64
	}
	out := newBuffer(size)
	defer out.release()
	if err := c.EncodeEmbeddings(out, e, a.asked(), a.head); err != nil {
		return llm.AsError(err)
	}
	a.own()
	a.whole(out.b)
	return nil
}
