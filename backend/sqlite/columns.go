package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// row is an exchange as the columns see it: what has no column of its own
// shape was brought into one by pack.
type row struct {
	requestlog.Exchange
	// single is the only attempt when it went as expected; its durations are
	// -1 when there is none and attempts tells instead.
	single struct {
		reason                  string
		start, header, duration time.Duration
	}
	// attempts and notes are JSON arrays; "" is none.
	attempts, notes string
}

// column ties a column to the field it holds. The field is a pointer into the
// row, of a type that value, bind and scan know.
type column struct {
	name  string
	field func(*row) any
}

// exchangeColumns are the columns of exchanges, but for the traits: numbers
// that differ from exchange to exchange, and words that few have.
func exchangeColumns() []column {
	return []column{
		{"id", func(r *row) any { return &r.ID }},
		{"start", func(r *row) any { return &r.Start }},
		{"tokens_in", func(r *row) any { return &r.TokensIn }},
		{"tokens_out", func(r *row) any { return &r.TokensOut }},
		{"tokens_cached", func(r *row) any { return &r.TokensCached }},
		{"tokens_reasoning", func(r *row) any { return &r.TokensReasoning }},
		{"first_token", func(r *row) any { return &r.FirstToken }},
		{"duration", func(r *row) any { return &r.Duration }},
		{"own", func(r *row) any { return &r.Own }},
		{"bytes_in", func(r *row) any { return &r.BytesIn }},
		{"bytes_out", func(r *row) any { return &r.BytesOut }},
		{"attempt_start", func(r *row) any { return &r.single.start }},
		{"attempt_header", func(r *row) any { return &r.single.header }},
		{"attempt_duration", func(r *row) any { return &r.single.duration }},
		{"error", func(r *row) any { return &r.Error }},
		{"attempts", func(r *row) any { return &r.attempts }},
		{"notes", func(r *row) any { return &r.notes }},
	}
}

// traitColumns are the columns of traits: what many exchanges have in common.
func traitColumns() []column {
	return []column{
		{"client", func(r *row) any { return &r.Client }},
		{"key", func(r *row) any { return &r.Key }},
		{"dialect", func(r *row) any { return &r.Dialect }},
		{"path", func(r *row) any { return &r.Path }},
		{"stream", func(r *row) any { return &r.Stream }},
		{"asked", func(r *row) any { return &r.Asked }},
		{"served", func(r *row) any { return &r.Served }},
		{"provider", func(r *row) any { return &r.Provider }},
		{"account", func(r *row) any { return &r.Account }},
		{"account_id", func(r *row) any { return &r.AccountID }},
		{"lane", func(r *row) any { return (*string)(&r.Lane) }},
		{"status", func(r *row) any { return &r.Status }},
		{"error_kind", func(r *row) any { return &r.ErrorKind }},
		{"finish", func(r *row) any { return &r.Finish }},
		{"attempt_reason", func(r *row) any { return &r.single.reason }},
	}
}

// names lists the columns with a prefix, for a statement.
func names(prefix string, columns []column) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(prefix)
		b.WriteString(c.name)
	}
	return b.String()
}

// number is the integer that a column holds for a field; ok is false for a
// string.
func number(field any) (n int64, ok bool) {
	switch p := field.(type) {
	case *int64:
		return *p, true
	case *int:
		return int64(*p), true
	case *bool:
		if *p {
			return 1, true
		}
		return 0, true
	case *time.Duration:
		if *p < 0 {
			return -1, true
		}
		return p.Microseconds(), true
	case *time.Time:
		return p.UnixMicro(), true
	default:
		return 0, false
	}
}

// value is what is bound for a field of exchanges. A negative number means
// unknown, and an empty string nothing: both are NULL.
func value(field any) driver.Value {
	if n, ok := number(field); ok {
		if n < 0 {
			return nil
		}
		return n
	}
	if s := field.(*string); *s != "" {
		return *s
	}
	return nil
}

// cell scans a column into a field; it is the inverse of value and of bind.
type cell struct{ field any }

// Scan implements sql.Scanner.
func (c cell) Scan(v any) error {
	n, known := v.(int64)
	if !known {
		n = -1
	}
	switch p := c.field.(type) {
	case *int64:
		*p = n
	case *int:
		*p = int(n)
	case *bool:
		*p = n == 1
	case *time.Duration:
		*p = time.Duration(min(n, math.MaxInt64/1000)) * time.Microsecond
	case *time.Time:
		*p = time.UnixMicro(n)
	case *string:
		*p, _ = v.(string)
	default:
		return fmt.Errorf("a column of %T", c.field)
	}
	return nil
}

// pack fills the fields of r that are made from others.
func (r *row) pack() {
	r.attempts, r.notes = "", ""
	r.single.reason = ""
	r.single.start, r.single.header, r.single.duration = -1, -1, -1
	switch {
	case r.expected():
		a := &r.Attempts[0]
		r.single.reason = a.Reason
		r.single.start = fromMs(a.StartMs)
		r.single.header = fromMs(a.HeaderMs)
		r.single.duration = fromMs(a.DurationMs)
	case len(r.Attempts) > 0:
		r.attempts = text(r.Attempts)
	}
	if len(r.Notes) > 0 {
		r.notes = text(r.Notes)
	}
}

// expected says that there was one attempt and that the exchange's own fields
// say the same of it.
func (r *row) expected() bool {
	if len(r.Attempts) != 1 {
		return false
	}
	a := &r.Attempts[0]
	return a.Status == r.Status && a.Error == "" && a.ErrorKind == "" &&
		a.AccountID == r.AccountID && a.Model == r.Served && a.Provider == r.Provider && a.Account == r.Account
}

// unpack is the inverse of pack.
func (r *row) unpack() error {
	if r.attempts != "" {
		if err := json.Unmarshal([]byte(r.attempts), &r.Attempts); err != nil {
			return fmt.Errorf("attempts of exchange %d: %w", r.ID, err)
		}
	} else if r.single.duration >= 0 {
		r.Attempts = []requestlog.Attempt{{
			Provider: r.Provider, Account: r.Account, AccountID: r.AccountID, Model: r.Served,
			Reason: r.single.reason, StartMs: toMs(r.single.start), HeaderMs: toMs(r.single.header),
			DurationMs: toMs(r.single.duration), Status: r.Status,
		}}
	}
	if r.notes != "" {
		if err := json.Unmarshal([]byte(r.notes), &r.Notes); err != nil {
			return fmt.Errorf("notes of exchange %d: %w", r.ID, err)
		}
	}
	return nil
}

func fromMs(ms float64) time.Duration {
	return time.Duration(math.Round(max(ms, 0)*1000)) * time.Microsecond
}

func toMs(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// text is v as JSON. What is asked of it, lists of strings and of attempts,
// has a JSON form but for a number that is not one.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
