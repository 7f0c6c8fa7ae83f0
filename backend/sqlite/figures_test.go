package sqlite_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

func figures(t *testing.T, l *sqlite.Log, since time.Time) requestlog.Figures {
	t.Helper()
	f, err := l.Figures(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFigures_SumUpWhatBeganSince(t *testing.T) {
	l := open(t, file(t), sqlite.Options{})
	midnight := began()
	if got := figures(t, l, midnight); got != (requestlog.Figures{}) {
		t.Errorf("of nothing: %+v", got)
	}
	at := func(id int64, d time.Duration, status int, firstToken time.Duration) requestlog.Exchange {
		x := sample(id, midnight.Add(d))
		x.Status, x.FirstToken, x.Own = status, firstToken, firstToken/10
		x.TokensIn, x.TokensOut = 100, 10
		return x
	}
	yesterday := at(1, -time.Second, 200, time.Hour)
	failed := at(4, 3*time.Hour, 502, 0) // no token came
	failed.TokensIn, failed.TokensOut = -1, -1
	put(t, l, yesterday, at(2, 0, 200, 40*time.Microsecond), at(3, time.Hour, 200, 50*time.Microsecond), failed)

	want := requestlog.Figures{
		Requests: 3, Errors: 1, TokensIn: 200, TokensOut: 20,
		FirstTokenMedian: 40 * time.Microsecond, OwnMedian: 4 * time.Microsecond,
	}
	if d := cmp.Diff(want, figures(t, l, midnight)); d != "" {
		t.Errorf("added as they were written (-want +got):\n%s", d)
	}
	figures(t, l, midnight.Add(-24*time.Hour)) // another stretch: back to this one is read anew
	if d := cmp.Diff(want, figures(t, l, midnight)); d != "" {
		t.Errorf("read from the table (-want +got):\n%s", d)
	}

	put(t, l, at(5, 4*time.Hour, 499, 60*time.Microsecond), at(6, 5*time.Hour, 200, 70*time.Microsecond))
	want.Requests, want.TokensIn, want.TokensOut = 5, 400, 40
	want.FirstTokenMedian, want.OwnMedian = 50*time.Microsecond, 5*time.Microsecond
	if d := cmp.Diff(want, figures(t, l, midnight)); d != "" {
		t.Errorf("two more (-want +got):\n%s", d)
	}
}

func TestFigures_MediansAreRightToOnePartInAHundred(t *testing.T) {
	for _, d := range []time.Duration{
		time.Microsecond, 63 * time.Microsecond, 64 * time.Microsecond, 127 * time.Microsecond, 128 * time.Microsecond,
		999 * time.Microsecond, 12345 * time.Microsecond, time.Second, 90 * time.Second, 3 * time.Hour,
	} {
		l := open(t, file(t), sqlite.Options{})
		x := sample(1, began())
		x.FirstToken = d
		put(t, l, x)
		got := figures(t, l, began()).FirstTokenMedian
		if diff := (got - d).Abs(); diff > d/100 {
			t.Errorf("median of %v is %v", d, got)
		}
	}
}
