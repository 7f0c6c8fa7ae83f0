package pool_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

func TestState_ManyAtOnceAreAllServedWithinThePace(t *testing.T) {
	const callers, each, atOnce = 32, 150, 2
	s := pool.New(pool.Options{})
	build := func() *pool.Pool {
		r := s.Rebuild()
		defer r.Done()
		return r.Pool("p", pool.LeastBusy, paced("abc", pool.Pace{InFlight: atOnce}))
	}
	p := build()
	var running [4]atomic.Int32
	var wg sync.WaitGroup
	stop := make(chan struct{})
	var besides sync.WaitGroup
	besides.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				build()
				_, _ = s.Snapshot(1)
				s.RetryNow(2, "")
			}
		}
	})
	for i := range callers {
		wg.Go(func() {
			for n := range each {
				if err := served(p, &running, (i+n)%50 == 0); err != nil {
					t.Errorf("a request was not served: %v", err)
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	besides.Wait()
	for id := range int64(3) {
		if v, _ := s.Snapshot(id + 1); v.InFlight != 0 {
			t.Errorf("account %d has %d in flight at the end", id+1, v.InFlight)
		}
	}
}

// served is one exchange that waits for its turn, as relay does.
func served(p *pool.Pool, running *[4]atomic.Int32, hiccup bool) *llm.Error {
	turn := pool.Begin(p)
	turn.Limit(pool.Limits{Queue: 100, Wait: time.Minute})
	defer turn.Leave()
	for {
		u, k, err := turn.Next()
		switch {
		case err != nil:
			return err
		case k != nil:
			timer := time.NewTimer(time.Until(k.Until()))
			select {
			case <-k.Ready():
			case <-timer.C:
			}
			timer.Stop()
			continue
		}
		n := running[u.Account.ID].Add(1)
		if n > 2 {
			err = &llm.Error{Kind: llm.KindInternal, Message: "more at once than the pace allows"}
		}
		turn.Answered()
		running[u.Account.ID].Add(-1)
		if err != nil {
			return err
		}
		if hiccup {
			hiccup = false
			turn.Done(&llm.Error{Kind: llm.KindTransient}, llm.Usage{})
			continue
		}
		turn.Done(nil, llm.Usage{})
		return nil
	}
}
