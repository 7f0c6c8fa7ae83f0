package route_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/route"
)

func source(id int64, name, prefix string, models ...string) route.Source {
	s := route.Source{
		Upstream: pool.Upstream{Account: account.New(account.Account{ID: id, Name: name, Provider: "p"}, nil)},
		Prefix:   prefix,
	}
	for _, m := range models {
		s.Models = append(s.Models, llm.Model{ID: m})
	}
	return s
}

func build(o route.Options) *route.Table {
	o.State = pool.New(pool.Options{})
	return route.Build(o)
}

// way lists who is offered for name, as account:model.
func way(t *testing.T, table *route.Table, name string) []string {
	t.Helper()
	turn, err := table.Route(name)
	if err != nil {
		return []string{"error " + err.Kind.String()}
	}
	var out []string
	for {
		u, _, _ := turn.Next()
		if u == nil {
			return out
		}
		out = append(out, u.Account.Name+":"+u.Model)
	}
}

func TestTable_FindsWhoAnswers(t *testing.T) {
	table := build(route.Options{
		Sources: []route.Source{
			source(1, "one", "x", "big", "small", "org/deep"),
			source(2, "two", "x", "big"),
			source(3, "three", "y", "big", "only"),
		},
		Aliases: []route.Alias{{Name: "best", Models: []string{"y/only", "x/small", "gone"}}, {Name: "none", Models: []string{"gone"}}},
	})
	for _, c := range []struct {
		name string
		want []string
	}{
		{"x/big", []string{"one:big", "two:big"}},
		{"y/big", []string{"three:big"}},
		{"x/org/deep", []string{"one:org/deep"}},
		{"org/deep", []string{"one:org/deep"}},
		{"only", []string{"three:only"}},
		{"big", []string{"error not_found"}},
		{"best", []string{"three:only", "one:small"}},
		{"none", []string{"error not_found"}},
		{"x/unlisted", []string{"one:unlisted", "two:unlisted"}},
		{"z/unlisted", []string{"error not_found"}},
		{"x/", []string{"error not_found"}},
		{"", []string{"error bad_request"}},
	} {
		if got := way(t, table, c.name); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestB42_ATagThatMeansNoOtherMayBeLeftOut(t *testing.T) {
	table := build(route.Options{Sources: []route.Source{
		source(1, "one", "x", "llama:latest", "qwen:7b", "both:latest", "both"), source(2, "two", "y", "shared:latest"), source(3, "three", "z", "shared:latest"),
	}})
	for name, want := range map[string][]string{
		"llama":          {"one:llama:latest"},
		"x/llama":        {"one:llama:latest"},
		"llama:latest":   {"one:llama:latest"},
		"x/llama:latest": {"one:llama:latest"},
		"both":           {"one:both"},
		"both:latest":    {"one:both:latest"},
		"qwen":           {"error not_found"},
		"shared":         {"error not_found"},
		"y/shared":       {"two:shared:latest"},
	} {
		if got := way(t, table, name); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
		if l, ok := table.Model(name); ok != !strings.HasPrefix(want[0], "error") || ok && !strings.HasSuffix(l.ID, strings.TrimPrefix(want[0], l.Accounts[0]+":")) {
			t.Errorf("%q is listed as %+v, %v", name, l, ok)
		}
	}
}

func TestTable_DefaultModelAnswersNamesNobodyKnows(t *testing.T) {
	table := build(route.Options{Sources: []route.Source{source(1, "one", "x", "big")}, Default: "x/big"})
	for _, name := range []string{"gpt-3.5-turbo", "", "z/y"} {
		if got, want := way(t, table, name), []string{"one:big"}; !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

func TestTable_SaysWhatToAskForInstead(t *testing.T) {
	table := build(route.Options{Sources: []route.Source{source(1, "one", "x", "big"), source(2, "two", "y", "big")}})
	_, err := table.Route("big")
	if err == nil || !strings.Contains(err.Message, "x/big or y/big") {
		t.Errorf("got %v, want both full names", err)
	}
	_, err = build(route.Options{}).Route("big")
	if err == nil || err.Kind != llm.KindUnavailable || !strings.Contains(err.Message, "add one") {
		t.Errorf("with no account: got %v, want advice", err)
	}
}

func TestTable_UnlistedModelsTakeTurnsToo(t *testing.T) {
	table := build(route.Options{Sources: []route.Source{source(1, "one", "x"), source(2, "two", "x")}})
	first := func(name string) string {
		turn, err := table.Route(name)
		if err != nil {
			t.Fatal(err)
		}
		defer turn.Leave()
		u, _, _ := turn.Next()
		return u.Account.Name + ":" + u.Model
	}
	a, b := first("x/m"), first("x/n")
	if a != "one:m" || b != "two:n" {
		t.Errorf("got %s then %s, want one:m then two:n", a, b)
	}
}

func TestTable_ListsEachModelOnceWithItsAccounts(t *testing.T) {
	table := build(route.Options{Sources: []route.Source{source(1, "one", "x", "b", "a"), source(2, "two", "x", "b")}})
	var got []string
	for _, l := range table.Models() {
		got = append(got, l.ID+"="+strings.Join(l.Accounts, "+"))
	}
	if want := []string{"x/a=one", "x/b=one+two"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if l, ok := table.Model("a"); !ok || l.ID != "x/a" {
		t.Errorf("Model(a) = %v, %v", l, ok)
	}
	if _, ok := table.Model("x/c"); ok {
		t.Error("found a model that does not exist")
	}
}

func TestRoute_WhatIsLeftOutSaysWhyAndHasNoStandIn(t *testing.T) {
	t.Parallel()
	o := route.Options{LeftOut: map[string]string{"old": "it ended"}, Default: "a/one", State: pool.New(pool.Options{})}
	o.Sources = []route.Source{source(1, "one", "a", "one")}
	table := route.Build(o)
	_, err := table.Route("old/model")
	if err == nil || err.Kind != llm.KindNotFound || !strings.Contains(err.Message, "it ended") {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"old", "other/model"} {
		if _, err := table.Route(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// An account with that prefix is what its user wants.
	o.Sources = append(o.Sources, source(2, "two", "old", "model"))
	if _, err := route.Build(o).Route("old/model"); err != nil {
		t.Errorf("got %v", err)
	}
}
