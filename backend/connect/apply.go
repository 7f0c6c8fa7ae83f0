package connect

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Change is what would become of one file.
type Change struct {
	Path   string
	Format Format
	// Exists says that there is a file now; Digest names its content.
	Exists bool
	Digest string
	// Lines are the difference; none is no difference.
	Lines []Line
	// Problem says why the file cannot be changed; "" is nothing.
	Problem string
	// Snippet is what the file would hold if it held nothing else.
	Snippet string
}

// Preview says what Apply would do with a client's files. It changes nothing.
// Where mark is not "", the key is shown as mark.
func (c *Clients) Preview(client *Client, t Target, mark string) []Change {
	out := []Change{}
	for i := range client.Files {
		f := &client.Files[i]
		change := Change{Path: c.path(f), Format: f.Format, Lines: []Line{}}
		if snippet, err := Edit(f.Format, nil, f.Sets(t)); err == nil {
			change.Snippet = hide(string(snippet), t.Key, mark)
		}
		now, after, err := c.next(f, t)
		change.Exists, change.Digest = now.exists, now.digest()
		if err != nil {
			change.Problem = err.Error()
		} else {
			change.Lines = hidden(Diff(now.text, after), t.Key, mark)
		}
		out = append(out, change)
	}
	return out
}

// next is a file as it is and as it would be.
func (c *Clients) next(f *File, t Target) (now content, after []byte, err error) {
	path := c.path(f)
	if now, err = read(path); err != nil {
		return now, nil, err
	}
	if err = c.shadowed(f, now); err != nil {
		return now, nil, err
	}
	after, err = edited(f, path, now.text, t)
	return now, after, err
}

// hide puts mark in the place of a key.
func hide(text, key, mark string) string {
	if key == "" || mark == "" {
		return text
	}
	return strings.ReplaceAll(text, key, mark)
}

func hidden(lines []Line, key, mark string) []Line {
	for i := range lines {
		// The line is masked already where its name told so.
		lines[i].Text = hide(hide(lines[i].Text, key, mark), masked(key), mark)
	}
	return lines
}

// step is one file of a change that is being made.
type step struct {
	kept

	now   content
	after []byte
	mode  fs.FileMode
}

// Apply points a client at t. Digests are those of a preview, in its order: a
// file that is another now is not changed. What was there is kept, so that Undo
// can restore it; where one file cannot be written, none is changed.
func (c *Clients) Apply(client *Client, t Target, keyID int64, digests []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(client.Files) == 0 {
		return &Error{Path: client.Title, Message: "has no file that can be changed safely: follow the steps"}
	}
	before, err := c.record(client.ID)
	if err != nil {
		return err
	}
	steps, err := c.steps(client, t, before, digests)
	if err != nil {
		return err
	}
	r := &record{Applied: c.o.Now(), BaseURL: t.BaseURL, Model: t.Model, KeyID: keyID}
	for _, s := range steps {
		r.Files = append(r.Files, s.kept)
	}
	// The way back first: a crash from here on can be undone.
	if err := c.keep(client.ID, r); err != nil {
		return failed(c.recordPath(client.ID), "cannot be written: "+plain(err))
	}
	for i, s := range steps {
		if err := write(s.Path, s.after, s.mode); err != nil {
			c.takeBack(client.ID, steps[:i], before)
			return err
		}
	}
	c.drop(before, r)
	return nil
}

// drop removes the originals that a newer record needs no more.
func (c *Clients) drop(before, r *record) {
	if before == nil {
		return
	}
	for _, old := range before.Files {
		if old.Original != "" && !slices.ContainsFunc(r.Files, func(k kept) bool { return k.Original == old.Original }) {
			_ = os.Remove(filepath.Join(c.o.Data, old.Original)) // a backup too many does no harm
		}
	}
}

// steps prepares a change, with the originals in the data folder.
func (c *Clients) steps(client *Client, t Target, before *record, digests []string) ([]step, error) {
	out := make([]step, 0, len(client.Files))
	for i := range client.Files {
		f := &client.Files[i]
		now, after, err := c.next(f, t)
		if err != nil {
			return nil, err
		}
		path := c.path(f)
		if i < len(digests) && digests[i] != now.digest() {
			return nil, &Error{Path: path, Message: "has changed since it was shown: look at the change again", Changed: true}
		}
		s := step{now: now, after: after, mode: cmp.Or(now.mode, 0o644)}
		if f.HoldsKey {
			s.mode = 0o600
		}
		s.kept = kept{Path: path, Existed: now.exists, Mode: now.mode, Written: digest(after)}
		if k, ok := untouchedSince(before, path, now); ok { // the first original stays the way back
			s.Existed, s.Original, s.Mode = k.Existed, k.Original, k.Mode
		} else if now.exists {
			s.Original = fmt.Sprintf("%s.%.12s.%s", client.ID, now.digest(), filepath.Base(path))
			if err := write(filepath.Join(c.o.Data, s.Original), now.text, 0o600); err != nil {
				return nil, err
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// untouchedSince finds what is kept of a file that is as it was left.
func untouchedSince(r *record, path string, now content) (kept, bool) {
	if r == nil {
		return kept{}, false
	}
	i := slices.IndexFunc(r.Files, func(k kept) bool { return k.Path == path && k.Written == now.digest() })
	if i < 0 {
		return kept{}, false
	}
	return r.Files[i], true
}

// takeBack undoes the files of a change that failed halfway.
func (c *Clients) takeBack(id string, done []step, before *record) {
	for _, s := range done {
		_ = restore(s.Path, s.now.text, s.now.exists, s.now.mode) // the first error is the one to tell
	}
	if before == nil {
		_ = os.Remove(c.recordPath(id))
		return
	}
	_ = c.keep(id, before)
}

// PreviewUndo says what Undo would do with a client's files.
func (c *Clients) PreviewUndo(id string) ([]Change, error) {
	r, err := c.applications(id)
	if err != nil {
		return nil, err
	}
	out := []Change{}
	for _, k := range r.Files {
		change := Change{Path: k.Path, Lines: []Line{}}
		now, err := read(k.Path)
		if err == nil {
			var was []byte
			if was, err = c.original(k); err == nil {
				change.Exists, change.Digest, change.Lines = now.exists, now.digest(), Diff(now.text, was)
			}
		}
		if err != nil {
			change.Problem = err.Error()
		}
		out = append(out, change)
	}
	return out, nil
}

// Undo restores a client's files byte for byte. One that is not as it was left
// is only restored where its digest, as PreviewUndo gave it, is among those that
// were looked at.
func (c *Clients) Undo(id string, seen []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, err := c.applications(id)
	if err != nil {
		return err
	}
	originals := make([][]byte, len(r.Files))
	for i, k := range r.Files {
		now, err := read(k.Path)
		if err != nil {
			return err
		}
		if now.digest() != k.Written && (i >= len(seen) || seen[i] != now.digest()) {
			return &Error{Path: k.Path, Message: "was changed since: look at what restoring it would take away", Changed: true}
		}
		if originals[i], err = c.original(k); err != nil {
			return failed(k.Path, "cannot be restored, for its backup is gone: "+plain(err))
		}
	}
	for i, k := range r.Files {
		if err := restore(k.Path, originals[i], k.Existed, k.Mode); err != nil {
			return err
		}
	}
	return c.forget(id, r)
}

// applications is the record of a client that was changed from here.
func (c *Clients) applications(id string) (*record, error) {
	r, err := c.record(id)
	if err == nil && r == nil {
		return nil, &Error{Path: id, Message: "was not changed from here, so there is nothing to undo"}
	}
	return r, err
}

// restore brings a file back as it was, or removes one that was not there.
func restore(path string, text []byte, existed bool, mode fs.FileMode) error {
	if existed {
		return write(path, text, mode)
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return failed(path, "cannot be removed: "+plain(err))
	}
	return nil
}
