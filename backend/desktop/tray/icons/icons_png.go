//go:build !windows && !darwin

package icons

import _ "embed" // For the pictures.

// The pictures are not changed after the start.
var (
	//go:embed running.png
	running []byte
	//go:embed stopped.png
	stopped []byte
	//go:embed degraded.png
	degraded []byte
	//go:embed error.png
	failed []byte
)

// All is the set for this system: PNG in colour.
func All() Set {
	return Set{Running: running, Stopped: stopped, Degraded: degraded, Error: failed}
}
