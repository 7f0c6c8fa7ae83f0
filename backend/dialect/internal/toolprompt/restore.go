package toolprompt

import (
	"crypto/rand"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// maxBlock bounds a block whose end does not come: beyond it, it is text.
const maxBlock = 4 << 20

// Restore finds the calls in the text of s, the answer to r. Without a tool
// that Describe described it is s.
func Restore(r *llm.Request, s llm.Stream) llm.Stream {
	tools := offered(r)
	if len(tools) == 0 {
		return s
	}
	return func(yield func(llm.Event, error) bool) {
		f := finder{tools: tools, ours: map[int]int{}}
		for e, err := range s {
			if err != nil {
				yield(nil, err)
				return
			}
			f.event(e)
			for _, found := range f.queue {
				if !yield(found, nil) {
					return
				}
			}
			f.queue = f.queue[:0]
		}
	}
}

// finder looks for calls in a text that comes in pieces.
type finder struct {
	tools []llm.Tool
	queue []llm.Event

	held   string          // text that may be the beginning of a tag
	gap    string          // the space before the tag
	inside bool            // between two tags
	block  strings.Builder // what stands there so far
	looked int             // how far of it was searched for the end

	calls   int
	blocks  int
	current int         // the text that is open
	ours    map[int]int // our numbers of the stream's blocks that are no text
	open    open
}

// open says what the block is that was opened last.
type open uint8

const (
	openNone open = iota
	openText
	openCall // one that was found
	openOther
)

// event takes an event. Calls that are found put blocks of their own between
// those of the stream, so all are numbered anew.
func (f *finder) event(e llm.Event) {
	switch e := e.(type) {
	case llm.Start:
		f.queue = append(f.queue, e)
	case llm.TextDelta:
		f.text(e.Text)
	case llm.ThoughtDelta:
		e.Block = f.at(e.Block)
		f.queue = append(f.queue, e)
	case llm.RefusalDelta:
		e.Block = f.at(e.Block)
		f.queue = append(f.queue, e)
	case llm.ImageDelta:
		e.Block = f.at(e.Block)
		f.queue = append(f.queue, e)
	case llm.ToolCallStart:
		e.Block = f.at(e.Block)
		f.calls++
		f.queue = append(f.queue, e)
	case llm.ToolCallDelta:
		e.Block = f.at(e.Block)
		f.queue = append(f.queue, e)
	case llm.Finish:
		f.flush()
		if f.calls > 0 && e.Reason == llm.ReasonStop {
			e.Reason = llm.ReasonToolCalls
		}
		f.queue = append(f.queue, e)
	}
}

// at is our number of a block of the stream's.
func (f *finder) at(theirs int) int {
	n, ok := f.ours[theirs]
	if !ok {
		n = f.next(openOther)
		f.ours[theirs] = n
	}
	f.open = openOther
	return n
}

func (f *finder) next(kind open) int {
	f.open = kind
	f.blocks++
	return f.blocks - 1
}

// text takes a piece of text.
func (f *finder) text(s string) {
	for s != "" {
		if f.inside {
			s = f.fill(s)
			continue
		}
		s, f.held = f.held+s, ""
		before, after, found := strings.Cut(s, openTag)
		if found {
			text := strings.TrimRight(before, " \t\r\n")
			f.show(text)
			f.gap = before[len(text):]
			f.inside, f.looked = true, 0
			f.block.Reset()
			s = after
			continue
		}
		keep := len(s) - withheld(s)
		f.show(s[:keep])
		f.held = s[keep:]
		return
	}
}

// withheld is how many bytes at the end of s may be the beginning of a tag, the
// space before it included: that of a call is not shown.
func withheld(s string) int {
	n := 0
	for i := min(len(openTag)-1, len(s)); i > 0; i-- {
		if strings.HasSuffix(s, openTag[:i]) {
			n = i
			break
		}
	}
	rest := s[:len(s)-n]
	return n + len(rest) - len(strings.TrimRight(rest, " \t\r\n"))
}

// fill takes what stands between the tags and returns what is behind them. A
// closing tag inside a JSON text does not end the block.
func (f *finder) fill(s string) string {
	f.block.WriteString(s)
	all := f.block.String()
	for {
		i := strings.Index(all[f.looked:], closeTag)
		if i < 0 {
			f.looked = max(f.looked, len(all)-len(closeTag)+1)
			if len(all) > maxBlock {
				f.giveUp(all)
			}
			return ""
		}
		end := f.looked + i
		f.looked = end + len(closeTag)
		switch calls, whole := parse(all[:end], f.tools); {
		case calls != nil:
			f.inside = false
			f.emit(calls)
			return all[f.looked:]
		case whole:
			// JSON, but no call of an offered tool.
			f.giveUp(all[:f.looked])
			return all[f.looked:]
		}
		if len(all) > maxBlock {
			f.giveUp(all)
			return ""
		}
	}
}

// giveUp shows a block that is no call.
func (f *finder) giveUp(block string) {
	f.inside = false
	f.show(f.gap + openTag + block)
}

// flush ends the text: a block without an end is a call if it is whole.
func (f *finder) flush() {
	if !f.inside {
		f.show(f.held)
		f.held = ""
		return
	}
	all := f.block.String()
	if calls, _ := parse(all, f.tools); calls != nil {
		f.inside = false
		f.emit(calls)
		return
	}
	f.giveUp(all)
}

// show shows text. Space around a call is not worth a block.
func (f *finder) show(s string) {
	if f.open == openCall {
		s = strings.TrimLeft(s, " \t\r\n")
	}
	if s == "" {
		return
	}
	if f.open != openText {
		f.current = f.next(openText)
	}
	f.queue = append(f.queue, llm.TextDelta{Block: f.current, Text: s})
}

func (f *finder) emit(calls []call) {
	for _, c := range calls {
		n := f.next(openCall)
		f.calls++
		f.queue = append(f.queue, llm.ToolCallStart{Block: n, ID: "call_" + rand.Text(), Name: c.name, Custom: c.custom})
		if c.arguments != "" {
			f.queue = append(f.queue, llm.ToolCallDelta{Block: n, Arguments: c.arguments})
		}
	}
}
