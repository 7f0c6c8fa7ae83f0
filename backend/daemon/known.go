package daemon

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// known is what is known of one account. It lives as long as nothing changes
// that the account's service would see. accounts.mu guards it.
type known struct {
	// print tells what the service sees from what it saw before; coming is the one
	// after what a check found is written, until then.
	print, coming string

	health control.Health
	// before is the state of when the program ran last; "" is not known.
	before  control.AccountState
	models  []llm.Model
	quotaAt time.Time
	// heard is what answers to requests said is left, the oldest first.
	heard []control.Quota
	// found are settings that a check found and that the file cannot hold.
	found   map[string]string
	enabled bool

	keeper *account.Keeper
	// stored is the credential as the keeper last saw or wrote it in the store. It
	// is not guarded: the keeper reads the store under a lock of its own.
	stored atomic.Pointer[account.Secret]
	// problem is the keeper's, as it was last shown.
	problem *llm.Error

	// wanted asks for a check, which nobody is shown when it is quiet; next is
	// when one is due by itself; failures are those in a row that another try may
	// mend.
	wanted, quiet bool
	next          time.Time
	failures      int
	// doubted says that requests were refused since the last pardon, of that time.
	doubted  bool
	pardoned time.Time
	// flight is closed when the check under way has ended, and cancel ends it;
	// nil is none.
	flight chan struct{}
	cancel context.CancelFunc
}

// print is of all that the service sees: the entry in the file, and secrets but
// for one that a keeper renews. mu is held.
func (a *accounts) print(s *seat, keeps bool) string {
	settings := maps.Clone(s.config.Settings)
	delete(settings, provider.KindSetting)
	all := []any{
		s.config.Provider, s.way.ID, settings, s.config.Key,
		a.way(s.config.Network), len(s.config.Models) > 0,
	}
	fields := a.secretFields(s)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		all = append(all, name, fields[name].Reveal())
	}
	if !keeps {
		secret, _ := a.secret(s) // one that cannot be read is none
		all = append(all, secret.Reveal())
	}
	text, err := json.Marshal(all) // maps are written in the order of their keys
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// secretFields are the account's own fields that are secret. mu is held.
func (a *accounts) secretFields(s *seat) map[string]account.Secret {
	var out map[string]account.Secret
	for _, f := range slices.Concat(s.way.Fields, s.info.Fields) {
		if f.Kind != provider.FieldSecret {
			continue
		}
		secret, ok := a.o.Secrets.Get(account.FieldName(s.config.ID, f.Key))
		if !ok {
			secret = account.NewSecret(s.config.Settings[f.Key]) // where a person wrote it
		}
		if secret.IsZero() {
			continue
		}
		if out == nil {
			out = map[string]account.Secret{}
		}
		out[f.Key] = secret
	}
	return out
}

// models are those listed by hand, or those that the service told. mu is held.
func (s *seat) models() []llm.Model {
	if len(s.config.Models) == 0 {
		return s.known.models
	}
	out := make([]llm.Model, 0, len(s.config.Models))
	for _, id := range s.config.Models {
		m := llm.Model{ID: id}
		if i := slices.IndexFunc(s.known.models, func(k llm.Model) bool { return k.ID == id }); i >= 0 {
			m = s.known.models[i]
		}
		out = append(out, m)
	}
	return out
}

// Providers are the model services of this version, in the order of the list.
func (a *accounts) Providers() []provider.Provider { return a.o.Providers }

// LeftOut says which accounts of the file cannot be used, and why.
func (a *accounts) LeftOut() []string { return a.current.Load().leftOut }

// LastID is the highest ID that an account ever had.
func (a *accounts) LastID() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.memory.LastID
}

// Health is what is known of the account with this ID.
func (a *accounts) Health(id int64) control.Health {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.byID[id]; s != nil {
		return a.health(s)
	}
	return control.Health{}
}

// health is what is known of s. mu is held.
func (a *accounts) health(s *seat) control.Health {
	h := s.known.health
	h.Models, h.Quotas = len(s.models()), slices.Concat(h.Quotas, s.known.heard)
	if s.known.keeper == nil {
		return h
	}
	h.Expires = s.known.keeper.Expires()
	if e := s.known.keeper.Problem(); e != nil && !h.Checking {
		state, _ := stateOf(e)
		if e.Kind == llm.KindInternal { // renewed, and not saved: it works for now
			state = cmp.Or(h.State, control.AccountReady)
		}
		h.State, h.Reason = state, a.o.Redact(e.Message)
	}
	return h
}

// Changed says that a person gave the account a new secret.
func (a *accounts) Changed(id int64) {
	a.mu.Lock()
	if s := a.byID[id]; s != nil {
		s.known.print, s.known.coming = "", "" // of nothing: it begins anew
	}
	a.mu.Unlock()
	a.o.Renewed()
	a.o.Balance.Renewed(id)
	a.o.Balance.RetryNow(id, "") // another key may have a quota of its own
	a.reseat()
}

// SignIn begins a sign-in over the network that its account will use: the chosen
// one, or with nil what the account has.
func (a *accounts) SignIn(
	ctx context.Context, p provider.SignIner, o provider.SignInOptions, chosen *config.AccountNetwork,
) (account.SignIn, error) {
	a.mu.Lock()
	of, _ := p.(provider.Provider)
	var own config.AccountNetwork
	if s := a.byID[o.AccountID]; s != nil {
		own = s.config.Network
	}
	if chosen != nil {
		own = *chosen
	}
	o.HTTP = a.client(of, own)
	a.mu.Unlock()
	return p.SignIn(ctx, o)
}
