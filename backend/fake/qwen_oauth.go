package fake

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// QwenOAuth stands in for the sign-in of chat.qwen.ai by a code, at
// /api/v1/oauth2/device/code and /api/v1/oauth2/token. It checks what RFC 8628
// and RFC 7636 want, the pace of the questions included.
type QwenOAuth struct {
	mailbox

	// Polls are the cases of qwen_oauth_errors.json that answer the questions in
	// turn; after the last, the user has confirmed. Refreshes answer refreshes in
	// the same way.
	Polls, Refreshes []string
	// Interval is told to the caller, in seconds; 0 tells none.
	Interval int
	// Lifetime of a code and of a token, in seconds; 0 is 900 and 21600.
	CodeLifetime, TokenLifetime int
	// Rotates says that a refresh token is good for once.
	Rotates bool

	state     sync.Mutex
	challenge string
	asked     time.Time
	pace      time.Duration
	tokens    int
	refresh   string
}

// Access is the access token that is good now; "" is none.
func (f *QwenOAuth) Access() string {
	f.state.Lock()
	defer f.state.Unlock()
	if f.tokens == 0 {
		return ""
	}
	return "test-access-" + strconv.Itoa(f.tokens)
}

// ServeHTTP answers one request.
func (f *QwenOAuth) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got, err := f.take(r)
	defer close(got.Ended)
	form, formErr := url.ParseQuery(string(got.Body))
	f.state.Lock()
	defer f.state.Unlock()
	var wrong string
	switch {
	case err != nil || formErr != nil:
		wrong = "the form cannot be read"
	case r.Method != http.MethodPost || r.URL.RawQuery != "":
		wrong = "want a POST without a query, got " + r.Method + " " + r.URL.String()
	case r.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
		wrong = "want a form, got " + r.Header.Get("Content-Type")
	case form.Get("client_id") == "":
		wrong = "client_id is missing"
	case r.URL.Path == "/api/v1/oauth2/device/code":
		wrong = f.device(w, form)
	case r.URL.Path == "/api/v1/oauth2/token" && form.Get("grant_type") == "refresh_token":
		wrong = f.renew(w, form)
	case r.URL.Path == "/api/v1/oauth2/token":
		wrong = f.poll(w, form)
	default:
		wrong = "no such path: " + r.URL.Path
	}
	if wrong != "" {
		f.refuse(got, wrong)
		w.WriteHeader(http.StatusBadRequest)
		writeJSON(w, map[string]any{"error": "invalid_request", "error_description": wrong})
	}
}

// device gives a code.
func (f *QwenOAuth) device(w http.ResponseWriter, form url.Values) (wrong string) {
	switch {
	case form.Get("code_challenge_method") != "S256" || len(form.Get("code_challenge")) != 43:
		return "want a challenge by S256"
	case !strings.Contains(form.Get("scope"), "model.completion"):
		return "the scope has no model.completion"
	}
	f.challenge, f.asked, f.pace = form.Get("code_challenge"), time.Now(), 5*time.Second
	answer := map[string]any{
		"device_code": "test-device-code", "user_code": "TEST-CODE", "verification_uri": "https://chat.qwen.ai/authorize",
		"verification_uri_complete": "https://chat.qwen.ai/authorize?user_code=TEST-CODE&client=qwen-code", "expires_in": max(f.CodeLifetime, 1),
	}
	if f.CodeLifetime == 0 {
		answer["expires_in"] = 900
	}
	if f.Interval > 0 {
		answer["interval"] = f.Interval
		f.pace = time.Duration(f.Interval) * time.Second
	}
	writeJSON(w, answer)
	return ""
}

// poll answers the question whether the user is through.
func (f *QwenOAuth) poll(w http.ResponseWriter, form url.Values) (wrong string) {
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	since := time.Since(f.asked)
	f.asked = time.Now()
	switch {
	case form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:device_code":
		return "unknown grant_type"
	case form.Get("device_code") != "test-device-code":
		return "unknown device_code"
	case base64.RawURLEncoding.EncodeToString(sum[:]) != f.challenge:
		return "the verifier is not the challenge's"
	case since < f.pace:
		return fmt.Sprintf("asked again after %v, want at least %v", since, f.pace)
	}
	name, again := next(&f.Polls)
	if !again {
		f.grant(w, true)
		return ""
	}
	if strings.HasPrefix(name, "slow_down") {
		f.pace += 5 * time.Second
	}
	f.script(w, name)
	return ""
}

// renew spends a refresh token.
func (f *QwenOAuth) renew(w http.ResponseWriter, form url.Values) (wrong string) {
	if form.Get("refresh_token") == "" {
		return "refresh_token is missing"
	}
	if f.refresh != "" && form.Get("refresh_token") != f.refresh {
		f.script(w, "refresh_rejected")
		return ""
	}
	if name, again := next(&f.Refreshes); again {
		f.script(w, name)
		return ""
	}
	f.grant(w, f.Rotates)
	return ""
}

// grant gives a token; refresh says that a new refresh token comes with it.
func (f *QwenOAuth) grant(w http.ResponseWriter, refresh bool) {
	f.tokens++
	answer := map[string]any{
		"status": "success", "access_token": "test-access-" + strconv.Itoa(f.tokens), "token_type": "Bearer",
		"expires_in": f.TokenLifetime, "resource_url": "portal.qwen.ai",
	}
	if f.TokenLifetime == 0 {
		answer["expires_in"] = 21600
	}
	if refresh {
		f.refresh = "test-refresh-" + strconv.Itoa(f.tokens)
		answer["refresh_token"] = f.refresh
	} else {
		delete(answer, "resource_url")
	}
	writeJSON(w, answer)
}

// script answers a case, or a status by its number.
func (f *QwenOAuth) script(w http.ResponseWriter, name string) {
	if status, err := strconv.Atoi(name); err == nil {
		w.WriteHeader(status)
		return
	}
	cases := Cases("qwen/qwen_oauth_errors.json")
	i := slices.IndexFunc(cases, func(c Case) bool { return c.Name == name })
	if i < 0 {
		panic("no case " + name)
	}
	cases[i].write(w)
}

// next takes the first of a list; false when there is none left.
func next(list *[]string) (string, bool) {
	if len(*list) == 0 {
		return "", false
	}
	first := (*list)[0]
	*list = (*list)[1:]
	return first, true
}
