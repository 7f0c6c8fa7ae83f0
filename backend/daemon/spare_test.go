package daemon_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
)

// A file that is mounted into a container may not be writable; clients must not
// need another key after every start because of that.
func TestKey_StaysWhereSettingsCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config.json")
	if err := os.WriteFile(file, []byte(`{"version": 1}`), 0o400); err != nil {
		t.Fatal(err)
	}
	var keys [2]string
	for i := range keys {
		d, err := daemon.Open(daemon.Options{ConfigPath: file, DataDir: filepath.Join(dir, "data"), Stopped: true})
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = d.Key()
		ended, end := context.WithCancel(t.Context())
		end()
		if err := d.Run(ended); err != nil {
			t.Error(err)
		}
	}
	if keys[0] == "" || keys[0] != keys[1] {
		t.Errorf("the first start gives the key %q, the second %q; want the same", keys[0], keys[1])
	}
}
