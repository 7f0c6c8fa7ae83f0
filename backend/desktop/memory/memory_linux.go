package memory

import (
	"bufio"
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// fileRegions reads the regions of files that this process may not write to.
func fileRegions() map[region]bool {
	out := map[region]bool{}
	read("/proc/self/maps", func(line []byte) {
		if r, ok := fileRegion(line); ok {
			out[r] = true
		}
	})
	return out
}

// releaseFiles lets go of the regions that were there at the start and hold no
// page of the process's own: one that the loader has changed would come back
// without the change. The pages stay in the system's cache.
func (s Start) releaseFiles() {
	var now region
	known := false
	read("/proc/self/smaps", func(line []byte) {
		if bytes.Equal(line, []byte("Anonymous:             0 kB")) && known {
			// The address is the kernel's own word, of memory that Go does not
			// manage.
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, now.from, now.to-now.from, unix.MADV_DONTNEED)
			return
		}
		if line[0] < 'A' || line[0] >= 'a' { // The name of a fact begins with a capital.
			now, known = fileRegion(line)
			known = known && s.regions[now]
		}
	})
}

// read gives each line of a file of the system; none when it cannot be read,
// and then nothing is released.
func read(name string, each func(line []byte)) {
	f, err := os.Open(name) //nolint:gosec // The system's own list.
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if len(lines.Bytes()) > 0 {
			each(lines.Bytes())
		}
	}
}

// fileRegion reads a line as "from-to mode offset device inode name".
func fileRegion(line []byte) (region, bool) {
	fields := bytes.SplitN(line, []byte(" "), 6)
	if len(fields) < 6 || fields[1][1] != '-' || fields[4][0] == '0' {
		return region{}, false
	}
	from, to, _ := bytes.Cut(fields[0], []byte("-"))
	a, errFrom := strconv.ParseUint(string(from), 16, 64)
	b, errTo := strconv.ParseUint(string(to), 16, 64)
	return region{uintptr(a), uintptr(b)}, errFrom == nil && errTo == nil
}
