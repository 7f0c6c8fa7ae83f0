package pool

import (
	"math"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Source is where the length of a rest comes from; the pages show it (B01).
type Source string

// The sources.
const (
	// SourceHint is the time that the service named in its refusal.
	SourceHint Source = "hint"
	// SourceReset is the reset of a quota that was learnt before.
	SourceReset Source = "reset"
	// SourceOwn is our own guess, longer after each failure in a row.
	SourceOwn Source = "own"
	// SourceRefused is a refusal that waiting does not mend: it ends with a new
	// credential, with a success, or when the user says so.
	SourceRefused Source = "refused"
)

const (
	// mostHint bounds what a service may ask for without naming a quota (B01).
	mostHint = 30 * time.Minute
	// mostReset bounds what it may ask for when it does: a month.
	mostReset = 32 * 24 * time.Hour
	// forever is the end of a rest that has none.
	forever = math.MaxInt64
	// clipSaid bounds what is kept of an error's message.
	clipSaid = 200
)

// trouble is what is held against an account or against one of its models. Its
// zero value is none. It is at rest while until is in the future; after that one
// request tries it, and until that one has ended it is asked by nobody else.
type trouble struct {
	kind   llm.Kind
	source Source
	// since and until bound the rest, in nanoseconds of the wall clock; until 0
	// is no rest.
	since, until int64
	// streak counts the failures in a row.
	streak int
	// seq is when the last failure was heard of. Attempts that began before it
	// fail for the same reason, thirty at once are one failure and not thirty;
	// and when they go well they say nothing of the time after it.
	seq uint64
	// trier is the attempt that finds out whether the rest is over; 0 is none.
	trier uint64
	said  string
}

func (t *trouble) rewind(d int64) {
	t.since -= d
	if t.until != 0 && t.until != forever {
		t.until -= d
	}
}

// clear forgives everything, but remembers when the last failure was heard of.
func (t *trouble) clear() { *t = trouble{seq: t.seq} }

// rule is what a kind of failure costs.
type rule struct {
	// account says that all models of the account are concerned.
	account bool
	// open is a rest without an end.
	open bool
	// after is how many failures in a row it takes when the service names no
	// time: a single hiccup is nobody's rest.
	after int
	// first is the first rest of our own making, most the longest: each failure
	// in a row doubles it.
	first, most time.Duration
}

// ruleFor is the rule for e; ok is false for a failure that is not the
// upstream's.
func ruleFor(e *llm.Error) (r rule, ok bool) {
	switch e.Kind {
	case llm.KindAuth:
		return rule{account: true, open: true, after: 1}, true
	case llm.KindForbidden:
		return rule{account: aboutAccount(e), open: true, after: 1}, true
	case llm.KindNotFound:
		return rule{after: 1, first: 5 * time.Minute, most: mostHint}, true
	case llm.KindRate:
		return rule{after: 1, first: 10 * time.Second, most: mostHint}, true
	case llm.KindQuota:
		return rule{account: aboutAccount(e), after: 1, first: 5 * time.Minute, most: mostHint}, true
	case llm.KindOverloaded:
		return rule{after: 1, first: 5 * time.Second, most: 5 * time.Minute}, true
	case llm.KindTimeout:
		// The one who tries it waits long: not every few seconds.
		return rule{after: 1, first: 15 * time.Second, most: 5 * time.Minute}, true
	case llm.KindTransient:
		return rule{after: 2, first: 2 * time.Second, most: time.Minute}, true
	case llm.KindProtocol:
		return rule{after: 2, first: 5 * time.Second, most: 5 * time.Minute}, true
	case llm.KindNetwork:
		// No host, no model of it.
		return rule{account: true, after: 2, first: time.Second, most: time.Minute}, true
	case llm.KindInternal, llm.KindBadRequest, llm.KindMethod, llm.KindTooLarge, llm.KindUnsupported,
		llm.KindContent, llm.KindUnavailable, llm.KindCanceled:
		return rule{}, false
	default:
		return rule{}, false
	}
}

// aboutAccount says whether a refusal means the account rather than the model
// that was asked for (B02): it is about money, or about the person. The code
// insufficient_quota is no mark of it: it is what codecs call any quota.
func aboutAccount(e *llm.Error) bool {
	const paymentRequired = 402
	if e.Account || e.Status == paymentRequired {
		return true
	}
	code := strings.ToLower(e.Code)
	for _, mark := range [...]string{
		"balance", "billing", "arrear", "overdue", "payment", "validation_required", "account_", "suspended", "deactivated",
	} {
		if strings.Contains(code, mark) {
			return true
		}
	}
	return false
}

// blame holds e against the upstream of an attempt that began as number began.
func (s *State) blame(m *modelState, e *llm.Error, began uint64, now int64) {
	r, ok := ruleFor(e)
	if !ok || m.account.terms.Tireless {
		return
	}
	if e.Kind != llm.KindQuota {
		r.most = min(r.most, s.mostRest)
	}
	side := &m.side
	if r.account || e.Kind == llm.KindForbidden && m.account.refusesOthers(m) {
		side = &m.account.side
	}
	t := &side.trouble
	counts := began > t.seq
	hint := s.hintOf(e, r)
	if !counts && hint == 0 {
		return
	}
	s.seq++
	t.seq = s.seq
	if counts {
		t.streak++
	}
	length, source := s.length(t.streak, e, r, hint, m, now)
	if length == 0 {
		return
	}
	until := int64(forever)
	if length != forever {
		until = now + int64(length)
	}
	if until <= t.until {
		return
	}
	t.kind, t.source, t.since, t.until, t.trier = e.Kind, source, now, until, 0
	t.said = clip(e.Message, clipSaid)
	s.changed = append(s.changed, m.account.id)
}

// refusesOthers says that another model of a is forbidden too: then it is the
// account that is.
func (a *accountState) refusesOthers(but *modelState) bool {
	for _, m := range a.models {
		if m != but && m.trouble.kind == llm.KindForbidden && m.trouble.until != 0 {
			return true
		}
	}
	return false
}

// hintOf is the time that the service named, as far as it is believed; 0 is
// none.
func (s *State) hintOf(e *llm.Error, r rule) time.Duration {
	if e.RetryAfter <= 0 || r.open {
		return 0
	}
	most := s.mostRest
	if e.Kind == llm.KindQuota {
		most = mostReset
	}
	return min(max(e.RetryAfter, time.Second), most)
}

// length is how long to rest after the streak-th failure in a row, and who says
// so; 0 is not at all.
func (s *State) length(streak int, e *llm.Error, r rule, hint time.Duration, m *modelState, now int64) (time.Duration, Source) {
	if r.open {
		return forever, SourceRefused
	}
	own := s.own(streak, r)
	if hint > 0 {
		// Who fails again where the service said it would work is not believed
		// a second time.
		if streak > 1 && own > hint {
			return own, SourceOwn
		}
		return hint, SourceHint
	}
	if e.Kind == llm.KindQuota {
		if reset := m.reset(now); reset > now {
			return min(time.Duration(reset-now), mostReset), SourceReset
		}
	}
	return own, SourceOwn
}

// own is our own pause: doubled with each failure, bounded, and spread by a
// fifth, so that accounts that fell together do not come back together.
func (s *State) own(streak int, r rule) time.Duration {
	if streak < r.after {
		return 0
	}
	const doublings, spread = 16, 0.2
	d := min(r.first<<min(streak-r.after, doublings), r.most)
	return min(time.Duration(float64(d)*(1-spread+2*spread*s.o.Random())), r.most)
}

// forgive ends what is held against the upstream of an attempt that began as
// number began and went well. One that began before the last failure proves
// nothing: a long answer of ten minutes ago does not end today's rest.
func (s *State) forgive(m *modelState, began uint64) {
	changed := false
	for _, side := range [...]*side{&m.side, &m.account.side} {
		t := &side.trouble
		if t.streak == 0 && t.until == 0 || began <= t.seq {
			continue
		}
		changed = changed || t.until != 0
		t.clear()
	}
	if changed {
		s.changed = append(s.changed, m.account.id)
		m.account.wake(&m.account.asleep)
		m.account.wake(&m.account.held)
	}
}

// doubtful says that its last answer was not a good one.
func (m *member) doubtful() bool { return m.model.trouble.streak > 0 || m.account.trouble.streak > 0 }

func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
