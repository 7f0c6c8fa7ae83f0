package route

import (
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Offered is the list for clients, sorted by ID: the models that are not hidden,
// and the aliases that somebody answers. The caller must not change it.
func (t *Table) Offered() []Listed { return t.offered }

// Full is the whole name of the one model on the list that a name stands for
// without the help of an alias; "" is none.
func (t *Table) Full(name string) string { return t.listed(name) }

// spread resolves the aliases that stand for others.
func (t *Table) spread(aliases []Alias) {
	models := make(map[string][]string, len(aliases))
	for _, a := range aliases {
		models[a.Name] = a.Models
	}
	for _, a := range aliases {
		t.aliases[a.Name] = t.leaves(models, a.Name, map[string]bool{}, nil)
	}
}

// leaves appends the models that an alias stands for to those there are, each
// once; seen are the aliases that were looked at.
func (t *Table) leaves(models map[string][]string, alias string, seen map[string]bool, there []string) []string {
	seen[alias] = true
	for _, name := range models[alias] {
		_, exact := t.exact[name] // a model goes before an alias of its name
		switch _, other := models[name]; {
		case !exact && other:
			if !seen[name] {
				there = t.leaves(models, name, seen, there)
			}
		case !slices.Contains(there, name):
			there = append(there, name)
		}
	}
	return there
}

// offer makes the list for clients.
func (t *Table) offer(aliases []Alias, hidden []string) {
	hide := make(map[string]bool, len(hidden))
	for _, name := range hidden {
		hide[name] = true
	}
	for i := range t.list {
		t.list[i].Hidden = hide[t.list[i].ID]
	}
	for _, a := range aliases {
		if _, exact := t.exact[a.Name]; exact {
			continue // nobody reaches it
		}
		if l, ok := t.line(a.Name); ok {
			l.Hidden = hide[a.Name]
			t.named = append(t.named, l)
		}
	}
	slices.SortStableFunc(t.named, byID)
	t.offered = slices.DeleteFunc(slices.Concat(t.list, t.named), func(l Listed) bool { return l.Hidden })
	slices.SortStableFunc(t.offered, byID)
}

// line is an alias as a line of the list: it promises what each of its models
// keeps, for any of them may answer.
func (t *Table) line(alias string) (Listed, bool) {
	var out Listed
	for _, name := range t.aliases[alias] {
		l, listed := lineOf(t.list, t.listed(name))
		switch {
		case !listed && t.full(name) == "":
		case out.ID == "":
			out = l
			out.ID = alias
			out.Model.ID, out.Model.Name, out.Model.Description = alias, "", ""
		default:
			out.Model.ContextTokens = lesser(out.Model.ContextTokens, l.Model.ContextTokens)
			out.Model.OutputTokens = lesser(out.Model.OutputTokens, l.Model.OutputTokens)
			out.Model.Can = shared(out.Model.Can, l.Model.Can)
		}
	}
	return out, out.ID != ""
}

// lesser is the smaller of two limits, of which 0 is unknown.
func lesser(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

func shared(a, b llm.Capabilities) llm.Capabilities {
	return llm.Capabilities{
		Tools: a.Tools && b.Tools, Vision: a.Vision && b.Vision, Reasoning: a.Reasoning && b.Reasoning,
		FIM: a.FIM && b.FIM, Embeddings: a.Embeddings && b.Embeddings,
	}
}
