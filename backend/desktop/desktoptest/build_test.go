//go:build desktop && linux

package desktoptest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// builtAt is where the program of this run is.
var builtAt string

// TestMain builds the program once, as it ships. DESKTOPTEST_PROGRAM names one
// that is there already.
func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	if builtAt = os.Getenv("DESKTOPTEST_PROGRAM"); builtAt != "" {
		return m.Run()
	}
	folder, err := os.MkdirTemp("", "desktoptest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	builtAt = filepath.Join(folder, "openaicompatible")
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "desktop,production,webkit2_41",
		"-ldflags", "-s -w -X main.version=test", "-o", builtAt, ".")
	cmd.Dir, cmd.Stdout, cmd.Stderr = "../../..", os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build the program:", err)
		return 1
	}
	return m.Run()
}

func program(t *testing.T) string {
	t.Helper()
	return builtAt
}
