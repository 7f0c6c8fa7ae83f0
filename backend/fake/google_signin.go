package fake

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// authcodePage is the redirect of the sign-in whose code is pasted.
const authcodePage = "https://codeassist.google.com/authcode"

const consentPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in – stand-in for Google Accounts</title></head><body>
<h1>OpenAICompatible wants to access your account</h1>
<form method="post" action="{{.Action}}">
{{range $i, $a := .Accounts}}<label><input type="radio" name="account" value="{{$a}}"{{if eq $i 0}} checked{{end}}> {{$a}}</label><br>{{end}}
<button id="allow" name="choice" value="allow">Allow</button> <button id="deny" name="choice" value="deny">Deny</button>
</form></body></html>`

const codePage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Code</title></head><body><p>Copy this code:</p><p id="code">{{.}}</p></body></html>`

// serveConsent shows who can sign in, and sends the browser back.
func (g *Google) serveConsent(w http.ResponseWriter, r *http.Request, got *Received) *googleError {
	q := r.URL.Query()
	if r.URL.Path == "/authcode" {
		showHTML(w, codePage, q.Get("code"))
		return nil
	}
	if e := g.checkConsent(q); e != nil {
		return e
	}
	if r.Method == http.MethodGet {
		showHTML(w, consentPage, map[string]any{"Action": r.URL.Path + "?" + r.URL.RawQuery, "Accounts": g.options.Accounts})
		return nil
	}
	form, err := url.ParseQuery(string(got.Body))
	if err != nil {
		return invalid("the form cannot be read")
	}
	back := g.back(q, form.Get("account"), form.Get("choice") == "allow")
	if strings.HasPrefix(back, authcodePage) {
		_, query, _ := strings.Cut(back, "?")
		back = "/authcode?" + query
	}
	http.Redirect(w, r, back, http.StatusFound) //nolint:gosec // it was checked to be this machine's
	return nil
}

// Consent is what the page's buttons do, without a browser: it gives the
// address that the browser is sent to. email "" is the first account.
func (g *Google) Consent(authURL, email string, allow bool) (string, error) {
	u, err := url.Parse(authURL)
	if err != nil {
		return "", err
	}
	if e := g.checkConsent(u.Query()); e != nil {
		return "", &url.Error{Op: "consent", URL: u.Path, Err: consentError(e.message)}
	}
	return g.back(u.Query(), email, allow), nil
}

type consentError string

func (e consentError) Error() string { return string(e) }

// checkConsent is what a careful server asks of the address of a sign-in.
func (g *Google) checkConsent(q url.Values) *googleError {
	redirect, err := url.Parse(q.Get("redirect_uri"))
	ownPort := err == nil && redirect.Scheme == "http" && redirect.Hostname() == "127.0.0.1" && redirect.Port() != "" && redirect.Path == "/oauth2callback"
	scopes := strings.Fields(q.Get("scope"))
	slices.Sort(scopes)
	switch {
	case q.Get("client_id") == "" || g.options.ClientID != "" && q.Get("client_id") != g.options.ClientID:
		return &googleError{status: http.StatusUnauthorized, message: "Error 401: invalid_client"}
	case !ownPort && q.Get("redirect_uri") != authcodePage:
		return invalid("Error 400: redirect_uri_mismatch: " + q.Get("redirect_uri"))
	case q.Get("response_type") != "code":
		return invalid("response_type must be code")
	case q.Get("access_type") != "offline" || q.Get("prompt") != "consent":
		return invalid("without access_type=offline and prompt=consent there is no refresh token")
	case !slices.Equal(scopes, googleScopes()):
		return invalid("Error 400: invalid_scope: " + q.Get("scope"))
	case len(q.Get("state")) < 22:
		return invalid("the state can be guessed: " + q.Get("state"))
	case q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43:
		return invalid("PKCE with S256 is missing")
	default:
		return nil
	}
}

// back is the address that ends the visit.
func (g *Google) back(q url.Values, email string, allow bool) string {
	answer := url.Values{"state": {q.Get("state")}}
	if !allow {
		answer.Set("error", "access_denied")
		return q.Get("redirect_uri") + "?" + answer.Encode()
	}
	if email == "" {
		email = g.options.Accounts[0]
	}
	code := "4/0" + rand.Text()
	g.mu.Lock()
	g.codes[code] = consent{
		email: email, client: q.Get("client_id"), redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), scope: q.Get("scope"),
	}
	g.mu.Unlock()
	answer.Set("code", code)
	answer.Set("scope", q.Get("scope"))
	return q.Get("redirect_uri") + "?" + answer.Encode()
}

func showHTML(w http.ResponseWriter, page string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	template.Must(template.New("").Parse(page)).Execute(w, data)
}

// serveToken is the token endpoint and what stands beside it.
func (g *Google) serveToken(w http.ResponseWriter, r *http.Request, got *Received) *googleError {
	if r.URL.Path == "/oauth2/v2/userinfo" {
		have, e := g.bearer(r)
		if e != nil {
			return e
		}
		writeJSON(w, map[string]any{"id": "100000000000000000001", "email": have.email, "verified_email": true})
		return nil
	}
	if r.Method != http.MethodPost {
		return &googleError{status: http.StatusMethodNotAllowed, message: "only POST"}
	}
	if r.URL.Path == "/revoke" {
		g.mu.Lock()
		delete(g.refresh, r.URL.Query().Get("token"))
		delete(g.access, r.URL.Query().Get("token"))
		g.mu.Unlock()
		writeJSON(w, map[string]any{})
		return nil
	}
	if r.URL.Path == "/tokeninfo" {
		have, e := g.bearer(r)
		if e != nil {
			return tokenRefusal("invalid_token", "Invalid Value")
		}
		writeJSON(w, map[string]any{"aud": have.client, "scope": have.scope, "email": have.email, "access_type": "offline"})
		return nil
	}
	form, err := url.ParseQuery(string(got.Body))
	if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return tokenRefusal("invalid_request", "the body is no form")
	}
	return g.grantToken(w, form)
}

func tokenRefusal(code, description string) *googleError {
	raw, _ := json.Marshal(map[string]string{"error": code, "error_description": description})
	status := http.StatusBadRequest
	if code == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return &googleError{status: status, message: code + ": " + description, raw: raw}
}

func (g *Google) grantToken(w http.ResponseWriter, form url.Values) *googleError {
	for name, values := range form {
		if len(values) != 1 {
			return tokenRefusal("invalid_request", "Parameter "+name+" is there more than once")
		}
	}
	kind := form.Get("grant_type")
	if kind == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		return g.grantRobot(w, form.Get("assertion"))
	}
	switch {
	case form.Get("client_id") == "" || g.options.ClientID != "" && form.Get("client_id") != g.options.ClientID:
		return tokenRefusal("invalid_client", "The OAuth client was not found.")
	case g.options.ClientSecret != "" && form.Get("client_secret") != g.options.ClientSecret:
		return tokenRefusal("invalid_client", "Unauthorized")
	case kind == "authorization_code":
		return g.exchange(w, form)
	case kind == "refresh_token":
		return g.renew(w, form)
	default:
		return tokenRefusal("unsupported_grant_type", "Invalid grant_type: "+kind)
	}
}

// exchange takes a code once, from who began the sign-in.
func (g *Google) exchange(w http.ResponseWriter, form url.Values) *googleError {
	g.mu.Lock()
	c, ok := g.codes[form.Get("code")]
	delete(g.codes, form.Get("code"))
	g.mu.Unlock()
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	switch {
	case !ok:
		return tokenRefusal("invalid_grant", "Malformed auth code.")
	case c.client != form.Get("client_id"):
		return tokenRefusal("unauthorized_client", "Unauthorized")
	case c.redirect != form.Get("redirect_uri"):
		return tokenRefusal("redirect_uri_mismatch", "Bad Request")
	case base64.RawURLEncoding.EncodeToString(sum[:]) != c.challenge:
		return tokenRefusal("invalid_grant", "Invalid code verifier.")
	}
	have := grant{email: c.email, client: c.client, scope: c.scope + " openid"}
	g.answerToken(w, have, true)
	return nil
}

// renew takes a refresh token; one that is marked, or unknown, is revoked.
func (g *Google) renew(w http.ResponseWriter, form url.Values) *googleError {
	token := form.Get("refresh_token")
	g.mu.Lock()
	have, ok := g.refresh[token]
	if g.options.Rotate {
		delete(g.refresh, token)
	}
	g.mu.Unlock()
	switch {
	case token == RevokedRefreshToken || !ok:
		e := tokenRefusal("invalid_grant", "")
		e.raw = Vector("gemini/token_invalid_grant.json")
		return e
	case have.client != "" && have.client != form.Get("client_id"):
		return tokenRefusal("unauthorized_client", "Unauthorized")
	}
	g.answerToken(w, have, g.options.Rotate)
	return nil
}

func (g *Google) answerToken(w http.ResponseWriter, have grant, withRefresh bool) {
	have.ends = g.options.Now().Add(g.options.Lifetime)
	access := "ya29." + rand.Text()
	body := map[string]any{
		"access_token": access, "expires_in": int(g.options.Lifetime.Seconds()), "scope": have.scope, "token_type": "Bearer",
	}
	if strings.Contains(have.scope, "openid") {
		body["id_token"] = idToken(have.email)
	}
	g.mu.Lock()
	g.access[access] = have
	if withRefresh {
		refresh := "1//" + rand.Text()
		g.refresh[refresh] = have
		body["refresh_token"] = refresh
	}
	g.mu.Unlock()
	writeJSON(w, body)
}

// idToken is OpenID's token, with a signature that nobody could check.
func idToken(email string) string {
	part := func(v map[string]any) string {
		raw, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	return part(map[string]any{"alg": "RS256", "typ": "JWT"}) + "." +
		part(map[string]any{"iss": "https://accounts.google.com", "sub": "100000000000000000001", "email": email}) + ".c2lnbmF0dXJl"
}
