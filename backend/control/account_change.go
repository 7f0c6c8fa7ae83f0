package control

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// secrets are what a change keeps in the credential store, by the field's key;
// "" is the account's own. An empty text deletes.
type secrets map[string]string

// AddAccount adds one whose credential is a key, a file or none. The service is
// asked at once, in the background; until it has answered the account is
// checking. A value that cannot be used is a *config.Error that names the field.
func (s *Panel) AddAccount(n NewAccount) (Account, error) {
	f, err := s.form(n.Provider, n.Way)
	if err != nil {
		return Account{}, err
	}
	if f.way.Credential == provider.CredentialSignIn {
		return Account{}, wrong("key", "%s is added by a sign-in, not with a key", f.title())
	}
	settings, hidden, err := f.settings(n.Settings, nil)
	if err != nil {
		return Account{}, err
	}
	if err := f.complete(settings, hidden); err != nil {
		return Account{}, err
	}
	if hidden[""], err = f.key(n.Key); err != nil {
		return Account{}, err
	}
	a := config.Account{
		Provider: n.Provider, Name: strings.TrimSpace(n.Name), Prefix: n.Prefix, Models: n.Models, Settings: settings,
	}
	if n.Network != nil {
		if a.Network, err = n.Network.meant(""); err != nil {
			return Account{}, err
		}
	}
	return s.add(a, hidden, f)
}

// add writes a new account and its secrets.
func (s *Panel) add(a config.Account, hidden secrets, f form) (Account, error) {
	err := s.o.Config.Update(func(c *config.Config) error {
		a.ID = max(c.NextAccountID(), s.o.Accounts.LastID()+1)
		a.Name = cmp.Or(a.Name, freeName(c, f.title()))
		c.Accounts = append(slices.Clone(c.Accounts), a)
		if err := config.Validate(c); err != nil {
			return err
		}
		// The secrets first: an account without them would be refused at once.
		return s.keep(a.ID, hidden)
	})
	if err != nil {
		if a.ID != 0 {
			_ = s.o.Credentials.Forget(account.CredentialName(a.ID)) // the error that is told came first
		}
		return Account{}, err
	}
	s.o.Events.Publish(event.Event{Kind: event.Accounts})
	return s.Account(a.ID)
}

// freeName is title, with a number where it is taken.
func freeName(c *config.Config, title string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(c.Accounts, func(a config.Account) bool { return a.Name == name })
	}
	name := title
	for i := 2; taken(name); i++ {
		name = title + " " + strconv.Itoa(i)
	}
	return name
}

// keep writes secrets into the credential store.
func (s *Panel) keep(id int64, hidden secrets) error {
	for key, text := range hidden {
		name := account.CredentialName(id)
		if key != "" {
			name = account.FieldName(id, key)
		}
		if err := s.o.Credentials.Set(name, account.NewSecret(text)); err != nil {
			return err
		}
	}
	return nil
}

// ChangeAccount changes the given fields of an account. A change of what the
// service sees has it asked again.
func (s *Panel) ChangeAccount(id int64, p AccountPatch) (Account, error) {
	if err := s.changeable(id); err != nil {
		return Account{}, err
	}
	hidden := secrets{}
	err := s.o.Config.Update(func(c *config.Config) error {
		i := slices.IndexFunc(c.Accounts, func(a config.Account) bool { return a.ID == id })
		if i < 0 {
			return noAccount()
		}
		if err := s.change(&c.Accounts[i], p, hidden); err != nil {
			return err
		}
		if err := config.Validate(c); err != nil {
			return err
		}
		return s.keep(id, hidden)
	})
	if err != nil {
		return Account{}, err
	}
	if len(hidden) > 0 {
		s.o.Accounts.Changed(id)
	}
	s.o.Events.Publish(event.Event{Kind: event.Accounts})
	return s.Account(id)
}

// change applies p to a; what is secret goes to hidden.
func (s *Panel) change(a *config.Account, p AccountPatch, hidden secrets) error {
	if p.Name != nil {
		a.Name = strings.TrimSpace(*p.Name)
	}
	set(&a.Prefix, p.Prefix)
	set(&a.Models, p.Models)
	if p.Enabled != nil {
		a.Disabled = !*p.Enabled
	}
	if err := p.changeBalance(a); err != nil {
		return err
	}
	if len(p.Settings) == 0 && p.Key == nil {
		return nil
	}
	f, err := s.form(a.Provider, a.Settings[provider.KindSetting])
	if err != nil {
		return err
	}
	settings, fields, err := f.settings(p.Settings, a.Settings)
	if err != nil {
		return err
	}
	a.Settings = settings
	maps.Copy(hidden, fields)
	if p.Key == nil {
		return f.complete(settings, nil)
	}
	if f.way.Credential == provider.CredentialSignIn {
		return wrong("key", "this account has no key: sign in again instead")
	}
	if hidden[""], err = f.key(*p.Key); err != nil {
		return err
	}
	a.Key = "" // one that was written into the file would win
	return f.complete(settings, nil)
}

// changeable refuses accounts that the file's own part of the program does not
// hold.
func (s *Panel) changeable(id int64) error {
	if id == DemoID {
		return &llm.Error{Kind: llm.KindUnsupported, Message: "the demo is switched on and off in the settings"}
	}
	if (&config.Account{ID: id}).Original() {
		return &llm.Error{
			Kind:    llm.KindUnsupported,
			Message: "this account stands in a section of the original program's file, which is only read: import the file to have it as an account that can be changed here",
		}
	}
	return nil
}

// DeleteAccount removes an account and its secrets.
func (s *Panel) DeleteAccount(id int64) error {
	if err := s.changeable(id); err != nil {
		return err
	}
	found := false
	err := s.o.Config.Update(func(c *config.Config) error {
		keep := slices.DeleteFunc(slices.Clone(c.Accounts), func(a config.Account) bool { return a.ID == id })
		found = len(keep) < len(c.Accounts)
		c.Accounts = keep
		return nil
	})
	if err != nil {
		return err
	}
	if !found {
		return noAccount()
	}
	err = s.o.Credentials.Forget(account.CredentialName(id))
	s.o.Events.Publish(event.Event{Kind: event.Accounts})
	return err
}

// TestAccount asks the account's service now and gives the account as it is
// after that.
func (s *Panel) TestAccount(ctx context.Context, id int64) (Account, error) {
	if _, err := s.Account(id); err != nil {
		return Account{}, err
	}
	s.o.Accounts.Check(ctx, id)
	return s.Account(id)
}
