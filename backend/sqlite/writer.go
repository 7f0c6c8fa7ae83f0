package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// writer is the one connection that writes. It talks to the driver itself:
// database/sql in between would cost half as much again for every record.
type writer struct {
	conn                     *sql.Conn
	begin, commit, rollback  driver.StmtExecContext
	exchange, traits, body   driver.StmtExecContext
	exchangeColumns          []column
	traitColumns             []column
	exchangeArgs, traitsArgs []driver.NamedValue
	bodyArgs                 []driver.NamedValue
	row                      row
	compress                 compressor
	// known are the traits that are in the table, by their key, and keyBytes
	// is what the keys hold in memory.
	known    map[string]int64
	keyBytes int
	key      []byte
}

// Bounds of writer.known. Names come from clients, so there may be any number
// of them; beyond the bound the map begins anew, and some traits are written
// to the table once more, which harms nobody.
const (
	knownLimit    = 4096
	keyBytesLimit = 1 << 20
)

// newWriter takes a connection from db and prepares what it needs.
func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	w := &writer{
		conn: conn, exchangeColumns: exchangeColumns(), traitColumns: traitColumns(),
		known: make(map[string]int64),
	}
	if err := w.prepare(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

// prepare makes the statements and reads the newest traits.
func (w *writer) prepare(ctx context.Context) error {
	w.exchangeArgs = arguments(len(w.exchangeColumns) + 1)
	w.traitsArgs = arguments(len(w.traitColumns))
	w.bodyArgs = arguments(7)
	statements := []struct {
		to  *driver.StmtExecContext
		sql string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.exchange, "INSERT OR REPLACE INTO exchanges (traits, " + names("", w.exchangeColumns) + ") VALUES " + marks(len(w.exchangeArgs))},
		{&w.traits, "INSERT INTO traits (" + names("", w.traitColumns) + ") VALUES " + marks(len(w.traitsArgs))},
		{&w.body, "INSERT OR REPLACE INTO bodies (id, packed, request, sent, response, response_type, times) VALUES " + marks(len(w.bodyArgs))},
	}
	err := w.conn.Raw(func(c any) error {
		for _, s := range statements {
			stmt, err := c.(driver.ConnPrepareContext).PrepareContext(ctx, s.sql)
			if err != nil {
				return fmt.Errorf("prepare %q: %w", s.sql, err)
			}
			*s.to = stmt.(driver.StmtExecContext)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.learn(ctx)
}

// learn reads the newest traits of the table into known.
func (w *writer) learn(ctx context.Context) error {
	rows, err := w.conn.QueryContext(ctx, selectTraits()+" ORDER BY id DESC LIMIT ?", knownLimit/4)
	if err != nil {
		return fmt.Errorf("read traits: %w", err)
	}
	defer rows.Close()
	var r row
	var id int64
	cells := append([]any{&id}, scanners(w.traitColumns, &r)...)
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return fmt.Errorf("read traits: %w", err)
		}
		w.know(traitsKey(nil, w.traitColumns, &r), id)
	}
	return rows.Err()
}

// selectTraits begins a statement that reads traits.
func selectTraits() string { return "SELECT id, " + names("", traitColumns()) + " FROM traits" }

// close ends the statements and gives the connection back.
func (w *writer) close() error {
	_ = w.conn.Raw(func(any) error {
		for _, s := range []driver.StmtExecContext{w.begin, w.commit, w.rollback, w.exchange, w.traits, w.body} {
			if s != nil {
				_ = s.(driver.Stmt).Close() // nothing can be unwritten: there is no transaction
			}
		}
		return nil
	})
	return w.conn.Close()
}

// write writes the records in one transaction: all or none.
func (w *writer) write(ctx context.Context, records []requestlog.Record) error {
	return w.conn.Raw(func(any) error {
		if _, err := w.begin.ExecContext(ctx, nil); err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		err := w.insert(ctx, records)
		if err == nil {
			_, err = w.commit.ExecContext(ctx, nil)
		}
		if err != nil {
			w.forget() // it may know of traits that are not written now
			// After some errors SQLite has rolled back by itself.
			_, _ = w.rollback.ExecContext(ctx, nil)
		}
		return err
	})
}

func (w *writer) insert(ctx context.Context, records []requestlog.Record) error {
	for i := range records {
		w.row.Exchange = records[i].Exchange
		w.row.pack()
		traits, err := w.traitsID(ctx)
		if err != nil {
			return fmt.Errorf("write traits: %w", err)
		}
		w.exchangeArgs[0].Value = traits
		for j, c := range w.exchangeColumns {
			w.exchangeArgs[j+1].Value = value(c.field(&w.row))
		}
		if _, err := w.exchange.ExecContext(ctx, w.exchangeArgs); err != nil {
			return fmt.Errorf("write exchange: %w", err)
		}
		if b := records[i].Body; b != nil {
			if err := w.insertBody(ctx, w.row.ID, b); err != nil {
				return fmt.Errorf("write body: %w", err)
			}
		}
	}
	return nil
}

// traitsID returns the id of w.row's traits and writes them if they are new.
func (w *writer) traitsID(ctx context.Context) (int64, error) {
	w.key = traitsKey(w.key[:0], w.traitColumns, &w.row)
	if id, ok := w.known[string(w.key)]; ok {
		return id, nil
	}
	for i, c := range w.traitColumns {
		w.traitsArgs[i].Value = bare(c.field(&w.row))
	}
	result, err := w.traits.ExecContext(ctx, w.traitsArgs)
	if err != nil {
		return 0, err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return 0, err
	}
	w.know(w.key, id)
	return id, nil
}

func (w *writer) know(key []byte, id int64) {
	if len(w.known) >= knownLimit || w.keyBytes+len(key) > keyBytesLimit {
		w.forget()
	}
	w.known[string(key)] = id
	w.keyBytes += len(key)
}

// forget makes the writer trust nothing that it knows of the traits table.
func (w *writer) forget() {
	clear(w.known)
	w.keyBytes = 0
}

// insertBody writes what was kept of the bodies of exchange id.
func (w *writer) insertBody(ctx context.Context, id int64, b *requestlog.Body) error {
	parts := [...]struct {
		bytes []byte
		cut   bool
	}{{b.Request, b.RequestCut}, {b.Sent, b.SentCut}, {b.Response, b.ResponseCut}}
	var packed int64
	for i, p := range parts {
		bytes, smaller := w.compress.pack(p.bytes)
		if smaller {
			packed |= 1 << i
		}
		if p.cut {
			packed |= 8 << i
		}
		w.bodyArgs[2+i].Value = bytes
	}
	w.bodyArgs[0].Value, w.bodyArgs[1].Value, w.bodyArgs[5].Value = id, packed, b.ResponseType
	w.bodyArgs[6].Value = []byte(b.Times)
	_, err := w.body.ExecContext(ctx, w.bodyArgs)
	for i := range w.bodyArgs {
		w.bodyArgs[i].Value = nil // do not hold on to the bodies
	}
	return err
}

// traitsKey appends what tells traits from other traits.
func traitsKey(key []byte, columns []column, r *row) []byte {
	for _, c := range columns {
		field := c.field(r)
		if n, ok := number(field); ok {
			key = binary.AppendVarint(key, n)
			continue
		}
		s := *field.(*string)
		key = binary.AppendUvarint(key, uint64(len(s)))
		key = append(key, s...)
	}
	return key
}

// bare is value for a column that is never NULL.
func bare(field any) driver.Value {
	if n, ok := number(field); ok {
		return n
	}
	return *field.(*string)
}

func arguments(n int) []driver.NamedValue {
	args := make([]driver.NamedValue, n)
	for i := range args {
		args[i].Ordinal = i + 1
	}
	return args
}

// marks is a list of n parameters.
func marks(n int) string { return "(" + strings.Repeat("?, ", n-1) + "?)" }

// scanners are the destinations of Scan that fill r.
func scanners(columns []column, r *row) []any {
	cells := make([]any, len(columns))
	for i, c := range columns {
		cells[i] = cell{c.field(r)}
	}
	return cells
}

// rows writes what each puts into the statement insert, and what it deletes
// beside that, in one transaction.
func (w *writer) rows(ctx context.Context, insert string, each func(*sql.Tx, *sql.Stmt) error) error {
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	stmt, err := tx.PrepareContext(ctx, insert)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	defer stmt.Close()
	if err := each(tx, stmt); err != nil {
		return err
	}
	return tx.Commit()
}
