package config

import "time"

// Key is a client's API key.
type Key struct {
	// ID is stable; the secret is kept in the credential store under it.
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// Key is the secret where the user wrote it into the file; "" otherwise.
	Key string `json:"key,omitempty"`
	// Disabled refuses it for now.
	Disabled bool `json:"disabled,omitempty"`
	// Expires is when it ends, in RFC 3339; "" is never.
	Expires string `json:"expires,omitempty"`
	// Models are the models that it may ask for, as names with * for any text;
	// none is all.
	Models []string `json:"models,omitempty"`
	// The bounds of what it may ask; 0 is none.
	RequestsPerMinute int `json:"requestsPerMinute,omitempty"`
	RequestsPerDay    int `json:"requestsPerDay,omitempty"`
	TokensPerMinute   int `json:"tokensPerMinute,omitempty"`
	MaxRunning        int `json:"maxRunning,omitempty"`
	// Profile is what the program that has this key needs, one of Profiles; "" goes
	// by what the program says of itself.
	Profile string `json:"profile,omitempty"`
}

// The profiles of the programs that have a key.
const (
	// ProfilePlain is a program that needs nothing, whatever it says of itself.
	ProfilePlain = "plain"
	// ProfileQwenCode waits for ever on an error behind a sign of life: it gets
	// none before the answer.
	ProfileQwenCode = "qwen-code"
	// ProfileSilent fails on signs of life: it gets none at all.
	ProfileSilent = "silent"
)

// Profiles are the profiles that a key can have.
func Profiles() []string { return []string{ProfilePlain, ProfileQwenCode, ProfileSilent} }

// Ends is when the key expires; the zero time is never.
func (k *Key) Ends() time.Time {
	at, err := time.Parse(time.RFC3339, k.Expires)
	if err != nil { // "" is; another text does not pass Validate
		return time.Time{}
	}
	return at
}
