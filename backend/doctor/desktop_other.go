//go:build !linux

package doctor

import "context"

// Desktop is what the window's program needs of the system, which on this one
// is always there.
func Desktop(context.Context) []Finding { return nil }
