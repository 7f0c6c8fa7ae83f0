//go:build !bindings

package main

// generating says that wails build runs this program to write the bindings.
const generating = false
