package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Version says which version a log is of and which one this program writes. It
// changes nothing, and may be asked while another process writes. A log that is
// not there is of version 0.
func Version(ctx context.Context, path string) (version, current int, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, 0, err
	}
	// A file without content is one that could not be made to its end.
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return 0, len(names), nil
	}
	address, _, _ := strings.Cut(source(path), "?") // what else stands there writes
	db, err := sql.Open("sqlite", address+"?mode=ro&_pragma=busy_timeout(1000)")
	if err != nil {
		return 0, len(names), err
	}
	defer db.Close()
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, len(names), fmt.Errorf("read the version: %w", err)
	}
	var last sql.NullInt64
	if err := db.QueryRowContext(ctx, "SELECT max(id) FROM exchanges").Scan(&last); err != nil {
		return version, len(names), fmt.Errorf("read the last exchange: %w", err)
	}
	return version, len(names), nil
}
