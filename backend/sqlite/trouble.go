package sqlite

import (
	"errors"
	"log/slog"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// Full says that err means that the disk has no room: for the file, or for the
// memory that its readers and its writer share, which is a file too.
func Full(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && (e.Code()&0xff == codes.SQLITE_FULL || e.Code() == codes.SQLITE_IOERR_SHMSIZE)
}

// Forbidden says that err means that the file or its folder cannot be written.
func Forbidden(err error) bool {
	return code(err) == codes.SQLITE_READONLY || code(err) == codes.SQLITE_CANTOPEN
}

// Trouble says why nothing is written at the moment; "" when all is. What waits
// is written when the trouble has passed, so far as there was room for it in
// memory.
func (l *Log) Trouble() string {
	if t := l.trouble.Load(); t != nil {
		return *t
	}
	return ""
}

// tell reports trouble when it begins and when it has passed, and not at each
// try in between.
func (l *Log) tell(err error) {
	was := l.Trouble()
	now := ""
	switch {
	case err == nil:
	case Full(err):
		now = "the disk is full"
	default:
		now = err.Error()
	}
	if (was == "") == (now == "") {
		return
	}
	l.trouble.Store(&now)
	if now != "" {
		l.log.Warn("request log is not written; trying again until it is", slog.String("path", l.path), slog.Any("error", err))
	} else {
		l.log.Info("request log is written again", slog.String("path", l.path))
	}
	l.written()
}
