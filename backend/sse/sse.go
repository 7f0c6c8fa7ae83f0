// Package sse splits and writes server-sent events, the framing below most
// streamed chat protocols.
//
// The invariant: however the bytes of a stream are cut into pieces, the same
// events come out, and the raw bytes of all events put together are the stream.
// The package looks into no event's data; it knows only where one begins and
// ends.
package sse

import (
	"bytes"
	"errors"
)

// DefaultLimit is the longest event a [Decoder] takes when its Limit is 0. Some
// services put a whole picture into one line.
const DefaultLimit = 16 << 20

// ErrTooLong is an event over the limit.
var ErrTooLong = errors.New("sse: event is too long")

// Event is one block of lines. Its slices are valid until the next call of
// [Decoder.Feed].
type Event struct {
	// Type is the value of the event field; nil when there was none.
	Type []byte
	// Data are the values of the data fields, joined by line feeds. It is nil
	// when there was none, as in a block of comments alone.
	Data []byte
	// Raw are the bytes of the block, its blank line included.
	Raw []byte
	// At is where Raw begins in the decoder's Window, so that a run of events
	// can be passed on as one slice.
	At int
	// Closed says that Raw ends with a blank line. It does not at the end of a
	// stream that was cut, and between two data lines that were told apart.
	Closed bool
}

// Decoder splits a stream that arrives in pieces. The zero value is ready. Call
// Feed with a piece, then Next until it has no more; at the end of the stream
// call End, then Next again.
//
// Two habits of services go beyond the specification: an event that the end of
// the stream cuts short is delivered, and a data line that directly follows one
// that is a complete JSON value opens a new event.
type Decoder struct {
	// Limit is the most bytes one event may have; 0 is DefaultLimit.
	Limit int

	own    []byte // bytes kept between two calls of Feed
	spare  []byte // what own was before: events in it are in use until the next Feed
	later  []byte // the part of the piece that is split after own
	window []byte // what is being split: the piece itself, or own
	owned  bool   // window is own
	at     int    // where the current event begins
	line   int    // where its current line begins
	seek   int    // no line ends before it
	feed   int    // the next line feed at or after seek, if known

	bareCR bool // the line before ended with a lone carriage return
	opened bool // a byte order mark can no longer come
	ended  bool
	err    error

	data   span
	joined []byte // several data lines
	lines  int
	after  bool // the line before was a data line
	kind   span
}

// span is relative to the beginning of the current event.
type span struct{ from, to int }

// Feed takes the next piece of the stream. p is not kept once Next has said
// that there is no more.
func (d *Decoder) Feed(p []byte) {
	if len(p) == 0 {
		return
	}
	if !d.owned {
		d.window, d.at, d.line, d.seek, d.feed = p, 0, 0, 0, -1
		return
	}
	d.compact()
	if end := d.rest(p); end < len(p) {
		// Only the event that was torn is put together; the others stay where
		// they are.
		p, d.later = p[:end], p[end:]
	}
	d.own = append(d.own, p...)
	d.window, d.feed = d.own, -1
}

// rest is where the event that is kept ends in p, if it ends with a usual blank
// line; all of p, if not. A wrong guess costs time only: what is cut off is fed
// when more is needed.
func (d *Decoder) rest(p []byte) int {
	if p[0] == '\n' && len(d.own) > 0 && d.own[len(d.own)-1] == '\n' {
		return 1
	}
	end := len(p)
	for _, blank := range [...]string{"\n\n", "\r\n\r\n"} {
		if i := bytes.Index(p[:end], []byte(blank)); i >= 0 {
			end = i + len(blank)
		}
	}
	return end
}

// compact moves what is kept to the front of own.
func (d *Decoder) compact() {
	if d.at == 0 {
		return
	}
	d.own = d.own[:copy(d.own, d.own[d.at:])]
	d.rebase()
}

// resume feeds what was left for later.
func (d *Decoder) resume() {
	p := d.later
	d.later = nil
	if d.owned { // seldom; what was delivered from it may still be in use
		d.own = append(make([]byte, 0, len(d.own)-d.at+len(p)), d.own[d.at:]...)
		d.rebase()
	}
	d.Feed(p)
}

func (d *Decoder) rebase() {
	d.line -= d.at
	d.seek -= d.at
	d.at, d.feed = 0, -1
}

// End says that the stream is over.
func (d *Decoder) End() { d.ended = true }

// Err is ErrTooLong after an event over the limit; Next finds nothing any more
// then.
func (d *Decoder) Err() error { return d.err }

// Window is what the events' At counts in. It is valid until the next Feed, and
// may be another one after each call of Next and Ahead.
func (d *Decoder) Window() []byte { return d.window }

// Ahead is what was fed from the beginning of the next event on. A caller who can
// tell that whole events stand at its beginning may Take them.
func (d *Decoder) Ahead() []byte {
	if !d.opened || d.err != nil {
		return nil
	}
	if d.at == len(d.window) && d.later != nil {
		d.owned, d.own = false, d.own[:0]
		d.resume()
	}
	return d.window[d.at:]
}

// Take takes n bytes of what is Ahead, whole events that end with a blank line,
// and says where they begin in the Window.
func (d *Decoder) Take(n int) (at int) {
	at = d.at
	d.at += n
	d.line, d.seek, d.bareCR = d.at, d.at, false
	d.lines, d.after, d.kind = 0, false, span{} // of lines that a torn event had before
	return at
}

// Next is the next whole event; false says that more bytes are needed.
func (d *Decoder) Next() (Event, bool) {
	for d.err == nil {
		if e, ok := d.plain(); ok {
			return e, true
		}
		end, next, ok := d.lineEnd()
		if !ok {
			if e, ok := d.pause(); ok || d.later == nil {
				return e, ok
			}
			d.resume()
			continue
		}
		if end == d.line && next > end {
			return d.event(next, true), true
		}
		if d.field(end) {
			return d.event(d.line, false), true
		}
		d.line, d.seek = next, next
	}
	return Event{}, false
}

// plain is the event that streams are made of, found without a look at its
// lines: one of data, and a blank one, which both end in the same way.
func (d *Decoder) plain() (Event, bool) {
	const name = "data:"
	w := d.window[d.at:]
	if d.line != d.at || !d.opened || len(w) < len(name) || string(w[:len(name)]) != name {
		return Event{}, false
	}
	end := bytes.IndexByte(w, '\n')
	if end < 0 {
		return Event{}, false
	}
	next := end + 1
	if w[end-1] == '\r' {
		end--
	}
	ending := w[end:next] // of the line, and again of the blank one
	if !bytes.HasPrefix(w[next:], ending) || bytes.IndexByte(w[:end], '\r') >= 0 {
		return Event{}, false
	}
	next += len(ending)
	from := len(name)
	if w[from] == ' ' {
		from++
	}
	return Event{Data: w[from:end], Raw: w[:next], At: d.Take(next), Closed: true}, true
}

// lineEnd finds where the current line's text ends and where the next begins.
func (d *Decoder) lineEnd() (end, next int, ok bool) {
	w := d.window
	if d.feed < d.seek {
		if i := bytes.IndexByte(w[d.seek:], '\n'); i >= 0 {
			d.feed = d.seek + i
		} else {
			d.feed = len(w)
		}
	}
	if cr := bytes.IndexByte(w[d.seek:d.feed], '\r'); cr >= 0 {
		return d.carriageReturn(d.seek + cr)
	}
	if d.feed < len(w) {
		d.bareCR = false
		return d.feed, d.feed + 1, true
	}
	if d.ended && d.line < len(w) {
		return len(w), len(w), true
	}
	d.seek = len(w)
	return 0, 0, false
}

// carriageReturn tells a lone CR from one with a line feed. Where the blank
// line's CR is the last byte there is, only the line before can tell: waiting
// would hold an event of a CR stream back, and not waiting would tear a CRLF.
func (d *Decoder) carriageReturn(cr int) (end, next int, ok bool) {
	blank := cr == d.line && cr > d.at
	switch {
	case blank && d.bareCR:
		return cr, cr + 1, true
	case cr+1 < len(d.window):
		d.bareCR = d.window[cr+1] != '\n'
	case d.ended:
		d.bareCR = true
	default:
		d.seek = cr
		return 0, 0, false
	}
	if d.bareCR {
		return cr, cr + 1, true
	}
	return cr, cr + 2, true
}

// pause keeps what is unfinished, or, at the end of the stream, delivers it.
func (d *Decoder) pause() (Event, bool) {
	if d.ended && d.later == nil && d.at < len(d.window) {
		return d.event(len(d.window), false), true
	}
	limit := d.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	rest := d.window[d.at:]
	switch {
	case len(rest) > limit:
		d.err = ErrTooLong
	case d.owned && len(rest) == 0:
		d.owned, d.own = false, d.own[:0]
		if cap(d.own) > 1<<20 {
			d.own = nil
		}
	case !d.owned && len(rest) > 0:
		d.spare = append(d.spare[:0], rest...)
		d.own, d.spare = d.spare, d.own
		if cap(d.spare) > 1<<20 {
			d.spare = nil
		}
		d.window, d.owned = d.own, true
		d.rebase()
	}
	return Event{}, false
}

// event cuts the current event off before the byte at end.
func (d *Decoder) event(end int, closed bool) Event {
	e := Event{Raw: d.window[d.at:end], At: d.at, Closed: closed}
	switch {
	case d.lines > 1:
		e.Data = d.joined
	case d.lines == 1:
		e.Data = e.Raw[d.data.from:d.data.to]
	}
	if d.kind.to > 0 {
		e.Type = e.Raw[d.kind.from:d.kind.to]
	}
	d.at, d.line, d.seek = end, end, end
	d.lines, d.after, d.kind = 0, false, span{}
	return e
}

// field reads the current line, which ends before end. It says true when the
// line opens an event of its own instead of continuing the current one.
func (d *Decoder) field(end int) (opens bool) {
	l := d.window[d.line:end]
	if !d.opened {
		d.opened = true
		l = bytes.TrimPrefix(l, []byte("\xef\xbb\xbf"))
	}
	name, value, _ := bytes.Cut(l, []byte{':'})
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	at := span{from: end - d.at - len(value), to: end - d.at}
	switch string(name) {
	case "data":
		if d.after && complete(d.value(d.data)) && d.lines == 1 {
			return true
		}
		d.addData(at)
		d.after = true
		return false
	case "event":
		d.kind = at
	}
	d.after = false
	return false
}

func (d *Decoder) value(s span) []byte { return d.window[d.at+s.from : d.at+s.to] }

func (d *Decoder) addData(at span) {
	d.lines++
	switch d.lines {
	case 1:
		d.data = at
	case 2:
		d.joined = append(d.joined[:0], d.value(d.data)...)
		fallthrough
	default:
		d.joined = append(append(d.joined, '\n'), d.value(at)...)
	}
}

// complete says whether b is an object or a list whose brackets are balanced.
// It is not a proof that b is JSON, but a JSON value cut at a line end never
// passes.
func complete(b []byte) bool {
	b = bytes.TrimSpace(b)
	if len(b) < 2 || b[0] != '{' && b[0] != '[' {
		return false
	}
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := stringEnd(b[i+1:])
			if n < 0 {
				return false
			}
			i += n + 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i == len(b)-1
			}
		}
	}
	return false
}

// stringEnd is where the closing quote of a JSON string stands; -1 is nowhere.
func stringEnd(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
