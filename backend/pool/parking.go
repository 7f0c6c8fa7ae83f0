package pool

import "container/heap"

// parking are the members of a pool that are barred until a known time, the
// soonest first.
type parking []*member

func (p parking) Len() int           { return len(p) }
func (p parking) Less(i, j int) bool { return p[i].until < p[j].until }
func (p parking) Swap(i, j int) {
	p[i], p[j] = p[j], p[i]
	p[i].heap, p[j].heap = i, j
}

// Push is for the heap.
func (p *parking) Push(x any) {
	m, _ := x.(*member)
	m.heap = len(*p)
	*p = append(*p, m)
}

// Pop is for the heap.
func (p *parking) Pop() any {
	last := len(*p) - 1
	m := (*p)[last]
	(*p)[last] = nil
	*p = (*p)[:last]
	m.heap = -1
	return m
}

// list is members that wait for the same thing to happen.
type list struct{ head *member }

func (l *list) add(m *member) {
	m.list, m.prev, m.next = l, nil, l.head
	if l.head != nil {
		l.head.prev = m
	}
	l.head = m
}

func (m *member) unlist() {
	if m.list == nil {
		return
	}
	if m.prev != nil {
		m.prev.next = m.next
	} else {
		m.list.head = m.next
	}
	if m.next != nil {
		m.next.prev = m.prev
	}
	m.list, m.prev, m.next = nil, nil, nil
}

// park takes m out of the turn until its time has come, or until what holds it
// has happened: until then no request looks at it.
func (p *Pool) park(m *member, why hindrance, until int64) {
	p.close(m)
	m.why, m.until = why, until
	p.barred++
	if until != 0 && until != forever {
		heap.Push(&p.parked, m)
	}
	switch why {
	case resting:
		m.account.asleep.add(m)
	case tried, busy:
		p.held++
		m.account.held.add(m)
	case overPace:
		p.paced++
	case free, switchedOff:
	}
}

// unpark lets m take part again; whether it is free is seen when it is picked.
func (p *Pool) unpark(m *member) {
	if m.why == free || m.why == switchedOff {
		return
	}
	m.leave()
	p.barred--
	switch m.why {
	case tried, busy:
		p.held--
	case overPace:
		p.paced--
	case free, switchedOff, resting:
	}
	m.why, m.until = free, 0
	p.reopen(m)
}

// leave takes m out of the heap and the list it may be in.
func (m *member) leave() {
	m.unlist()
	if m.heap >= 0 && len(m.pool.parked) > m.heap {
		heap.Remove(&m.pool.parked, m.heap)
	}
}

// release unparks those whose time has come.
func (p *Pool) release(now int64) {
	for len(p.parked) > 0 && p.parked[0].until <= now {
		p.unpark(p.parked[0])
	}
}

// wake unparks those that waited for what happened just now.
func (a *accountState) wake(l *list) {
	for l.head != nil {
		p := l.head.pool
		p.unpark(l.head)
		p.signal()
	}
}
