//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives f the owner of old. Only root can give files away; for anyone
// else a file of another's is one that must be written in place.
func keepOwner(f *os.File, old fs.FileInfo) error {
	want, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if have, ok := info.Sys().(*syscall.Stat_t); ok && have.Uid == want.Uid && have.Gid == want.Gid {
		return nil
	}
	err = f.Chown(int(want.Uid), int(want.Gid))
	if have, ok := info.Sys().(*syscall.Stat_t); err != nil && ok && have.Uid == want.Uid {
		return nil // a group that its owner has left; nobody but the owner may read the file
	}
	return err
}
