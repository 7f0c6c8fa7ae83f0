package connect

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// State is how a client stands to this program.
type State string

// The states of a client.
const (
	// NotFound is a client that leaves no trace on this machine.
	NotFound State = "notFound"
	// Original is one that does not point here.
	Original State = "original"
	// Configured is one that points here, as it was left.
	Configured State = "configured"
	// Changed is one whose file was changed since, and still points here.
	Changed State = "changed"
	// Conflict is one whose file cannot be read, or was pointed elsewhere since.
	Conflict State = "conflict"
)

// Options are what Clients work with.
type Options struct {
	System System
	// Data is a folder of our own for what stood in files before.
	Data string
	Now  func() time.Time
}

// Clients are the programs of one user on one machine. Its methods may be
// called at any time from any goroutine.
type Clients struct {
	o Options
	// mu is held by who changes files or records.
	mu sync.Mutex
}

// New makes Clients.
func New(o Options) *Clients { return &Clients{o: o} }

// Status is what is known of a client at this moment.
type Status struct {
	State State
	// Problem says why there is a conflict; "" is none.
	Problem string
	// Files are where its settings are, or would be.
	Files []string
	// Applied is when its settings were changed from here; zero is never. First
	// is when its first request since then came.
	Applied, First time.Time
	// BaseURL, Model and KeyID are what it was pointed at.
	BaseURL, Model string
	KeyID          int64
}

// Find is a client by its id.
func Find(id string) (Client, bool) {
	for _, c := range All() {
		if c.ID == id {
			return c, true
		}
	}
	return Client{}, false
}

// Status looks at a client's files. The target is what it would be pointed at;
// the key in it is that of the record, where there is one.
func (c *Clients) Status(client *Client, t Target) Status {
	st := Status{State: NotFound, Files: []string{}}
	for i := range client.Files {
		st.Files = append(st.Files, c.path(&client.Files[i]))
	}
	r, err := c.record(client.ID)
	if err != nil {
		st.State, st.Problem = Conflict, "what was changed is not known any more: "+plain(err)
		return st
	}
	if r != nil {
		st.Applied, st.First, st.BaseURL, st.Model, st.KeyID = r.Applied, r.First, r.BaseURL, r.Model, r.KeyID
		t.BaseURL, t.Model = r.BaseURL, r.Model
		st.State, st.Problem = c.applied(client, r, t)
		return st
	}
	st.State, st.Problem = c.untouched(client, t)
	return st
}

// applied is the state of a client whose files were changed from here.
func (*Clients) applied(client *Client, r *record, t Target) (State, string) {
	state := Configured
	for i, k := range r.Files {
		now, err := read(k.Path)
		switch {
		case err != nil:
			return Conflict, err.Error()
		case !now.exists:
			return Conflict, k.Path + " was deleted"
		case now.digest() == k.Written || i >= len(client.Files):
			continue
		}
		same, err := edited(&client.Files[i], k.Path, now.text, t)
		if err != nil {
			return Conflict, err.Error()
		}
		if string(same) != string(now.text) {
			return Conflict, k.Path + " was changed since, and does not point here any more"
		}
		state = Changed
	}
	return state, ""
}

// untouched is the state of a client that was never changed from here.
func (c *Clients) untouched(client *Client, t Target) (State, string) {
	state := NotFound
	for _, mark := range client.Marks(c.o.System) {
		if _, err := os.Stat(mark); err == nil {
			state = Original
		}
	}
	here := len(client.Files) > 0
	for i := range client.Files {
		f := &client.Files[i]
		path := c.path(f)
		now, err := read(path)
		if err != nil {
			return Conflict, err.Error()
		}
		if now.exists {
			state = Original
			if _, err := edited(f, path, now.text, t); err != nil {
				return Conflict, err.Error()
			}
		}
		if f.points(t) && !strings.Contains(string(now.text), t.root()) {
			here = false
		}
	}
	if here {
		return Configured, ""
	}
	return state, ""
}

// points says that the address is among the file's settings.
func (f *File) points(t Target) bool {
	text, err := Edit(f.Format, nil, f.Sets(t))
	return err == nil && strings.Contains(string(text), t.root())
}

// path is where a file is, or would be made.
func (c *Clients) path(f *File) string {
	paths := f.Paths(c.o.System)
	for _, p := range paths {
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	return paths[len(paths)-1]
}

// edited is a file's text with its settings, and an error for people.
func edited(f *File, path string, text []byte, t Target) ([]byte, error) {
	out, err := Edit(f.Format, text, f.Sets(t))
	if se, ok := errors.AsType[*SyntaxError](err); ok {
		return nil, failed(path, se.Error())
	}
	return out, err
}

// Waiting are the ids of clients that were changed and have not asked yet, with
// the time of the change.
func (c *Clients) Waiting() map[string]time.Time {
	out := map[string]time.Time{}
	for _, client := range All() {
		if r, err := c.record(client.ID); err == nil && r != nil && r.First.IsZero() {
			out[client.ID] = r.Applied
		}
	}
	return out
}

// Came notes the time of a client's first request; a later one changes nothing.
func (c *Clients) Came(id string, at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, err := c.record(id)
	if err != nil || r == nil || !r.First.IsZero() {
		return err
	}
	r.First = at
	return c.keep(id, r)
}

// shadowed names a file that would be ignored once f is made.
func (c *Clients) shadowed(f *File, now content) error {
	if f.Shadows == nil || now.exists {
		return nil
	}
	other := f.Shadows(c.o.System)
	if _, err := os.Stat(other); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return failed(other, "would be ignored once "+filepath.Base(c.path(f))+
		" stands beside it: turn it into the new form in the client first, or use the snippet")
}
