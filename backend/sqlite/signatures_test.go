package sqlite_test

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

func TestB33_SignaturesSurviveARestart(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	s := l.Signatures()
	s.Keep("call-1", "first")
	s.Keep("call-2", "second")
	s.Keep("call-1", "newer")
	s.Keep("", "nobody's")
	s.Keep("call-3", "")
	flush(t, l)
	l.Close()
	again := open(t, path, sqlite.Options{}).Signatures()
	for call, want := range map[string]string{"call-1": "newer", "call-2": "second", "call-3": "", "": "", "unknown": ""} {
		if got := again.Signature(call); got != want {
			t.Errorf("%s: got %q, want %q", call, got, want)
		}
	}
}

func TestB58_ALockedDatabaseCostsNoSignatureAndNoTime(t *testing.T) {
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
	s := l.Signatures()
	s.Keep("call", "kept")
	if err := l.Flush(t.Context()); err == nil {
		t.Error("a locked database took it")
	}
	if got := s.Signature("call"); got != "kept" {
		t.Errorf("got %q", got)
	}
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	flush(t, l)
	l.Close()
	if got := open(t, path, sqlite.Options{}).Signatures().Signature("call"); got != "kept" {
		t.Errorf("after the lock: %q", got)
	}
}

func TestB57_SignaturesAreBoundedInBytesAndAge(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	s := l.Signatures()
	long := strings.Repeat("x", 64<<10)
	for i := range 300 {
		s.Keep(fmt.Sprintf("call-%d", i), long+strconv.Itoa(i))
	}
	s.Keep("absurd", strings.Repeat("x", 1<<20))
	flush(t, l)
	count := func(s *sqlite.Signatures) (n int) {
		for i := range 300 {
			if s.Signature(fmt.Sprintf("call-%d", i)) != "" {
				n++
			}
		}
		return n
	}
	if n := count(s); n < 100 || n > 128 || s.Signature("call-299") == "" || s.Signature("call-0") != "" || s.Signature("absurd") != "" {
		t.Errorf("%d of 64 KiB are kept", n)
	}
	l.Close()
	l = open(t, path, sqlite.Options{})
	if n := count(l.Signatures()); n < 100 || n > 128 {
		t.Errorf("%d of 64 KiB are kept on disk", n)
	}
	l.Signatures().At(func() time.Time { return time.Now().AddDate(0, 0, 8) })
	l.Signatures().Keep("today", "x")
	flush(t, l)
	l.Close()
	after := open(t, path, sqlite.Options{}).Signatures()
	if n := count(after); n != 0 || after.Signature("today") != "x" {
		t.Errorf("%d are kept after eight days", n)
	}
}

func TestSignatures_AWipeLeavesNone(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	l.Signatures().Keep("call", "signature")
	put(t, l, requestlog.Exchange{ID: 1, Start: began()})
	if err := l.Wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l.Signatures().Signature("call") != "" {
		t.Error("one is in memory")
	}
	l.Close()
	if open(t, path, sqlite.Options{}).Signatures().Signature("call") != "" {
		t.Error("one is in the file")
	}
}

func TestSignatures_ManyAtOnce(t *testing.T) {
	l := open(t, file(t), sqlite.Options{})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				call := fmt.Sprintf("%d-%d", g, i)
				l.Signatures().Keep(call, call)
				if got := l.Signatures().Signature(call); got != call {
					t.Errorf("got %q", got)
				}
				if i%20 == 0 {
					flush(t, l)
				}
			}
		})
	}
	wg.Wait()
}
