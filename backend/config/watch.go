package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleTime is how long the folder must be quiet before the file is read:
// editors write, rename and touch in several steps.
const settleTime = 100 * time.Millisecond

// Run takes over changes that others make to the file until ctx ends. A file
// that cannot be used changes nothing but [Store.Problem]. Where the system
// cannot watch the folder, Problem says so, and Run waits for ctx all the same.
func (s *Store) Run(ctx context.Context) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		s.unwatched(ctx, err)
		return nil
	}
	defer w.Close()
	_ = os.MkdirAll(filepath.Dir(s.base), 0o700) // where it fails, so does the watch
	if err := s.watchFolders(w); err != nil {
		s.unwatched(ctx, err)
		return nil
	}
	s.reload() // what changed before the watch began
	quiet := time.NewTimer(settleTime)
	quiet.Stop()
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.Events:
			quiet.Reset(settleTime)
		case <-w.Errors: // events may be lost: the file is read in any case
			quiet.Reset(settleTime)
		case <-quiet.C:
			_ = s.watchFolders(w) // a folder that has gone: the others still count
			s.reload()
		}
	}
}

// unwatched waits for ctx with a problem that says why nothing is noticed.
func (s *Store) unwatched(ctx context.Context, err error) {
	s.setProblem(fmt.Sprintf("changes to %s are not noticed until the program starts again: %v", filepath.Base(s.Path()), err))
	<-ctx.Done()
}

// watchFolders watches the folder of the file and of each file that symbolic
// links lead to, never the file itself: it is replaced, not written.
func (s *Store) watchFolders(w *fsnotify.Watcher) error {
	folders := []string{filepath.Dir(s.base)}
	if target, err := filepath.EvalSymlinks(s.inForce()); err == nil {
		folders = append(folders, filepath.Dir(target))
	}
	var failed error
	for _, folder := range folders {
		failed = errors.Join(failed, w.Add(folder))
	}
	return failed
}

// reload reads the file and puts it in force when it has changed and is good.
func (s *Store) reload() {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.current.Load()
	now, err := s.load()
	switch {
	case err != nil:
		s.setProblem(err.Error())
	case now.text == nil && was.text != nil:
		s.setProblem(filepath.Base(now.path) +
			" is gone: the settings it had stay in force until it is back or one of them is changed")
	case now.path == was.path && bytes.Equal(now.text, was.text):
		s.problem.Store(nil)
	default:
		s.put(now)
	}
}

func (s *Store) setProblem(text string) { s.problem.Store(&text) }
