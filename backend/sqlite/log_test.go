package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// began is the start of the first exchange in most tests.
func began() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local) }

func open(t testing.TB, path string, o sqlite.Options) *sqlite.Log {
	t.Helper()
	l, err := sqlite.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func file(t testing.TB) string { return filepath.Join(t.TempDir(), "requestlog.db") }

func flush(t testing.TB, l *sqlite.Log) {
	t.Helper()
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// put writes the exchanges and waits until they are on disk.
func put(t testing.TB, l *sqlite.Log, exchanges ...requestlog.Exchange) {
	t.Helper()
	for _, x := range exchanges {
		l.Put(requestlog.Record{Exchange: x})
	}
	flush(t, l)
}

func list(t testing.TB, l *sqlite.Log, q requestlog.Query) requestlog.Page {
	t.Helper()
	page, err := l.List(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func ids(p requestlog.Page) []int64 {
	var n []int64
	for _, x := range p.Exchanges {
		n = append(n, x.ID)
	}
	return n
}

// fill sets every field of v, so that a new one is not forgotten.
func fill(v reflect.Value, seed int) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(began()))
		return
	case time.Duration:
		v.SetInt(int64(time.Duration(seed) * time.Millisecond))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("word ", seed))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(seed))
	case reflect.Float64:
		v.SetFloat(float64(seed) + 0.125)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), seed)
		fill(v.Index(1), seed+100)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), seed+i)
		}
	default:
		panic("a kind of field that no column can hold: " + v.Kind().String())
	}
}

func TestRule_EveryFieldOfAnExchangeHasAColumn(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	var want requestlog.Exchange
	fill(reflect.ValueOf(&want).Elem(), 1)
	want.ID = 7
	put(t, l, want)

	got, body, err := l.Get(t.Context(), 7)
	if err != nil || body != nil {
		t.Fatalf("Get: body %v, error %v; want neither", body, err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("after the disk (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]requestlog.Exchange{want}, list(t, l, requestlog.Query{}).Exchanges); d != "" {
		t.Errorf("in the list (-want +got):\n%s", d)
	}
}

func TestLog_KeepsAnOrdinaryExchange(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	want := sample(1, began())
	running := requestlog.Exchange{ID: 2, Start: began(), TokensIn: -1, TokensOut: -1, TokensCached: -1, TokensReasoning: -1}
	put(t, l, want, running)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	l = open(t, path, sqlite.Options{})
	if got := l.LastID(); got != 2 {
		t.Errorf("LastID %d, want 2", got)
	}
	if d := cmp.Diff([]requestlog.Exchange{running, want}, list(t, l, requestlog.Query{}).Exchanges); d != "" {
		t.Errorf("after opening it again (-want +got):\n%s", d)
	}
}

func TestLog_KeepsAnAttemptThatDiffers(t *testing.T) {
	for name, change := range map[string]func(*requestlog.Exchange){
		"none":           func(x *requestlog.Exchange) { x.Attempts = nil },
		"another status": func(x *requestlog.Exchange) { x.Attempts[0].Status = 503 },
		"another model":  func(x *requestlog.Exchange) { x.Attempts[0].Model = "large" },
		"an error":       func(x *requestlog.Exchange) { x.Attempts[0].Error = "reset by peer" },
		"two":            func(x *requestlog.Exchange) { x.Attempts = append(x.Attempts, x.Attempts[0]) },
		"at once":        func(x *requestlog.Exchange) { x.Attempts[0].StartMs, x.Attempts[0].DurationMs = 0, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, file(t), sqlite.Options{})
			want := sample(1, began())
			change(&want)
			put(t, l, want)
			got, _, err := l.Get(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("after the disk (-want +got):\n%s", d)
			}
		})
	}
}

func TestLog_KeepsBodies(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	want := &requestlog.Body{
		ID:      1,
		Request: []byte(strings.Repeat(`{"role":"user","content":"hello"}`, 4000)), RequestCut: true,
		Sent:         []byte("short"),
		Response:     []byte(strings.Repeat("data: {}\n\n", 4000)),
		ResponseCut:  true,
		ResponseType: "text/event-stream",
	}
	l.Put(requestlog.Record{Exchange: sample(1, began()), Body: want})
	l.Put(requestlog.Record{Exchange: sample(2, began()), Body: &requestlog.Body{ID: 2}})
	flush(t, l)

	_, got, err := l.Get(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("body (-want +got):\n%s", d)
	}
	if _, got, err := l.Get(t.Context(), 2); err != nil || got == nil {
		t.Errorf("empty body: %v, %v; want one", got, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 96<<10 {
		t.Errorf("the file holds %d bytes for 170,000 bytes of repetition, error %v; want it compressed", info.Size(), err)
	}
}

func TestLog_GetOfNothing(t *testing.T) {
	l := open(t, file(t), sqlite.Options{})
	if _, _, err := l.Get(t.Context(), 1); !errors.Is(err, requestlog.ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
	if p := list(t, l, requestlog.Query{}); len(p.Exchanges) != 0 || p.Next != 0 || p.Total != 0 {
		t.Errorf("an empty log lists %+v", p)
	}
}

func TestRun_WritesAtOnceAndDrainsAtTheEnd(t *testing.T) {
	written := make(chan struct{}, 100)
	l := open(t, file(t), sqlite.Options{
		Interval: time.Hour, // so that only the first batch is written before the end
		Written:  func() { written <- struct{}{} },
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()

	l.Put(requestlog.Record{Exchange: sample(1, began())})
	<-written
	if got := ids(list(t, l, requestlog.Query{})); !cmp.Equal(got, []int64{1}) {
		t.Errorf("after the first batch the log has %v, want [1]", got)
	}
	l.Put(requestlog.Record{Exchange: sample(2, began())})
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := ids(list(t, l, requestlog.Query{})); !cmp.Equal(got, []int64{2, 1}) {
		t.Errorf("at the end the log has %v, want [2 1]", got)
	}
}
