package httpapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"path"
)

// cookieName is the session cookie of the web edition.
const cookieName = "openaicompatible_session"

// actionHeader must be on every call that changes something: no form of another
// page can set it.
const actionHeader = "X-Requested-With"

// session signs browsers in by the admin token. The cookie is derived from the
// token, so that it survives a restart and ends with the token.
type session struct{ token string }

// handle deals with a call that is not signed in, or signs in or out; it says
// whether it answered.
func (s session) handle(w http.ResponseWriter, r *http.Request) bool {
	if s.token == "" {
		return false
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Header.Get(actionHeader) == "" {
		writeProblem(w, http.StatusForbidden, "a call that changes something needs the header "+actionHeader)
		return true
	}
	if path.Clean(r.URL.Path) == "/api/session" {
		s.sign(w, r)
		return true
	}
	if s.known(r) {
		return false
	}
	writeProblem(w, http.StatusUnauthorized, "sign in with the admin token that serve printed")
	return true
}

// known says that the browser has the cookie, or a program the token itself.
func (s session) known(r *http.Request) bool {
	if c, err := r.Cookie(cookieName); err == nil && same(c.Value, s.value()) {
		return true
	}
	given := presented(r)
	return given != "" && same(given, s.token)
}

func (s session) sign(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
		var in struct {
			Token string `json:"token"`
		}
		const most = 4 << 10
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, most)).Decode(&in); err != nil {
			writeProblem(w, http.StatusBadRequest, `send {"token":"…"}`)
			return
		}
		if !same(in.Token, s.token) {
			writeProblem(w, http.StatusUnauthorized, "the token is not right; serve prints the current one at its start")
			return
		}
		http.SetCookie(w, s.cookie(s.value(), 0))
		w.WriteHeader(http.StatusNoContent)
	case http.MethodDelete:
		http.SetCookie(w, s.cookie("", -1))
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", "POST, DELETE")
		writeProblem(w, http.StatusMethodNotAllowed, "POST signs in, DELETE signs out")
	}
}

// cookie is not marked Secure: the listener speaks plain HTTP on loopback.
func (s session) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // see above.
		Name: cookieName, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

func (s session) value() string {
	m := hmac.New(sha256.New, []byte(s.token))
	m.Write([]byte("session"))
	return hex.EncodeToString(m.Sum(nil))
}

// same compares in constant time, whatever the lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// writeProblem answers with an RFC 9457 problem, as the admin API does.
func writeProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	b, _ := json.Marshal(map[string]any{"title": http.StatusText(status), "status": status, "detail": detail})
	_, _ = w.Write(append(b, '\n'))
}
