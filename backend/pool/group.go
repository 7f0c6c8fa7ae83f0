package pool

// Group is the accounts behind one prefix, for models that none of them lists:
// the service itself says whether it has one. All of its pools share one turn.
type Group struct {
	state     *State
	name      string
	policy    Policy
	upstreams []Upstream
	cursor    cursor
	pools     map[string]*Pool
	build     uint64
}

// Pools of models that nobody lists are kept for what is known of them, within
// these bounds: a client that invents names must not make memory grow (B57).
const (
	mostOpenPools   = 64
	mostOpenMembers = 8192
)

// Group is the group called name with these upstreams, whose Model is empty.
// They are kept and must not be changed.
func (r *Rebuild) Group(name string, policy Policy, upstreams []Upstream) *Group {
	s := r.state
	s.lock()
	defer s.unlock()
	g := s.groups[name]
	if g == nil {
		g = &Group{state: s, name: name, pools: map[string]*Pool{}}
		s.groups[name] = g
	}
	g.policy, g.upstreams, g.build = policy, upstreams, r.build
	for model, p := range g.pools {
		p.fill(policy, g.of(model), r.build)
	}
	return g
}

// Open is the pool of a model that no account lists. It has nobody when the
// configuration has the group no more.
func (g *Group) Open(model string) *Pool {
	s := g.state
	s.lock()
	defer s.unlock()
	if s.groups[g.name] != g {
		return &Pool{state: s, name: model, cursor: &cursor{}, retired: true}
	}
	s.seq++
	p := g.pools[model]
	if p == nil {
		p = &Pool{state: s, name: model, cursor: &g.cursor}
		s.makeRoom(len(g.upstreams))
		g.pools[model] = p
		p.fill(g.policy, g.of(model), s.build)
	}
	p.used = s.seq
	return p
}

func (g *Group) of(model string) []Upstream {
	out := make([]Upstream, len(g.upstreams))
	for i, u := range g.upstreams {
		u.Model = model
		out[i] = u
	}
	return out
}

// makeRoom forgets the open pools that were not used for longest, until one of
// size more fits.
func (s *State) makeRoom(size int) {
	for {
		var oldest *Pool
		var of *Group
		pools, members := 1, size
		for _, g := range s.groups {
			for _, p := range g.pools {
				pools++
				members += len(p.members)
				if oldest == nil || p.used < oldest.used {
					oldest, of = p, g
				}
			}
		}
		if oldest == nil || pools <= mostOpenPools && members <= mostOpenMembers {
			return
		}
		of.forget(oldest)
	}
}

func (g *Group) forget(p *Pool) {
	delete(g.pools, p.name)
	members := p.members
	p.retire()
	for i := range members {
		m := members[i].model
		if m.seats == 0 && m.inFlight == 0 {
			delete(m.account.models, m.name)
		}
	}
}

func (g *Group) retire() {
	for _, p := range g.pools {
		p.retire()
	}
	g.pools = map[string]*Pool{}
}
