//go:build unix

package plainhttp

import (
	"errors"
	"syscall"
)

// supported says that a socket can be read without waiting.
const supported = true

// read reads what is there; the descriptors of connections do not block.
func read(fd uintptr, p []byte) (int, error) {
	for {
		n, err := syscall.Read(int(fd), p)
		if !errors.Is(err, syscall.EINTR) {
			return max(n, 0), err
		}
	}
}

// nothing says that there is nothing to read yet.
func nothing(err error) bool { return errors.Is(err, syscall.EAGAIN) }
