package autostart

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func entry(t *testing.T, command ...string) (e *Entry, path string) {
	t.Helper()
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	e, err := New(command)
	if err != nil {
		t.Fatal(err)
	}
	return e, filepath.Join(config, "autostart", "openaicompatible.desktop")
}

func want(t *testing.T, e *Entry, on bool) {
	t.Helper()
	if got, err := e.On(); err != nil || got != on {
		t.Errorf("it starts at login: %v, %v; want %v", got, err, on)
	}
}

func TestEntry_IsWhatTheSystemHas(t *testing.T) {
	e, path := entry(t, "/opt/it/openaicompatible", "--background")
	want(t, e, false)
	for _, on := range []bool{true, true, false, false} {
		if err := e.Set(on); err != nil {
			t.Fatal(err)
		}
		want(t, e, on)
	}
	if err := e.Set(true); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), "\nExec=\"/opt/it/openaicompatible\" \"--background\"\n") {
		t.Errorf("the entry is %q, %v", text, err)
	}
	// A desktop's own settings switch it off like this.
	off := strings.Replace(string(text), "enabled=true", "enabled=false", 1)
	if err := os.WriteFile(path, []byte(off), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, e, false)
	if err := os.WriteFile(path, append(text, "Hidden=true\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, e, false)
}

func TestQuote_NothingInAPathIsACommand(t *testing.T) {
	for in, want := range map[string]string{
		`/home/a b/it`:  `"/home/a b/it"`,
		`/home/$(x)/it`: `"/home/\\$(x)/it"`,
		"/home/`x`/it":  "\"/home/\\\\`x\\\\`/it\"",
		`/home/"x"/%f`:  `"/home/\\"x\\"/%%f"`,
		`C:\it`:         `"C:\\\\it"`,
	} {
		if got := quote(in); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}
