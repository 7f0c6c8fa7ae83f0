package route_test

import (
	"slices"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/route"
)

func TestTable_SaysWhatStandsBehindAName(t *testing.T) {
	table := build(route.Options{
		Sources: []route.Source{source(1, "one", "x", "big", "same"), source(2, "two", "y", "same")},
		Aliases: []route.Alias{{Name: "best", Models: []string{"x/big", "y/unlisted", "gone/one"}}}, Default: "x/big",
	})
	for _, c := range []struct {
		name  string
		want  []string
		known bool
	}{
		{"x/big", []string{"x/big"}, true},
		{"big", []string{"x/big"}, true},
		{"y/unlisted", []string{"y/unlisted"}, true},
		{"best", []string{"x/big", "y/unlisted"}, true},
		{"same", []string{"x/big"}, false},
		{"gone/one", []string{"x/big"}, false},
		{"", []string{"x/big"}, false},
	} {
		if got, known := table.Behind(c.name); !slices.Equal(got, c.want) || known != c.known {
			t.Errorf("%q: got %q, %v", c.name, got, known)
		}
	}
}
