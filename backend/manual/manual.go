// Package manual writes down the command line for those who ask elsewhere than
// at --help: a man page, and completions for bash, zsh and fish.
//
// The invariant: all of it comes from the parser's own model of the commands, so
// that no flag can be forgotten or invented. It knows no command by name.
package manual

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Command prints the man page; it is for packages and hidden from people.
type Command struct {
	app *kong.Application
}

// AfterApply keeps the model of the command line that the command is part of.
func (c *Command) AfterApply(k *kong.Context) error {
	c.app = k.Model
	return nil
}

// Print writes the man page of this version.
func (c *Command) Print(w io.Writer, version string) error { return page(w, c.app, version) }

// Completion prints what a shell has to know to complete a command line.
type Completion struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`

	app *kong.Application
}

// AfterApply keeps the model of the command line that the command is part of.
func (c *Completion) AfterApply(k *kong.Context) error {
	c.app = k.Model
	return nil
}

// Print writes the script for the shell.
func (c *Completion) Print(w io.Writer) error {
	write, ok := map[string]func(io.Writer, string, []place) error{"bash": bash, "zsh": zsh, "fish": fish}[c.Shell]
	if !ok {
		return errors.New("there are completions for bash, zsh and fish")
	}
	return write(w, c.app.Name, places(c.app))
}

// place is a point of the command line: what can be typed there.
type place struct {
	// path is the commands that lead there, each after a space: "" or
	// " accounts list".
	path     string
	commands []word
	flags    []flag
}

type word struct{ name, help string }

type flag struct {
	word

	// takes is what follows the flag: nothing, files, folders, one of choices,
	// or anything.
	takes   taking
	choices []string
}

type taking int

const (
	nothing taking = iota
	anything
	files
	folders
	oneOf
)

// places are all points of the command line, the first one first.
func places(app *kong.Application) []place {
	var all []place
	add := func(path string, n *kong.Node) {
		p := place{path: path, flags: flags(n, app)}
		// What is typed without a command is the default one's.
		if d := n.DefaultCmd; d != nil {
			p.flags = append(flags(d, nil), p.flags...)
		}
		for _, c := range shown(n) {
			p.commands = append(p.commands, word{c.Name, c.Help})
		}
		all = append(all, p)
	}
	add("", app.Node)
	walk(app.Node, add)
	return all
}

// walk visits the commands below n, each before those below it.
func walk(n *kong.Node, visit func(path string, n *kong.Node)) {
	for _, c := range shown(n) {
		visit(path(c), c)
		walk(c, visit)
	}
}

func path(n *kong.Node) string {
	if n.Parent == nil {
		return ""
	}
	return path(n.Parent) + " " + n.Name
}

func shown(n *kong.Node) []*kong.Node {
	return slices.DeleteFunc(slices.Clone(n.Children), func(c *kong.Node) bool { return c.Hidden })
}

// flags are those of n and, if there is one, of the program.
func flags(n *kong.Node, app *kong.Application) []flag {
	own := slices.Clone(n.Flags)
	if app != nil && n != app.Node {
		own = append(own, app.Flags...)
	}
	var all []flag
	for _, f := range own {
		if f.Hidden {
			continue
		}
		all = append(all, flag{word: word{"--" + f.Name, f.Help}, takes: takes(f), choices: choices(f)})
	}
	return all
}

func takes(f *kong.Flag) taking {
	switch {
	case f.IsBool():
		return nothing
	case f.Enum != "":
		return oneOf
	case strings.Contains(f.PlaceHolder, "FILE"):
		return files
	case strings.Contains(f.PlaceHolder, "DIR"):
		return folders
	}
	return anything
}

func choices(f *kong.Flag) []string {
	if f.Enum == "" {
		return nil
	}
	return f.EnumSlice()
}

// paths are the places that a command leads to, as patterns of a shell.
func paths(all []place) []string {
	var out []string
	for _, p := range all {
		if p.path != "" {
			out = append(out, fmt.Sprintf("%q", p.path))
		}
	}
	return out
}
