package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"
)

// Wipe deletes every exchange, those that wait to be written too, and the
// thought signatures, and leaves nothing of them in the file.
func (l *Log) Wipe(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.queue.release(l.batch)
	l.batch = nil
	l.queue.release(l.queue.take(nil))
	l.signatures.clear()
	l.responses.clear()
	if err := l.wipe(ctx); err != nil {
		return fmt.Errorf("wipe the request log: %w", err)
	}
	return nil
}

func (l *Log) wipe(ctx context.Context) error {
	w, err := l.openWriter(ctx)
	if err != nil {
		return err
	}
	defer l.recount()
	defer w.forget()
	// VACUUM writes what is left, nothing, into a new file, and the checkpoint
	// cuts the old pages off the file and empties the write-ahead log.
	for _, s := range []string{"INSERT INTO words (words) VALUES ('delete-all')", "DELETE FROM bodies", "DELETE FROM exchanges", "DELETE FROM traits", "DELETE FROM signatures", "DELETE FROM responses", "VACUUM"} {
		if _, err := w.conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return checkpoint(ctx, w.conn)
}

// errBusy is a checkpoint that somebody who reads held up.
var errBusy = errors.New("the file is being read, try again")

// checkpoint moves all of the write-ahead log into the file and empties it.
func checkpoint(ctx context.Context, conn *sql.Conn) error {
	var busy, pages, moved int
	err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if busy != 0 {
		return errBusy
	}
	return nil
}

// retainRows is how many exchanges Retain deletes before it lets the writer in
// again.
const retainRows = 2000

// Retain deletes the oldest exchanges: those that began more than days ago,
// and then more until what is left fits into maxMB. 0 is no bound.
func (l *Log) Retain(ctx context.Context, days, maxMB int) error {
	fewer, err := l.retainResponses(ctx, days, maxMB)
	if err != nil {
		return fmt.Errorf("trim the responses: %w", err)
	}
	deleted, err := l.retain(ctx, days, maxMB)
	if deleted || fewer {
		err = errors.Join(err, l.tidy(ctx))
	}
	if err != nil {
		return fmt.Errorf("trim the request log: %w", err)
	}
	return nil
}

func (l *Log) retain(ctx context.Context, days, maxMB int) (deleted bool, err error) {
	if days > 0 {
		before := time.Now().AddDate(0, 0, -days)
		for more := true; more; {
			var n int64
			if n, more, err = l.deleteOldest(ctx, before.UnixMicro(), retainRows); err != nil {
				return deleted, err
			}
			deleted = deleted || n > 0
		}
	}
	if maxMB <= 0 {
		return deleted, nil
	}
	limit := int64(maxMB) << 20
	for {
		used, count, err := l.used(ctx)
		if err != nil || used <= limit {
			return deleted, err
		}
		limit = int64(maxMB) << 20 / 10 * 9 // once it is too much, make room for a while
		share := float64(used-limit) / float64(used)
		n, _, err := l.deleteOldest(ctx, math.MaxInt64, int64(float64(count)*share)+1)
		if err != nil || n == 0 {
			return deleted, err
		}
		deleted = true
	}
}

// used is how much of the file is in use, in bytes, and by how many exchanges,
// about.
func (l *Log) used(ctx context.Context) (bytes, count int64, err error) {
	err = l.db.QueryRowContext(ctx,
		"SELECT (page_count - freelist_count) * page_size, "+
			"coalesce((SELECT max(id) FROM exchanges) - (SELECT min(id) FROM exchanges) + 1, 0) "+
			"FROM pragma_page_count, pragma_freelist_count, pragma_page_size").Scan(&bytes, &count)
	return bytes, count, err
}

// deleteOldest looks at the oldest exchanges, n of them or some less, and
// deletes those that began before. There may be more if it was all.
func (l *Log) deleteOldest(ctx context.Context, before, n int64) (deleted int64, more bool, err error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	w, err := l.openWriter(ctx)
	if err != nil {
		return 0, false, err
	}
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	var seen, last int64
	err = tx.QueryRowContext(ctx, "SELECT count(*), coalesce(max(id), 0) FROM (SELECT id FROM exchanges ORDER BY id LIMIT ?)", min(n, retainRows)).
		Scan(&seen, &last)
	if err != nil {
		return 0, false, err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM bodies WHERE id IN (SELECT id FROM exchanges WHERE id <= ? AND start < ?)", last, before)
	if err != nil {
		return 0, false, err
	}
	result, err := tx.ExecContext(ctx, "DELETE FROM exchanges WHERE id <= ? AND start < ?", last, before)
	if err != nil {
		return 0, false, err
	}
	if deleted, err = result.RowsAffected(); err != nil {
		return 0, false, err
	}
	return deleted, deleted == seen && seen > 0, tx.Commit()
}

// tidy follows a deletion: it deletes the traits that nothing has any more and
// gives what is free of the file back.
func (l *Log) tidy(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	w, err := l.openWriter(ctx)
	if err != nil {
		return err
	}
	w.forget()
	l.recount()
	for _, s := range []string{
		"DELETE FROM traits WHERE id NOT IN (SELECT traits FROM exchanges)",
		"PRAGMA incremental_vacuum",
	} {
		if _, err := w.conn.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	if err := checkpoint(ctx, w.conn); !errors.Is(err, errBusy) {
		return err
	}
	return nil // the next checkpoint does it
}
