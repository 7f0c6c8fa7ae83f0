package gemini

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// Google's addresses for signing in; authUrl and tokenUrl replace the first two.
const (
	googleAuthURL     = "https://accounts.google.com/o/oauth2/v2/auth"
	googleTokenURL    = "https://oauth2.googleapis.com/token" //nolint:gosec // an address
	googleUserInfoURL = "https://www.googleapis.com/oauth2/v2/userinfo"
	userInfoPath      = "/oauth2/v2/userinfo"
	// codePage shows the code of a sign-in without a port. It is registered for
	// the client of Gemini CLI alone.
	codePage = "https://codeassist.google.com/authcode"
)

const cloudScope = "https://www.googleapis.com/auth/cloud-platform"

// client is the OAuth client that these settings ask for.
func (p Provider) client(settings map[string]string, secret account.Secret, hc *http.Client) oauth.Client {
	c := oauth.Client{
		Title: "Google", ID: cliClientID, Secret: account.NewSecret(cliClientSecret),
		AuthURL: cmp.Or(settings[fieldAuth], googleAuthURL), TokenURL: cmp.Or(settings[fieldToken], googleTokenURL),
		Scopes: []string{
			cloudScope, "https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/userinfo.profile",
		},
		HTTP: hc, Now: p.Now,
	}
	if id := settings[fieldClientID]; id != "" {
		c.ID, c.Secret = id, secret
	}
	return c
}

// clientOf is the OAuth client of an account.
func (p Provider) clientOf(a *account.Account) oauth.Client {
	secret := a.Secrets[fieldClientSecret]
	if secret.IsZero() {
		secret = account.NewSecret(a.Setting(fieldClientSecret))
	}
	return p.client(a.Settings, secret, a.HTTP)
}

// SignIn begins a sign-in at Google.
func (p Provider) SignIn(ctx context.Context, o provider.SignInOptions) (account.SignIn, error) {
	if o.Way != wayCLI && o.Way != wayVertex {
		return nil, &llm.Error{Kind: llm.KindUnsupported, Message: "this way has no sign-in: it takes a key, a file or the credentials of this computer"}
	}
	if project := o.Settings[fieldProject]; project != "" {
		if err := checkProjectID(project); err != nil {
			return nil, err // before the user went through the browser for nothing
		}
	}
	c := p.client(o.Settings, account.NewSecret(o.Settings[fieldClientSecret]), o.HTTP)
	f := oauth.Flow{
		Client: c, Redirect: codePage,
		Identify: func(ctx context.Context, t oauth.Token) (string, error) {
			return p.identify(ctx, o.HTTP, o.Settings[fieldToken], t.Authorization())
		},
	}
	switch o.Method {
	case provider.SignInCode:
		if c.ID != cliClientID {
			return nil, &llm.Error{Kind: llm.KindUnsupported, Message: "an OAuth client of your own cannot show a code: sign in with the browser, and paste the address it ends on if it runs elsewhere"}
		}
		return oauth.Paste(f), nil
	case provider.SignInBrowser, "":
		return oauth.Loopback(ctx, f), nil
	case provider.SignInDevice:
	}
	return nil, &llm.Error{Kind: llm.KindUnsupported, Message: "Google has no sign-in on another device for this: use the browser or the code"}
}

// identify asks Google whose token it is.
func (p Provider) identify(ctx context.Context, hc *http.Client, tokenURL, authorization string) (string, error) {
	address := googleUserInfoURL
	if tokenURL != "" {
		u, err := url.Parse(tokenURL)
		if err != nil {
			return "", &llm.Error{Kind: llm.KindNetwork, Param: fieldToken, Message: "the token address cannot be read"}
		}
		address = u.Scheme + "://" + u.Host + userInfoPath
	}
	u, err := endpoint.Base(address, googleUserInfoURL, fieldToken)
	if err != nil {
		return "", err
	}
	r, err := endpoint.New(ctx, http.MethodGet, u, nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", authorization)
	r.Header.Set("User-Agent", endpoint.UserAgent(p.Version))
	answer, err := endpoint.Ask(hc, r)
	if err != nil {
		return "", err
	}
	var who struct {
		Email string `json:"email"`
	}
	if !answer.OK() || json.Unmarshal(answer.Body, &who) != nil {
		return "", &llm.Error{Kind: llm.KindProtocol, Status: answer.Status, Message: "Google does not say whose sign-in it is"}
	}
	return who.Email, nil
}

// Expires is when the access token in s ends. One that is still to be had, as
// of a service account or of an import, has ended.
func (Provider) Expires(a *account.Account, s account.Secret) time.Time {
	if wayOf(a) == wayKey || s.IsZero() {
		return time.Time{}
	}
	t, err := oauth.ParseToken(s)
	if isRobot(s) || err == nil && !t.Refresh.IsZero() {
		if err != nil || t.Access.IsZero() {
			return time.Unix(1, 0)
		}
	}
	return t.Expiry
}

// Refresh gets a new access token: with the refresh token, or for a service
// account with its key. All else that s holds stays in it.
func (p Provider) Refresh(ctx context.Context, a *account.Account, s account.Secret) (account.Secret, error) {
	if isRobot(s) {
		return p.signAsRobot(ctx, a, s)
	}
	t, err := oauth.ParseToken(s)
	if err != nil {
		return account.Secret{}, &llm.Error{Kind: llm.KindAuth, Code: "no_sign_in", Message: "the account " + a.Name + " is not signed in at Google: sign in again", Cause: err}
	}
	c := p.clientOf(a)
	if a.Setting(fieldToken) != "" { // the user's own word beats that of a file
		t.TokenURL = ""
	}
	fresh, err := c.Refresh(ctx, t)
	if err != nil {
		return account.Secret{}, err
	}
	return fresh.Secret(), nil
}

// isRobot says that a secret is the key file of a service account.
func isRobot(s account.Secret) bool {
	var file struct {
		Type string `json:"type"`
	}
	return json.Unmarshal([]byte(s.Reveal()), &file) == nil && file.Type == string(google.ServiceAccount)
}

// signAsRobot gets an access token for a service account, and puts it beside
// the key.
func (p Provider) signAsRobot(ctx context.Context, a *account.Account, s account.Secret) (account.Secret, error) {
	var members map[string]json.RawMessage
	config, err := google.JWTConfigFromJSON([]byte(s.Reveal()), cloudScope)
	if err == nil {
		err = json.Unmarshal([]byte(s.Reveal()), &members)
	}
	if err != nil || config.Email == "" || len(config.PrivateKey) == 0 {
		return account.Secret{}, &llm.Error{
			Kind: llm.KindAuth, Code: "bad_file",
			Message: "the file is not the JSON key of a service account: make one on https://console.cloud.google.com/iam-admin/serviceaccounts",
		}
	}
	if own := a.Setting(fieldToken); own != "" {
		config.TokenURL = own
	}
	c := p.clientOf(a)
	got, err := config.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, a.HTTP)).Token()
	if err != nil {
		return account.Secret{}, robotFailed(c.Failed(ctx, err))
	}
	fresh := map[string]any{"access_token": got.AccessToken, "expiry": got.Expiry.UTC()}
	for name, value := range members {
		if name != "access_token" && name != "expiry" {
			fresh[name] = value
		}
	}
	raw, err := json.Marshal(fresh)
	if err != nil {
		return account.Secret{}, &llm.Error{Kind: llm.KindInternal, Message: "the service account's token cannot be written", Cause: err}
	}
	return account.NewSecret(string(raw)), nil
}

// robotFailed words a refusal for somebody who never signed in.
func robotFailed(err error) error {
	if e := llm.AsError(err); e.Kind == llm.KindAuth && e.Code == "invalid_grant" {
		e.Message = "Google refuses the service account: its key was deleted, or the account is disabled; make a new key file"
	}
	return err
}

// ambientKey is the key under which the account remembers what it found on this
// computer.
type ambientKey struct{}

// found is a source of access tokens, or why there is none.
type found struct {
	source oauth2.TokenSource
	err    error
}

// ambient is the header made of the application default credentials.
func (p Provider) ambient(ctx context.Context, a *account.Account) (string, error) {
	f := account.Derive(a, ambientKey{}, func() found {
		// The source outlives the request that asked first.
		ctx := context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, a.HTTP)
		c, err := google.FindDefaultCredentials(ctx, cloudScope)
		if err != nil {
			return found{err: err}
		}
		return found{source: c.TokenSource}
	})
	if f.err != nil {
		return "", &llm.Error{
			Kind: llm.KindAuth, Code: "no_sign_in", Cause: f.err,
			Message: "this computer has no application default credentials: run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS",
		}
	}
	t, err := f.source.Token()
	if err != nil {
		return "", p.clientOf(a).Failed(ctx, err)
	}
	return "Bearer " + t.AccessToken, nil
}
