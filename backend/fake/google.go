package fake

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// GoogleOptions are what the stand-in for Google's services does.
type GoogleOptions struct {
	// Key is the only API key that is taken; "" takes any.
	Key string
	// ClientID and ClientSecret are the only OAuth client there is; "" is any.
	ClientID, ClientSecret string
	// Accounts are the people who can sign in; nil is dev@example.com and
	// second@example.com.
	Accounts []string
	// Load are the recorded answers of loadCodeAssist in turn, the last one for
	// ever; nil is load_code_assist_standard.json.
	Load []string
	// Polls is how often an operation is asked for before it is done.
	Polls int
	// OperationFails has operations end with an error of their own.
	OperationFails bool
	// Lifetime is that of access tokens; 0 is 3,599 seconds.
	Lifetime time.Duration
	// Rotate gives a new refresh token with each refresh, and ends the old one.
	Rotate bool
	// Now is the clock; nil is the system's.
	Now func() time.Time
}

// Google stands in for Google's accounts, Code Assist, the Gemini API and
// Vertex AI, all below one address:
//
//	/o/oauth2/v2/auth  a page with an Allow and a Deny button (ids allow, deny)
//	/token /revoke /tokeninfo /oauth2/v2/userinfo
//	/v1internal:METHOD and /v1internal/operations/ID
//	/v1beta/models…    with x-goog-api-key
//	/v1/projects/P/locations/L/publishers/google/models/M:METHOD
//
// A model's name may ask for a script: see [Google.scripted]. Any other one
// converses: it says Hello, calls an offered tool, quotes a tool's result.
// Requests that the services would refuse are refused.
type Google struct {
	mailbox
	options GoogleOptions

	mu sync.Mutex
	// codes, access and refresh are what was given out.
	codes   map[string]consent
	access  map[string]grant
	refresh map[string]grant
	// robots are the service accounts, by their addresses.
	robots map[string]robot
	// signatures are those of the thoughts that were given out.
	signatures map[string]bool
	loads      int
	polls      int
	calls      map[string]int
}

// consent is a code that waits to be exchanged.
type consent struct{ email, client, redirect, challenge, scope string }

// grant is a token that was given out.
type grant struct {
	email, client, scope string
	ends                 time.Time
}

// RevokedRefreshToken is the refresh token that has always been revoked.
const RevokedRefreshToken = "1//revoked-refresh-token" //nolint:gosec // made up

// NewGoogle makes a stand-in that has given out nothing.
func NewGoogle(o GoogleOptions) *Google {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Lifetime == 0 {
		o.Lifetime = 3599 * time.Second
	}
	if o.Accounts == nil {
		o.Accounts = []string{"dev@example.com", "second@example.com"}
	}
	if o.Load == nil {
		o.Load = []string{"load_code_assist_standard.json"}
	}
	g := &Google{
		options: o, codes: map[string]consent{}, access: map[string]grant{}, refresh: map[string]grant{},
		robots: map[string]robot{}, signatures: map[string]bool{}, calls: map[string]int{},
	}
	// What a recorded answer signed may come back.
	for _, name := range []string{"stream_tool_call_parallel.sse", "stream_thoughts.sse", "generate_tool_call.json", "request_tool_round_trip.json"} {
		for _, m := range regexp.MustCompile(`"thoughtSignature": *"([^"]*)"`).FindAllSubmatch(Vector("gemini/"+name), -1) {
			g.signatures[string(m[1])] = true
		}
	}
	return g
}

// ServeHTTP answers one request.
func (g *Google) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got, err := g.take(r)
	defer close(got.Ended)
	if err != nil {
		g.turnDown(w, got, invalid("the body broke off: "+err.Error()))
		return
	}
	w.Header().Set("Date", g.options.Now().UTC().Format(http.TimeFormat))
	if e := g.route(w, r, got); e != nil {
		g.turnDown(w, got, e)
	}
	select {
	case <-r.Context().Done():
		close(got.Left)
	default:
	}
}

// route finds who answers; nil is an answer that was given.
func (g *Google) route(w http.ResponseWriter, r *http.Request, got *Received) *googleError {
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, "/o/oauth2/"), path == "/authcode":
		return g.serveConsent(w, r, got)
	case path == "/token", path == "/revoke", path == "/tokeninfo", path == "/oauth2/v2/userinfo":
		return g.serveToken(w, r, got)
	case strings.HasPrefix(path, "/v1internal"):
		return g.serveCodeAssist(w, r, got)
	case strings.HasPrefix(path, "/v1beta/models"):
		return g.servePublic(w, r, got)
	case strings.Contains(path, "/publishers/google/models/"):
		return g.serveVertex(w, r, got)
	default:
		return &googleError{status: http.StatusNotFound, name: "NOT_FOUND", message: "no such path: " + path}
	}
}

// googleError is an error as Google's services word it.
type googleError struct {
	status        int
	name, message string
	// reason is the ErrorInfo's; "" is none.
	reason string
	// raw is the whole body instead.
	raw []byte
}

func invalid(message string) *googleError {
	return &googleError{status: http.StatusBadRequest, name: "INVALID_ARGUMENT", message: message}
}

func recorded(name string) *googleError {
	raw := Vector("gemini/" + name)
	var body struct {
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(raw, &body) != nil { // some come as a list of one
		list := []any{&body}
		_ = json.Unmarshal(raw, &list)
	}
	return &googleError{status: max(body.Error.Code, http.StatusBadRequest), message: body.Error.Message, raw: raw}
}

func (g *Google) turnDown(w http.ResponseWriter, got *Received, e *googleError) {
	g.refuse(got, e.message)
	body := e.raw
	if body == nil {
		object := map[string]any{"code": e.status, "message": e.message, "status": e.name}
		if e.reason != "" {
			object["details"] = []any{map[string]any{
				"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": e.reason, "domain": "googleapis.com",
			}}
		}
		body, _ = json.Marshal(map[string]any{"error": object})
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(e.status)
	w.Write(body)
}

// bearer is whose access token a request carries; the vector's error for one
// that is unknown or has ended.
func (g *Google) bearer(r *http.Request) (grant, *googleError) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g.mu.Lock()
	defer g.mu.Unlock()
	have, known := g.access[token]
	if !ok || !known || !g.options.Now().Before(have.ends) {
		return grant{}, recorded("error_401_unauthenticated.json")
	}
	return have, nil
}

// Issue gives an access and a refresh token to somebody without a sign-in.
func (g *Google) Issue(email string) (access, refresh string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	have := grant{email: email, client: g.options.ClientID, scope: strings.Join(googleScopes(), " ") + " openid", ends: g.options.Now().Add(g.options.Lifetime)}
	access, refresh = "ya29."+rand.Text(), "1//"+rand.Text()
	g.access[access], g.refresh[refresh] = have, have
	return access, refresh
}

// Admit takes an access token that was made elsewhere.
func (g *Google) Admit(access, email string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.access[access] = grant{email: email, ends: g.options.Now().Add(g.options.Lifetime)}
}

// EndAccess ends all access tokens, as time does.
func (g *Google) EndAccess() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.access)
}

// Revoke ends all tokens, as a user does on the page of connected apps.
func (g *Google) Revoke() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.access)
	clear(g.refresh)
}

func googleScopes() []string {
	return []string{
		"https://www.googleapis.com/auth/cloud-platform",
		"https://www.googleapis.com/auth/userinfo.email",
		"https://www.googleapis.com/auth/userinfo.profile",
	}
}
