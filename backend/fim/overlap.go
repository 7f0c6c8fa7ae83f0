package fim

import "strings"

// overlap follows how much of the end of a text is the beginning of another, as
// the text grows, in the manner of Knuth, Morris and Pratt.
type overlap struct {
	want   string
	back   []int
	at     int
	enough int
}

// mostOverlap is how much of a suffix is looked for: a model that repeats has
// begun with its first lines.
const mostOverlap = 2 << 10

func newOverlap(suffix string) *overlap {
	want := suffix[:min(len(suffix), mostOverlap)]
	o := &overlap{want: want, back: make([]int, len(want)+1), enough: firstLine(want)}
	for i, k := 1, 0; i < len(want); i++ {
		for k > 0 && want[i] != want[k] {
			k = o.back[k]
		}
		if want[i] == want[k] {
			k++
		}
		o.back[i+1] = k
	}
	return o
}

// firstLine is how long a suffix is up to the end of the first line that could
// stand nowhere else; 0 is none.
func firstLine(suffix string) int {
	const unlike = 8 // letters and signs
	at := 0
	for line := range strings.Lines(suffix) {
		at += len(line)
		if len(strings.TrimSpace(line)) >= unlike && strings.HasSuffix(line, "\n") {
			return at
		}
	}
	return 0
}

// feed takes the next byte and says how much of the end of the text the other one
// begins with.
func (o *overlap) feed(b byte) int {
	if len(o.want) == 0 {
		return 0
	}
	if o.at == len(o.want) {
		o.at = o.back[o.at]
	}
	for o.at > 0 && o.want[o.at] != b {
		o.at = o.back[o.at]
	}
	if o.want[o.at] == b {
		o.at++
	}
	return o.at
}

// whole says that it is so much that the text has gone on into the other.
func (o *overlap) whole() bool { return o.enough > 0 && o.at >= o.enough }
