package pool

import "math/bits"

// bitset is a set of small numbers whose next member after any number is found
// by looking at a handful of words, however few members there are.
type bitset struct {
	// words have a bit for each number, groups one for each word that is not 0.
	words, groups []uint64
	size, count   int
}

func newBitset(size int) bitset {
	n := (size + 63) / 64
	return bitset{words: make([]uint64, n), groups: make([]uint64, (n+63)/64), size: size}
}

func (b *bitset) set(i int) {
	w := i >> 6
	if b.words[w]&(1<<(i&63)) != 0 {
		return
	}
	b.words[w] |= 1 << (i & 63)
	b.groups[w>>6] |= 1 << (w & 63)
	b.count++
}

func (b *bitset) clear(i int) {
	w := i >> 6
	if b.words[w]&(1<<(i&63)) == 0 {
		return
	}
	b.words[w] &^= 1 << (i & 63)
	if b.words[w] == 0 {
		b.groups[w>>6] &^= 1 << (w & 63)
	}
	b.count--
}

// next is the first member that is not below i, or the first of all when there
// is none; -1 when the set is empty.
func (b *bitset) next(i int) int {
	if b.count == 0 {
		return -1
	}
	if i < b.size {
		if j := b.from(i); j >= 0 {
			return j
		}
	}
	return b.from(0)
}

func (b *bitset) from(i int) int {
	w := i >> 6
	if rest := b.words[w] >> (i & 63); rest != 0 {
		return i + bits.TrailingZeros64(rest)
	}
	w++
	for g := w >> 6; g < len(b.groups); g++ {
		x := b.groups[g]
		if g == w>>6 {
			x = x >> (w & 63) << (w & 63)
		}
		if x != 0 {
			w = g<<6 + bits.TrailingZeros64(x)
			return w<<6 + bits.TrailingZeros64(b.words[w])
		}
	}
	return -1
}
