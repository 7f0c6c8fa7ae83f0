package daemon

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// memory is what is remembered of the accounts over a restart, so that the
// model list and the cards are there at once: a cache, which may be deleted. It
// holds no secret.
type memory struct {
	path string
	// saved is the file's text.
	saved []byte
	// LastID is the highest ID that an account ever had.
	LastID   int64                `json:"lastId"`
	Accounts map[int64]remembered `json:"accounts"`
	// Rests are what the pool keeps of accounts: rests with an end, and how much
	// of a day's pace is used.
	Rests map[int64]pool.Kept `json:"rests,omitempty"`
	// Keys are the day's requests of the API keys whose requests are bounded.
	Keys map[string][]pool.KeptCount `json:"keys,omitempty"`
}

type remembered struct {
	// Print is the account that the rest is about.
	Print     string               `json:"print"`
	State     control.AccountState `json:"state,omitempty"`
	Reason    string               `json:"reason,omitempty"`
	Link      string               `json:"link,omitempty"`
	Identity  string               `json:"identity,omitempty"`
	Tier      string               `json:"tier,omitempty"`
	CheckedAt time.Time            `json:"checkedAt,omitzero"`
	Settings  map[string]string    `json:"settings,omitempty"`
	Models    []llm.Model          `json:"models,omitempty"`
	Quotas    []control.Quota      `json:"quotas,omitempty"`
	Heard     []control.Quota      `json:"heard,omitempty"`
}

// openMemory reads the file; one that is missing or damaged is an empty one.
func openMemory(path string) *memory {
	const most = 64 << 20
	m := &memory{}
	if info, err := os.Stat(path); err == nil && info.Size() <= most {
		text, err := os.ReadFile(path) // #nosec G304 -- in the data folder
		if err != nil || json.Unmarshal(text, m) != nil {
			m = &memory{}
		}
		m.saved = text
	}
	if m.Accounts == nil {
		m.Accounts = map[int64]remembered{}
	}
	m.path = path
	return m
}

func (m *memory) of(id int64) (remembered, bool) {
	r, ok := m.Accounts[id]
	return r, ok
}

func (m *memory) forget(id int64) { delete(m.Accounts, id) }

// keepOnly forgets accounts that are not there any more.
func (m *memory) keepOnly(seats map[int64]*seat) {
	maps.DeleteFunc(m.Accounts, func(id int64, _ remembered) bool { return seats[id] == nil })
}

// recall takes over what was known before the program was started.
func (k *known) recall(r remembered) {
	k.health = control.Health{
		State: r.State, Reason: r.Reason, Link: r.Link, Identity: r.Identity, Tier: r.Tier, CheckedAt: r.CheckedAt, Quotas: r.Quotas,
	}
	k.found, k.before = r.Settings, r.State
	k.models, k.heard = r.Models, r.Heard
}

// remembered is k for the file.
func (k *known) remembered() remembered {
	h := &k.health
	return remembered{
		Print: k.print, State: h.State, Reason: h.Reason, Link: h.Link, Identity: h.Identity, Tier: h.Tier, CheckedAt: h.CheckedAt,
		Settings: k.found, Quotas: h.Quotas, Heard: k.heard, Models: k.models,
	}
}

// remember writes the file, if it would say anything new.
func (a *accounts) remember() {
	a.mu.Lock()
	for _, s := range a.seats {
		if s.config.ID != control.DemoID {
			a.memory.Accounts[s.config.ID] = s.known.remembered()
		}
	}
	a.memory.Rests = a.o.Balance.Memory()
	maps.DeleteFunc(a.memory.Rests, func(id int64, _ pool.Kept) bool { return a.byID[id] == nil })
	for id, k := range a.memory.Rests {
		a.memory.Rests[id] = a.redacted(k)
	}
	if a.o.Guests != nil {
		a.memory.Keys = a.o.Guests.Memory()
	}
	text, err := json.Marshal(a.memory)
	path, same := a.memory.path, bytes.Equal(text, a.memory.saved) || len(a.memory.saved) == 0 && len(a.memory.Accounts) == 0 && len(a.memory.Keys) == 0
	a.memory.saved = text
	a.mu.Unlock()
	if err == nil && !same {
		err = atomicfile.Write(path, text)
	}
	if err != nil {
		a.o.Log.Warn("what is known of the accounts is not saved", slog.String("error", err.Error()))
	}
}

// redacted is k without the secrets that a service repeated: the file is to hold
// none.
func (a *accounts) redacted(k pool.Kept) pool.Kept {
	if k.Rest != nil {
		rest := *k.Rest
		rest.Said = a.o.Redact(rest.Said)
		k.Rest = &rest
	}
	models := make(map[string]pool.Kept, len(k.Models))
	for name, m := range k.Models {
		models[name] = a.redacted(m)
	}
	k.Models = models
	return k
}
