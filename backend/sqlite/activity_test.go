package sqlite_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

func activities(t *testing.T, l *sqlite.Log, now time.Time) requestlog.Activities {
	t.Helper()
	out, err := l.Activities(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tried is an exchange with these tries; a kind of "" is one that went well.
func tried(id int64, at time.Time, kinds ...string) requestlog.Exchange {
	x := sample(id, at)
	x.Attempts = nil
	for i, kind := range kinds {
		x.AccountID = int64(i + 1)
		x.Attempts = append(x.Attempts, requestlog.Attempt{
			Provider: x.Provider, Account: x.Account, AccountID: x.AccountID, Model: x.Served, Status: 200, ErrorKind: kind,
		})
	}
	x.Status, x.ErrorKind, x.Error, x.TokensIn, x.TokensOut = 200, "", "", 100, 10
	return x
}

func TestActivities_CountTriesByAccountAndHour(t *testing.T) {
	zone := time.FixedZone("half", 5*3600+1800) // its hours are not the world's
	now := time.Date(2026, 3, 4, 10, 15, 0, 0, zone)
	all := []requestlog.Exchange{
		tried(1, now.Add(-25*time.Hour), ""),                   // out of sight
		tried(2, now.Add(-11*time.Hour), "", ""),               // yesterday
		tried(3, now.Add(-40*time.Minute), "rate", ""),         // the hour before this one
		tried(4, now.Add(-5*time.Minute), "bad_request"),       // the client's fault
		tried(5, now.Add(-time.Minute), "overloaded", "quota"), // nobody answered
		tried(6, now), // nobody was asked
	}
	var first, second requestlog.Activity
	first.Hours[12] = requestlog.Counts{Requests: 1}
	first.Hours[22] = requestlog.Counts{Requests: 1, Failures: 1}
	first.Hours[23] = requestlog.Counts{Requests: 2, Failures: 1, TokensIn: 100, TokensOut: 10}
	first.Today = requestlog.Counts{Requests: 3, Failures: 2, TokensIn: 100, TokensOut: 10}
	second.Hours[12] = requestlog.Counts{Requests: 1, TokensIn: 100, TokensOut: 10}
	second.Hours[22] = requestlog.Counts{Requests: 1, TokensIn: 100, TokensOut: 10}
	second.Hours[23] = requestlog.Counts{Requests: 1, Failures: 1, TokensIn: 100, TokensOut: 10}
	second.Today = requestlog.Counts{Requests: 2, Failures: 1, TokensIn: 200, TokensOut: 20}
	want := requestlog.Activities{1: first, 2: second}

	read := open(t, file(t), sqlite.Options{})
	put(t, read, all...)
	if d := cmp.Diff(want, activities(t, read, now)); d != "" {
		t.Errorf("read from the table (-want +got):\n%s", d)
	}
	added := open(t, file(t), sqlite.Options{})
	if got := activities(t, added, now); len(got) != 0 {
		t.Errorf("of nothing: %+v", got)
	}
	put(t, added, all...)
	if d := cmp.Diff(want, activities(t, added, now)); d != "" {
		t.Errorf("added as they were written (-want +got):\n%s", d)
	}
	if got := activities(t, added, now.Add(30*time.Hour)); len(got) != 0 {
		t.Errorf("a day later: %+v", got)
	}
	if err := added.Wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := activities(t, added, now); len(got) != 0 {
		t.Errorf("after a wipe: %+v", got)
	}
}

func TestKeysUsed_IsTheLastUseOfEachKey(t *testing.T) {
	l := open(t, file(t), sqlite.Options{})
	with := func(id int64, key string, at time.Time) requestlog.Exchange {
		x := sample(id, at)
		x.Key = key
		return x
	}
	put(t, l, with(1, "laptop", began()), with(2, "", began()), with(3, "laptop", began().Add(time.Hour)), with(4, "CI", began()))
	check := func(laptop, ci time.Time) {
		t.Helper()
		used, err := l.KeysUsed(t.Context())
		if err != nil || len(used) != 2 || !used["laptop"].Equal(laptop) || !used["CI"].Equal(ci) {
			t.Errorf("got %v, %v", used, err)
		}
	}
	check(began().Add(time.Hour), began())
	put(t, l, with(5, "CI", began().Add(2*time.Hour)))
	check(began().Add(time.Hour), began().Add(2*time.Hour))
}
