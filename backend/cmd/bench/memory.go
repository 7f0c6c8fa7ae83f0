package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// eachFresh measures ours, and rp beside it unless the run is short, each in a
// fresh process: memory that was once taken hides what the next request takes.
func eachFresh(measure func(ctx context.Context, b *bench, r row, t *target) error) func(context.Context, *bench, row, int) error {
	return func(ctx context.Context, b *bench, r row, round int) error {
		targets := []string{ours, rp}
		if b.short {
			targets = []string{ours}
		}
		for _, name := range order(round, targets) {
			err := b.fresh(ctx, name, func(t *target) error { return measure(ctx, b, r, t) })
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}
}

// manyStreams measures the memory that a stream takes while very many slow ones
// are open at once. kind stands before the names of the works.
func manyStreams(kind string) func(ctx context.Context, b *bench, r row, t *target) error {
	return func(ctx context.Context, b *bench, r row, t *target) error {
		const streams = 2000
		b.warm(ctx, t, b.works[kind+"small"], 16)
		each, err := b.openStreams(ctx, t, b.works[kind+b.slow], streams)
		b.record(r.name, "rss", t.name, each/1000)
		return err
	}
}

// openStreams opens n streams and gives the growth of the memory of t, divided by
// the streams that are open. It waits for their ends and checks every answer.
func (b *bench) openStreams(ctx context.Context, t *target, w work, n int) (float64, error) {
	before, err := settledMemory(ctx, t)
	if err != nil {
		return 0, err
	}
	const atOnce = 32 // As many as open a connection at the same time.
	var (
		sum         tally
		begun, over atomic.Int64
		lock        sync.Mutex
		done        sync.WaitGroup
		turns       = make(chan struct{}, atOnce)
		jobs        = newJobs(t, w)
	)
	for i := range n {
		turns <- struct{}{}
		done.Go(func() {
			own := b.openStream(ctx, jobs[i%len(jobs)], func() { begun.Add(1); <-turns })
			over.Add(1)
			lock.Lock()
			defer lock.Unlock()
			sum.add(own)
		})
	}
	err = pause(ctx, b.rest)
	open := begun.Load() - over.Load()
	after, failed := residentBytes(t.cmd.Process.Pid)
	done.Wait()
	b.count(t, sum)
	if err = errors.Join(err, failed); err == nil && open < int64(n-n/20) {
		err = fmt.Errorf("%d of %d streams were open at once: %w", open, n, errors.Join(errNoAnswers, sum.why))
	}
	return float64(after-before) / float64(open), err
}

// openStream does one exchange on a connection of its own and calls begun when
// the answer's header is there, or nothing came.
func (b *bench) openStream(ctx context.Context, j *job, begun func()) (own tally) {
	c, err := j.dial(ctx)
	if err != nil {
		begun()
		own.one(nil, err)
		return own
	}
	defer c.Close()
	body, err := c.begin(b.next())
	begun()
	if err == nil {
		err = c.rest(body)
	}
	own.one(c, err)
	return own
}

// stalledReader measures the memory that a client takes who asks for a long
// answer and stops to read.
func stalledReader(ctx context.Context, b *bench, r row, t *target) error {
	b.warm(ctx, t, b.works["flood"], 1) // One or more answers, read to the end.
	grown, err := b.stall(ctx, t)
	b.record(r.name, "rss", t.name, float64(grown)/1e6)
	return err
}

// stall reads the beginning of a long answer, waits until the upstream cannot
// write any more, and gives the growth of the memory of t. Then it reads and
// checks the rest.
func (b *bench) stall(ctx context.Context, t *target) (int64, error) {
	before, err := settledMemory(ctx, t)
	if err != nil {
		return 0, err
	}
	c, err := newJob(t, b.works["flood"], true).dial(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	start, err := b.inquire(ctx, "/streamed")
	if err != nil {
		return 0, err
	}
	body, err := c.begin(b.next())
	if err != nil {
		return 0, err
	}
	sent, err := b.untilStill(ctx)
	if err != nil {
		return 0, err
	}
	after, err := residentBytes(t.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	if whole := int64(len(c.check.want.text.text)); sent-start >= whole {
		return 0, fmt.Errorf("all %d bytes went out although nobody read", whole)
	}
	var sum tally
	sum.one(c, c.rest(body))
	// A rest that is lost is a wrong answer, which has a row of its own; the
	// yardsticks lose one now and then. The memory was measured before.
	b.count(t, sum)
	return after - before, nil
}

// untilStill waits until the upstream has written nothing for a while and gives
// the bytes that it has written.
func (b *bench) untilStill(ctx context.Context) (int64, error) {
	last, err := b.inquire(ctx, "/streamed")
	for still := 0; err == nil && still < 5; {
		if err = pause(ctx, 100*time.Millisecond); err != nil {
			break
		}
		var now int64
		now, err = b.inquire(ctx, "/streamed")
		still++
		if now != last {
			still = 0
		}
		last = now
	}
	return last, err
}

// idleMemory measures the memory of a server that was started and left alone.
func idleMemory(ctx context.Context, b *bench, r row, _ int) error {
	return b.fresh(ctx, ours, func(t *target) error {
		if err := pause(ctx, b.rest); err != nil {
			return err
		}
		size, err := settledMemory(ctx, t)
		b.record(r.name, "rss", ours, float64(size)/1e6)
		return err
	})
}

// fresh starts a process for use alone.
func (b *bench) fresh(ctx context.Context, name string, use func(*target) error) error {
	t, err := b.start(ctx, name)
	if err != nil {
		return err
	}
	defer t.stop()
	return use(t)
}

// settledMemory is the memory of t once it has nothing to do.
func settledMemory(ctx context.Context, t *target) (int64, error) {
	if err := t.settle(ctx); err != nil {
		return 0, err
	}
	return residentBytes(t.cmd.Process.Pid)
}

// inquire asks the upstream one of the benchmark's own questions.
func (b *bench) inquire(ctx context.Context, path string) (int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.upstreamAddr+path, nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("ask the upstream for %s: %s", path, text)
	}
	return strconv.ParseInt(string(text), 10, 64)
}
