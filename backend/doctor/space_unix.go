//go:build unix

package doctor

import "golang.org/x/sys/unix"

// freeBytes is the room that this user has on the disk of dir; false is not
// known.
func freeBytes(dir string) (uint64, bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true //nolint:gosec // The types differ between systems.
}
