package main

import (
	"strings"
	"testing"
)

func TestJudge_ComparesRoundByRound(t *testing.T) {
	r := results{}
	for i, load := range []float64{1, 3, 2} { // The machine was busy with something else.
		r.record("a", "cpu", ours, 80*load)
		r.record("a", "cpu", rp, 100*load+float64(i))
	}
	list := []bar{{row: "a", metric: "cpu", than: rp, limit: 0.8}, {row: "never measured", metric: "cpu"}}
	verdicts := judge(r, list, 1)
	if len(verdicts) != 1 || !verdicts[0].OK || verdicts[0].Got > 0.8 {
		t.Errorf("got %+v, want one line that holds", verdicts)
	}
}

func TestJudge_FindsWhatMissesItsBar(t *testing.T) {
	for name, c := range map[string]struct {
		bar    bar
		values []float64
		widen  float64
		want   bool
	}{
		"at the limit":          {bar{limit: 65}, []float64{65}, 1, true},
		"above it":              {bar{limit: 65}, []float64{66}, 1, false},
		"above it, but short":   {bar{limit: 65}, []float64{66}, 1.5, true},
		"below the least":       {bar{limit: 10, atLeast: true}, []float64{9}, 1, false},
		"above the least":       {bar{limit: 10, atLeast: true}, []float64{11}, 1, true},
		"below, but short":      {bar{limit: 10, atLeast: true}, []float64{9}, 1.5, true},
		"one bad round of many": {bar{limit: 20}, []float64{1, 50, 1}, 1, true},
		"the worst round":       {bar{limit: 20, worst: true}, []float64{1, 50, 1}, 1, false},
		"a wrong answer":        {bar{exact: true}, []float64{1}, 1.5, false},
		"no wrong answer":       {bar{exact: true}, []float64{0}, 1.5, true},
		"no bar":                {bar{}, []float64{1e9}, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := results{}
			for _, v := range c.values {
				r.record("", "", ours, v)
			}
			if got := judge(r, []bar{c.bar}, c.widen)[0].OK; got != c.want {
				t.Errorf("holds: %v, want %v", got, c.want)
			}
		})
	}
}

func TestBars_NameRowsThatExist(t *testing.T) {
	names := map[string]bool{answersRow: true}
	for _, r := range rows() {
		names[r.name] = true
	}
	for _, b := range bars() {
		if !names[b.row] {
			t.Errorf("bar %q is about row %q, which nobody measures", b.title, b.row)
		}
	}
}

func TestPutBetween_ReplacesTheTableAlone(t *testing.T) {
	const text = "before\n" + markBegin + "\nold\n" + markEnd + "\nafter\n"
	got, err := putBetween(text, "new\n")
	if want := strings.Replace(text, "old", "new", 1); err != nil || got != want {
		t.Errorf("got %q and %v, want %q", got, err, want)
	}
	if _, err := putBetween("no marks", "new\n"); err == nil {
		t.Error("a text without marks is accepted")
	}
}
