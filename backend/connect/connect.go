// Package connect points other programs at this one: it finds their
// configuration, shows what would change in it, changes it, and takes that back.
//
// The invariant: nothing but the named settings changes in a file, and a file
// that cannot be read with certainty is left alone; what stood there before is
// kept until it is restored byte for byte. The package starts no program, asks
// no service, and makes no key.
package connect

import (
	"cmp"
	"path/filepath"
	"strings"
)

// Text is a sentence in both languages of the pages.
type Text struct{ EN, ZH string }

// Client is a program that can be pointed at this one, as data.
type Client struct {
	// ID is stable; Title is the program's own name.
	ID, Title string
	// Names are what the request log calls its requests.
	Names []string
	// Source is where the facts about it come from, Checked the day they were
	// looked at.
	Source, Checked string
	// Marks are places that only exist where the program was used.
	Marks func(System) []string
	// Files are what it reads its settings from; none where no file can be
	// changed safely.
	Files []File
	// Variables are the environment variables it reads; nil is none.
	Variables func(Target) []Variable
	// Command sets it up by a command of its own; nil is none.
	Command func(Target) string
	// Steps are what a person does: instead of Apply where there are no Files,
	// after it where there are.
	Steps []Text
	// Caution is what a person should know before; nil is nothing.
	Caution *Text
}

// File is one file of a client.
type File struct {
	Format Format
	// Paths are where it may be: the first that exists is meant, or the last.
	Paths func(System) []string
	// Sets are the settings that point the client here.
	Sets func(Target) []Set
	// HoldsKey says that the API key is among them.
	HoldsKey bool
	// Shadows gives a file that would be ignored once this one exists; nil is
	// none. Where it stands alone, nothing is made.
	Shadows func(System) string
}

// Variable is an environment variable.
type Variable struct{ Name, Value string }

// Target is what a client is pointed at.
type Target struct {
	// BaseURL ends in /v1.
	BaseURL string
	Key     string
	Model   string
	// ContextTokens and OutputTokens are the model's limits; 0 is unknown.
	ContextTokens, OutputTokens int
}

// root is the address without /v1, for clients that add their own path.
func (t Target) root() string { return strings.TrimSuffix(t.BaseURL, "/v1") }

// What is said of a model whose limits nobody knows; every model of today has
// at least as much.
const (
	contextTokens = 128_000
	outputTokens  = 16_000
)

func (t Target) context() int { return cmp.Or(t.ContextTokens, contextTokens) }
func (t Target) output() int  { return cmp.Or(t.OutputTokens, outputTokens) }

// System is the machine as clients see it.
type System struct {
	// OS is a GOOS: linux, darwin, windows.
	OS string
	// Home is the user's folder.
	Home string
	// Env reads an environment variable.
	Env func(name string) string
}

// home is a path in the user's folder.
func (s System) home(parts ...string) string {
	return filepath.Join(append([]string{s.Home}, parts...)...)
}

// moved is a folder that a variable can move, or its usual place.
func (s System) moved(variable, usual string) string {
	if dir := s.Env(variable); filepath.IsAbs(dir) {
		return dir
	}
	return usual
}

// config is a path in the folder that XDG names, which many programs use on
// all systems.
func (s System) config(parts ...string) string {
	dir := s.moved("XDG_CONFIG_HOME", s.home(".config"))
	return filepath.Join(append([]string{dir}, parts...)...)
}

// settings is a path in the folder where the system wants programs to keep
// settings.
func (s System) settings(parts ...string) string {
	var dir string
	switch s.OS {
	case "windows":
		dir = s.moved("APPDATA", s.home("AppData", "Roaming"))
	case "darwin":
		dir = s.home("Library", "Application Support")
	default:
		dir = s.config()
	}
	return filepath.Join(append([]string{dir}, parts...)...)
}

// under is a path in a folder, as the only one of a list.
func under(folder string, parts ...string) []string {
	return []string{filepath.Join(append([]string{folder}, parts...)...)}
}

// assignments are variables as the settings of a file.
func assignments(variables []Variable) []Set {
	out := make([]Set, len(variables))
	for i, v := range variables {
		out[i] = Set{Path: []string{v.Name}, Value: v.Value}
	}
	return out
}

// Provider is the name under which clients list this program.
const Provider = "OpenAICompatible"

// providerID is the same where a name must be lower case.
const providerID = "openaicompatible"

// All are the clients that are known, in the order of the page.
func All() []Client {
	return []Client{
		continueDev(), cline(), rooCode(), copilot(), jetbrains(), zed(), cursor(), claudeCode(), codex(), opencode(),
		geminiCLI(), qwenCode(), aider(), goose(), anything(),
	}
}
