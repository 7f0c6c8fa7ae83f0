package sqlite

import (
	"context"
	"fmt"
	"time"
)

// At gives the signatures another clock.
func (s *Signatures) At(now func() time.Time) { s.now = now }

// LimitPages makes the file as small a disk as the test needs.
func (l *Log) LimitPages(ctx context.Context, n int) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	w, err := l.openWriter(ctx)
	if err != nil {
		return err
	}
	_, err = w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", n))
	return err
}
