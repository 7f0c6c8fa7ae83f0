package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// activity keeps what accounts did of late, and when keys were used last, as
// tally keeps the figures: the first question reads the exchanges, what is
// written later is added. It holds a kilobyte for each account.
type activity struct {
	mu       sync.Mutex
	valid    bool
	accounts map[int64]*trail
	// keys is when each was used last, in microseconds; nil is not read yet.
	keys map[string]int64
}

// trail is an account's counts by the hours of the clock: enough for a day with
// an hour more. Each stands at its number's place until another needs it.
type trail [requestlog.Hours + 2]hourly

type hourly struct {
	hour int64
	requestlog.Counts
}

// at is the place of an hour, emptied when an older one had it. An older hour
// than that which is there has none.
func (t *trail) at(hour int64) *requestlog.Counts {
	h := &t[hour%int64(len(t))]
	if h.hour > hour {
		return &requestlog.Counts{}
	}
	if h.hour < hour {
		*h = hourly{hour: hour}
	}
	return &h.Counts
}

// reset makes the next question read anew.
func (a *activity) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.valid, a.accounts, a.keys = false, nil, nil
}

// add counts an exchange that was written.
func (a *activity) add(x *requestlog.Exchange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.valid {
		a.count(x)
	}
	if at := x.Start.UnixMicro(); a.keys != nil && x.Key != "" && at > a.keys[x.Key] {
		a.keys[x.Key] = at
	}
}

// count adds the tries of x to their accounts. mu is held.
func (a *activity) count(x *requestlog.Exchange) {
	hour := requestlog.Hour(x.Start)
	for i := range x.Attempts {
		one := &x.Attempts[i]
		if one.AccountID == 0 {
			continue
		}
		c := requestlog.Counts{Requests: 1}
		if blames(one.ErrorKind) {
			c.Failures = 1
		}
		if i == len(x.Attempts)-1 && one.AccountID == x.AccountID {
			c.TokensIn, c.TokensOut = int64(max(x.TokensIn, 0)), int64(max(x.TokensOut, 0))
		}
		t := a.accounts[one.AccountID]
		if t == nil {
			t = &trail{}
			a.accounts[one.AccountID] = t
		}
		t.at(hour).Add(c)
	}
}

// blames says that a failure is the account's or its service's, not the
// client's.
func blames(kind string) bool {
	switch kind {
	case "", llm.KindCanceled.String(), llm.KindBadRequest.String(), llm.KindMethod.String(), llm.KindTooLarge.String(),
		llm.KindUnsupported.String(), llm.KindContent.String(), llm.KindInternal.String():
		return false
	}
	return true
}

// Activities are what accounts did in the last hours before now, and since its
// midnight.
func (l *Log) Activities(ctx context.Context, now time.Time) (requestlog.Activities, error) {
	if out, ok := l.activity.get(now); ok {
		return out, nil
	}
	if err := l.readActivity(ctx, now); err != nil {
		l.heal(ctx, err)
		return nil, fmt.Errorf("read what accounts did: %w", err)
	}
	out, _ := l.activity.get(now) // empty only if the log was wiped meanwhile
	return out, nil
}

func (a *activity) get(now time.Time) (requestlog.Activities, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.valid {
		return nil, false
	}
	last := requestlog.Hour(now)
	first := last - requestlog.Hours + 1
	midnight := requestlog.Hour(time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location()))
	out := make(requestlog.Activities, len(a.accounts))
	for id, t := range a.accounts {
		var one requestlog.Activity
		of := false
		for i := range t {
			h := &t[i]
			if h.hour < min(first, midnight) || h.hour > last {
				continue
			}
			of = true
			if h.hour >= midnight {
				one.Today.Add(h.Counts)
			}
			if h.hour >= first {
				one.Hours[h.hour-first] = h.Counts
			}
		}
		if of {
			out[id] = one
		}
	}
	return out, true
}

// readActivity fills the activity from the table. Nothing is written meanwhile,
// so that each exchange is counted once.
func (l *Log) readActivity(ctx context.Context, now time.Time) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	c := &conditions{}
	if err := l.between(ctx, c, now.Add(-(requestlog.Hours+1)*time.Hour), time.Time{}); err != nil {
		return err
	}
	fresh := activity{accounts: map[int64]*trail{}}
	if err := l.countSingle(ctx, &fresh, *c, now.Location()); err != nil {
		return err
	}
	if err := l.countTold(ctx, &fresh, c, now.Location()); err != nil {
		return err
	}
	l.activity.mu.Lock()
	defer l.activity.mu.Unlock()
	l.activity.valid, l.activity.accounts = true, fresh.accounts
	return nil
}

// countSingle counts the exchanges that went as expected.
func (l *Log) countSingle(ctx context.Context, a *activity, c conditions, zone *time.Location) error {
	accounts := make(map[int64]int64)
	if err := l.scan(ctx, "SELECT id, account_id FROM traits", nil, func(v []int64) { accounts[v[0]] = v[1] }); err != nil {
		return err
	}
	c.and("e.attempts IS NULL")
	c.and("e.attempt_duration IS NOT NULL")
	one := requestlog.Exchange{Attempts: make([]requestlog.Attempt, 1)}
	return l.scan(ctx, "SELECT e.traits, e.start, e.tokens_in, e.tokens_out FROM exchanges e"+c.sql(), c.args, func(v []int64) {
		one.AccountID, one.Start = accounts[v[0]], time.UnixMicro(v[1]).In(zone)
		one.TokensIn, one.TokensOut = int(v[2]), int(v[3])
		one.Attempts[0].AccountID = one.AccountID
		a.count(&one)
	})
}

const toldColumns = "SELECT e.start, coalesce(e.tokens_in, -1), coalesce(e.tokens_out, -1), e.attempts, t.account_id " +
	"FROM exchanges e JOIN traits t ON t.id = e.traits"

// countTold counts the exchanges whose tries are written out.
func (l *Log) countTold(ctx context.Context, a *activity, c *conditions, zone *time.Location) error {
	c.and("e.attempts IS NOT NULL")
	rows, err := l.db.QueryContext(ctx, toldColumns+c.sql(), c.args...) // #nosec G202 -- conditions are ours, values are bound
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var start int64
		var text string
		var one requestlog.Exchange
		if err := rows.Scan(&start, &one.TokensIn, &one.TokensOut, &text, &one.AccountID); err != nil {
			return err
		}
		one.Start = time.UnixMicro(start).In(zone)
		if json.Unmarshal([]byte(text), &one.Attempts) == nil { // one that cannot be read is shown as broken elsewhere
			a.count(&one)
		}
	}
	return rows.Err()
}

// KeysUsed is when the exchanges with each API key began last, by the key's
// name.
func (l *Log) KeysUsed(ctx context.Context) (map[string]time.Time, error) {
	if l.activity.used() == nil {
		if err := l.readKeys(ctx); err != nil {
			l.heal(ctx, err)
			return nil, fmt.Errorf("read when keys were used: %w", err)
		}
	}
	used := l.activity.used()
	out := make(map[string]time.Time, len(used))
	for name, at := range used {
		out[name] = time.UnixMicro(at)
	}
	return out, nil
}

func (a *activity) used() map[string]int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.keys)
}

// readKeys reads all of the log, which goes on being written: what is added
// meanwhile is newer than what is read.
func (l *Log) readKeys(ctx context.Context) error {
	l.activity.mu.Lock()
	if l.activity.keys == nil {
		l.activity.keys = map[string]int64{}
	}
	l.activity.mu.Unlock()
	last := make(map[int64]int64)
	err := l.scan(ctx, "SELECT traits, max(start) FROM exchanges GROUP BY traits", nil, func(v []int64) { last[v[0]] = v[1] })
	if err != nil {
		l.activity.reset()
		return err
	}
	rows, err := l.db.QueryContext(ctx, "SELECT id, key FROM traits WHERE key <> ''")
	if err != nil {
		l.activity.reset()
		return err
	}
	defer rows.Close()
	l.activity.mu.Lock()
	defer l.activity.mu.Unlock()
	if l.activity.keys == nil { // the log was wiped meanwhile
		l.activity.keys = map[string]int64{}
	}
	for rows.Next() {
		var id int64
		var key string
		if err := rows.Scan(&id, &key); err != nil {
			return err
		}
		if at := last[id]; at > l.activity.keys[key] {
			l.activity.keys[key] = at
		}
	}
	return rows.Err()
}
