package event_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// received takes what waits in s until nothing more comes.
func received(t *testing.T, s *event.Subscription) []string {
	t.Helper()
	var got []string
	for {
		synctest.Wait()
		select {
		case e, ok := <-s.C():
			if !ok {
				return got
			}
			got = append(got, string(e.Kind)+string(e.Data))
		default:
			return got
		}
	}
}

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
}

func running(n int) event.Event {
	return event.Event{Kind: event.Running, Data: json.RawMessage(strconv.Itoa(n))}
}

func TestSubscription_OpensWithResync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := event.New()
		b.Publish(event.Event{Kind: event.Config}) // before: not for this subscriber
		s := b.Subscribe()
		defer s.Close()
		b.Publish(event.Event{Kind: event.Listener})
		check(t, received(t, s), "resync", "listener")
	})
}

func TestSubscription_GetsOneOfEqualKinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := event.New()
		s := b.Subscribe()
		defer s.Close()
		for range 1000 {
			b.Publish(event.Event{Kind: event.Exchanges})
			b.Publish(event.Event{Kind: event.Accounts})
		}
		check(t, received(t, s), "resync", "exchanges", "accounts")
		b.Publish(event.Event{Kind: event.Exchanges})
		check(t, received(t, s), "exchanges")
	})
}

func TestSubscription_GetsTheNewestRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := event.New()
		s := b.Subscribe()
		defer s.Close()
		check(t, received(t, s), "resync")
		for i := range 10 {
			b.Publish(running(i))
			synctest.Wait() // deliver is blocked on the receiver, with an older one in hand
		}
		check(t, received(t, s), "running9")
	})
}

func TestSubscription_TellsOfALoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := event.New()
		s := b.Subscribe()
		defer s.Close()
		check(t, received(t, s), "resync")
		for i := range 1000 {
			b.Publish(event.Event{Kind: "note", Data: json.RawMessage(strconv.Itoa(i))})
		}
		got := received(t, s)
		if len(got) > 40 || got[0] != "resync" || got[len(got)-1] != "note999" {
			t.Errorf("after a loss got %d events, %v; want a few, resync first, the last event last", len(got), got)
		}
	})
}

func TestB58_AStalledSubscriberHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := event.New()
		stalled, live := b.Subscribe(), b.Subscribe()
		defer stalled.Close()
		defer live.Close()
		check(t, received(t, live), "resync")
		for i := range 100 {
			b.Publish(running(i)) // would deadlock the bubble if it waited
			check(t, received(t, live), fmt.Sprint("running", i))
		}
	})
}

func TestSubscription_CloseEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := event.New()
		s := b.Subscribe()
		if !b.HasSubscribers() {
			t.Error("HasSubscribers is false with a subscriber")
		}
		s.Close()
		s.Close()
		b.Publish(event.Event{Kind: event.Config})
		if e, ok := <-s.C(); ok {
			t.Errorf("got %v after Close, want a closed channel", e)
		}
		if b.HasSubscribers() {
			t.Error("HasSubscribers is true after Close")
		}
	})
}

func TestBus_ManyAtOnce(*testing.T) {
	b := event.New()
	var publishers, listeners sync.WaitGroup
	for range 4 {
		listeners.Go(func() {
			s := b.Subscribe()
			defer s.Close()
			for e := range s.C() {
				if e.Kind == "end" {
					return
				}
			}
		})
		publishers.Go(func() {
			for i := range 1000 {
				b.Publish(running(i))
				b.Publish(event.Event{Kind: event.Exchanges})
			}
		})
	}
	publishers.Wait()
	done := make(chan struct{})
	go func() { listeners.Wait(); close(done) }()
	for {
		select {
		case <-done:
			return
		default: // a listener may subscribe after the first end
			b.Publish(event.Event{Kind: "end"})
		}
	}
}

func BenchmarkPublish_Nobody(b *testing.B) {
	bus := event.New()
	for b.Loop() {
		bus.Publish(event.Event{Kind: event.Exchanges})
	}
}
