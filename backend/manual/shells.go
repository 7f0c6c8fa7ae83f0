package manual

import (
	"fmt"
	"io"
	"strings"
)

// Each script walks along the words that are typed to find the place, and then
// offers what the place has.

func bash(w io.Writer, name string, all []place) error {
	var b strings.Builder
	f := "_" + strings.ReplaceAll(name, "-", "_")
	fmt.Fprintf(&b, "# Completions of %s for bash.\n%s() {\n", name, f)
	b.WriteString("  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} at=\"\" word commands=\"\" flags=\"\"\n" +
		"  COMPREPLY=()\n" +
		"  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$at $word\" in\n")
	fmt.Fprintf(&b, "      %s) at=\"$at $word\" ;;\n    esac\n  done\n  case \"$at $prev\" in\n", strings.Join(paths(all), " | "))
	for _, p := range all {
		for _, f := range p.flags {
			if do := bashValue(f); do != "" {
				fmt.Fprintf(&b, "    %q)%s\n      return\n      ;;\n", p.path+" "+f.name, do)
			}
		}
	}
	b.WriteString("  esac\n  case \"$at\" in\n")
	for _, p := range all {
		fmt.Fprintf(&b, "    %q)\n      commands=%q\n      flags=%q\n      ;;\n", p.path, names(p.commands), names(flagsOf(p)))
	}
	b.WriteString("  esac\n" +
		"  case \"$cur\" in\n    -*) mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$cur\") ;;\n" +
		"    *) mapfile -t COMPREPLY < <(compgen -W \"$commands\" -- \"$cur\") ;;\n  esac\n}\n")
	fmt.Fprintf(&b, "complete -o default -F %s %s\n", f, name)
	_, err := io.WriteString(w, b.String())
	return err
}

func bashValue(f flag) string {
	const line = "\n      mapfile -t COMPREPLY < <(compgen "
	switch f.takes {
	case nothing:
		return ""
	case files:
		return line + "-f -- \"$cur\")"
	case folders:
		return line + "-d -- \"$cur\")"
	case oneOf:
		return line + fmt.Sprintf("-W %q -- \"$cur\")", strings.Join(f.choices, " "))
	case anything:
	}
	return "\n      compopt +o default"
}

func zsh(w io.Writer, name string, all []place) error {
	var b strings.Builder
	fmt.Fprintf(&b, "#compdef %s\n# Completions of %s for zsh.\n_%s() {\n", name, name, name)
	b.WriteString("  local at=\"\" word\n  local -a commands flags\n" +
		"  for word in ${words[2,CURRENT-1]}; do\n    case \"$at $word\" in\n")
	fmt.Fprintf(&b, "      (%s) at=\"$at $word\" ;;\n    esac\n  done\n  case \"$at ${words[CURRENT-1]}\" in\n", strings.Join(paths(all), "|"))
	for _, p := range all {
		for _, f := range p.flags {
			do := map[taking]string{
				files: "_files", folders: "_files -/", anything: "_message " + quoted(f.help),
				oneOf: "compadd -- " + strings.Join(f.choices, " "),
			}[f.takes]
			if do != "" {
				fmt.Fprintf(&b, "    (%q) %s; return ;;\n", p.path+" "+f.name, do)
			}
		}
	}
	b.WriteString("  esac\n  case \"$at\" in\n")
	for _, p := range all {
		fmt.Fprintf(&b, "    (%q)\n      commands=(%s)\n      flags=(%s)\n      ;;\n", p.path, described(p.commands), described(flagsOf(p)))
	}
	b.WriteString("  esac\n  if [[ $PREFIX == -* ]]; then\n    _describe -o option flags\n" +
		"  elif (( $#commands )); then\n    _describe command commands\n  else\n    _files\n  fi\n}\n")
	fmt.Fprintf(&b, "if [[ $funcstack[1] == _%s ]]; then _%s \"$@\"; else compdef _%s %s; fi\n", name, name, name, name)
	_, err := io.WriteString(w, b.String())
	return err
}

func fish(w io.Writer, name string, all []place) error {
	var b strings.Builder
	f := "__" + strings.ReplaceAll(name, "-", "_") + "_at"
	fmt.Fprintf(&b, "# Completions of %s for fish.\nfunction %s\n  set -l at ''\n  for word in (commandline -opc)[2..]\n"+
		"    switch \"$at $word\"\n      case %s\n        set at \"$at $word\"\n    end\n  end\n  test \"$at\" = \"$argv[1]\"\nend\n",
		name, f, strings.Join(paths(all), " "))
	for _, p := range all {
		start := fmt.Sprintf("complete -c %s -n '%s %q'", name, f, p.path)
		if len(p.commands) > 0 {
			fmt.Fprintf(&b, "%s -f\n", start)
		}
		for _, c := range p.commands {
			fmt.Fprintf(&b, "%s -a %s -d %s\n", start, c.name, quoted(c.help))
		}
		for _, f := range p.flags {
			value := map[taking]string{files: " -r -F", folders: " -x -a '(__fish_complete_directories)'", anything: " -x"}[f.takes]
			if f.takes == oneOf {
				value = " -x -a " + quoted(strings.Join(f.choices, " "))
			}
			fmt.Fprintf(&b, "%s -l %s%s -d %s\n", start, strings.TrimPrefix(f.name, "--"), value, quoted(f.help))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func flagsOf(p place) []word {
	var all []word
	for _, f := range p.flags {
		all = append(all, f.word)
	}
	return all
}

func names(all []word) string {
	var out []string
	for _, w := range all {
		out = append(out, w.name)
	}
	return strings.Join(out, " ")
}

// described are the words as zsh's _describe takes them.
func described(all []word) string {
	var out []string
	for _, w := range all {
		out = append(out, quoted(strings.ReplaceAll(w.name, ":", `\:`)+":"+w.help))
	}
	return strings.Join(out, " ")
}

// quoted is a text in the single quotes that all three shells read alike.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
