package desktop

import (
	"context"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// batch is how long changes are gathered for the window: each message to it
// costs a script run.
const batch = 50 * time.Millisecond

// Forward sends the bus's events to emit until ctx ends. Events of one kind
// that come within a batch are one: they say that something changed, and the
// last one carries the newest data. Calls for a person's attention and pieces of
// answers all pass.
func Forward(ctx context.Context, bus *event.Bus, emit func(event.Event)) {
	s := bus.Subscribe()
	defer s.Close()
	var waiting []event.Event
	due := time.NewTimer(batch)
	due.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-s.C():
			if len(waiting) == 0 {
				due.Reset(batch)
			}
			waiting = gather(waiting, e)
		case <-due.C:
			for _, e := range waiting {
				emit(e)
			}
			waiting = waiting[:0]
		}
	}
}

func gather(waiting []event.Event, e event.Event) []event.Event {
	if e.Kind == event.Attention || e.Kind == event.Piece { // each is about something else
		return append(waiting, e)
	}
	for i := range waiting {
		if waiting[i].Kind == e.Kind {
			waiting[i] = e
			return waiting
		}
	}
	return append(waiting, e)
}
