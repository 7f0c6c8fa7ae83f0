package sqlite

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// Bodies are indexed after they were written, by a goroutine of their own: a
// record is in the list at once, and what it says is found a moment later. What
// is not indexed yet is in a table, so that nothing is forgotten when the program
// ends, and a log from before this index is read little by little.
const (
	// indexBodies and indexBytes bound what is indexed at once, for the time
	// being no record is written.
	indexBodies = 64
	indexBytes  = 512 << 10
	// indexShare is how many times as long as it took the indexer rests after
	// each step: it never takes more than a quarter of a processor.
	indexShare = 3
	// indexTrouble is the rest after an error.
	indexTrouble = time.Minute
)

// runIndexer indexes what is not yet, until ctx ends.
func (l *Log) runIndexer(ctx context.Context) {
	rest := time.NewTimer(0)
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-rest.C:
		}
		began := time.Now()
		more, err := l.index(ctx)
		pause := max(l.rest, indexShare*time.Since(began))
		if err != nil && ctx.Err() == nil {
			l.heal(ctx, err)
			l.log.Warn("bodies of the request log are not indexed", slog.Any("error", err))
			pause = indexTrouble
		}
		if !more && err == nil {
			select {
			case <-ctx.Done():
				return
			case <-l.kept:
			}
		}
		rest.Reset(pause)
	}
}

// unindexed is a body that is not indexed yet.
type unindexed struct {
	id    int64
	words []byte
}

// index indexes some bodies, the newest first, and says whether there may be more.
func (l *Log) index(ctx context.Context) (more bool, err error) {
	bodies, err := l.readUnindexed(ctx)
	if err != nil || len(bodies) == 0 {
		return false, err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	w, err := l.openWriter(ctx)
	if err != nil {
		return false, err
	}
	// What was deleted meanwhile is not in the table any more.
	const insert = "INSERT OR REPLACE INTO words (rowid, text) SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM unindexed WHERE id = ?1)"
	err = w.rows(context.WithoutCancel(ctx), insert, func(tx *sql.Tx, stmt *sql.Stmt) error {
		for _, b := range bodies {
			if _, err := stmt.ExecContext(ctx, b.id, string(b.words)); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM unindexed WHERE id = ?", b.id); err != nil {
				return err
			}
		}
		return nil
	})
	return true, err
}

const selectUnindexed = "SELECT b.id, b.packed, b.request, b.sent, b.response, b.response_type, t.dialect, t.lane, t.status " +
	"FROM unindexed u JOIN bodies b ON b.id = u.id JOIN exchanges e ON e.id = u.id JOIN traits t ON t.id = e.traits " +
	"ORDER BY u.id DESC LIMIT ?"

func (l *Log) readUnindexed(ctx context.Context) ([]unindexed, error) {
	rows, err := l.db.QueryContext(ctx, selectUnindexed, indexBodies)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []unindexed
	for total := 0; rows.Next() && total < indexBytes; {
		var x requestlog.Exchange
		var lane string
		var packed int
		b := &requestlog.Body{}
		if err := rows.Scan(&x.ID, &packed, &b.Request, &b.Sent, &b.Response, &b.ResponseType, &x.Dialect, &lane, &x.Status); err != nil {
			return nil, err
		}
		x.Lane = requestlog.Lane(lane)
		one := unindexed{id: x.ID}
		// One that cannot be unpacked has no words; whoever opens it is told.
		if unpackBody(b, packed) == nil {
			one.words = l.wordsOf(&x, b)
		}
		total += len(one.words)
		all = append(all, one)
	}
	return all, rows.Err()
}

// wordsOf are the words of an exchange's bodies. What was sent to the upstream is
// the client's request again where it was carried.
func (l *Log) wordsOf(x *requestlog.Exchange, b *requestlog.Body) []byte {
	words := appendWords(nil, b.Request)
	if x.Lane != requestlog.Carried {
		words = appendWords(words, b.Sent)
	}
	if said := l.said(x, b); said != "" {
		return appendWords(words, []byte(said))
	}
	return appendWords(words, b.Response)
}

// said is what an answer says, put together from the pieces of its stream; "" when
// it is no answer that can be read.
func (l *Log) said(x *requestlog.Exchange, b *requestlog.Body) string {
	if l.decode == nil || x.Status/100 != 2 {
		return ""
	}
	stream := l.decode(x.Dialect, b.ResponseType, b.Response)
	if stream == nil {
		return ""
	}
	var text strings.Builder
	add := func(parts ...string) {
		for _, p := range parts {
			text.WriteString(p)
			text.WriteByte('\n')
		}
	}
	r, _ := llm.Gather(stream) // of one that was cut there is what came before
	for _, p := range r.Parts {
		switch p := p.(type) {
		case llm.Text:
			add(p.Text)
		case llm.Refusal:
			add(p.Text)
		case llm.Thought:
			add(p.Text)
		case llm.ToolCall:
			add(p.Name, p.Arguments)
		case llm.Image, llm.Audio, llm.File, llm.ToolResult, llm.Opaque:
		}
	}
	return text.String()
}

// find adds the conditions of a text: each of its terms is in the words of the
// row or in a body.
func (c *conditions) find(text string) {
	const traits = `e.traits IN (SELECT id FROM traits WHERE asked LIKE ? ESCAPE '\' OR served LIKE ? ESCAPE '\' ` +
		`OR client LIKE ? ESCAPE '\' OR account LIKE ? ESCAPE '\')`
	const failed = `e.id IN (SELECT id FROM exchanges WHERE error IS NOT NULL AND error LIKE ? ESCAPE '\')`
	const said = `e.id IN (SELECT rowid FROM words WHERE words MATCH ?)`
	for _, term := range requestlog.Terms(text) {
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(term) + "%"
		args := []any{like, like, like, like, like}
		either := traits + " OR " + failed
		if query := match(term); query != "" {
			either += " OR " + said
			args = append(args, query)
		}
		c.and("("+either+")", args...)
	}
}
