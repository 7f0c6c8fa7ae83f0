// Package route turns the model's name that a client sent into the pools that
// can answer it.
//
// The invariant: a Table is never changed; a new one is built from the
// configuration and swapped in whole, so that a request sees one state of it.
package route

import (
	"cmp"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// Source is one account's contribution: an upstream without a model, the prefix
// its models get, and the models that are known.
type Source struct {
	// Upstream's Model is empty.
	Upstream pool.Upstream
	// Prefix stands before each model's name, as in prefix/model.
	Prefix string
	Models []llm.Model
}

// Alias is a name that stands for models, tried in their order.
type Alias struct {
	Name   string
	Models []string
}

// Options are what a Table is built from. Sources are in the order of the
// configuration; one whose account is switched off is named where others of its
// pools are, and adds no model of its own.
type Options struct {
	Sources []Source
	Aliases []Alias
	// Default answers names that nobody knows; "" leaves them unknown.
	Default string
	// Hidden are full names of models, and aliases, that are not offered.
	Hidden []string
	// LeftOut are prefixes that are not served, each with the reason for the
	// person who asks for one: no default model stands in for it.
	LeftOut map[string]string
	// State is what the pools know of accounts and carry over from the last
	// Table; needed. Policy is how they choose.
	State  *pool.State
	Policy pool.Policy
}

// Listed is one line of the model list.
type Listed struct {
	// ID is prefix/model, as clients ask for it.
	ID    string
	Model llm.Model
	// Accounts are those that serve it, in order.
	Accounts []string
	// AccountIDs are theirs.
	AccountIDs []int64
	// Provider is the kind of the first of them.
	Provider string
	// Hidden says that it is not offered, and answers all the same.
	Hidden bool
}

// untagged is the tag of a model that is asked for without one, in the words of
// Ollama and of services like it.
const untagged = ":latest"

// Table maps names to pools.
type Table struct {
	exact map[string]*pool.Pool
	// short maps a model's bare name to its only full one; "" marks a name that
	// several prefixes share.
	short    map[string]string
	prefixes map[string]*pool.Group
	// aliases are the models that a name stands for, through other aliases.
	aliases  map[string][]string
	leftOut  map[string]string
	fallback string
	list     []Listed
	// named are the aliases that somebody answers, as lines of the list; offered
	// are what clients are shown.
	named, offered []Listed
}

// Build makes a Table. It does not fail: an alias to a model that nobody has
// answers with an error when it is asked for.
func Build(o Options) *Table {
	t := &Table{
		exact: map[string]*pool.Pool{}, short: map[string]string{}, prefixes: map[string]*pool.Group{},
		aliases: map[string][]string{}, fallback: o.Default, leftOut: o.LeftOut,
	}
	members, groups := map[string][]pool.Upstream{}, map[string][]pool.Upstream{}
	at := map[string]int{}
	on := map[string]bool{}
	for _, s := range o.Sources {
		off := s.Upstream.Terms != nil && s.Upstream.Terms.Off
		on[s.Prefix] = on[s.Prefix] || !off
		groups[s.Prefix] = append(groups[s.Prefix], s.Upstream)
		for _, m := range s.Models {
			id := join(s.Prefix, m.ID)
			u := s.Upstream
			u.Model = m.ID
			members[id] = append(members[id], u)
			if off {
				continue
			}
			i, ok := at[id]
			if !ok {
				i = len(t.list)
				at[id] = i
				t.list = append(t.list, Listed{ID: id, Model: m, Provider: u.Account.Provider})
				t.shorten(m.ID, id)
			}
			t.list[i].Accounts = append(t.list[i].Accounts, u.Account.Name)
			t.list[i].AccountIDs = append(t.list[i].AccountIDs, u.Account.ID)
		}
	}
	pools := o.State.Rebuild()
	for id := range at { // a model of accounts that are off alone is nobody's
		t.exact[id] = pools.Pool(id, o.Policy, members[id])
	}
	for prefix, us := range groups {
		if on[prefix] {
			t.prefixes[prefix] = pools.Group(prefix, o.Policy, us)
		}
	}
	pools.Done()
	slices.SortStableFunc(t.list, byID)
	t.spread(o.Aliases)
	t.offer(o.Aliases, o.Hidden)
	return t
}

func (t *Table) shorten(model, id string) {
	if known, ok := t.short[model]; ok && known != id {
		t.short[model] = ""
		return
	}
	t.short[model] = id
}

func join(prefix, model string) string {
	if prefix == "" {
		return model
	}
	return prefix + "/" + model
}

// Models are those of all accounts, hidden ones among them, sorted by ID; the
// caller must not change them.
func (t *Table) Models() []Listed { return t.list }

// Model finds what answers a name, hidden or not: a model by its ID, an alias, or
// a model by its bare name where that is unique.
func (t *Table) Model(name string) (Listed, bool) {
	if _, exact := t.exact[name]; !exact {
		if l, ok := lineOf(t.named, name); ok {
			return l, true
		}
	}
	return lineOf(t.list, t.listed(name))
}

func lineOf(list []Listed, id string) (Listed, bool) {
	i, ok := slices.BinarySearchFunc(list, id, func(l Listed, id string) int { return cmp.Compare(l.ID, id) })
	if !ok {
		return Listed{}, false
	}
	return list[i], true
}

func byID(a, b Listed) int { return cmp.Compare(a.ID, b.ID) }

// Route finds who may answer name: an exact model, an alias, a model of a known
// prefix that its account does not list, a bare name that is unique, the
// default model, which does not stand in for what was left out; in that order.
func (t *Table) Route(name string) (pool.Turn, *llm.Error) {
	if p, ok := t.exact[name]; ok {
		return pool.Begin(p), nil
	}
	if pools := t.find(name); pools != nil {
		return pool.Begin(pools[0], pools[1:]...), nil
	}
	if e := t.refused(name); e != nil {
		return pool.Turn{}, e
	}
	if t.fallback != "" {
		if pools := t.find(t.fallback); pools != nil {
			return pool.Begin(pools[0], pools[1:]...), nil
		}
	}
	return pool.Turn{}, t.unknown(name)
}

// find does not look at the default model.
func (t *Table) find(name string) []*pool.Pool {
	if p, ok := t.exact[name]; ok {
		return []*pool.Pool{p}
	}
	if models, ok := t.aliases[name]; ok {
		var pools []*pool.Pool
		for _, m := range models {
			if p := t.one(m); p != nil {
				pools = append(pools, p)
			}
		}
		return pools
	}
	if p := t.one(name); p != nil {
		return []*pool.Pool{p}
	}
	return nil
}

// listed is the full name of a model on the list, which may be asked for without
// its prefix and without the tag that means no other; "" is none.
func (t *Table) listed(name string) string {
	if _, ok := t.exact[name]; ok {
		return name
	}
	if id, ok := t.short[name]; ok {
		return id
	}
	if _, ok := t.exact[name+untagged]; ok {
		return name + untagged
	}
	return t.short[name+untagged]
}

// one finds the pool of one model, which is not an alias.
func (t *Table) one(name string) *pool.Pool {
	if id := t.listed(name); id != "" {
		return t.exact[id]
	}
	prefix, model, ok := strings.Cut(name, "/")
	if !ok || model == "" {
		return nil
	}
	g, ok := t.prefixes[prefix]
	if !ok {
		return nil
	}
	return g.Open(model)
}

func (t *Table) unknown(name string) *llm.Error {
	e := &llm.Error{Kind: llm.KindNotFound, Code: "model_not_found", Param: "model"}
	switch {
	case len(t.list) == 0 && len(t.prefixes) == 0:
		e.Kind, e.Code = llm.KindUnavailable, "no_accounts"
		e.Message = "no account is ready: add one, or turn on the demo provider, then ask again"
	case name == "":
		e.Kind, e.Code = llm.KindBadRequest, "missing_model"
		e.Message = "the request names no model and no default model is set; GET /v1/models lists what there is"
	default:
		e.Message = "the model '" + clip(name) + "' does not exist here" + t.hint(name) + "; GET /v1/models lists what there is"
	}
	return e
}

// refused says why a prefix is not served; nil where nobody left it out.
func (t *Table) refused(name string) *llm.Error {
	prefix, _, ok := strings.Cut(name, "/")
	why, out := t.leftOut[prefix]
	if !ok || !out {
		return nil
	}
	return &llm.Error{
		Kind: llm.KindNotFound, Code: "model_not_found", Param: "model",
		Message: "the model '" + clip(name) + "' is not served: " + why,
	}
}

// hint names the full names of a bare one that several prefixes share.
func (t *Table) hint(name string) string {
	if full, ok := t.short[name]; !ok || full != "" {
		return ""
	}
	var ids []string
	for _, l := range t.list {
		if l.Model.ID == name {
			ids = append(ids, l.ID)
		}
	}
	return " under that name alone: ask for " + strings.Join(ids, " or ")
}

// clip keeps an absurd name out of messages.
func clip(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
