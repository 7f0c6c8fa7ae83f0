package rawjson

import (
	"bytes"
	"iter"
)

// Between gives what stands between the long strings of a text, each piece with
// the first bytes, quote included, of the string that follows it. A search in
// the pieces of a long prompt is one in a short text.
func Between(b []byte, long []Long, first int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		at := 0
		for _, l := range long {
			if !yield(b[at:min(l.From+first, l.To)]) {
				return
			}
			at = l.To
		}
		yield(b[at:])
	}
}

// Has says whether a text has a mark that stands between its long strings, or
// begins with the quote of one.
func Has(b []byte, long []Long, mark string) bool {
	for piece := range Between(b, long, len(mark)) {
		if bytes.Contains(piece, []byte(mark)) {
			return true
		}
	}
	return false
}
