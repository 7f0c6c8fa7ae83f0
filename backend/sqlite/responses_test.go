package sqlite_test

import (
	"bytes"
	"database/sql"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

func response(id, previous, conversation string, body string) sqlite.Response {
	return sqlite.Response{
		ID: id, Key: "key", Previous: previous, Conversation: conversation, At: time.Now().Truncate(time.Microsecond),
		Input: []byte(`[{"role":"user","content":"hi"}]`), Body: []byte(body),
	}
}

func TestResponses_ThoseThatAreSavedSurviveARestart(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	s := l.Responses()
	long := `{"output":"` + strings.Repeat("word ", 2000) + `"}`
	saved, seen, deleted := response("saved", "", "c", long), response("seen", "saved", "c", "{}"), response("deleted", "", "d", "{}")
	for _, r := range []sqlite.Response{saved, deleted} {
		s.Put(r)
		s.Save(r)
	}
	s.Put(seen)
	flush(t, l)
	s.Delete("deleted")
	if _, ok := s.Get("deleted"); ok {
		t.Error("it is there although it was deleted")
	}
	flush(t, l)
	l.Close()
	again := open(t, path, sqlite.Options{}).Responses()
	got, ok := again.Get("saved")
	if !ok || string(got.Body) != long || !bytes.Equal(got.Input, saved.Input) || got.Key != "key" || got.Conversation != "c" || !got.At.Equal(saved.At) {
		t.Errorf("got %v, %+v", ok, got)
	}
	for _, id := range []string{"seen", "deleted", "never"} {
		if _, ok := again.Get(id); ok {
			t.Errorf("%s is there after a restart", id)
		}
	}
}

func TestB57_ResponsesInMemoryAreBounded(t *testing.T) {
	l := open(t, file(t), sqlite.Options{})
	s := l.Responses()
	big := `{"output":"` + strings.Repeat("x", 1<<20) + `"}`
	for i := range 40 {
		s.Put(response(strconv.Itoa(i), "", strconv.Itoa(i), big))
		s.Get("0") // its conversation goes on
	}
	known := 0
	for i := range 40 {
		if _, ok := s.Get(strconv.Itoa(i)); ok {
			known++
		}
	}
	if _, ok := s.Get("0"); known > 16 || known < 10 || !ok {
		t.Errorf("%d of 40 MiB are in memory, and the one in use: %v", known, ok)
	}
}

func TestB58_ALockedDatabaseCostsNoResponseAndNoTime(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	s, r := l.Responses(), response("a", "", "c", "{}")
	s.Put(r)
	s.Save(r)
	if err := l.Flush(t.Context()); err == nil {
		t.Error("a locked database took it")
	}
	if _, ok := s.Get("a"); !ok {
		t.Error("it is not known")
	}
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	flush(t, l)
	l.Close()
	if _, ok := open(t, path, sqlite.Options{}).Responses().Get("a"); !ok {
		t.Error("it was lost")
	}
}

func TestRetain_ForgetsWholeConversationsTheOldestFirst(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	s := l.Responses()
	old, kept, last := response("old", "", "old", "{}"), response("kept", "", "live", "{}"), response("last", "kept", "live", "{}")
	old.At, kept.At = time.Now().AddDate(0, 0, -40), time.Now().AddDate(0, 0, -40)
	for _, r := range []sqlite.Response{old, kept, last} {
		s.Save(r)
	}
	flush(t, l)
	if err := l.Retain(t.Context(), 30, 0); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"old": false, "kept": true, "last": true} {
		if _, ok := s.Get(id); ok != want {
			t.Errorf("%s is there: %v", id, ok)
		}
	}
	for i := range 40 {
		r := response(strconv.Itoa(i), "", strconv.Itoa(i), string(noise(64<<10)))
		r.At = r.At.Add(time.Duration(i) * time.Second)
		s.Save(r)
	}
	flush(t, l)
	if err := l.Retain(t.Context(), 0, 4); err != nil {
		t.Fatal(err)
	}
	l.Close()
	again := open(t, path, sqlite.Options{}).Responses()
	_, first := again.Get("0")
	_, newest := again.Get("39")
	if first || !newest {
		t.Errorf("the first of 40 is there: %v, the last: %v", first, newest)
	}
}

func TestWipe_ForgetsResponsesAndLeavesNothingOfThem(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	s, r := l.Responses(), response("a", "", "c", `{"x":"canary-of-a-response"}`)
	s.Put(r)
	s.Save(r)
	flush(t, l)
	if err := l.Wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get("a"); ok {
		t.Error("it is still known")
	}
	l.Close()
	raw, err := os.ReadFile(path)
	if err != nil || bytes.Contains(raw, []byte("canary-of-a-response")) {
		t.Errorf("the file still has it: %v", err)
	}
}
