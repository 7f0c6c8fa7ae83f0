package openaichat

import (
	"bytes"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// fragment is one entry of tool_calls as the service sent it.
type fragment struct {
	index          int
	indexed        bool
	id, name, args []byte // values; nil when absent, null or empty
	looseArgs      bool   // args is not a string
	blank          bool   // an id or a name is there and empty
	custom         bool
	extra          []byte // extra_content
	typed          bool   // type is what it should be
	whole          bool
}

func parseFragment(raw []byte) fragment {
	var f fragment
	for m := range rawjson.Inside(raw) {
		if rawjson.IsNull(m.Value) {
			f.blank = f.blank || string(m.Key) == "id"
			continue
		}
		switch string(m.Key) {
		case "index":
			f.index, f.indexed = rawjson.Int(m.Value)
			f.indexed = f.indexed && f.index >= 0
		case "id":
			f.id = words(m.Value)
			f.blank = f.blank || f.id == nil
		case "type":
			f.typed = string(m.Value) == `"function"` || string(m.Value) == `"custom"`
		case "function":
			f.parseInner(m.Value)
		case "custom":
			f.custom = true
			f.parseInner(m.Value)
		case "extra_content":
			f.extra = m.Value
		}
	}
	return f
}

func (f *fragment) parseInner(raw []byte) {
	for m := range rawjson.Inside(raw) {
		switch string(m.Key) {
		case "name":
			f.name = words(m.Value)
			f.blank = f.blank || f.name == nil
		case "arguments", "input":
			if !rawjson.IsNull(m.Value) {
				f.args = m.Value
				f.looseArgs = !rawjson.IsText(m.Value)
			}
		}
	}
}

// words is a string value that is not empty; a number counts as one.
func words(v []byte) []byte {
	if empty(v) {
		return nil
	}
	return v
}

// call is one tool call as it is numbered for the client.
type call struct {
	index    int // ours, from 0 in the order in which the client sees them
	theirs   int // the service's own, -1 when it gave none
	id       []byte
	name     []byte
	ourID    string // what the client sees; "" until it was opened
	text     []byte // arguments from before the name
	custom   bool
	brackets brackets
	block    int
	// announced says that the client has read the id and the name.
	announced bool
}

// calls are those of one choice. The numbering is ours, because services leave
// the index out, repeat it or make all of them 0, and clients merge two calls
// under one index into one broken call (B34, B37).
type calls struct {
	list   []*call
	latest *call
	shown  int
}

// place finds the call that a fragment belongs to, or opens one.
func (t *calls) place(f fragment) *call {
	c := t.find(f)
	if c == nil {
		c = &call{theirs: -1, custom: f.custom, id: bytes.Clone(f.id)}
		if f.indexed {
			c.theirs = f.index
		}
		t.list = append(t.list, c)
	}
	if c.id == nil {
		c.id = bytes.Clone(f.id)
	}
	if c.name == nil {
		c.name = bytes.Clone(f.name)
	}
	t.latest = c
	return c
}

func (t *calls) find(f fragment) *call {
	if f.whole {
		return nil
	}
	if f.id != nil {
		return t.byID(f)
	}
	if f.indexed {
		c := t.byIndex(f.index)
		if c != nil && f.name != nil && c.name != nil && c.brackets.whole() {
			return nil // all calls have one index and no id
		}
		return c
	}
	if t.latest != nil && f.name != nil && t.latest.name != nil && (t.latest.brackets.whole() || !bytes.Equal(f.name, t.latest.name)) {
		return nil
	}
	return t.latest
}

// byID finds the call of a fragment that has an id. A new id opens a call,
// unless it is a service that makes up an id for every piece of one.
func (t *calls) byID(f fragment) *call {
	for _, c := range t.list {
		if !bytes.Equal(c.id, f.id) {
			continue
		}
		if f.name != nil && c.name != nil && c.brackets.whole() {
			return nil // two calls with one id
		}
		return c
	}
	if !f.indexed || f.name != nil {
		return nil
	}
	c := t.byIndex(f.index)
	if c == nil || c.brackets.whole() {
		return nil
	}
	if c.id == nil || c.name != nil && c.brackets.begun {
		return c
	}
	return nil
}

// byIndex is the youngest call with the service's index.
func (t *calls) byIndex(index int) *call {
	for _, c := range slices.Backward(t.list) {
		if c.theirs == index {
			return c
		}
	}
	return nil
}

// show gives a call what the client is to know it by: the next index and an id
// that no other call has.
func (t *calls) show(c *call) {
	c.index = t.shown
	t.shown++
	id := ""
	if c.id != nil {
		id = rawjson.Loose(c.id)
	}
	for _, other := range t.list {
		if other.ourID != "" && other.ourID == id {
			id = ""
		}
	}
	if id == "" {
		id = newCallID()
	}
	c.ourID = id
}

// nameless says whether a call never got its name.
func (t *calls) nameless() bool {
	for _, c := range t.list {
		if c.ourID == "" {
			return true
		}
	}
	return false
}

// cut says whether a call's arguments ended in the middle.
func (t *calls) cut() bool {
	for _, c := range t.list {
		if !c.custom && c.brackets.begun && !c.brackets.whole() {
			return true
		}
	}
	return false
}

// brackets follows the nesting of JSON text that comes in pieces, to know when
// it is whole without keeping it.
type brackets struct {
	depth           int
	begun           bool
	quoted, escaped bool
}

func (b *brackets) whole() bool { return b.begun && b.depth == 0 && !b.quoted }

func (b *brackets) feed(p []byte) {
	for _, c := range p {
		switch {
		case b.escaped:
			b.escaped = false
		case b.quoted && c == '\\':
			b.escaped = true
		case c == '"':
			b.quoted = !b.quoted
			b.begun = true
		case b.quoted:
		case c == '{' || c == '[':
			b.depth++
			b.begun = true
		case c == '}' || c == ']':
			b.depth--
		}
	}
}
