package oauth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// patience is how long a sign-in waits for the user.
const patience = 5 * time.Minute

// Flow is a sign-in with a browser and a code (RFC 6749 4.1, with PKCE).
type Flow struct {
	Client Client
	// Ports are tried in turn by Loopback, before any free one; nil is 8085 and
	// two more. A usual port makes a ready ssh -L line possible.
	Ports []int
	// Redirect is the page that shows the code, for Paste.
	Redirect string
	// Timeout is how long the user has; 0 is 5 minutes.
	Timeout time.Duration
	// Identify asks whose token it is; nil does not ask. Its failure is not the
	// sign-in's.
	Identify func(ctx context.Context, t Token) (string, error)
	// After is the clock's alarm; nil is time.After.
	After func(time.Duration) <-chan time.Time
	// Listen opens a port; nil is the system's.
	Listen func(ctx context.Context, network, address string) (net.Listener, error)
}

// session is one sign-in under way: what Loopback and Paste have in common.
type session struct {
	flow     Flow
	redirect string
	state    string
	verifier string
	prompt   account.Prompt
	alarm    <-chan time.Time
	// bare says that a code without its state may be pasted.
	bare bool

	attempts chan attempt
	// waiting is closed when Wait begins, over when it has decided.
	waiting, over chan struct{}
}

// attempt is one answer that came back from the service.
type attempt struct {
	code string
	// failed is the service's own refusal instead of a code.
	failed *llm.Error
	// again says that somebody is told of a failure and may try once more.
	again bool
	// outcome takes what became of it; it has room for one.
	outcome chan error
}

func newSession(f Flow, redirect string) *session {
	s := &session{
		flow: f, redirect: redirect, state: rand.Text() + rand.Text(), verifier: oauth2.GenerateVerifier(),
		attempts: make(chan attempt, 1), waiting: make(chan struct{}), over: make(chan struct{}),
	}
	timeout, after := cmp.Or(f.Timeout, patience), f.After
	if after == nil {
		after = time.After
	}
	s.alarm = after(timeout)
	s.prompt = account.Prompt{
		URL: f.Client.authURL(redirect, s.state, s.verifier), Paste: true, Expires: f.Client.now().Add(timeout),
	}
	return s
}

// Paste begins a sign-in whose code is shown by the page at f.Redirect and
// pasted here: no port, no browser on this machine.
func Paste(f Flow) account.SignIn {
	s := newSession(f, f.Redirect)
	s.bare = true
	return s
}

// Prompt is what the user is shown.
func (s *session) Prompt() account.Prompt { return s.prompt }

// Answer takes the address that the browser ended on, its query, or a code
// where the service shows one. While Wait runs, it returns when the service has
// taken or refused the code, and a refused one may be followed by another;
// before, it leaves the code for Wait.
func (s *session) Answer(text string) error {
	a, err := s.read(text)
	if err != nil {
		return err
	}
	select {
	case <-s.waiting:
	default:
		s.leave(a)
		return nil
	}
	a.again = true
	select {
	case <-s.over:
		return errOver()
	case s.attempts <- a:
	}
	err, known := s.outcome(a)
	if !known {
		return errOver()
	}
	return err
}

// leave puts a where Wait will find it, in the place of an earlier one.
func (s *session) leave(a attempt) {
	select {
	case <-s.attempts:
	default:
	}
	select {
	case s.attempts <- a:
	default:
	}
}

// outcome waits for what becomes of a; known is false where the sign-in ended
// by another attempt first.
func (s *session) outcome(a attempt) (err error, known bool) {
	select {
	case err := <-a.outcome:
		return err, true
	case <-s.over:
	}
	select {
	case err := <-a.outcome:
		return err, true
	default:
		return nil, false
	}
}

func errOver() error {
	return &llm.Error{Kind: llm.KindBadRequest, Message: "this sign-in has ended: start it again"}
}

// read makes an attempt of what was pasted.
func (s *session) read(text string) (attempt, error) {
	text = strings.Trim(strings.TrimSpace(text), `"'<>`)
	if s.bare && isCode(text) {
		return newAttempt(text), nil
	}
	query := text
	if _, after, ok := strings.Cut(text, "?"); ok {
		query = after
	}
	query, _, _ = strings.Cut(query, "#")
	values, err := url.ParseQuery(query)
	if err != nil || !values.Has("code") && !values.Has("error") {
		what := "paste the whole address that the browser ended on: it begins with " + s.redirect + " and holds code="
		if s.bare {
			what = "paste the code that the page shows, and nothing else"
		}
		return attempt{}, &llm.Error{Kind: llm.KindBadRequest, Message: what}
	}
	if !s.mine(values) {
		return attempt{}, &llm.Error{
			Kind:    llm.KindBadRequest,
			Message: "this address belongs to another sign-in: open the page again from here, and paste the address that you end on then",
		}
	}
	return s.returned(values), nil
}

// isCode says that text is a code by itself. Google's have a slash, and as part
// of an address it is escaped.
func isCode(text string) bool {
	return len(text) >= 4 && !strings.ContainsAny(text, " \t\r\n?&=:")
}

// mine says that the values came back to this very sign-in. Who does not know
// the state is not even told how it differs.
func (s *session) mine(values url.Values) bool {
	return subtle.ConstantTimeCompare([]byte(values.Get("state")), []byte(s.state)) == 1
}

func newAttempt(code string) attempt {
	if plain, err := url.QueryUnescape(code); err == nil && strings.Contains(code, "%") {
		code = plain
	}
	return attempt{code: code, outcome: make(chan error, 1)}
}

// returned reads what the service sent back.
func (s *session) returned(values url.Values) attempt {
	a := newAttempt("")
	a.code = values.Get("code")
	code := values.Get("error")
	switch {
	case code == CodeDenied:
		a.failed = &llm.Error{Kind: llm.KindAuth, Code: CodeDenied, Message: "the sign-in was declined in the browser: start it again, and allow the access"}
	case code != "":
		kind, message := s.flow.Client.meaning(code, values.Get("error_subtype"), values.Get("error_description"))
		a.failed = &llm.Error{Kind: kind, Code: code, Message: message}
	case a.code == "":
		a.failed = &llm.Error{Kind: llm.KindProtocol, Message: s.flow.Client.Title + " sent the browser back without a code: start the sign-in again"}
	}
	return a
}

// Wait waits for the user; see [account.SignIn].
func (s *session) Wait(ctx context.Context) (account.Signed, error) {
	close(s.waiting)
	defer close(s.over)
	for {
		select {
		case <-ctx.Done():
			return account.Signed{}, &llm.Error{Kind: llm.KindCanceled, Message: "the sign-in was canceled", Cause: context.Cause(ctx)}
		case <-s.alarm:
			return account.Signed{}, &llm.Error{Kind: llm.KindTimeout, Code: "timeout", Message: "nobody came back from the browser in time: start the sign-in again"}
		case a := <-s.attempts:
			signed, err := s.settle(ctx, a)
			a.outcome <- err
			if err == nil || !a.again || a.failed != nil || ctx.Err() != nil {
				return signed, err
			}
		}
	}
}

// settle turns what came back into a credential.
func (s *session) settle(ctx context.Context, a attempt) (account.Signed, error) {
	if a.failed != nil {
		return account.Signed{}, a.failed
	}
	t, err := s.flow.Client.exchange(ctx, a.code, s.redirect, s.verifier)
	if err != nil {
		return account.Signed{}, err
	}
	if t.Refresh.IsZero() {
		return account.Signed{}, &llm.Error{
			Kind: llm.KindAuth, Code: "no_refresh_token",
			Message: s.flow.Client.Title + " gave no refresh token, so the sign-in would end within the hour: remove this program from the account's connected apps, and sign in again",
		}
	}
	if s.flow.Identify != nil {
		if email, err := s.flow.Identify(ctx, t); err == nil && email != "" {
			t.Email = email
		}
	}
	t.Email = t.Owner()
	return account.Signed{Secret: t.Secret(), Identity: t.Email}, nil
}
