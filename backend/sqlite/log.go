// Package sqlite keeps the request log on disk, in one SQLite file.
//
// The invariant: whoever puts a record never waits and never fails (B58). Put
// only queues; one goroutine writes, in batches. What the disk does not take
// waits in a bounded queue and is dropped and counted beyond it. The package
// redacts nothing: what it is given was redacted before (B59).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// Options are the choices of Open. The zero value is fine.
type Options struct {
	// Written is called after records were written, from the writer goroutine
	// or from Flush. It must not wait.
	Written func()
	// Log gets what an operator should know; nil is nowhere.
	Log *slog.Logger
	// Interval is the least time between two batches; 0 is 250 ms. A record
	// that comes after a longer rest is written at once.
	Interval time.Duration
	// Read decodes a stored answer of a client protocol, so that its text is
	// found and not the pieces it came in; nil, here or from it, is as it stands.
	Read func(dialect, contentType string, body []byte) llm.Stream
	// QueueBytes bounds the memory of what waits to be written; 0 is 32 MiB.
	QueueBytes int64
}

// Log is the request log on disk. It is safe for concurrent use.
type Log struct {
	path    string
	log     *slog.Logger
	written func()
	rest    time.Duration
	db      *sql.DB
	queue   queue
	decode  func(dialect, contentType string, body []byte) llm.Stream
	kept    chan struct{} // has an element when there may be a body to index
	last    atomic.Int64  // the greatest id
	total   atomic.Int64  // of the exchanges; -1 is not counted yet
	tally   tally

	activity activity
	uses     uses

	signatures *Signatures
	responses  *Responses
	// trouble is why nothing is written at the moment; "" is nothing.
	trouble atomic.Pointer[string]

	// writing guards the fields below, and is held while anything is written.
	writing sync.Mutex
	writer  *writer             // nil until it is needed, and after trouble
	batch   []requestlog.Record // taken from the queue and not yet written
	spare   []requestlog.Record // the other of the two slices in use
}

// Open opens the log at path and makes it if there is none. A file that is
// damaged, or of a newer version of the program, is moved aside and a new one
// begun. The caller must call Run for anything to be written, and Close.
func Open(ctx context.Context, path string, o Options) (*Log, error) {
	l := &Log{
		path:    path,
		log:     o.Log,
		written: o.Written,
		rest:    o.Interval,
		decode:  o.Read,
		kept:    make(chan struct{}, 1),
		queue:   queue{limit: o.QueueBytes, ready: make(chan struct{}, 1)},
	}
	l.signatures = newSignatures(l.queue.signal)
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.written == nil {
		l.written = func() {}
	}
	if l.rest <= 0 {
		l.rest = 250 * time.Millisecond
	}
	if l.queue.limit <= 0 {
		l.queue.limit = 32 << 20
	}
	db, err := sql.Open("sqlite", source(path))
	if err != nil {
		return nil, fmt.Errorf("open the request log: %w", err)
	}
	l.db = db
	l.responses = newResponses(db, l.queue.signal)
	l.limitConnections()
	if err := l.begin(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the request log %s: %w", path, err), db.Close())
	}
	return l, nil
}

// Put queues a record. It never waits; a record for which there is no room is
// dropped and counted. The caller must not change what the record holds.
func (l *Log) Put(r requestlog.Record) { l.queue.put(r) }

// Dropped is how many records were lost since Open, for want of room or
// because the database refused them.
func (l *Log) Dropped() int64 { return l.queue.lost() }

// LastID is the greatest id of an exchange in the log; 0 when it is empty.
func (l *Log) LastID() int64 { return l.last.Load() }

// Run writes what is put, until ctx ends and all of it is written. Bodies are
// indexed meanwhile; those that were not are with the next Run.
func (l *Log) Run(ctx context.Context) error {
	var both errgroup.Group
	both.Go(func() error { return l.runWriter(ctx) })
	both.Go(func() error { l.runIndexer(ctx); return nil })
	return both.Wait()
}

func (l *Log) runWriter(ctx context.Context) error {
	rest := time.NewTimer(0)
	defer rest.Stop()
	var rested, waiting bool
	var lost int64
	for {
		select {
		case <-rest.C:
			rested = true
		case <-l.queue.ready:
			waiting = true
		case <-ctx.Done():
			return l.Flush(context.WithoutCancel(ctx))
		}
		if !waiting || !rested && !l.queue.full() {
			continue
		}
		err := l.Flush(ctx)
		waiting, rested = err != nil, false
		rest.Reset(l.rest)
		if err != nil {
			rest.Reset(4 * l.rest)
		}
		l.tell(err)
		if n := l.Dropped(); n > lost && err == nil {
			l.log.Warn("request log lost records", slog.Int64("lost", n-lost), slog.Int64("total", n))
			lost = n
		}
	}
}

// Flush writes all that was put before, and returns when it is on disk.
func (l *Log) Flush(ctx context.Context) error {
	n, err := l.flush(ctx)
	if n > 0 {
		l.written()
	}
	return err
}

func (l *Log) flush(ctx context.Context) (written int, err error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	for {
		if len(l.batch) == 0 {
			l.batch = l.queue.take(l.spare)
			l.spare = nil
		}
		if len(l.batch) == 0 {
			l.spare = l.batch
			return written, errors.Join(l.saveSignatures(ctx), l.saveResponses(ctx))
		}
		n, err := l.writeBatch(ctx)
		written += n
		if err != nil {
			return written, err
		}
	}
}

// writeBatch writes the batch. After an error that may pass, a lock or a full
// disk, it stays for the next time; otherwise what is refused is dropped.
func (l *Log) writeBatch(ctx context.Context) (written int, err error) {
	err = l.write(ctx, l.batch)
	switch {
	case err == nil:
		written = len(l.batch)
	case passing(err) || ctx.Err() != nil:
		return 0, err
	default:
		written = l.writeSingly(ctx, err)
	}
	l.queue.release(l.batch)
	clear(l.batch)
	if cap(l.batch) <= max(4*len(l.batch), 64) {
		l.spare = l.batch[:0] // a larger one, of a peak, is left to the collector
	}
	l.batch = nil
	return written, nil
}

// writeSingly writes what can be written of a batch that was refused as a
// whole.
func (l *Log) writeSingly(ctx context.Context, cause error) (written int) {
	for i := range l.batch {
		if err := l.write(ctx, l.batch[i:i+1]); err == nil {
			written++
		}
	}
	l.queue.drop(len(l.batch) - written)
	l.log.Warn("request log refused records",
		slog.Int("refused", len(l.batch)-written), slog.Int("of", len(l.batch)), slog.Any("error", cause))
	return written
}

// write writes records in one transaction. If the file turns out to be damaged
// it is moved aside and they go into a new one.
func (l *Log) write(ctx context.Context, records []requestlog.Record) error {
	err := l.tryWrite(ctx, records)
	if !damaged(err) {
		return err
	}
	if err := l.replace(ctx, err); err != nil {
		return err
	}
	return l.tryWrite(ctx, records)
}

func (l *Log) tryWrite(ctx context.Context, records []requestlog.Record) error {
	// A transaction that was begun is finished: it is short.
	ctx = context.WithoutCancel(ctx)
	w, err := l.openWriter(ctx)
	if err != nil {
		return err
	}
	if err := w.write(ctx, records); err != nil {
		return err
	}
	if l.total.Load() >= 0 {
		l.total.Add(int64(len(records)))
	}
	body := false
	for i := range records {
		l.tally.add(&records[i].Exchange)
		l.activity.add(&records[i].Exchange)
		l.uses.add(&records[i].Exchange)
		body = body || records[i].Body != nil
		if id := records[i].Exchange.ID; id > l.last.Load() {
			l.last.Store(id)
		}
	}
	if body {
		select {
		case l.kept <- struct{}{}:
		default: // the indexer knows already
		}
	}
	return nil
}

// openWriter returns the writer, which is made when it is needed first: a
// program that nobody asks anything keeps no connection.
func (l *Log) openWriter(ctx context.Context) (*writer, error) {
	if l.writer == nil {
		w, err := newWriter(ctx, l.db)
		if err != nil {
			return nil, err
		}
		l.writer = w
	}
	return l.writer, nil
}

// recount makes the next question count anew, because exchanges went.
func (l *Log) recount() {
	l.total.Store(-1)
	l.tally.reset()
	l.activity.reset()
	l.uses.reset()
}

func (l *Log) closeWriter() error {
	if l.writer == nil {
		return nil
	}
	w := l.writer
	l.writer = nil
	return w.close()
}

// Close closes the file. What was put and not written is lost, so Run must
// have ended before.
func (l *Log) Close() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	return errors.Join(l.closeWriter(), l.db.Close())
}
