package handover

import (
	"errors"
	"os"
)

// Possible says whether this system can put a program in the place of another.
const Possible = false

// Replace is not possible: Windows cannot put a program in another's place. A
// successor is started instead, which waits for the lock.
func Replace(Bundle, []string, []string) error { return errors.ErrUnsupported }

// Children are of no interest: Windows collects them itself.
func Children() []int { return nil }

func claim(fd int, name string) *os.File { return os.NewFile(uintptr(fd), name) }

func collect([]int) {}
