package sqlite

import (
	"sync"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// queue is what waits to be written. It is bounded in bytes: what would be
// beyond is dropped and counted, because the caller must not wait (B58) and
// memory must not grow (B57).
type queue struct {
	limit int64
	// ready has an element when there may be something to take, and again when
	// there is a full batch.
	ready chan struct{}

	mu      sync.Mutex
	records []requestlog.Record
	bytes   int64 // of records and of what was taken and not yet released
	dropped int64
}

// fullBatch is how many records are written at once without waiting for the
// interval to pass.
const fullBatch = 4096

// put appends r if there is room.
func (q *queue) put(r requestlog.Record) {
	size := sizeOf(&r)
	q.mu.Lock()
	if q.bytes+size > q.limit {
		q.dropped++
		q.mu.Unlock()
		return
	}
	q.bytes += size
	q.records = append(q.records, r)
	n := len(q.records)
	q.mu.Unlock()
	if n == 1 || n == fullBatch {
		q.signal()
	}
}

// signal wakes the writer.
func (q *queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default: // it is awake already
	}
}

// take returns all that waits. It keeps spare, an empty slice, to put into.
func (q *queue) take(spare []requestlog.Record) []requestlog.Record {
	q.mu.Lock()
	defer q.mu.Unlock()
	records := q.records
	q.records = spare
	return records
}

// release says that what was taken needs its room no more.
func (q *queue) release(records []requestlog.Record) {
	var bytes int64
	for i := range records {
		bytes += sizeOf(&records[i])
	}
	q.mu.Lock()
	q.bytes -= bytes
	q.mu.Unlock()
}

// drop counts records that were taken and could not be written.
func (q *queue) drop(n int) {
	q.mu.Lock()
	q.dropped += int64(n)
	q.mu.Unlock()
}

// lost is the number of records dropped so far.
func (q *queue) lost() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}

// full says whether a whole batch waits.
func (q *queue) full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.records) >= fullBatch
}

// sizeOf is about what a record holds in memory.
func sizeOf(r *requestlog.Record) int64 {
	const fixed, perAttempt, perNote = 640, 192, 16
	x := &r.Exchange
	n := fixed + len(x.Client) + len(x.Path) + len(x.Asked) + len(x.Served) + len(x.Error)
	for i := range x.Attempts {
		n += perAttempt + len(x.Attempts[i].Reason) + len(x.Attempts[i].Error)
	}
	for _, s := range x.Notes {
		n += perNote + len(s)
	}
	if b := r.Body; b != nil {
		n += cap(b.Request) + cap(b.Sent) + cap(b.Response) + cap(b.Times) + len(b.ResponseType)
	}
	return int64(n)
}
