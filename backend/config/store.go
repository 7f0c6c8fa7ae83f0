package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
)

const (
	fileName = "config.json"
	// localName is the file that the original wrote refreshed tokens to, and
	// that it read instead of the other one from then on.
	localName = "config.local.json"

	lockWait = 10 * time.Second
)

// Store is the configuration in force and the file it comes from. It is safe
// for many goroutines.
type Store struct {
	base string
	// over are the settings that the environment decides.
	over    []override
	current atomic.Pointer[loaded]
	problem atomic.Pointer[string]

	// mu keeps writers and reloads apart, and subscribers in order.
	mu     sync.Mutex
	subsMu sync.Mutex
	subs   []*subscriber
}

// loaded is a file as it was read. A nil text is no file.
type loaded struct {
	config *Config
	// effective is config and what the environment decides.
	effective *Config
	path      string
	text      []byte
}

type subscriber struct{ call func(old, updated *Config) }

// Open reads the file at path, or the config.local.json beside it where path
// is a config.json. A file that is not there is an empty one, and is made by
// the first Update; one that cannot be used is an error that says where and
// why.
func Open(path string) (*Store, error) { return OpenIn(path, nil) }

// OpenIn is [Open] where the variables of settings in environ, as os.Environ
// gives them, decide over the file. What they say is never written into it.
func OpenIn(path string, environ []string) (*Store, error) {
	base, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	s := &Store{base: base}
	if s.over, err = readEnvironment(environ); err != nil {
		return nil, err
	}
	now, err := s.load()
	if err != nil {
		return nil, err
	}
	s.current.Store(now)
	return s, nil
}

// load reads the file and puts the environment over it.
func (s *Store) load() (*loaded, error) {
	now, err := load(s.inForce())
	if err == nil {
		now.effective, err = over(now.config, s.over)
	}
	return now, err
}

// Snapshot is the configuration in force. Nobody may change it.
func (s *Store) Snapshot() *Config { return s.current.Load().effective }

// Path is the file in force.
func (s *Store) Path() string { return s.current.Load().path }

// Problem says why the file on disk is not the configuration in force; "" when
// it is.
func (s *Store) Problem() string {
	if p := s.problem.Load(); p != nil {
		return *p
	}
	return ""
}

// Subscribe calls call after each change, in order, until cancel is called. It
// is called by the goroutine that made the change and must not call Update.
func (s *Store) Subscribe(call func(old, updated *Config)) (cancel func()) {
	sub := &subscriber{call}
	s.subsMu.Lock()
	defer s.subsMu.Unlock()
	s.subs = append(s.subs, sub)
	return func() {
		s.subsMu.Lock()
		defer s.subsMu.Unlock()
		s.subs = slices.DeleteFunc(slices.Clone(s.subs), func(other *subscriber) bool { return other == sub })
	}
}

// Update changes the configuration: change gets what the file says at that
// moment, and what it changes is merged into the file. When change or the check
// of the result fails, or the file cannot be read or written, nothing is
// changed. Errors about a value are a *Error. Other processes that update the
// same file wait.
func (s *Store) Update(change func(*Config) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := atomicfile.Lock(s.base, lockWait)
	if err != nil {
		return fmt.Errorf("settings are not saved: %w", err)
	}
	defer unlock()
	before, err := s.onDisk()
	if err != nil {
		return fmt.Errorf("settings are not saved, as the file has an error: %w", err)
	}
	wanted := before.config.clone()
	if err := change(wanted); err != nil {
		return err
	}
	wanted.Version, wanted.Imported, wanted.warnings = Current, before.config.Imported, before.config.warnings
	wanted.normalise()
	if err := Validate(wanted); err != nil {
		return err
	}
	if err := decided(before.config, wanted, s.over); err != nil {
		return err
	}
	if _, err := over(wanted, s.over); err != nil {
		return err
	}
	after, err := before.merged(wanted)
	if err != nil {
		return fmt.Errorf("settings are not saved: %w", err)
	}
	if after.effective == nil {
		if after.effective, err = over(after.config, s.over); err != nil {
			return err
		}
	}
	s.put(after)
	return nil
}

// onDisk is the file as it is now. One that has vanished is what it was: its
// comments are still worth keeping.
func (s *Store) onDisk() (*loaded, error) {
	was := s.current.Load()
	now, err := s.load()
	if err == nil && now.text == nil && was.text != nil && was.path == now.path {
		return was, nil
	}
	return now, err
}

// merged writes the difference to wanted into the file and gives it as it is
// then. Where there is none, nothing is written.
func (l *loaded) merged(wanted *Config) (*loaded, error) {
	text, err := l.mergedText(wanted)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return l, nil
	}
	if l.text != nil && l.config.Version < Current {
		if err := backUp(l.path, l.text, l.config.Version); err != nil {
			return nil, err
		}
	}
	after, err := parse(l.path, text)
	if err != nil {
		return nil, err
	}
	// What is written must be read as what was meant, whatever the file holds.
	if a, b := *after.config, *wanted; !equal(&a, &b) {
		return nil, errors.New("the file is written in a way that cannot be merged with: edit it by hand")
	}
	return after, atomicfile.Write(l.path, text)
}

// mergedText is the file's text with wanted merged in; nil is no change.
func (l *loaded) mergedText(wanted *Config) ([]byte, error) {
	from := l.config.clone()
	from.Version = wanted.Version
	if equal(from, wanted) {
		return nil, nil
	}
	text := l.text
	if text == nil {
		text = []byte("{}\n")
	}
	d, err := parseDocument(text)
	if err != nil {
		return nil, err
	}
	from.Version = 0
	if l.text != nil {
		d.migrate(l.config.Version)
		from.Version = l.config.Version
	}
	if err := d.merge(from, wanted); err != nil {
		return nil, err
	}
	return d.pack(), nil
}

// equal compares what the file can hold.
func equal(a, b *Config) bool {
	x, err1 := treeOf(a)
	y, err2 := treeOf(b)
	return err1 == nil && err2 == nil && reflect.DeepEqual(x, y)
}

// put makes now the configuration in force and tells the subscribers.
func (s *Store) put(now *loaded) {
	was := s.current.Swap(now)
	s.problem.Store(nil)
	if was.effective == now.effective || equal(was.effective, now.effective) && reflect.DeepEqual(was.config.Imported, now.config.Imported) {
		return
	}
	s.subsMu.Lock()
	subs := slices.Clone(s.subs)
	s.subsMu.Unlock()
	for _, sub := range subs {
		sub.call(was.effective, now.effective)
	}
}

// inForce is the file to read now: a config.local.json takes precedence over
// the config.json beside it.
func (s *Store) inForce() string {
	if filepath.Base(s.base) != fileName {
		return s.base
	}
	local := filepath.Join(filepath.Dir(s.base), localName)
	if _, err := os.Lstat(local); err == nil {
		return local
	}
	return s.base
}

// load reads the file at path.
func load(path string) (*loaded, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the file is the user's
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c := Default()
		return &loaded{config: &c, path: path}, nil
	case err != nil:
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			return nil, &Error{File: path, Message: "is a folder: remove it and put a file there " +
				"(container programs make a folder when the file to mount does not exist)"}
		}
		return nil, &Error{File: path, Message: "cannot be read: " + err.Error()}
	}
	return parse(path, bytes.Clone(text))
}

// parse reads text as the content of the file at path.
func parse(path string, text []byte) (*loaded, error) {
	c, err := decodeText(text)
	if err != nil {
		if e, ok := errors.AsType[*Error](err); ok {
			e.File = path
		}
		return nil, err
	}
	return &loaded{config: c, path: path, text: text}, nil
}

func decodeText(text []byte) (*Config, error) {
	d, err := parseDocument(text)
	if err != nil {
		return nil, err
	}
	version, err := d.version()
	if err != nil {
		return nil, err
	}
	d.migrate(version)
	return d.decode()
}

// backUp keeps text, the file before a migration, beside it. A backup that is
// there is never replaced.
func backUp(path string, text []byte, version int) error {
	name := fmt.Sprintf("%s.bak-v%d", path, version)
	for i := 2; ; i++ {
		kept, err := os.ReadFile(name) //nolint:gosec // it stands beside the user's file
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if err := atomicfile.Write(name, text); err != nil {
				return fmt.Errorf("back up the file before its first change: %w", err)
			}
			return nil
		case err == nil && bytes.Equal(kept, text):
			return nil
		case err != nil:
			return fmt.Errorf("back up the file before its first change: %w", err)
		}
		name = fmt.Sprintf("%s.bak-v%d.%d", path, version, i)
	}
}
