package pool

import "hash/maphash"

// conversations remember which account answered which conversation last, within
// a bound: when as many as half of it are known, those that were not asked for
// since the last time are forgotten.
type conversations struct {
	seed maphash.Seed
	// young are those that were used since the last clearing, old those before.
	young, old map[talk]kept
}

// talk is one conversation at one pool: another model has another cache.
type talk struct {
	key  uint64
	pool *Pool
}

type kept struct {
	account int64
	until   int64
}

const mostConversations = 16384

func newConversations() conversations {
	return conversations{seed: maphash.MakeSeed(), young: map[talk]kept{}, old: map[talk]kept{}}
}

// key is never 0. Two conversations with one key share an account, which hurts
// nobody.
func (c *conversations) key(name string) uint64 { return maphash.String(c.seed, name) | 1 }

func (c *conversations) put(key uint64, p *Pool, accountID, until int64) {
	t := talk{key, p}
	delete(c.old, t)
	c.young[t] = kept{accountID, until}
	if len(c.young) >= mostConversations/2 {
		c.old, c.young = c.young, map[talk]kept{}
	}
}

func (c *conversations) get(key uint64, p *Pool, now int64) (accountID int64, ok bool) {
	t := talk{key, p}
	k, ok := c.young[t]
	if !ok {
		k, ok = c.old[t]
	}
	return k.account, ok && k.until > now
}

// keeps is the member that t's conversation stays with, when it may be asked.
func (p *Pool) keeps(t *Turn, now int64) *member {
	if t.talk == 0 {
		return nil
	}
	id, ok := p.state.talks.get(t.talk, p, now)
	if !ok {
		return nil
	}
	m := p.of(id)
	if m == nil || t.out(m) {
		return nil
	}
	if why, _ := m.hindrance(now); why != free {
		t.why.moved = m
		return nil
	}
	p.unpark(m)
	t.why.kept = true
	return m
}
