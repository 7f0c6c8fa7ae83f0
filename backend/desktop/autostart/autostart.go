// Package autostart makes the system start the program at login, without its
// window.
//
// The invariant: the system's own entry is the only state. Whether the program
// starts at login is read there each time, so that a person who changes it in
// the system's settings is believed. The package touches no entry but its own.
package autostart

// name is that of the entry.
const name = "openaicompatible"

// Entry is the program's entry in what the system starts at login.
type Entry struct {
	command []string
	folder  string // where entries are, for systems that keep them as files
}

// New makes an Entry that starts the command. Nothing is written before Set.
func New(command []string) (*Entry, error) {
	f, err := folder()
	return &Entry{command: command, folder: f}, err
}
