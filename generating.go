//go:build bindings

package main

// generating says that wails build runs this program to write the bindings:
// nothing may be opened then.
const generating = true
