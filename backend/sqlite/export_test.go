package sqlite

import (
	"context"
	"fmt"
	"io/fs"
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

// Index indexes all bodies that are not yet.
func (l *Log) Index(ctx context.Context) error {
	for {
		if more, err := l.index(ctx); err != nil || !more {
			return err
		}
	}
}

// Indexed is how many bodies are found by their words, and how many wait.
func (l *Log) Indexed(ctx context.Context) (found, wait int, err error) {
	err = l.db.QueryRowContext(ctx,
		"SELECT (SELECT count(*) FROM words_docsize), (SELECT count(*) FROM unindexed)").Scan(&found, &wait)
	return found, wait, err
}

// Downgrade makes the file one of an older version.
func (l *Log) Downgrade(ctx context.Context, version int64) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	for at := len(names); at > int(version); at-- {
		if err := l.step(ctx, names[at-1], down, at); err != nil {
			return err
		}
	}
	return nil
}
