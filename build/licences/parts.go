package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// modules are the Go modules that a program links on a system that it is built
// for, and Go.
func modules() ([]part, error) {
	// With cgo the window and the tray are seen on every system; nothing is
	// compiled.
	found := map[part]bool{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		if err := linked(system, found); err != nil {
			return nil, err
		}
	}
	root, err := output(nil, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	parts := []part{{name: "Go", version: strings.TrimPrefix(runtime.Version(), "go"), dir: strings.TrimSpace(string(root))}}
	for p := range found {
		parts = append(parts, p)
	}
	return parts, nil
}

// linked adds the modules of all programs on one system.
func linked(system string, found map[part]bool) error {
	env := []string{"GOOS=" + system, "GOARCH=amd64", "CGO_ENABLED=1"}
	out, err := output(env, "go", "list", "-deps", "-json=Module", "-tags", "desktop,production,webkit2_41",
		".", "./backend/cmd/server", "./backend/cmd/tray")
	if err != nil {
		return err
	}
	for list := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			Module *struct {
				Path, Version, Dir string
				Main               bool
				Replace            *struct{ Path, Version, Dir string }
			}
		}
		if err := list.Decode(&pkg); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read what go list says: %w", err)
		}
		switch m := pkg.Module; {
		case m == nil || m.Main:
		case m.Replace != nil:
			found[part{m.Replace.Path, m.Replace.Version, m.Replace.Dir}] = true
		default:
			found[part{m.Path, m.Version, m.Dir}] = true
		}
	}
}

// copied is what stands in this tree and is somebody else's.
func copied() []part {
	return []part{{name: "OpenAI tiktoken", version: "vocabulary o200k_base", dir: "backend/tokens"}}
}

func output(env []string, name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...) //nolint:gosec,noctx // The build's own commands, which end.
	c.Env = append(os.Environ(), env...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out, nil
}

// bundled are the npm packages that the pages are made of, by their lock: those
// that are there for people's tools alone are left out.
func bundled(folder string) ([]part, error) {
	text, err := os.ReadFile(filepath.Join(folder, "package-lock.json")) //nolint:gosec // The tree's own.
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version                    string
			Dev, Optional, DevOptional bool
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("read %s/package-lock.json: %w", folder, err)
	}
	var parts []part
	for where, p := range lock.Packages {
		_, name, ok := cutLast(where, "node_modules/")
		// Types and what checks them leave nothing in the pages.
		types := strings.HasPrefix(name, "@types/") || slices.Contains([]string{"typescript", "csstype", "type-fest", "tagged-tag"}, name)
		if !ok || p.Dev || p.Optional || p.DevOptional || types {
			continue
		}
		parts = append(parts, part{name: name, version: p.Version, dir: filepath.Join(folder, filepath.FromSlash(where))})
	}
	return parts, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
