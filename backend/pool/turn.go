package pool

import (
	"math"
	"slices"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Limits bound one exchange's way.
type Limits struct {
	// Attempts is how many upstreams it may be offered (B03); 0 is no bound.
	Attempts int
	// Queue is how many exchanges may wait at one pool, and Wait how long one may,
	// when nothing but pace stands in the way; 0 is no waiting.
	Queue int
	Wait  time.Duration
}

// Turn is one exchange's way through one or more pools: an alias names several
// models, and each pool is asked before the next. It belongs to one goroutine
// and holds the attempt that goes on. The zero value offers nobody.
//
// Each upstream that was offered ends with Done; Leave ends the way.
type Turn struct {
	first  *Pool
	others []*Pool
	limits Limits
	// talk is the conversation it belongs to; 0 is none.
	talk uint64

	// tried are those that were offered; more goes on where its room ends.
	tried [4]*modelState
	more  []*modelState
	used  int
	// spared counts those of them that were not asked after all, for they could
	// not have said what the request says.
	spared int
	// no keeps some from being offered; nil keeps nobody.
	no func(*Upstream) bool

	now    attempt
	why    choice
	ticket *Ticket
	// failures are for the reason, last is what the client is told.
	failures []failure
	last     *llm.Error
	// blamed is who failed last; nil is nobody.
	blamed *member
}

// attempt is one upstream that was offered and has not ended.
type attempt struct {
	member *member
	// seq is its number among all attempts and failures.
	seq     uint64
	renewed bool
}

// choice is how it came to be chosen.
type choice struct {
	// kept says that the conversation stays, moved is where it cannot.
	kept  bool
	moved *member
	// load and part are what counted under LeastBusy and MostQuota.
	load int
	part float64
}

type failure struct {
	name string
	kind llm.Kind
}

// Begin starts an exchange's way through first and then others, which are kept.
func Begin(first *Pool, others ...*Pool) Turn { return Turn{first: first, others: others} }

// Limit sets the bounds of the way; without it there are none, and no waiting.
func (t *Turn) Limit(l Limits) { t.limits = l }

// Stick says which conversation the exchange belongs to, by any key that its
// requests have in common: it stays with the account that answered last, whose
// service may have its beginning in a cache. "" is none.
func (t *Turn) Stick(conversation string) {
	t.talk = 0
	if conversation != "" && t.first != nil {
		t.talk = t.first.state.talks.key(conversation)
	}
}

func (t *Turn) pools(yield func(*Pool) bool) {
	if !yield(t.first) {
		return
	}
	for _, p := range t.others {
		if !yield(p) {
			return
		}
	}
}

// Next offers the next upstream. When there is none for now, and pace alone
// stands in the way, it gives a Ticket to wait with; otherwise the error for the
// client: the failure of the attempts before, or why nobody could be asked (B05,
// B10), with the time after which it is worth asking again. Exactly one of the
// three is not nil. An attempt that has not ended ends, and nobody is blamed.
func (t *Turn) Next() (*Upstream, *Ticket, *llm.Error) {
	if t.first == nil {
		return nil, nil, &llm.Error{Kind: llm.KindUnavailable, Code: codeNobody, Message: "no account serves this model"}
	}
	s := t.first.state
	now := s.lock()
	defer s.unlock()
	t.end(s)
	if t.left() == 0 {
		return nil, nil, t.verdict(now)
	}
	if m := t.take(now); m != nil {
		t.leaveQueues()
		t.begin(s, m, now)
		t.used++
		return &m.upstream, nil, nil
	}
	if k := t.wait(now); k != nil {
		return nil, k, nil
	}
	t.leaveQueues()
	return nil, nil, t.verdict(now)
}

// mostSpared bounds the attempts that count for nothing.
const mostSpared = 8

// left is how many upstreams may still be asked.
func (t *Turn) left() int {
	if t.limits.Attempts <= 0 {
		return math.MaxInt
	}
	return max(t.limits.Attempts-t.used+min(t.spared, mostSpared), 0)
}

// take finds the first pool that has somebody for t. Nobody passes those who
// wait there already. Once one has failed, each of the models that come later
// has an attempt of what is left kept for it: three accounts of a model that is
// down must not use up the way to the next model.
func (t *Turn) take(now int64) *member {
	t.why = choice{}
	if t.used > 0 && len(t.others) > 0 && t.limits.Attempts > 0 {
		if m := t.takeFrom(t.past(), now); m != nil {
			return m
		}
	}
	return t.takeFrom(0, now)
}

// past is the first pool that need not leave its attempt to a later one.
func (t *Turn) past() int {
	first, later := 0, 0
	for i, p := range t.others {
		if p.open.count > 0 && !t.asked(p) {
			if later++; first == 0 {
				first = i + 1
			}
		}
	}
	if later < t.left() {
		return 0
	}
	return first
}

// asked says that one of p was offered to t.
func (t *Turn) asked(p *Pool) bool {
	for i := range p.members {
		if t.hasTried(p.members[i].model) {
			return true
		}
	}
	return false
}

func (t *Turn) takeFrom(first int, now int64) *member {
	i := -1
	for p := range t.pools {
		if i++; i < first || p.ahead(t.ticket) {
			continue
		}
		m := p.keeps(t, now)
		if m == nil {
			m = p.pick(t, now)
		}
		if m != nil {
			t.note(m, now)
			return m
		}
	}
	return nil
}

// note keeps what the reason of a choice says in figures.
func (t *Turn) note(m *member, now int64) {
	t.why.load = m.account.inFlight
	if m.pool.policy == MostQuota {
		t.why.part = m.model.budget().part(now)
	}
}

func (t *Turn) hasTried(m *modelState) bool {
	n := min(t.used, len(t.tried))
	return slices.Contains(t.tried[:n], m) || slices.Contains(t.more, m)
}

// begin counts an attempt at m.
func (t *Turn) begin(s *State, m *member, now int64) {
	if t.used < len(t.tried) {
		t.tried[t.used] = m.model
	} else {
		t.more = append(t.more, m.model)
	}
	t.start(s, m, now)
	if t.talk != 0 {
		s.talks.put(t.talk, m.pool, m.account.id, now+int64(s.o.Conversations))
	}
}

func (t *Turn) start(s *State, m *member, now int64) {
	s.seq++
	t.now = attempt{member: m, seq: s.seq}
	for _, side := range [...]*side{&m.account.side, &m.model.side} {
		side.inFlight++
		side.quota.spent++
		if side.use != nil {
			side.use.minute.add(now, 1)
			side.use.day.add(now, 1)
		}
		if side.trouble.until != 0 && side.trouble.trier == 0 {
			side.trouble.trier = s.seq
		}
	}
}

// end ends the attempt that goes on, if any, and blames nobody.
func (t *Turn) end(s *State) {
	m := t.now.member
	if m == nil {
		return
	}
	for _, side := range [...]*side{&m.account.side, &m.model.side} {
		side.inFlight--
		if side.trouble.trier == t.now.seq {
			side.trouble.trier = 0
		}
	}
	t.now.member = nil
	s.release(m.account)
}

// release lets those go on who waited for a request of a to end.
func (s *State) release(a *accountState) { a.wake(&a.held) }

// Answered says that the upstream that was offered last has begun to answer: its
// account is well, and others need not wait until this answer ends.
func (t *Turn) Answered() {
	m := t.now.member
	if m == nil {
		return
	}
	s := m.pool.state
	s.lock()
	defer s.unlock()
	s.forgive(m.model, t.now.seq)
}

// Done ends the attempt at the upstream that was offered last: err is nil when
// the answer was whole. Who rests for it, and for how long, follows from the
// error's kind, code and RetryAfter.
func (t *Turn) Done(err *llm.Error, u llm.Usage) {
	m := t.now.member
	if m == nil {
		return
	}
	s := m.pool.state
	now := s.lock()
	defer s.unlock()
	began := t.now.seq
	if err == nil {
		s.forgive(m.model, began)
		m.model.lastSuccess, m.account.lastSuccess = now, now
	} else {
		t.failures = append(t.failures, failure{m.upstream.Account.Name, err.Kind})
		t.tell(err)
		if err.Kind == llm.KindUnsupported && err.Status == 0 {
			t.spared++
		}
		s.blame(m.model, err, began, now)
		t.blamed = m
	}
	if u.Known {
		m.account.spend(now, u.Total())
		m.model.spend(now, u.Total())
	}
	t.end(s)
}

func (s *side) spend(now int64, tokens int) {
	if s.use != nil {
		s.use.tokens.add(now, int64(tokens))
	}
}

// tell keeps the failure that the client is told: the last of those that say
// most.
func (t *Turn) tell(err *llm.Error) {
	if t.last == nil || tells(err.Kind) >= tells(t.last.Kind) {
		t.last = err
	}
}

// tells is how much a failure says to a client. A refused credential is ours,
// not the client's: any other failure says more. And when one upstream cannot
// do what another only failed to do for now, it is worth asking again.
func tells(k llm.Kind) int {
	switch k { //nolint:exhaustive // All others say most.
	case llm.KindAuth, llm.KindForbidden, llm.KindNotFound:
		return 0
	case llm.KindUnsupported:
		return 1
	default:
		return 2
	}
}

// Again offers the upstream that was offered last once more, after its
// credential was renewed; nobody is blamed for the refusal (B14). It is false
// when it was offered again already, or when its attempt has ended.
func (t *Turn) Again() bool {
	m := t.now.member
	if m == nil || t.now.renewed {
		return false
	}
	s := m.pool.state
	now := s.lock()
	defer s.unlock()
	t.end(s)
	t.start(s, m, now)
	t.now.renewed = true
	return true
}

// Leave ends the way: an attempt that has not ended ends without blame, and a
// place in a queue is given up. It may be called more than once, and must be
// when a client leaves.
func (t *Turn) Leave() {
	if t.first == nil || t.now.member == nil && t.ticket == nil {
		return
	}
	s := t.first.state
	s.lock()
	defer s.unlock()
	t.end(s)
	t.leaveQueues()
}

// Without keeps those that no names from being offered from now on; it is asked
// with the State's lock held.
func (t *Turn) Without(no func(*Upstream) bool) { t.no = no }

// out says that m is not offered to t any more.
func (t *Turn) out(m *member) bool {
	return t.hasTried(m.model) || t.no != nil && t.no(&m.upstream)
}
