package config_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// write puts text into a config.json of a new folder.
func write(t testing.TB, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "config.json")
	put(t, path, text)
	return path
}

func put(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func open(t testing.TB, path string) *config.Store {
	t.Helper()
	s, err := config.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func update(t testing.TB, s *config.Store, change func(*config.Config)) {
	t.Helper()
	if err := s.Update(func(c *config.Config) error { change(c); return nil }); err != nil {
		t.Fatal(err)
	}
}

func asJSON(t testing.TB, c *config.Config) string {
	t.Helper()
	text, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
