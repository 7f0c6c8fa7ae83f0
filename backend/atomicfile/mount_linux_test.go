package atomicfile_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
)

// TestMain is also the child of the tests below: it writes what it is told,
// as whom and where it is told.
func TestMain(m *testing.M) {
	path := os.Getenv("ATOMICFILE_TEST_PATH")
	if path == "" {
		os.Exit(m.Run())
	}
	if source := os.Getenv("ATOMICFILE_TEST_MOUNT"); source != "" {
		if err := syscall.Mount(source, path, "", syscall.MS_BIND, ""); err != nil {
			os.Exit(3)
		}
	}
	unlock, err := atomicfile.Lock(path, time.Second)
	if err == nil {
		err = atomicfile.Write(path, []byte(os.Getenv("ATOMICFILE_TEST_TEXT")))
		unlock()
	}
	if err != nil {
		_, _ = os.Stdout.WriteString(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

func childOf(t *testing.T, program, path, text string, attr *syscall.SysProcAttr, env ...string) (out string, code int) {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Env = slices.Concat(env, []string{"ATOMICFILE_TEST_PATH=" + path, "ATOMICFILE_TEST_TEXT=" + text})
	cmd.SysProcAttr = attr
	text0, err := cmd.Output()
	if cmd.ProcessState == nil {
		t.Logf("the child does not start: %v", err)
		return "", 3
	}
	return string(text0), cmd.ProcessState.ExitCode()
}

// TestWrite_InPlaceWhereAFileIsMounted mounts one file over another, as
// container programs do.
func TestWrite_InPlaceWhereAFileIsMounted(t *testing.T) {
	t.Parallel()
	source, dir := filepath.Join(t.TempDir(), "host.json"), t.TempDir()
	path := filepath.Join(dir, "f.json")
	put(t, path, "covered", 0o600)
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER, UidMappings: root(os.Getuid()), GidMappings: root(os.Getgid())}
	for _, text := range []string{"longer than it was before", "short", ""} {
		put(t, source, "some old content", 0o600)
		out, code := childOf(t, os.Args[0], path, text, attr, "ATOMICFILE_TEST_MOUNT="+source)
		if code == 3 {
			t.Skip("this system lets no test mount a file")
		}
		if code != 0 {
			t.Fatalf("got %s", out)
		}
		wantContent(t, source, text)
		wantContent(t, path, "covered")
	}
	if entries, _ := filepath.Glob(filepath.Join(dir, "*.bak")); len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func root(id int) []syscall.SysProcIDMap {
	return []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
}

// TestWrite_InAFolderOfOthers runs without the right to write the folder: a
// writable file in it is written in place, any other is an error.
func TestWrite_InAFolderOfOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine, foreign := filepath.Join(dir, "mine"), filepath.Join(dir, "foreign")
	put(t, mine, "a content of some length", 0o600)
	put(t, foreign, "foreign", 0o444)
	attr := &syscall.SysProcAttr{}
	if os.Getuid() == 0 { // root may write everywhere: the child is somebody else
		const nobody = 65534
		attr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		if err := os.Chown(mine, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		openUp(t, dir)
	}
	program := filepath.Join(t.TempDir(), "child")
	copyProgram(t, program)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if out, code := childOf(t, program, mine, "new", attr); code != 0 {
		t.Errorf("got %d %s", code, out)
	}
	wantContent(t, mine, "new")
	if out, code := childOf(t, program, foreign, "new", attr); code != 1 || !strings.Contains(out, atomicfile.ErrReadOnly.Error()) {
		t.Errorf("a foreign file: got %d %s", code, out)
	}
	wantContent(t, foreign, "foreign")
	if out, code := childOf(t, program, filepath.Join(dir, "none"), "new", attr); code != 1 || !strings.Contains(out, atomicfile.ErrReadOnly.Error()) {
		t.Errorf("no file: got %d %s", code, out)
	}
}

// TestWrite_ByRootKeepsTheOwner has nothing to keep for anyone else.
func TestWrite_ByRootKeepsTheOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	put(t, path, "old", 0o600)
	owner := uint32(os.Getuid())
	if owner == 0 {
		owner = 4321
		if err := os.Chown(path, int(owner), int(owner)); err != nil {
			t.Fatal(err)
		}
	}
	if err := atomicfile.Write(path, []byte("by root")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != owner {
		t.Errorf("the owner is another: %v", err)
	}
}

// copyProgram puts the test's own program where others can run it.
func copyProgram(t *testing.T, to string) {
	t.Helper()
	text, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	openUp(t, filepath.Dir(to))
	// A program that another test starts at this moment would inherit the open
	// file, and a file that is open for writing cannot be run (golang/go#22315).
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(to, text, 0o755); err != nil {
		t.Fatal(err)
	}
}

// openUp lets others into a folder of the test's.
func openUp(t *testing.T, folder string) {
	t.Helper()
	for ; folder != os.TempDir() && len(folder) > 1; folder = filepath.Dir(folder) {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
