//go:build !unix

package sqlite_test

import "time"

// cpu is not measured here; the benchmark's own time is near enough.
func cpu() time.Duration { return 0 }
