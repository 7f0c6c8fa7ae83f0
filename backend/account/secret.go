package account

import (
	"fmt"
	"io"
	"log/slog"
)

const hidden = "[secret]"

// Secret is a credential's text. It prints as "[secret]" through every way of
// printing; Reveal is the only way to the text.
type Secret struct {
	// text is behind a pointer: where fmt may not call methods, as on a field
	// that is not exported, it prints the address.
	text *string
}

// NewSecret wraps text; "" is no secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal gives the text, for an Authorization header or the credential store.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero says that there is none.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal compares the texts.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String never shows the text.
func (Secret) String() string { return hidden }

// GoString never shows the text.
func (Secret) GoString() string { return hidden }

// Format never shows the text, for the verbs too that do not ask String.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText never shows the text.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON never shows the text.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// LogValue never shows the text.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
