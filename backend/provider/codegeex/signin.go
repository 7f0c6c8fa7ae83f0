package codegeex

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/codegeex"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

const (
	// signInTime is how long the user has.
	signInTime = 5 * time.Minute
	// pollEvery is how often the site is asked whether the user is through.
	pollEvery = 2 * time.Second
)

// SignIn begins a sign-in in the browser. The page is given a random session id,
// which becomes the token once the user has signed in there.
func (p Provider) SignIn(_ context.Context, o provider.SignInOptions) (account.SignIn, error) {
	if o.Method != provider.SignInBrowser {
		return nil, unsupported("signs in with the browser alone")
	}
	page, err := endpoint.Base(o.Settings[fieldAuthURL], usualAuth, fieldAuthURL)
	if err != nil {
		return nil, err
	}
	s := &signIn{provider: p, client: o.HTTP, session: codegeex.NewID(), settings: o.Settings, machine: o.Settings[fieldMachineID]}
	if s.machine == "" {
		s.machine = codegeex.NewID()
	}
	// The site wants the machine's id as the name of a parameter, and the
	// user's, which is not known yet, as its value.
	query := url.Values{"sessionId": {s.session}, "device": {"OpenAICompatible"}, s.machine: {o.Settings[fieldUserID]}}
	page.RawQuery = query.Encode()
	s.prompt = account.Prompt{URL: page.String(), Expires: p.now().Add(signInTime)}
	return s, nil
}

func (p Provider) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

func (p Provider) sleep(ctx context.Context, d time.Duration) error {
	if p.Sleep != nil {
		return p.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// signIn is one sign-in under way. It has no port and no goroutine: Wait asks.
type signIn struct {
	provider Provider
	client   *http.Client
	session  string
	machine  string
	settings map[string]string
	prompt   account.Prompt
}

// Prompt is the page to open.
func (s *signIn) Prompt() account.Prompt { return s.prompt }

// Answer has nothing to take: the page gives nothing to paste.
func (s *signIn) Answer(string) error {
	return &llm.Error{Kind: llm.KindBadRequest, Message: "there is nothing to paste: sign in on the page that was opened, and this program notices"}
}

// Wait asks the site until the session is somebody's. A question that fails is
// asked again: the network may come back before the time is up.
func (s *signIn) Wait(ctx context.Context) (account.Signed, error) {
	var last *llm.Error
	for {
		u, err := s.provider.userOf(ctx, s.client, s.session, s.settings)
		if err == nil {
			return s.signed(u), nil
		}
		wait := pollEvery
		if last = llm.AsError(err); last.RetryAfter > wait {
			wait = last.RetryAfter
		}
		if ctx.Err() != nil {
			return account.Signed{}, canceled(ctx)
		}
		if s.provider.now().Add(wait).After(s.prompt.Expires) {
			return account.Signed{}, late(last)
		}
		if err := s.provider.sleep(ctx, wait); err != nil {
			return account.Signed{}, canceled(ctx)
		}
	}
}

func (s *signIn) signed(u user) account.Signed {
	out := account.Signed{
		Secret: account.NewSecret(s.session), Identity: u.identity(), Settings: map[string]string{fieldMachineID: s.machine},
	}
	if id := u.id(); id != "" {
		out.Settings[fieldUserID] = id
	}
	return out
}

func canceled(ctx context.Context) *llm.Error {
	return &llm.Error{Kind: llm.KindCanceled, Message: "the sign-in was canceled", Cause: context.Cause(ctx)}
}

// late says why the time ran out: nobody signed in, or nobody could be asked.
func late(last *llm.Error) *llm.Error {
	e := &llm.Error{Kind: llm.KindTimeout, Message: "nobody signed in within five minutes; start again", Cause: last}
	if last.Kind != llm.KindAuth {
		e.Message = "the sign-in could not be finished: " + last.Message
	}
	return e
}
