// Package handover replaces the running program by a new form of itself that
// keeps its open files: sockets that nobody may find closed, and the lock.
//
// The invariant: what is handed over is never closed in between. A connection
// that arrives meanwhile waits in the socket's queue. Nothing else crosses:
// every other file is closed by the system at that moment.
package handover

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// variable carries the list of what was handed over.
const variable = "OPENAICOMPATIBLE_HANDOVER"

// Bundle is what goes from one form to the next.
type Bundle struct {
	// Files are open files by a name that both forms know.
	Files map[string]*os.File
	// Values are small facts. They are seen by whoever may read this user's
	// processes, and by nobody else.
	Values map[string]string
	// Children are processes that the new form must collect when they end: the
	// window's, which notice that it is gone.
	Children []int
}

// list is a Bundle on its way.
type list struct {
	Files    map[string]int    `json:"files"`
	Values   map[string]string `json:"values"`
	Children []int             `json:"children"`
}

// Received takes what an earlier form of the program has left; ok is false when
// this is a fresh start.
func Received() (b Bundle, ok bool, err error) {
	text, ok := os.LookupEnv(variable)
	if !ok {
		return b, false, nil
	}
	if err := os.Unsetenv(variable); err != nil {
		return b, true, fmt.Errorf("take over: %w", err)
	}
	var l list
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return b, true, fmt.Errorf("take over: %w", err)
	}
	b = Bundle{Files: map[string]*os.File{}, Values: l.Values, Children: l.Children}
	for name, fd := range l.Files {
		b.Files[name] = claim(fd, name)
	}
	collect(b.Children)
	return b, true, nil
}

// environment is the one to start the new form with.
func environment(base []string, l list) ([]string, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("hand over: %w", err)
	}
	own := slices.DeleteFunc(slices.Clone(base), func(line string) bool { return strings.HasPrefix(line, variable+"=") })
	return append(own, variable+"="+string(text)), nil
}
