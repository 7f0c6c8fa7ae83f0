package pool

// Offers says whether one of those behind t that are not switched off fits, and
// asks about each until then. Nobody is chosen by it and nothing is used up.
func (t *Turn) Offers(fits func(*Upstream) bool) bool {
	if t.first == nil {
		return false
	}
	s := t.first.state
	s.lock()
	defer s.unlock()
	for p := range t.pools {
		for i := range p.members {
			if u := &p.members[i].upstream; !u.Terms.Off && fits(u) {
				return true
			}
		}
	}
	return false
}
