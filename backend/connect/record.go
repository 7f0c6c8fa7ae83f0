package connect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
)

// record is what is known of a change that was made, so that it can be taken
// back. It stands in the data folder, beside the files as they were.
type record struct {
	Applied time.Time `json:"applied"`
	// First is when the client's first request since then came.
	First   time.Time `json:"first,omitzero"`
	BaseURL string    `json:"baseUrl"`
	Model   string    `json:"model"`
	KeyID   int64     `json:"keyId"`
	Files   []kept    `json:"files"`
}

// kept is a file as it was and as it was left.
type kept struct {
	Path string `json:"path"`
	// Existed says that there was a file; its content is in Original, a file
	// beside the record.
	Existed  bool        `json:"existed"`
	Original string      `json:"original,omitempty"`
	Mode     fs.FileMode `json:"mode,omitempty"`
	// Written is the digest of what was written.
	Written string `json:"written"`
}

// digest names a content; "" is no file.
func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func (c *Clients) recordPath(id string) string { return filepath.Join(c.o.Data, id+".json") }

// record reads what is known of a client; nil is nothing.
func (c *Clients) record(id string) (*record, error) {
	text, err := os.ReadFile(c.recordPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // nothing was applied, which is no error
	}
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", c.recordPath(id), err)
	}
	return &r, nil
}

func (c *Clients) keep(id string, r *record) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(c.recordPath(id), append(text, '\n'))
}

// forget removes a record and the originals it names.
func (c *Clients) forget(id string, r *record) error {
	if err := os.Remove(c.recordPath(id)); err != nil {
		return err
	}
	for _, f := range r.Files {
		if f.Original != "" {
			_ = os.Remove(filepath.Join(c.o.Data, f.Original)) // a backup too many does no harm
		}
	}
	return nil
}

// original is a file as it was before.
func (c *Clients) original(k kept) ([]byte, error) {
	if !k.Existed {
		return nil, nil
	}
	return os.ReadFile(filepath.Join(c.o.Data, filepath.Base(k.Original)))
}

// content is a file as it is.
type content struct {
	text   []byte
	exists bool
	mode   fs.FileMode
}

// digest is "" where there is no file.
func (f content) digest() string {
	if !f.exists {
		return ""
	}
	return digest(f.text)
}

// read reads a client's file, bounded.
func read(path string) (content, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return content{}, nil
	}
	if err != nil {
		return content{}, failed(path, "cannot be read: "+plain(err))
	}
	switch {
	case !info.Mode().IsRegular():
		return content{}, failed(path, "is not a file")
	case info.Size() > maxBytes:
		return content{}, failed(path, fmt.Sprintf("has more than %d MiB: this is not a configuration", maxBytes>>20))
	}
	text, err := os.ReadFile(path) //nolint:gosec // the path is one of the list of clients
	if err != nil {
		return content{}, failed(path, "cannot be read: "+plain(err))
	}
	return content{text: text, exists: true, mode: info.Mode().Perm()}, nil
}

// write replaces a file and gives it a mode; only a key makes it private.
func write(path string, text []byte, mode fs.FileMode) error {
	if err := atomicfile.Write(path, text); err != nil {
		return failed(path, "cannot be written: "+plain(err))
	}
	if err := os.Chmod(path, mode); err != nil {
		return failed(path, "was written, but its permissions could not be set: "+plain(err))
	}
	return nil
}

// plain is an error without the path, which is said already.
func plain(err error) string {
	if errors.Is(err, atomicfile.ErrReadOnly) || errors.Is(err, fs.ErrPermission) {
		return "permission is denied; check who owns the file and its folder"
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// Error is what could not be done with a file, for a person.
type Error struct {
	Path    string
	Message string
	// Changed says that the file is not as it was left or shown.
	Changed bool
}

// Error names the file and what is wrong with it.
func (e *Error) Error() string { return e.Path + " " + e.Message }

func failed(path, message string) error { return &Error{Path: path, Message: message} }
