package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/commandline"
)

// page writes the man page in the macros of man(7).
func page(w io.Writer, app *commandline.Command, version string) error {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"%s\" \"User Commands\"\n", roff(strings.ToUpper(app.Name)), roff("OpenAICompatible "+version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(app.Name), roff(lower(strings.TrimSuffix(app.Help, "."))))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n[\\fICOMMAND\\fR] [\\fIFLAGS\\fR]\n", roff(app.Name))
	fmt.Fprintf(&b, ".SH DESCRIPTION\n%s\nIt serves the OpenAI, Anthropic, Gemini and Ollama protocols at one address,\n"+
		"and answers with the accounts that it was given.\n", roff(app.Help))
	b.WriteString(".SH COMMANDS\n")
	walk(app, func(path string, n *commandline.Command) {
		if len(n.Commands) > 0 && n.Default == nil {
			return
		}
		fmt.Fprintf(&b, ".SS \"%s%s\"\n%s\n", roff(app.Name), roff(path+arguments(n)), roff(n.Help))
		for _, a := range n.Arguments {
			fmt.Fprintf(&b, ".TP\n\\fI%s\\fR\n%s\n", roff(a.Shown()), roff(a.Help))
		}
		for _, f := range n.Flags {
			flagOf(&b, f)
		}
	})
	b.WriteString(".SH OPTIONS\n")
	fmt.Fprintf(&b, ".TP\n\\fB\\-\\-help\\fR\n%s\n", roff(commandline.HelpOfHelp))
	for _, f := range app.Flags {
		flagOf(&b, f)
	}
	b.WriteString(".SH FILES\n" +
		".TP\n\\fI$XDG_CONFIG_HOME/openaicompatible/config.json\\fR\nThe settings, unless \\fB\\-\\-config\\fR names others.\n" +
		".TP\n\\fI$XDG_DATA_HOME/openaicompatible\\fR\nThe request log and the encrypted credentials, unless \\fB\\-\\-data\\fR names another folder.\n" +
		".SH EXIT STATUS\n.TP\n.B 0\nIt worked.\n.TP\n.B 1\nIt failed; standard error says why.\n.TP\n.B 2\nThe command line means nothing.\n" +
		".SH SEE ALSO\nhttps://github.com/WenChunTech/OpenAICompatible\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func flagOf(b *strings.Builder, f *commandline.Flag) {
	if f.Hidden {
		return
	}
	name := "\\fB" + roff("--"+f.Name) + "\\fR"
	if !f.Switch() {
		name += "=\\fI" + roff(f.Placeholder) + "\\fR"
	}
	fmt.Fprintf(b, ".TP\n%s\n%s\n", name, roff(f.Help))
}

func arguments(n *commandline.Command) string {
	var b strings.Builder
	for _, a := range n.Arguments {
		b.WriteString(" " + a.Shown())
	}
	return b.String()
}

// roff is text that troff takes for nothing else.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ").Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
