package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// patience bounds one exchange; what takes longer is lost.
const patience = 30 * time.Second

// tally is what came of a piece of load.
type tally struct {
	answers int
	// wrong counts the answers that were lost, cut or not the right bytes; why
	// is the first of them.
	wrong int
	why   error
	// first and whole are the times to the first word and to the end.
	first, whole []time.Duration
	elapsed      time.Duration
}

func (t *tally) add(o tally) {
	t.answers += o.answers
	t.wrong += o.wrong
	t.first = append(t.first, o.first...)
	t.whole = append(t.whole, o.whole...)
	if t.why == nil {
		t.why = o.why
	}
}

// one takes note of an exchange that has ended on c.
func (t *tally) one(c *conn, err error) {
	if err != nil {
		t.wrong++
		if t.why == nil {
			t.why = err
		}
		return
	}
	t.answers++
	t.first = append(t.first, c.check.first)
	t.whole = append(t.whole, time.Since(c.check.start))
}

// crowd is a number of connections that keep a target busy: each sends its next
// request as soon as an answer is complete.
type crowd struct {
	target *target
	jobs   []*job
	// conns live from one run to the next; nil is one that must be dialled.
	conns []*conn
	// sum is what came of all runs so far.
	sum tally
}

func newCrowd(t *target, w work, connections int) *crowd {
	return &crowd{target: t, jobs: newJobs(t, w), conns: make([]*conn, connections)}
}

// run keeps the connections busy for d.
func (w *crowd) run(ctx context.Context, b *bench, d time.Duration) {
	var (
		lock sync.Mutex
		done sync.WaitGroup
	)
	begin := time.Now()
	for i := range w.conns {
		done.Go(func() {
			own := w.repeat(ctx, b, i, begin.Add(d))
			lock.Lock()
			defer lock.Unlock()
			w.sum.add(own)
		})
	}
	done.Wait()
	w.sum.elapsed += time.Since(begin)
}

// repeat exchanges on one connection until the time comes.
func (w *crowd) repeat(ctx context.Context, b *bench, i int, until time.Time) (sum tally) {
	for time.Now().Before(until) && ctx.Err() == nil {
		lost := sum.wrong
		w.conns[i] = b.single(ctx, w.jobs[i%len(w.jobs)], w.conns[i], &sum)
		if sum.wrong > lost && pause(ctx, time.Millisecond) != nil {
			break
		}
	}
	return sum
}

// leave closes the connections and adds what came of them to the run's count.
func (w *crowd) leave(b *bench) tally {
	for _, c := range w.conns {
		if c != nil {
			_ = c.Close()
		}
	}
	b.count(w.target, w.sum)
	return w.sum
}

// warm gives a target something to do before it is measured.
func (b *bench) warm(ctx context.Context, t *target, w work, connections int) {
	c := newCrowd(t, w, connections)
	c.run(ctx, b, b.slice/4)
	c.leave(b)
}

// arrive sends requests to the targets in turn at a fixed rate for d, whatever
// becomes of the earlier ones: a slow answer delays no later request and so hides
// nothing. The tallies come in the order of the targets.
func (b *bench) arrive(ctx context.Context, targets []*target, w work, perSecond float64, d time.Duration) []tally {
	var (
		sums = make([]tally, len(targets))
		idle = make([][]*conn, len(targets))
		jobs = make([][]*job, len(targets))
		lock sync.Mutex
		done sync.WaitGroup
	)
	for k, t := range targets {
		jobs[k] = newJobs(t, w)
	}
	begin := time.Now()
	for i := range int(d.Seconds() * perSecond) {
		due := begin.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))
		if pause(ctx, time.Until(due)) != nil {
			break
		}
		k, j := i%len(targets), i/len(targets)
		done.Go(func() {
			lock.Lock()
			var c *conn
			if n := len(idle[k]); n > 0 {
				c, idle[k] = idle[k][n-1], idle[k][:n-1]
			}
			lock.Unlock()
			var own tally
			c = b.single(ctx, jobs[k][j%len(jobs[k])], c, &own)
			lock.Lock()
			defer lock.Unlock()
			sums[k].add(own)
			if c != nil {
				idle[k] = append(idle[k], c)
			}
		})
	}
	done.Wait()
	for k, t := range targets {
		for _, c := range idle[k] {
			_ = c.Close()
		}
		b.count(t, sums[k])
	}
	return sums
}

// single does one exchange of j, on c or a new connection, adds what came of it
// to sum, and gives back the connection if it can be used again.
func (b *bench) single(ctx context.Context, j *job, c *conn, sum *tally) *conn {
	var err error
	if c == nil {
		if c, err = j.dial(ctx); err != nil {
			sum.one(nil, err)
			return nil
		}
	}
	c.use(j)
	err = c.exchange(b.next(), time.Now().Add(patience))
	sum.one(c, err)
	if err != nil {
		_ = c.Close()
		return nil
	}
	return c
}

// next is a number that no other request has.
func (b *bench) next() string { return number(b.numbers.Add(1)) }

// count adds to what the last row of the table says: nothing may be lost.
func (b *bench) count(t *target, sum tally) {
	b.answers[t.name] += sum.answers
	b.wrong[t.name] += sum.wrong
	if sum.why != nil && b.why[t.name] == nil {
		b.why[t.name] = sum.why
	}
}

// median is the middle of values, which it sorts; 0 of none.
func median[T time.Duration | float64](values []T) T {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	half := len(values) / 2
	if len(values)%2 == 1 {
		return values[half]
	}
	return (values[half-1] + values[half]) / 2
}

var errNoAnswers = errors.New("no right answer")
