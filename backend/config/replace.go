package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
)

// Parse reads text as a file of settings, as one that is to be put in force.
func Parse(text []byte) (*Config, error) { return decodeText(bytes.Clone(text)) }

// Text is the file in force as it stands on disk; nil is no file.
func (s *Store) Text() ([]byte, error) {
	text, err := os.ReadFile(s.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// Replace makes text the whole file, comments and all, and puts it in force. One
// that cannot be used is an error, and changes nothing.
func (s *Store) Replace(text []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := atomicfile.Lock(s.base, lockWait)
	if err != nil {
		return fmt.Errorf("settings are not saved: %w", err)
	}
	defer unlock()
	path := s.inForce()
	now, err := parse(path, bytes.Clone(text))
	if err != nil {
		return err
	}
	if now.effective, err = over(now.config, s.over); err != nil {
		return err
	}
	if err := atomicfile.Write(path, text); err != nil {
		return fmt.Errorf("settings are not saved: %w", err)
	}
	s.put(now)
	return nil
}
