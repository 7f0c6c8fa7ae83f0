package account

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"
)

// Export gives all secrets below these names, as they are. Where one cannot be
// read now, none is given: a copy that lacks one must not look like a whole one.
func (c *Credentials) Export(below ...string) (map[string]Secret, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refresh(); err != nil {
		return nil, err
	}
	out := map[string]Secret{}
	for name, e := range c.file.Secrets {
		if !isBelow(name, below) {
			continue
		}
		s, err := c.open(name, e)
		if err != nil {
			return nil, err
		}
		out[name] = s
	}
	return out, nil
}

// Replace puts these secrets in the place of all that are below these names, in
// one step. Other secrets stay.
func (c *Credentials) Replace(secrets map[string]Secret, below ...string) error {
	return c.change(func(f *credentialFile) error {
		was := maps.Clone(f.Secrets)
		maps.DeleteFunc(f.Secrets, func(name string, _ entry) bool { return isBelow(name, below) })
		for name, s := range secrets {
			if s.IsZero() || !isBelow(name, below) {
				continue
			}
			e, err := c.seal(f, name, s)
			if err != nil {
				return err
			}
			f.Secrets[name] = e.over(was[name])
		}
		return nil
	})
}

func isBelow(name string, folders []string) bool {
	for _, folder := range folders {
		if strings.HasPrefix(name, folder+"/") {
			return true
		}
	}
	return false
}

// File is the store as it stands on disk, encrypted where it is; nil is none. It
// is for [Credentials.PutBack], and only where the same keyring is.
func (c *Credentials) File() ([]byte, error) {
	text, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// PutBack makes the store what File gave.
func (c *Credentials) PutBack(text []byte) error {
	was := &credentialFile{Secrets: map[string]entry{}}
	if text != nil {
		f, err := parseCredentials(text)
		if err != nil {
			return fmt.Errorf("the kept secrets are damaged (%w)", err)
		}
		was = f
	}
	return c.change(func(f *credentialFile) error {
		*f = *was
		return nil
	})
}
