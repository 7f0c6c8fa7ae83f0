package connect

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// yamlText is a YAML text in block style: a mapping whose lines are looked at
// one by one. What is not written so is refused, not guessed at.
type yamlText struct {
	text  []byte
	lines []line
}

// yamlEntry is one key of a mapping.
type yamlEntry struct {
	key string
	// at is its line; end the line behind the last of its value.
	at, end int
	// from and to bound the value on its own line, without a comment.
	from, to int
	value    string
}

// setYAML sets one setting of a YAML text: a scalar of the mapping itself, or
// an item of one of its lists.
func setYAML(text []byte, set Set) ([]byte, error) {
	y, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	entry, found, err := find(y.top(), set.Path[0])
	if err != nil {
		return nil, err
	}
	if set.Item != "" {
		return y.setItem(entry, found, set)
	}
	if !found {
		return addLines(text, y.tail(), yamlPair(set.Path[0], set.Value)...), nil
	}
	if set.Absent {
		return text, nil
	}
	return y.replace(entry, set.Value)
}

// parseYAML reads a text, and refuses what this editor would not understand.
func parseYAML(text []byte) (*yamlText, error) {
	y := &yamlText{text: text, lines: linesOf(text)}
	starts := 0
	inside := -1 // the entry whose value may go on
	for i, l := range y.lines {
		trimmed := strings.TrimSpace(l.text)
		switch {
		case trimmed == "" || strings.HasPrefix(l.text, "#"):
			continue
		case strings.HasPrefix(strings.TrimLeft(l.text, " "), "\t"):
			return nil, wrong(i+1, "is indented with a tab, which YAML does not allow: correct it first, then try again")
		case strings.HasPrefix(l.text, " "):
			if inside < 0 && !strings.HasPrefix(trimmed, "#") {
				return nil, wrong(i+1, "is indented without a key above it: correct it first, then try again")
			}
			continue
		case l.text == "---" || strings.HasPrefix(l.text, "--- #"):
			if starts++; starts > 1 || inside >= 0 {
				return nil, wrong(i+1, "begins a second document; change this file by hand")
			}
			continue
		case strings.HasPrefix(l.text, "- ") || l.text == "-":
			if inside < 0 {
				return nil, wrong(i+1, "begins a list where a mapping is expected")
			}
			continue
		}
		_, rest, ok := yamlKey(l.text)
		if !ok {
			return nil, wrong(i+1, "is not a 'key: value' line: correct it, or change this file by hand")
		}
		value, _, _ := yamlValue(rest)
		if !y.closes(value, i) {
			return nil, wrong(i+1, "has a value that is not valid YAML: correct it first, then try again")
		}
		inside = i
	}
	return y, nil
}

// closes says that a value is whole, or goes on in the indented lines below.
func (y *yamlText) closes(value string, at int) bool {
	more := at+1 < len(y.lines) && strings.HasPrefix(y.lines[at+1].text, " ")
	switch {
	case value == "" || more:
		return true
	case value[0] == '"' || value[0] == '\'':
		return len(value) > 1 && value[len(value)-1] == value[0]
	case value[0] == '[':
		return strings.HasSuffix(value, "]")
	case value[0] == '{':
		return strings.HasSuffix(value, "}")
	}
	return !strings.Contains(value, ": ") && !strings.HasSuffix(value, ":")
}

// yamlKey takes a line apart into its key and what is behind the colon.
func yamlKey(text string) (key, rest string, ok bool) {
	m := regexp.MustCompile(`^("[^"\\]*"|'[^']*'|[A-Za-z0-9_./$][^#:"']*?)\s*:([ \t].*|)$`).FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	return strings.Trim(m[1], `"'`), m[2], true
}

// yamlValue is the value in what is behind a colon, and where it stands there.
func yamlValue(rest string) (value string, from, to int) {
	from = len(rest) - len(strings.TrimLeft(rest, " \t"))
	value = rest[from:]
	if value == "" {
		return "", from, from
	}
	if quoted := value[0]; quoted == '"' || quoted == '\'' {
		for i := 1; i < len(value); i++ {
			if value[i] == '\\' && quoted == '"' {
				i++
				continue
			}
			if value[i] == quoted {
				if quoted == '\'' && i+1 < len(value) && value[i+1] == '\'' {
					i++
					continue
				}
				// What is behind the quote but a comment is a mistake, which closes finds.
				if tail := strings.TrimSpace(value[i+1:]); tail == "" || strings.HasPrefix(tail, "#") {
					return value[:i+1], from, from + i + 1
				}
				break
			}
		}
		return value, from, len(rest)
	}
	if strings.HasPrefix(value, "#") {
		return "", from, from
	}
	if i := strings.Index(value, " #"); i >= 0 {
		value = value[:i]
	}
	value = strings.TrimRight(value, " \t")
	return value, from, from + len(value)
}

// top are the keys of the text's own mapping.
func (y *yamlText) top() []yamlEntry { return y.mapping(0, len(y.lines), 0, 0) }

// mapping are the keys that stand at an indent between two lines. The first
// line begins at another indent where it is an item of a list.
func (y *yamlText) mapping(from, to, indent, first int) []yamlEntry {
	var out []yamlEntry
	for i := from; i < to; i++ {
		text := y.lines[i].text
		at := indent
		if i == from && first > 0 {
			at = first
		} else if leading(text) != indent {
			continue
		}
		if at > len(text) {
			continue
		}
		key, rest, ok := yamlKey(text[at:])
		if !ok {
			continue
		}
		if n := len(out); n > 0 {
			out[n-1].end = i
		}
		value, valueFrom, valueTo := yamlValue(rest)
		base := y.lines[i].start + len(text) - len(rest)
		out = append(out, yamlEntry{key: key, at: i, end: to, from: base + valueFrom, to: base + valueTo, value: value})
	}
	for i := range out {
		out[i].end = y.trim(out[i].at+1, out[i].end)
	}
	return out
}

// trim takes blank lines and comments off the end of a range of lines.
func (y *yamlText) trim(from, to int) int {
	for to > from {
		text := strings.TrimSpace(y.lines[to-1].text)
		if text != "" && !strings.HasPrefix(text, "#") {
			break
		}
		to--
	}
	return to
}

func leading(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

func find(entries []yamlEntry, key string) (yamlEntry, bool, error) {
	i := slices.IndexFunc(entries, func(e yamlEntry) bool { return e.key == key })
	if i < 0 {
		return yamlEntry{}, false, nil
	}
	if slices.ContainsFunc(entries[i+1:], func(e yamlEntry) bool { return e.key == key }) {
		return yamlEntry{}, false, wrong(entries[i].at+1, "has a key that stands twice (%s): correct it first, then try again", key)
	}
	return entries[i], true, nil
}

// tail is the offset behind the last line that is a part of the mapping.
func (y *yamlText) tail() int {
	if n := len(y.lines); n > 0 {
		return y.lines[n-1].next
	}
	return 0
}

// replace sets the scalar of an entry.
func (y *yamlText) replace(e yamlEntry, value any) ([]byte, error) {
	if e.end > e.at+1 || strings.HasPrefix(e.value, "&") || strings.HasPrefix(e.value, "!") {
		return nil, wrong(e.at+1, "has more than a plain value; change it by hand")
	}
	written := yamlScalar(value)
	if e.value == written || yamlPlain(e.value) == value {
		return y.text, nil
	}
	if e.from == e.to { // nothing behind the colon yet, or a comment
		at := y.lines[e.at].start + len(y.lines[e.at].text)
		if colon := strings.LastIndexByte(string(y.text[y.lines[e.at].start:e.from]), ':'); colon >= 0 {
			at = y.lines[e.at].start + colon + 1
		}
		return splice(y.text, at, at, " "+written), nil
	}
	return splice(y.text, e.from, e.to, written), nil
}

// setItem changes the item of a list that has the same name, or adds one.
func (y *yamlText) setItem(e yamlEntry, found bool, set Set) ([]byte, error) {
	fields := set.Value.(Fields)
	switch {
	case !found:
		return addLines(y.text, y.tail(), append([]string{set.Path[0] + ":"}, yamlItem("  ", fields)...)...), nil
	case e.value != "" && (e.end > e.at+1 || !slices.Contains([]string{"[]", "null", "~"}, e.value)):
		return nil, wrong(e.at+1, "has its list in brackets; write it with dashes, one item a line, or change it by hand")
	case e.value != "":
		from := e.from
		for y.text[from-1] == ' ' {
			from--
		}
		text := splice(y.text, from, e.to, "")
		return addLines(text, y.lines[e.at].next-(e.to-from), yamlItem("  ", fields)...), nil
	case e.end == e.at+1:
		return addLines(y.text, y.lines[e.at].next, yamlItem("  ", fields)...), nil
	}
	items, indent, err := y.items(e)
	if err != nil {
		return nil, err
	}
	for i, from := range items {
		to := e.end
		if i+1 < len(items) {
			to = items[i+1]
		}
		if out, done, err := y.changeItem(from, y.trim(from+1, to), indent, set); done || err != nil {
			return out, err
		}
	}
	return addLines(y.text, y.lines[e.end-1].next, yamlItem(strings.Repeat(" ", indent), fields)...), nil
}

// items are the lines where the items of a list begin, and their indent.
func (y *yamlText) items(e yamlEntry) (at []int, indent int, err error) {
	indent = -1
	for i := e.at + 1; i < e.end; i++ {
		text := y.lines[i].text
		trimmed := strings.TrimSpace(text)
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		if indent < 0 {
			indent = leading(text)
		}
		switch n := leading(text); {
		case n < indent:
			return nil, 0, wrong(i+1, "is indented less than the list it belongs to: correct it first, then try again")
		case n == indent && trimmed != "-" && !strings.HasPrefix(trimmed, "- "):
			return nil, 0, wrong(i+1, "has no list where one is expected")
		case n == indent:
			at = append(at, i)
		}
	}
	return at, indent, nil
}

// changeItem sets the fields of an item, if it is the one that is meant.
func (y *yamlText) changeItem(from, to, indent int, set Set) (out []byte, done bool, err error) {
	text := y.lines[from].text
	inner := indent + 1
	for inner < len(text) && text[inner] == ' ' {
		inner++
	}
	fields := set.Value.(Fields)
	entries := y.mapping(from, to, inner, inner)
	name, ok, err := find(entries, set.Item)
	if err != nil || !ok || yamlPlain(name.value) != any(fields.text(set.Item)) {
		return nil, false, err
	}
	for _, f := range fields {
		e, ok, err := find(entries, f.Name)
		if err != nil {
			return nil, false, err
		}
		if _, list := f.Value.([]any); ok && list {
			continue // a list that the user may have made longer
		}
		if !ok {
			pad := strings.Repeat(" ", inner)
			lines := yamlPair(f.Name, f.Value)
			for i := range lines {
				lines[i] = pad + lines[i]
			}
			return y.goOn(addLines(y.text, y.lines[to-1].next, lines...), set)
		}
		changed, err := y.replace(e, f.Value)
		if err != nil {
			return nil, false, err
		}
		if string(changed) != string(y.text) {
			return y.goOn(changed, set)
		}
	}
	return y.text, true, nil
}

// goOn sets the rest of an item in the text that has one field more of it.
func (*yamlText) goOn(text []byte, set Set) ([]byte, bool, error) {
	out, err := setYAML(text, set)
	return out, true, err
}

// yamlItem writes an item of a list.
func yamlItem(pad string, fields Fields) []string {
	var out []string
	for _, f := range fields {
		out = append(out, yamlPair(f.Name, f.Value)...)
	}
	for i := range out {
		if i == 0 {
			out[i] = pad + "- " + out[i]
		} else {
			out[i] = pad + "  " + out[i]
		}
	}
	return out
}

// yamlPair writes a key and its value.
func yamlPair(key string, value any) []string {
	list, ok := value.([]any)
	if !ok {
		return []string{key + ": " + yamlScalar(value)}
	}
	out := []string{key + ":"}
	for _, item := range list {
		out = append(out, "  - "+yamlScalar(item))
	}
	return out
}

// yamlScalar writes a value: quoted only where it must be.
func yamlScalar(value any) string {
	switch v := value.(type) {
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case string:
		plain := regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./:@+-]*$`).MatchString(v) && !strings.HasSuffix(v, ":")
		special := regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n)$`).MatchString(v)
		if plain && !special {
			return v
		}
		return quote(v)
	}
	return "null"
}

// yamlPlain reads a scalar as a string, as far as a comparison needs it.
func yamlPlain(value string) any {
	switch {
	case len(value) > 1 && value[0] == '"':
		if plain, err := strconv.Unquote(value); err == nil {
			return plain
		}
	case len(value) > 1 && value[0] == '\'':
		return strings.ReplaceAll(value[1:len(value)-1], "''", "'")
	}
	return value
}
