package sqlite_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

func used(t testing.TB, l *sqlite.Log, s requestlog.Stretch) []requestlog.Use {
	t.Helper()
	got, err := l.Used(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b requestlog.Use) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Model, b.Model), cmp.Compare(a.AccountID, b.AccountID), strings.Compare(strconv.FormatBool(a.Counting), strconv.FormatBool(b.Counting)))
	})
	return got
}

func TestUsed_SumsUpByStepAccountAndModel(t *testing.T) {
	l := open(t, file(t), sqlite.Options{})
	from := began()
	stretch := requestlog.Stretch{From: from, Step: time.Minute, Steps: 60}
	if got := used(t, l, stretch); len(got) != 0 {
		t.Errorf("of nothing: %+v", got)
	}
	at := func(id int64, d time.Duration, change func(*requestlog.Exchange)) requestlog.Exchange {
		x := sample(id, from.Add(d))
		x.TokensIn, x.TokensOut, x.TokensCached = 100, 10, 40
		change(&x)
		return x
	}
	as := func(*requestlog.Exchange) {}
	all := []requestlog.Exchange{
		at(1, -time.Second, as), // before
		at(2, 0, as),
		at(3, 59*time.Second, func(x *requestlog.Exchange) { x.Client = "another" }),
		at(4, 59*time.Second, func(x *requestlog.Exchange) {
			x.Status, x.ErrorKind, x.TokensIn, x.TokensOut, x.TokensCached = 502, "network", -1, -1, -1
		}),
		at(5, time.Minute, func(x *requestlog.Exchange) { x.TokensIn, x.TokensOut, x.TokensCached = -1, -1, -1 }),
		at(6, time.Minute, func(x *requestlog.Exchange) { x.AccountID, x.TokensCached = 4, -1 }),
		at(7, time.Minute, func(x *requestlog.Exchange) { x.Path = "/v1/messages/count_tokens" }),
		at(8, time.Hour, as), // after
	}
	put(t, l, all...)
	work := requestlog.Use{Provider: "openaicompat", AccountID: 3, Model: "small"}
	first, untold, other, counting := work, work, work, work
	first.Requests, first.Errors, first.TokensIn, first.TokensOut, first.TokensCached = 3, 1, 200, 20, 80
	untold.At, untold.Requests, untold.Untold = 1, 1, 1
	other.At, other.AccountID, other.Requests, other.TokensIn, other.TokensOut = 1, 4, 1, 100, 10
	counting.At, counting.Requests, counting.Counting, counting.TokensIn, counting.TokensOut, counting.TokensCached = 1, 1, true, 100, 10, 40
	want := []requestlog.Use{first, untold, counting, other}
	if d := gocmp.Diff(want, used(t, l, stretch)); d != "" {
		t.Errorf("added as they were written (-want +got):\n%s", d)
	}
	fresh := open(t, file(t), sqlite.Options{})
	put(t, fresh, all...)
	if d := gocmp.Diff(want, used(t, fresh, stretch)); d != "" {
		t.Errorf("read from the table (-want +got):\n%s", d)
	}
	later := requestlog.Stretch{From: from.Add(time.Minute), Step: time.Minute, Steps: 60}
	got := used(t, l, later) // the minute that ends at an hour has come in
	if len(got) != 4 || got[0].At != 0 || got[3].At != 59 {
		t.Errorf("a minute later: %+v", got)
	}
	if err := l.Wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := used(t, l, stretch); len(got) != 0 {
		t.Errorf("of a log that was wiped: %+v", got)
	}
}

// BenchmarkUsed reads a week with 100,000 exchanges: the overview asks for it
// while requests run, and 50 ms are what nobody notices.
func BenchmarkUsed(b *testing.B) {
	l := open(b, file(b), sqlite.Options{QueueBytes: 1 << 30})
	const many = 100_000
	from := began()
	step := 7 * 24 * time.Hour / many
	for i := range int64(many) {
		x := sample(i+1, from.Add(time.Duration(i)*step))
		x.AccountID, x.Served = i%7, fmt.Sprintf("model-%d", i%12)
		x.TokensCached = int(i % 200)
		l.Put(requestlog.Record{Exchange: x})
	}
	flush(b, l)
	for _, s := range []requestlog.Stretch{
		{From: from.Add(167 * time.Hour), Step: time.Minute, Steps: 60},
		{From: from.Add(144 * time.Hour), Step: 15 * time.Minute, Steps: 96},
		{From: from, Step: 2 * time.Hour, Steps: 84},
	} {
		b.Run("first/"+s.Step.String(), func(b *testing.B) {
			for b.Loop() {
				s.From = s.From.Add(-time.Microsecond) // as nobody asked before
				used(b, l, s)
			}
		})
		b.Run("again/"+s.Step.String(), func(b *testing.B) {
			used(b, l, s)
			b.ResetTimer()
			for b.Loop() {
				used(b, l, s)
			}
		})
	}
}
