package daemon

import (
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/connect"
)

// clients are the programs of this machine's user; nil in the image of this
// program, where there are none.
func clients(dataDir string) *connect.Clients {
	folder := home()
	if folder == "" || alone() {
		return nil
	}
	return connect.New(connect.Options{
		System: connect.System{OS: runtime.GOOS, Home: folder, Env: os.Getenv},
		Data:   filepath.Join(dataDir, "clients"), Now: time.Now,
	})
}

// alone says that this program is the only one here, as in its image, which has
// no shell. Other containers have one, and people work in them.
func alone() bool {
	_, err := os.Stat("/bin/sh")
	return err != nil && runtime.GOOS != "windows"
}
