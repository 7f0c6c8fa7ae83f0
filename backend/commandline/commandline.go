// Package commandline reads a command line into structs: each field is a command,
// a flag or an argument, as its tags say. The flags themselves are pflag's.
//
// The invariant: nothing is called by a name that is known at run time only. A
// single such call, as other packages of this kind have it, keeps the linker from
// leaving out the methods that nobody uses, which are a fifteenth of the program.
//
// The tags: cmd makes a field a command, and default:"withargs" the one that is
// meant when none is typed; arg makes it an argument, which is required unless it
// is optional; any other exported field is a flag. help, name, short, placeholder,
// hidden, env, default, enum (words between commas) and xor (flags of a group that
// exclude each other) say more. The fields of an embedded struct stand for
// themselves.
package commandline

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// ErrHelp says that somebody asked for help and got it.
var ErrHelp = errors.New("help was printed")

// Command is one command, or the program itself.
type Command struct {
	// Name is the word that is typed, Help one sentence.
	Name, Help string
	Hidden     bool
	Flags      []*Flag
	Arguments  []*Argument
	// Commands are those below it, and Default the one of them that is meant when
	// none is typed; nil is none.
	Commands []*Command
	Default  *Command
	// Above is what it is a command of; nil is nothing.
	Above *Command

	target any
}

// Flag is what is typed after two dashes.
type Flag struct {
	Name, Help string
	// Short is its letter after one dash; "" is none.
	Short string
	// Placeholder stands for the value in a help.
	Placeholder string
	// Choices are the only values; nil is any.
	Choices []string
	// Env is the variable that is the value when the flag is not given.
	Env    string
	Hidden bool

	value *value
	xor   string
}

// Switch says that the flag takes no value.
func (f *Flag) Switch() bool { return f.value.Type() == "bool" }

// Argument is what is typed without dashes.
type Argument struct {
	Name, Help         string
	Optional, Repeated bool

	choices []string
	value   *value
}

// Shown is the argument as a help has it: <name>, [<name> ...].
func (a *Argument) Shown() string {
	s := "<" + a.Name + ">"
	if a.Repeated {
		s += " ..."
	}
	if a.Optional {
		s = "[" + s + "]"
	}
	return s
}

// Aware is a command's struct that wants to know the command line that it is part
// of.
type Aware interface{ KnowProgram(program *Command) }

// Explained is a command's struct that has more to say than its help.
type Explained interface{ Help() string }

// New makes the command line of a program of root, a pointer to a struct. It
// panics where the tags mean nothing.
func New(name, help string, root any) *Command {
	c := &Command{Name: name, Help: help, target: root}
	c.fill(reflect.ValueOf(root).Elem())
	c.each(func(c *Command) {
		if a, ok := c.target.(Aware); ok {
			a.KnowProgram(c.program())
		}
	})
	return c
}

// Path is the words that lead to the command, without the program's: "" or
// "accounts list".
func (c *Command) Path() string {
	if c.Above == nil {
		return ""
	}
	return strings.TrimPrefix(c.Above.Path()+" "+c.Name, " ")
}

// Explanation is what the command has to say at length; "" is no more than Help.
func (c *Command) Explanation() string {
	if e, ok := c.target.(Explained); ok {
		return e.Help()
	}
	return ""
}

// Parse reads args into the structs and gives the command that was chosen. Where
// help was asked for it is written to out, and the error is ErrHelp; any other
// error is one of the user's.
func (c *Command) Parse(args []string, out io.Writer) (*Command, error) {
	at := c
	for len(args) > 0 {
		i := slices.IndexFunc(at.Commands, func(below *Command) bool { return below.Name == args[0] })
		if i < 0 {
			break
		}
		at, args = at.Commands[i], args[1:]
	}
	if wantsHelp(args) {
		return nil, errors.Join(ErrHelp, at.print(out))
	}
	if len(at.Commands) > 0 {
		if at.Default == nil || len(args) > 0 && !strings.HasPrefix(args[0], "-") && len(at.Default.Arguments) == 0 {
			return nil, at.whichCommand(args)
		}
		at = at.Default
	}
	return at, at.read(args)
}

// whichCommand says which words could have been typed.
func (c *Command) whichCommand(args []string) error {
	var known []string
	for _, below := range c.Commands {
		if !below.Hidden {
			known = append(known, below.Name)
		}
	}
	list := strings.Join(known, ", ")
	switch {
	case len(args) == 0:
		return fmt.Errorf("one of these must follow %s: %s", c.full(), list)
	case strings.HasPrefix(args[0], "-"):
		return fmt.Errorf("unknown flag %s; one of these must follow %s: %s", args[0], c.full(), list)
	}
	return fmt.Errorf("unknown command %q; there is %s", args[0], list)
}

// read reads what follows the command.
func (c *Command) read(args []string) error {
	set := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
	set.SetOutput(io.Discard)
	flags := c.offered()
	for _, f := range flags {
		p := set.VarPF(f.value, f.Name, f.Short, f.Help)
		if f.Switch() {
			p.NoOptDefVal = "true"
		}
	}
	if err := set.Parse(args); err != nil {
		return wrongFlag(err)
	}
	chosen := map[string]string{}
	for _, f := range flags {
		given := set.Changed(f.Name)
		if other := chosen[f.xor]; given && f.xor != "" && other != "" {
			return fmt.Errorf("--%s and --%s exclude each other", other, f.Name)
		}
		if given {
			chosen[f.xor] = f.Name
		}
		if err := f.settle(given); err != nil {
			return err
		}
	}
	return c.take(set.Args())
}

// settle fills in what was not given, and wants one of the choices.
func (f *Flag) settle(given bool) error {
	name := "--" + f.Name
	if from, ok := os.LookupEnv(f.Env); !given && f.Env != "" && ok && from != "" {
		name = f.Env
		if err := f.value.Set(from); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if s := f.value.String(); f.Choices != nil && !slices.Contains(f.Choices, s) {
		return fmt.Errorf("%s must be one of %s, not %q", name, strings.Join(f.Choices, ", "), s)
	}
	return nil
}

// take gives the words to the arguments.
func (c *Command) take(words []string) error {
	for _, a := range c.Arguments {
		if len(words) == 0 && !a.Optional {
			return fmt.Errorf("<%s> is missing: %s %s", a.Name, c.full(), strings.TrimSpace(c.shownArguments()))
		}
		n := min(len(words), 1)
		if a.Repeated {
			n = len(words)
		}
		for _, w := range words[:n] {
			if err := a.value.Set(w); err != nil {
				return fmt.Errorf("<%s>: %w", a.Name, err)
			}
			if a.choices != nil && !slices.Contains(a.choices, w) {
				return fmt.Errorf("<%s> must be one of %s, not %q", a.Name, strings.Join(a.choices, ", "), w)
			}
		}
		words = words[n:]
	}
	if len(words) > 0 {
		return fmt.Errorf("%q is one too many for %s", words[0], c.full())
	}
	return nil
}

// wrongFlag says what pflag says as the other errors are said.
func wrongFlag(err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			return fmt.Errorf("unknown flag -%s", letters)
		}
		return fmt.Errorf("unknown flag --%s", unknown.GetSpecifiedName())
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("the value of %s is missing", "--"+missing.GetFlag().Name)
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Errorf("--%s: %w", wrong.GetFlag().Name, wrong.Unwrap())
	}
	return err
}

func wantsHelp(args []string) bool {
	end := slices.Index(args, "--")
	if end < 0 {
		end = len(args)
	}
	return slices.ContainsFunc(args[:end], func(s string) bool { return s == "--help" || s == "-h" })
}

// offered are the flags that may follow the command: its own and the program's.
func (c *Command) offered() []*Flag {
	if c.Above == nil {
		return c.Flags
	}
	return slices.Concat(c.Flags, c.program().Flags)
}

func (c *Command) program() *Command {
	for c.Above != nil {
		c = c.Above
	}
	return c
}

// full is all that is typed to get to the command.
func (c *Command) full() string { return strings.TrimSpace(c.program().Name + " " + c.Path()) }

func (c *Command) shownArguments() string {
	var b strings.Builder
	for _, a := range c.Arguments {
		b.WriteString(" " + a.Shown())
	}
	return b.String()
}

// each visits c and all below it.
func (c *Command) each(visit func(*Command)) {
	visit(c)
	for _, below := range c.Commands {
		below.each(visit)
	}
}
