package oauth

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DeviceFlow is a sign-in with a code on another device (RFC 8628), with PKCE as
// some services want it there too.
type DeviceFlow struct {
	Client Client
	// CodeURL is where the code for the user is asked for.
	CodeURL string
}

const (
	// devicePace is how often is asked where the service does not say (RFC 8628,
	// 3.2), and by how much that grows when it is too often (3.5).
	devicePace = 5 * time.Second
	// devicePatience is how long a code is good for where the service does not
	// say; deviceLimit the longest time that is believed.
	devicePatience = 15 * time.Minute
	deviceLimit    = time.Hour
	// devicePauses bounds the wait between two questions.
	devicePauses = time.Minute
	// deviceFailures is how many questions in a row may fail: a network that
	// comes back within a minute ends no sign-in.
	deviceFailures = 6
)

// device is one sign-in under way.
type device struct {
	client   Client
	code     string
	verifier string
	pace     time.Duration
	prompt   account.Prompt
}

var _ account.SignIn = (*device)(nil)

// Device begins a sign-in: it asks for a code, which the user confirms in any
// browser. Nothing goes on before Wait is called.
func Device(ctx context.Context, f DeviceFlow) (account.SignIn, error) {
	d := &device{client: f.Client, verifier: oauth2.GenerateVerifier()}
	form := url.Values{
		"client_id": {f.Client.ID}, "scope": {strings.Join(f.Client.Scopes, " ")},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(d.verifier)}, "code_challenge_method": {"S256"},
	}
	body, err := f.post(ctx, form)
	if err != nil {
		return nil, err
	}
	if err := d.read(body); err != nil {
		return nil, err
	}
	return d, nil
}

// post asks for a code.
func (f DeviceFlow) post(ctx context.Context, form url.Values) ([]byte, error) {
	if err := (Client{Title: f.Client.Title, TokenURL: f.CodeURL}).checkURL(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.CodeURL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, f.Client.wrongURL()
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	resp, err := f.Client.HTTP.Do(r)
	if err != nil {
		return nil, Unreachable(ctx, r.URL, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return nil, Unreachable(ctx, r.URL, err)
	}
	if resp.StatusCode/100 != 2 {
		return nil, f.Client.refused(resp, body)
	}
	return body, nil
}

// read takes the codes out of the service's answer.
func (d *device) read(body []byte) error {
	var said struct {
		DeviceCode  string  `json:"device_code"`
		UserCode    string  `json:"user_code"`
		URL         string  `json:"verification_uri"`
		OldURL      string  `json:"verification_url"`
		CompleteURL string  `json:"verification_uri_complete"`
		Seconds     float64 `json:"expires_in"`
		Interval    float64 `json:"interval"`
	}
	_ = json.Unmarshal(body, &said) // what cannot be read is missing below
	page := cmp.Or(said.CompleteURL, said.URL, said.OldURL)
	if said.DeviceCode == "" || !isPage(page) {
		return &llm.Error{
			Kind: llm.KindProtocol, Code: CodePortal,
			Message: "what answered is not " + d.client.Title + "'s sign-in: it gave no code and no page to open; a network's own sign-in page or a proxy may stand in between",
		}
	}
	d.code = said.DeviceCode
	d.pace = min(cmp.Or(lasting(said.Interval), devicePace), devicePauses)
	d.prompt = account.Prompt{
		URL: page, UserCode: said.UserCode,
		Expires: d.client.now().Add(min(cmp.Or(lasting(said.Seconds), devicePatience), deviceLimit)),
	}
	return nil
}

// lasting is a number of seconds that no answer can overflow; 0 is unsaid.
func lasting(seconds float64) time.Duration {
	if !(seconds > 0) {
		return 0
	}
	return time.Duration(min(seconds, deviceLimit.Seconds()) * float64(time.Second))
}

// isPage says whether a browser may be sent there.
func isPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil
}

// Prompt is what the user is shown.
func (d *device) Prompt() account.Prompt { return d.prompt }

// Answer takes nothing: the user types the code at the service.
func (d *device) Answer(string) error {
	return &llm.Error{Kind: llm.KindBadRequest, Message: "there is nothing to paste here: open the page and confirm the code there"}
}

// Wait asks until the user has confirmed the code; see [account.SignIn].
func (d *device) Wait(ctx context.Context) (account.Signed, error) {
	end := d.prompt.Expires.Sub(d.client.now())
	ctx, cancel := context.WithTimeoutCause(ctx, max(end, 0), errDeviceLate())
	defer cancel()
	failures := 0
	for {
		if err := pause(ctx, d.pace); err != nil {
			return account.Signed{}, err
		}
		t, err := d.client.Ask(ctx, url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {d.code}, "code_verifier": {d.verifier},
		})
		if err == nil {
			t.Email = t.Owner()
			return account.Signed{Secret: t.Secret(), Identity: t.Email}, nil
		}
		if ctx.Err() != nil {
			return account.Signed{}, stopped(ctx)
		}
		failed, again := d.judge(llm.AsError(err))
		if !again {
			return account.Signed{}, failed
		}
		if failures++; failed == nil {
			failures = 0
		}
		if failures == deviceFailures {
			return account.Signed{}, failed
		}
	}
}

// judge says what an answer without a token means: nil that the user is not
// through yet; again that to ask once more makes sense.
func (d *device) judge(err *llm.Error) (failed *llm.Error, again bool) {
	switch err.Code {
	case "authorization_pending":
		return nil, true
	case "slow_down": // 400 by the standard, 429 as Qwen has it
		d.slower()
		return nil, true
	case CodeDenied:
		return &llm.Error{
			Kind: llm.KindAuth, Status: err.Status, Code: CodeDenied,
			Message: "the sign-in was declined on the page: start it again, and confirm the code",
		}, false
	case "expired_token":
		return errDeviceLate(), false
	}
	switch {
	case err.Status == http.StatusUnauthorized: // Qwen's way to say expired_token
		return errDeviceLate(), false
	case slices.Contains([]llm.Kind{llm.KindNetwork, llm.KindTimeout, llm.KindTransient}, err.Kind), err.Status/100 == 2:
		d.slower()
		return err, true
	default:
		return err, false
	}
}

// slower asks less often from now on.
func (d *device) slower() { d.pace = min(d.pace+devicePace, devicePauses) }

func errDeviceLate() *llm.Error {
	return &llm.Error{Kind: llm.KindTimeout, Code: "expired_token", Message: "the code was not confirmed in time: start the sign-in again"}
}

// pause waits, unless the sign-in ends before.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return stopped(ctx)
	}
}

// stopped is why a sign-in ended from outside.
func stopped(ctx context.Context) error {
	cause := context.Cause(ctx)
	if e, ok := cause.(*llm.Error); ok { //nolint:errorlint // it is ours, given to this very context
		return e
	}
	return &llm.Error{Kind: llm.KindCanceled, Message: "the sign-in was canceled", Cause: cause}
}
