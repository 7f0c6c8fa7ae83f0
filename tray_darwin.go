package main

import (
	"errors"
	"path/filepath"
)

// trayCommand starts the helper beside this program in the bundle. On macOS the
// window's library and the tray's cannot be linked into one program.
func trayCommand(executable string) []string {
	return []string{filepath.Join(filepath.Dir(executable), "openaicompatible-tray")}
}

func runTray() error { return errors.New("on macOS the tray is openaicompatible-tray") }
