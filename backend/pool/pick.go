package pool

import "math"

// lookAhead is how many that may be asked a choice compares.
const lookAhead = 16

// doubt is the rank of one whose last answer was not a good one, on the way of
// an exchange that has failed already: it is asked when there is nobody else.
const doubt = math.MaxInt64

// pick chooses among those that may be asked and that t has not tried, and moves
// the turn on; nil is nobody. Who turns out to be barred is parked, so that each
// is looked at once and not by every request. State.mu is held.
func (p *Pool) pick(t *Turn, now int64) *member {
	p.release(now)
	slot := p.cursor.slot
	if p.policy == FillFirst {
		slot = 0
	}
	var best *member
	bestSlot, bestRank, compared := 0, int64(0), 0
	for visits := p.open.count; visits > 0 && compared < lookAhead; visits-- {
		slot = p.open.next(slot)
		if slot < 0 {
			break
		}
		m := &p.members[p.slots[slot]]
		at := slot
		slot++
		if t.out(m) {
			continue
		}
		if why, until := m.hindrance(now); why != free {
			p.park(m, why, until)
			continue
		}
		compared++
		rank := p.rank(m, t, now)
		if best == nil || rank < bestRank {
			best, bestSlot, bestRank = m, at, rank
		}
		if bestRank == 0 {
			break
		}
	}
	if best != nil {
		p.cursor.slot, p.cursor.last = bestSlot+1, best.account.id
	}
	return best
}

// rank orders those that may be asked under the pool's policy, the lowest first;
// nobody is better than 0.
func (p *Pool) rank(m *member, t *Turn, now int64) int64 {
	if t.used > 0 && m.doubtful() {
		return doubt
	}
	switch p.policy {
	case LeastBusy:
		return int64(m.account.inFlight) * mostWeight / int64(m.upstream.Terms.weight())
	case MostQuota:
		const parts = 1 << 30
		return int64((1 - m.model.budget().part(now)) * parts)
	case SoonestReset:
		q := m.model.budget()
		if q.reset > now && q.part(now) > 0 {
			return q.reset - now
		}
		return doubt - 1
	case RoundRobin, Weighted, FillFirst:
	}
	return 0
}

// of finds the member of an account; nil is none.
func (p *Pool) of(accountID int64) *member {
	if p.index == nil {
		p.index = make(map[int64]int32, len(p.members))
		for i := range p.members {
			p.index[p.members[i].account.id] = int32(i)
		}
	}
	i, ok := p.index[accountID]
	if !ok {
		return nil
	}
	return &p.members[i]
}
