package sqlite

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// uses keep what was used of late, in steps of each length that was asked for,
// as tally keeps the figures: the first question reads the exchanges, what is
// written later is added, and what has grown old is dropped.
type uses struct {
	mu      sync.Mutex
	ledgers map[time.Duration]*ledger
}

// ledger is what was used since a moment, in steps of one length.
type ledger struct {
	from, step int64 // microseconds
	sums       map[requestlog.Use]*requestlog.Use
}

// at is the number of the step in which a moment lies.
func (l *ledger) at(micro int64) int { return int((micro - l.from) / l.step) }

// sum is what is summed up under a key.
func (l *ledger) sum(key requestlog.Use) *requestlog.Use {
	s := l.sums[key]
	if s == nil {
		fresh := key
		s = &fresh
		l.sums[key] = s
	}
	return s
}

// reset makes the next question read anew.
func (u *uses) reset() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.ledgers = nil
}

// add counts an exchange that was written.
func (u *uses) add(x *requestlog.Exchange) {
	u.mu.Lock()
	defer u.mu.Unlock()
	start := x.Start.UnixMicro()
	for _, l := range u.ledgers {
		if start < l.from {
			continue
		}
		s := l.sum(requestlog.Use{
			At: l.at(start), Provider: x.Provider, AccountID: x.AccountID, Model: x.Served, Counting: counting(x.Path),
		})
		s.Requests++
		s.TokensIn += int64(max(x.TokensIn, 0))
		s.TokensOut += int64(max(x.TokensOut, 0))
		s.TokensCached += int64(max(x.TokensCached, 0))
		switch {
		case failed(x):
			s.Errors++
		case x.TokensIn < 0 && x.Status != statusLeft:
			s.Untold++
		}
	}
}

// statusLeft is the status of a client that did not wait for the end.
const statusLeft = 499

// get gives what is known of a stretch; ok is false where it must be read.
func (u *uses) get(s requestlog.Stretch) (out []requestlog.Use, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	l := u.ledgers[s.Step]
	from := s.From.UnixMicro()
	if l == nil || from < l.from || (from-l.from)%l.step != 0 {
		return nil, false
	}
	first := l.at(from)
	out = []requestlog.Use{}
	for key, sum := range l.sums {
		if key.At < first {
			delete(l.sums, key) // time goes on: nobody asks for it again
			continue
		}
		if one := *sum; one.At-first < s.Steps {
			one.At -= first
			out = append(out, one)
		}
	}
	return out, true
}

// Used sums up the exchanges of a stretch of time by step, account and model, in
// no order. A stretch is one of a few lengths and ends about now: those that
// began in it before the last one asked for are not told again.
func (l *Log) Used(ctx context.Context, s requestlog.Stretch) ([]requestlog.Use, error) {
	if out, ok := l.uses.get(s); ok {
		return out, nil
	}
	if err := l.readUses(ctx, s); err != nil {
		l.heal(ctx, err)
		return nil, fmt.Errorf("sum up the request log: %w", err)
	}
	out, _ := l.uses.get(s) // empty only if the log was wiped meanwhile
	return out, nil
}

// readUses fills the ledger of a stretch from the table. Nothing is written
// meanwhile, so that each exchange is counted once. Rows are summed up here: to
// have SQLite group them takes twice as long, for it sorts them first.
func (l *Log) readUses(ctx context.Context, s requestlog.Stretch) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	by, err := l.users(ctx)
	if err != nil {
		return err
	}
	c := &conditions{}
	if err := l.between(ctx, c, s.From, time.Time{}); err != nil {
		return err
	}
	fresh := &ledger{from: s.From.UnixMicro(), step: s.Step.Microseconds(), sums: map[requestlog.Use]*requestlog.Use{}}
	var last struct {
		traits int64
		at     int
		sum    *requestlog.Use
	}
	statement := "SELECT e.traits, e.start, e.tokens_in, e.tokens_out, e.tokens_cached FROM exchanges e" + c.sql()
	err = l.scan(ctx, statement, c.args, func(v []int64) {
		who := by[v[0]]
		if at := fresh.at(v[1]); last.sum == nil || at != last.at || v[0] != last.traits {
			key := who.Use
			key.At = at
			last.traits, last.at, last.sum = v[0], at, fresh.sum(key)
		}
		u := last.sum
		u.Requests++
		u.TokensIn += max(v[2], 0)
		u.TokensOut += max(v[3], 0)
		u.TokensCached += max(v[4], 0)
		switch {
		case who.failed:
			u.Errors++
		case v[2] < 0 && !who.left:
			u.Untold++
		}
	})
	if err != nil {
		return err
	}
	l.uses.mu.Lock()
	defer l.uses.mu.Unlock()
	if l.uses.ledgers == nil {
		l.uses.ledgers = map[time.Duration]*ledger{}
	}
	l.uses.ledgers[s.Step] = fresh
	return nil
}

// user is who answered exchanges that have traits in common.
type user struct {
	requestlog.Use

	// left says that the client did not wait for the end.
	failed, left bool
}

// users are those of all traits, by the traits' ids.
func (l *Log) users(ctx context.Context) (map[int64]user, error) {
	rows, err := l.db.QueryContext(ctx, "SELECT id, provider, account_id, served, path, "+classCondition("error")+", status FROM traits") // #nosec G202 -- our own words
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]user{}
	for rows.Next() {
		var id int64
		var status int
		var path string
		var u user
		if err := rows.Scan(&id, &u.Provider, &u.AccountID, &u.Model, &path, &u.failed, &status); err != nil {
			return nil, err
		}
		u.left, u.Counting = status == statusLeft, counting(path)
		out[id] = u
	}
	return out, rows.Err()
}

// counting says that a path asks for a count of tokens alone.
func counting(path string) bool {
	return strings.HasSuffix(path, "count_tokens") || strings.HasSuffix(path, ":countTokens") || strings.HasSuffix(path, "input_tokens")
}
