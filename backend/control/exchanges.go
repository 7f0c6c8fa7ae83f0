package control

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// Exchanges is one page of the request log; running ones are not in it.
func (s *Panel) Exchanges(ctx context.Context, q requestlog.Query) (ExchangePage, error) {
	p, err := s.o.Log.List(ctx, q)
	if err != nil {
		return ExchangePage{}, err
	}
	out := ExchangePage{Exchanges: make([]Exchange, 0, len(p.Exchanges)), Next: p.Next, Total: p.Total}
	for i := range p.Exchanges {
		out.Exchanges = append(out.Exchanges, row(&p.Exchanges[i], false))
	}
	return out, nil
}

// Running are the exchanges that have not ended, newest first.
func (s *Panel) Running() []Exchange {
	all := s.o.Running()
	out := make([]Exchange, 0, len(all))
	for i := range all {
		out = append(out, row(&all[i], true))
	}
	slices.Reverse(out)
	return out
}

// Exchange is all that is known of one exchange, running or not.
func (s *Panel) Exchange(ctx context.Context, id int64) (ExchangeDetail, error) {
	policy := s.o.Config.Snapshot().Requests.KeepBodies
	for _, e := range s.o.Running() {
		if e.ID == id {
			d := detail(&e, true, policy)
			d.Replaying = s.replays.has(id)
			return d, nil
		}
	}
	e, body, err := s.o.Log.Get(ctx, id)
	if errors.Is(err, requestlog.ErrNotFound) {
		return ExchangeDetail{}, &llm.Error{Kind: llm.KindNotFound, Message: "this request is not in the log any more; it was wiped, or its days are over", Cause: err}
	}
	if err != nil {
		return ExchangeDetail{}, err
	}
	d := detail(&e, false, policy)
	if body != nil {
		d.Body = s.assembled(&e, body)
	}
	return d, nil
}

// Wipe deletes the whole request log, and what a restore kept of one.
func (s *Panel) Wipe(ctx context.Context) error {
	if err := s.o.Log.Wipe(ctx); err != nil {
		return err
	}
	if s.o.Backups != nil {
		if err := s.o.Backups.ForgetLogs(); err != nil {
			return err
		}
	}
	s.o.Events.Publish(event.Event{Kind: event.Exchanges})
	return nil
}

// assembled shows a stored answer as a person reads it.
func (s *Panel) assembled(e *requestlog.Exchange, b *requestlog.Body) *ExchangeBody {
	out := &ExchangeBody{
		Request: printable(b.Request), RequestCut: b.RequestCut,
		Sent: printable(b.Sent), SentCut: b.SentCut,
		Response: printable(b.Response), ResponseCut: b.ResponseCut, ResponseType: b.ResponseType,
		Pieces: []Piece{}, Calls: []ToolCall{},
	}
	for m := range b.Times.Marks() {
		out.Pieces = append(out.Pieces, Piece{End: m.End, Ms: float64(m.At.Microseconds()) / 1000})
	}
	stream := s.o.Read(e.Dialect, b.ResponseType, b.Response)
	if stream == nil || e.Status/100 != 2 {
		return out
	}
	// A stored answer may be cut; what there is of it is shown.
	r, _ := llm.Gather(stream)
	for _, p := range r.Parts {
		switch p := p.(type) {
		case llm.Text:
			out.Text += p.Text
		case llm.Refusal:
			out.Text += p.Text
		case llm.Thought:
			out.Thought += p.Text
		case llm.ToolCall:
			out.Calls = append(out.Calls, ToolCall{ID: p.ID, Name: p.Name, Arguments: p.Arguments})
		case llm.Image, llm.Audio, llm.File, llm.ToolResult, llm.Opaque:
		}
	}
	return out
}

// printable replaces what is not UTF-8, as a body cut within a character.
func printable(b []byte) string {
	return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
}

func detail(e *requestlog.Exchange, running bool, policy string) ExchangeDetail {
	d := ExchangeDetail{
		Exchange: row(e, running), Notes: slices.Clone(e.Notes), Remarks: remarks(e.Notes),
		Attempts: make([]Attempt, 0, len(e.Attempts)), BodyPolicy: policy,
		QueueMs: float64(requestlog.Waited(e.Notes).Microseconds()) / 1000, ReplayOf: requestlog.ReplayOf(e.Notes),
	}
	if e.Error != "" {
		failure := phrase(requestlog.Failure(e.Error))
		d.Failure = &failure
	}
	if d.Notes == nil {
		d.Notes = []string{}
	}
	for i := range e.Attempts {
		d.Attempts = append(d.Attempts, attempt(&e.Attempts[i]))
	}
	return d
}

func row(e *requestlog.Exchange, running bool) Exchange {
	own := float64(e.Own.Microseconds()) / 1000
	return Exchange{
		ID: e.ID, Start: e.Start, Client: e.Client, Key: e.Key, Dialect: e.Dialect, Path: e.Path, Stream: e.Stream,
		Asked: e.Asked, Served: e.Served, Provider: e.Provider, Account: e.Account, AccountID: e.AccountID,
		Lane: string(e.Lane), Running: running, Status: e.Status, ErrorKind: e.ErrorKind, Error: e.Error, Finish: e.Finish,
		TokensIn: known(e.TokensIn), TokensOut: known(e.TokensOut), TokensCached: known(e.TokensCached),
		TokensReasoning: known(e.TokensReasoning), FirstTokenMs: msOrNil(e.FirstToken),
		DurationMs: float64(e.Duration.Microseconds()) / 1000, OwnMs: own,
		BytesIn: e.BytesIn, BytesOut: e.BytesOut, AttemptCount: len(e.Attempts),
	}
}

func known(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}
