package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
)

// ErrNoSecret says that the store has no secret of that name.
var ErrNoSecret = errors.New("no secret is stored")

// The places of [Credentials.Where].
const (
	InKeyring = "keyring"
	InFile    = "file"
)

// CredentialOptions say how secrets are kept. The zero value asks the system's
// keyring.
type CredentialOptions struct {
	// NoKeyring keeps new secrets as plain text and never asks the keyring.
	NoKeyring bool
	// KeyringWait is how long the keyring may take to answer; 0 is 2 seconds.
	KeyringWait time.Duration
	// Late is called, by a goroutine of its own, when the keyring answers after
	// that wait, as when the user had to type its password: secrets that could
	// not be read now can. Nil is nobody to tell.
	Late func()
}

// Credentials is the store of secrets, by name: account/<id> for a sign-in,
// key/<id> for a client's API key. It is one file, 0600. Each secret is
// encrypted with a data key that the system's keyring keeps, where there is a
// keyring, and plain otherwise. What cannot be decrypted stays as it is. It is
// safe for many goroutines and many processes.
type Credentials struct {
	path string
	keys *dataKeys

	mu   sync.Mutex
	file *credentialFile
	seen fs.FileInfo
}

// OpenCredentials reads the store at path. One that is not there is empty, and
// is made by the first Set. The keyring is not asked before it is needed. A
// file that cannot be read is an error: nothing is ever written over it.
func OpenCredentials(path string, o CredentialOptions) (*Credentials, error) {
	c := &Credentials{path: path, keys: newDataKeys(o)}
	if err := c.refresh(); err != nil {
		return nil, err
	}
	if c.seen != nil && runtime.GOOS != "windows" && c.seen.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(path, 0o600); err != nil {
			return nil, fmt.Errorf("%s can be read by others: %w", filepath.Base(path), err)
		}
	}
	return c, nil
}

// Get gives the secret of that name; false is none, or one that cannot be
// decrypted now: Lookup says which.
func (c *Credentials) Get(name string) (Secret, bool) {
	s, err := c.Lookup(name)
	return s, err == nil
}

// Lookup gives the secret of that name. The error is ErrNoSecret, or says in
// words for the user why the secret cannot be read and what to do. The first
// call for an encrypted secret may wait for the keyring.
func (c *Credentials) Lookup(name string) (Secret, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refresh(); err != nil {
		return Secret{}, err
	}
	e, ok := c.file.Secrets[name]
	if !ok {
		return Secret{}, ErrNoSecret
	}
	return c.open(name, e)
}

// Set keeps the secret under that name; the zero Secret deletes it. Where the
// store is encrypted and the keyring does not answer, nothing is written.
func (c *Credentials) Set(name string, s Secret) error {
	if s.IsZero() {
		return c.Delete(name)
	}
	return c.change(func(f *credentialFile) error {
		e, err := c.seal(f, name, s)
		if err != nil {
			return err
		}
		f.Secrets[name] = e.over(f.Secrets[name])
		return nil
	})
}

// Delete forgets the secret of that name; one that is not there is no error.
func (c *Credentials) Delete(name string) error {
	return c.change(func(f *credentialFile) error {
		delete(f.Secrets, name)
		return nil
	})
}

// Below gives the secret of that name and all below it, as far as they can be
// read now.
func (c *Credentials) Below(name string) []Secret {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refresh() != nil {
		return nil
	}
	var out []Secret
	for n, e := range c.file.Secrets {
		if n != name && !strings.HasPrefix(n, name+"/") {
			continue
		}
		if s, err := c.open(n, e); err == nil {
			out = append(out, s)
		}
	}
	return out
}

// Forget deletes the secret of that name and all below it, as account/1 and
// account/1/cookie.
func (c *Credentials) Forget(name string) error {
	return c.change(func(f *credentialFile) error {
		maps.DeleteFunc(f.Secrets, func(n string, _ entry) bool { return n == name || strings.HasPrefix(n, name+"/") })
		return nil
	})
}

// Lock keeps other processes from renewing the secret of that name until unlock
// is called. The store itself may be written meanwhile.
func (c *Credentials) Lock(name string) (unlock func(), err error) {
	const wait = time.Minute // a refresh may take half of it
	file := strings.ReplaceAll(name, "/", "-")
	return atomicfile.Lock(filepath.Join(filepath.Dir(c.path), "renewing", file), wait)
}

// Where says how secrets are kept: InKeyring when they are encrypted with a key
// from the keyring, InFile when they are plain. In a store without secrets it
// is how the next one would be kept.
func (c *Credentials) Where() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.refresh() // Problem tells of it
	if c.file.sealed() {
		return InKeyring
	}
	if len(c.file.Secrets) == 0 && c.keys.available() == nil {
		return InKeyring
	}
	return InFile
}

// Problem says why stored secrets cannot be read at the moment, and what to do;
// "" when they can.
func (c *Credentials) Problem() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refresh(); err != nil {
		return err.Error()
	}
	for name, e := range c.file.Secrets {
		if _, err := c.open(name, e); err != nil {
			return err.Error()
		}
	}
	return ""
}

// change applies edit to the file as it is now and writes it, unless nothing
// changed. Other processes wait.
func (c *Credentials) change(edit func(*credentialFile) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	unlock, err := atomicfile.Lock(c.path, 10*time.Second)
	if err != nil {
		return fmt.Errorf("secrets are not saved: %w", err)
	}
	defer unlock()
	c.seen = nil // another process may have written since the clock's last tick
	if err := c.refresh(); err != nil {
		return err
	}
	before, err := c.file.text()
	if err != nil {
		return err
	}
	changed := c.file.clone()
	if err := edit(changed); err != nil {
		return err
	}
	after, err := changed.text()
	if err != nil || string(after) == string(before) {
		return err
	}
	if err := atomicfile.Write(c.path, after); err != nil {
		return fmt.Errorf("secrets are not saved: %w", err)
	}
	c.file = changed
	c.seen, _ = os.Stat(c.path) // without it the file is read again
	return nil
}

// refresh reads the file when it is another than the one last read.
func (c *Credentials) refresh() error {
	info, err := os.Stat(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		c.file, c.seen = &credentialFile{Secrets: map[string]entry{}}, nil
		return nil
	}
	if err != nil {
		return fmt.Errorf("read secrets: %w", err)
	}
	if c.seen != nil && os.SameFile(c.seen, info) && c.seen.Size() == info.Size() && c.seen.ModTime().Equal(info.ModTime()) {
		return nil
	}
	text, err := os.ReadFile(c.path)
	if err != nil {
		return fmt.Errorf("read secrets: %w", err)
	}
	f, err := parseCredentials(text)
	if err != nil {
		return fmt.Errorf("%s is damaged (%w): put a copy of it back, or move it away and enter the secrets again", c.path, err)
	}
	c.file, c.seen = f, info
	return nil
}

// credentialFile is the file's content. What the program does not know is kept.
type credentialFile struct {
	// Keyring names the data key of new secrets in the keyring.
	Keyring string
	Secrets map[string]entry
	rest    map[string]json.RawMessage
}

// entry is one secret: Plain, or Sealed with the data key that Key names.
type entry struct {
	Plain  string
	Sealed []byte
	Key    string
	rest   map[string]json.RawMessage
}

// over is e in the place of was, whose unknown fields stay.
func (e entry) over(was entry) entry {
	e.rest = was.rest
	return e
}

func (f *credentialFile) clone() *credentialFile {
	n := *f
	n.Secrets = maps.Clone(f.Secrets)
	return &n
}

const credentialsVersion = 1

var errNewer = errors.New("it was written by a newer program")

func parseCredentials(text []byte) (*credentialFile, error) {
	f := &credentialFile{Secrets: map[string]entry{}}
	version, entries := 0, map[string]json.RawMessage{}
	rest, err := fields(text, map[string]any{"version": &version, "keyring": &f.Keyring, "secrets": &entries})
	if err != nil {
		return nil, err
	}
	if version > credentialsVersion {
		return nil, errNewer
	}
	f.rest = rest
	for name, raw := range entries {
		var e entry
		if e.rest, err = fields(raw, map[string]any{"plain": &e.Plain, "sealed": &e.Sealed, "key": &e.Key}); err != nil {
			return nil, err
		}
		f.Secrets[name] = e
	}
	return f, nil
}

// fields reads an object's known members and gives the others. Its errors
// quote nothing of the text.
func fields(text []byte, known map[string]any) (rest map[string]json.RawMessage, err error) {
	if err := json.Unmarshal(text, &rest); err != nil || rest == nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, fmt.Errorf("not JSON at byte %d", syntax.Offset)
		}
		return nil, errors.New("not an object")
	}
	for name, to := range known {
		raw, ok := rest[name]
		if !ok {
			continue
		}
		if json.Unmarshal(raw, to) != nil {
			return nil, fmt.Errorf("%q is of the wrong kind", name)
		}
		delete(rest, name)
	}
	return rest, nil
}

// text is the file. Its keys are in the order of the alphabet, so that equal
// content is equal text.
func (f *credentialFile) text() ([]byte, error) {
	secrets := make(map[string]any, len(f.Secrets))
	for name, e := range f.Secrets {
		o := object(e.rest)
		if len(e.Sealed) > 0 {
			o["sealed"], o["key"] = e.Sealed, e.Key
		} else {
			o["plain"] = e.Plain
		}
		secrets[name] = o
	}
	o := object(f.rest)
	o["version"], o["secrets"] = credentialsVersion, secrets
	if f.Keyring != "" {
		o["keyring"] = f.Keyring
	}
	text, err := json.MarshalIndent(o, "", "  ")
	return append(text, '\n'), err
}

func object(rest map[string]json.RawMessage) map[string]any {
	o := make(map[string]any, len(rest)+3)
	for name, raw := range rest {
		o[name] = raw
	}
	return o
}
