package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// piecePause is how often an answer is told at most: each event costs the window
// a script run, and nobody reads faster.
const piecePause = 40 * time.Millisecond

// piece is what event.Piece carries: whole lines of an answer, and how many lines
// were told before. The answer itself has them all, so that a lost event is only
// a later line.
type piece struct {
	Run   string   `json:"run"`
	From  int      `json:"from"`
	Lines []string `json:"lines"`
}

// pieces is a ResponseWriter that also tells what is written by the bus, while it
// is being written.
type pieces struct {
	http.ResponseWriter

	run string
	bus *event.Bus

	mu    sync.Mutex
	rest  []byte // of a line that has not ended
	lines []string
	told  int
	due   *time.Timer // tells the lines; nil when none wait
	ended bool
}

func (p *pieces) Write(b []byte) (int, error) {
	p.take(b)
	return p.ResponseWriter.Write(b)
}

// Flush sends what is written so far. A writer that cannot flush, as the one of
// the window, writes through by itself.
func (p *pieces) Flush() {
	if f, ok := p.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// Unwrap is for http.ResponseController.
func (p *pieces) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// take remembers whole lines: a character is never torn.
func (p *pieces) take(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		line, after, whole := bytes.Cut(b, []byte{'\n'})
		if !whole {
			p.rest = append(p.rest, b...)
			break
		}
		p.lines = append(p.lines, strings.TrimSuffix(string(append(p.rest, line...)), "\r"))
		p.rest, b = p.rest[:0], after
	}
	if len(p.lines) > 0 && p.due == nil && !p.ended {
		p.due = time.AfterFunc(piecePause, p.tell)
	}
}

func (p *pieces) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due = nil
	if p.ended {
		return
	}
	data, err := json.Marshal(piece{Run: p.run, From: p.told, Lines: p.lines})
	if err != nil {
		return // strings and numbers always marshal
	}
	p.told += len(p.lines)
	p.lines = nil
	p.bus.Publish(event.Event{Kind: event.Piece, Data: data})
}

// stop ends the telling: the answer itself says the rest.
func (p *pieces) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.due != nil {
		p.due.Stop()
	}
}
