package relay

import (
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// timesLimit bounds what the times of one answer take, about 16,000 pieces. An
// answer that goes on beyond it has no times from there.
const timesLimit = 64 << 10

// times records when the pieces of an answer left, for the copy in the log: a
// piece is what one flush sent. It reads no clock of its own, and takes no memory
// where nothing is copied.
type times struct {
	packed *buffer
	last   requestlog.Mark
}

// sent notes that the first end bytes of the copy had left at this time.
func (t *times) sent(end int, at time.Duration) {
	if end == t.last.End || t.packed != nil && len(t.packed.b) >= timesLimit {
		return
	}
	if t.packed == nil {
		t.packed = newBuffer(1) // the smallest: a slow stream has one of its own
	}
	now := requestlog.Mark{End: end, At: at}
	t.packed.b = requestlog.Times(t.packed.b).Add(t.last, now)
	t.last = now
}

// list is a copy of what was recorded.
func (t *times) list() requestlog.Times {
	if t.packed == nil {
		return nil
	}
	return append(requestlog.Times(nil), t.packed.b...)
}

// release gives the memory back.
func (t *times) release() {
	t.packed.release()
	t.packed = nil
}
