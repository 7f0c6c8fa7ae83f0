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

// saturate keeps so many connections busy for d: each sends its next request as
// soon as an answer is complete.
func (b *bench) saturate(ctx context.Context, t *target, w work, connections int, d time.Duration) tally {
	var (
		sum  tally
		lock sync.Mutex
		done sync.WaitGroup
	)
	jobs := newJobs(t, w)
	begin := time.Now()
	for i := range connections {
		done.Go(func() {
			own := b.repeat(ctx, jobs[i%len(jobs)], begin.Add(d))
			lock.Lock()
			defer lock.Unlock()
			sum.add(own)
		})
	}
	done.Wait()
	sum.elapsed = time.Since(begin)
	b.count(t, sum)
	return sum
}

// repeat exchanges on one connection until the time comes, and on a new one
// after an error.
func (b *bench) repeat(ctx context.Context, j *job, until time.Time) tally {
	var (
		own tally
		c   *conn
		err error
	)
	for time.Now().Before(until) && ctx.Err() == nil {
		if c == nil {
			if c, err = j.dial(ctx); err != nil {
				own.one(nil, err)
				return own
			}
		}
		err = c.exchange(b.next(), time.Now().Add(patience))
		own.one(c, err)
		if err != nil {
			_ = c.Close()
			c = nil
		}
	}
	if c != nil {
		_ = c.Close()
	}
	return own
}

// arrive sends requests at a fixed rate for d, whatever becomes of the earlier
// ones: a slow answer delays no later request and so hides nothing.
func (b *bench) arrive(ctx context.Context, t *target, w work, perSecond float64, d time.Duration) tally {
	var (
		sum  tally
		lock sync.Mutex
		done sync.WaitGroup
		idle []*conn
	)
	jobs := newJobs(t, w)
	begin := time.Now()
	for i := range int(d.Seconds() * perSecond) {
		due := begin.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))
		if pause(ctx, time.Until(due)) != nil {
			break
		}
		done.Go(func() {
			lock.Lock()
			var c *conn
			if n := len(idle); n > 0 {
				c, idle = idle[n-1], idle[:n-1]
			}
			lock.Unlock()
			own, c := b.single(ctx, jobs[i%len(jobs)], c)
			lock.Lock()
			defer lock.Unlock()
			sum.add(own)
			if c != nil {
				idle = append(idle, c)
			}
		})
	}
	done.Wait()
	for _, c := range idle {
		_ = c.Close()
	}
	sum.elapsed = time.Since(begin)
	b.count(t, sum)
	return sum
}

// single does one exchange of j, on c or a new connection, and gives back the
// connection if it can be used again.
func (b *bench) single(ctx context.Context, j *job, c *conn) (own tally, again *conn) {
	var err error
	if c == nil {
		if c, err = j.dial(ctx); err != nil {
			own.one(nil, err)
			return own, nil
		}
	}
	c.use(j)
	err = c.exchange(b.next(), time.Now().Add(patience))
	own.one(c, err)
	if err != nil {
		_ = c.Close()
		return own, nil
	}
	return own, c
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
