// Package trayicon is the child process that shows the tray icon. It reads
// orders from its standard input, one JSON object a line, and writes reports to
// its standard output.
//
// The invariant: it decides nothing. It shows the menu it was sent, and when
// its input ends without a goodbye it starts the command it was given for that
// case, once, and ends. It is the only importer of systray.
package trayicon

import (
	"bufio"
	"encoding/json"
	"io"
	"sync"

	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
)

// link is the pipe to the program. Its reports are written one line at a time,
// from any goroutine.
type link struct {
	in  io.Reader
	mu  sync.Mutex
	out io.Writer
}

// report writes a line. When it cannot, the program is gone, which the reader
// finds out as well.
func (l *link) report(r tray.Report) {
	line, err := json.Marshal(r)
	if err != nil {
		return // A Report is plain data.
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.out.Write(append(line, '\n'))
}

// screen is what an order acts on.
type screen interface {
	show(m tray.Menu)
	copyText(text string)
}

// follow obeys orders until the input ends, and returns the command to start
// then: nil after a goodbye.
func (l *link) follow(s screen) []string {
	var relaunch []string
	lines := bufio.NewScanner(l.in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var o tray.Order
		if json.Unmarshal(lines.Bytes(), &o) != nil {
			continue // The writer was killed in the middle of a line.
		}
		if o.Goodbye {
			return nil
		}
		if o.Relaunch != nil {
			relaunch = o.Relaunch
		}
		if o.Menu != nil {
			s.show(*o.Menu)
		}
		if o.Clipboard != "" {
			s.copyText(o.Clipboard)
		}
	}
	return relaunch
}
