package connect

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// tomlLine is a statement of a TOML text: a table's head, or a key with its
// value.
type tomlLine struct {
	// table is the path of a head; key that of a value. The other is nil.
	table, key []string
	list       bool // the head is one of a list: [[…]]
	// start begins its first line, next the line behind its last; from and to
	// bound the value.
	start, next, from, to int
}

// setTOML sets one setting of a TOML text. A path of one step is a key before
// all tables, a longer one is a key in the table that the other steps name.
func setTOML(text []byte, set Set) ([]byte, error) {
	if fields, ok := set.Value.(Fields); ok {
		for _, f := range fields {
			var err error
			if text, err = setTOML(text, Set{Path: join(set.Path, f.Name), Value: f.Value, Absent: set.Absent}); err != nil {
				return nil, err
			}
		}
		return text, nil
	}
	all, err := parseTOML(text)
	if err != nil {
		return nil, err
	}
	table, key := set.Path[:len(set.Path)-1], set.Path[len(set.Path)-1]
	from, to, found := section(all, table)
	if !found {
		if l := inline(all, table); l > 0 {
			return nil, wrong(lineOf(text, l-1), "has this table in one line (%s); change it by hand", place(table))
		}
		return addTable(text, table, key, set.Value), nil
	}
	for _, l := range all[from:to] {
		if len(l.key) > 1 && l.key[0] == key || len(l.key) == 1 && l.key[0] == key && set.Absent {
			return text, nil
		}
		if len(l.key) == 1 && l.key[0] == key {
			written := tomlScalar(set.Value)
			if string(text[l.from:l.to]) == written {
				return text, nil
			}
			return splice(text, l.from, l.to, written), nil
		}
	}
	pair := key + " = " + tomlScalar(set.Value)
	if from == to && len(table) == 0 && len(text) > 0 { // above the tables, and apart from them
		return addLines(text, 0, pair, ""), nil
	}
	return addLines(text, placeFor(all, from, to), pair), nil
}

// section are the keys of a table, as a range of all; the first range is that
// of no table.
func section(all []tomlLine, table []string) (from, to int, found bool) {
	end := func(from int) int {
		for i := from; i < len(all); i++ {
			if all[i].table != nil {
				return i
			}
		}
		return len(all)
	}
	if len(table) == 0 {
		return 0, end(0), true
	}
	for i, l := range all {
		if !l.list && slices.Equal(l.table, table) {
			return i + 1, end(i + 1), true
		}
	}
	return 0, 0, false
}

// inline finds a table that is written as a value or with dotted keys, and
// gives its offset plus one; 0 is none.
func inline(all []tomlLine, table []string) int {
	var in []string
	for _, l := range all {
		if l.table != nil {
			in = l.table
			if l.list && slices.Equal(l.table, table[:min(len(l.table), len(table))]) {
				return l.start + 1
			}
			continue
		}
		full := slices.Concat(in, l.key)
		if n := min(len(full), len(table)); slices.Equal(full[:n], table[:n]) && len(full) > len(in) && len(in) < len(table) {
			return l.start + 1
		}
	}
	return 0
}

// placeFor is where a new key of a section goes: behind its last key, or below
// its head.
func placeFor(all []tomlLine, from, to int) int {
	if last := max(from, to) - 1; last >= 0 {
		return all[last].next
	}
	return 0
}

func addTable(text []byte, table []string, key string, value any) []byte {
	steps := make([]string, len(table))
	for i, s := range table {
		steps[i] = s
		if !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(s) {
			steps[i] = quote(s)
		}
	}
	lines := []string{"[" + strings.Join(steps, ".") + "]", key + " = " + tomlScalar(value)}
	if len(strings.TrimSpace(string(text))) > 0 {
		lines = append([]string{""}, lines...)
	}
	return addLines(text, len(text), lines...)
}

func tomlScalar(value any) string {
	switch v := value.(type) {
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case string:
		return strings.ReplaceAll(quote(v), "\u007f", `\u007F`)
	}
	return `""`
}

// tomlReader reads statements one after the other.
type tomlReader struct {
	text []byte
	at   int
}

// parseTOML reads a text as far as its statements; it refuses what is not one.
func parseTOML(text []byte) ([]tomlLine, error) {
	r := &tomlReader{text: text}
	var out []tomlLine
	for {
		start := r.at
		r.blank()
		if r.at >= len(text) {
			return out, nil
		}
		switch text[r.at] {
		case '\n':
			r.at++
			continue
		case '#':
			r.comment()
			continue
		}
		l := tomlLine{start: start}
		var ok bool
		if text[r.at] == '[' {
			ok = r.head(&l)
		} else {
			ok = r.pair(&l)
		}
		if !ok || !r.lineEnd() {
			return nil, wrong(lineOf(text, r.at), "is not valid TOML: correct it first, then try again")
		}
		l.next = r.at
		out = append(out, l)
	}
}

// blank skips white space within a line.
func (r *tomlReader) blank() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\t' || r.text[r.at] == '\r') {
		r.at++
	}
}

// comment skips up to the end of the line.
func (r *tomlReader) comment() {
	for r.at < len(r.text) && r.text[r.at] != '\n' {
		r.at++
	}
}

// lineEnd takes what may follow a statement, and the line's end.
func (r *tomlReader) lineEnd() bool {
	r.blank()
	if r.peek() == '#' {
		r.comment()
	}
	if r.at >= len(r.text) {
		return true
	}
	if r.text[r.at] != '\n' {
		return false
	}
	r.at++
	return true
}

func (r *tomlReader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *tomlReader) take(b byte) bool {
	if r.peek() != b || r.at >= len(r.text) {
		return false
	}
	r.at++
	return true
}

// head reads [a.b] or [[a.b]].
func (r *tomlReader) head(l *tomlLine) bool {
	r.at++
	l.list = r.take('[')
	path, ok := r.path()
	l.table = path
	return ok && r.take(']') && (!l.list || r.take(']'))
}

// pair reads key = value.
func (r *tomlReader) pair(l *tomlLine) bool {
	path, ok := r.path()
	if !ok || !r.take('=') {
		return false
	}
	r.blank()
	l.key, l.from = path, r.at
	ok = r.value(0)
	l.to = r.at
	return ok
}

// path reads a key with its dots, and the white space behind it.
func (r *tomlReader) path() (path []string, ok bool) {
	for {
		r.blank()
		from := r.at
		switch r.peek() {
		case '"', '\'':
			if !r.str() {
				return nil, false
			}
			name := string(r.text[from:r.at])
			if plain, err := strconv.Unquote(name); err == nil && name[0] == '"' {
				name = plain
			} else {
				name = name[1 : len(name)-1]
			}
			path = append(path, name)
		default:
			for isBare(r.peek()) {
				r.at++
			}
			if r.at == from {
				return nil, false
			}
			path = append(path, string(r.text[from:r.at]))
		}
		r.blank()
		if !r.take('.') {
			return path, true
		}
	}
}

func isBare(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '-'
}

// value skips a value of any kind.
func (r *tomlReader) value(depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch r.peek() {
	case '"', '\'':
		return r.str()
	case '[':
		r.at++
		return r.members(']', func() bool { return r.value(depth + 1) })
	case '{':
		r.at++
		return r.members('}', func() bool {
			_, ok := r.path()
			if !ok || !r.take('=') {
				return false
			}
			r.blank()
			return r.value(depth + 1)
		})
	}
	from := r.at
	for isBare(r.peek()) || strings.IndexByte("+.:", r.peek()) >= 0 && r.at < len(r.text) {
		r.at++
	}
	word := string(r.text[from:r.at])
	// A date and its time may stand apart.
	if regexp.MustCompile(`^\d{4}-\d\d-\d\d$`).MatchString(word) {
		if m := regexp.MustCompile(`^ \d\d:[\d:.Z+-]+`).Find(r.text[r.at:]); m != nil {
			r.at += len(m)
		}
		return true
	}
	return regexp.MustCompile(`^(true|false|[+-]?(inf|nan)|[+-]?\d[\dA-Fa-fxob_.:TtZz+-]*)$`).MatchString(word)
}

// members reads what stands in brackets, over lines and with comments.
func (r *tomlReader) members(end byte, one func() bool) bool {
	for {
		r.space()
		if r.take(end) {
			return true
		}
		if !one() {
			return false
		}
		r.space()
		if r.take(',') {
			continue
		}
		return r.take(end)
	}
}

// space skips white space, line ends and comments.
func (r *tomlReader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		case '#':
			r.comment()
		default:
			return
		}
	}
}

// str skips a string of any of the four kinds.
func (r *tomlReader) str() bool {
	mark := r.text[r.at]
	triple := strings.Repeat(string(mark), 3)
	if strings.HasPrefix(string(r.text[r.at:min(r.at+3, len(r.text))]), triple) {
		for r.at += 3; r.at < len(r.text); r.at++ {
			if r.text[r.at] == '\\' && mark == '"' {
				r.at++
				continue
			}
			if strings.HasPrefix(string(r.text[r.at:min(r.at+3, len(r.text))]), triple) {
				r.at += 3
				for n := 0; n < 2 && r.peek() == mark; n++ { // up to two belong to the text
					r.at++
				}
				return true
			}
		}
		return false
	}
	for r.at++; r.at < len(r.text) && r.text[r.at] != '\n'; r.at++ {
		switch {
		case r.text[r.at] == '\\' && mark == '"':
			r.at++
		case r.text[r.at] == mark:
			r.at++
			return true
		}
	}
	return false
}
