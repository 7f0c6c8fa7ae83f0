// Package foreign reads the sign-ins that other programs keep: the original
// program's configuration, Gemini CLI's and Qwen Code's credential files, and
// CLIProxyAPI's folder.
//
// The invariant: it only reads, it looks nowhere but where it is told to, and no
// error or note of it quotes what it read. What becomes of a find is decided
// elsewhere.
package foreign

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The formats.
const (
	Original    = "original"
	GeminiCLI   = "gemini-cli"
	QwenCode    = "qwen-code"
	CLIProxyAPI = "cliproxyapi"
	// Mixed is a folder with files of several programs.
	Mixed = "mixed"
)

// Source is what was found in a file or a folder.
type Source struct {
	Format string
	Path   string
	Finds  []Find
	// Notes say what was passed over, and why.
	Notes []string
}

// Find is one sign-in.
type Find struct {
	// Key names it within its source, and is the same at the next reading.
	Key    string
	Format string
	// Provider and Way are where it belongs; "" when Problem says why it is of
	// no use.
	Provider, Way string
	// Name is what to call it; Identity is its e-mail address, "" is unknown.
	Name, Identity string
	// Prefix is what the models' names had; "" is the way's own.
	Prefix   string
	Settings map[string]string
	// Secret gives the credential's text. It is a function so that printing a
	// Find does not print it.
	Secret func() string
	// Origin is the print of an entry of the original's file.
	Origin  string
	Problem string
}

// Place is where a program keeps its sign-ins.
type Place struct {
	Path, Title string
}

// The bounds of what is read.
const (
	maxFile  = 4 << 20
	maxFiles = 500
)

var errNothing = errors.New("there are no sign-ins that this program knows in it")

// Known are the places below home where there is something now.
func Known(home string) []Place {
	all := []Place{
		{filepath.Join(home, ".gemini", geminiFile), "Gemini CLI"},
		{filepath.Join(home, ".qwen", qwenFile), "Qwen Code"},
		{filepath.Join(home, ".cli-proxy-api"), "CLIProxyAPI"},
	}
	return slices.DeleteFunc(all, func(p Place) bool {
		info, err := os.Stat(p.Path)
		return err != nil || info.IsDir() && !hasJSON(p.Path)
	})
}

func hasJSON(dir string) bool {
	found, _ := filepath.Glob(filepath.Join(dir, "*.json")) // the pattern is well formed
	return len(found) > 0
}

// Read reads a file or a folder; home stands for ~ at the begin of path. The
// error is a sentence for a person.
func Read(path, home string) (Source, error) {
	path = strings.TrimSpace(path)
	if rest, ok := strings.CutPrefix(path, "~"); ok && home != "" && (rest == "" || os.IsPathSeparator(rest[0])) {
		path = filepath.Join(home, rest)
	}
	if path == "" {
		return Source{}, errors.New("name a file or a folder")
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Source{}, fmt.Errorf("there is nothing at %s", path)
	case err != nil:
		return Source{}, fmt.Errorf("%s cannot be read: %w", path, cause(err))
	case info.IsDir():
		return readFolder(path)
	}
	text, err := readFile(path)
	if err != nil {
		return Source{}, err
	}
	s, err := Parse(filepath.Base(path), text, path)
	s.Path = path
	return s, err
}

// cause leaves out the path, which the sentence around has.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path) // #nosec G304 -- the user names it
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, cause(err))
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s has more than %d MiB: it holds no sign-in", path, maxFile>>20)
	}
	return text, nil
}

// readFolder reads the JSON files of a folder, and none below it.
func readFolder(dir string) (Source, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Source{}, fmt.Errorf("%s cannot be read: %w", dir, cause(err))
	}
	s := Source{Path: dir}
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name()] = true
	}
	read := 0
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir() || !strings.EqualFold(filepath.Ext(name), ".json"), name == accountsFile:
			continue
		case name == "config.json" && names["config.local.json"]:
			s.Notes = append(s.Notes, "config.json is passed over: the original program reads config.local.json instead")
			continue
		}
		if read++; read > maxFiles {
			s.Notes = append(s.Notes, fmt.Sprintf("only the first %d files were read", maxFiles))
			break
		}
		s.add(dir, e.Name())
	}
	if len(s.Finds) == 0 {
		return s, fmt.Errorf("%s: %w", dir, errNothing)
	}
	return s, nil
}

// add reads one file of a folder. One that holds no sign-in is nobody's fault.
func (s *Source) add(dir, name string) {
	path := filepath.Join(dir, name)
	text, err := readFile(path)
	if err != nil {
		s.Notes = append(s.Notes, err.Error())
		return
	}
	one, err := Parse(name, text, path)
	if err != nil {
		if !errors.Is(err, errNothing) {
			s.Notes = append(s.Notes, err.Error())
		}
		return
	}
	for i := range one.Finds {
		one.Finds[i].Key = name + " " + one.Finds[i].Key
	}
	s.Finds = append(s.Finds, one.Finds...)
	s.Notes = append(s.Notes, one.Notes...)
	switch s.Format {
	case "", one.Format:
		s.Format = one.Format
	default:
		s.Format = Mixed
	}
}

// Parse reads the text of one file called name. Path is where it stands, for
// what other files beside it say; "" is nowhere.
func Parse(name string, text []byte, path string) (Source, error) {
	if len(text) > maxFile {
		return Source{}, fmt.Errorf("%s has more than %d MiB: it holds no sign-in", name, maxFile>>20)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return Source{}, fmt.Errorf("%s is empty", label(name))
	}
	o, err := readObject(text)
	if err != nil {
		return Source{}, fmt.Errorf("%s is not JSON: choose the file itself, unchanged", label(name))
	}
	s := Source{Path: name}
	switch {
	case o.original():
		s.Format = Original
		err = s.original(text)
	case o.text("type") != "":
		s.Format = CLIProxyAPI
		s.proxied(o)
	case o.isToken():
		s.token(o, name, path)
	case o.has("encrypted"), name == "gemini-credentials.json":
		s.Format = GeminiCLI
		s.Finds = []Find{{Key: "token", Format: GeminiCLI, Name: "Gemini CLI", Problem: "it is stored encrypted: sign in here instead"}}
	default:
		err = errNothing
	}
	if err == nil && len(s.Finds) == 0 {
		err = errNothing
	}
	if err != nil {
		return s, fmt.Errorf("%s: %w", label(name), err)
	}
	return s, nil
}

func label(name string) string {
	if name == "" {
		return "the text"
	}
	return name
}
