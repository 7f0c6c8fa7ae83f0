package daemon

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBudgets_AreReadInTheWordsOfEachService(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	after := now.Add
	for _, c := range []struct {
		name   string
		header map[string]string
		want   []budget
	}{
		{
			"OpenAI",
			map[string]string{
				"x-ratelimit-limit-requests": "60", "x-ratelimit-limit-tokens": "150000", "x-ratelimit-remaining-requests": "59",
				"x-ratelimit-remaining-tokens": "149984", "x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s",
			},
			[]budget{{"requests", "requests", 60, 59, after(time.Second)}, {"tokens", "tokens", 150000, 149984, after(6 * time.Minute)}},
		},
		{
			"Anthropic",
			map[string]string{
				"anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "0",
				"anthropic-ratelimit-requests-reset":         "2026-03-04T05:07:07Z",
				"anthropic-ratelimit-input-tokens-limit":     "40000",
				"anthropic-ratelimit-input-tokens-reset":     "2026-03-04T05:06:08Z",
				"anthropic-ratelimit-output-tokens-limit":    "8000",
				"anthropic-ratelimit-input-tokens-remaining": "39000",
			},
			// Of the output nothing is said to be left.
			[]budget{{"input-tokens", "tokens", 40000, 39000, after(time.Second)}, {"requests", "requests", 50, 0, after(time.Minute)}},
		},
		{
			"Groq",
			map[string]string{
				"x-ratelimit-limit-requests": "14400", "x-ratelimit-remaining-requests": "14370", "x-ratelimit-reset-requests": "2m59.56s",
			},
			[]budget{{"requests", "requests", 14400, 14370, after(179560 * time.Millisecond)}},
		},
		{
			"spans in the name",
			map[string]string{
				"x-ratelimit-limit-requests-day": "1000", "x-ratelimit-remaining-requests-day": "998", "x-ratelimit-reset-requests-day": "33011.382867",
				"x-ratelimit-limit-tokens-minute": "60000", "x-ratelimit-remaining-tokens-minute": "59000", "x-ratelimit-reset-tokens-minute": "11.5",
			},
			[]budget{
				{"requests-day", "requests", 1000, 998, after(time.Duration(33011.382867 * float64(time.Second)))},
				{"tokens-minute", "tokens", 60000, 59000, after(11500 * time.Millisecond)},
			},
		},
		{
			"a clock's milliseconds",
			map[string]string{"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772600800000"},
			[]budget{{"", "", 20, 0, time.UnixMilli(1772600800000)}},
		},
		{
			"a clock's seconds",
			map[string]string{"X-Rate-Limit-Limit": "20", "X-Rate-Limit-Remaining": "7", "X-Rate-Limit-Reset": "1772600800"},
			[]budget{{"", "", 20, 7, time.Unix(1772600800, 0)}},
		},
		{
			"the draft, three fields",
			map[string]string{"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "50", "RateLimit-Reset": "50"},
			[]budget{{"", "", 100, 50, after(50 * time.Second)}},
		},
		{
			"the draft, one field",
			map[string]string{"RateLimit": "limit=100, remaining=50, reset=5"},
			[]budget{{"", "", 100, 50, after(5 * time.Second)}},
		},
		{
			"the draft, a list of items",
			map[string]string{"RateLimit": `"burst";r=10;t=3, "day";r=999`, "RateLimit-Policy": `"burst";q=20;w=60`},
			[]budget{{"burst", "", -1, 10, after(3 * time.Second)}, {"day", "", -1, 999, time.Time{}}},
		},
		{
			"nonsense",
			map[string]string{
				"X-Ratelimit-Remaining-Requests": "many", "X-Ratelimit-Remaining-Tokens": "-4", "X-Ratelimit-Remaining": "NaN",
				"Ratelimit": ";;,=", "Accelerateratelimit-Remaining": "3", "Content-Type": "text/plain",
			},
			[]budget{},
		},
		{
			"a reset that nobody means",
			map[string]string{"X-Ratelimit-Remaining": "1", "X-Ratelimit-Reset": "9e99"},
			[]budget{{"", "", -1, 1, time.Time{}}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := http.Header{}
			for name, value := range c.header {
				h.Set(name, value)
			}
			if d := cmp.Diff(c.want, budgetsOf(h, now), cmp.AllowUnexported(budget{})); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func FuzzBudgets(f *testing.F) {
	f.Add("X-Ratelimit-Reset-Tokens", "6m0s")
	f.Add("Ratelimit", `"a";r=1;t=2`)
	f.Add("Anthropic-Ratelimit-Requests-Remaining", "1e300")
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	f.Fuzz(func(t *testing.T, name, value string) {
		for _, b := range budgetsOf(http.Header{name: {value}, "X-Ratelimit-Remaining": {"5"}, "X-Ratelimit-Limit": {"9"}}, now) {
			q := b.forPool("m")
			if b.left < 0 || q.Remaining > 1 || !b.reset.IsZero() && b.reset.Sub(now).Abs() > 401*24*time.Hour {
				t.Errorf("%q: %q gave %+v", name, value, b)
			}
		}
	})
}

func TestHear_KeepsTheNewestOfEachLimitAndForgetsWhatIsPast(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	k := &known{}
	for i := range 100 {
		b := budget{name: "requests", limit: 100, left: int64(i), reset: now.Add(time.Minute)}
		k.hear(b.shown("m", now), now)
	}
	if len(k.heard) != 1 || *k.heard[0].Left != 99 {
		t.Errorf("got %+v", k.heard)
	}
	for i := range 100 {
		b := budget{name: "tokens", limit: 100, left: 1}
		k.hear(b.shown(string(rune('A'+i)), now), now)
	}
	if n := len(k.heard); n > 60 {
		t.Errorf("%d are kept", n)
	}
	later := now.Add(2 * time.Hour)
	k.hear(budget{name: "last", left: 1, limit: -1}.shown("m", later), later)
	for _, q := range k.heard {
		if q.Name == "requests" {
			t.Errorf("it is past: %+v", q)
		}
	}
}
