package config

import (
	"fmt"
	"path/filepath"
)

// Error is something in the configuration that cannot be used, in words for the
// person who has to change it. It never quotes a string's value, which may be a
// secret.
type Error struct {
	// File is the file's path; "" when the value did not come from a file.
	File string
	// Line counts from 1; 0 is unknown.
	Line int
	// Field is the path of the value, as server.maxBodyMB or accounts[0].name;
	// "" is the file as a whole.
	Field string
	// Message says what is wrong and what to do.
	Message string
}

// Error is one line, as
// "config.json:12: server.maxBodyMB: must be between 1 and 1024, got 0".
func (e *Error) Error() string {
	text := e.Message
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	switch {
	case e.File == "":
		return text
	case e.Line == 0:
		return filepath.Base(e.File) + ": " + text
	}
	return fmt.Sprintf("%s:%d: %s", filepath.Base(e.File), e.Line, text)
}

// wrong is an Error without a place yet.
func wrong(field, format string, args ...any) *Error {
	return &Error{Field: field, Message: fmt.Sprintf(format, args...)}
}
