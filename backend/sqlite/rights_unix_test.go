//go:build unix

package sqlite_test

import (
	"os"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

func TestLog_IsTheOwnersAlone(t *testing.T) {
	path := file(t)
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	l := open(t, path, sqlite.Options{})
	put(t, l, sample(1, began()))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("rights of %q are %v, want 0600", suffix, got)
		}
	}
}
