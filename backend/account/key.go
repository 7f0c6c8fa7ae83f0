package account

import (
	"crypto/rand"
	"strings"
)

const (
	keyPrefix  = "sk-oac-"
	keyLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	keyLength  = 40
)

// NewKey makes an API key for clients: "sk-oac-" and 40 random letters and
// digits.
func NewKey() string {
	const fair = 256 - 256%len(keyLetters) // a byte beyond it would favour some letters
	key := make([]byte, 0, len(keyPrefix)+keyLength)
	key = append(key, keyPrefix...)
	var random [64]byte
	for {
		_, _ = rand.Read(random[:]) // it never fails: the program ends if the system has no randomness
		for _, b := range random {
			if int(b) >= fair {
				continue
			}
			if key = append(key, keyLetters[int(b)%len(keyLetters)]); len(key) == cap(key) {
				return string(key)
			}
		}
	}
}

// Masked shows enough of a key to know it by, and no more: its first and last
// letters, and of a short one none.
func Masked(key string) string {
	if len(key) < 20 {
		return strings.Repeat("•", 8)
	}
	return key[:9] + "…" + key[len(key)-4:]
}
