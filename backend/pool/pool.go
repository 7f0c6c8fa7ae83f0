// Package pool decides who takes the next attempt at a model, who rests and for
// how long, and who may be asked how often.
//
// The invariant: a decision is a function of what the [State] knows and of what
// the exchange has tried. There is no I/O in here, no goroutine, no timer and no
// clock but the one that is given; each upstream is offered to one exchange at
// most once, but for one more time after its credential was renewed. Whether an
// upstream may be asked is found out when it is picked, never earlier (B06).
package pool

import (
	"cmp"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Upstream is one model of one account.
type Upstream struct {
	Account  *account.Account
	Provider provider.Provider
	// Model is the service's own name of the model. Rest, pace and quota are kept
	// under it, whatever clients call the model (B07).
	Model string
	// Terms are the account's; nil are the zero Terms. They are not changed.
	Terms *Terms
}

// Terms are what the user set for an account.
type Terms struct {
	// Off says that the account is switched off: it is never asked, and named
	// among those that were passed over (B10).
	Off bool
	// Tireless says that it never rests, whatever it answers, as the one that
	// answers in this process.
	Tireless bool
	// Weight is its share under [Weighted] and [LeastBusy], 1 to 100; 0 is 1.
	Weight int
	// Priority orders accounts under [FillFirst]; the highest goes first.
	Priority int
	// Pace bounds the account as a whole.
	Pace Pace
	// Models bound single models by the service's own name; "" stands for each
	// model that is not named.
	Models map[string]Pace
}

// Policy is the way a pool chooses among those that may be asked.
type Policy string

// The policies. Those that compare look at the next sixteen that may be asked
// and take the best of them: exact for pools of up to sixteen accounts, and in
// larger ones nobody has to look at a thousand accounts for each request.
const (
	// RoundRobin takes turns in the order of the configuration; the first request
	// goes to the first account. It is the default.
	RoundRobin Policy = "round_robin"
	// Weighted takes turns in proportion to the weights, well mixed.
	Weighted Policy = "weighted"
	// FillFirst asks the account of the highest priority for as long as it may be
	// asked; the order of the configuration decides between equals.
	FillFirst Policy = "fill_first"
	// LeastBusy asks the one with the fewest requests in flight for its weight.
	LeastBusy Policy = "least_busy"
	// MostQuota asks the one with the greatest part of its quota left; unknown
	// counts as whole.
	MostQuota Policy = "most_quota"
	// SoonestReset asks the one whose quota is whole again soonest, so that
	// nothing of it is lost; those without a known reset come last.
	SoonestReset Policy = "soonest_reset"
)

// Policies lists every policy once, the default first.
func Policies() []Policy {
	return []Policy{RoundRobin, Weighted, FillFirst, LeastBusy, MostQuota, SoonestReset}
}

// Pool is the upstreams behind one model, in the order of the configuration. It
// lives as long as the configuration names its model: a rebuild changes its
// members in place, so that exchanges under way see who is there now.
type Pool struct {
	state  *State
	name   string
	policy Policy

	members []member
	// slots are the order in which members take turns, as indexes; under
	// Weighted a member has several. open has a bit for each slot whose member
	// may be asked as far as is known.
	slots []int32
	open  bitset
	// cursor is whose turn it is; the pools of a Group share one.
	cursor *cursor
	// parked are the members that are known to be barred until some time.
	parked parking
	// barred counts those that are known to be barred; of them, held are those
	// that the end of some request frees, paced those that are over their pace.
	barred, held, paced int
	// index finds a member by its account, for conversations; made when needed.
	index map[int64]int32
	queue []*Ticket

	build   uint64
	used    uint64
	retired bool
}

// member is an upstream's seat in one pool. It is parked while it is known to be
// barred, which costs nothing until its time comes or its account is freed.
type member struct {
	upstream Upstream
	pool     *Pool
	account  *accountState
	model    *modelState
	// slots are its own among the pool's.
	slots []int32

	why   hindrance
	until int64
	heap  int
	list  *list
	prev  *member
	next  *member
	// turn is the reason that it is given under RoundRobin, made once.
	turn string
}

// cursor is a place among slots. last is the account that was chosen last, so
// that the turn goes on behind it when the configuration has changed.
type cursor struct {
	slot int
	last int64
}

// fill gives p its members, and carries over whose turn it is. State.mu is held.
func (p *Pool) fill(policy Policy, us []Upstream, build uint64) {
	p.empty()
	p.policy, p.build = policy, build
	p.members = make([]member, len(us))
	for i, u := range us {
		if u.Terms == nil {
			u.Terms = &p.state.plain
		}
		a := p.state.account(u, build)
		m := a.model(u, p.state.last)
		m.seats++
		p.members[i] = member{upstream: u, pool: p, account: a, model: m, heap: -1}
	}
	p.arrange()
	p.cursor.settle(p)
	p.signal()
}

// empty takes p's members out of everything that knows them.
func (p *Pool) empty() {
	for i := range p.members {
		m := &p.members[i]
		m.leave()
		m.model.seats--
	}
	p.members, p.slots, p.open, p.parked, p.index = nil, nil, bitset{}, nil, nil
	p.barred, p.held, p.paced = 0, 0, 0
}

// retire ends p: exchanges that still have it find nobody.
func (p *Pool) retire() {
	p.empty()
	p.retired = true
	p.signal()
}

// arrange lays out the slots.
func (p *Pool) arrange() {
	p.slots = order(p.policy, p.members)
	p.open = newBitset(len(p.slots))
	count := make([]int, len(p.members)+1)
	for _, m := range p.slots {
		count[m+1]++
	}
	for i := range p.members {
		count[i+1] += count[i]
	}
	all := make([]int32, len(p.slots))
	at := slices.Clone(count)
	for slot, m := range p.slots {
		all[at[m]] = int32(slot)
		at[m]++
	}
	for i := range p.members {
		m := &p.members[i]
		m.slots = all[count[i]:count[i+1]]
		if m.upstream.Terms.Off {
			m.why = switchedOff
			p.barred++
			continue
		}
		p.reopen(m)
	}
}

func (p *Pool) reopen(m *member) {
	for _, slot := range m.slots {
		p.open.set(int(slot))
	}
}

func (p *Pool) close(m *member) {
	for _, slot := range m.slots {
		p.open.clear(int(slot))
	}
}

// settle finds the place of c among p's new slots: behind the account that was
// chosen last, or, when that one has gone, at who came after it.
func (c *cursor) settle(p *Pool) {
	if len(p.slots) == 0 || c.slot == 0 {
		return
	}
	at := func(slot int) int64 { return p.members[p.slots[slot]].account.id }
	if c.slot <= len(p.slots) && at(c.slot-1) == c.last {
		return
	}
	for slot := range p.slots {
		if at(slot) == c.last {
			c.slot = slot + 1
			return
		}
	}
	c.slot = min(c.slot-1, len(p.slots))
	if c.slot > 0 {
		c.last = at(c.slot - 1)
	}
}

const mostWeight = 100

func (t *Terms) weight() int { return min(max(t.Weight, 1), mostWeight) }

// order is in which order members take turns under policy, as indexes.
func order(policy Policy, members []member) []int32 {
	out := make([]int32, len(members))
	for i := range out {
		out[i] = int32(i)
	}
	switch policy {
	case FillFirst:
		slices.SortStableFunc(out, func(a, b int32) int {
			return cmp.Compare(members[b].upstream.Terms.Priority, members[a].upstream.Terms.Priority)
		})
	case Weighted:
		return shares(members)
	case RoundRobin, LeastBusy, MostQuota, SoonestReset:
	}
	return out
}

// shares lays each member out as often as its weight says, evenly: the one that
// is furthest behind its share comes next.
func shares(members []member) []int32 {
	divisor, total := 0, 0
	for i := range members {
		divisor = gcd(members[i].upstream.Terms.weight(), divisor)
	}
	type share struct {
		index  int32
		weight int
		// due is the middle of the share's next part, in parts of its weight.
		due float64
	}
	parts := make([]share, 0, len(members))
	for i := range members {
		w := members[i].upstream.Terms.weight() / divisor
		total += w
		for k := range w {
			parts = append(parts, share{int32(i), w, (float64(k) + 0.5) / float64(w)})
		}
	}
	slices.SortStableFunc(parts, func(a, b share) int {
		return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(b.weight, a.weight))
	})
	out := make([]int32, 0, total)
	for _, s := range parts {
		out = append(out, s.index)
	}
	return out
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
