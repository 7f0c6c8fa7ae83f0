package icons

import _ "embed" // For the pictures.

// The pictures are not changed after the start.
var (
	//go:embed running.template.png
	running []byte
	//go:embed stopped.template.png
	stopped []byte
	//go:embed degraded.template.png
	degraded []byte
	//go:embed error.template.png
	failed []byte
)

// All is the set for this system: black pictures that macOS tints.
func All() Set {
	return Set{Running: running, Stopped: stopped, Degraded: degraded, Error: failed}
}
