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

	"github.com/WenChunTech/OpenAICompatible/backend/commandline"
)

// Command prints the man page; it is for packages and hidden from people.
type Command struct {
	app *commandline.Command
}

// KnowProgram keeps the command line that the command is part of.
func (c *Command) KnowProgram(program *commandline.Command) { c.app = program }

// Print writes the man page of this version.
func (c *Command) Print(w io.Writer, version string) error { return page(w, c.app, version) }

// Completion prints what a shell has to know to complete a command line.
type Completion struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`

	app *commandline.Command
}

// KnowProgram keeps the command line that the command is part of.
func (c *Completion) KnowProgram(program *commandline.Command) { c.app = program }

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
func places(app *commandline.Command) []place {
	var all []place
	add := func(path string, n *commandline.Command) {
		p := place{path: path, flags: flags(n, app)}
		// What is typed without a command is the default one's.
		if d := n.Default; d != nil {
			p.flags = append(flags(d, nil), p.flags...)
		}
		for _, c := range shown(n) {
			p.commands = append(p.commands, word{c.Name, c.Help})
		}
		all = append(all, p)
	}
	add("", app)
	walk(app, add)
	return all
}

// walk visits the commands below n, each before those below it.
func walk(n *commandline.Command, visit func(path string, n *commandline.Command)) {
	for _, c := range shown(n) {
		visit(" "+c.Path(), c)
		walk(c, visit)
	}
}

func shown(n *commandline.Command) []*commandline.Command {
	return slices.DeleteFunc(slices.Clone(n.Commands), func(c *commandline.Command) bool { return c.Hidden })
}

// flags are those of n and, if there is one, of the program.
func flags(n, app *commandline.Command) []flag {
	var all []flag
	add := func(some []*commandline.Flag) {
		for _, f := range some {
			if !f.Hidden {
				all = append(all, flag{word: word{"--" + f.Name, f.Help}, takes: takes(f), choices: f.Choices})
			}
		}
	}
	if app == nil || n != app {
		add(n.Flags)
	}
	if app != nil {
		all = append(all, flag{word: word{"--help", commandline.HelpOfHelp}})
		add(app.Flags)
	}
	return all
}

func takes(f *commandline.Flag) taking {
	switch {
	case f.Switch():
		return nothing
	case f.Choices != nil:
		return oneOf
	case strings.Contains(f.Placeholder, "FILE"):
		return files
	case strings.Contains(f.Placeholder, "DIR"):
		return folders
	}
	return anything
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
