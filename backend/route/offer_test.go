package route_test

import (
	"slices"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/route"
)

func offered(t *route.Table) []string {
	var out []string
	for _, l := range t.Offered() {
		out = append(out, l.ID)
	}
	return out
}

func TestTable_AHiddenModelIsNotOfferedAndStillAnswers(t *testing.T) {
	table := build(route.Options{
		Sources: []route.Source{source(1, "one", "x", "a", "b")},
		Aliases: []route.Alias{{Name: "best", Models: []string{"x/b"}}, {Name: "secret", Models: []string{"x/a"}}},
		Hidden:  []string{"x/b", "secret", "x/gone"},
	})
	if got := offered(table); !slices.Equal(got, []string{"best", "x/a"}) {
		t.Errorf("offered: %q", got)
	}
	for _, name := range []string{"x/b", "b", "secret", "best"} {
		if got := way(t, table, name); len(got) != 1 || got[0] == "error not_found" {
			t.Errorf("%s: %q", name, got)
		}
		if _, ok := table.Model(name); !ok {
			t.Errorf("%s is not described", name)
		}
	}
	if all := table.Models(); len(all) != 2 || all[0].Hidden || !all[1].Hidden {
		t.Errorf("models: %+v", all)
	}
}

func TestTable_AnAliasStandsForOthers(t *testing.T) {
	table := build(route.Options{
		Sources: []route.Source{source(1, "one", "x", "a", "b"), source(2, "two", "y", "c")},
		Aliases: []route.Alias{
			{Name: "any", Models: []string{"fast", "x/b", "best"}},
			{Name: "fast", Models: []string{"x/a", "gone/z"}},
			{Name: "best", Models: []string{"y/c", "fast"}},
			{Name: "round", Models: []string{"about"}},
			{Name: "about", Models: []string{"round"}},
			{Name: "x/b", Models: []string{"x/a"}}, // the model goes before it
		},
	})
	if got := way(t, table, "any"); !slices.Equal(got, []string{"one:a", "one:b", "two:c"}) {
		t.Errorf("any: %q", got)
	}
	if got, known := table.Behind("best"); !known || !slices.Equal(got, []string{"y/c", "x/a"}) {
		t.Errorf("best: %q", got)
	}
	if got := way(t, table, "x/b"); !slices.Equal(got, []string{"one:b"}) {
		t.Errorf("x/b: %q", got)
	}
	if got := offered(table); !slices.Equal(got, []string{"any", "best", "fast", "x/a", "x/b", "y/c"}) {
		t.Errorf("offered: %q", got)
	}
}

func TestTable_AnAliasPromisesWhatEachOfItsModelsKeeps(t *testing.T) {
	one, two := source(1, "one", "x"), source(2, "two", "y")
	one.Models = []llm.Model{{ID: "a", ContextTokens: 200, Can: llm.Capabilities{Tools: true, Vision: true}}}
	two.Models = []llm.Model{{ID: "b", ContextTokens: 100, OutputTokens: 7, Can: llm.Capabilities{Tools: true, FIM: true}}}
	table := build(route.Options{
		Sources: []route.Source{one, two}, Aliases: []route.Alias{{Name: "best", Models: []string{"x/a", "y/b"}}},
	})
	l, ok := table.Model("best")
	if m := l.Model; !ok || l.ID != "best" || m.ContextTokens != 100 || m.OutputTokens != 7 || m.Can != (llm.Capabilities{Tools: true}) {
		t.Errorf("got %+v", l)
	}
	if got, _ := table.Model("x/a"); !slices.Equal(got.AccountIDs, []int64{1}) || table.Full("a") != "x/a" || table.Full("best") != "" {
		t.Errorf("x/a: %+v", got)
	}
}
