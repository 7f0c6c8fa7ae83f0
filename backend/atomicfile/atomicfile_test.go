package atomicfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
)

func wantContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s: got %q, %v, want %q", filepath.Base(path), got, err, want)
	}
}

func put(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func TestWrite_ReplacesAndLeavesNothingElse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "folder", "f.json")
	for _, text := range []string{"first", "", "third, which is longer"} {
		if err := atomicfile.Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		wantContent(t, path, text)
	}
	put(t, filepath.Join(filepath.Dir(path), ".f.json.tmp"), "of a writer that was killed", 0o600)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(path, []byte("last")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want 0600", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v, want the file alone", entries, err)
	}
}

func TestWrite_FollowsLinksAndKeepsThem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, to := range map[string]string{"a": "b", "b": filepath.Join("real", "c"), "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"a link to nothing yet", "and to a file"} {
		if err := atomicfile.Write(filepath.Join(dir, "a"), []byte(text)); err != nil {
			t.Fatal(err)
		}
		wantContent(t, filepath.Join(dir, "real", "c"), text)
	}
	if to, err := os.Readlink(filepath.Join(dir, "a")); err != nil || to != "b" {
		t.Errorf("got link %q, %v", to, err)
	}
	if err := atomicfile.Write(filepath.Join(dir, "loop"), nil); err == nil {
		t.Error("a loop of links was written")
	}
}

func TestWrite_LeavesAReadOnlyFileAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	put(t, path, "old", 0o400)
	if err := atomicfile.Write(path, []byte("new")); !errors.Is(err, atomicfile.ErrReadOnly) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	wantContent(t, path, "old")
	if err := atomicfile.Write(filepath.Dir(path), []byte("new")); err == nil {
		t.Error("a folder was written")
	}
}

func TestLock_KeepsTheOthersOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "f")
	unlock, err := atomicfile.Lock(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := atomicfile.Lock(path, 10*time.Millisecond); !errors.Is(err, atomicfile.ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	got := make(chan error)
	go func() {
		unlock, err := atomicfile.Lock(path, 5*time.Second)
		if err == nil {
			unlock()
		}
		got <- err
	}()
	unlock()
	if err := <-got; err != nil {
		t.Error(err)
	}
}
