//go:build !windows

package autostart

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	if err := e.write(); err != nil {
		return fmt.Errorf("start at login: %w", err)
	}
	return nil
}

// write puts the entry there whole: the system never reads half a command.
func (e *Entry) write() error {
	if err := os.MkdirAll(e.folder, 0o700); err != nil {
		return err
	}
	part := e.path() + ".part"
	if err := os.WriteFile(part, []byte(content(e.command)), 0o600); err != nil {
		return err
	}
	return os.Rename(part, e.path())
}

func (e *Entry) path() string { return filepath.Join(e.folder, fileName) }
