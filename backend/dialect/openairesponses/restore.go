package openairesponses

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

var (
	_ dialect.Restorer = Upstream{}
	_ dialect.Splicer  = Upstream{}
)

// Splices is true: texts are written as the tokens that they were.
func (Upstream) Splices() bool { return true }

// Restore ends an answer where a stop word of the request begins: the protocol
// itself has no place for those.
func (Upstream) Restore(r *llm.Request, s llm.Stream) llm.Stream {
	if len(r.Stop) == 0 {
		return s
	}
	return func(yield func(llm.Event, error) bool) {
		w := stopper{words: r.Stop, yield: yield}
		for e, err := range s {
			if err != nil {
				yield(nil, err)
				return
			}
			if !w.event(e) {
				return
			}
		}
	}
}

// stopper holds back what may be the beginning of a stop word.
type stopper struct {
	words   []string
	held    string
	block   int
	stopped bool
	yield   func(llm.Event, error) bool
}

// event passes an event on; false ends the stream. After a stop word only the
// end of the answer is of interest, for its usage.
func (w *stopper) event(e llm.Event) bool {
	t, text := e.(llm.TextDelta)
	if end, ok := e.(llm.Finish); ok {
		if w.stopped {
			end.Reason = llm.ReasonStop
		}
		return w.release() && w.yield(end, nil)
	}
	switch {
	case w.stopped:
		return true
	case !text:
		return w.release() && w.yield(e, nil)
	case t.Block != w.block && !w.release():
		return false
	}
	w.block = t.Block
	w.held += t.Text
	for _, word := range w.words {
		if i := strings.Index(w.held, word); i >= 0 && word != "" {
			w.held, w.stopped = w.held[:i], true
		}
	}
	keep := 0
	if !w.stopped {
		keep = w.beginning()
	}
	t.Text, w.held = w.held[:len(w.held)-keep], w.held[len(w.held)-keep:]
	return t.Text == "" || w.yield(t, nil)
}

// beginning is how much of the end of what is held may begin a stop word.
func (w *stopper) beginning() int {
	longest := 0
	for _, word := range w.words {
		for n := min(len(word)-1, len(w.held)); n > longest; n-- {
			if strings.HasSuffix(w.held, word[:n]) {
				longest = n
			}
		}
	}
	return longest
}

// release passes on what was held back and turned out to be text.
func (w *stopper) release() bool {
	if w.held == "" {
		return true
	}
	t := llm.TextDelta{Block: w.block, Text: w.held}
	w.held = ""
	return w.yield(t, nil)
}
