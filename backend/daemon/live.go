package daemon

import (
	"context"
	"encoding/json"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// beat is the shortest pause between two pictures of the running exchanges.
const beat = 250 * time.Millisecond

// live publishes the running exchanges while somebody watches. It is off the
// way of the requests: they only touch it (B58).
type live struct {
	events  *event.Bus
	running func() []control.Exchange
	wake    chan struct{}
}

func newLive(events *event.Bus, running func() []control.Exchange) *live {
	return &live{events: events, running: running, wake: make(chan struct{}, 1)}
}

// touch says that an exchange began or ended. It never blocks.
func (l *live) touch() {
	if !l.events.HasSubscribers() {
		return
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *live) run(ctx context.Context) error {
	t := time.NewTimer(beat)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.wake:
		}
		for l.publish() {
			t.Reset(beat)
			select {
			case <-ctx.Done():
				return nil
			case <-t.C:
			}
		}
	}
}

// publish sends one picture and says whether another is to come.
func (l *live) publish() bool {
	if !l.events.HasSubscribers() {
		return false
	}
	rows := l.running()
	b, err := json.Marshal(map[string]any{"exchanges": rows})
	if err != nil {
		return false
	}
	l.events.Publish(event.Event{Kind: event.Running, Data: b})
	return len(rows) > 0
}
