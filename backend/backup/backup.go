// Package backup is the file that holds all that a person set up: the
// configuration, the secrets, and the request log where it was wanted.
//
// The invariant: nothing of a file can be read without its passphrase, and
// nothing is given of one that was cut, or changed in a single bit. The package
// knows what stands where in the file; what the parts mean, and how they are put
// in force, it does not.
package backup

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// About says what a backup is, and what it holds.
type About struct {
	// Format is the version of what stands in the file.
	Format int `json:"format"`
	// Program is the version of the program that made it.
	Program string    `json:"program"`
	Created time.Time `json:"created"`
	// Secrets says that it holds those of accounts and keys.
	Secrets bool `json:"secrets"`
	// Log says that it holds the request log.
	Log bool `json:"log"`
}

// Contents are what a backup holds.
type Contents struct {
	About About
	// Config is the file of settings, as it stands.
	Config []byte
	// Secrets are those of the credential store, by name.
	Secrets map[string]string
}

// format is what this version writes, and the newest that it reads.
const format = 1

// part is the line before each part of the file.
type part struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

const (
	partAbout   = "about"
	partConfig  = "config"
	partSecrets = "secrets"
	partLog     = "log"

	// mostSmall bounds each part that is read into memory.
	mostSmall = 64 << 20
)

// Write makes a file of c and of a log of that many bytes; a nil log is none.
func Write(to io.Writer, passphrase string, c Contents, log io.Reader, size int64) error {
	return writeFile(to, passphrase, rounds, c, log, size)
}

func writeFile(to io.Writer, passphrase string, rounds uint32, c Contents, log io.Reader, size int64) error {
	c.About.Format, c.About.Log = format, log != nil
	about, err := json.Marshal(c.About)
	if err != nil {
		return err
	}
	secrets, err := json.Marshal(c.Secrets)
	if err != nil {
		return err
	}
	s, err := seal(to, passphrase, rounds)
	if err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		text []byte
	}{{partAbout, about}, {partConfig, c.Config}, {partSecrets, secrets}} {
		if err := writePart(s, p.name, bytes.NewReader(p.text), int64(len(p.text))); err != nil {
			return err
		}
	}
	if log != nil {
		if err := writePart(s, partLog, log, size); err != nil {
			return err
		}
	}
	return s.Close()
}

func writePart(to io.Writer, name string, from io.Reader, size int64) error {
	line, err := json.Marshal(part{name, size})
	if err != nil {
		return err
	}
	if _, err := to.Write(append(line, '\n')); err != nil {
		return err
	}
	n, err := io.Copy(to, from)
	if err == nil && n != size {
		err = fmt.Errorf("%s has %d bytes, not %d", name, n, size)
	}
	return err
}

// Read reads a whole file. The log is given to log, which may be nil; what log
// got is worth something only when Read gave no error.
func Read(from io.Reader, passphrase string, log io.Writer) (Contents, error) {
	if log == nil {
		log = io.Discard
	}
	o, err := open(from, passphrase)
	if err != nil {
		return Contents{}, err
	}
	var c Contents
	text := bufio.NewReader(o)
	for {
		line, err := text.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil {
			return Contents{}, err
		}
		var p part
		if json.Unmarshal(line, &p) != nil {
			return Contents{}, ErrDamaged
		}
		if err := c.read(p, text, log); err != nil {
			return Contents{}, err
		}
	}
	if c.About.Format == 0 || c.Config == nil {
		return Contents{}, ErrDamaged
	}
	return c, nil
}

// read reads one part. What a later version of the program added is passed over.
func (c *Contents) read(p part, from io.Reader, log io.Writer) error {
	to := io.Discard
	var small bytes.Buffer
	switch p.Name {
	case partAbout, partConfig, partSecrets:
		if p.Size > mostSmall {
			return ErrDamaged
		}
		to = &small
	case partLog:
		to = log
	}
	if n, err := io.Copy(to, io.LimitReader(from, p.Size)); err != nil {
		return err
	} else if n != p.Size {
		return ErrDamaged
	}
	switch p.Name {
	case partAbout:
		if json.Unmarshal(small.Bytes(), &c.About) != nil {
			return ErrDamaged
		}
		if c.About.Format > format {
			return ErrNewer
		}
	case partConfig:
		c.Config = small.Bytes()
		if c.Config == nil {
			c.Config = []byte{}
		}
	case partSecrets:
		if json.Unmarshal(small.Bytes(), &c.Secrets) != nil {
			return ErrDamaged
		}
	}
	return nil
}
