package pool

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

const (
	// codeNobody is the code of an error that says that nobody can be asked now.
	codeNobody = "no_account_ready"
	// mostNamed bounds how many accounts one reason names.
	mostNamed = 8
)

// Reason says why the upstream that was offered last was chosen, and why others
// were not (B10): "its turn (1 of 4)", or "chose A, its turn (1 of 4); B rests
// until 14:05 (gemini-2.5-pro, the service's hint), C is disabled, D is over its
// pace until 14:03:20". It is made when it is asked for.
func (t *Turn) Reason() string {
	m := t.now.member
	if m == nil {
		return ""
	}
	s := m.pool.state
	now := s.lock()
	defer s.unlock()
	why := t.chosen(m, now)
	if m.pool.barred == 0 {
		return why
	}
	var b strings.Builder
	b.WriteString("chose " + m.upstream.Account.Name + ", " + why + "; ")
	m.pool.bars(&b, t, m, now)
	return b.String()
}

// chosen says why m.
func (t *Turn) chosen(m *member, now int64) string {
	switch {
	case t.now.renewed:
		return "again, with a renewed credential"
	case len(t.failures) > 0:
		return t.after()
	case t.why.kept:
		return "its conversation stays"
	case t.why.moved != nil:
		return m.byPolicy(t) + ", for its conversation cannot stay: " + t.why.moved.plight(now)
	case len(m.pool.members) == 1:
		return "the only account"
	}
	return m.byPolicy(t)
}

func (t *Turn) after() string {
	var b strings.Builder
	b.WriteString("next after ")
	for i, f := range t.failures {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(f.name + " (" + f.kind.String() + ")")
	}
	return b.String()
}

func (m *member) byPolicy(t *Turn) string {
	switch m.pool.policy {
	case Weighted:
		return "its share (weight " + strconv.Itoa(m.upstream.Terms.weight()) + ")"
	case FillFirst:
		return "the first that is able (priority " + strconv.Itoa(m.upstream.Terms.Priority) + ")"
	case LeastBusy:
		return "the least busy (" + strconv.Itoa(t.why.load) + " in flight)"
	case MostQuota:
		const percent = 100
		return "the most quota left (" + strconv.Itoa(int(t.why.part*percent)) + " %)"
	case SoonestReset:
		return "its quota resets soonest"
	case RoundRobin:
	}
	if m.turn == "" {
		m.turn = "its turn (" + strconv.Itoa(int(m.slots[0])+1) + " of " + strconv.Itoa(len(m.pool.members)) + ")"
	}
	return m.turn
}

// bars names those of p that cannot be asked, but for m and those that t has
// tried, whose failures stand there already.
func (p *Pool) bars(b *strings.Builder, t *Turn, but *member, now int64) {
	named := 0
	for i := range p.members {
		m := &p.members[i]
		if named >= mostNamed {
			break
		}
		if m == but || t.out(m) {
			continue
		}
		said := m.plight(now)
		if said == "" {
			continue
		}
		if named > 0 {
			b.WriteString(", ")
		}
		b.WriteString(said)
		named++
	}
	if left := p.barred - named; left > 0 && named >= mostNamed {
		b.WriteString(" and " + strconv.Itoa(left) + " more")
	}
}

// plight says what stands in m's way, as a sentence with its name; "" is
// nothing.
func (m *member) plight(now int64) string {
	name := m.upstream.Account.Name
	why, until := m.hindrance(now)
	s, where := &m.account.side, ""
	if h, _ := s.hindrance(now); h == free {
		s, where = &m.model.side, m.model.name
	}
	switch why {
	case switchedOff:
		return name + " is disabled"
	case resting:
		return name + " " + s.trouble.sentence(where, m.clock(until, now))
	case tried:
		return name + " is being tried after a rest"
	case busy:
		return name + " has " + strconv.Itoa(s.inFlight) + " of " + strconv.Itoa(s.pace.InFlight) + " requests in flight" + of(where)
	case overPace:
		return name + " is over its pace until " + m.clock(until, now) + of(where)
	case free:
	}
	return ""
}

func of(model string) string {
	if model == "" {
		return ""
	}
	return " (" + model + ")"
}

// sentence says what t is about, without the name: model is "" for an account.
func (t *trouble) sentence(model, until string) string {
	if t.until == forever {
		switch {
		case t.kind == llm.KindAuth:
			return "rests until it has a new credential (the service refused it)"
		case model != "":
			return "may not use " + model + " (the service refused it)"
		}
		return "is refused by the service"
	}
	if model != "" {
		model += ", "
	}
	return "rests until " + until + " (" + model + t.source.words() + ")"
}

func (s Source) words() string {
	switch s {
	case SourceHint:
		return "the service's hint"
	case SourceReset:
		return "the quota's reset"
	case SourceOwn:
		return "our own pause"
	case SourceRefused:
		return "the service refused it"
	default:
		return string(s)
	}
}

// clock writes a time as short as it is clear: with the seconds when it is soon,
// with the day when it is not today.
func (m *member) clock(until, now int64) string {
	const soon = 10 * time.Minute
	zone := m.pool.state.o.Now().Location()
	at, today := time.Unix(0, until).In(zone), time.Unix(0, now).In(zone)
	switch {
	case at.Sub(today) < soon:
		return at.Format("15:04:05")
	case at.YearDay() == today.YearDay() && at.Year() == today.Year():
		return at.Format("15:04")
	}
	return at.Format("Jan 2 15:04")
}

// verdict is what the client is told when nobody is left: the true failure of
// the attempts, or why there was none.
func (t *Turn) verdict(now int64) *llm.Error {
	if t.last == nil {
		return t.refusal(now)
	}
	e := *t.last
	switch e.Kind { //nolint:exhaustive // Those that a client waits out.
	case llm.KindRate, llm.KindQuota, llm.KindOverloaded:
		if wait := t.survey(now).soonest; wait > 0 {
			e.RetryAfter = wait
		}
	default:
	}
	return &e
}

// survey is one look at all upstreams of a way.
type survey struct {
	// all counts them, on those that are not switched off.
	all, on int
	// kinds counts what stands in their way by its kind.
	kinds [math.MaxUint8 + 1]int
	// soonest is after how long somebody may be asked; 0 is unknown.
	soonest time.Duration
}

func (t *Turn) survey(now int64) (v survey) {
	best := int64(forever)
	for p := range t.pools {
		v.all += len(p.members)
		for i := range p.members {
			m := &p.members[i]
			why, until := m.hindrance(now)
			if why != switchedOff {
				v.on++
				v.kinds[m.limit(why)]++
			}
			switch why {
			case free, tried, busy:
				// One that never rests has failed all the same: what its service
				// said of the time holds.
				if !m.upstream.Terms.Tireless || !t.hasTried(m.model) {
					best = min(best, now)
				}
			case resting, overPace:
				best = min(best, until)
			case switchedOff:
			}
		}
	}
	if best != forever {
		v.soonest = max(time.Duration(best-now), time.Second)
	}
	return v
}

// refusal says of each account why it cannot be asked (B05, B10). Its class is
// that of the accounts that are switched on.
func (t *Turn) refusal(now int64) *llm.Error {
	v := t.survey(now)
	e := &llm.Error{Kind: llm.KindUnavailable, Code: codeNobody, RetryAfter: v.soonest}
	e.Message = "no account can take a request for " + t.first.name + " now: " + t.plights(now)
	switch {
	case v.all == 0:
		e.Message = "no account serves " + t.first.name + " any more"
		return e
	case v.on == 0:
		return e
	}
	switch v.on {
	case v.kinds[llm.KindNotFound]:
		e.Kind, e.Code, e.Param, e.RetryAfter = llm.KindNotFound, "model_not_found", "model", 0
	case v.kinds[llm.KindAuth]:
		// As the first of them was told: a client that hears of an overload waits
		// and asks again, and nobody mends the credential.
		e.Kind, e.Code, e.RetryAfter = llm.KindAuth, "", 0
	case v.kinds[llm.KindForbidden]:
		e.Kind, e.Code, e.RetryAfter = llm.KindForbidden, "", 0
	case v.kinds[llm.KindQuota]:
		e.Kind, e.Code = llm.KindQuota, ""
	case v.kinds[llm.KindQuota] + v.kinds[llm.KindRate]:
		e.Kind, e.Code = llm.KindRate, ""
	}
	e.Message += t.said(v.on, now)
	return e
}

// said quotes the service where a lone account rests: what it answered first is
// then all that there is to know.
func (t *Turn) said(on int, now int64) string {
	if on != 1 {
		return ""
	}
	for p := range t.pools {
		for i := range p.members {
			m := &p.members[i]
			if why, _ := m.hindrance(now); why != resting {
				continue
			}
			if s := m.troubled(); s.said != "" {
				return "; the service said: " + s.said
			}
		}
	}
	return ""
}

// troubled is what is held against m: the account's trouble before the model's.
func (m *member) troubled() *trouble {
	if m.account.trouble.until != 0 {
		return &m.account.trouble
	}
	return &m.model.trouble
}

// Caused says of the upstream that failed last that it rests now, and until when;
// "" is that it does not.
func (t *Turn) Caused() string {
	m := t.blamed
	if m == nil {
		return ""
	}
	s := m.pool.state
	now := s.lock()
	defer s.unlock()
	if why, _ := m.hindrance(now); why != resting {
		return ""
	}
	return m.plight(now)
}

// Barred says what keeps those from being asked whom t has not tried; "" is
// nothing.
func (t *Turn) Barred() string {
	if t.first == nil {
		return ""
	}
	s := t.first.state
	now := s.lock()
	defer s.unlock()
	return t.bars(now)
}

// plights says why nobody can be asked.
func (t *Turn) plights(now int64) string {
	if s := t.bars(now); s != "" {
		return s
	}
	return "too many requests wait already"
}

// bars names what stands in the way of each pool's accounts.
func (t *Turn) bars(now int64) string {
	var b strings.Builder
	for p := range t.pools {
		var one strings.Builder
		p.bars(&one, t, nil, now)
		if b.Len() > 0 && one.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(one.String())
	}
	return b.String()
}

// limit is the kind of what stands in m's way: KindRate for a pace too.
func (m *member) limit(why hindrance) llm.Kind {
	switch why {
	case busy, overPace:
		return llm.KindRate
	case resting, tried:
		return m.troubled().kind
	case free, switchedOff:
	}
	return llm.KindUnavailable
}
