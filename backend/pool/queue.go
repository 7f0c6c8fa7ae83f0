package pool

import (
	"slices"
	"time"
)

// Ticket is a place in the queue of an exchange's pools. Who holds one waits
// until Ready gives, until the time of Until, or until the client leaves, and
// then asks Turn.Next again, which gives an upstream, a Ticket with a new time,
// or the reason why waiting was in vain.
type Ticket struct {
	ready           chan struct{}
	deadline, until int64
	// picky says that its exchange has tried some already: what it cannot use
	// others may, so that it holds up nobody.
	picky bool
}

// Ready gives when it is worth asking again.
func (k *Ticket) Ready() <-chan struct{} { return k.ready }

// Until is when to ask again at the latest. It is not changed but by Turn.Next.
func (k *Ticket) Until() time.Time { return time.Unix(0, k.until) }

// wait gives t a place in the queues of its pools, or keeps the one it has; nil
// when waiting does not help, is not wanted, or has lasted long enough.
func (t *Turn) wait(now int64) *Ticket {
	if t.limits.Queue <= 0 || t.limits.Wait <= 0 {
		return nil
	}
	deadline := now + int64(t.limits.Wait)
	if t.ticket != nil {
		deadline = t.ticket.deadline
	}
	until, ok := t.wakeAt(deadline)
	if !ok || now >= deadline || !t.enqueue(deadline) {
		return nil
	}
	t.ticket.until = until
	return t.ticket
}

// wakeAt is when t must look again by itself; ok is false when nothing that it
// could use comes free before deadline.
func (t *Turn) wakeAt(deadline int64) (until int64, ok bool) {
	until = deadline
	for p := range t.pools {
		if p.ahead(t.ticket) {
			ok = true
			continue
		}
		held, paced := p.waiting(t)
		if held+paced == 0 {
			continue
		}
		if len(p.parked) > 0 && p.parked[0].until < until {
			until = p.parked[0].until
			ok = true
		}
		ok = ok || held > 0
	}
	return until, ok
}

// waiting counts as held and paced do, without those that t has tried.
func (p *Pool) waiting(t *Turn) (held, paced int) {
	if t.used == 0 {
		return p.held, p.paced
	}
	for i := range p.members {
		m := &p.members[i]
		if !m.why.passes() || t.out(m) {
			continue
		}
		if m.why == overPace {
			paced++
		} else {
			held++
		}
	}
	return held, paced
}

// enqueue takes a place at each pool where waiting helps, but for those where t
// has one; false is that there is no room.
func (t *Turn) enqueue(deadline int64) bool {
	if t.ticket == nil {
		t.ticket = &Ticket{ready: make(chan struct{}, 1), deadline: deadline, picky: t.used > 0}
	}
	for p := range t.pools {
		held, paced := p.waiting(t)
		if held+paced == 0 && !p.ahead(t.ticket) || slices.Contains(p.queue, t.ticket) {
			continue
		}
		if len(p.queue) >= t.limits.Queue {
			return false
		}
		p.queue = append(p.queue, t.ticket)
	}
	return true
}

func (t *Turn) leaveQueues() {
	if t.ticket == nil {
		return
	}
	for p := range t.pools {
		if i := slices.Index(p.queue, t.ticket); i >= 0 {
			p.queue = slices.Delete(p.queue, i, i+1)
			p.signal()
		}
	}
	t.ticket = nil
}

// ahead says that somebody waits at p who comes before k; nil comes last.
func (p *Pool) ahead(k *Ticket) bool {
	for _, x := range p.queue {
		if x == k {
			return false
		}
		if !x.picky {
			return true
		}
	}
	return false
}

// signal tells those whose turn it is in the queue to ask again.
func (p *Pool) signal() {
	for _, k := range p.queue {
		select {
		case k.ready <- struct{}{}:
		default:
		}
		if !k.picky {
			return
		}
	}
}
