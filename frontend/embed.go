// Package frontend carries the built pages of the user interface inside the
// program.
//
// The invariant: it always compiles. A tree whose pages were never built embeds
// only the placeholder file, and whoever serves Pages says so to the person.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Pages is the built user interface with index.html at its root. The file is
// missing when the pages were not built.
func Pages() fs.FS {
	pages, err := fs.Sub(dist, "dist")
	if err != nil {
		// The directive above names the folder, so it is in the binary.
		panic(err)
	}
	return pages
}
