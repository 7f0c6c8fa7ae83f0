package pool

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Options are what a State works with.
type Options struct {
	// Now is the clock; nil is time.Now. Rests end by the wall clock, for they go
	// on while the machine sleeps; a clock that is set back moves them along.
	Now func() time.Time
	// Random spreads our own pauses, from 0 up to 1; nil is a random source.
	Random func() float64
	// Changed is called with an account whose rest began or ended other than by
	// time, outside of all locks; it must not block. Nil is nobody.
	Changed func(accountID int64)
	// Conversations is how long a conversation keeps its account after its last
	// request; 0 is an hour.
	Conversations time.Duration
}

// State is what is known of accounts and of their models: who rests, who is in
// flight, what is left. It outlives the route table, which is rebuilt with each
// change of the configuration, and is kept by the account's ID and the service's
// own name of the model. All of it is in memory, bounded by what is configured.
type State struct {
	o     Options
	plain Terms

	mu sync.Mutex
	// last is the time of the last look at the clock.
	last int64
	// seq numbers attempts and failures in the order in which they came.
	seq      uint64
	build    uint64
	accounts map[int64]*accountState
	pools    map[string]*Pool
	groups   map[string]*Group
	talks    conversations
	// kept is what was remembered of accounts that have not come yet.
	kept map[int64]Kept
	// mostRest bounds rests that are not for a quota.
	mostRest time.Duration
	// changed are the accounts that Changed is to hear of.
	changed []int64
}

// New makes a State that knows nobody.
func New(o Options) *State {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Changed == nil {
		o.Changed = func(int64) {}
	}
	if o.Conversations <= 0 {
		o.Conversations = time.Hour
	}
	return &State{
		o: o, accounts: map[int64]*accountState{}, pools: map[string]*Pool{}, groups: map[string]*Group{},
		talks: newConversations(), mostRest: mostHint,
	}
}

// side is one side of an upstream, its account or its model: each rests, has a
// pace and a quota of its own.
type side struct {
	trouble  trouble
	inFlight int
	pace     Pace
	// use is nil where nothing is counted.
	use   *use
	quota quota
	// lastSuccess is the end of the last attempt that went well; 0 is never.
	lastSuccess int64
}

type accountState struct {
	side
	id    int64
	terms *Terms
	// models are by the service's own names.
	models map[string]*modelState
	// held are the members that wait for a request of the account to end,
	// asleep those that rest.
	held, asleep list
	// kept is what was remembered of models that nobody has asked for yet.
	kept map[string]Kept
	// quotas are what the provider told last, for models that come later.
	quotas []provider.Quota
	learnt int64
	build  uint64
}

type modelState struct {
	side
	account *accountState
	name    string
	// seats counts the members of pools that stand for it.
	seats int
}

// lock takes the lock and reads the clock.
func (s *State) lock() int64 {
	s.mu.Lock()
	now := s.o.Now().UnixNano()
	if back := s.last - now; back > int64(time.Second) {
		s.rewind(back)
	}
	s.last = now
	return now
}

// unlock gives the lock back and tells who changed.
func (s *State) unlock() {
	changed := s.changed
	s.changed = nil
	s.mu.Unlock()
	for _, id := range changed {
		s.o.Changed(id)
	}
}

// rewind moves everything that has a time back by d nanoseconds, after the
// clock was set back: otherwise a rest of a minute would last as long as the
// clock was wrong.
func (s *State) rewind(d int64) {
	for _, a := range s.accounts {
		a.rewind(d)
		for _, m := range a.models {
			m.rewind(d)
		}
	}
	for p := range s.everyPool {
		for _, m := range p.parked {
			m.until -= d
		}
		for _, k := range p.queue {
			k.deadline -= d
			k.until -= d
		}
	}
}

func (s *side) rewind(d int64) {
	s.trouble.rewind(d)
	if s.use != nil {
		s.use.rewind(d)
	}
}

// everyPool ranges over the listed pools and the open ones.
func (s *State) everyPool(yield func(*Pool) bool) {
	for _, p := range s.pools {
		if !yield(p) {
			return
		}
	}
	for _, g := range s.groups {
		for _, p := range g.pools {
			if !yield(p) {
				return
			}
		}
	}
}

// account finds or makes the state of u's account, with its present terms.
func (s *State) account(u Upstream, build uint64) *accountState {
	a := s.accounts[u.Account.ID]
	if a == nil {
		a = &accountState{id: u.Account.ID, models: map[string]*modelState{}}
		a.use = newUse()
		a.recall(s.take(a.id), s.last)
		s.accounts[a.id] = a
	}
	if a.build != build || a.terms == nil {
		a.build, a.terms, a.pace = build, u.Terms, u.Terms.Pace
		a.follow()
	}
	return a
}

// follow forgets what the terms do not allow.
func (a *accountState) follow() {
	if !a.terms.Tireless {
		return
	}
	a.trouble.clear()
	for _, m := range a.models {
		m.trouble.clear()
	}
}

func (a *accountState) model(u Upstream, now int64) *modelState {
	m := a.models[u.Model]
	if m == nil {
		m = &modelState{account: a, name: u.Model}
		a.models[u.Model] = m
		m.learn(a.quotas, a.learnt)
	}
	pace, named := u.Terms.Models[u.Model]
	if !named {
		pace = u.Terms.Models[""]
	}
	m.pace = pace
	if m.use == nil && pace.counts() {
		m.use = newUse()
	}
	if k, ok := a.kept[m.name]; ok {
		delete(a.kept, m.name)
		m.recall(k, now)
	}
	return m
}

// BoundRests sets the longest rest for anything but a used up quota, whoever
// names its length; 0 is half an hour (B01). Rests under way are cut to it.
func (s *State) BoundRests(most time.Duration) {
	now := s.lock()
	defer s.unlock()
	if most <= 0 {
		most = mostHint
	}
	if s.mostRest == most {
		return
	}
	s.mostRest = most
	for _, a := range s.accounts {
		cut := a.trouble.cut(most, now)
		for _, m := range a.models {
			cut = m.trouble.cut(most, now) || cut
		}
		if cut {
			a.wake(&a.asleep)
			s.changed = append(s.changed, a.id)
		}
	}
}

// cut ends a rest where a shorter bound ends it; false is that it does not.
func (t *trouble) cut(most time.Duration, now int64) bool {
	end := max(t.since+int64(most), now)
	if t.kind == llm.KindQuota || t.until == forever || t.until <= end {
		return false
	}
	t.until = end
	return true
}

// Rebuild is one change of the configuration, pool by pool. Exchanges go on
// meanwhile.
type Rebuild struct {
	state *State
	build uint64
}

// Rebuild begins a change of the configuration. One goes on at a time.
func (s *State) Rebuild() *Rebuild {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.build++
	return &Rebuild{state: s, build: s.build}
}

// Pool is the pool called name with these upstreams, in the order of the
// configuration; the one that was called so before goes on. An unknown policy is
// RoundRobin. The upstreams are copied.
func (r *Rebuild) Pool(name string, policy Policy, upstreams []Upstream) *Pool {
	s := r.state
	s.lock()
	defer s.unlock()
	p := s.pools[name]
	if p == nil {
		p = &Pool{state: s, name: name, cursor: &cursor{}}
		s.pools[name] = p
	}
	p.fill(policy, upstreams, r.build)
	return p
}

// Done forgets the pools, the accounts and the models that were not named, but
// for what is in flight or rests with an end: a model that vanishes for a moment
// from a service's list does not come back rested.
func (r *Rebuild) Done() {
	s := r.state
	now := s.lock()
	defer s.unlock()
	for name, p := range s.pools {
		if p.build != r.build {
			p.retire()
			delete(s.pools, name)
		}
	}
	for name, g := range s.groups {
		if g.build != r.build {
			g.retire()
			delete(s.groups, name)
		}
	}
	for id, a := range s.accounts {
		for name, m := range a.models {
			if m.seats == 0 && !m.worthKeeping(now) {
				delete(a.models, name)
			}
		}
		if a.build != r.build && len(a.models) == 0 && !a.worthKeeping(now) {
			delete(s.accounts, id)
		}
	}
}

func (s *side) worthKeeping(now int64) bool {
	return s.inFlight > 0 || s.trouble.until > now && s.trouble.until != forever
}
