package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// aside are the files in the folder of path that were moved aside.
func aside(t *testing.T, path, why string) []string {
	t.Helper()
	names, err := filepath.Glob(strings.TrimSuffix(path, ".db") + "." + why + "-*.db")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestOpen_BeginsAnewWhenTheFileIsDamaged(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"no database":   func([]byte) []byte { return []byte(strings.Repeat("not a database ", 1000)) },
		"zeroed header": func(b []byte) []byte { clear(b[:4096]); copy(b, "SQLite format 3\x00"); return b },
		"cut short":     func(b []byte) []byte { return b[:len(b)/2/4096*4096] },
	} {
		t.Run(name, func(t *testing.T) {
			path := file(t)
			l := open(t, path, sqlite.Options{})
			for id := range int64(800) {
				l.Put(requestlog.Record{Exchange: varied(id + 1)})
			}
			flush(t, l)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(b), 0o600); err != nil {
				t.Fatal(err)
			}

			l = open(t, path, sqlite.Options{})
			put(t, l, sample(1, began()))
			if got := ids(list(t, l, requestlog.Query{})); !slices.Equal(got, []int64{1}) {
				t.Errorf("the new log has %v, want [1]", got)
			}
			if got := aside(t, path, "damaged"); len(got) != 1 {
				t.Errorf("moved aside: %v, want one file", got)
			}
		})
	}
}

func TestLog_BeginsAnewWhenTheFileBreaksWhileInUse(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	for id := range int64(1200) {
		l.Put(requestlog.Record{Exchange: varied(id + 1)})
	}
	flush(t, l)
	if err := l.Close(); err != nil { // everything is in the one file now
		t.Fatal(err)
	}
	l = open(t, path, sqlite.Options{})
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(7 * 4096); at < info.Size()-5*4096; at += 4096 { // pages in the middle
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, 4096), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}

	if _, err := l.List(t.Context(), requestlog.Query{Limit: 1000, Before: 800}); err == nil {
		t.Fatal("reading broken pages gave no error")
	}
	put(t, l, sample(9001, began()))
	if got := ids(list(t, l, requestlog.Query{})); !slices.Equal(got, []int64{9001}) {
		t.Errorf("the new log has %d exchanges, want the one of after", len(got))
	}
	if got := aside(t, path, "damaged"); len(got) != 1 {
		t.Errorf("moved aside: %v, want one file", got)
	}
}

func TestOpen_LeavesTheLogOfANewerVersionAlone(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	put(t, l, sample(1, began()))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	other := raw(t, path)
	if _, err := other.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	other.Close()

	l = open(t, path, sqlite.Options{})
	if p := list(t, l, requestlog.Query{}); len(p.Exchanges) != 0 {
		t.Errorf("the new log has %d exchanges, want none", len(p.Exchanges))
	}
	kept := aside(t, path, "newer")
	if len(kept) != 1 {
		t.Fatalf("moved aside: %v, want one file", kept)
	}
	var n int
	if err := raw(t, kept[0]).QueryRow("SELECT count(*) FROM exchanges").Scan(&n); err != nil || n != 1 {
		t.Errorf("the file that was kept has %d exchanges, %v; want 1", n, err)
	}
}

// raw is somebody else who opens the file.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func TestB58_ALockedDatabaseHoldsUpNobody(t *testing.T) {
	path := file(t)
	written := make(chan struct{}, 100)
	l := open(t, path, sqlite.Options{QueueBytes: 100 << 10, Interval: time.Millisecond, Written: func() { written <- struct{}{} }})
	put(t, l, sample(1, began()))
	<-written
	other := raw(t, path)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()

	start := time.Now()
	for id := range int64(5000) {
		l.Put(requestlog.Record{Exchange: sample(2+id, began())})
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("5000 Puts took %v while the database was locked", took)
	}
	dropped := l.Dropped()
	if dropped < 4000 || dropped >= 5000 {
		t.Errorf("dropped %d of 5000 with room for about 130", dropped)
	}
	if got := ids(list(t, l, requestlog.Query{})); !slices.Equal(got, []int64{1}) {
		t.Errorf("while it is locked the log reads %v, want [1]", got)
	}

	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	<-written
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	p := list(t, l, requestlog.Query{Limit: 1000})
	if got, want := int64(len(p.Exchanges)), 5001-l.Dropped(); got != want || p.Total != want {
		t.Errorf("the log has %d exchanges and counts %d, want %d", got, p.Total, want)
	}
}

func TestB57_TheQueueIsBoundedInBytes(t *testing.T) {
	l := open(t, file(t), sqlite.Options{QueueBytes: 1 << 20})
	for id := range int64(100) {
		l.Put(requestlog.Record{Exchange: sample(id+1, began()), Body: &requestlog.Body{Request: make([]byte, 100<<10)}})
	}
	if got := l.Dropped(); got != 90 {
		t.Errorf("dropped %d of 100 records of 100 KiB with room for 1 MiB, want 90", got)
	}
	flush(t, l)
	l.Put(requestlog.Record{Exchange: sample(101, began()), Body: &requestlog.Body{Request: make([]byte, 900<<10)}})
	flush(t, l)
	if p := list(t, l, requestlog.Query{}); p.Total != 11 || l.Dropped() != 90 {
		t.Errorf("%d written, %d dropped; want room again after a write", p.Total, l.Dropped())
	}
}

func TestLog_AFullDiskLosesWhatThereIsNoRoomForAndNothingElse(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{QueueBytes: 1 << 20})
	put(t, l, sample(1, began()))
	if err := l.LimitPages(t.Context(), 20); err != nil {
		t.Fatal(err)
	}
	big := &requestlog.Body{Request: noise(200 << 10)}
	l.Put(requestlog.Record{Exchange: sample(2, began()), Body: big})
	if err := l.Flush(t.Context()); err == nil {
		t.Fatal("no error from a full disk")
	}
	if got := ids(list(t, l, requestlog.Query{})); !slices.Equal(got, []int64{1}) {
		t.Errorf("the log reads %v, want [1]", got)
	}
	if err := l.LimitPages(t.Context(), 100_000); err != nil {
		t.Fatal(err)
	}
	flush(t, l)
	if _, b, err := l.Get(t.Context(), 2); err != nil || !bytes.Equal(b.Request, big.Request) {
		t.Errorf("what waited for room was not written: %v", err)
	}
	if l.Dropped() != 0 {
		t.Errorf("dropped %d, want none: there was room in the queue", l.Dropped())
	}
}

// noise cannot be compressed.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func TestOpen_WhereThereIsNoFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "requestlog.db")
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names the file", err)
	}
}

func TestOpen_WithAnyName(t *testing.T) {
	for _, name := range []string{"a b.db", "100% ?#&.db", "日志.db"} {
		path := filepath.Join(t.TempDir(), name)
		l := open(t, path, sqlite.Options{})
		put(t, l, sample(1, began()))
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// bytesOnDisk is all that the log has on disk.
func bytesOnDisk(t *testing.T, path string) []byte {
	t.Helper()
	var all []byte
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

func TestB59_ACanaryIsNowhereInTheFile(t *testing.T) {
	const bird = "tweet-said-the-canary"
	redactor := requestlog.NewRedactor(func() []string { return []string{bird} })
	path := file(t)
	l := open(t, path, sqlite.Options{})
	x := requestlog.Record{Exchange: sample(1, began()), Body: &requestlog.Body{
		Request:  []byte(`{"user":"` + bird + `"}`),
		Sent:     []byte("Authorization: Bearer " + bird),
		Response: []byte("upstream does not know " + bird),
	}}
	x.Exchange.Path = "/v1/models?key=" + bird
	x.Exchange.Client = bird
	x.Exchange.Error = "401: " + bird
	x.Exchange.Attempts = append(x.Exchange.Attempts, requestlog.Attempt{Error: "401: " + bird, Reason: bird})
	x.Exchange.Notes = []string{"dropped " + bird}
	redactor.Record(&x)
	l.Put(x)
	flush(t, l)
	if b := bytesOnDisk(t, path); bytes.Contains(b, []byte("tweet")) || !bytes.Contains(b, []byte(requestlog.Redacted)) {
		t.Error("the canary is in the file, or nothing of the record is")
	}
}

func TestWipe_LeavesNothing(t *testing.T) {
	const bird = "a canary of a prompt"
	path := file(t)
	l := open(t, path, sqlite.Options{})
	for id := range int64(500) {
		x := sample(id+1, began())
		x.Error, x.Asked = bird, fmt.Sprint(bird, id)
		l.Put(requestlog.Record{Exchange: x, Body: &requestlog.Body{Request: []byte(bird)}})
	}
	flush(t, l)
	if !bytes.Contains(bytesOnDisk(t, path), []byte(bird)) {
		t.Fatal("the canary never was in the file")
	}
	figures(t, l, began())
	l.Put(requestlog.Record{Exchange: sample(501, began())}) // still waits

	if err := l.Wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(bytesOnDisk(t, path), []byte(bird)) {
		t.Error("the canary is still in the file")
	}
	flush(t, l)
	if p := list(t, l, requestlog.Query{}); len(p.Exchanges) != 0 || p.Total != 0 {
		t.Errorf("after Wipe the log lists %d, counts %d", len(p.Exchanges), p.Total)
	}
	if f := figures(t, l, began()); f.Requests != 0 {
		t.Errorf("after Wipe the figures are %+v", f)
	}
	put(t, l, sample(502, began()))
	if got := ids(list(t, l, requestlog.Query{})); !slices.Equal(got, []int64{502}) {
		t.Errorf("the next exchange: %v, want [502]", got)
	}
}

func TestRetain_ByDays(t *testing.T) {
	l := open(t, file(t), sqlite.Options{})
	day := 24 * time.Hour
	for id := range int64(100) { // one a day, the last of today
		l.Put(requestlog.Record{
			Exchange: sample(id+1, time.Now().Add(-time.Duration(99-id)*day-time.Hour)),
			Body:     &requestlog.Body{Request: []byte("x")},
		})
	}
	flush(t, l)
	if err := l.Retain(t.Context(), 30, 0); err != nil {
		t.Fatal(err)
	}
	p := list(t, l, requestlog.Query{Limit: 1000})
	if len(p.Exchanges) != 30 || p.Exchanges[29].ID != 71 || p.Total != 30 {
		t.Errorf("%d exchanges are left, counted %d; want the last 30", len(p.Exchanges), p.Total)
	}
	if _, b, err := l.Get(t.Context(), 71); err != nil || b == nil {
		t.Errorf("the body of one that stays: %v, %v", b, err)
	}
	if err := l.Retain(t.Context(), 0, 0); err != nil {
		t.Fatal(err)
	}
	if p := list(t, l, requestlog.Query{}); p.Total != 30 {
		t.Errorf("no bounds left %d, want 30", p.Total)
	}
	put(t, l, sample(101, time.Now())) // its traits were known before
	if got := list(t, l, requestlog.Query{}).Exchanges[0]; got.Client != "openai-go" {
		t.Errorf("after Retain the client reads %q", got.Client)
	}
}

func TestB57_RetainKeepsTheFileSmall(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	for id := range int64(1000) {
		l.Put(requestlog.Record{Exchange: varied(id + 1), Body: &requestlog.Body{Request: noise(4000)}})
	}
	flush(t, l)
	if err := l.Retain(t.Context(), 0, 2); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	p := list(t, l, requestlog.Query{})
	if info.Size() > 2<<20 || info.Size() < 1<<20 || p.Total == 0 || p.Exchanges[0].ID != 1000 {
		t.Errorf("the file has %d bytes, the log %d exchanges; want 1 to 2 MiB of the newest", info.Size(), p.Total)
	}
}

func TestLog_NothingElseIsLeftInTheFolder(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	put(t, l, sample(1, began()))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := fs.ReadDir(os.DirFS(filepath.Dir(path)), ".")
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v; want the log alone", entries, err)
	}
}
