package relay

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// replyLimit bounds a whole answer in memory. A model's longest answer is far
// below it.
const replyLimit = 64 << 20

// pass brings a successful answer to the client: carried where it is what the
// client asked for in its own protocol, decoded and encoded otherwise (B27).
func (a *attempt) pass(ctx context.Context, resp *http.Response) *llm.Error {
	if done, err := a.operated(ctx, resp); done {
		return err
	}
	contentType := resp.Header.Get("Content-Type")
	stream, sure := isStream(contentType)
	if a.carrier != nil && sure && stream == a.head.Stream {
		if stream {
			return a.carryStream(ctx, resp.Body)
		}
		return a.carryReply(ctx, resp)
	}
	body := &watched{a: a, r: resp.Body}
	s := a.watch(ctx, a.restored(a.codec.DecodeReply(contentType, body)))
	if a.head.Stream {
		return a.encodeStream(s)
	}
	body.last = time.Now() // The client waits for the end, not for the beginning.
	return a.encodeReply(s)
}

// asked is the model's name that the client gets back (B46).
func (x *exchange) asked() string {
	if x.head.Model != "" {
		return x.head.Model
	}
	return x.log.Served
}

// first commits to a streamed answer before its first byte.
func (a *attempt) first() {
	if !a.out.answered {
		a.own()
		a.turn.Answered()
		a.out.stream(a.exchange.codec.StreamType())
	}
}

// own notes how much of the time before the first byte was ours.
func (x *exchange) own() {
	x.mu.Lock()
	x.log.Own = x.out.since() - x.waited
	if x.explains() {
		x.out.head(x.explain)
	}
	x.mu.Unlock()
}

// carryReply passes a whole answer on.
func (a *attempt) carryReply(ctx context.Context, resp *http.Response) *llm.Error {
	in, err := a.wholeBody(ctx, resp)
	if err != nil {
		return err
	}
	defer in.release()
	out := newBuffer(len(in.b) + len(a.asked()))
	defer out.release()
	var seen dialect.Seen
	out.b, seen, err = a.carrier.CarryReply(out.b, in.b, a.head, a.asked())
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.seen = seen
	a.mu.Unlock()
	a.own()
	a.whole(out.b)
	return nil
}

// whole writes an answer of known length.
func (x *exchange) whole(b []byte) {
	x.leave(x.seen.Usage)
	h := x.out.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	x.out.token()
	_, _ = x.out.Write(b)
	// Now, and not after the exchange was written down.
	x.out.Flush()
}

// watch notes what a decoded answer says, on its way to the client's codec, and
// gives the failures of the connection their names.
func (a *attempt) watch(ctx context.Context, s llm.Stream) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		for e, err := range s {
			if err != nil {
				shown := *a.named(ctx, err)
				shown.Message = a.relay.o.Redactor.String(shown.Message)
				yield(nil, &shown)
				return
			}
			a.note(e)
			if !yield(e, nil) {
				return
			}
		}
	}
}

// named leaves an error that has a kind as it is.
func (a *attempt) named(ctx context.Context, err error) *llm.Error {
	if e, ok := errors.AsType[*llm.Error](err); ok && e.Kind != llm.KindInternal && ctx.Err() == nil {
		return e
	}
	return a.broken(ctx, err)
}

func (a *attempt) note(e llm.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch e := e.(type) {
	case llm.Start:
		a.seen.Model = e.Model
	case llm.TextDelta, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta, llm.ToolCallStart, llm.ToolCallDelta:
		a.seen.Token = true
	case llm.Finish:
		a.seen.Reason, a.seen.Usage = e.Reason, e.Usage
		a.leave(e.Usage)
	}
}

// encodeStream sends s as the client's events.
func (a *attempt) encodeStream(s llm.Stream) *llm.Error {
	a.out.gather(true)
	defer a.out.gather(false)
	var early *llm.Error
	err := a.exchange.codec.EncodeStream(&a.out, a.opened(s, &early), a.asked(), a.head)
	if early != nil {
		return early
	}
	a.out.Flush()
	if err == nil {
		return nil
	}
	// The codec has written the protocol's error event and its end.
	a.ended = true
	if e, ok := errors.AsType[*llm.Error](err); ok {
		return e
	}
	return &llm.Error{Kind: llm.KindCanceled, Message: "the client closed the connection", Cause: err}
}

// opened is s from its first event that says something, which a Start does not.
// With that event the answer is committed to. What fails before it can still be
// answered by another upstream: it is left in early, and no event is given.
func (a *attempt) opened(s llm.Stream, early **llm.Error) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		var start llm.Event
		begun := false
		for e, err := range s {
			if !begun {
				if err != nil {
					*early = llm.AsError(err)
					return
				}
				if _, opening := e.(llm.Start); opening {
					start = e
					continue
				}
				begun = true
				a.first()
				a.out.token()
				if start != nil && !yield(start, nil) {
					return
				}
			}
			if !yield(e, err) {
				return
			}
		}
		if !begun {
			*early = &llm.Error{Kind: llm.KindProtocol, Message: "the upstream ended its answer before it began"}
		}
	}
}

// encodeReply folds s into one answer for a client that wanted no stream.
func (a *attempt) encodeReply(s llm.Stream) *llm.Error {
	r, err := llm.Collect(s)
	if err != nil {
		return llm.AsError(err)
	}
	const usual = 2 << 10
	b := newBuffer(usual)
	defer b.release()
	if err := a.exchange.codec.EncodeReply(b, r, a.asked(), a.head); err != nil {
		return llm.AsError(err)
	}
	a.own()
	a.whole(b.b)
	return nil
}
