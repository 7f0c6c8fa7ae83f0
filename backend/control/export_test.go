package control_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// shelf is a log of some exchanges, which gives two at a time.
type shelf struct {
	control.Log

	all    []requestlog.Exchange
	bodies map[int64]*requestlog.Body
}

func (s shelf) List(_ context.Context, q requestlog.Query) (requestlog.Page, error) {
	var p requestlog.Page
	for _, x := range s.all {
		switch {
		case q.Before > 0 && x.ID >= q.Before || q.Client != "" && x.Client != q.Client:
		case len(p.Exchanges) == 2:
			p.Next = p.Exchanges[1].ID
			return p, nil
		default:
			p.Exchanges = append(p.Exchanges, x)
		}
	}
	return p, nil
}

func (s shelf) Get(_ context.Context, id int64) (requestlog.Exchange, *requestlog.Body, error) {
	for _, x := range s.all {
		if x.ID == id {
			return x, s.bodies[id], nil
		}
	}
	return requestlog.Exchange{}, nil, requestlog.ErrNotFound
}

func exporting() *control.Panel {
	log := shelf{bodies: map[int64]*requestlog.Body{3: {ID: 3, Request: []byte("say a-secret \xff"), Response: []byte("=1+1"), RequestCut: true}}}
	for id := int64(3); id > 0; id-- {
		x := requestlog.Exchange{ID: id, Start: time.Unix(1_700_000_000, 0).UTC(), Client: "curl", Asked: "demo/fast", TokensIn: 5, TokensOut: -1, Status: 200}
		if id == 2 {
			x.Client, x.Asked, x.Error = "zed", `=HYPERLINK("http://example.com")`, "-1, \"quoted\"\nand on"
		}
		log.all = append(log.all, x)
	}
	return control.New(control.Options{
		Log: log, Now: time.Now, Accounts: accounts{},
		Redact: func(text string) string { return strings.ReplaceAll(text, "a-secret", "[redacted]") },
	})
}

func TestExport_JSONL(t *testing.T) {
	var out strings.Builder
	if err := exporting().Export(t.Context(), &out, requestlog.Query{}, control.JSONL, true); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3:\n%s", len(lines), out.String())
	}
	var first struct {
		ID        int64
		Asked     string
		TokensIn  int
		TokensOut *int
		Attempts  []any
		Notes     []string
		Body      struct{ Request, Response string }
	}
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	if first.ID != 3 || first.Asked != "demo/fast" || first.TokensIn != 5 || first.TokensOut != nil || first.Attempts == nil || first.Notes == nil {
		t.Errorf("the newest is %+v", first)
	}
	if first.Body.Request != "say [redacted] \uFFFD" || first.Body.Response != "=1+1" {
		t.Errorf("its body is %+v", first.Body)
	}
	if strings.Contains(lines[1], `"body"`) {
		t.Errorf("a body where none was kept: %s", lines[1])
	}
}

func TestExport_CSVIsNoProgram(t *testing.T) {
	var out strings.Builder
	if err := exporting().Export(t.Context(), &out, requestlog.Query{}, control.CSV, true); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(out.String(), "\uFEFF")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) != 4 {
		t.Fatalf("%d rows, marked %t, %v", len(rows), marked, err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for name, want := range map[string][]string{
		"id":        {"3", "2", "1"},
		"asked":     {"demo/fast", `'=HYPERLINK("http://example.com")`, "demo/fast"},
		"error":     {"", "'-1, \"quoted\"\nand on", ""},
		"tokensIn":  {"5", "5", "5"},
		"tokensOut": {"", "", ""},
		"request":   {"say [redacted] \uFFFD", "", ""},
		"response":  {"'=1+1", "", ""},
	} {
		var got []string
		for _, row := range rows[1:] {
			got = append(got, row[column[name]])
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestExport_OnlyWhatTheFilterShows(t *testing.T) {
	var out strings.Builder
	if err := exporting().Export(t.Context(), &out, requestlog.Query{Client: "zed"}, control.CSV, false); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != "2" || strings.Contains(out.String(), "request,") {
		t.Errorf("%q, %v", rows, err)
	}
}
