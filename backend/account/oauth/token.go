package oauth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
)

// Token is what a sign-in gives. Everything in it that must not be seen is an
// [account.Secret]: printing a Token is safe.
type Token struct {
	// Access goes with each request; Refresh gets the next one, and is zero
	// where there is none.
	Access, Refresh account.Secret
	// Type is how Access is sent, as Bearer; "" is Bearer.
	Type string
	// Expiry is when Access ends; the zero time is not known.
	Expiry time.Time
	Scope  string
	// ID is OpenID's token: who signed in.
	ID account.Secret
	// Resource is the address that the token is for, where the service tells
	// (Qwen's resource_url).
	Resource string
	// Email is whose it is, as the program that wrote the token noted it.
	Email string
	// Project is the Google Cloud project, or several between commas.
	Project string
	// ClientID, ClientSecret and TokenURL are the OAuth client that the token
	// belongs to, where it is not the usual one.
	ClientID     string
	ClientSecret account.Secret
	TokenURL     string

	// rest are the members that nobody here knows, as JSON.
	rest map[string]account.Secret
}

var errNoToken = errors.New("this is no sign-in: it holds neither an access token nor a refresh token")

// ParseToken reads a token in any form that programs write it in: that of
// golang.org/x/oauth2 (the original program's), of Gemini CLI and Qwen Code
// (expiry_date in milliseconds), and of CLIProxyAPI (with the token nested, or
// an expired time). A time that cannot be read is a time that is not known. A
// text that is no object is an access token alone, as `gcloud auth
// print-access-token` gives one. The error quotes nothing of s.
func ParseToken(s account.Secret) (Token, error) {
	text := strings.TrimSpace(s.Reveal())
	if !strings.HasPrefix(text, "{") {
		if text == "" || strings.ContainsAny(text, " \t\r\n\"[]") {
			return Token{}, errNoToken
		}
		return Token{Access: account.NewSecret(text)}, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		return Token{}, errors.New("this is no sign-in: the JSON is not whole")
	}
	t := parse(flat(members))
	if t.Access.IsZero() && t.Refresh.IsZero() {
		return Token{}, errNoToken
	}
	return t, nil
}

// flat lifts a nested token's members over those around it.
func flat(members map[string]json.RawMessage) map[string]json.RawMessage {
	var nested map[string]json.RawMessage
	if json.Unmarshal(members["token"], &nested) != nil || nested == nil {
		return members
	}
	delete(members, "token")
	for name, value := range nested {
		// An empty member inside says less than a full one outside.
		if s := string(value); s != `""` && s != "null" || members[name] == nil {
			members[name] = value
		}
	}
	return members
}

// parse takes the members it knows out of m and keeps the others.
func parse(m map[string]json.RawMessage) Token {
	text := func(names ...string) (found string) {
		for _, name := range names {
			var s string
			if raw, ok := m[name]; ok && json.Unmarshal(raw, &s) == nil {
				delete(m, name)
				if found == "" {
					found = s
				}
			}
		}
		return found
	}
	t := Token{
		Access:   account.NewSecret(text("access_token", "accessToken")),
		Refresh:  account.NewSecret(text("refresh_token", "refreshToken")),
		Type:     text("token_type", "tokenType"),
		Scope:    text("scope"),
		ID:       account.NewSecret(text("id_token", "idToken")),
		Resource: text("resource_url"), Email: text("email"), Project: text("project_id"),
		ClientID: text("client_id"), ClientSecret: account.NewSecret(text("client_secret")), TokenURL: text("token_uri"),
		Expiry: takeExpiry(m),
	}
	for name, raw := range m {
		if t.rest == nil {
			t.rest = make(map[string]account.Secret, len(m))
		}
		t.rest[name] = account.NewSecret(string(raw))
	}
	return t
}

// takeExpiry reads the end of the access token under each of its names. An
// expires_in alone counts from a moment that nobody wrote down: it is dropped.
func takeExpiry(m map[string]json.RawMessage) (found time.Time) {
	for _, name := range []string{"expiry_date", "expiry", "expired", "expiresAt", "expires_in"} {
		raw, ok := m[name]
		delete(m, name)
		if !ok || !found.IsZero() || name == "expires_in" {
			continue
		}
		found = moment(raw)
	}
	return found
}

// moment reads RFC 3339, or milliseconds or seconds since 1970, as a number or
// as a text.
func moment(raw json.RawMessage) time.Time {
	s := strings.Trim(string(raw), `" `)
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		const inMilliseconds = 1e11 // as seconds this is the year 5138
		switch {
		case n <= 0:
			return time.Time{}
		case n < inMilliseconds:
			return time.Unix(int64(n), 0).UTC()
		default:
			return time.UnixMilli(int64(n)).UTC()
		}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Unix() <= 0 {
		return time.Time{} // "" and the year 1 both mean that nobody knows
	}
	return t.UTC()
}

// Secret is the token as it is stored, in one form whatever it was read from:
// that of golang.org/x/oauth2, with what else there is beside it.
func (t Token) Secret() account.Secret {
	m := make(map[string]any, len(t.rest)+8)
	for name, raw := range t.rest {
		m[name] = json.RawMessage(raw.Reveal())
	}
	for name, s := range map[string]string{
		"access_token": t.Access.Reveal(), "refresh_token": t.Refresh.Reveal(), "token_type": t.Type, "scope": t.Scope,
		"id_token": t.ID.Reveal(), "resource_url": t.Resource, "email": t.Email, "project_id": t.Project,
		"client_id": t.ClientID, "client_secret": t.ClientSecret.Reveal(), "token_uri": t.TokenURL,
	} {
		if s != "" {
			m[name] = s
		}
	}
	if !t.Expiry.IsZero() {
		m["expiry"] = t.Expiry.UTC()
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return account.Secret{} // cannot be: rest is what was parsed
	}
	return account.NewSecret(string(raw))
}

// Authorization is the value of the header that sends the token.
func (t Token) Authorization() string { return "Bearer " + t.Access.Reveal() }

// renewed is t after a refresh: what the answer does not say stays.
func (t Token) renewed(fresh Token) Token {
	out := t
	out.Access, out.Expiry = fresh.Access, fresh.Expiry
	if !fresh.Refresh.IsZero() {
		out.Refresh = fresh.Refresh
	}
	if !fresh.ID.IsZero() {
		out.ID = fresh.ID
	}
	for _, f := range []struct {
		to   *string
		from string
	}{{&out.Type, fresh.Type}, {&out.Scope, fresh.Scope}, {&out.Resource, fresh.Resource}} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	out.rest = make(map[string]account.Secret, len(t.rest)+len(fresh.rest))
	for _, members := range []map[string]account.Secret{t.rest, fresh.rest} {
		maps.Copy(out.rest, members)
	}
	return out
}

// Owner is the e-mail address that the token names: the one noted beside it, or
// that of the ID token; "" is none. The ID token's signature is not checked, as
// it came from the service itself and decides nothing.
func (t Token) Owner() string {
	if t.Email != "" {
		return t.Email
	}
	_, rest, _ := strings.Cut(t.ID.Reveal(), ".")
	claims, _, _ := strings.Cut(rest, ".")
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(claims, "="))
	if err != nil {
		return ""
	}
	var c struct {
		Email string `json:"email"`
	}
	_ = json.Unmarshal(raw, &c) // an ID token that cannot be read names nobody
	return c.Email
}
