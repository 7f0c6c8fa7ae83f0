package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// ErrBusy says that another program kept the lock for the whole wait.
var ErrBusy = errors.New("another program is writing the file")

// Lock keeps other programs from writing the file at path until unlock is
// called; the caller must call it. The lock is a file beside path, which stays.
// Where none can be made, the file itself is locked: it is then one that can
// only be written in place, and so keeps its identity. Lock waits at most for
// wait. It does not keep two goroutines of one program apart.
func Lock(path string, wait time.Duration) (unlock func(), err error) {
	target, err := resolve(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(target), folderMode); err != nil {
		return nil, readOnly(err)
	}
	lock := flock.New(target+".lock", flock.SetPermissions(fileMode))
	err = try(lock, wait)
	switch {
	case err == nil:
		return func() { _ = lock.Unlock() }, nil
	case noLocks(err):
		return func() {}, nil
	case !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EROFS):
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	lock = flock.New(target, flock.SetFlag(os.O_RDONLY))
	if again := try(lock, wait); again != nil {
		if !errors.Is(again, fs.ErrNotExist) { // otherwise the folder is what is wrong
			err = again
		}
		return nil, fmt.Errorf("lock %s: %w", path, readOnly(err))
	}
	return func() { _ = lock.Unlock() }, nil
}

// noLocks says that the file system has none, as some on the network: then
// there is nothing to wait for.
func noLocks(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK)
}

// try asks for the lock until it has it or wait is over. A crashed owner's lock
// is gone with it, so that only a living one can make this fail.
func try(lock *flock.Flock, wait time.Duration) error {
	const pause = 5 * time.Millisecond
	for end := time.Now().Add(wait); ; {
		ok, err := lock.TryLock()
		if err != nil || ok {
			return err
		}
		if time.Now().After(end) {
			return ErrBusy
		}
		time.Sleep(pause)
	}
}
