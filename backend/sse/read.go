package sse

import (
	"errors"
	"io"
	"iter"
)

// readSize is how much is asked of a reader at once: an event of a chat stream
// has a few hundred bytes.
const readSize = 8 << 10

// Events reads r to its end. limit is the longest event, 0 is [DefaultLimit]. A
// read error ends the events; what had arrived of an unfinished one is not
// delivered then. It never closes r. An event is valid until the next one is
// asked for.
func Events(r io.Reader, limit int) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		d := Decoder{Limit: limit}
		buf := make([]byte, readSize)
		for {
			n, err := read(r, buf)
			d.Feed(buf[:n])
			if errors.Is(err, io.EOF) {
				d.End()
			}
			for e, ok := d.Next(); ok; e, ok = d.Next() {
				if !yield(e, nil) {
					return
				}
			}
			if d.Err() != nil {
				yield(Event{}, d.Err())
				return
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					yield(Event{}, err)
				}
				return
			}
		}
	}
}

// read waits for at least one byte or an error. A reader that gives neither,
// again and again, is an error too.
func read(r io.Reader, buf []byte) (int, error) {
	for range 100 {
		if n, err := r.Read(buf); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
