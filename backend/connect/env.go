package connect

import (
	"regexp"
	"strings"
)

// setEnv sets one variable of a file of NAME=value lines. The last line of a
// name is the one that counts.
func setEnv(text []byte, set Set) ([]byte, error) {
	name, value := set.Path[0], envValue(set.Value.(string))
	assignment := regexp.MustCompile(`^(\s*(?:export\s+)?` + regexp.QuoteMeta(name) + `\s*=[ \t]*)(.*)$`)
	found, from, to := false, 0, 0
	open := byte(0) // the quote of a value that goes on over lines
	for _, l := range linesOf(text) {
		if open != 0 {
			if strings.IndexByte(l.text, open) >= 0 {
				open = 0
			}
			continue
		}
		_, given, ok := strings.Cut(l.text, "=")
		if !ok || strings.HasPrefix(strings.TrimSpace(l.text), "#") {
			continue
		}
		given = strings.TrimLeft(given, " \t")
		ends := envEnd(given)
		if m := assignment.FindStringSubmatchIndex(l.text); m != nil {
			if ends < 0 {
				return nil, wrong(lineOf(text, l.start), "has a value over several lines; change it by hand")
			}
			found, from, to = true, l.start+m[4], l.start+m[4]+ends
		}
		if ends < 0 {
			open = given[0]
		}
	}
	switch {
	case open != 0:
		return nil, wrong(0, "has a quoted value without an end: correct it first, then try again")
	case found && set.Absent:
		return text, nil
	case found:
		return splice(text, from, to, value), nil
	}
	return addLines(text, len(text), name+"="+value), nil
}

// envEnd is where a value ends, what comes behind it aside; -1 is on another
// line.
func envEnd(given string) int {
	if given != "" && strings.IndexByte("\"'`", given[0]) >= 0 {
		for i := 1; i < len(given); i++ {
			switch given[i] {
			case '\\':
				i++
			case given[0]:
				return i + 1
			}
		}
		return -1
	}
	if i := strings.Index(given, " #"); i >= 0 {
		given = given[:i]
	}
	return len(strings.TrimRight(given, " \t"))
}

// envValue writes a value: quoted only where it must be.
func envValue(value string) string {
	if regexp.MustCompile(`^[A-Za-z0-9_./:@+-]*$`).MatchString(value) {
		return value
	}
	return quote(value)
}
