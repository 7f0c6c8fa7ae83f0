package daemon

import (
	"encoding/json"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// tell says that an account's state changed. Whoever looks is told at most every
// quarter of a second, for a storm of failures changes a thousand at once.
func (a *accounts) tell() { nudge(a.changed) }

// changedNow is told of by the pool, on the way of a request.
func (a *accounts) changedNow(int64) {
	nudge(a.changed)
	nudge(a.dirty)
}

// attention is what a person was told to look after, so that each occurrence is
// told once. accounts.mu guards it.
type attention struct {
	// states are the accounts' own, as they were at the last look.
	states map[int64]control.AccountState
	// allRest says that nobody could be asked at the last look.
	allRest bool
}

// show tells who looks at the accounts, and whoever is to act. It gives the time
// at which the next rest ends, when the picture changes by itself; the zero time
// is none.
func (a *accounts) show(now time.Time) (next time.Time) {
	calls, next := a.look(now)
	a.o.Events.Publish(event.Event{Kind: event.Accounts})
	for _, c := range calls {
		if data, err := json.Marshal(c); err == nil { // it is plain data
			a.o.Events.Publish(event.Event{Kind: event.Attention, Data: data})
		}
	}
	return next
}

// look finds what is new for a person, and when the next rest ends.
func (a *accounts) look(now time.Time) (calls []control.Attention, next time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := a.attention.states
	a.attention.states = make(map[int64]control.AccountState, len(a.seats))
	usable, resting := 0, 0
	var soonest time.Time // of those that rest; the zero time is never
	for _, s := range a.seats {
		id := s.config.ID
		if !s.account.Enabled || id == control.DemoID {
			continue
		}
		state := a.health(s).State
		a.attention.states[id] = state
		before, seen := was[id]
		if !seen {
			before = s.known.before
		}
		if state == control.AccountSignIn && worked(before) {
			calls = append(calls, control.Attention{Kind: control.NeedsSignIn, AccountID: id, Account: s.account.Name})
		}
		if state != control.AccountReady && state != "" {
			continue
		}
		usable++
		if v, ok := a.o.Balance.Snapshot(id); ok {
			next = earlier(next, ends(v, now))
			if until, rests := control.Resting(v); rests {
				resting++
				soonest = earlier(soonest, until)
			}
		}
	}
	// A pause of seconds is no matter for a person.
	const worth = time.Minute
	all := usable > 0 && resting == usable
	if all && !a.attention.allRest && (soonest.IsZero() || soonest.Sub(now) >= worth) {
		a.attention.allRest = true
		calls = append(calls, control.Attention{Kind: control.AllRest, Until: soonest})
	}
	a.attention.allRest = a.attention.allRest && all
	return calls, next
}

// worked says that an account was of use: one that was just added, or that never
// worked, is in its user's hands already.
func worked(was control.AccountState) bool {
	return was == control.AccountReady || was == control.AccountUnreachable || was == control.AccountRefused
}

// ends is when the first rest of an account, or of one of its models, ends.
func ends(v pool.AccountView, now time.Time) (next time.Time) {
	add := func(r *pool.Rest) {
		if r != nil && r.Until.After(now) {
			next = earlier(next, r.Until)
		}
	}
	add(v.Rest)
	for i := range v.Models {
		add(v.Models[i].Rest)
	}
	return next
}

// earlier is the first of two times; the zero time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
