// Package atomicfile replaces small files so that a reader, or a crash at any
// moment, meets the old content or the new one and never a part.
//
// The invariant: the content is on disk under another name before the file's
// own name points to it, and it is readable by its owner alone. The package
// knows nothing of what the files hold.
package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// ErrReadOnly says that the file's mode, its folder or its file system does not
// allow it to be written.
var ErrReadOnly = errors.New("the file is read-only")

const (
	fileMode   = 0o600
	folderMode = 0o700
)

// Write makes data the content of the file at path, with mode 0600 and the
// owner it had. Folders that are missing are made. A symbolic link is followed:
// what it points to is replaced, and the link stays. A file that cannot be
// replaced by another, as one that is mounted into a container by itself, is
// written in place. Who writes a file that others write too holds its [Lock].
func Write(path string, data []byte) error {
	target, err := resolve(path)
	if err != nil {
		return err
	}
	old, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(filepath.Dir(target), folderMode); err != nil {
			return readOnly(err)
		}
	case err != nil:
		return err
	case !old.Mode().IsRegular():
		return fmt.Errorf("%s is not a file", path)
	// A rename would replace a file that its owner has locked against writing;
	// root is not stopped by the mode either.
	case old.Mode().Perm()&0o200 == 0:
		return fmt.Errorf("%s: %w", path, ErrReadOnly)
	}
	err = replace(target, data, old)
	if err != nil && old != nil && inPlaceOnly(err) {
		return overwrite(target, data)
	}
	return readOnly(err)
}

// resolve follows symbolic links by hand, as the last one may point to a file
// that does not exist yet.
func resolve(path string) (string, error) {
	for range 40 {
		next, err := os.Readlink(path)
		if err != nil {
			return path, nil //nolint:nilerr // not a link, or not there: the name itself is meant
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return "", fmt.Errorf("%s: too many symbolic links", path)
}

// replace writes data beside target and renames it over target.
func replace(target string, data []byte, old fs.FileInfo) (err error) {
	folder := filepath.Dir(target)
	// One name for all, so that a killed writer's file is not left for ever.
	name := filepath.Join(folder, "."+filepath.Base(target)+".tmp")
	_ = os.Remove(name)                                                      // most often there is none; any other error comes again
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode) //nolint:gosec // the file is the caller's
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(name) // the first error is the one to tell
		}
	}()
	if old != nil {
		if err := keepOwner(f, old); err != nil {
			return err
		}
	}
	if err := fill(f, data); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := rename(name, target); err != nil {
		return err
	}
	return syncFolder(folder)
}

// fill puts data into f and waits until it is on disk.
func fill(f *os.File, data []byte) error {
	if err := f.Chmod(fileMode); err != nil && runtime.GOOS != "windows" {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

// rename tries again on Windows, where a reader or a virus scanner that has the
// target open for a moment makes it fail.
func rename(from, to string) error {
	err := os.Rename(from, to)
	for i := 0; i < 20 && runtime.GOOS == "windows" && errors.Is(err, fs.ErrPermission); i++ {
		time.Sleep(10 * time.Millisecond)
		err = os.Rename(from, to)
	}
	return err
}

// inPlaceOnly says that err comes from a file that cannot be replaced but may
// be writable: a mount point (EBUSY), a folder of another's (EACCES, EPERM), or
// a read-only file system around a writable mount (EROFS).
func inPlaceOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EBUSY) ||
		errors.Is(err, syscall.EXDEV) || errors.Is(err, syscall.EROFS)
}

// overwrite writes data over the content of target. The old content is kept in
// a file beside it, where one can be made, until the new one is on disk. New
// content that is shorter is first written with line ends after it up to the
// old length, in one call, so that a process killed between the call and the
// cut leaves no tail of the old content behind.
func overwrite(target string, data []byte) error {
	f, err := os.OpenFile(target, os.O_RDWR, 0) //nolint:gosec // the file is the caller's
	if err != nil {
		return readOnly(err)
	}
	defer f.Close()
	old, err := os.ReadFile(target) //nolint:gosec // the file is the caller's
	if err != nil {
		return err
	}
	backup := target + ".bak"
	kept := replace(backup, old, nil) == nil
	padded := data
	if missing := len(old) - len(data); missing > 0 {
		padded = append(slices.Clip(padded), bytes.Repeat([]byte("\n"), missing)...)
	}
	if _, err := f.WriteAt(padded, 0); err != nil {
		return readOnly(err)
	}
	if err := f.Truncate(int64(len(data))); err != nil {
		return readOnly(err)
	}
	_ = f.Chmod(fileMode) // another's file keeps its mode
	if err := f.Sync(); err != nil {
		return err
	}
	if kept {
		_ = os.Remove(backup) // a backup too many does no harm
	}
	return nil
}

// syncFolder makes the rename itself survive a power failure. Windows cannot
// and need not.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(folder) //nolint:gosec // the file is the caller's
	if err != nil {
		return nil // a folder that may be written but not read: the file itself is complete
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err // EINVAL: some network file systems have no folder sync
	}
	return nil
}

// readOnly gives the errors of writing a file that may not be written one name.
func readOnly(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}
