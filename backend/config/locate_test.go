package config_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

func TestLocate_PrefersFlagThenWorkingFolderThenUsers(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the folders are those of Linux")
	}
	home, dir := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("XDG_DATA_HOME", "")
	t.Chdir(dir)
	user := filepath.Join(home, ".config", "openaicompatible", "config.json")
	here := filepath.Join(dir, "config.json")
	want := func(flag string, headless bool, want string) {
		t.Helper()
		if got, err := config.Locate(flag, headless); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	want("", true, user)
	want("x.json", true, filepath.Join(dir, "x.json"))
	put(t, filepath.Join(dir, "config.local.json"), "{}")
	want("", true, here)
	if err := os.Remove(filepath.Join(dir, "config.local.json")); err != nil {
		t.Fatal(err)
	}
	put(t, here, "{}")
	want("", true, here)
	want("", false, user)

	for path, want := range map[string]string{
		user: filepath.Join(home, ".local", "share", "openaicompatible"),
		here: filepath.Join(dir, "openaicompatible-data"),
	} {
		if got := config.DataDir(path); got != want {
			t.Errorf("data of %s: got %s, want %s", path, got, want)
		}
	}
	t.Setenv("XDG_DATA_HOME", "/data")
	if got := config.DataDir(user); got != "/data/openaicompatible" {
		t.Errorf("got %s", got)
	}
	t.Setenv("HOME", "")
	if _, err := config.Locate("", false); err == nil {
		t.Error("a folder without a home")
	}
}
