package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// folderError says what a person can do where the data folder cannot be used.
func (d *Daemon) folderError(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC) || sqlite.Full(err):
		return fmt.Errorf("the disk of the data folder %s is full: make room, or name another folder with --data (%w)", d.o.DataDir, err)
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || sqlite.Forbidden(err):
		return fmt.Errorf("the data folder %s cannot be written: give this user the right to, or name another folder with --data (%w)", d.o.DataDir, err)
	case errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("the data folder %s is a file: remove it, or name another folder with --data (%w)", d.o.DataDir, err)
	}
	return fmt.Errorf("the data folder %s cannot be used; 'doctor' says more: %w", d.o.DataDir, err)
}
