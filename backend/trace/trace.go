// Package trace sends a trace of each exchange that has ended to an
// OpenTelemetry collector: OTLP over HTTP, as JSON, in the words of the
// conventions for generative AI.
//
// The invariant: no request waits for it. What does not fit into the bounded
// queue, or is refused for good, is dropped and counted. It sends no text of a
// question or an answer, no key and no name of an account. It is no client of
// the OpenTelemetry SDK, which would be larger than all of this program's own
// code, and takes no metrics and logs.
package trace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// Recorder takes finished exchanges.
type Recorder interface {
	Put(r requestlog.Record)
}

// Target is where traces go; one without an URL is nowhere.
type Target struct {
	// URL takes the traces, path included.
	URL    string
	Header http.Header
	// Service is what the program is called there.
	Service string
}

// Options are what an Exporter works with.
type Options struct {
	// Next gets every record, whether it is traced or not.
	Next Recorder
	// Target is asked each time; it may change.
	Target func() Target
	// Client is asked for each batch: the way out may be another.
	Client  func() *http.Client
	Version string
	// Rest is the pause between two batches, and the first between two tries of
	// one; 0 is five seconds and one second.
	Rest, Again time.Duration
	Log         *slog.Logger
}

const (
	// most is how many exchanges wait, and batch how many are sent at once.
	most  = 2048
	batch = 256
	// tries is how often one batch is sent before it is given up.
	tries = 5
	// last is how long the end of the program waits for the collector.
	last = 2 * time.Second
)

// Exporter sends traces. Put may be called from any goroutine.
type Exporter struct {
	o    Options
	wake chan struct{}

	mu      sync.Mutex
	queue   []requestlog.Exchange
	dropped int64
	// failing says that the last batch was not taken, which was told.
	failing bool
}

// New is an Exporter that sends nothing before Run.
func New(o Options) *Exporter {
	if o.Rest == 0 {
		o.Rest = 5 * time.Second
	}
	if o.Again == 0 {
		o.Again = time.Second
	}
	return &Exporter{o: o, wake: make(chan struct{}, 1)}
}

// Put passes a record on, and keeps what its trace is made of.
func (e *Exporter) Put(r requestlog.Record) {
	e.o.Next.Put(r)
	if e.o.Target().URL == "" {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) >= most {
		e.dropped++
		return
	}
	e.queue = append(e.queue, r.Exchange)
	if len(e.queue) == 1 || len(e.queue) == batch {
		select {
		case e.wake <- struct{}{}:
		default: // it is told already
		}
	}
}

// Dropped is how many exchanges have no trace, for want of room or because the
// collector did not take it.
func (e *Exporter) Dropped() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.dropped
}

// Run sends until ctx ends, and then tries once to send what is left.
func (e *Exporter) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			end, stop := context.WithTimeout(context.WithoutCancel(ctx), last)
			defer stop()
			for part := e.take(); len(part) > 0 && end.Err() == nil; part = e.take() {
				e.settle(len(part), e.send(end, e.o.Target(), part))
			}
			return nil
		case <-e.wake:
		}
		pause(ctx, e.o.Rest)   // what comes meanwhile goes with it
		for ctx.Err() == nil { // what is taken is sent: the end leaves the rest to itself
			part := e.take()
			if len(part) == 0 {
				break
			}
			e.settle(len(part), e.deliver(ctx, part))
		}
	}
}

func (e *Exporter) take() []requestlog.Exchange {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := min(batch, len(e.queue))
	part := e.queue[:n:n]
	if e.queue = e.queue[n:]; len(e.queue) == 0 {
		e.queue = nil
	}
	return part
}

// settle counts what was lost of n, and tells of trouble when it begins.
func (e *Exporter) settle(n int, err error) {
	e.mu.Lock()
	was := e.failing
	e.failing = err != nil
	var part *partialError
	switch {
	case errors.As(err, &part):
		e.dropped += part.rejected
	case err != nil:
		e.dropped += int64(n)
	}
	e.mu.Unlock()
	if err != nil && !was {
		e.o.Log.Warn("traces are not taken; they are dropped until they are", slog.String("error", err.Error()))
	}
}

// refusedError is an answer that took nothing; again says that it may the next
// time, and after when.
type refusedError struct {
	status string
	again  bool
	after  time.Duration
}

func (e *refusedError) Error() string { return "the collector answered " + e.status }

// partialError is an answer that took some.
type partialError struct {
	rejected int64
	said     string
}

func (e *partialError) Error() string {
	return fmt.Sprintf("the collector refused %d spans: %s", e.rejected, e.said)
}

// deliver sends a batch, again and again while that may help.
func (e *Exporter) deliver(ctx context.Context, part []requestlog.Exchange) error {
	const longest = 30 * time.Second
	wait := e.o.Again
	for n := 1; ; n++ {
		target := e.o.Target()
		if target.URL == "" {
			return nil // it was switched off
		}
		err := e.finish(ctx, target, part)
		var refused *refusedError
		var partial *partialError
		switch {
		case err == nil, errors.As(err, &partial), n == tries, ctx.Err() != nil:
			return err
		case errors.As(err, &refused) && !refused.again:
			return err
		}
		delay := wait
		if refused != nil && refused.after > 0 {
			delay = min(refused.after, longest)
		}
		pause(ctx, delay)
		wait = min(2*wait, longest)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// finish is a try that the end of the program does not cut at once: the
// collector may have taken it already.
func (e *Exporter) finish(ctx context.Context, to Target, part []requestlog.Exchange) error {
	try, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(last, cut) })()
	return e.send(try, to, part)
}

// send is one try.
func (e *Exporter) send(ctx context.Context, to Target, part []requestlog.Exchange) error {
	if to.URL == "" {
		return nil
	}
	const longest = 10 * time.Second
	ctx, stop := context.WithTimeout(ctx, longest)
	defer stop()
	text, err := json.Marshal(e.document(to, part))
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(text))
	if err != nil {
		return err
	}
	maps.Copy(r.Header, to.Header)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "OpenAICompatible/"+e.o.Version)
	resp, err := e.o.Client().Do(r)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // the address may have a secret
		}
		return err
	}
	defer resp.Body.Close()
	return verdict(resp)
}

// verdict reads an answer as the protocol has it.
func verdict(resp *http.Response) error {
	const enough = 64 << 10
	text, _ := io.ReadAll(io.LimitReader(resp.Body, enough)) // without it all was taken
	if resp.StatusCode/100 != 2 {
		refused := &refusedError{status: resp.Status}
		switch resp.StatusCode {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			refused.again = true
		}
		if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
			refused.after = time.Duration(seconds) * time.Second
		}
		return refused
	}
	var said struct {
		PartialSuccess struct {
			RejectedSpans json.Number `json:"rejectedSpans"`
			ErrorMessage  string      `json:"errorMessage"`
		} `json:"partialSuccess"`
	}
	_ = json.Unmarshal(text, &said) // what is empty, or in words of its own, refuses nothing
	if n, err := strconv.ParseInt(strings.Trim(said.PartialSuccess.RejectedSpans.String(), `"`), 10, 64); err == nil && n > 0 {
		return &partialError{n, said.PartialSuccess.ErrorMessage}
	}
	return nil
}

// Headers reads name=value,name=value as OpenTelemetry writes it: values are
// percent-encoded.
func Headers(text string) http.Header {
	h := http.Header{}
	for entry := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(entry, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			continue
		}
		value = strings.TrimSpace(value)
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		h.Set(name, value)
	}
	return h
}

// Endpoint is where traces go at a collector's address: the path of traces is
// added where the address has none.
func Endpoint(base string) string {
	const path = "/v1/traces"
	if base == "" || strings.HasSuffix(base, path) {
		return base
	}
	return strings.TrimRight(base, "/") + path
}
