package connect

import (
	"path/filepath"
	"regexp"
	"strings"
)

// Snippet is text to copy.
type Snippet struct {
	// Kind is bash, powershell or command.
	Kind string
	Text string
}

// Snippets are a client's environment variables, in each shell's way, and its
// own command. Where mark is not "", the key is shown as mark.
func Snippets(client *Client, t Target, mark string) []Snippet {
	out := []Snippet{}
	if client.Variables != nil {
		var bash, power strings.Builder
		for _, v := range client.Variables(t) {
			bash.WriteString("export " + v.Name + "=" + shellWord(v.Value) + "\n")
			power.WriteString("$env:" + v.Name + " = '" + strings.ReplaceAll(v.Value, "'", "''") + "'\n")
		}
		out = append(out, Snippet{"bash", bash.String()}, Snippet{"powershell", power.String()})
	}
	if client.Command != nil {
		out = append(out, Snippet{"command", client.Command(t) + "\n"})
	}
	for i := range out {
		out[i].Text = hide(out[i].Text, t.Key, mark)
	}
	return out
}

// shellWord quotes what a shell would read as more than one word.
func shellWord(text string) string {
	if regexp.MustCompile(`^[A-Za-z0-9_./:@%+=-]+$`).MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Files are what a client's files would hold if they held nothing else, for a
// machine whose files cannot be seen: they are named as on Linux and macOS.
func Files(client *Client, t Target, mark string) []Change {
	out := []Change{}
	there := System{OS: "linux", Home: "~", Env: func(string) string { return "" }}
	for i := range client.Files {
		f := &client.Files[i]
		paths := f.Paths(there)
		change := Change{Path: filepath.ToSlash(paths[len(paths)-1]), Format: f.Format}
		if text, err := Edit(f.Format, nil, f.Sets(t)); err == nil {
			change.Snippet = hide(string(text), t.Key, mark)
		}
		out = append(out, change)
	}
	return out
}
