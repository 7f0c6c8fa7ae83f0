package pool

import (
	"cmp"
	"slices"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Standing is the one state that an account, or one of its models, is in.
type Standing string

// The standings.
const (
	// StandingReady may be asked.
	StandingReady Standing = "ready"
	// StandingOff was switched off by the user.
	StandingOff Standing = "off"
	// StandingResting is not asked until its rest ends.
	StandingResting Standing = "resting"
	// StandingTrying has rested: the next request, or the one that goes on, finds
	// out whether it is well.
	StandingTrying Standing = "trying"
	// StandingPaced is at the bound of its pace.
	StandingPaced Standing = "paced"
)

// Rest is a cooldown as the pages show it.
type Rest struct {
	// Kind is the failure that it is for, Said its message, cut.
	Kind   llm.Kind
	Said   string
	Source Source
	Since  time.Time
	// Until is its end; the zero time is none: see SourceRefused.
	Until time.Time
	// Failures is how many there were in a row.
	Failures int
}

// View is what is known of an account or of one of its models.
type View struct {
	Standing Standing
	// Rest is nil where nothing is held against it.
	Rest     *Rest
	InFlight int
	Pace     Pace
	// Minute, Day and Tokens are the requests of the last minute and day and the
	// tokens of the last minute; negative where they are not counted.
	Minute, Day, Tokens int64
	// FreeAt is when its pace allows the next request; the zero time is now, or
	// when a request ends.
	FreeAt time.Time
	// LastSuccess is the zero time when there was none since the start.
	LastSuccess time.Time
}

// AccountView is an account and its models that were asked or have something
// against them, by name.
type AccountView struct {
	View
	Models []ModelView
}

// ModelView is one model of an account.
type ModelView struct {
	// Model is the service's own name.
	Model string
	View
}

// Snapshot is what is known of an account; ok is false for one that no pool has.
func (s *State) Snapshot(accountID int64) (v AccountView, ok bool) {
	now := s.lock()
	defer s.unlock()
	a := s.accounts[accountID]
	if a == nil {
		return AccountView{}, false
	}
	v.View = a.view(now)
	if a.terms.Off {
		v.Standing = StandingOff
	}
	for _, m := range a.models {
		if m.inFlight == 0 && m.lastSuccess == 0 && m.trouble.streak == 0 && m.trouble.until == 0 {
			continue
		}
		v.Models = append(v.Models, ModelView{Model: m.name, View: m.view(now)})
	}
	slices.SortFunc(v.Models, func(x, y ModelView) int { return cmp.Compare(x.Model, y.Model) })
	return v, true
}

func (s *side) view(now int64) View {
	v := View{
		InFlight: s.inFlight, Pace: s.pace, Minute: -1, Day: -1, Tokens: -1,
		LastSuccess: timeOf(s.lastSuccess), Rest: s.trouble.rest(),
	}
	if s.use != nil {
		v.Minute, v.Day, v.Tokens = s.use.minute.sum(now), s.use.day.sum(now), s.use.tokens.sum(now)
		v.FreeAt = timeOf(s.use.free(now, s.pace))
	}
	switch why, _ := s.hindrance(now); why {
	case resting:
		v.Standing = StandingResting
	case tried:
		v.Standing = StandingTrying
	case busy, overPace:
		v.Standing = StandingPaced
	case free, switchedOff:
		v.Standing = StandingReady
		if s.trouble.until != 0 {
			v.Standing = StandingTrying
		}
	}
	return v
}

func (t *trouble) rest() *Rest {
	if t.until == 0 {
		return nil
	}
	r := &Rest{Kind: t.kind, Said: t.said, Source: t.source, Since: timeOf(t.since), Failures: t.streak}
	if t.until != forever {
		r.Until = timeOf(t.until)
	}
	return r
}

func timeOf(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

// RetryNow ends the rest of an account and of its models, or of one model alone,
// on the user's word: the next request tries it (B01). What went wrong before
// makes no rest longer: the user may have mended it.
func (s *State) RetryNow(accountID int64, model string) {
	now := s.lock()
	defer s.unlock()
	s.rouse(accountID, now, func(m *modelState, t *trouble) bool {
		meant := model == "" || m != nil && m.name == model
		if meant {
			t.streak = 0
		}
		return meant
	})
}

// Renewed says that an account has a new credential, or that a check of it went
// well: refusals are over, and those that are still under way count no more.
func (s *State) Renewed(accountID int64) {
	now := s.lock()
	defer s.unlock()
	s.seq++
	s.rouse(accountID, now, func(_ *modelState, t *trouble) bool {
		t.seq = s.seq
		return t.source == SourceRefused
	})
}

// Awoke says that the machine slept, or that its network changed: what could not
// be reached before may be reached now (B54).
func (s *State) Awoke() {
	now := s.lock()
	defer s.unlock()
	for id := range s.accounts {
		s.rouse(id, now, func(_ *modelState, t *trouble) bool {
			return t.kind == llm.KindNetwork || t.kind == llm.KindTimeout
		})
	}
}

// rouse ends the rests of an account that which names; its model is nil for the
// account's own.
func (s *State) rouse(accountID, now int64, which func(*modelState, *trouble) bool) {
	a := s.accounts[accountID]
	if a == nil {
		return
	}
	changed := a.trouble.rouse(now, which(nil, &a.trouble))
	for _, m := range a.models {
		changed = m.trouble.rouse(now, which(m, &m.trouble)) || changed
	}
	if changed {
		a.wake(&a.asleep)
		s.changed = append(s.changed, a.id)
	}
}

func (t *trouble) rouse(now int64, wanted bool) bool {
	if !wanted || t.until <= now {
		return false
	}
	t.until = now
	return true
}
