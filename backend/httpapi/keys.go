package httpapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Key is one API key, known by its digest alone.
type Key struct {
	Name   string
	Digest [sha256.Size]byte
	// Profile is what the program that has it needs, in the words of the settings;
	// "" goes by what the program says of itself.
	Profile string
}

// Digest is what a Guard keeps of a key's text.
func Digest(key string) [sha256.Size]byte { return sha256.Sum256([]byte(key)) }

// identify finds the API key among what a request presents and gives its name.
// All keys are compared with all that is presented, each in constant time (B63).
func (g *Guard) identify(keys []string) (string, *llm.Error) {
	found := -1
	for _, key := range keys {
		digest := Digest(key)
		for i := range g.Keys {
			if subtle.ConstantTimeCompare(digest[:], g.Keys[i].Digest[:]) == 1 {
				found = i
			}
		}
	}
	switch {
	case found >= 0:
		return g.Keys[found].Name, nil
	case !g.RequireKey:
		// Plugins insist on sending some key; where none is needed any will do.
		return "", nil
	case len(keys) == 0:
		return "", &llm.Error{
			Kind: llm.KindAuth, Code: "missing_api_key",
			Message: "an API key is required: send it as 'Authorization: Bearer KEY'; it stands on the Overview page and in the output of serve",
		}
	}
	return "", &llm.Error{
		Kind: llm.KindAuth, Code: "invalid_api_key",
		Message: "the API key is not one of this program's keys; the right one stands on the Overview page and in the output of serve",
	}
}

// presented is the first key that a request carries; "" is none.
func presented(r *http.Request) string {
	if all := given(r); len(all) > 0 {
		return all[0]
	}
	return ""
}

// given are the keys that a request carries, in any of the header forms
// alike. Some clients fill one with a placeholder and another with the key.
func given(r *http.Request) []string {
	var all []string
	for _, name := range [...]string{"Authorization", "X-Api-Key", "X-Goog-Api-Key", "Api-Key"} {
		for _, v := range r.Header.Values(name) {
			if scheme, key, ok := strings.Cut(v, " "); ok && strings.EqualFold(scheme, "Bearer") {
				v = key
			}
			if v = strings.TrimSpace(v); v != "" && !strings.EqualFold(v, "Bearer") {
				all = append(all, v)
			}
		}
	}
	return all
}

// inQuery takes the key out of the query string, where nobody who comes later
// can write it down. Only Google's protocol has it there.
func inQuery(r *http.Request) []string {
	if !strings.Contains(r.URL.RawQuery, "key=") {
		return nil
	}
	kept := make([]string, 0, 1)
	var keys []string
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		value, ok := strings.CutPrefix(pair, "key=")
		if !ok {
			kept = append(kept, pair)
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil && plain != "" {
			keys = append(keys, plain)
		}
	}
	r.URL.RawQuery = strings.Join(kept, "&")
	r.RequestURI = r.URL.RequestURI()
	return keys
}

// local says that the client is a program of this machine, by the address that
// its connection comes from.
func local(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
