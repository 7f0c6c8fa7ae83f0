package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// tally keeps the figures of one stretch of time, from a moment until now, so
// that an overview which asks after every batch costs nothing. The first
// question reads the exchanges, what is written later is added.
type tally struct {
	mu         sync.Mutex
	since      int64 // microseconds; meaningless unless valid
	valid      bool
	figures    requestlog.Figures
	firstToken histogram
	own        histogram
}

// add counts an exchange that was written.
func (t *tally) add(x *requestlog.Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.valid || x.Start.UnixMicro() < t.since {
		return
	}
	t.count(failed(x), x.TokensIn, x.TokensOut, x.FirstToken, x.Own)
}

func (t *tally) count(failed bool, in, out int, firstToken, own time.Duration) {
	t.figures.Requests++
	if failed {
		t.figures.Errors++
	}
	t.figures.TokensIn += int64(max(in, 0))
	t.figures.TokensOut += int64(max(out, 0))
	t.firstToken.add(firstToken)
	t.own.add(own)
}

// get returns the figures if they are of this stretch.
func (t *tally) get(since time.Time) (requestlog.Figures, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.valid || t.since != since.UnixMicro() {
		return requestlog.Figures{}, false
	}
	f := t.figures
	f.FirstTokenMedian = t.firstToken.median()
	f.OwnMedian = t.own.median()
	return f, true
}

// reset makes the next question read anew.
func (t *tally) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.valid = false
}

// Figures sums up the exchanges that began since. The medians are right to
// one part in a hundred.
func (l *Log) Figures(ctx context.Context, since time.Time) (requestlog.Figures, error) {
	if f, ok := l.tally.get(since); ok {
		return f, nil
	}
	if err := l.sumUp(ctx, since); err != nil {
		l.heal(ctx, err)
		return requestlog.Figures{}, fmt.Errorf("sum up the request log: %w", err)
	}
	f, _ := l.tally.get(since) // of another stretch only if two ask at once
	return f, nil
}

// sumUp fills the tally from the table. Nothing is written meanwhile, so
// that each exchange is counted once.
func (l *Log) sumUp(ctx context.Context, since time.Time) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	c := &conditions{}
	if err := l.between(ctx, c, since, time.Time{}); err != nil {
		return err
	}
	failures, err := l.failures(ctx)
	if err != nil {
		return err
	}
	fresh := tally{since: since.UnixMicro(), valid: true}
	err = l.scan(ctx, "SELECT e.traits, e.tokens_in, e.tokens_out, e.first_token, e.own FROM exchanges e"+c.sql(), c.args, func(v []int64) {
		fresh.count(failures[v[0]], int(v[1]), int(v[2]), time.Duration(v[3])*time.Microsecond, time.Duration(v[4])*time.Microsecond)
	})
	if err != nil {
		return err
	}
	l.tally.mu.Lock()
	defer l.tally.mu.Unlock()
	l.tally.since, l.tally.valid, l.tally.figures = fresh.since, true, fresh.figures
	l.tally.firstToken, l.tally.own = fresh.firstToken, fresh.own
	return nil
}

// failures are the traits of exchanges that failed.
func (l *Log) failures(ctx context.Context) (map[int64]bool, error) {
	ids := make(map[int64]bool)
	err := l.scan(ctx, "SELECT id FROM traits WHERE "+classCondition("error"), nil, func(v []int64) { ids[v[0]] = true })
	return ids, err
}

// scan calls each with the integers of every row that the statement selects;
// NULL is -1. It asks the driver itself, which is several times as fast.
func (l *Log) scan(ctx context.Context, statement string, args []any, each func([]int64)) error {
	conn, err := l.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		named := arguments(len(args))
		for i := range args {
			named[i].Value = args[i]
		}
		rows, err := c.(driver.QueryerContext).QueryContext(ctx, statement, named)
		if err != nil {
			return err
		}
		defer rows.Close()
		values := make([]driver.Value, len(rows.Columns()))
		numbers := make([]int64, len(values))
		for {
			if err := rows.Next(values); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			for i, v := range values {
				n, known := v.(int64)
				if !known {
					n = -1
				}
				numbers[i] = n
			}
			each(numbers)
		}
	})
}

// histogram counts durations in steps of one part in 64, in fixed memory.
type histogram struct {
	counts [40 * steps]int32
	total  int32
}

const (
	stepBits = 6
	steps    = 1 << stepBits
)

// add counts d, if there is one.
func (h *histogram) add(d time.Duration) {
	us := d.Microseconds()
	if us <= 0 {
		return
	}
	h.counts[min(step(us), len(h.counts)-1)]++
	h.total++
}

// step is the index of the count for us: below 64 the number itself, beyond it
// the power of two and the six digits after the first.
func step(us int64) int {
	shift := max(bits.Len64(uint64(us))-1-stepBits, 0) // #nosec G115 -- it is positive
	return shift<<stepBits + int(us>>shift)
}

// middle is the middle of what is counted at i.
func middle(i int) time.Duration {
	shift := max(i>>stepBits-1, 0)
	low := int64(i-shift<<stepBits) << shift
	return time.Duration(low+(1<<shift)/2) * time.Microsecond
}

// median is 0 when nothing was counted.
func (h *histogram) median() time.Duration {
	if h.total == 0 {
		return 0
	}
	left := (h.total + 1) / 2
	for i, n := range h.counts {
		if left -= n; left <= 0 {
			return middle(i)
		}
	}
	return 0
}
