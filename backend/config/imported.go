package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tailscale/hujson"
)

// section is one of the original program's lists of sign-ins.
type section struct {
	// key is its name in the file and the prefix of its models' names.
	key, provider string
	// kind tells apart two sections of one provider; "" needs no telling.
	kind string
	// structured says that the token is an object.
	structured bool
}

// sections are in the order of their IDs, so that new ones go to the end.
func sections() []section {
	return []section{
		{key: "codegeex", provider: "codegeex"},
		{key: "qwen", provider: "qwen", kind: "web"},
		{key: "qwen_code", provider: "qwen", kind: "code", structured: true},
		{key: "gemini_cli", provider: "gemini", kind: "cli", structured: true},
	}
}

// imported reads the original's sections as the accounts they stand for, and
// says which of them cannot be used.
func (d *document) imported() (accounts []Account, warnings []string, err error) {
	root, _ := d.root.Value.(*hujson.Object)
	for n, s := range sections() {
		i := member(root, s.key)
		if i < 0 {
			continue
		}
		entries, err := entriesOf(&root.Members[i].Value, s)
		if err != nil {
			return nil, nil, err
		}
		for i, entry := range entries {
			a, err := s.account(entry, i)
			if err != nil {
				return nil, nil, d.locate(err)
			}
			a.ID = importedBase + int64(n)*sectionStride + int64(i)
			if a.Key == "" {
				warnings = append(warnings, fmt.Sprintf("%s[%d]: the token is empty: the account is left out", s.key, i))
				continue
			}
			accounts = append(accounts, a)
		}
	}
	return accounts, warnings, nil
}

// ReadAccounts reads the accounts of a file that is not the program's own: those
// of the original's sections and those that it has under accounts. The rest of
// the file may be wrong. Errors have a line.
func ReadAccounts(text []byte) (accounts []Account, warnings []string, err error) {
	d, err := parseDocument(text)
	if err != nil {
		return nil, nil, err
	}
	accounts, warnings, err = d.imported()
	if err != nil {
		return nil, nil, err
	}
	var own struct {
		Accounts []Account `json:"accounts"`
	}
	if failed := json.Unmarshal(d.standard(), &own); failed != nil {
		own.Accounts, warnings = nil, append(warnings, `the accounts under "accounts" cannot be read`)
	}
	return append(accounts, own.Accounts...), warnings, nil
}

// entriesOf are the objects of a section: a list of them or, as version 0.3.0
// had it, one. Null is none.
func entriesOf(v *hujson.Value, s section) ([]*hujson.Object, error) {
	switch node := v.Value.(type) {
	case *hujson.Object:
		return []*hujson.Object{node}, nil
	case *hujson.Array:
		entries := make([]*hujson.Object, 0, len(node.Elements))
		for i := range node.Elements {
			o, ok := node.Elements[i].Value.(*hujson.Object)
			if !ok && node.Elements[i].Value.Kind() != 'n' {
				return nil, wrong(fmt.Sprintf("%s[%d]", s.key, i), "must be an object: { … }")
			}
			if o == nil {
				o = &hujson.Object{}
			}
			entries = append(entries, o)
		}
		return entries, nil
	}
	if v.Value.Kind() == 'n' {
		return nil, nil
	}
	return nil, wrong(s.key, "must be a list of objects: [ { … } ]")
}

// account reads one entry. The models keep the section's prefix, which the
// original forced too; a prefix of the user's own stands among the settings.
func (s section) account(o *hujson.Object, index int) (Account, error) {
	a := Account{
		Provider: s.provider, Name: fmt.Sprintf("%s %d", s.key, index+1), Prefix: s.key,
		Settings: map[string]string{},
	}
	if s.kind != "" {
		a.Settings["kind"] = s.kind
	}
	for i := range o.Members {
		m := &o.Members[i]
		name := strings.ToLower(keyOf(m))
		if name != "token" {
			a.Settings[name] = plain(&m.Value)
			continue
		}
		key, err := s.token(&m.Value, fmt.Sprintf("%s[%d].token", s.key, index))
		if err != nil {
			return Account{}, err
		}
		a.Key = key
	}
	return a, nil
}

// plain is a value as a setting: a string's text, or the JSON of anything else.
func plain(v *hujson.Value) string {
	if l, ok := v.Value.(hujson.Literal); ok {
		if l.Kind() == 'n' {
			return ""
		}
		return l.String()
	}
	c := v.Clone()
	c.Minimize()
	return c.String()
}

// token reads a sign-in's secret. One that is an object stays JSON; its expiry
// is left out when it says nothing, as "" is not a time.
func (s section) token(v *hujson.Value, field string) (string, error) {
	kind := v.Value.Kind()
	switch {
	case kind == 'n':
		return "", nil
	case !s.structured && kind == '"':
		return strings.TrimSpace(plain(v)), nil
	case !s.structured:
		return "", wrong(field, "must be a string, got %s", titleOf(kind))
	case kind != '{':
		return "", wrong(field, "must be an object with access_token and refresh_token, got %s", titleOf(kind))
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(plain(v)), &fields); err != nil {
		return "", wrong(field, "cannot be read: %v", err)
	}
	token := map[string]json.RawMessage{}
	for name, value := range fields {
		token[strings.ToLower(name)] = value
	}
	if err := checkExpiry(token, field+".expiry"); err != nil {
		return "", err
	}
	if isEmptyToken(token) {
		return "", nil
	}
	text, err := json.Marshal(token)
	return string(text), err
}

// checkExpiry drops an expiry that says nothing and refuses one that is no time.
func checkExpiry(token map[string]json.RawMessage, field string) error {
	raw, ok := token["expiry"]
	if !ok {
		return nil
	}
	if slices.Contains([]string{`""`, "null"}, string(raw)) {
		delete(token, "expiry")
		return nil
	}
	if json.Unmarshal(raw, new(time.Time)) != nil {
		return wrong(field, `must be a time as 2030-01-01T00:00:00Z, or ""`)
	}
	return nil
}

func isEmptyToken(token map[string]json.RawMessage) bool {
	for _, name := range []string{"access_token", "refresh_token"} {
		if raw := token[name]; len(raw) > 0 && !bytes.Equal(raw, []byte(`""`)) && !bytes.Equal(raw, []byte("null")) {
			return false
		}
	}
	return true
}
