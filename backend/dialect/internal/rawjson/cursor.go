package rawjson

import (
	"bytes"
	"iter"
)

// Cursor steps through a text from value to value and looks at each byte once,
// where Inside and Elements go through what they nest again and again. Text that
// is not JSON stops it; what was read until then is to be thrown away when End
// says so. The text of strings is not checked.
type Cursor struct {
	s   scanner
	bad bool
}

// Begin is a cursor before the value that b holds.
func Begin(b []byte) Cursor {
	c := Cursor{s: scanner{b: b, skim: true}}
	c.s.space()
	return c
}

// Again is a cursor before the value that b holds, whose long strings are known
// from [Skim].
func Again(b []byte, long []Long) Cursor {
	c := Begin(b)
	c.s.long = long
	return c
}

// Object walks the members of the object that begins here and gives their
// names. The body of the loop reads the value, or leaves it to be skipped.
// Anything but an object is skipped.
func (c *Cursor) Object() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if !c.enter('{', '}') {
			return
		}
		for {
			from := c.s.i
			if !c.s.name() {
				c.bad = true
				return
			}
			key := c.s.b[from+1 : c.s.key]
			if bytes.IndexByte(key, '\\') >= 0 {
				key = AppendText(nil, c.s.b[from:c.s.key+1])
			}
			at := c.s.i
			if !yield(key) || !c.after(at, '}') {
				return
			}
		}
	}
}

// List walks the elements of the list that begins here and counts them. The
// body of the loop reads the element, or leaves it to be skipped. Anything but
// a list is skipped.
func (c *Cursor) List() iter.Seq[int] {
	return func(yield func(int) bool) {
		if !c.enter('[', ']') {
			return
		}
		for i := 0; ; i++ {
			if at := c.s.i; !yield(i) || !c.after(at, ']') {
				return
			}
		}
	}
}

// enter moves behind the opening bracket; false says that there is nothing to
// walk.
func (c *Cursor) enter(opening, closing byte) bool {
	if c.bad {
		return false
	}
	if c.s.peek() != opening {
		c.Value()
		return false
	}
	c.s.i++
	c.s.space()
	if c.s.peek() == closing {
		c.s.i++
		return false
	}
	return true
}

// after moves behind a value that began at, and behind the comma; false says
// that it was the last one.
func (c *Cursor) after(at int, closing byte) bool {
	if c.s.i == at {
		c.Value()
	}
	if c.bad {
		return false
	}
	c.s.space()
	switch c.s.peek() {
	case ',':
		c.s.i++
		c.s.space()
		return true
	case closing:
		c.s.i++
	default:
		c.bad = true
		c.s.what = `expected "," or "` + string(closing) + `"`
	}
	return false
}

// Kind is the first byte of the value that begins here.
func (c *Cursor) Kind() byte { return c.s.peek() }

// Value reads the value that begins here, whole; nil when it is not JSON.
func (c *Cursor) Value() []byte {
	at := c.s.i
	if c.bad || !c.s.value(1) {
		c.bad = true
		return nil
	}
	return c.s.b[at:c.s.i]
}

// End says whether all that was stepped through was JSON and nothing follows.
func (c *Cursor) End() *SyntaxError {
	if c.bad {
		return c.s.failure()
	}
	c.s.space()
	if c.s.i < len(c.s.b) {
		return c.s.fail("unexpected text after the end")
	}
	return nil
}

// Fail stops the cursor where it stands: the text is not what was expected.
func (c *Cursor) Fail(what string) {
	c.bad, c.s.what = true, what
}

// Offset is where the cursor stands, for Since.
func (c *Cursor) Offset() int { return c.s.i }

// Since is the text from an earlier offset up to here.
func (c *Cursor) Since(offset int) []byte { return c.s.b[offset:c.s.i] }
