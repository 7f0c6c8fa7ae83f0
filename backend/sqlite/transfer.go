package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
)

// Copy writes all of the log into a new file at path, in one step and without
// what was deleted.
func (l *Log) Copy(ctx context.Context, path string) error {
	if err := l.Flush(ctx); err != nil {
		return err
	}
	if _, err := l.db.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return fmt.Errorf("copy the request log: %w", err)
	}
	return nil
}

// Size is how many bytes the log takes of the disk, without what is free of its
// file.
func (l *Log) Size(ctx context.Context) (int64, error) {
	bytes, _, err := l.used(ctx)
	return bytes, err
}

// Inspect brings a log at path up to date that is to be put in the place of
// another, and says how many exchanges it has. One that cannot be used is an
// error, and is left where it is.
func Inspect(ctx context.Context, path string) (exchanges int64, err error) {
	db, err := sql.Open("sqlite", source(path))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	l := &Log{path: path, log: slog.New(slog.DiscardHandler), db: db}
	if err := l.migrate(ctx); err != nil {
		return 0, err
	}
	var sound string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&sound); err != nil || sound != "ok" {
		return 0, errors.Join(errors.New("the request log in it is damaged"), err)
	}
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM exchanges").Scan(&exchanges)
	return exchanges, err
}

// moved are the tables that a log is made of, in the order in which they refer
// to each other. The index of words is made anew from the bodies.
func moved() []string { return []string{"traits", "exchanges", "bodies", "signatures", "responses"} }

// Replace puts what the log at path holds in the place of all that is here, in
// one transaction. The log at path is one that [Inspect] has seen.
func (l *Log) Replace(ctx context.Context, path string) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	w, err := l.openWriter(ctx)
	if err != nil {
		return err
	}
	defer l.recount()
	defer w.forget()
	if _, err := w.conn.ExecContext(ctx, "ATTACH DATABASE ? AS incoming", path); err != nil {
		return fmt.Errorf("replace the request log: %w", err)
	}
	err = replaceRows(ctx, w.conn)
	if _, e := w.conn.ExecContext(context.WithoutCancel(ctx), "DETACH DATABASE incoming"); e != nil {
		err = errors.Join(err, e)
	}
	if err != nil {
		return fmt.Errorf("replace the request log: %w", err)
	}
	l.queue.release(l.batch)
	l.batch = nil
	l.queue.release(l.queue.take(nil))
	l.signatures.clear()
	l.responses.clear()
	return l.reread(ctx)
}

func replaceRows(ctx context.Context, conn *sql.Conn) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	statements := []string{"INSERT INTO words (words) VALUES ('delete-all')", "DELETE FROM main.bodies", "DELETE FROM main.exchanges", "DELETE FROM main.traits", "DELETE FROM main.signatures", "DELETE FROM main.responses"}
	for _, table := range moved() {
		statements = append(statements, "INSERT INTO main."+table+" SELECT * FROM incoming."+table)
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return tx.Commit()
}

// reread follows a change of all that is in the file.
func (l *Log) reread(ctx context.Context) error {
	var last sql.NullInt64
	if err := l.db.QueryRowContext(ctx, "SELECT max(id) FROM exchanges").Scan(&last); err != nil {
		return fmt.Errorf("read the last exchange: %w", err)
	}
	l.last.Store(max(last.Int64, l.last.Load()))
	select {
	case l.kept <- struct{}{}:
	default: // the indexer knows already
	}
	return l.loadSignatures(ctx)
}
