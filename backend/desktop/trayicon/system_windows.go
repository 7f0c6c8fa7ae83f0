//go:build desktop && windows

package trayicon

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

func claimOutput() (*os.File, error) { return os.Stdout, nil }

// prepare gives systray a folder of its own for the pictures it keeps as files.
func prepare() (string, error) {
	folder, err := os.MkdirTemp("", "openaicompatible-tray-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the icon: %w", err)
	}
	if err := os.Setenv("TMP", folder); err != nil {
		return "", fmt.Errorf("set TMP: %w", err)
	}
	return folder, nil
}

func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.DETACHED_PROCESS}
}

// watchHost has nothing to watch: Windows always has a tray.
func watchHost(context.Context, *link) {}

const (
	formatUnicodeText = 13
	memoryMoveable    = 2
)

// copyText gives the clipboard a block of the system's memory, which it owns
// from then on.
func copyText(text string) error {
	letters, err := windows.UTF16FromString(text)
	if err != nil {
		return fmt.Errorf("encode the text: %w", err)
	}
	// The clipboard belongs to the thread that opened it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	user, kernel := windows.NewLazySystemDLL("user32.dll"), windows.NewLazySystemDLL("kernel32.dll")
	if ok, _, err := user.NewProc("OpenClipboard").Call(0); ok == 0 {
		return fmt.Errorf("open the clipboard: %w", err)
	}
	defer func() { _, _, _ = user.NewProc("CloseClipboard").Call() }()
	if ok, _, err := user.NewProc("EmptyClipboard").Call(); ok == 0 {
		return fmt.Errorf("empty the clipboard: %w", err)
	}
	size := uintptr(len(letters) * 2)
	block, _, err := kernel.NewProc("GlobalAlloc").Call(memoryMoveable, size)
	if block == 0 {
		return fmt.Errorf("allocate: %w", err)
	}
	start, _, err := kernel.NewProc("GlobalLock").Call(block)
	if start == 0 {
		return fmt.Errorf("lock the memory: %w", err)
	}
	_, _, _ = kernel.NewProc("RtlMoveMemory").Call(start, uintptr(unsafe.Pointer(&letters[0])), size)
	_, _, _ = kernel.NewProc("GlobalUnlock").Call(block)
	if ok, _, err := user.NewProc("SetClipboardData").Call(formatUnicodeText, block); ok == 0 {
		return fmt.Errorf("fill the clipboard: %w", err)
	}
	return nil
}
