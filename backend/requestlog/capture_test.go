package requestlog_test

import (
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

func TestCapture_KeepsTheBeginning(t *testing.T) {
	for _, x := range []struct {
		writes []string
		limit  int
		want   string
		cut    bool
	}{
		{nil, 4, "", false},
		{[]string{"abcd"}, 4, "abcd", false},
		{[]string{"ab", "", "cd"}, 4, "abcd", false},
		{[]string{"abcde"}, 4, "abcd", true},
		{[]string{"abc", "def", "ghi"}, 4, "abcd", true},
		{[]string{"a"}, 0, "", true},
	} {
		c := requestlog.NewCapture(x.limit)
		for _, w := range x.writes {
			if n, err := c.Write([]byte(w)); n != len(w) || err != nil {
				t.Errorf("Write(%q) = %d, %v; want all of it taken", w, n, err)
			}
		}
		if got := string(c.Bytes()); got != x.want || c.Cut() != x.cut {
			t.Errorf("%q at a limit of %d: kept %q, cut %v; want %q, %v", x.writes, x.limit, got, c.Cut(), x.want, x.cut)
		}
	}
}
