package httpapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// cookieName is the session cookie of the web edition.
const cookieName = "openaicompatible_session"

// sessionDays is how long a browser stays signed in.
const sessionDays = 30

// actionHeader must be on every call that changes something: no form of another
// page can set it.
const actionHeader = "X-Requested-With"

// session signs browsers in by the admin token. The cookie is signed with the
// token, so that it survives a restart and ends with the token. It carries when
// it was given: an old one, and one from before somebody signed out everywhere,
// is worth nothing.
type session struct {
	token string
	// file keeps when everybody was signed out, over restarts; "" keeps it for
	// this process alone.
	file     string
	attempts attempts

	mu    sync.Mutex
	read  bool
	floor int64 // cookies from before this nanosecond are void
}

func newSession(token, file string) *session {
	return &session{token: token, file: file, attempts: attempts{now: time.Now}}
}

// handle deals with a call that is not signed in, or signs in or out; it says
// whether it answered.
func (s *session) handle(w http.ResponseWriter, r *http.Request) bool {
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
	if s.hasCookie(r) {
		return false
	}
	given := presented(r)
	if given != "" && s.slowDown(w, r) {
		return true
	}
	if given != "" && same(given, s.token) {
		return false
	}
	if given != "" {
		s.attempts.fail(r)
	}
	writeProblem(w, http.StatusUnauthorized, "sign in with the admin token that serve printed")
	return true
}

// slowDown refuses an address that has sent too many wrong tokens, whatever it
// sends now.
func (s *session) slowDown(w http.ResponseWriter, r *http.Request) bool {
	wait := s.attempts.wait(r)
	if wait == 0 {
		return false
	}
	seconds := int(wait/time.Second) + 1
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	writeProblem(w, http.StatusTooManyRequests, "too many wrong tokens came from this address; try again in "+strconv.Itoa(seconds)+" seconds")
	return true
}

func (s *session) sign(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
		s.in(w, r)
	case http.MethodDelete:
		if r.URL.Query().Get("everywhere") == "true" && !s.outEverywhere(w, r) {
			return
		}
		http.SetCookie(w, s.cookie("", -1))
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", "POST, DELETE")
		writeProblem(w, http.StatusMethodNotAllowed, "POST signs in, DELETE signs out")
	}
}

func (s *session) in(w http.ResponseWriter, r *http.Request) {
	if s.slowDown(w, r) {
		return
	}
	var in struct {
		Token string `json:"token"`
	}
	const most = 4 << 10
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, most)).Decode(&in); err != nil {
		writeProblem(w, http.StatusBadRequest, `send {"token":"…"}`)
		return
	}
	if !same(in.Token, s.token) {
		s.attempts.fail(r)
		writeProblem(w, http.StatusUnauthorized, "the token is not right; serve prints the current one at its start")
		return
	}
	http.SetCookie(w, s.cookie(s.value(time.Now()), sessionDays*24*3600))
	w.WriteHeader(http.StatusNoContent)
}

// outEverywhere makes every cookie void that was given until now; it says
// whether it did. Only who is signed in may.
func (s *session) outEverywhere(w http.ResponseWriter, r *http.Request) bool {
	if !s.hasCookie(r) {
		writeProblem(w, http.StatusUnauthorized, "sign in before you sign out everywhere")
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	floor := time.Now().UnixNano()
	if s.file != "" {
		if err := keepFloor(s.file, floor); err != nil {
			writeProblem(w, http.StatusInternalServerError, "nobody was signed out, for that could not be written down: "+err.Error())
			return false
		}
	}
	s.read, s.floor = true, floor
	return true
}

// keepFloor writes the moment whole: half of it would be an earlier one.
func keepFloor(file string, floor int64) error {
	if err := os.WriteFile(file+".new", []byte(strconv.FormatInt(floor, 10)+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// hasCookie says that the browser is signed in.
func (s *session) hasCookie(r *http.Request) bool {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	given, _, _ := strings.Cut(c.Value, ".")
	nanos, err := strconv.ParseInt(given, 10, 64)
	if err != nil || !same(c.Value, s.value(time.Unix(0, nanos))) {
		return false
	}
	age := time.Since(time.Unix(0, nanos))
	return age < sessionDays*24*time.Hour && nanos > s.voidUntil()
}

// voidUntil is when everybody was signed out; 0 is never.
func (s *session) voidUntil() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.read && s.file != "" {
		// Without the file nobody was ever signed out.
		if text, err := os.ReadFile(s.file); err == nil {
			s.floor, _ = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // what is no time voids nothing
		}
	}
	s.read = true
	return s.floor
}

// cookie is not marked Secure: the listener speaks plain HTTP on loopback.
func (s *session) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // see above.
		Name: cookieName, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// value is what a cookie holds that is given at a time.
func (s *session) value(given time.Time) string {
	at := strconv.FormatInt(given.UnixNano(), 10)
	m := hmac.New(sha256.New, []byte(s.token))
	m.Write([]byte("session " + at))
	return at + "." + hex.EncodeToString(m.Sum(nil))
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
