package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// source is the driver's name for the file at path, with what is set on every
// connection. The caches are small because a log is read at its end; NORMAL
// lets a power cut take the last moments of the log but never its order.
func source(path string) string {
	path = filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		path = "/" + path // file:///C:/…
	}
	pragmas := []string{
		"busy_timeout(1000)",
		"cache_size(-1024)",
		"journal_mode(wal)",
		"synchronous(normal)",
		"wal_autocheckpoint(2000)",
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return u.String()
}

// limitConnections lets a few readers in beside the writer, and lets go of
// their memory soon after.
func (l *Log) limitConnections() {
	l.db.SetMaxOpenConns(4)
	l.db.SetMaxIdleConns(1)
	l.db.SetConnMaxIdleTime(3 * time.Second)
}

// errNewer is a log that a newer version of the program has written.
var errNewer = errors.New("the request log is of a newer version of this program")

// begin makes the file ready, whatever is there.
func (l *Log) begin(ctx context.Context) error {
	err := l.check(ctx)
	if !damaged(err) && !errors.Is(err, errNewer) {
		return err
	}
	return l.replace(ctx, err)
}

// check creates the file or brings it up to date, and reads from each table,
// which finds most of what can be wrong with it.
func (l *Log) check(ctx context.Context) error {
	if err := create(ctx, l.path); err != nil {
		return err
	}
	if err := l.migrate(ctx); err != nil {
		return err
	}
	l.recount()
	var last sql.NullInt64
	err := l.db.QueryRowContext(ctx, "SELECT max(id) FROM exchanges").Scan(&last)
	if err != nil {
		return fmt.Errorf("read the last exchange: %w", err)
	}
	l.last.Store(last.Int64)
	for _, table := range []string{
		selectExchanges() + " ORDER BY e.id DESC LIMIT 1",
		"SELECT packed, request, sent, response, response_type, times FROM bodies ORDER BY id DESC LIMIT 1",
		"SELECT packed, input, body FROM responses ORDER BY id DESC LIMIT 1",
		"SELECT rowid FROM words WHERE words MATCH '\"a\"' LIMIT 1",
		"SELECT id FROM unindexed LIMIT 1",
	} {
		if _, err := l.db.ExecContext(ctx, table); err != nil {
			return fmt.Errorf("try to read: %w", err)
		}
	}
	return l.loadSignatures(ctx)
}

// create makes sure that the file exists and that only its owner may read it.
// SQLite gives the files beside it the same rights.
func create(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- it is where the user keeps data
	if err != nil {
		return err
	}
	info, err := f.Stat()
	err = errors.Join(err, f.Chmod(0o600), f.Close())
	if err != nil || info.Size() > 0 {
		return err
	}
	// How a file gives back what is free of it is decided before anything
	// else is written.
	db, err := sql.Open("sqlite", source(path)+"&_auto_vacuum=incremental")
	if err != nil {
		return err
	}
	return errors.Join(db.PingContext(ctx), db.Close())
}

// replace moves the file aside because of cause and begins a new one.
func (l *Log) replace(ctx context.Context, cause error) error {
	_ = l.closeWriter() // of a damaged file; its trouble is known
	l.db.SetMaxIdleConns(0)
	aside, err := moveAside(l.path, cause)
	l.limitConnections()
	if err != nil {
		return errors.Join(cause, err)
	}
	l.log.Warn("request log begun anew", slog.String("kept", aside), slog.Any("error", cause))
	return l.check(ctx)
}

// moveAside renames the file and those that SQLite keeps beside it, and
// returns the new name.
func moveAside(path string, cause error) (string, error) {
	why := ".damaged-"
	if errors.Is(cause, errNewer) {
		why = ".newer-"
	}
	ext := filepath.Ext(path)
	aside := strings.TrimSuffix(path, ext) + why + time.Now().Format("20060102-150405.000") + ext
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Rename(path+suffix, aside+suffix)
		if err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
			return "", fmt.Errorf("move the request log aside: %w", err)
		}
	}
	return aside, nil
}

// code is SQLite's primary result code of err; -1 is none.
func code(err error) int {
	var e *driver.Error
	if !errors.As(err, &e) {
		return -1
	}
	return e.Code() & 0xff
}

// damaged says that err means that the file is no database, or a broken one,
// or one with other tables.
func damaged(err error) bool {
	switch code(err) {
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB, codes.SQLITE_FORMAT:
		return true
	case codes.SQLITE_ERROR:
		return strings.Contains(err.Error(), "no such ") || strings.Contains(err.Error(), "already exists")
	default:
		return false
	}
}

// passing says that err may be gone the next time.
func passing(err error) bool {
	switch code(err) {
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED, codes.SQLITE_FULL, codes.SQLITE_IOERR,
		codes.SQLITE_READONLY, codes.SQLITE_CANTOPEN, codes.SQLITE_NOMEM, codes.SQLITE_PROTOCOL:
		return true
	default:
		return false
	}
}
