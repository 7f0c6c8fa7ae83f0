package control

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Key is a client's API key without its secret.
type Key struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Masked  string `json:"masked"`
	Enabled bool   `json:"enabled"`
	// Expires is when it ends; nil is never.
	Expires *time.Time `json:"expires,omitempty"`
	// Models are the models that it may ask for, with * for any text; none is
	// all.
	Models []string `json:"models"`
	// The bounds of what it may ask; 0 is none.
	RequestsPerMinute int `json:"requestsPerMinute"`
	RequestsPerDay    int `json:"requestsPerDay"`
	TokensPerMinute   int `json:"tokensPerMinute"`
	MaxRunning        int `json:"maxRunning"`
	// Profile is what the program that has it needs; "" goes by what the program
	// says of itself.
	Profile string `json:"profile" enum:",plain,qwen-code,silent"`
	// LastUsed is when the last request with it began, as far as the request log
	// knows; nil is not known.
	LastUsed *time.Time `json:"lastUsed,omitempty"`
}

// KeyPatch changes the given fields alone.
type KeyPatch struct {
	Name    *string `json:"name,omitempty" maxLength:"80"`
	Enabled *bool   `json:"enabled,omitempty"`
	// Expires is in RFC 3339; "" is never.
	Expires           *string   `json:"expires,omitempty" maxLength:"40"`
	Models            *[]string `json:"models,omitempty"`
	RequestsPerMinute *int      `json:"requestsPerMinute,omitempty" minimum:"0" maximum:"1000000"`
	RequestsPerDay    *int      `json:"requestsPerDay,omitempty" minimum:"0" maximum:"100000000"`
	TokensPerMinute   *int      `json:"tokensPerMinute,omitempty" minimum:"0" maximum:"1000000000"`
	MaxRunning        *int      `json:"maxRunning,omitempty" minimum:"0" maximum:"10000"`
	Profile           *string   `json:"profile,omitempty" enum:",plain,qwen-code,silent"`
}

// Keys are the clients' API keys, without their secrets.
func (s *Panel) Keys() []Key {
	c := s.o.Config.Snapshot()
	out := make([]Key, 0, len(c.Keys))
	for i := range c.Keys {
		out = append(out, s.shownKey(&c.Keys[i]))
	}
	return out
}

func (s *Panel) shownKey(k *config.Key) Key {
	return Key{
		ID: k.ID, Name: k.Name, Masked: account.Masked(s.secret(*k)), Enabled: !k.Disabled, Expires: timeOrNil(k.Ends()),
		Models: list(k.Models), RequestsPerMinute: k.RequestsPerMinute, RequestsPerDay: k.RequestsPerDay,
		TokensPerMinute: k.TokensPerMinute, MaxRunning: k.MaxRunning, Profile: k.Profile,
	}
}

// ShowUse adds to keys when they were used last, as far as the request log knows;
// one that cannot be read leaves it out.
func (s *Panel) ShowUse(ctx context.Context, keys []Key) {
	used, err := s.o.Log.KeysUsed(ctx)
	if err != nil {
		return
	}
	for i := range keys {
		keys[i].LastUsed = timeOrNil(used[keys[i].Name])
	}
}

// ChangeKey changes the given fields of a key; callers are held to them from
// their next request on.
func (s *Panel) ChangeKey(id int64, p KeyPatch) (Key, error) {
	var changed config.Key
	err := s.o.Config.Update(func(c *config.Config) error {
		i := slices.IndexFunc(c.Keys, func(k config.Key) bool { return k.ID == id })
		if i < 0 {
			return noKey()
		}
		p.change(&c.Keys[i])
		changed = c.Keys[i]
		return nil
	})
	if err != nil {
		return Key{}, err
	}
	s.o.Events.Publish(event.Event{Kind: event.Config})
	return s.shownKey(&changed), nil
}

func (p KeyPatch) change(k *config.Key) {
	if p.Name != nil {
		k.Name = strings.TrimSpace(*p.Name)
	}
	if p.Enabled != nil {
		k.Disabled = !*p.Enabled
	}
	set(&k.Expires, p.Expires)
	set(&k.Models, p.Models)
	set(&k.RequestsPerMinute, p.RequestsPerMinute)
	set(&k.RequestsPerDay, p.RequestsPerDay)
	set(&k.TokensPerMinute, p.TokensPerMinute)
	set(&k.MaxRunning, p.MaxRunning)
	set(&k.Profile, p.Profile)
}

// secret is a key's text, wherever the user keeps it; "" when it is lost.
func (s *Panel) secret(k config.Key) string { return KeyText(k, s.o.Credentials) }

// KeyText is the text of a client's API key: as it stands in the file, or from
// the credential store; "" when neither has it.
func KeyText(k config.Key, c *account.Credentials) string {
	if k.Key != "" {
		return k.Key
	}
	secret, _ := c.Get(account.KeyName(k.ID))
	return secret.Reveal()
}

// KeySecret gives the text of a key, for the person to copy.
func (s *Panel) KeySecret(_ context.Context, id int64) (string, error) {
	for _, k := range s.o.Config.Snapshot().Keys {
		if k.ID == id {
			if text := s.secret(k); text != "" {
				return text, nil
			}
			return "", &llm.Error{Kind: llm.KindNotFound, Message: "the text of the key '" + k.Name + "' is not in the credential store any more; delete the key and make a new one"}
		}
	}
	return "", noKey()
}

func noKey() *llm.Error {
	return &llm.Error{Kind: llm.KindNotFound, Message: "there is no such API key; it may have been deleted"}
}

// NewKey makes a key with these limits and gives its text.
func (s *Panel) NewKey(p KeyPatch) (Key, string, error) {
	text := account.NewKey()
	var k config.Key
	err := s.o.Config.Update(func(c *config.Config) error {
		k = config.Key{ID: nextKeyID(c.Keys)}
		p.change(&k)
		k.Name = cmp.Or(k.Name, "key")
		with := *c
		with.Keys = append(slices.Clone(c.Keys), k)
		if err := config.Validate(&with); err != nil {
			return err
		}
		// The secret first: a key without its text would lock its user out.
		if err := s.o.Credentials.Set(account.KeyName(k.ID), account.NewSecret(text)); err != nil {
			return err
		}
		c.Keys = with.Keys
		return nil
	})
	if err != nil {
		return Key{}, "", err
	}
	s.o.Events.Publish(event.Event{Kind: event.Config})
	return s.shownKey(&k), text, nil
}

func nextKeyID(keys []config.Key) int64 {
	var highest int64
	for _, k := range keys {
		highest = max(highest, k.ID)
	}
	return highest + 1
}

// DeleteKey ends a key: callers that use it are refused from now on.
func (s *Panel) DeleteKey(id int64) error {
	found := false
	err := s.o.Config.Update(func(c *config.Config) error {
		keep := slices.DeleteFunc(slices.Clone(c.Keys), func(k config.Key) bool { return k.ID == id })
		found = len(keep) < len(c.Keys)
		c.Keys = keep
		return nil
	})
	if err != nil {
		return err
	}
	if !found {
		return noKey()
	}
	return s.o.Credentials.Delete(account.KeyName(id))
}
