package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// The bounds of what is kept of signatures, in memory and on disk alike: the
// oldest go first.
const (
	signatureBytes = 8 << 20
	signatureAge   = 7 * 24 * time.Hour
	// longestSignature and longestCall are beyond what any service gives.
	longestSignature = 256 << 10
	longestCall      = 256
	// perSignature is about what one costs beside its text.
	perSignature = 160
)

// Signatures keeps the thought signatures of tool calls, by the call's id. All
// of them are in memory, so that nobody who asks waits; the log's writer puts
// them on disk, and they survive a restart (B33).
type Signatures struct {
	now  func() time.Time
	wake func()

	mu sync.Mutex
	by map[string]signature
	// order has the calls, oldest first; some may have been kept again since.
	order []signedCall
	bytes int
	// unsaved wait for the writer.
	unsaved []signedCall
}

type signature struct {
	text string
	at   int64
}

type signedCall struct {
	call string
	at   int64
}

func newSignatures(wake func()) *Signatures {
	return &Signatures{now: time.Now, wake: wake, by: map[string]signature{}}
}

// Signatures are the thought signatures that the log's file holds.
func (l *Log) Signatures() *Signatures { return l.signatures }

// Signature is the one kept for a call; "" is none.
func (s *Signatures) Signature(callID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[callID].text
}

// Keep keeps the signature of a call. It never waits for the disk.
func (s *Signatures) Keep(callID, text string) {
	if callID == "" || text == "" || len(callID) > longestCall || len(text) > longestSignature {
		return
	}
	s.mu.Lock()
	if s.by[callID].text == text {
		s.mu.Unlock()
		return
	}
	c := signedCall{callID, s.now().UnixMicro()}
	s.put(c, text)
	s.unsaved = append(s.unsaved, c)
	first := len(s.unsaved) == 1
	s.mu.Unlock()
	if first {
		s.wake()
	}
}

// put takes one in and lets the oldest go. mu is held.
func (s *Signatures) put(c signedCall, text string) {
	if old, ok := s.by[c.call]; ok {
		s.bytes -= sizeOfSignature(c.call, old.text)
	}
	s.by[c.call] = signature{text, c.at}
	s.order = append(s.order, c)
	s.bytes += sizeOfSignature(c.call, text)
	oldest := s.now().Add(-signatureAge).UnixMicro()
	gone := 0
	for _, o := range s.order {
		if s.bytes <= signatureBytes && o.at >= oldest {
			break
		}
		gone++
		if v, ok := s.by[o.call]; ok && v.at == o.at {
			delete(s.by, o.call)
			s.bytes -= sizeOfSignature(o.call, v.text)
		}
	}
	clear(s.order[:gone]) // the words of those that went
	s.order = s.order[gone:]
}

func sizeOfSignature(call, text string) int { return perSignature + len(call) + len(text) }

// take gives what waits to be written, and before when a row is too old.
func (s *Signatures) take() (rows []signedCall, before int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, s.unsaved = s.unsaved, nil
	before = s.now().Add(-signatureAge).UnixMicro()
	if len(s.order) > 0 {
		before = max(before, s.order[0].at)
	}
	return rows, before
}

// back takes in again what could not be written. What memory has let go of
// since is not worth the disk either.
func (s *Signatures) back(rows []signedCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaved = slices.DeleteFunc(append(rows, s.unsaved...), func(c signedCall) bool { return s.by[c.call].at != c.at })
}

// clear forgets all.
func (s *Signatures) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by, s.order, s.unsaved, s.bytes = map[string]signature{}, nil, nil, 0
}

// loadSignatures reads what an earlier run kept.
func (l *Log) loadSignatures(ctx context.Context) error {
	rows, err := l.db.QueryContext(ctx, "SELECT call, at, signature FROM signatures ORDER BY at")
	if err != nil {
		return fmt.Errorf("read signatures: %w", err)
	}
	defer rows.Close()
	s := l.signatures
	s.mu.Lock()
	defer s.mu.Unlock()
	for rows.Next() {
		var c signedCall
		var text string
		if err := rows.Scan(&c.call, &c.at, &text); err != nil {
			return fmt.Errorf("read signatures: %w", err)
		}
		s.put(c, text)
	}
	return rows.Err()
}

// saveSignatures writes those that wait. writing is held.
func (l *Log) saveSignatures(ctx context.Context) error {
	rows, before := l.signatures.take()
	if len(rows) == 0 {
		return nil
	}
	err := l.writeSignatures(context.WithoutCancel(ctx), rows, before)
	if err != nil && passing(err) {
		l.signatures.back(rows)
		return err
	}
	if err != nil {
		// They stay in memory, and the skip value helps after a restart.
		l.log.Warn("thought signatures are not saved", slog.Any("error", err))
	}
	return nil
}

func (l *Log) writeSignatures(ctx context.Context, rows []signedCall, before int64) error {
	w, err := l.openWriter(ctx)
	if err != nil {
		return err
	}
	const insert = "INSERT OR REPLACE INTO signatures (call, at, signature) VALUES (?, ?, ?)"
	return w.rows(ctx, insert, func(tx *sql.Tx, insert *sql.Stmt) error {
		for _, c := range rows {
			text := l.signatures.Signature(c.call)
			if text == "" {
				continue
			}
			if _, err := insert.ExecContext(ctx, c.call, c.at, text); err != nil {
				return fmt.Errorf("write a signature: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM signatures WHERE at < ?", before); err != nil {
			return fmt.Errorf("delete old signatures: %w", err)
		}
		return nil
	})
}
