package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// made is a part with these files.
func made(t *testing.T, name string, files map[string]string) part {
	t.Helper()
	dir := t.TempDir()
	for file, text := range files {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return part{name: name, version: "v1", dir: dir}
}

func TestLicences_AreSharedByThoseWithTheSameWords(t *testing.T) {
	same := map[string]string{"LICENSE": "Do as you like.\r\n", "license_test.go": "package x"}
	var b strings.Builder
	err := write(&b, []part{
		made(t, "example.com/b", same), made(t, "example.com/a", same),
		made(t, "example.com/c", map[string]string{"COPYING": "Say my name.", "NOTICE.txt": "My name is C."}),
	})
	if err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if n := strings.Count(got, "Do as you like."); n != 1 {
		t.Errorf("the same licence stands there %d times, want once:\n%s", n, got)
	}
	if !strings.Contains(got, "example.com/a v1\nexample.com/b v1\n\nDo as you like.\n") {
		t.Errorf("the two that share a licence are not above it:\n%s", got)
	}
	if !strings.Contains(got, "Say my name.\n\nMy name is C.") {
		t.Errorf("a notice does not follow its licence:\n%s", got)
	}
}

func TestLicences_WithoutATextAreNotShipped(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"no file":  {"README.md": "MIT"},
		"a notice": {"NOTICE": "By me."},
		"copyleft": {"LICENSE": "                    GNU GENERAL PUBLIC LICENSE\n                       Version 3"},
	} {
		var b strings.Builder
		if err := write(&b, []part{made(t, "example.com/x", files)}); err == nil || !strings.Contains(err.Error(), "example.com/x") {
			t.Errorf("%s: got %v, want an error that names it", name, err)
		}
	}
}

func TestPages_AreMadeOfWhatTheLockDoesNotKeepForTools(t *testing.T) {
	lock := made(t, "", map[string]string{"package-lock.json": `{"packages": {
		"": {"name": "pages"},
		"node_modules/react": {"version": "19.0.0"},
		"node_modules/@scope/a/node_modules/react": {"version": "18.0.0"},
		"node_modules/eslint": {"version": "10.0.0", "dev": true},
		"node_modules/@types/react": {"version": "19.0.0"}
	}}`})
	parts, err := bundled(lock.dir)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]bool{}
	for _, p := range parts {
		versions[p.name+" "+p.version] = true
	}
	if len(versions) != 2 || !versions["react 19.0.0"] || !versions["react 18.0.0"] {
		t.Errorf("the pages are made of %v, want both versions of react alone", versions)
	}
}
