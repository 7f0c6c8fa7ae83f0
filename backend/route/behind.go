package route

import "strings"

// Behind lists the full names of the models that would answer name, in order.
// known says that it is a name of theirs, or of an alias for them: false is the
// default model in the place of a name that nobody knows.
func (t *Table) Behind(name string) (models []string, known bool) {
	if models = t.behind(name); models != nil {
		return models, true
	}
	return t.behind(t.fallback), false
}

func (t *Table) behind(name string) []string {
	if _, ok := t.exact[name]; ok {
		return []string{name}
	}
	names, ok := t.aliases[name]
	if !ok {
		names = []string{name}
	}
	var full []string
	for _, n := range names {
		if id := t.full(n); id != "" {
			full = append(full, id)
		}
	}
	return full
}

// full is the name of one model with its prefix; "" is one that nobody serves.
func (t *Table) full(name string) string {
	if id := t.listed(name); id != "" {
		return id
	}
	prefix, model, ok := strings.Cut(name, "/")
	if _, served := t.prefixes[prefix]; !ok || model == "" || !served {
		return ""
	}
	return name
}
