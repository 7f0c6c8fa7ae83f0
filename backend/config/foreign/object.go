package foreign

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/tailscale/hujson"
)

// object is a JSON object whose keys are matched in any case, as the programs
// that wrote it do.
type object map[string]json.RawMessage

// readObject takes comments and trailing commas, which people put into
// configurations.
func readObject(text []byte) (object, error) {
	const deepest = 100
	if depth(text) > deepest {
		return nil, errors.New("nested too deep")
	}
	v, err := hujson.Parse(bytes.TrimPrefix(text, []byte("\uFEFF")))
	if err != nil {
		return nil, errors.New("not JSON")
	}
	v.Standardize()
	var raw map[string]json.RawMessage
	if json.Unmarshal(v.Pack(), &raw) != nil || raw == nil {
		return nil, errors.New("not an object")
	}
	o := object{}
	for k, value := range raw {
		o[strings.ToLower(k)] = value
	}
	return o, nil
}

// depth bounds how deep a text may be nested, without reading it: the parser
// recurses. Brackets in strings count too, which only makes it stricter.
func depth(text []byte) (most int) {
	now := 0
	for _, b := range text {
		switch b {
		case '{', '[':
			now++
			most = max(most, now)
		case '}', ']':
			now--
		}
	}
	return most
}

func (o object) has(key string) bool { _, ok := o[key]; return ok }

// text is a string member; "" when it is none.
func (o object) text(key string) string {
	var s string
	if json.Unmarshal(o[key], &s) != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

// object is a member that is one; empty when it is none.
func (o object) object(key string) object {
	n, err := readObject(o[key])
	if err != nil {
		return object{}
	}
	return n
}

// compact is the object's text again.
func (o object) compact() string {
	text, err := json.Marshal(o)
	if err != nil {
		return ""
	}
	return string(text)
}

// emailOf reads the claim of an ID token, which is only shown and so not
// verified.
func emailOf(idToken string) string {
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return ""
	}
	claims, err := readObject(text)
	if err != nil {
		return ""
	}
	return claims.text("email")
}
