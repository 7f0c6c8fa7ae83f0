package icons

import _ "embed" // For the pictures.

// The pictures are not changed after the start.
var (
	//go:embed running.ico
	running []byte
	//go:embed stopped.ico
	stopped []byte
	//go:embed degraded.ico
	degraded []byte
	//go:embed error.ico
	failed []byte
)

// All is the set for this system: Windows icons in colour.
func All() Set {
	return Set{Running: running, Stopped: stopped, Degraded: degraded, Error: failed}
}
