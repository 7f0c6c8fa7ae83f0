package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// exchanges are the operations on the request log as a whole.
func (a admin) exchanges(api huma.API) {
	get(api, "/api/exchanges", "exchanges", "One page of the request log", a.exchangePage)
	get(api, "/api/exchanges/choices", "exchangeChoices", "What the request log can be filtered by", a.exchangeChoices)
	export := op(http.MethodGet, "/api/exchanges/export", "exportExchanges", "The exchanges that a filter selects, as a file")
	export.Responses = map[string]*huma.Response{"200": {
		Description: "A line or a row for each exchange, newest first",
		Content:     map[string]*huma.MediaType{typeJSONL: {}, typeCSV: {}},
	}}
	huma.Register(api, export, a.export)
}

// ExchangeFilter selects exchanges, as the parameters of an address. Its name is
// exported because only then are the parameters of who embeds it read.
type ExchangeFilter struct {
	Class    string    `query:"class" enum:"ok,error,4xx,5xx,canceled"`
	Provider string    `query:"provider"`
	Account  int64     `query:"account"`
	Model    string    `query:"model" doc:"Asked or served"`
	Client   string    `query:"client"`
	Key      string    `query:"key" doc:"The name of an API key"`
	Lane     string    `query:"lane" enum:"carried,translated"`
	Text     string    `query:"text" maxLength:"200" doc:"Words, and phrases in quotes: in the row, or in a body that was kept"`
	From     time.Time `query:"from"`
	To       time.Time `query:"to"`
}

func (f *ExchangeFilter) query() requestlog.Query {
	return requestlog.Query{
		Class: f.Class, Provider: f.Provider, AccountID: f.Account, Model: f.Model, Client: f.Client, Key: f.Key,
		Lane: requestlog.Lane(f.Lane), Text: f.Text, From: f.From, To: f.To,
	}
}

type exchangesInput struct {
	ExchangeFilter

	Before int64 `query:"before" minimum:"0" doc:"Only exchanges with a smaller id"`
	Limit  int   `query:"limit" minimum:"0" maximum:"1000" doc:"At most this many; 0 is 100"`
}

func (a admin) exchangePage(ctx context.Context, in *exchangesInput) (*body[control.ExchangePage], error) {
	q := in.query()
	q.Before, q.Limit = in.Before, in.Limit
	return answer(a.s.Exchanges(ctx, q))
}

func (a admin) exchangeChoices(ctx context.Context, _ *none) (*body[control.ExchangeChoices], error) {
	return answer(a.s.ExchangeChoices(ctx))
}

// The types of an export.
const (
	typeJSONL = "application/x-ndjson"
	typeCSV   = "text/csv; charset=utf-8"
)

type exportInput struct {
	ExchangeFilter

	Format string `query:"format" enum:"jsonl,csv" default:"jsonl"`
	Bodies bool   `query:"bodies" doc:"With the bodies that were kept"`
}

// export sends the file while it is read. What fails halfway breaks the
// connection off: a part must not look like the whole.
func (a admin) export(_ context.Context, in *exportInput) (*huma.StreamResponse, error) {
	format, contentType := control.JSONL, typeJSONL
	if in.Format == "csv" {
		format, contentType = control.CSV, typeCSV
	}
	name := "requests-" + time.Now().Format("20060102-150405") + "." + string(format)
	return &huma.StreamResponse{Body: func(c huma.Context) { //nolint:contextcheck // c has it.
		c.SetHeader("Content-Type", contentType)
		c.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
		if err := a.s.Export(c.Context(), c.BodyWriter(), in.query(), format, in.Bodies); err != nil {
			panic(http.ErrAbortHandler)
		}
	}}, nil
}
