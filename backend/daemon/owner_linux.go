package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// portOwner names the program that listens on a TCP port, from /proc; "" when
// the system does not tell, as for a program of another user.
func portOwner(port int) string {
	inodes := listeners(port)
	if len(inodes) == 0 {
		return ""
	}
	fds, _ := filepath.Glob("/proc/[0-9]*/fd/[0-9]*")
	for _, fd := range fds {
		target, err := os.Readlink(fd)
		if err != nil || !inodes[target] {
			continue
		}
		pid := strings.Split(fd, "/")[2]
		name, err := os.ReadFile(filepath.Join("/proc", pid, "comm")) //nolint:gosec // pid is a number.
		if err != nil {
			return "process " + pid
		}
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid)
	}
	return ""
}

// listeners are the sockets that listen on port, as /proc/PID/fd shows them.
func listeners(port int) map[string]bool {
	const (
		local, status, inode = 1, 3, 9
		listening            = "0A"
	)
	out := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, err := os.ReadFile(table) //nolint:gosec // one of the two above.
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) <= inode || f[status] != listening {
				continue
			}
			_, hex, _ := strings.Cut(f[local], ":")
			if n, err := strconv.ParseInt(hex, 16, 32); err == nil && int(n) == port {
				out["socket:["+f[inode]+"]"] = true
			}
		}
	}
	return out
}
