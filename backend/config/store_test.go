package config_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

func TestUpdate_ThatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	const text = `{"version": 1, "port": 1234}`
	path := write(t, text)
	s := open(t, path)
	s.Subscribe(func(_, _ *config.Config) { t.Error("a subscriber was called") })
	before := asJSON(t, s.Snapshot())
	var e *config.Error
	err := s.Update(func(c *config.Config) error { c.Server.MaxBodyMB = -1; return nil })
	if !errors.As(err, &e) || e.Field != "server.maxBodyMB" {
		t.Errorf("got %v", err)
	}
	if err := s.Update(func(c *config.Config) error { c.Port = 1; return os.ErrClosed }); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := s.Update(func(*config.Config) error { return nil }); err != nil {
		t.Errorf("no change: %v", err)
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	err = s.Update(func(c *config.Config) error { c.Port = 1; return nil })
	if !errors.Is(err, atomicfile.ErrReadOnly) || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("read-only: got %v", err)
	}
	if asJSON(t, s.Snapshot()) != before || read(t, path) != text {
		t.Error("something was changed")
	}
}

func TestUpdate_RefusesToWriteOverAnErrorOfTheUser(t *testing.T) {
	t.Parallel()
	path := write(t, `{"version": 1}`)
	s := open(t, path)
	put(t, path, "{\n oops")
	err := s.Update(func(c *config.Config) error { c.Port = 1; return nil })
	if err == nil || !strings.Contains(err.Error(), "config.json:2: ") || read(t, path) != "{\n oops" {
		t.Errorf("got %v", err)
	}
}

func TestUpdate_TakesInWhatAnotherWroteMeanwhile(t *testing.T) {
	t.Parallel()
	path := write(t, `{"version": 1}`)
	s := open(t, path)
	put(t, path, `{"version": 1, "demo": true} // mine`)
	update(t, s, func(c *config.Config) { c.Port = 99 })
	if c := s.Snapshot(); !c.Demo || c.Port != 99 || !strings.HasSuffix(read(t, path), "// mine") {
		t.Errorf("got %s", read(t, path))
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(c *config.Config) { c.Port = 98 })
	if got := read(t, path); !strings.Contains(got, `"demo": true`) || !strings.HasSuffix(got, "// mine") {
		t.Errorf("after a deletion: got %s", got)
	}
}

func TestSnapshot_IsSharedWithNobody(t *testing.T) {
	t.Parallel()
	s := open(t, write(t, `{"version": 1, "routing": {"aliases": [{"name": "a", "models": ["b"]}]},
		"server": {"allowedHosts": ["h"], "allowedOrigins": ["https://o"]}, "keys": [{"id": 1, "name": "k"}], "codegeex": {"token": "t"},
		"accounts": [{"id": 1, "provider": "p", "name": "n", "models": ["m"], "settings": {"a": "b"}}]}`))
	before := asJSON(t, s.Snapshot())
	_ = s.Update(func(c *config.Config) error {
		scribble(reflect.ValueOf(c).Elem())
		return errors.New("no")
	})
	if got := asJSON(t, s.Snapshot()); got != before || s.Snapshot().Imported[0].Key != "t" {
		t.Errorf("the snapshot changed:\n%s", got)
	}
}

// scribble overwrites everything that can be reached.
func scribble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				scribble(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			scribble(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			v.SetMapIndex(k, reflect.ValueOf("scribble"))
		}
	case reflect.String:
		v.SetString("scribble")
	case reflect.Int, reflect.Int64:
		v.SetInt(77)
	}
}

func TestSubscribe_TellsOfEachChangeInOrder(t *testing.T) {
	t.Parallel()
	s := open(t, write(t, `{"version": 1}`))
	var mu sync.Mutex
	last, calls := 8080, 0
	cancel := s.Subscribe(func(old, updated *config.Config) {
		mu.Lock()
		defer mu.Unlock()
		if old.Port != last {
			t.Errorf("old port %d, want %d", old.Port, last)
		}
		last = updated.Port
		calls++
	})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { update(t, s, func(c *config.Config) { c.Port = 1000 + i }) })
	}
	wg.Wait()
	if last != s.Snapshot().Port || calls != 20 {
		t.Errorf("got %d calls, the last with port %d", calls, last)
	}
	cancel()
	update(t, s, func(c *config.Config) { c.Port = 5 })
	if calls != 20 {
		t.Error("called after cancel")
	}
}

// watched runs the store until the test ends and gives its changes.
func watched(t *testing.T, s *config.Store) <-chan *config.Config {
	t.Helper()
	changes := make(chan *config.Config, 100)
	s.Subscribe(func(_, updated *config.Config) { changes <- updated })
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return changes
}

func wantPort(t *testing.T, changes <-chan *config.Config, port int) {
	t.Helper()
	limit := time.After(5 * time.Second)
	for {
		select {
		case c := <-changes:
			if c.Port == port {
				return
			}
		case <-limit:
			t.Fatalf("port %d did not come", port)
		}
	}
}

func TestRun_TakesOverEditsOfEveryKind(t *testing.T) {
	t.Parallel()
	path := write(t, `{"version": 1, "port": 1}`)
	s := open(t, path)
	changes := watched(t, s)
	text := func(port int) string { return fmt.Sprintf(`{"version": 1, "port": %d}`, port) }

	put(t, path, text(2)) // in place; or before the watch began
	wantPort(t, changes, 2)

	put(t, path+".tmp", text(3)) // written beside, and renamed
	if err := os.Rename(path+".tmp", path); err != nil {
		t.Fatal(err)
	}
	wantPort(t, changes, 3)

	if err := os.Rename(path, path+"~"); err != nil { // as vim does
		t.Fatal(err)
	}
	put(t, path, text(4))
	wantPort(t, changes, 4)

	local := filepath.Join(filepath.Dir(path), "config.local.json")
	put(t, local, text(5))
	wantPort(t, changes, 5)
	if s.Path() != local {
		t.Errorf("got %s", s.Path())
	}
	if err := os.Remove(local); err != nil {
		t.Fatal(err)
	}
	wantPort(t, changes, 4)
}

func TestRun_BadEditKeepsTheLastGoodOne(t *testing.T) {
	t.Parallel()
	path := write(t, `{"version": 1, "port": 1}`)
	s := open(t, path)
	changes := watched(t, s)
	put(t, path, `{"version": 1, "port": 2}`)
	wantPort(t, changes, 2)

	put(t, path, "{\n\"port\": \"x\"}")
	want := "config.json:2: port: must be a whole number, got a string"
	eventually(t, func() bool { return s.Problem() == want })
	if s.Snapshot().Port != 2 {
		t.Errorf("got port %d", s.Snapshot().Port)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return strings.HasPrefix(s.Problem(), "config.json is gone: ") })
	if s.Snapshot().Port != 2 {
		t.Errorf("got port %d", s.Snapshot().Port)
	}
	put(t, path, `{"version": 1, "port": 3}`)
	wantPort(t, changes, 3)
	if s.Problem() != "" {
		t.Errorf("got problem %q", s.Problem())
	}
}

// eventually waits for what no channel tells.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(5 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("it did not happen")
		}
	}
}

// TestRun_FollowsSymlinkSwaps lays the file out as a mounted config map:
// config.json -> ..data/config.json, ..data -> a folder that is swapped.
func TestRun_FollowsSymlinkSwaps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	version := func(name string, port int) {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name, "config.json"), fmt.Sprintf(`{"version": 1, "port": %d}`, port))
	}
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	version("..v1", 1)
	link("..v1", "..data")
	link(filepath.Join("..data", "config.json"), "config.json")
	s := open(t, filepath.Join(dir, "config.json"))
	changes := watched(t, s)
	for i := 2; i < 5; i++ {
		name := fmt.Sprintf("..v%d", i)
		version(name, i)
		link(name, "..tmp")
		if err := os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
		wantPort(t, changes, i)
	}
}

// TestSymlink_IsFollowed is a dotfiles set-up: the file lives in another
// folder, edits there are noticed, and saving keeps the link.
func TestSymlink_IsFollowed(t *testing.T) {
	t.Parallel()
	target, link := write(t, `{"version": 1, "port": 1}`), filepath.Join(t.TempDir(), "config.json")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	s := open(t, link)
	changes := watched(t, s)
	put(t, target, `{"version": 1, "port": 2}`)
	wantPort(t, changes, 2)
	update(t, s, func(c *config.Config) { c.Port = 3 })
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	if read(t, target) != `{"version": 1, "port": 3}` {
		t.Errorf("got %s", read(t, target))
	}
}
