package event

import (
	"sync"
	"sync/atomic"
)

// pendingLimit bounds what waits for one subscriber. Equal kinds coalesce, so
// only events that carry data can ever come near it.
const pendingLimit = 32

// Bus passes each event to every subscription. It is safe for concurrent use.
type Bus struct {
	count atomic.Int32 // of subs, so that Publish costs nothing when nobody listens

	mu   sync.Mutex
	subs map[*Subscription]struct{}
}

// New returns a bus without subscribers.
func New() *Bus {
	return &Bus{subs: make(map[*Subscription]struct{})}
}

// Publish offers e to every subscription and returns at once, however slow
// they are. The caller must not change e.Data afterwards.
func (b *Bus) Publish(e Event) {
	if !b.HasSubscribers() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subs {
		s.offer(e)
	}
}

// HasSubscribers says whether anybody listens, for a publisher whose events
// are work to make.
func (b *Bus) HasSubscribers() bool { return b.count.Load() > 0 }

// Subscribe opens a subscription, whose first event is a Resync. Its owner
// must call Close.
func (b *Bus) Subscribe() *Subscription {
	s := &Subscription{
		bus:    b,
		events: make(chan Event),
		wake:   make(chan struct{}, 1),
		stop:   make(chan struct{}),
		ended:  make(chan struct{}),
	}
	s.offer(Event{Kind: Resync})
	b.mu.Lock()
	b.subs[s] = struct{}{}
	b.count.Add(1)
	b.mu.Unlock()
	go s.deliver()
	return s
}

// Subscription is one listener's view of the bus.
type Subscription struct {
	bus    *Bus
	events chan Event
	wake   chan struct{} // something changed in pending
	stop   chan struct{}
	ended  chan struct{}
	once   sync.Once

	mu      sync.Mutex
	seq     uint64
	pending []entry
}

// entry is an event that was not yet received. Its seq changes when a later
// event takes its place.
type entry struct {
	Event
	seq uint64
}

// C is where the events arrive, in order. It is closed by Close.
func (s *Subscription) C() <-chan Event { return s.events }

// Close ends the subscription, closes C and returns when nothing of it runs
// any more. It may be called more than once.
func (s *Subscription) Close() {
	s.once.Do(func() {
		s.bus.mu.Lock()
		delete(s.bus.subs, s)
		s.bus.count.Add(-1)
		s.bus.mu.Unlock()
		close(s.stop)
	})
	<-s.ended
}

// offer queues e. An event without data replaces a waiting one of its kind,
// and so does Running, whose data is a whole picture.
func (s *Subscription) offer(e Event) {
	s.mu.Lock()
	s.seq++
	if i := s.replaceable(e); i >= 0 {
		s.pending[i] = entry{e, s.seq}
	} else {
		if len(s.pending) == pendingLimit {
			clear(s.pending)
			s.pending = append(s.pending[:0], entry{Event{Kind: Resync}, s.seq})
			s.seq++
		}
		s.pending = append(s.pending, entry{e, s.seq})
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default: // a wake-up is under way already
	}
}

// replaceable returns the index of the waiting event that e makes redundant,
// or -1.
func (s *Subscription) replaceable(e Event) int {
	if e.Data != nil && e.Kind != Running {
		return -1
	}
	for i := range s.pending {
		if p := &s.pending[i]; p.Kind == e.Kind && (p.Data == nil || e.Kind == Running) {
			return i
		}
	}
	return -1
}

// deliver hands the waiting events to the receiver until the subscription is
// closed. It goes back to pending whenever something changed there, so that a
// receiver that comes late gets the newest Running and not the one that was
// first when deliver began to wait.
func (s *Subscription) deliver() {
	defer close(s.ended)
	defer close(s.events)
	for {
		head, ok := s.head()
		var out chan<- Event
		if ok {
			out = s.events
		}
		select {
		case out <- head.Event:
			s.delivered(head.seq)
		case <-s.wake:
		case <-s.stop:
			return
		}
	}
}

// head returns the event that is next, if there is one.
func (s *Subscription) head() (entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 {
		return entry{}, false
	}
	return s.pending[0], true
}

// delivered removes the first event if it is still the one with this seq. If
// it was replaced since, the receiver may have acted before the change, so the
// new one stays.
func (s *Subscription) delivered(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 || s.pending[0].seq != seq {
		return
	}
	last := len(s.pending) - 1
	copy(s.pending, s.pending[1:])
	s.pending[last] = entry{}
	s.pending = s.pending[:last]
}
