package control

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/config/foreign"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// FoundImports are the places in the user's home folder where other programs
// keep sign-ins. It looks at those places alone, and opens no file.
func (s *Panel) FoundImports() []FoundSource {
	out := []FoundSource{}
	for _, p := range foreign.Known(s.o.Home) {
		out = append(out, FoundSource{ImportSource{Path: p.Path}, p.Title})
	}
	return out
}

// PreviewImport says what an import from there would do. It changes nothing and
// shows no secret.
func (s *Panel) PreviewImport(from ImportSource) (Import, error) {
	source, err := s.readSource(from)
	if err != nil {
		return Import{}, err
	}
	out := Import{Format: source.Format, Path: source.Path, Finds: []Find{}, Notes: list(source.Notes)}
	c := s.o.Config.Snapshot()
	for i := range source.Finds {
		f := &source.Finds[i]
		state, problem, _ := s.judge(c, f)
		out.Finds = append(out.Finds, Find{
			Key: f.Key, Provider: f.Provider, Way: f.Way, Name: f.Name, Identity: f.Identity, State: state, Problem: problem,
		})
	}
	return out, nil
}

func (s *Panel) readSource(from ImportSource) (foreign.Source, error) {
	var source foreign.Source
	var err error
	if strings.TrimSpace(from.Text) != "" {
		source, err = foreign.Parse(from.Path, []byte(from.Text), "")
	} else {
		source, err = foreign.Read(from.Path, s.o.Home)
	}
	if err == nil {
		if source.Path == s.o.Config.Path() { // its other accounts are there
			source.Finds = slices.DeleteFunc(source.Finds, func(f foreign.Find) bool { return f.Origin == "" })
		}
		return source, nil
	}
	if ce, ok := errors.AsType[*config.Error](err); ok { // its field is one of that file
		err = errors.New(ce.Error())
	}
	field := "path"
	if from.Text != "" {
		field = "text"
	}
	return source, wrong(field, "%s", err.Error())
}

// judge says what an import would do with f, and to which account.
func (s *Panel) judge(c *config.Config, f *foreign.Find) (state ImportState, problem string, id int64) {
	if f.Problem != "" {
		return ImportUnusable, f.Problem, 0
	}
	form, err := s.form(f.Provider, f.Way)
	if err != nil {
		return ImportUnusable, "this version has no way to use it", 0
	}
	secret := account.NewSecret(f.Secret())
	for i := range c.Accounts {
		a := &c.Accounts[i]
		if a.Provider != f.Provider || form.info.Way(a.Settings[provider.KindSetting]).ID != form.way.ID {
			continue
		}
		if f.Origin != "" && a.Origin == f.Origin {
			return ImportSame, "", a.ID
		}
		stored := s.storedSecret(a)
		switch {
		case stored.Equal(secret) && sameProject(a, f):
			return ImportSame, "", a.ID
		case f.Identity == "" || !strings.EqualFold(s.identity(c, a.ID), f.Identity) || !sameProject(a, f):
			continue
		case !s.newer(form, secret, stored):
			return ImportSame, "", a.ID
		}
		return ImportUpdate, "", a.ID
	}
	return ImportNew, "", 0
}

// sameProject tells two accounts of one sign-in apart, which differ in what
// they are billed to.
func sameProject(a *config.Account, f *foreign.Find) bool {
	const project = "projectId"
	return f.Settings[project] == "" || a.Settings[project] == "" || a.Settings[project] == f.Settings[project]
}

func (s *Panel) storedSecret(a *config.Account) account.Secret {
	if a.Key != "" {
		return account.NewSecret(a.Key)
	}
	secret, _ := s.o.Credentials.Get(account.CredentialName(a.ID)) // none equals none that is imported
	return secret
}

// newer says that a credential ends later than the one that is there, as far as
// their provider can tell.
func (s *Panel) newer(f form, found, stored account.Secret) bool {
	p, _ := s.provider(f.info.Kind)
	r, ok := p.Provider.(provider.Refresher)
	if !ok || stored.IsZero() {
		return true
	}
	a := account.New(account.Account{Provider: f.info.Kind, Settings: map[string]string{provider.KindSetting: f.way.ID}}, nil)
	was, will := r.Expires(a, stored), r.Expires(a, found)
	return was.IsZero() || will.After(was)
}

// TakeImport takes the chosen finds of a source. It reads the source again, and
// removes nothing from it.
func (s *Panel) TakeImport(choice ImportChoice) (Imported, error) {
	out := Imported{Added: []Account{}, Updated: []Account{}}
	source, err := s.readSource(choice.ImportSource)
	if err != nil {
		return out, err
	}
	for _, key := range choice.Keys {
		if !slices.ContainsFunc(source.Finds, func(f foreign.Find) bool { return f.Key == key }) {
			return out, &llm.Error{Kind: llm.KindNotFound, Message: "the source has changed: look at the preview again"}
		}
	}
	for i := range source.Finds {
		f := &source.Finds[i]
		if !slices.Contains(choice.Keys, f.Key) {
			continue
		}
		if err := s.take(f, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// take imports one find.
func (s *Panel) take(f *foreign.Find, out *Imported) error {
	c := s.o.Config.Snapshot()
	state, _, id := s.judge(c, f)
	switch state {
	case ImportUnusable, ImportSame:
		out.Skipped++
		return nil
	case ImportUpdate:
		if err := s.resign(id, "", nil, secrets{"": f.Secret()}, account.Signed{Identity: f.Identity}); err != nil {
			return err
		}
		a, err := s.Account(id)
		out.Updated = append(out.Updated, a)
		return err
	case ImportNew:
	}
	form, err := s.form(f.Provider, f.Way)
	if err != nil {
		return err
	}
	settings := maps.Clone(form.way.Settings)
	if settings == nil {
		settings = map[string]string{}
	}
	maps.Copy(settings, f.Settings)
	settings[provider.KindSetting] = form.way.ID
	prefix := f.Prefix
	if prefix == cmp.Or(form.way.Prefix, form.info.Prefix) {
		prefix = ""
	}
	a, err := s.add(config.Account{
		Provider: f.Provider, Name: freeName(c, f.Name), Prefix: prefix, Identity: f.Identity, Origin: f.Origin, Settings: settings,
	}, secrets{"": f.Secret()}, form)
	if err != nil {
		return err
	}
	out.Added = append(out.Added, a)
	s.o.Events.Publish(event.Event{Kind: event.Accounts})
	return nil
}
