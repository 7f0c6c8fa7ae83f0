package sqlite

import (
	"container/list"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// The bounds of responses in memory: of those that are known, and of those that
// wait to be written.
const (
	responseBytes = 16 << 20
	unsavedBytes  = 32 << 20
	// perResponse is about what one costs beside its texts.
	perResponse = 320
	// readLimit is how long somebody who goes on from a response waits for the
	// disk.
	readLimit = 2 * time.Second
)

// Response is one that a client may go on from.
type Response struct {
	ID string
	// Key is the name of the API key that made it; "" is none.
	Key string
	// Previous is the response that it goes on from itself; "" is none.
	Previous string
	// Conversation is the same for all that go on from one another: they are
	// forgotten together.
	Conversation string
	At           time.Time
	// Input and Body are JSON texts.
	Input, Body []byte
}

func (r *Response) size() int {
	return perResponse + len(r.ID) + len(r.Previous) + len(r.Conversation) + len(r.Input) + len(r.Body)
}

// Responses keeps responses: the latest in memory, and those that are to be
// saved in the log's file too, where they survive a restart. Nobody who puts one
// waits for the disk.
type Responses struct {
	db   *sql.DB
	wake func()

	mu sync.Mutex
	by map[string]*list.Element
	// used has them by their last use, the latest first.
	used  *list.List
	bytes int
	// unsaved wait for the writer, and gone are to be deleted there.
	unsaved      []Response
	unsavedBytes int
	gone         map[string]bool
}

func newResponses(db *sql.DB, wake func()) *Responses {
	return &Responses{db: db, wake: wake, by: map[string]*list.Element{}, used: list.New(), gone: map[string]bool{}}
}

// Responses are those that the log keeps.
func (l *Log) Responses() *Responses { return l.responses }

// Put keeps a response in memory, and lets those go that nobody has used for the
// longest time. What it holds must not be changed any more.
func (s *Responses) Put(r Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(r)
}

// put is Put with mu held.
func (s *Responses) put(r Response) {
	s.drop(r.ID)
	s.by[r.ID] = s.used.PushFront(r)
	s.bytes += r.size()
	for s.bytes > responseBytes && s.used.Len() > 1 {
		s.drop(s.at(s.used.Back()).ID)
	}
}

// at is the response of an element.
func (*Responses) at(e *list.Element) Response {
	r, _ := e.Value.(Response)
	return r
}

// drop takes one out of memory. mu is held.
func (s *Responses) drop(id string) {
	e, ok := s.by[id]
	if !ok {
		return
	}
	r := s.at(e)
	s.bytes -= r.size()
	s.used.Remove(e)
	delete(s.by, id)
}

// Save has a response written to the file. It never waits; where there is no
// room for what waits, it is not written.
func (s *Responses) Save(r Response) {
	s.mu.Lock()
	room := s.unsavedBytes+r.size() <= unsavedBytes
	if room {
		s.unsaved = append(s.unsaved, r)
		s.unsavedBytes += r.size()
	}
	s.mu.Unlock()
	if room {
		s.wake()
	}
}

// Get finds a response, in memory or in the file; false is one that is in
// neither, or that the file does not give in time.
func (s *Responses) Get(id string) (Response, bool) {
	s.mu.Lock()
	if e, ok := s.by[id]; ok {
		s.used.MoveToFront(e)
		defer s.mu.Unlock()
		return s.at(e), true
	}
	for _, r := range s.unsaved {
		if r.ID == id && !s.gone[id] {
			defer s.mu.Unlock()
			return r, true
		}
	}
	gone := s.gone[id]
	s.mu.Unlock()
	if gone {
		return Response{}, false
	}
	r, err := s.load(id)
	if err != nil {
		return Response{}, false
	}
	s.Put(r)
	return r, true
}

// load reads a response from the file.
func (s *Responses) load(id string) (Response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), readLimit)
	defer cancel()
	r := Response{ID: id}
	var at, packed int64
	err := s.db.QueryRowContext(ctx, "SELECT key, previous, conversation, at, packed, input, body FROM responses WHERE id = ?", id).
		Scan(&r.Key, &r.Previous, &r.Conversation, &at, &packed, &r.Input, &r.Body)
	if err != nil {
		return Response{}, err
	}
	r.At = time.UnixMicro(at)
	for i, part := range [...]*[]byte{&r.Input, &r.Body} {
		if packed&(1<<i) == 0 {
			continue
		}
		if *part, err = unpack(*part); err != nil {
			return Response{}, err
		}
	}
	return r, nil
}

// Delete forgets a response, in the file too.
func (s *Responses) Delete(id string) {
	s.mu.Lock()
	s.drop(id)
	s.gone[id] = true
	s.mu.Unlock()
	s.wake()
}

// clear forgets all.
func (s *Responses) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by, s.used, s.bytes = map[string]*list.Element{}, list.New(), 0
	s.unsaved, s.unsavedBytes, s.gone = nil, 0, map[string]bool{}
}

// waiting gives what is to be written and deleted. It stays known until done.
func (s *Responses) waiting() (rows []Response, gone []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.gone {
		gone = append(gone, id)
	}
	return slices.Clip(s.unsaved), gone
}

// done says that the first n that waited are written, and those are gone.
func (s *Responses) done(n int, gone []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = min(n, len(s.unsaved)) // a wipe may have come between
	for i := range s.unsaved[:n] {
		s.unsavedBytes -= s.unsaved[i].size()
	}
	s.unsaved = append([]Response(nil), s.unsaved[n:]...)
	for _, id := range gone {
		delete(s.gone, id)
	}
}

// saveResponses writes those that wait. writing is held.
func (l *Log) saveResponses(ctx context.Context) error {
	rows, gone := l.responses.waiting()
	if len(rows) == 0 && len(gone) == 0 {
		return nil
	}
	err := l.writeResponses(context.WithoutCancel(ctx), rows, gone)
	if err != nil && passing(err) {
		return err
	}
	if err != nil {
		l.log.Warn("responses are not saved", slog.Any("error", err))
	}
	l.responses.done(len(rows), gone)
	return nil
}

func (l *Log) writeResponses(ctx context.Context, rows []Response, gone []string) error {
	w, err := l.openWriter(ctx)
	if err != nil {
		return err
	}
	const insert = "INSERT OR REPLACE INTO responses (id, key, previous, conversation, at, packed, size, input, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
	return w.rows(ctx, insert, func(tx *sql.Tx, insert *sql.Stmt) error {
		for i := range rows {
			r := &rows[i]
			packed := 0
			input, smaller := w.compress.pack(r.Input)
			if smaller {
				packed |= 1
			}
			body, smaller := w.compress.pack(r.Body)
			if smaller {
				packed |= 2
			}
			if _, err := insert.ExecContext(ctx, r.ID, r.Key, r.Previous, r.Conversation, r.At.UnixMicro(), packed, len(input)+len(body), input, body); err != nil {
				return fmt.Errorf("write a response: %w", err)
			}
		}
		for _, id := range gone {
			if _, err := tx.ExecContext(ctx, "DELETE FROM responses WHERE id = ?", id); err != nil {
				return fmt.Errorf("delete a response: %w", err)
			}
		}
		return nil
	})
}

// retainResponses deletes the conversations that nobody has gone on with for
// days, and then more, the oldest first, until the others fit into a quarter of
// maxMB. 0 is no bound.
func (l *Log) retainResponses(ctx context.Context, days, maxMB int) (deleted bool, err error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	w, err := l.openWriter(ctx)
	if err != nil {
		return false, err
	}
	const forget = "DELETE FROM responses WHERE conversation IN (SELECT conversation FROM responses GROUP BY conversation "
	if days > 0 {
		before := time.Now().AddDate(0, 0, -days).UnixMicro()
		if deleted, err = changed(w.conn.ExecContext(ctx, forget+"HAVING max(at) < ?)", before)); err != nil {
			return deleted, err
		}
	}
	for maxMB > 0 {
		var size int64
		if err := w.conn.QueryRowContext(ctx, "SELECT coalesce(sum(size), 0) FROM responses").Scan(&size); err != nil {
			return deleted, err
		}
		if size <= int64(maxMB)<<20/4 {
			break
		}
		some, err := changed(w.conn.ExecContext(ctx, forget+"ORDER BY max(at) LIMIT max(1, (SELECT count(DISTINCT conversation) FROM responses) / 10))"))
		if err != nil || !some {
			return deleted, err
		}
		deleted = true
	}
	return deleted, nil
}

// changed says that a statement changed something.
func changed(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
