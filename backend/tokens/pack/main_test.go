package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What the program carries is what OpenAI publishes.
func TestCommittedFile_HasThePublishedChecksum(t *testing.T) {
	t.Parallel()
	packed, err := os.ReadFile("../o200k_base.zst")
	if err != nil {
		t.Fatal(err)
	}
	if err := check(packed); err != nil {
		t.Error(err)
	}
	if err := check(packed[:len(packed)/2]); err == nil {
		t.Error("half of the file passes for the whole")
	}
}

func TestRun_TakesNoOtherList(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte("IQ== 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := run(file, []string{list}); err == nil {
		t.Error("a list with another checksum was taken")
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("it was written")
	}
}

func TestPack_IsReadBackByCheck(t *testing.T) {
	t.Parallel()
	if _, err := pack([]byte("IQ== 0\nIg== 2\n")); err == nil {
		t.Error("a list that leaves out a rank was taken")
	}
	if _, err := pack([]byte("!! 0\n")); err == nil {
		t.Error("a token that is no base64 was taken")
	}
}
