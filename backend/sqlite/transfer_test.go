package sqlite_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

func TestReplace_PutsACopyInThePlaceOfAllThatIsHere(t *testing.T) {
	now := time.Now()
	from := open(t, file(t), sqlite.Options{})
	for id := int64(1); id <= 3; id++ {
		from.Put(requestlog.Record{Exchange: sample(id, now), Body: &requestlog.Body{ID: id, Request: []byte("from the copy")}})
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := from.Copy(t.Context(), copied); err != nil { // it writes what waits
		t.Fatal(err)
	}
	if n, err := sqlite.Inspect(t.Context(), copied); n != 3 || err != nil {
		t.Fatalf("the copy has %d exchanges, %v; want 3", n, err)
	}

	to := open(t, file(t), sqlite.Options{})
	other := sample(40, now)
	other.Asked = "gone"
	put(t, to, other)
	to.Put(requestlog.Record{Exchange: sample(41, now)}) // waits to be written
	flush(t, to)
	if err := to.Replace(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	p := list(t, to, requestlog.Query{})
	if got := ids(p); !slices.Equal(got, []int64{3, 2, 1}) || p.Total != 3 {
		t.Errorf("got %v, %d in all, want those of the copy", got, p.Total)
	}
	if to.LastID() != 41 {
		t.Errorf("the last id is %d: one that was given before would be given again", to.LastID())
	}
	index(t, to)
	if p, err := to.List(t.Context(), requestlog.Query{Text: "copy"}); err != nil || len(p.Exchanges) != 3 {
		t.Errorf("bodies of the copy are found %d times, %v", len(p.Exchanges), err)
	}
	// What comes after is written as ever, with words that the copy does not have.
	put(t, to, func() requestlog.Exchange { x := sample(42, now); x.Asked = "gone"; return x }())
	if p := list(t, to, requestlog.Query{}); p.Total != 4 || p.Exchanges[0].Asked != "gone" {
		t.Errorf("got %+v after the copy", p.Exchanges[0])
	}
	if size, err := to.Size(t.Context()); size <= 0 || err != nil {
		t.Errorf("the size is %d, %v", size, err)
	}
}

func TestReplace_WithWhatIsNoLogChangesNothing(t *testing.T) {
	l := open(t, file(t), sqlite.Options{})
	put(t, l, sample(1, time.Now()))
	bad := filepath.Join(t.TempDir(), "bad.db")
	if err := os.WriteFile(bad, []byte("this is no database, whatever its name is"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Inspect(t.Context(), bad); err == nil {
		t.Error("a file that is no log is taken for one")
	}
	if err := l.Replace(t.Context(), bad); err == nil {
		t.Error("it is put in the place of the log")
	}
	if p := list(t, l, requestlog.Query{}); p.Total != 1 {
		t.Errorf("%d exchanges are left, want 1", p.Total)
	}
}
