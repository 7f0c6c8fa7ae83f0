package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
)

// wishesFile is where the command line leaves for the running program, in the
// data folder, which rests are to end, for they are in that program's memory, and
// that a request log was restored. One that starts later finds it too.
const wishesFile = "retry.json"

// wish is an account, or one of its models, that is to be tried now.
type wish struct {
	Account int64 `json:"account"`
	// Model is the service's own name; "" is all of the account.
	Model string `json:"model,omitempty"`
	// Log says instead that a request log waits to be taken over.
	Log bool `json:"log,omitempty"`
}

// leaveWishes adds to those that nobody has taken yet.
func leaveWishes(dir string, fresh []wish) error {
	path := filepath.Join(dir, wishesFile)
	text, err := json.Marshal(append(readWishes(path), fresh...))
	if err == nil {
		err = atomicfile.Write(path, text)
	}
	if err != nil {
		return fmt.Errorf("leave word for the running program: %w", err)
	}
	return nil
}

// readWishes gives none where the file cannot be read: they can be said again.
func readWishes(path string) (all []wish) {
	const most = 64 << 10
	if info, err := os.Stat(path); err != nil || info.Size() > most {
		return nil
	}
	text, err := os.ReadFile(path) // #nosec G304 -- in the data folder
	if err != nil || json.Unmarshal(text, &all) != nil {
		return nil
	}
	return all
}

// grantWishes does what the command line asked for.
func (d *Daemon) grantWishes(ctx context.Context) {
	path := filepath.Join(d.o.DataDir, wishesFile)
	all := readWishes(path)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return // they would be granted again and again
	}
	for _, w := range all {
		if w.Log {
			d.backups.takeLog(ctx)
			continue
		}
		d.balance.RetryNow(w.Account, w.Model)
	}
}
