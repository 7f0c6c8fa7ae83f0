package daemon

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestBackup_APassphraseIsAskedForTwiceAndNotShown(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	t.Setenv(passphraseVariable, "")
	for _, c := range []struct{ again, says string }{
		{"correct-horse", ""},
		{"correct-house", "differ"},
	} {
		person, program := terminal(t)
		dir := t.TempDir()
		commands := Commands{}
		commands.Backup.Config, commands.Backup.File = filepath.Join(dir, "config.json"), filepath.Join(dir, "all.backup")
		ended := make(chan error, 1)
		go func() {
			_, err := commands.Run(context.Background(), "backup", Terminal{In: program, Out: program, Logs: &bytes.Buffer{}, Asks: true})
			ended <- err
		}()
		var said strings.Builder
		read := make([]byte, 4096)
		for _, turn := range [][2]string{{"Passphrase: ", "correct-horse\n"}, {"Again: ", c.again + "\n"}} {
			for !strings.Contains(said.String(), turn[0]) {
				n, err := person.Read(read)
				if err != nil {
					t.Fatal(err)
				}
				said.Write(read[:n])
			}
			if _, err := person.WriteString(turn[1]); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case err := <-ended:
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q again: %v", c.again, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("it does not end")
		}
		if strings.Contains(said.String(), "correct") {
			t.Errorf("it showed %q", said.String())
		}
		if _, err := os.Stat(commands.Backup.File); errors.Is(err, os.ErrNotExist) != (c.says != "") {
			t.Errorf("%q again: the file: %v", c.again, err)
		}
	}
}
