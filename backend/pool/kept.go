package pool

import (
	"maps"
	"slices"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Kept is what is worth knowing of an account, or of one of its models, after
// the program was started again. It is a line in a file.
type Kept struct {
	Rest *KeptRest `json:"rest,omitempty"`
	// Day is what counts of the day's requests, the oldest first.
	Day []KeptCount `json:"day,omitempty"`
	// Models are an account's, by the service's own names.
	Models map[string]Kept `json:"models,omitempty"`
}

// KeptRest is a rest with an end.
type KeptRest struct {
	Kind     string    `json:"kind"`
	Source   Source    `json:"source"`
	Said     string    `json:"said,omitempty"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
	Failures int       `json:"failures,omitempty"`
}

// KeptCount is how many requests began in the half hour from At on.
type KeptCount struct {
	At    time.Time `json:"at"`
	Count uint32    `json:"count"`
}

// shortest is the rest that is worth keeping: a shorter one is over by the time
// that the program is back.
const shortest = time.Minute

// Memory is what is worth keeping of all accounts, by their IDs: rests that end
// later than in a minute, and the requests of the last day where a pace bounds
// them. Rests without an end are not: a check of the account finds out again.
func (s *State) Memory() map[int64]Kept {
	now := s.lock()
	defer s.unlock()
	out := map[int64]Kept{}
	for id, a := range s.accounts {
		k := a.keep(now)
		k.Models = maps.Clone(a.kept)
		for name, m := range a.models {
			if one := m.keep(now); !one.empty() {
				if k.Models == nil {
					k.Models = map[string]Kept{}
				}
				k.Models[name] = one
			}
		}
		if !k.empty() {
			out[id] = k
		}
	}
	maps.Copy(out, s.kept)
	return out
}

// Remember takes over what was kept, for accounts and models as they come. What
// is known of one already is newer and stays.
func (s *State) Remember(kept map[int64]Kept) {
	now := s.lock()
	defer s.unlock()
	s.kept = maps.Clone(kept)
	for id, a := range s.accounts {
		a.recall(s.take(id), now)
	}
}

// take is what was kept of an account, which is then known.
func (s *State) take(id int64) Kept {
	k := s.kept[id]
	delete(s.kept, id)
	return k
}

// recall takes over what was kept of a, and of those of its models that have
// come already.
func (a *accountState) recall(k Kept, now int64) {
	a.side.recall(k, now)
	a.kept = maps.Clone(k.Models)
	for name, one := range k.Models {
		if m := a.models[name]; m != nil {
			delete(a.kept, name)
			m.recall(one, now)
		}
	}
}

// Memory is what is worth keeping of the requests that each key made within the
// last day, by the key's name; the oldest come first.
func (c *Clients) Memory() map[string][]KeptCount {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, out := c.now().UnixNano(), map[string][]KeptCount{}
	for name, g := range c.keys {
		if day := g.use.day.keep(now); len(day) > 0 {
			out[name] = day
		}
	}
	return out
}

// Remember adds what Memory said before the program was started again.
func (c *Clients) Remember(kept map[string][]KeptCount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now().UnixNano()
	for name, day := range kept {
		c.guest(name, now).use.day.recall(day, now)
	}
}

func (k *Kept) empty() bool { return k.Rest == nil && len(k.Day) == 0 && len(k.Models) == 0 }

func (s *side) keep(now int64) (k Kept) {
	if t := &s.trouble; t.until != forever && t.until-now > int64(shortest) {
		k.Rest = &KeptRest{
			Kind: t.kind.String(), Source: t.source, Said: t.said, Since: timeOf(t.since), Until: timeOf(t.until), Failures: t.streak,
		}
	}
	if s.use != nil && s.pace.PerDay > 0 {
		k.Day = s.use.day.keep(now)
	}
	return k
}

func (s *side) recall(k Kept, now int64) {
	if r := k.Rest; r != nil && s.trouble.until == 0 {
		kind, ok := kindOf(r.Kind)
		// A file that says more than the rules allow was written by a clock that
		// was wrong, or by hand.
		if until := r.Until.UnixNano(); ok && until > now && until-now <= int64(mostReset) {
			s.trouble.kind, s.trouble.source, s.trouble.said = kind, r.Source, clip(r.Said, clipSaid)
			s.trouble.since, s.trouble.until, s.trouble.streak = r.Since.UnixNano(), until, max(r.Failures, 1)
		}
	}
	if s.use != nil {
		s.use.day.recall(k.Day, now)
	}
}

func kindOf(name string) (llm.Kind, bool) {
	all := llm.Kinds()
	i := slices.IndexFunc(all, func(k llm.Kind) bool { return k.String() == name })
	return llm.Kind(max(i, 0)), i >= 0 //nolint:gosec // There are few kinds.
}

// keep lists the parts in which something was counted.
func (w *window) keep(now int64) (out []KeptCount) {
	w.turn(now)
	n := int64(len(w.parts))
	for i := max(w.newest-n+1, 0); i <= w.newest; i++ {
		if count := w.parts[i%n]; count > 0 {
			out = append(out, KeptCount{timeOf(i * w.width), count})
		}
	}
	return out
}

// recall adds what was counted before, as far as it is not past, nor to come.
func (w *window) recall(kept []KeptCount, now int64) {
	w.turn(now)
	n := int64(len(w.parts))
	for _, k := range kept {
		part := k.At.UnixNano() / w.width
		if part <= w.newest-n || part > w.newest {
			continue
		}
		at := &w.parts[part%n]
		const most = 1<<32 - 1
		count := min(k.Count, most-*at)
		*at += count
		w.total += int64(count)
	}
}
