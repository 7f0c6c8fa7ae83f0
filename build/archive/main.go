// Command archive packs a folder into a .tar.gz or a .zip whose bytes depend on
// nothing but the files: their names, contents and whether they can be run. Who
// built it, when and in which folder leave no trace, so that anybody can build
// the same archive and compare.
//
//	go run ./build/archive -time SECONDS OUT.tar.gz FOLDER
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

func main() {
	seconds := flag.Int64("time", 0, "what every file is dated, in seconds since 1970")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: archive [-time SECONDS] OUT.tar.gz|OUT.zip FOLDER")
		os.Exit(2)
	}
	if err := pack(flag.Arg(0), flag.Arg(1), time.Unix(*seconds, 0).UTC()); err != nil {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}

// writer is one of the two formats.
type writer interface {
	// add takes a file by its name in the archive.
	add(name string, mode fs.FileMode, data []byte) error
	Close() error
}

// pack writes the archive; what it holds is in a folder named like the archive,
// so that unpacking it litters no folder.
func pack(out, folder string, at time.Time) (err error) {
	f, err := os.Create(out) //nolint:gosec // The build names it.
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	var w writer
	inside := path.Base(out)
	switch {
	case strings.HasSuffix(out, ".tar.gz"):
		inside = strings.TrimSuffix(inside, ".tar.gz")
		w, err = newTarball(f, at)
	case strings.HasSuffix(out, ".zip"):
		inside = strings.TrimSuffix(inside, ".zip")
		w = &zipped{Writer: zip.NewWriter(f), at: at}
	default:
		return fmt.Errorf("%s: neither .tar.gz nor .zip", out)
	}
	if err != nil {
		return err
	}
	if err := fill(w, os.DirFS(folder), inside); err != nil {
		return err
	}
	return w.Close()
}

// fill adds the files in the order of their names.
func fill(w writer, files fs.FS, inside string) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a file", name)
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		// The umask of who builds is not a property of the release.
		mode := fs.FileMode(0o644)
		if info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		return w.add(path.Join(inside, name), mode, data)
	})
}

type tarball struct {
	*tar.Writer

	gzip *gzip.Writer
	at   time.Time
}

func newTarball(out io.Writer, at time.Time) (*tarball, error) {
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	return &tarball{Writer: tar.NewWriter(z), gzip: z, at: at}, nil
}

func (t *tarball) add(name string, mode fs.FileMode, data []byte) error {
	h := &tar.Header{Name: name, Mode: int64(mode), Size: int64(len(data)), ModTime: t.at, Format: tar.FormatUSTAR}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err := t.Write(data)
	return err
}

func (t *tarball) Close() error {
	if err := t.Writer.Close(); err != nil {
		return err
	}
	return t.gzip.Close()
}

type zipped struct {
	*zip.Writer

	at time.Time
}

func (z *zipped) add(name string, mode fs.FileMode, data []byte) error {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: z.at}
	h.SetMode(mode)
	w, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}
