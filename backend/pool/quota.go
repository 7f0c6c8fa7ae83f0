package pool

import (
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// quota is what is known to be left of a budget. Its zero value is nothing.
type quota struct {
	known bool
	// left is the part that was left when it was learnt, 0 to 1; limit is the
	// whole in requests, 0 is unknown; reset is when it is whole again, 0 is
	// unknown.
	left  float64
	limit int64
	reset int64
	// spent counts our own requests since.
	spent int64
}

// unknownLimit is the size that a budget is taken to have when nobody told: our
// own requests since the last news must count for something, or all of them
// would go to the account that had most at that time.
const unknownLimit = 1000

// part is what is left now, 0 to 1, by what was learnt and what was spent since.
func (q *quota) part(now int64) float64 {
	if !q.known || q.reset != 0 && q.reset <= now {
		return 1
	}
	limit := q.limit
	if limit <= 0 {
		limit = unknownLimit
	}
	return max(q.left-float64(q.spent)/float64(limit), 0)
}

// learn takes over what the provider said of the side's own budget.
func (q *quota) learn(n provider.Quota) {
	left := n.Remaining
	if left < 0 && n.Left >= 0 && n.Limit > 0 {
		left = float64(n.Left) / float64(n.Limit)
	}
	*q = quota{known: left >= 0, left: min(max(left, 0), 1), limit: max(n.Limit, 0)}
	if !n.Reset.IsZero() {
		q.reset = n.Reset.UnixNano()
	}
}

// learn takes over what is about m. Several budgets may be, as requests and
// tokens: the one with least left decides.
func (m *modelState) learn(all []provider.Quota, at int64) {
	learnFor(&m.side, all, m.name, at)
}

func learnFor(s *side, all []provider.Quota, name string, at int64) {
	var best quota
	found := false
	for _, n := range all {
		if n.Model != name {
			continue
		}
		var q quota
		q.learn(n)
		if !found || q.part(at) < best.part(at) {
			best, found = q, true
		}
	}
	if found {
		s.quota = best
	}
}

// budget is the quota that counts for m: its own, or the account's.
func (m *modelState) budget() *quota {
	if m.quota.known {
		return &m.quota
	}
	return &m.account.quota
}

// reset is when m's budget is whole again; 0 is unknown.
func (m *modelState) reset(now int64) int64 {
	for _, q := range [...]*quota{&m.quota, &m.account.quota} {
		if q.reset > now {
			return q.reset
		}
	}
	return 0
}

// Learn takes over what a provider told of an account's budgets; those of models
// that nobody asks for are kept for when they come. It replaces what was learnt
// of the same budgets before.
func (s *State) Learn(accountID int64, quotas []provider.Quota) {
	now := s.lock()
	defer s.unlock()
	a := s.accounts[accountID]
	if a == nil {
		return
	}
	a.quotas = slices.Concat(quotas, slices.DeleteFunc(slices.Clone(a.quotas), func(old provider.Quota) bool {
		return slices.ContainsFunc(quotas, func(q provider.Quota) bool { return q.Model == old.Model })
	}))
	a.learnt = now
	learnFor(&a.side, quotas, "", now)
	for _, m := range a.models {
		m.learn(quotas, now)
	}
}
