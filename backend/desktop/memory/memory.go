// Package memory gives back what a program that waits in the background does
// not need.
//
// The invariant: nothing is lost. Only pages that the system can bring back by
// itself, without the disk, are let go: the code of libraries that were loaded
// for the window, which the background form links but does not use.
package memory

import "runtime/debug"

// Start is what was mapped when the program started. Those files stay mapped
// until its end, while later ones may go at any moment.
type Start struct{ regions map[region]bool }

// region is a part of a file in memory that is not written to.
type region struct {
	from, to uintptr
}

// AtStart notes what is mapped; it belongs at the beginning of main.
func AtStart() Start { return Start{regions: fileRegions()} }

// Release gives back free memory and the pages of files that were mapped at the
// start. What is used again comes back page by page.
func (s Start) Release() {
	s.releaseFiles()
	debug.FreeOSMemory()
}
