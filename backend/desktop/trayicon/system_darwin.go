//go:build desktop && darwin

package trayicon

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

func claimOutput() (*os.File, error) { return os.Stdout, nil }

// prepare has nothing to do: macOS takes the picture from memory.
func prepare() (string, error) { return "", nil }

func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// watchHost has nothing to watch: macOS always has a menu bar.
func watchHost(context.Context, *link) {}

func copyText(text string) error {
	cmd := exec.Command("/usr/bin/pbcopy") //nolint:noctx // It ends when its input does.
	cmd.Stdin = strings.NewReader(text)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("pbcopy: %w", err)
	}
	return nil
}
