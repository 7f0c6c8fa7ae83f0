package control

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// DemoID is the account that stands for the demo provider; those of the
// configuration count up from 1.
const DemoID = -1

// Accounts are all accounts in the order of the configuration, whatever their
// state: those that cannot be used, those of the original's sections and the
// demo's are among them (B56).
func (s *Panel) Accounts() []Account {
	c := s.o.Config.Snapshot()
	all := s.entries(c)
	out := make([]Account, 0, len(all))
	for i := range all {
		out = append(out, s.account(c, &all[i]))
	}
	return out
}

// entries are the accounts as the configuration has them.
func (s *Panel) entries(c *config.Config) []config.Account {
	all := slices.Concat(c.Accounts, c.Imported)
	if c.Demo || s.o.Demo {
		all = append(all, config.Account{ID: DemoID, Provider: "demo", Name: "Demo"})
	}
	return all
}

// Account is one of them.
func (s *Panel) Account(id int64) (Account, error) {
	c := s.o.Config.Snapshot()
	for _, a := range s.entries(c) {
		if a.ID == id {
			return s.account(c, &a), nil
		}
	}
	return Account{}, noAccount()
}

func noAccount() *llm.Error {
	return &llm.Error{Kind: llm.KindNotFound, Message: "there is no such account; it may have been removed"}
}

func (s *Panel) account(all *config.Config, c *config.Account) Account {
	out := Account{
		ID: c.ID, Provider: c.Provider, Name: c.Name, Prefix: c.Prefix, Enabled: !c.Disabled, Original: c.Original(),
		Identity: c.Identity, Settings: map[string]string{}, Secrets: []string{}, Listed: list(c.Models),
		Quotas: []Quota{}, Instead: []provider.Reference{}, ModelPace: map[string]Pace{}, Dots: make([]Dot, requestlog.Hours),
	}
	maps.Copy(out.Settings, c.Settings)
	p, ok := s.provider(c.Provider)
	if !ok {
		s.showBalance(&out, c, provider.Way{})
		out.Standing = s.standing(c, true)
		out.State, out.Reason = AccountRefused, "the provider "+c.Provider+" is not part of this version"
		return out
	}
	info := p.info
	way := info.Way(c.Settings[provider.KindSetting])
	out.Way, out.Prefix = way.ID, cmp.Or(c.Prefix, way.Prefix, info.Prefix)
	out.Name = cmp.Or(c.Name, info.Title.EN)
	s.showSecrets(&out, c, info, way)
	h := s.o.Accounts.Health(c.ID)
	out.Identity, out.Tier, out.ModelCount = cmp.Or(h.Identity, c.Identity), h.Tier, h.Models
	out.CheckedAt, out.Expires = timeOrNil(h.CheckedAt), timeOrNil(h.Expires)
	out.Quotas = full(h.Quotas)
	s.showBalance(&out, c, way)
	out.State, out.Reason, out.Link = h.shown(c.Disabled)
	if name := all.ReplacedBy(c); name != "" {
		out.Enabled, out.State, out.Reason, out.Link = false, AccountOff, "it was imported: the account '"+name+"' is used instead", ""
	}
	out.Standing = s.standing(c, c.Disabled || out.State == AccountOff)
	estimate(&out, s.o.Now())
	if out.State == AccountRefused || out.State == AccountSignIn && way.Ended != nil {
		out.Instead = full(way.Instead)
	}
	return out
}

// shown is the state that a page draws, with its reason and link.
func (h Health) shown(disabled bool) (state AccountState, reason, link string) {
	switch {
	case disabled:
		return AccountOff, "", ""
	case h.Checking || h.State == "":
		return AccountChecking, "", ""
	}
	return h.State, h.Reason, h.Link
}

// usable says whether an account counts as ready: it answered, or it was not
// asked yet and nothing is known against it.
func (h Health) usable() bool { return h.State == AccountReady || h.State == "" }

// showSecrets says which secrets are there, and shows none.
func (s *Panel) showSecrets(out *Account, c *config.Account, info provider.Info, way provider.Way) {
	key := c.Key
	if key == "" {
		secret, err := s.o.Credentials.Lookup(account.CredentialName(c.ID))
		key = secret.Reveal()
		out.HasSecret = err == nil || !errors.Is(err, account.ErrNoSecret) // one that cannot be read now is there
	} else {
		out.HasSecret = true
	}
	if out.HasSecret && (way.Credential == provider.CredentialKey || way.Credential == provider.CredentialOptionalKey) {
		out.Masked = account.Masked(key)
	}
	for _, f := range slices.Concat(way.Fields, info.Fields) {
		if f.Kind != provider.FieldSecret {
			continue
		}
		if _, err := s.o.Credentials.Lookup(account.FieldName(c.ID, f.Key)); !errors.Is(err, account.ErrNoSecret) {
			out.Secrets = append(out.Secrets, f.Key)
		}
		delete(out.Settings, f.Key) // a hand-written one is not shown either
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// ShowActivity adds to cards what the request log knows of their accounts. A log
// that cannot be read is shown on the page of requests; the cards do without.
func (s *Panel) ShowActivity(ctx context.Context, cards []Account) {
	all, err := s.o.Log.Activities(ctx, s.o.Now())
	if err != nil {
		return
	}
	for i := range cards {
		one, ok := all[cards[i].ID]
		if !ok {
			continue
		}
		cards[i].Today = Counts(one.Today)
		for h := range one.Hours {
			cards[i].Dots[h] = Dot{one.Hours[h].Requests, one.Hours[h].Failures}
		}
	}
}

// estimate is what is left of a day's pace that the user set, by our own count;
// where nobody told anything it is the best there is. Without such a pace there
// is nothing to estimate.
func estimate(out *Account, now time.Time) {
	most := int64(out.Pace.RequestsPerDay)
	if out.PaceDefault || most <= 0 || out.Standing.Day < 0 || len(out.Quotas) > 0 {
		return
	}
	left := max(most-out.Standing.Day, 0)
	part := float64(left) / float64(most)
	out.Quotas = []Quota{{
		Name: "day", Unit: UnitRequests, Remaining: &part, Left: &left, Limit: &most, At: now, Source: QuotaEstimate,
	}}
}

// tally counts the accounts. One that is switched off counts in the total
// alone.
func (s *Panel) tally(c *config.Config) Tally {
	var t Tally
	for _, a := range s.entries(c) {
		t.Total++
		if _, ok := s.provider(a.Provider); !ok || a.Disabled || c.ReplacedBy(&a) != "" {
			continue
		}
		switch h := s.o.Accounts.Health(a.ID); {
		case h.State == AccountSignIn:
			t.SignIn++
		case !h.usable():
		case s.rests(a.ID):
			t.Resting++
		default:
			t.Ready++
		}
	}
	return t
}
