//go:build !linux

package daemon

// portOwner names the program that listens on a TCP port; "" where the system
// does not tell without more rights or another program's help.
func portOwner(int) string { return "" }
