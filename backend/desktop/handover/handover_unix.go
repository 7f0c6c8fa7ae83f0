//go:build unix

package handover

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Replace starts the command in this process's place. It returns only when it
// could not, and then some of the files may be open to later children.
func Replace(b Bundle, command, env []string) error {
	l := list{Files: map[string]int{}, Values: b.Values, Children: b.Children}
	var keep []int
	for name, file := range b.Files {
		fd, err := number(file)
		if err != nil {
			return fmt.Errorf("hand over %s: %w", name, err)
		}
		l.Files[name] = fd
		keep = append(keep, fd)
	}
	env, err := environment(env, l)
	if err != nil {
		return err
	}
	// No child may start between the marks and the exec: it would hold the
	// sockets open.
	syscall.ForkLock.Lock()
	defer syscall.ForkLock.Unlock()
	if err := closeAllBut(keep); err != nil {
		return err
	}
	return fmt.Errorf("start %s: %w", command[0], syscall.Exec(command[0], command, env)) //nolint:gosec // Our own program.
}

// number gives a file's descriptor without changing how it reads, which Fd
// would.
func number(file *os.File) (int, error) {
	raw, err := file.SyscallConn()
	if err != nil {
		return 0, err
	}
	var n int
	if err := raw.Control(func(fd uintptr) { n = int(fd) }); err != nil {
		return 0, err
	}
	return n, nil
}

// closeAllBut marks what the exec closes. Go marks its own files from the
// start; the window's libraries do not mark all of theirs.
func closeAllBut(keep []int) error {
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		return fmt.Errorf("list the open files: %w", err)
	}
	for _, entry := range open {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd <= 2 {
			continue
		}
		flag := unix.FD_CLOEXEC
		if slices.Contains(keep, fd) {
			flag = 0
		}
		_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFD, flag) // The list's own file is closed by now.
	}
	for _, fd := range keep {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0); err != nil {
			return fmt.Errorf("keep a file open: %w", err)
		}
	}
	return nil
}

// claim makes a file of a descriptor, and keeps it from later children.
func claim(fd int, name string) *os.File {
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), name)
}

// collect waits for processes that the system counts as this one's children.
// They end because their partner has gone; one that does not is ended.
func collect(children []int) {
	for _, pid := range children {
		process, err := os.FindProcess(pid)
		if err != nil {
			continue // It has ended and was collected.
		}
		go func() { // Ends within the time below.
			late := time.AfterFunc(5*time.Second, func() { _ = process.Kill() })
			defer late.Stop()
			_, _ = process.Wait() // Its fate is of no interest.
		}()
	}
}

// Possible says whether this system can put a program in the place of another.
const Possible = true

// Children lists this process's children, where the system has /proc. On macOS
// the window's processes belong to the system.
func Children() []int {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil // The pattern is right.
	}
	var out []int
	own := strconv.Itoa(os.Getpid())
	for _, file := range files {
		data, err := os.ReadFile(file) //nolint:gosec // The system's own list.
		if err != nil {
			continue // It has just ended.
		}
		// pid (name) state ppid …; a name may hold anything, even a bracket.
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		if len(fields) < 2 || string(fields[1]) != own {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			out = append(out, pid)
		}
	}
	return out
}
