//go:build !windows

package autostart

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
)

// On says whether the system starts the program at login.
func (e *Entry) On() (bool, error) {
	data, err := os.ReadFile(e.path())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read what starts at login: %w", err)
	}
	return enabled(string(data)), nil
}

// Set makes the system start the program at login, or no longer.
func (e *Entry) Set(on bool) error {
	if !on {
		if err := os.Remove(e.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("no longer start at login: %w", err)
		}
		return nil
	}
	if err := atomicfile.Write(e.path(), []byte(content(e.command))); err != nil {
		return fmt.Errorf("start at login: %w", err)
	}
	return nil
}

func (e *Entry) path() string { return filepath.Join(e.folder, fileName) }
