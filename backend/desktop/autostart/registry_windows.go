package autostart

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const (
	runKey = `Software\Microsoft\Windows\CurrentVersion\Run`
	// approvedKey is where the Task Manager switches an entry off: the first
	// byte of its value is odd then.
	approvedKey = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
)

func folder() (string, error) { return "", nil }

// On says whether the system starts the program at login.
func (e *Entry) On() (bool, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err != nil {
		return false, fmt.Errorf("read what starts at login: %w", err)
	}
	defer func() { _ = key.Close() }()
	if _, _, err := key.GetStringValue(name); errors.Is(err, registry.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("read what starts at login: %w", err)
	}
	return approved(), nil
}

func approved() bool {
	key, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.QUERY_VALUE)
	if err != nil {
		return true // Nobody has switched anything off.
	}
	defer func() { _ = key.Close() }()
	value, _, err := key.GetBinaryValue(name)
	return err != nil || len(value) == 0 || value[0]&1 == 0
}

// Set makes the system start the program at login, or no longer.
func (e *Entry) Set(on bool) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("change what starts at login: %w", err)
	}
	defer func() { _ = key.Close() }()
	if on {
		err = key.SetStringValue(name, windows.ComposeCommandLine(e.command))
	} else {
		err = key.DeleteValue(name)
	}
	if err != nil && !errors.Is(err, registry.ErrNotExist) {
		return fmt.Errorf("change what starts at login: %w", err)
	}
	// What was switched off in the Task Manager is wanted again.
	if approved, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.SET_VALUE); err == nil {
		_ = approved.DeleteValue(name) // Most often there is none.
		_ = approved.Close()
	}
	return nil
}
