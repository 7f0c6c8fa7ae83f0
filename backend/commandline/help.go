package commandline

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// HelpOfHelp is what a help says of --help, which every command has.
const HelpOfHelp = "Show what can be typed."

// width is that of a help, which a narrow terminal shows whole.
const width = 96

// print writes the help of c.
func (c *Command) print(w io.Writer) error {
	var b strings.Builder
	what := c.shownArguments()
	if len(c.Commands) > 0 {
		what = " [command]"
		if c.Default == nil {
			what = " <command>"
		}
	}
	fmt.Fprintf(&b, "Usage: %s%s [flags]\n\n%s\n", c.full(), what, fold(c.Help, 0))
	if more := c.Explanation(); more != "" {
		fmt.Fprintf(&b, "\n%s\n", fold(more, 0))
	}
	var arguments, flags, commands [][2]string
	for _, a := range c.Arguments {
		arguments = append(arguments, [2]string{a.Shown(), a.Help})
	}
	flags = append(flags, [2]string{"-h, --help", HelpOfHelp})
	all := c.offered()
	if c.Default != nil {
		// What is typed without a command is the default one's.
		all = append(all, c.Default.Flags...)
	}
	for _, f := range all {
		if !f.Hidden {
			flags = append(flags, [2]string{f.shown(), f.helpAndEnv()})
		}
	}
	for _, below := range c.Commands {
		if !below.Hidden {
			commands = append(commands, [2]string{below.Name + below.shownArguments(), below.Help})
		}
	}
	table(&b, "Arguments", arguments)
	table(&b, "Flags", flags)
	table(&b, "Commands", commands)
	if len(commands) > 0 {
		fmt.Fprintf(&b, "\n\"%s COMMAND --help\" says more of a command.\n", c.full())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// shown is the flag as it is typed.
func (f *Flag) shown() string {
	s := "    --" + f.Name
	if f.Short != "" {
		s = "-" + f.Short + ", --" + f.Name
	}
	if !f.Switch() {
		s += "=" + f.Placeholder
	}
	return s
}

func (f *Flag) helpAndEnv() string {
	if f.Env == "" {
		return f.Help
	}
	return f.Help + " ($" + f.Env + ")"
}

// table writes names and what they mean.
func table(b *strings.Builder, title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	const most = 30
	wide := 0
	for _, r := range rows {
		wide = max(wide, min(utf8.RuneCountInString(r[0]), most))
	}
	const margin, gap = 2, 2
	indent := margin + wide + gap
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, r := range rows {
		b.WriteString(strings.Repeat(" ", margin) + r[0])
		if n := utf8.RuneCountInString(r[0]); n <= wide {
			b.WriteString(strings.Repeat(" ", wide-n+gap))
		} else {
			b.WriteString("\n" + strings.Repeat(" ", indent))
		}
		b.WriteString(fold(r[1], indent) + "\n")
	}
}

// fold breaks a text into lines, of which all but the first are indented.
func fold(text string, indent int) string {
	var b strings.Builder
	at := indent
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}
