package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// LoginCommand signs in at a provider.
type LoginCommand struct {
	Files

	Provider  string            `arg:"" help:"Where: gemini, gemini-vertex, qwen-code and others; a wrong name lists them all." placeholder:"PROVIDER"`
	NoBrowser bool              `help:"Open no browser here: show the address, and take the code or the address that the browser ended on."`
	Account   int64             `help:"The ID of an account that signs in again, as 'accounts list' shows it." placeholder:"ID"`
	Name      string            `help:"What to call the account."`
	Set       map[string]string `help:"A setting of the account, as --set projectId=my-project." placeholder:"KEY=VALUE"`
	Yes       bool              `short:"y" help:"Keep the sign-in without asking whether it is the right person."`
}

func (c *LoginCommand) run(ctx context.Context, s *session) error {
	s.hear(ctx)
	kind, way, err := s.way(c.Provider, func(w provider.Way) bool { return w.Credential == provider.CredentialSignIn }, c.Set)
	if err != nil {
		return err
	}
	s.warn(kind, way)
	begun, err := s.control.BeginSignIn(ctx, control.NewSignIn{
		Provider: kind, Way: way, Method: c.method(s, kind, way), Settings: c.Set, AccountID: c.Account, Open: !c.NoBrowser && s.OpenBrowser != nil,
	})
	if err != nil {
		return err
	}
	c.show(s, begun)
	answering, stop := context.WithCancel(ctx)
	var pasted sync.WaitGroup
	if begun.Paste {
		pasted.Go(func() { c.answer(answering, s, begun.ID) })
	}
	x, err := s.until(ctx, begun.ID, func(x control.SignIn) bool { return x.State != control.SignInWaiting })
	stop()
	pasted.Wait()
	if err != nil {
		return err
	}
	if x.State != control.SignInConfirm {
		return errors.New(x.Message)
	}
	return c.keep(ctx, s, x)
}

// method is the one that needs no browser here, where none is wanted or there
// is none.
func (c *LoginCommand) method(s *session, kind, way string) provider.SignInMethod {
	if !c.NoBrowser {
		return ""
	}
	for _, p := range s.control.Providers() {
		for _, w := range p.Ways {
			if p.Kind == kind && w.ID == way && slices.Contains(w.SignIns, provider.SignInCode) {
				return provider.SignInCode
			}
		}
	}
	return ""
}

func (c *LoginCommand) show(s *session, x control.SignIn) {
	s.sayf("Open this address in a browser:\n\n  %s\n\n", x.URL)
	if x.UserCode != "" {
		s.sayf("and enter the code %s there.\n\n", x.UserCode)
	}
	if x.Tunnel != "" {
		s.sayf("If the browser is on another machine, run this there first:\n\n  %s\n\n", x.Tunnel)
	}
	switch {
	case x.Paste && x.Tunnel != "":
		s.sayf("If the browser cannot come back by itself, paste the address that it ended on here and press Enter.\n")
	case x.Paste:
		s.sayf("Then paste the code that it shows here and press Enter.\n")
	}
	s.sayf("Waiting until %s …\n", x.Expires.Local().Format("15:04:05"))
}

// answer passes on what is pasted until it is right.
func (c *LoginCommand) answer(ctx context.Context, s *session, id string) {
	for {
		text, err := s.line(ctx)
		if err != nil {
			return
		}
		if text == "" {
			continue
		}
		x, err := s.control.AnswerSignIn(id, text)
		if err != nil || x.Problem == "" {
			return
		}
		s.sayf("%s. Try again:\n", x.Problem)
	}
}

// keep shows whose sign-in it is, keeps it, and says whether it works (B12,
// B20).
func (c *LoginCommand) keep(ctx context.Context, s *session, x control.SignIn) error {
	whose := x.Identity
	if whose == "" {
		whose = "somebody whom the service does not name"
	}
	s.sayf("Signed in as %s.\n", whose)
	if x.Message != "" {
		s.sayf("Note: %s.\n", x.Message)
	}
	keep, err := s.agree(ctx, c.Yes, "Keep this sign-in?")
	if err != nil || !keep {
		if err == nil {
			err = errors.New("nothing was kept")
		}
		return errors.Join(err, s.control.CancelSignIn(ctx, x.ID))
	}
	if x, err = s.control.ConfirmSignIn(ctx, x.ID, c.Name); err != nil {
		return err
	}
	if x, err = s.until(ctx, x.ID, func(x control.SignIn) bool { return x.State != control.SignInChecking }); err != nil {
		return err
	}
	a, err := s.control.Account(x.AccountID)
	if err != nil {
		return err
	}
	return s.report(a)
}

// until waits for a sign-in.
func (s *session) until(ctx context.Context, id string, there func(control.SignIn) bool) (control.SignIn, error) {
	changes := s.events.Subscribe()
	defer changes.Close()
	for {
		x, err := s.control.SignIn(id)
		if err != nil || there(x) {
			return x, err
		}
		select {
		case <-ctx.Done():
			return x, errors.Join(errors.New("canceled"), s.control.CancelSignIn(context.WithoutCancel(ctx), id))
		case _, open := <-changes.C():
			if !open {
				return x, io.ErrUnexpectedEOF
			}
		}
	}
}

// report says what an account is good for; one that does not work is a failure,
// and is kept.
func (s *session) report(a control.Account) error {
	if a.State == control.AccountReady {
		s.sayf("'%s' is ready: %d models, as %s/…\n", a.Name, a.ModelCount, a.Prefix)
		return nil
	}
	s.sayf("'%s' is kept as account %d, but does not work yet.\n", a.Name, a.ID)
	if a.Link != "" {
		s.sayf("See %s\n", a.Link)
	}
	for _, i := range a.Instead {
		s.sayf("Another way: %s-%s\n", i.Provider, i.Way)
	}
	return fmt.Errorf("%s: %s", a.State, a.Reason)
}
