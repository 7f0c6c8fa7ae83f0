package main

import (
	"errors"
	"path/filepath"
)

// trayCommand starts the helper beside this program in the bundle. On macOS the
// window's library and the tray's cannot be linked into one program.
func trayCommand(executable string) []string {
	contents := filepath.Dir(filepath.Dir(executable))
	return []string{filepath.Join(contents, "Helpers", "openaicompatible-tray.app", "Contents", "MacOS", "openaicompatible-tray")}
}

func runTray() error { return errors.New("on macOS the tray is openaicompatible-tray") }
