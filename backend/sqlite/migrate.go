package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Each migration has two parts, up and down, in SQL that says the file's version
// itself, so that both change in one transaction. A part is what follows its
// comment.
//
//go:embed migrations/*.sql
var migrations embed.FS

const (
	up   = "-- up\n"
	down = "-- down\n"
)

// migrate brings the tables up to date.
func (l *Log) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var version int
	if err := l.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read the version: %w", err)
	}
	if version > len(names) {
		return errNewer
	}
	for at := version; at < len(names); at++ {
		if err := l.step(ctx, names[at], up, at); err != nil {
			return err
		}
	}
	return nil
}

// step does one part of a migration, or nothing of it, where the file is of the
// version from: another process may have been faster.
func (l *Log) step(ctx context.Context, name, part string, from int) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	forth, sql, _ := strings.Cut(string(text), down)
	if part == up {
		_, sql, _ = strings.Cut(forth, up)
	}
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil || version != from {
		return errors.Join(err, tx.Rollback())
	}
	if _, err := tx.ExecContext(ctx, sql); err != nil {
		return fmt.Errorf("migrate by %s: %w", name, errors.Join(err, tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("migrate by %s: %w", name, err)
	}
	return nil
}
