package sqlite_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// varied is one of many exchanges: a minute after the one before, of one of
// three providers, and every tenth failed.
func varied(id int64) requestlog.Exchange {
	x := sample(id, began().Add(time.Duration(id)*time.Minute))
	x.Provider = []string{"openaicompat", "gemini", "demo"}[id%3]
	x.Attempts[0].Provider = x.Provider
	x.AccountID = id % 3
	x.Attempts[0].AccountID = x.AccountID
	if id%7 == 0 {
		x.Client = "curl"
	}
	if id%10 == 0 {
		x.Status = []int{500, 404, 499, 429}[id/10%4]
		x.ErrorKind = "upstream"
		x.Error = fmt.Sprintf("upstream answered 50%% of %d_times", id)
	}
	return x
}

func variedLog(t testing.TB, n int64) *sqlite.Log {
	t.Helper()
	l := open(t, file(t), sqlite.Options{QueueBytes: 1 << 30})
	for id := range n {
		l.Put(requestlog.Record{Exchange: varied(id + 1)})
	}
	flush(t, l)
	return l
}

// matching counts the exchanges 1…n for which ok holds.
func matching(n int64, ok func(requestlog.Exchange) bool) (count int64) {
	for id := range n {
		if ok(varied(id + 1)) {
			count++
		}
	}
	return count
}

func TestList_Selects(t *testing.T) {
	const n = 300
	l := variedLog(t, n)
	at := func(minute int) time.Time { return began().Add(time.Duration(minute) * time.Minute) }
	for name, c := range map[string]struct {
		query requestlog.Query
		want  func(requestlog.Exchange) bool
	}{
		"all":              {requestlog.Query{}, func(requestlog.Exchange) bool { return true }},
		"ok":               {requestlog.Query{Class: "ok"}, func(x requestlog.Exchange) bool { return x.Status == 200 }},
		"error":            {requestlog.Query{Class: "error"}, func(x requestlog.Exchange) bool { return x.Status != 200 && x.Status != 499 }},
		"4xx":              {requestlog.Query{Class: "4xx"}, func(x requestlog.Exchange) bool { return x.Status == 404 || x.Status == 429 }},
		"5xx":              {requestlog.Query{Class: "5xx"}, func(x requestlog.Exchange) bool { return x.Status == 500 }},
		"canceled":         {requestlog.Query{Class: "canceled"}, func(x requestlog.Exchange) bool { return x.Status == 499 }},
		"provider":         {requestlog.Query{Provider: "gemini"}, func(x requestlog.Exchange) bool { return x.Provider == "gemini" }},
		"account":          {requestlog.Query{AccountID: 2}, func(x requestlog.Exchange) bool { return x.AccountID == 2 }},
		"client":           {requestlog.Query{Client: "curl"}, func(x requestlog.Exchange) bool { return x.Client == "curl" }},
		"asked":            {requestlog.Query{Model: "work/small"}, func(requestlog.Exchange) bool { return true }},
		"served":           {requestlog.Query{Model: "small"}, func(requestlog.Exchange) bool { return true }},
		"no model":         {requestlog.Query{Model: "smal"}, func(requestlog.Exchange) bool { return false }},
		"text of a client": {requestlog.Query{Text: "CUR"}, func(x requestlog.Exchange) bool { return x.Client == "curl" }},
		"text of an error": {requestlog.Query{Text: `"50% of 20_"`}, func(x requestlog.Exchange) bool { return x.ID == 20 }},
		"text of nothing":  {requestlog.Query{Text: "50%of"}, func(requestlog.Exchange) bool { return false }},
		"from":             {requestlog.Query{From: at(250)}, func(x requestlog.Exchange) bool { return x.ID >= 250 }},
		"to":               {requestlog.Query{To: at(250)}, func(x requestlog.Exchange) bool { return x.ID < 250 }},
		"between":          {requestlog.Query{From: at(100), To: at(200)}, func(x requestlog.Exchange) bool { return x.ID >= 100 && x.ID < 200 }},
		"before the first": {requestlog.Query{To: at(-5)}, func(requestlog.Exchange) bool { return false }},
		"after the last":   {requestlog.Query{From: at(500)}, func(requestlog.Exchange) bool { return false }},
		"all together": {
			requestlog.Query{Class: "error", Provider: "openaicompat", Client: "curl", Text: "upstream", From: at(2)},
			func(x requestlog.Exchange) bool {
				return x.Status != 200 && x.Status != 499 && x.Provider == "openaicompat" && x.Client == "curl"
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var want []int64
			for id := int64(n); id > 0; id-- {
				if c.want(varied(id)) {
					want = append(want, id)
				}
			}
			c.query.Limit = n
			p := list(t, l, c.query)
			if d := cmp.Diff(want, ids(p)); d != "" {
				t.Errorf("ids (-want +got):\n%s", d)
			}
			if p.Total != int64(len(want)) {
				t.Errorf("total %d, want %d", p.Total, len(want))
			}
		})
	}
}

func TestList_Pages(t *testing.T) {
	l := variedLog(t, 25)
	q := requestlog.Query{Limit: 10}
	var pages [][]int64
	for {
		p := list(t, l, q)
		pages = append(pages, ids(p))
		if p.Total != 25 {
			t.Errorf("total %d, want 25", p.Total)
		}
		if q.Before = p.Next; q.Before == 0 {
			break
		}
	}
	want := [][]int64{
		{25, 24, 23, 22, 21, 20, 19, 18, 17, 16},
		{15, 14, 13, 12, 11, 10, 9, 8, 7, 6},
		{5, 4, 3, 2, 1},
	}
	if d := cmp.Diff(want, pages); d != "" {
		t.Errorf("pages (-want +got):\n%s", d)
	}
}

func TestList_OrdersByIDHoweverTheyEnded(t *testing.T) {
	l := open(t, file(t), sqlite.Options{})
	for _, id := range []int64{3, 1, 4, 2} {
		put(t, l, sample(id, began()))
	}
	put(t, l, sample(4, began().Add(time.Hour))) // an id that was there is replaced
	if got := ids(list(t, l, requestlog.Query{})); !slices.Equal(got, []int64{4, 3, 2, 1}) {
		t.Errorf("ids %v, want 4 3 2 1", got)
	}
	if got := l.LastID(); got != 4 {
		t.Errorf("LastID %d, want 4", got)
	}
}

func TestList_HundredThousandRowsStaySmooth(t *testing.T) {
	n := int64(100_000)
	if raced {
		n = 2000
	}
	// Far more than it takes on a busy machine, far less than a scan for each
	// row would take.
	const bearable = 3 * time.Second
	l := variedLog(t, n)
	timed := func(what string, f func()) {
		t.Helper()
		began := time.Now()
		f()
		took := time.Since(began)
		t.Logf("%s: %v", what, took)
		if took > bearable {
			t.Errorf("%s took %v", what, took)
		}
	}

	var worst time.Duration
	var seen int64
	last := n + 1
	q := requestlog.Query{Limit: 1000}
	for {
		began := time.Now()
		p := list(t, l, q)
		worst = max(worst, time.Since(began))
		for _, x := range p.Exchanges {
			if x.ID != last-1 {
				t.Fatalf("after %d comes %d", last, x.ID)
			}
			last = x.ID
			seen++
		}
		if q.Before = p.Next; q.Before == 0 {
			break
		}
	}
	t.Logf("worst page of 1000: %v", worst)
	if seen != n || worst > bearable {
		t.Errorf("paged through %d of %d exchanges, the worst page took %v", seen, n, worst)
	}

	for name, q := range map[string]requestlog.Query{
		"errors of an account": {Class: "error", AccountID: 1},
		"a text in an error":   {Text: "of 770_times"},
		"a text nowhere":       {Text: "no such thing"},
		"an hour":              {From: began().Add(time.Duration(n/2) * time.Minute), To: began().Add(time.Duration(n/2+60) * time.Minute)},
	} {
		timed(name, func() { list(t, l, q) })
	}
	timed("figures", func() {
		f, err := l.Figures(t.Context(), began())
		want := matching(n, func(x requestlog.Exchange) bool { return x.Status != 200 && x.Status != 499 })
		if err != nil || f.Requests != n || f.Errors != want {
			t.Errorf("figures %+v, %v; want %d requests, %d errors", f, err, n, want)
		}
	})
	timed("figures again", func() {
		if _, err := l.Figures(t.Context(), began()); err != nil {
			t.Error(err)
		}
	})
}
