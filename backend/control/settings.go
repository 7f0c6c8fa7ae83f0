package control

import (
	"cmp"
	"context"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// SettingsPatch changes the fields that are not nil.
type SettingsPatch struct {
	Host           *string   `json:"host,omitempty"`
	Port           *int      `json:"port,omitempty" minimum:"1" maximum:"65535"`
	RequireKey     *bool     `json:"requireKey,omitempty"`
	AllowedOrigins *[]string `json:"allowedOrigins,omitempty"`
	AllowedHosts   *[]string `json:"allowedHosts,omitempty"`
	MaxBodyMB      *int      `json:"maxBodyMB,omitempty" minimum:"1" maximum:"1024"`
	Language       *string   `json:"language,omitempty" enum:"system,en,zh-CN"`
	Theme          *string   `json:"theme,omitempty" enum:"system,light,dark"`
	Closing        *string   `json:"closing,omitempty" enum:"tray,quit"`
	StartListener  *bool     `json:"startListener,omitempty"`
	StartHidden    *bool     `json:"startHidden,omitempty"`
	KeepBodies     *string   `json:"keepBodies,omitempty" enum:"off,errors,all"`
	BodyLimitKB    *int      `json:"bodyLimitKB,omitempty" minimum:"1" maximum:"65536"`
	Days           *int      `json:"days,omitempty" minimum:"0" maximum:"3650"`
	MaxMB          *int      `json:"maxMB,omitempty" minimum:"0" maximum:"1048576"`
	DefaultModel   *string   `json:"defaultModel,omitempty"`
	Attempts       *int      `json:"attempts,omitempty" minimum:"1" maximum:"10"`
	Demo           *bool     `json:"demo,omitempty"`
}

// Settings are the settings in force.
func (s *Panel) Settings() Settings {
	c := s.o.Config.Snapshot()
	return Settings{
		Host: c.Host, Port: c.Port, RequireKey: c.Server.RequireKey, AllowedOrigins: list(c.Server.AllowedOrigins),
		AllowedHosts: list(c.Server.AllowedHosts), MaxBodyMB: c.Server.MaxBodyMB, Language: c.General.Language,
		Theme: c.General.Theme, Closing: c.General.Closing, StartListener: c.General.StartListener,
		StartHidden: c.General.StartHidden, KeepBodies: c.Requests.KeepBodies, BodyLimitKB: c.Requests.BodyLimitKB,
		Days: c.Requests.Days, MaxMB: c.Requests.MaxMB, DefaultModel: c.Routing.DefaultModel,
		Attempts: c.Routing.Attempts, Demo: c.Demo,
	}
}

// list is never nil, so that JSON has a list.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return slices.Clone(s)
}

// UpdateSettings writes the given fields into the file and puts them in force.
// A value that is not allowed is a *config.Error that names its field.
func (s *Panel) UpdateSettings(p SettingsPatch) (Settings, error) {
	err := s.o.Config.Update(func(c *config.Config) error {
		set(&c.Host, p.Host)
		set(&c.Port, p.Port)
		set(&c.Server.RequireKey, p.RequireKey)
		set(&c.Server.AllowedOrigins, p.AllowedOrigins)
		set(&c.Server.AllowedHosts, p.AllowedHosts)
		set(&c.Server.MaxBodyMB, p.MaxBodyMB)
		set(&c.General.Language, p.Language)
		set(&c.General.Theme, p.Theme)
		set(&c.General.Closing, p.Closing)
		set(&c.General.StartListener, p.StartListener)
		set(&c.General.StartHidden, p.StartHidden)
		set(&c.Requests.KeepBodies, p.KeepBodies)
		set(&c.Requests.BodyLimitKB, p.BodyLimitKB)
		set(&c.Requests.Days, p.Days)
		set(&c.Requests.MaxMB, p.MaxMB)
		set(&c.Routing.DefaultModel, p.DefaultModel)
		set(&c.Routing.Attempts, p.Attempts)
		set(&c.Demo, p.Demo)
		return nil
	})
	if err != nil {
		return Settings{}, err
	}
	return s.Settings(), nil
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// Keys are the clients' API keys, without their secrets.
func (s *Panel) Keys() []Key {
	c := s.o.Config.Snapshot()
	out := make([]Key, 0, len(c.Keys))
	for _, k := range c.Keys {
		out = append(out, Key{ID: k.ID, Name: k.Name, Masked: account.Masked(s.secret(k))})
	}
	return out
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

// NewKey makes a key and gives its text.
func (s *Panel) NewKey(name string) (Key, string, error) {
	text := account.NewKey()
	var k config.Key
	err := s.o.Config.Update(func(c *config.Config) error {
		k = config.Key{ID: nextKeyID(c.Keys), Name: cmp.Or(name, "key")}
		// The secret first: a key without its text would lock its user out.
		if err := s.o.Credentials.Set(account.KeyName(k.ID), account.NewSecret(text)); err != nil {
			return err
		}
		c.Keys = append(slices.Clone(c.Keys), k)
		return nil
	})
	if err != nil {
		return Key{}, "", err
	}
	s.o.Events.Publish(event.Event{Kind: event.Config})
	return Key{ID: k.ID, Name: k.Name, Masked: account.Masked(text)}, text, nil
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
