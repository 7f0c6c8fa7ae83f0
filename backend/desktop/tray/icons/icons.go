// Package icons holds the pictures of the tray: one a state, in the form that
// the system wants. They are drawn by the program in draw.
package icons

//go:generate go run ./draw . ../../../../build

// Set is one picture a state. A tray keeps the pointers it is given, so they
// live as long as the program.
type Set struct {
	Running, Stopped, Degraded, Error []byte
}
