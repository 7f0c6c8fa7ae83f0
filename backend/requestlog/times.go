package requestlog

import (
	"encoding/binary"
	"iter"
	"math"
	"time"
)

// Times say when each piece of an answer left for the client, packed: a piece is
// two varints, its length and the microseconds since the one before. Most answers
// are thrown away unread, so nothing is unpacked before somebody looks.
type Times []byte

// Mark is the end of one piece.
type Mark struct {
	// End is where it ends in the answer, in bytes.
	End int
	// At is when it left, from the exchange's start.
	At time.Duration
}

// Add appends a piece to t, whose last mark was before it. At is kept to the
// microsecond.
func (t Times) Add(before, now Mark) Times {
	t = binary.AppendUvarint(t, uint64(max(now.End-before.End, 0)))
	return binary.AppendUvarint(t, uint64(max(now.At.Microseconds()-before.At.Microseconds(), 0)))
}

// Marks are the pieces in order; those of a damaged list are left out from the
// damage on.
func (t Times) Marks() iter.Seq[Mark] {
	return func(yield func(Mark) bool) {
		var m Mark
		for rest := t; len(rest) > 0; {
			length, n := binary.Uvarint(rest)
			if n <= 0 || length > math.MaxInt32 {
				return
			}
			micros, k := binary.Uvarint(rest[n:])
			if k <= 0 || micros > math.MaxInt32*1000 {
				return
			}
			rest = rest[n+k:]
			m.End += int(length)
			m.At += time.Duration(micros) * time.Microsecond
			if !yield(m) {
				return
			}
		}
	}
}

// moved is t for the text after its secrets were taken out. Cuts are what was
// replaced of the text before, in order.
func (t Times) moved(cuts []cut) Times {
	var out Times
	var last Mark
	shift, i := 0, 0
	for m := range t.Marks() {
		for i < len(cuts) && cuts[i].to <= m.End {
			shift += len(Redacted) - (cuts[i].to - cuts[i].from)
			i++
		}
		now := Mark{End: m.End + shift, At: m.At}
		if i < len(cuts) && cuts[i].from < m.End {
			now.End = cuts[i].from + shift // the secret goes with the piece in which it ends
		}
		out = out.Add(last, now)
		last = now
	}
	return out
}

// cut is a secret's place in a text.
type cut struct{ from, to int }
