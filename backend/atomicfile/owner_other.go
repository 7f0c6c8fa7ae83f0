//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"
)

// keepOwner has nothing to do: a new file inherits its owner from the folder.
func keepOwner(*os.File, fs.FileInfo) error { return nil }
