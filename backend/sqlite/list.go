package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// selectExchanges begins a statement that reads exchanges. CROSS JOIN tells
// SQLite to walk the exchanges and look up their traits, never the reverse.
func selectExchanges() string {
	return "SELECT " + names("e.", exchangeColumns()) + ", " + names("t.", traitColumns()) +
		" FROM exchanges e CROSS JOIN traits t ON t.id = e.traits"
}

// List reads a page of exchanges, newest first.
func (l *Log) List(ctx context.Context, q requestlog.Query) (requestlog.Page, error) {
	page, err := l.list(ctx, q)
	if err != nil {
		l.heal(ctx, err)
		return requestlog.Page{}, fmt.Errorf("list exchanges: %w", err)
	}
	return page, nil
}

func (l *Log) list(ctx context.Context, q requestlog.Query) (requestlog.Page, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 100
	}
	limit = min(limit, 1000)
	where, err := l.where(ctx, q)
	if err != nil {
		return requestlog.Page{}, err
	}
	before := where
	if q.Before > 0 {
		before = where.with("e.id < ?", q.Before)
	}
	// One more than asked for says whether there is another page.
	exchanges, err := l.read(ctx, selectExchanges()+before.sql()+" ORDER BY e.id DESC LIMIT ?", append(before.args, limit+1)...)
	if err != nil {
		return requestlog.Page{}, err
	}
	page := requestlog.Page{Exchanges: exchanges, Total: -1}
	if len(exchanges) > limit {
		page.Exchanges = exchanges[:limit]
		page.Next = exchanges[limit-1].ID
	}
	switch {
	case q.Uncounted:
	case q.Before == 0 && page.Next == 0: // which looked through all of them
		page.Total = int64(len(page.Exchanges))
	default:
		page.Total, err = l.count(ctx, where)
	}
	return page, err
}

// Get reads one exchange and what was kept of its bodies; the body is nil when
// nothing was. The error is requestlog.ErrNotFound when there is no such exchange.
func (l *Log) Get(ctx context.Context, id int64) (requestlog.Exchange, *requestlog.Body, error) {
	x, b, err := l.get(ctx, id)
	if err != nil {
		l.heal(ctx, err)
		return requestlog.Exchange{}, nil, fmt.Errorf("read exchange %d: %w", id, err)
	}
	return x, b, nil
}

func (l *Log) get(ctx context.Context, id int64) (requestlog.Exchange, *requestlog.Body, error) {
	exchanges, err := l.read(ctx, selectExchanges()+" WHERE e.id = ?", id)
	if err != nil {
		return requestlog.Exchange{}, nil, err
	}
	if len(exchanges) == 0 {
		return requestlog.Exchange{}, nil, requestlog.ErrNotFound
	}
	b := &requestlog.Body{ID: id}
	var packed int
	err = l.db.QueryRowContext(ctx, "SELECT packed, request, sent, response, response_type, times FROM bodies WHERE id = ?", id).
		Scan(&packed, &b.Request, &b.Sent, &b.Response, &b.ResponseType, (*[]byte)(&b.Times))
	if errors.Is(err, sql.ErrNoRows) {
		return exchanges[0], nil, nil
	}
	if err != nil {
		return requestlog.Exchange{}, nil, err
	}
	if err := unpackBody(b, packed); err != nil {
		return requestlog.Exchange{}, nil, err
	}
	return exchanges[0], b, nil
}

// unpackBody makes of b, as it stands in the table, what was kept.
func unpackBody(b *requestlog.Body, packed int) (err error) {
	for i, p := range []*[]byte{&b.Request, &b.Sent, &b.Response} {
		if packed&(1<<i) == 0 {
			continue
		}
		if *p, err = unpack(*p); err != nil {
			return err
		}
	}
	b.RequestCut, b.SentCut, b.ResponseCut = packed&8 != 0, packed&16 != 0, packed&32 != 0
	return nil
}

// read reads the exchanges that a statement of selectExchanges selects.
func (l *Log) read(ctx context.Context, statement string, args ...any) ([]requestlog.Exchange, error) {
	rows, err := l.db.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var exchanges []requestlog.Exchange
	var r row
	cells := append(scanners(exchangeColumns(), &r), scanners(traitColumns(), &r)...)
	for rows.Next() {
		r.Exchange = requestlog.Exchange{}
		if err := rows.Scan(cells...); err != nil {
			return nil, err
		}
		if err := r.unpack(); err != nil {
			return nil, err
		}
		exchanges = append(exchanges, r.Exchange)
	}
	return exchanges, rows.Err()
}

// countLimit is how many exchanges are looked through to count those that
// match; a number beyond is not worth the time.
const countLimit = 200_000

// count counts the exchanges that match; -1 when there are too many to look
// through.
func (l *Log) count(ctx context.Context, where *conditions) (int64, error) {
	if len(where.list) == 0 {
		return l.countAll(ctx)
	}
	if !where.bounded {
		var span int64
		err := l.db.QueryRowContext(ctx,
			"SELECT coalesce((SELECT max(id) FROM exchanges) - (SELECT min(id) FROM exchanges), 0)").Scan(&span)
		if err != nil {
			return 0, err
		}
		if span > countLimit {
			return -1, nil
		}
	}
	var n int64
	err := l.db.QueryRowContext(ctx, "SELECT count(*) FROM exchanges e"+where.sql(), where.args...).Scan(&n)
	return n, err
}

// countAll counts all exchanges: in the table once, then as they are written.
func (l *Log) countAll(ctx context.Context) (int64, error) {
	if n := l.total.Load(); n >= 0 {
		return n, nil
	}
	// While nothing is written the number is exact. A writer that waits for a
	// lock is not waited for; then it counts only this time.
	exact := l.writing.TryLock()
	if exact {
		defer l.writing.Unlock()
	}
	var n int64
	if err := l.db.QueryRowContext(ctx, "SELECT count(*) FROM exchanges").Scan(&n); err != nil {
		return 0, err
	}
	if exact {
		l.total.Store(n)
	}
	return n, nil
}

// conditions are the terms of a WHERE clause on exchanges e.
type conditions struct {
	list []string
	args []any
	// bounded says that they limit what has to be looked through, to a time
	// from and to which the user chose.
	bounded bool
}

func (c *conditions) and(term string, args ...any) {
	c.list = append(c.list, term)
	c.args = append(c.args, args...)
}

// with are the conditions and one more; c stays as it is.
func (c *conditions) with(term string, args ...any) *conditions {
	more := &conditions{list: slices.Clip(c.list), args: slices.Clip(c.args), bounded: c.bounded}
	more.and(term, args...)
	return more
}

func (c *conditions) sql() string {
	if len(c.list) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.list, " AND ")
}

// where says in SQL what q selects, but for Before. What is asked of traits is
// looked up there once, so that each exchange is compared by a number.
func (l *Log) where(ctx context.Context, q requestlog.Query) (*conditions, error) {
	var traits, c conditions
	if class := classCondition(q.Class); class != "" {
		traits.and(class)
	}
	if q.Provider != "" {
		traits.and("provider = ?", q.Provider)
	}
	if q.Model != "" {
		traits.and("(asked = ? OR served = ?)", q.Model, q.Model)
	}
	if q.Client != "" {
		traits.and("client = ?", q.Client)
	}
	if q.AccountID != 0 {
		traits.and("account_id = ?", q.AccountID)
	}
	if q.Key != "" {
		traits.and("key = ?", q.Key)
	}
	if q.Lane != "" {
		traits.and("lane = ?", string(q.Lane))
	}
	if len(traits.list) > 0 {
		c.and("e.traits IN (SELECT id FROM traits"+traits.sql()+")", traits.args...)
	}
	c.find(q.Text)
	return &c, l.between(ctx, &c, q.From, q.To)
}

// classCondition is a class of Query in SQL; "" selects all.
func classCondition(class string) string {
	switch class {
	case "ok":
		return "status < 400 AND error_kind = ''"
	case "error":
		return "(status >= 400 OR error_kind <> '') AND status <> 499"
	case "4xx":
		return "status BETWEEN 400 AND 498"
	case "5xx":
		return "status >= 500"
	case "canceled":
		return "status = 499"
	default:
		return ""
	}
}

// failed is class "error" for one exchange.
func failed(x *requestlog.Exchange) bool {
	return (x.Status >= 400 || x.ErrorKind != "") && x.Status != 499
}

// between adds the conditions of a stretch of time. There is no index of start:
// ids rise with it, but for a clock that was set, so a search among the ids
// finds where to look, an hour wider than asked.
func (l *Log) between(ctx context.Context, c *conditions, from, to time.Time) error {
	const slack = time.Hour
	if !from.IsZero() {
		id, err := l.firstSince(ctx, from.Add(-slack))
		if err != nil {
			return err
		}
		c.and("e.id >= ?", id)
		c.and("e.start >= ?", from.UnixMicro())
	}
	c.bounded = !from.IsZero()
	if !to.IsZero() {
		id, err := l.firstSince(ctx, to.Add(slack))
		if err != nil {
			return err
		}
		c.and("e.id < ?", id)
		c.and("e.start < ?", to.UnixMicro())
	}
	return nil
}

// firstSince returns the id of the first exchange that began at t or later, or
// one beyond the last.
func (l *Log) firstSince(ctx context.Context, t time.Time) (int64, error) {
	var low, high int64
	err := l.db.QueryRowContext(ctx,
		"SELECT coalesce((SELECT min(id) FROM exchanges), 0), coalesce((SELECT max(id) FROM exchanges), 0) + 1").Scan(&low, &high)
	if err != nil {
		return 0, err
	}
	for low < high { // the answer is in low…high
		middle := low + (high-low)/2
		var id, start int64
		err := l.db.QueryRowContext(ctx, "SELECT id, start FROM exchanges WHERE id >= ? ORDER BY id LIMIT 1", middle).Scan(&id, &start)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return 0, err
		}
		if err != nil || start >= t.UnixMicro() {
			high = middle
		} else {
			low = id + 1
		}
	}
	return low, nil
}

// heal begins a new file if the one that was read is damaged indeed, and not
// only the one before it, which was replaced meanwhile.
func (l *Log) heal(ctx context.Context, cause error) {
	if !damaged(cause) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	l.writing.Lock()
	defer l.writing.Unlock()
	var verdict string
	err := l.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict)
	if err == nil && verdict == "ok" || err != nil && !damaged(err) {
		return
	}
	if err := l.replace(ctx, cause); err != nil {
		l.log.Error("request log cannot be begun anew", slog.Any("error", err))
	}
}
