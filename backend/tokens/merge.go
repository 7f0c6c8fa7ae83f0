package tokens

// merging is byte pair encoding of one piece after another: of all neighbours
// that are a token together, those with the lowest rank become one, the leftmost
// first, until there are none.
type merging struct {
	vocabulary *vocabulary
	piece      string
	// parts are by where they begin.
	parts []part
	// queue is a heap of the pairs that were found, the one to merge next first.
	// Pairs that are no more stay in it until their turn comes.
	queue []pair
}

// part is what begins at a byte of the piece.
type part struct {
	// before and after are where its neighbours begin.
	before, after int
	// pair is the token that it is together with the one after it, 0 if none.
	pair spot
}

// pair is a token, and where in the piece it would begin: the first of two is the
// one with the lower rank, then the one further left.
type pair uint64

func pairOf(s spot, at int) pair { return pair(s)<<32 | pair(at) } //nolint:gosec // An index into a piece.

// count is how many tokens a piece is in the end.
func (m *merging) count(piece string) int {
	m.piece, m.parts, m.queue = piece, m.parts[:0], m.queue[:0]
	for i := range len(piece) + 1 {
		m.parts = append(m.parts, part{before: i - 1, after: i + 1})
	}
	for i := range len(piece) {
		m.look(i)
	}
	n := len(piece)
	for len(m.queue) > 0 {
		p := m.pop()
		at := int(p & (1<<32 - 1))
		if m.parts[at].pair != spot(p>>32) {
			continue
		}
		m.join(at)
		n--
	}
	return n
}

// join makes one of the part at i and the next.
func (m *merging) join(i int) {
	gone := m.parts[i].after
	m.parts[gone].pair = 0
	after := m.parts[gone].after
	m.parts[i].after = after
	m.parts[after].before = i
	m.look(i)
	if left := m.parts[i].before; left >= 0 {
		m.look(left)
	}
}

// look finds what the part at i and the next are together.
func (m *merging) look(i int) {
	p := &m.parts[i]
	p.pair = 0
	if p.after == len(m.piece) {
		return
	}
	p.pair = m.vocabulary.find(m.piece[i:m.parts[p.after].after])
	if p.pair != 0 {
		m.push(pairOf(p.pair, i))
	}
}

func (m *merging) push(p pair) {
	m.queue = append(m.queue, p)
	q, i := m.queue, len(m.queue)-1
	for i > 0 {
		up := (i - 1) / 2
		if q[up] <= p {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = p
}

func (m *merging) pop() pair {
	q := m.queue
	first, p := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	i := 0
	for {
		down := 2*i + 1
		if down >= len(q) {
			break
		}
		if down+1 < len(q) && q[down+1] < q[down] {
			down++
		}
		if p <= q[down] {
			break
		}
		q[i] = q[down]
		i = down
	}
	if len(q) > 0 {
		q[i] = p
	}
	m.queue = q
	return first
}
