//go:build !unix

package plainhttp

import "errors"

// supported says that a socket can be read without waiting.
const supported = false

func read(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }

func nothing(error) bool { return false }
