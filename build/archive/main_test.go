package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// folder makes the same files with other modes and times.
func folder(t *testing.T, mode os.FileMode, at time.Time) string {
	t.Helper()
	dir := t.TempDir()
	for name, perm := range map[string]os.FileMode{"b/program": mode | 0o100, "a.txt": mode, "LICENSE": mode} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("content of "+name), perm); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestArchive_IsTheSameWhoeverPacksItAndWhen(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	for _, ending := range []string{".tar.gz", ".zip"} {
		var made [2][]byte
		for i, dir := range []string{folder(t, 0o644, at), folder(t, 0o600, time.Now())} {
			out := filepath.Join(t.TempDir(), "thing"+ending)
			if err := pack(out, dir, at); err != nil {
				t.Fatal(err)
			}
			made[i], _ = os.ReadFile(out)
		}
		if !bytes.Equal(made[0], made[1]) {
			t.Errorf("two archives %s of the same files differ", ending)
		}
	}
}

func TestTarball_KeepsWhatCanBeRun(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	out := filepath.Join(t.TempDir(), "thing.tar.gz")
	if err := pack(out, folder(t, 0o600, time.Now()), at); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"thing/LICENSE 644", "thing/a.txt 644", "thing/b/program 755"}
	var got []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %o", h.Name, h.Mode))
		if !h.ModTime.Equal(at) || h.Uname != "" || h.Uid != 0 {
			t.Errorf("%s tells of who packed it: %v, %q, %d", h.Name, h.ModTime, h.Uname, h.Uid)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the archive holds %v, want %v", got, want)
	}
}

func TestZip_KeepsWhatCanBeRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "thing.zip")
	if err := pack(out, folder(t, 0o600, time.Now()), time.Unix(1_700_000_000, 0)); err != nil {
		t.Fatal(err)
	}
	r, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := map[string]os.FileMode{}
	for _, f := range r.File {
		got[f.Name] = f.Mode()
	}
	if got["thing/b/program"] != 0o755 || got["thing/a.txt"] != 0o644 || len(got) != 3 {
		t.Errorf("the archive holds %v, want program 0755 and two files 0644 below thing/", got)
	}
}

func TestArchive_RefusesAnotherEnding(t *testing.T) {
	if err := pack(filepath.Join(t.TempDir(), "thing.rar"), t.TempDir(), time.Now()); err == nil {
		t.Error("packed a .rar")
	}
}
