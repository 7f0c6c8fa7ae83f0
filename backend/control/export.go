package control

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// ExchangeChoices are what the request log can be filtered by.
type ExchangeChoices struct {
	Providers []string        `json:"providers"`
	Accounts  []AccountChoice `json:"accounts"`
	Models    []string        `json:"models"`
	Clients   []string        `json:"clients"`
	Keys      []string        `json:"keys"`
}

// AccountChoice is an account that the log knows, be it removed since.
type AccountChoice struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// ExchangeChoices are what the request log can be filtered by.
func (s *Panel) ExchangeChoices(ctx context.Context) (ExchangeChoices, error) {
	c, err := s.o.Log.Choices(ctx)
	if err != nil {
		return ExchangeChoices{}, err
	}
	out := ExchangeChoices{
		Providers: listed(c.Providers), Accounts: make([]AccountChoice, 0, len(c.Accounts)),
		Models: listed(c.Models), Clients: listed(c.Clients), Keys: listed(c.Keys),
	}
	for _, a := range c.Accounts {
		out.Accounts = append(out.Accounts, AccountChoice(a))
	}
	return out, nil
}

// listed is names as JSON has them: an empty list is one.
func listed(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

// ExportFormat is how an export is written.
type ExportFormat string

// The formats of an export.
const (
	// JSONL has an exchange with all that is known of it as JSON in each line.
	JSONL ExportFormat = "jsonl"
	// CSV has an exchange in each row, for a spreadsheet.
	CSV ExportFormat = "csv"
)

// exportPage is how many exchanges are read at once.
const exportPage = 500

// Export writes the exchanges that q selects, newest first, a page at a time: it
// needs the memory of one page, and what comes meanwhile is not in it. Bodies
// are as they were kept, without secrets; those that became known since are
// taken out now.
func (s *Panel) Export(ctx context.Context, w io.Writer, q requestlog.Query, format ExportFormat, bodies bool) error {
	out := bufio.NewWriterSize(w, 64<<10)
	lines := s.lines(out, format, bodies)
	if err := lines.begin(); err != nil {
		return err
	}
	q.Limit, q.Uncounted = exportPage, true
	for {
		page, err := s.o.Log.List(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Exchanges {
			if err := s.export(ctx, lines, &page.Exchanges[i], bodies); err != nil {
				return err
			}
		}
		if q.Before = page.Next; q.Before == 0 {
			return errors.Join(lines.end(), out.Flush())
		}
	}
}

func (s *Panel) export(ctx context.Context, lines exportLines, e *requestlog.Exchange, bodies bool) error {
	var body *requestlog.Body
	if bodies {
		var err error
		_, body, err = s.o.Log.Get(ctx, e.ID)
		if errors.Is(err, requestlog.ErrNotFound) {
			return nil // its days were over meanwhile
		}
		if err != nil {
			return err
		}
	}
	return lines.write(e, body)
}

// exportLines is one form of an export.
type exportLines interface {
	begin() error
	write(e *requestlog.Exchange, b *requestlog.Body) error
	end() error
}

func (s *Panel) lines(w io.Writer, format ExportFormat, bodies bool) exportLines {
	if format == CSV {
		return &csvLines{out: w, csv: csv.NewWriter(w), bodies: bodies, text: s.exported}
	}
	return jsonLines{json: json.NewEncoder(w), text: s.exported}
}

// exported is a kept body as an export has it.
func (s *Panel) exported(b []byte) string { return s.o.Redact(printable(b)) }

// exportedExchange is a line of an export.
type exportedExchange struct {
	Exchange

	Attempts []requestlog.Attempt `json:"attempts"`
	Notes    []string             `json:"notes"`
	Body     *exportedBody        `json:"body,omitempty"`
}

type exportedBody struct {
	Request      string `json:"request"`
	RequestCut   bool   `json:"requestCut,omitempty"`
	Sent         string `json:"sent"`
	SentCut      bool   `json:"sentCut,omitempty"`
	Response     string `json:"response"`
	ResponseCut  bool   `json:"responseCut,omitempty"`
	ResponseType string `json:"responseType"`
}

type jsonLines struct {
	json *json.Encoder
	text func([]byte) string
}

func (l jsonLines) begin() error { return nil }

func (l jsonLines) end() error { return nil }

func (l jsonLines) write(e *requestlog.Exchange, b *requestlog.Body) error {
	line := exportedExchange{Exchange: row(e, false), Attempts: e.Attempts, Notes: listed(e.Notes)}
	if line.Attempts == nil {
		line.Attempts = []requestlog.Attempt{}
	}
	if b != nil {
		line.Body = &exportedBody{
			Request: l.text(b.Request), RequestCut: b.RequestCut, Sent: l.text(b.Sent), SentCut: b.SentCut,
			Response: l.text(b.Response), ResponseCut: b.ResponseCut, ResponseType: b.ResponseType,
		}
	}
	return l.json.Encode(line)
}

type csvLines struct {
	out    io.Writer
	csv    *csv.Writer
	bodies bool
	text   func([]byte) string
}

// begin writes the mark by which spreadsheets know UTF-8, and the names of the
// columns.
func (l *csvLines) begin() error {
	if _, err := io.WriteString(l.out, "\uFEFF"); err != nil {
		return err
	}
	names := []string{
		"id", "start", "client", "key", "protocol", "path", "stream", "asked", "served", "provider", "account", "lane",
		"status", "errorKind", "error", "finish", "tokensIn", "tokensOut", "tokensCached", "tokensReasoning",
		"firstTokenMs", "durationMs", "ownMs", "bytesIn", "bytesOut", "attempts", "notes",
	}
	if l.bodies {
		names = append(names, "request", "sent", "response")
	}
	return l.csv.Write(names)
}

func (l *csvLines) write(e *requestlog.Exchange, b *requestlog.Body) error {
	cells := []string{
		strconv.FormatInt(e.ID, 10), e.Start.Format(time.RFC3339Nano), e.Client, e.Key, e.Dialect, e.Path,
		strconv.FormatBool(e.Stream), e.Asked, e.Served, e.Provider, e.Account, string(e.Lane),
		strconv.Itoa(e.Status), e.ErrorKind, e.Error, e.Finish,
		count(e.TokensIn), count(e.TokensOut), count(e.TokensCached), count(e.TokensReasoning),
		milliseconds(e.FirstToken), milliseconds(e.Duration), milliseconds(e.Own),
		strconv.FormatInt(e.BytesIn, 10), strconv.FormatInt(e.BytesOut, 10), strconv.Itoa(len(e.Attempts)), strings.Join(e.Notes, "\n"),
	}
	switch {
	case l.bodies && b != nil:
		cells = append(cells, l.text(b.Request), l.text(b.Sent), l.text(b.Response))
	case l.bodies:
		cells = append(cells, "", "", "")
	}
	for i := range cells {
		cells[i] = harmless(cells[i])
	}
	return l.csv.Write(cells)
}

func (l *csvLines) end() error {
	l.csv.Flush()
	if err := l.csv.Error(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// harmless is a cell that no spreadsheet takes for a formula: anybody may send a
// model's name that begins with an equals sign.
func harmless(cell string) string {
	if cell != "" && strings.IndexByte("=+-@\t\r\n", cell[0]) >= 0 {
		return "'" + cell
	}
	return cell
}

// count is a number of tokens; nothing when it is unknown.
func count(n int) string {
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func milliseconds(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', -1, 64)
}
