package control

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// form is what a way of a provider asks for, to check what was filled in.
type form struct {
	info provider.Info
	way  provider.Way
}

// wrong is a value that cannot be used, with the field that it was typed into.
func wrong(field, format string, args ...any) *config.Error {
	return &config.Error{Field: field, Message: fmt.Sprintf(format, args...)}
}

func (s *Panel) form(kind, way string) (form, error) {
	p, ok := s.provider(kind)
	if !ok {
		return form{}, wrong("provider", "there is no provider %q in this version", kind)
	}
	info := p.info
	w := info.Way(way)
	if way != "" && w.ID != way {
		return form{}, wrong("way", "%s has no way %q", info.Title.EN, way)
	}
	return form{info, w}, nil
}

// title names the way, and the provider where the way says too little.
func (f form) title() string {
	if len(f.info.Ways) < 2 || f.way.Title.EN == "" {
		return f.info.Title.EN
	}
	return f.way.Title.EN
}

func (f form) fields() []provider.Field { return slices.Concat(f.way.Fields, f.info.Fields) }

// settings checks what was typed and puts it over was, which is nil for a new
// account: it gives the settings, and apart from them the secret fields.
func (f form) settings(typed, was map[string]string) (settings map[string]string, hidden secrets, err error) {
	settings, hidden = map[string]string{}, secrets{}
	if was == nil {
		maps.Copy(settings, f.way.Settings)
	}
	maps.Copy(settings, was)
	for key, value := range typed {
		value = strings.TrimSpace(value)
		i := slices.IndexFunc(f.fields(), func(x provider.Field) bool { return x.Key == key })
		switch {
		case i >= 0 && f.fields()[i].Kind == provider.FieldSecret:
			if err := checkSecret(key, value); err != nil {
				return nil, nil, err
			}
			hidden[key] = value
			delete(settings, key)
			continue
		case i >= 0:
			if err := checkField(f.fields()[i], value); err != nil {
				return nil, nil, err
			}
		case key == provider.KindSetting:
			if value != f.way.ID {
				return nil, nil, wrong("way", "the way of an account cannot be changed: add another account")
			}
		default:
			if _, known := settings[key]; !known {
				return nil, nil, wrong("settings."+key, "%s has no setting %q", f.title(), key)
			}
		}
		settings[key] = value
		if value == "" {
			delete(settings, key)
		}
	}
	if f.way.ID != "" {
		settings[provider.KindSetting] = f.way.ID
	}
	return settings, hidden, nil
}

// complete refuses a form with a required field left empty. Secret fields are
// looked at only in new, what a new account was given; nil is another one.
func (f form) complete(settings map[string]string, fresh secrets) error {
	for _, x := range f.fields() {
		if !x.Required || x.Default != "" {
			continue
		}
		filled := settings[x.Key] != ""
		if x.Kind == provider.FieldSecret {
			filled = fresh == nil || fresh[x.Key] != ""
		}
		if !filled {
			return wrong("settings."+x.Key, "%s must be filled in", x.Label.EN)
		}
	}
	return nil
}

func checkField(x provider.Field, value string) error {
	if value == "" {
		return nil
	}
	field := "settings." + x.Key
	switch x.Kind {
	case provider.FieldChoice:
		if !slices.Contains(x.Choices, value) {
			return wrong(field, "must be one of %s", strings.Join(x.Choices, ", "))
		}
	case provider.FieldSwitch:
		if value != "true" && value != "false" {
			return wrong(field, "must be true or false")
		}
	case provider.FieldURL:
		if _, err := url.Parse(value); err != nil || strings.ContainsAny(value, " \t") {
			return wrong(field, "must be an address, as https://example.com")
		}
	case provider.FieldText, provider.FieldSecret:
	}
	if strings.IndexFunc(value, unicode.IsControl) >= 0 {
		return wrong(field, "must be one line of text")
	}
	return nil
}

// checkSecret takes what can travel in a header.
func checkSecret(key, value string) error {
	if strings.IndexFunc(value, unicode.IsControl) >= 0 {
		return wrong("settings."+key, "must be one line of text")
	}
	return nil
}

// key checks the account's own secret.
func (f form) key(typed string) (string, error) {
	text := strings.TrimSpace(typed)
	switch f.way.Credential {
	case provider.CredentialNone:
		if text != "" {
			return "", wrong("key", "%s takes no key", f.title())
		}
	case provider.CredentialKey:
		if text == "" {
			return "", wrong("key", "the key is missing: paste it")
		}
		return text, checkKey(text)
	case provider.CredentialOptionalKey:
		return text, checkKey(text)
	case provider.CredentialFile:
		if text == "" {
			return "", wrong("key", "the file is missing: choose it, or paste its content")
		}
	case provider.CredentialSignIn:
	}
	return text, nil
}

func checkKey(text string) error {
	if strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return wrong("key", "a key is one word of letters, digits and signs: this text has blanks, line ends or other characters in it")
	}
	return nil
}
