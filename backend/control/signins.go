package control

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Run does what goes on after a method has returned: the sign-ins under way. It
// returns when ctx has ended and all of them have, with their ports closed.
func (s *Panel) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case job := <-s.desk.jobs:
			wg.Go(func() { job(ctx) })
		}
	}
}

// wish is a sign-in that was asked for, and checked.
type wish struct {
	form
	signer  provider.SignIner
	options provider.SignInOptions
	// settings and hidden are the new account's; id is the one that signs in
	// again, 0 is a new one.
	settings map[string]string
	hidden   secrets
	id       int64
	open     bool
	// network is the account's from now on; nil leaves it as it is.
	network *config.AccountNetwork
}

// BeginSignIn begins a sign-in and gives what the user is shown. It goes on
// after that: see [Panel.SignIn].
func (s *Panel) BeginSignIn(ctx context.Context, n NewSignIn) (SignIn, error) {
	w, err := s.wish(n)
	if err != nil {
		return SignIn{}, err
	}
	// It outlives the request that began it.
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	x, err := s.desk.enter(ctx, SignIn{
		Provider: w.info.Kind, Way: w.way.ID, Method: w.options.Method, State: SignInWaiting, AccountID: w.id, Known: w.id != 0,
	}, cancel)
	if err != nil {
		cancel()
		return SignIn{}, err
	}
	select {
	case s.desk.jobs <- func(running context.Context) {
		defer context.AfterFunc(running, cancel)()
		s.signIn(own, x, w)
	}:
	case <-ctx.Done():
		cancel()
		close(x.ended)
		s.desk.leave(x)
		return SignIn{}, context.Cause(ctx)
	}
	select {
	case <-x.begun:
	case <-ctx.Done():
		cancel()
		return SignIn{}, context.Cause(ctx)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.view, x.failure
}

// wish checks what is asked for.
func (s *Panel) wish(n NewSignIn) (wish, error) {
	var was map[string]string
	var own config.AccountNetwork
	if n.AccountID != 0 {
		a, err := s.again(n)
		if err != nil {
			return wish{}, err
		}
		was, own = a.Settings, a.Network
		n.Way = was[provider.KindSetting]
	}
	f, err := s.form(n.Provider, n.Way)
	if err != nil {
		return wish{}, err
	}
	p, _ := s.provider(n.Provider)
	signer, ok := p.Provider.(provider.SignIner)
	if !ok || f.way.Credential != provider.CredentialSignIn {
		return wish{}, wrong("way", "%s has no sign-in: enter its key instead", f.title())
	}
	method := cmp.Or(n.Method, first(f.way.SignIns))
	if !slices.Contains(f.way.SignIns, method) {
		return wish{}, wrong("method", "%s does not offer this kind of sign-in", f.title())
	}
	settings, hidden, err := f.settings(n.Settings, was)
	if err != nil {
		return wish{}, err
	}
	if n.AccountID == 0 {
		if err := f.complete(settings, hidden); err != nil {
			return wish{}, err
		}
	}
	network, err := n.network(own)
	if err != nil {
		return wish{}, err
	}
	given := maps.Clone(settings)
	maps.Copy(given, s.storedSecrets(n.AccountID, f))
	maps.Copy(given, hidden)
	return wish{
		form: f, signer: signer, settings: settings, hidden: hidden, id: n.AccountID, open: n.Open, network: network,
		options: provider.SignInOptions{Way: f.way.ID, Method: method, Settings: given, AccountID: n.AccountID},
	}, nil
}

// network is what was chosen for the account that has own; nil is nothing.
func (n NewSignIn) network(own config.AccountNetwork) (*config.AccountNetwork, error) {
	if n.Network == nil {
		return nil, nil
	}
	c, err := n.Network.meant(own.Proxy)
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// again finds the account that signs in again.
func (s *Panel) again(n NewSignIn) (config.Account, error) {
	if err := s.changeable(n.AccountID); err != nil {
		return config.Account{}, err
	}
	for _, a := range s.o.Config.Snapshot().Accounts {
		if a.ID != n.AccountID {
			continue
		}
		if a.Provider != n.Provider {
			return a, wrong("provider", "the account belongs to another provider")
		}
		return a, nil
	}
	return config.Account{}, noAccount()
}

// storedSecrets are the secret fields that an account has already.
func (s *Panel) storedSecrets(id int64, f form) map[string]string {
	out := map[string]string{}
	for _, x := range f.fields() {
		if x.Kind != provider.FieldSecret || id == 0 {
			continue
		}
		if secret, ok := s.o.Credentials.Get(account.FieldName(id, x.Key)); ok {
			out[x.Key] = secret.Reveal()
		}
	}
	return out
}

func first[T any](s []T) (v T) {
	if len(s) > 0 {
		v = s[0]
	}
	return v
}

// signIn is one sign-in from its begin to its end.
func (s *Panel) signIn(ctx context.Context, x *signIn, w wish) {
	defer close(x.ended)
	defer x.cancel()
	in, err := s.o.Accounts.SignIn(ctx, w.signer, w.options, w.network)
	if err != nil {
		x.failure = err
		s.desk.leave(x)
		close(x.begun)
		return
	}
	s.begun(x, w, in)
	until := in.Prompt().Expires
	if until.IsZero() {
		until = s.o.Now().Add(answerWithin)
	}
	// The service's own end comes first; this is for one that forgets.
	waiting, stop := context.WithTimeout(ctx, until.Sub(s.o.Now())+5*time.Second)
	signed, err := in.Wait(waiting)
	stop()
	if err != nil {
		s.fail(ctx, x, err)
		return
	}
	s.identified(x, w, signed)
	id, err := s.confirmed(ctx, x, w, signed)
	if err != nil {
		s.fail(ctx, x, err)
		return
	}
	s.o.Accounts.Check(ctx, id)
	s.finish(x, func(v *SignIn) {
		v.State = SignInDone
		if a, err := s.Account(id); err == nil && a.State != AccountReady {
			v.Message = a.Reason
		}
	})
}

// begun shows the prompt, and opens the browser where that was wanted.
func (s *Panel) begun(x *signIn, w wish, in account.SignIn) {
	p := in.Prompt()
	problem := ""
	if w.open && s.o.OpenBrowser != nil && (strings.HasPrefix(p.URL, "https://") || strings.HasPrefix(p.URL, "http://")) {
		if err := s.o.OpenBrowser(p.URL); err != nil {
			problem = "the browser could not be opened: open the address yourself"
		}
	}
	x.mu.Lock()
	x.service = in
	x.view.URL, x.view.UserCode, x.view.Paste, x.view.Expires, x.view.Problem = p.URL, p.UserCode, p.Paste, p.Expires, problem
	if p.Port != 0 {
		x.view.Tunnel = fmt.Sprintf("ssh -L %d:127.0.0.1:%d %s", p.Port, p.Port, cmp.Or(s.o.SSHTarget, "USER@HOST"))
	}
	x.mu.Unlock()
	close(x.begun)
	s.signInsChanged()
}

// identified shows whose credential it is, and which account has it already
// (B20).
func (s *Panel) identified(x *signIn, w wish, signed account.Signed) {
	id, message := w.id, ""
	c := s.o.Config.Snapshot()
	if id == 0 {
		if known := s.known(c, w.info.Kind, w.way.ID, signed.Identity); known != nil {
			id = known.ID
			message = "this is the account '" + known.Name + "', which is there already: it gets the new sign-in"
		}
	} else if was := s.identity(c, id); was != "" && signed.Identity != "" && !strings.EqualFold(was, signed.Identity) {
		message = "this is another person than before: the account was signed in as " + was
	}
	x.edit(func(v *SignIn) {
		v.State, v.Identity, v.Problem = SignInConfirm, signed.Identity, ""
		v.AccountID, v.Known, v.Message = id, id != 0, message
		v.Expires = s.o.Now().Add(confirmWithin)
	})
	s.signInsChanged()
}

// known is the account of that identity, in the same way; nil is none.
func (s *Panel) known(c *config.Config, kind, way, identity string) *config.Account {
	if identity == "" {
		return nil
	}
	for i := range c.Accounts {
		a := &c.Accounts[i]
		f, err := s.form(a.Provider, a.Settings[provider.KindSetting])
		if err == nil && a.Provider == kind && f.way.ID == way && strings.EqualFold(s.identity(c, a.ID), identity) {
			return a
		}
	}
	return nil
}

// identity is an account's, as far as it is known.
func (s *Panel) identity(c *config.Config, id int64) string {
	for _, a := range c.Accounts {
		if a.ID == id {
			return cmp.Or(a.Identity, s.o.Accounts.Health(id).Identity)
		}
	}
	return ""
}

// confirmed waits for the user's word and keeps the credential. A word that
// cannot be followed, as a name that is not allowed, may be said again.
func (s *Panel) confirmed(ctx context.Context, x *signIn, w wish, signed account.Signed) (int64, error) {
	t := time.NewTimer(confirmWithin)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-t.C:
			return 0, &llm.Error{Kind: llm.KindTimeout, Message: "nobody confirmed the sign-in in time: begin again"}
		case word := <-x.words:
			id, err := s.save(x.show().AccountID, word.name, w, signed)
			if err == nil {
				x.edit(func(v *SignIn) { v.State, v.AccountID = SignInChecking, id })
				s.signInsChanged()
			}
			word.done <- err
			if err == nil {
				return id, nil
			}
		}
	}
}

// save keeps the credential: with the account id, or with a new one.
func (s *Panel) save(id int64, name string, w wish, signed account.Signed) (int64, error) {
	hidden := maps.Clone(w.hidden)
	hidden[""] = signed.Secret.Reveal()
	name = strings.TrimSpace(name)
	if id == 0 {
		settings := maps.Clone(w.settings)
		maps.Copy(settings, signed.Settings)
		a := config.Account{Provider: w.info.Kind, Name: name, Identity: signed.Identity, Settings: settings}
		if w.network != nil {
			a.Network = *w.network
		}
		added, err := s.add(a, hidden, w.form)
		return added.ID, err
	}
	return id, s.resign(id, name, w.network, hidden, signed)
}

// resign gives an account that is there a new credential.
func (s *Panel) resign(id int64, name string, network *config.AccountNetwork, hidden secrets, signed account.Signed) error {
	err := s.o.Config.Update(func(c *config.Config) error {
		i := slices.IndexFunc(c.Accounts, func(a config.Account) bool { return a.ID == id })
		if i < 0 {
			return noAccount()
		}
		a := &c.Accounts[i]
		a.Name, a.Identity = cmp.Or(name, a.Name), cmp.Or(signed.Identity, a.Identity)
		a.Key = "" // one that was written into the file would win
		set(&a.Network, network)
		if len(signed.Settings) > 0 {
			a.Settings = maps.Clone(a.Settings)
			if a.Settings == nil {
				a.Settings = map[string]string{}
			}
			maps.Copy(a.Settings, signed.Settings)
		}
		if err := config.Validate(c); err != nil {
			return err
		}
		return s.keep(id, hidden)
	})
	if err != nil {
		return err
	}
	s.o.Accounts.Changed(id)
	s.o.Events.Publish(event.Event{Kind: event.Accounts})
	return nil
}

// fail ends a sign-in without an account.
func (s *Panel) fail(ctx context.Context, x *signIn, err error) {
	s.finish(x, func(v *SignIn) {
		if ctx.Err() != nil {
			v.State = SignInCanceled
			return
		}
		v.State, v.Message = SignInFailed, llm.AsError(err).Message
	})
}

func (s *Panel) finish(x *signIn, change func(*SignIn)) {
	x.mu.Lock()
	change(&x.view)
	x.endedAt = s.o.Now()
	x.mu.Unlock()
	s.signInsChanged()
}

func (s *Panel) signInsChanged() { s.o.Events.Publish(event.Event{Kind: event.SignIns}) }

// SignIn is how far the sign-in with this ID is.
func (s *Panel) SignIn(id string) (SignIn, error) {
	x, err := s.desk.find(id)
	if err != nil {
		return SignIn{}, err
	}
	return x.show(), nil
}

// AnswerSignIn takes what the user pasted. A text that is not the answer is no
// error: Problem says what is wrong with it.
func (s *Panel) AnswerSignIn(id, text string) (SignIn, error) {
	x, err := s.desk.find(id)
	if err != nil {
		return SignIn{}, err
	}
	v := x.show()
	if v.State != SignInWaiting || !v.Paste {
		return v, &llm.Error{Kind: llm.KindUnsupported, Message: "this sign-in waits for no answer"}
	}
	problem := ""
	if err := x.service.Answer(strings.TrimSpace(text)); err != nil {
		problem = err.Error()
	}
	x.edit(func(v *SignIn) { v.Problem = problem })
	s.signInsChanged()
	return x.show(), nil
}

// ConfirmSignIn keeps the credential and has the service asked with it. Name is
// what the account is called; "" is its own or a proposed one.
func (s *Panel) ConfirmSignIn(ctx context.Context, id, name string) (SignIn, error) {
	x, err := s.desk.find(id)
	if err != nil {
		return SignIn{}, err
	}
	if v := x.show(); v.State != SignInConfirm {
		return v, &llm.Error{Kind: llm.KindUnsupported, Message: "there is nothing to confirm in this sign-in"}
	}
	word := confirmation{name, make(chan error, 1)}
	select {
	case x.words <- word:
		err = <-word.done
	case <-x.ended:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	return x.show(), err
}

// CancelSignIn ends a sign-in; its port is free when this returns.
func (s *Panel) CancelSignIn(ctx context.Context, id string) error {
	x, err := s.desk.find(id)
	if err != nil {
		return err
	}
	return x.stop(ctx)
}
