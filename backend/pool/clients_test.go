package pool_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

func TestClients_EachKeyAndAllTogetherHaveTheirBounds(t *testing.T) {
	at := time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)
	c := pool.NewClients(func() time.Time { return at })
	all := pool.Pace{PerMinute: 5}
	two := &pool.Allowance{Pace: pool.Pace{PerMinute: 2, InFlight: 1}}
	enter := func(key string, own *pool.Allowance) (*pool.Visit, llm.Kind) {
		v, err := c.Enter(key, all, own)
		if err != nil {
			if err.RetryAfter < time.Second || err.RetryAfter > 62*time.Second {
				t.Errorf("%s is to come back after %s", key, err.RetryAfter)
			}
			return nil, err.Kind
		}
		return v, llm.KindInternal
	}
	first, _ := enter("a", two)
	if v, kind := enter("a", two); v != nil || kind != llm.KindRate {
		t.Errorf("a second one at once: %v", kind)
	}
	if v, _ := enter("b", two); v == nil {
		t.Error("another key waits for the first")
	} else {
		v.Leave(0)
	}
	first.Leave(10)
	second, _ := enter("a", two)
	second.Leave(10)
	if v, _ := enter("a", two); v != nil {
		t.Error("a third one within the minute")
	}
	for range 2 {
		if v, _ := enter("c", &pool.Allowance{}); v == nil {
			t.Error("c has no bounds but those of all")
		}
	}
	if v, _ := enter("c", &pool.Allowance{}); v != nil {
		t.Error("a sixth one of all within the minute")
	}
	at = at.Add(62 * time.Second)
	if v, _ := enter("a", two); v == nil {
		t.Error("a minute later a is turned away")
	}
}

func TestB57_KeysThatAreGoneAreForgotten(t *testing.T) {
	at := time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)
	c := pool.NewClients(func() time.Time { return at })
	own := &pool.Allowance{Pace: pool.Pace{PerDay: 1}}
	for i := range 3000 {
		at = at.Add(time.Hour)
		v, err := c.Enter(strconv.Itoa(i), pool.Pace{}, own)
		if err != nil {
			t.Fatal(err)
		}
		v.Leave(1)
	}
	if n := c.Known(); n > 1024 {
		t.Errorf("%d keys are known", n)
	}
}

func TestAllowance_GlobsNameModels(t *testing.T) {
	for _, c := range []struct {
		globs  []string
		name   string
		behind []string
		want   bool
	}{
		{nil, "x/a", nil, true},
		{[]string{"x/a"}, "x/a", nil, true},
		{[]string{"x/a"}, "x/ab", nil, false},
		{[]string{"x/*"}, "x/ab", nil, true},
		{[]string{"x/*"}, "y/ab", nil, false},
		{[]string{"*-pro"}, "x/gemini-pro", nil, true},
		{[]string{"*-pro"}, "x/gemini-pro-2", nil, false},
		{[]string{"x/*-pro*"}, "x/gemini-pro-2", nil, true},
		{[]string{"a*a"}, "a", nil, false},
		{[]string{"*"}, "x/a", nil, true},
		{[]string{"*"}, "", nil, false},
		{[]string{"best"}, "best", []string{"x/a", "y/b"}, true},
		{[]string{"x/*", "y/*"}, "best", []string{"x/a", "y/b"}, true},
		{[]string{"x/*"}, "best", []string{"x/a", "y/b"}, false},
		{[]string{"x/*"}, "", []string{"x/a"}, true},
	} {
		a := pool.Allowance{Models: c.globs}
		if got := a.Allows(c.name, c.behind...); got != c.want {
			t.Errorf("%q of %q behind %q: got %v", c.globs, c.name, c.behind, got)
		}
	}
}
