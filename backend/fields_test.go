package backend_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/codegeex"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/qwenweb"
	"github.com/WenChunTech/OpenAICompatible/backend/fim"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

var updateFields = flag.Bool("update-fields", false, "write backend/dialect/README.md")

// modelOf is a model of today of each protocol's services: codecs write for the
// model's family.
func modelOf(name dialect.Name) string {
	if model, ok := map[dialect.Name]string{dialect.Anthropic: "claude-sonnet-5", dialect.Gemini: "gemini-3-pro-preview"}[name]; ok {
		return model
	}
	return "model"
}

const fieldsPage = "dialect/README.md"

// upstreamCodecs are the columns of the tables, the protocols of services.
func upstreamCodecs() []dialect.Upstream {
	return []dialect.Upstream{openaichat.Upstream{}, openairesponses.Upstream{}, anthropic.Upstream{}, gemini.Upstream{}, qwenweb.Upstream{}, codegeex.Upstream{}}
}

// sample is the fields of one client protocol, each as a change of one request.
type sample struct {
	// Path is where the request is sent to.
	Path string `json:"path"`
	// Base is a request that everybody takes.
	Base map[string]json.RawMessage `json:"base"`
	// All is what a request must ask for to see all of an answer, as thinking.
	All    map[string]json.RawMessage `json:"all"`
	Fields []struct {
		Field string `json:"field"`
		// With is what it needs beside it, Set the field itself.
		With map[string]json.RawMessage `json:"with"`
		Set  map[string]json.RawMessage `json:"set"`
		// Same says why a field need not change what an upstream is sent; "" is
		// that it must.
		Same string `json:"same"`
	} `json:"fields"`
}

// TestFields_NothingIsDroppedInSilence sends each field of each client protocol
// to each upstream protocol: it is in what is sent, or a note says that it is
// not, or the request is refused. The page with the tables is made of what was
// seen.
func TestFields_NothingIsDroppedInSilence(t *testing.T) {
	var page bytes.Buffer
	page.WriteString(fieldsIntro)
	for _, file := range must(filepath.Glob("testdata/fields/*.json"))(t) {
		var s sample
		decode := json.NewDecoder(bytes.NewReader(must(os.ReadFile(file))(t)))
		decode.DisallowUnknownFields()
		if err := decode.Decode(&s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		table(t, &page, name, s)
	}
	if *updateFields {
		if err := os.WriteFile(fieldsPage, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(must(os.ReadFile(fieldsPage))(t), page.Bytes()) {
		t.Errorf("backend/%s is not what the codecs do: run go test ./backend -run TestFields -update-fields", fieldsPage)
	}
}

const fieldsIntro = `# What becomes of each field

Made by ` + "`go test ./backend -run TestFields -update-fields`" + ` from what the codecs do; the test fails when they do something else. One table for each
client protocol, one column for each protocol of a service:

- **carried**: the service speaks the client's protocol, the field goes out as it came.
- **mapped**: it has its place in the other protocol.
- **noted**: it changes what is sent, and a note on the request's row says how.
- **dropped**: it has no place there; a note on the row says so.
- **refused**: the answer would be another without it, so the request is refused with an error that names it.
- **–**: it changes nothing there; the last column says why.
`

// must turns a value and an error into the value.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func servedAt(t *testing.T, path string) daemon.Dialect {
	t.Helper()
	for _, d := range daemon.Dialects() {
		for _, pattern := range d.Paths {
			before, after, wild := strings.Cut(pattern, "*")
			if pattern == path || wild && strings.HasPrefix(path, before) && strings.HasSuffix(path, after) {
				return d
			}
		}
	}
	t.Fatalf("nobody serves %s", path)
	return daemon.Dialect{}
}

func table(t *testing.T, page *bytes.Buffer, name string, s sample) {
	t.Helper()
	c := servedAt(t, s.Path).Client
	page.WriteString("\n## " + name + "\n\n| field |")
	for _, u := range upstreamCodecs() {
		page.WriteString(" " + string(u.Name()) + " |")
	}
	page.WriteString(" |\n|---|" + strings.Repeat("---|", len(upstreamCodecs())+1) + "\n")
	for _, f := range s.Fields {
		before := merged(s.Base, f.With)
		after := merged(before, f.Set)
		page.WriteString("| " + f.Field + " |")
		for _, u := range upstreamCodecs() {
			base := send(t, c, u, s.Path, before)
			fate := send(t, c, u, s.Path, after).fate(base, f.Set)
			if base.refused != nil {
				fate = "refused"
			}
			if fate == "carried" && translated(t, c, u, s.Path, after).fate(translated(t, c, u, s.Path, before), f.Set) == "–" && f.Same == "" {
				t.Errorf("%s: %s is dropped in silence where %s is translated all the same", name, f.Field, u.Name())
			}
			if fate == "–" && f.Same == "" {
				t.Errorf("%s: %s is dropped in silence for %s", name, f.Field, u.Name())
			}
			page.WriteString(" " + fate + " |")
		}
		page.WriteString(" " + f.Same + " |\n")
	}
}

func merged(all ...map[string]json.RawMessage) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for _, m := range all {
		maps.Copy(out, m)
	}
	return out
}

// passing are what differs between two requests that say the same: ids and times.
var passing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9]{10,13}\b|\b[0-9a-f]{32}\b`)

// sent is what an upstream gets of a request.
type sent struct {
	body    []byte
	carried bool
	notes   []string
	refused *llm.Error
}

func send(t *testing.T, c dialect.Client, u dialect.Upstream, path string, fields map[string]json.RawMessage) sent {
	t.Helper()
	raw := must(json.Marshal(fields))(t)
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(raw))
	h, err := c.Head(r, raw)
	if err != nil {
		return sent{refused: err}
	}
	carrier, ok := u.(dialect.Carrier)
	if !ok || carrier.Carries() != c.Name() {
		return translated(t, c, u, path, fields)
	}
	body, warned, err := carrier.CarryRequest(nil, raw, h, modelOf(u.Name()))
	return sent{body, true, notes(warned), err}
}

func translated(t *testing.T, c dialect.Client, u dialect.Upstream, path string, fields map[string]json.RawMessage) sent {
	t.Helper()
	raw := must(json.Marshal(fields))(t)
	h, err := c.Head(httptest.NewRequest(http.MethodPost, path, bytes.NewReader(raw)), raw)
	if err != nil {
		return sent{refused: err}
	}
	q, warned, err := c.DecodeRequest(h, raw)
	if err != nil {
		return sent{refused: err}
	}
	var asked []llm.Warning
	if _, ok := u.(dialect.Completer); q.Completion != nil && !ok {
		q, asked = fim.Ask(q)
	}
	body, more, err := u.EncodeRequest(q, modelOf(u.Name()))
	return sent{body, false, notes(slices.Concat(warned, asked, more)), err}
}

func notes(warned []llm.Warning) (out []string) {
	for _, w := range warned {
		out = append(out, w.String())
	}
	return out
}

// fate is what became of the field that s has and base has not, or has with
// another value.
func (s sent) fate(base sent, set map[string]json.RawMessage) string {
	noted := slices.ContainsFunc(s.notes, func(n string) bool {
		_, named := set[n[strings.LastIndexByte(n, ' ')+1:]]
		return named || !slices.Contains(base.notes, n)
	})
	changed := !bytes.Equal(passing.ReplaceAll(s.body, nil), passing.ReplaceAll(base.body, nil))
	switch {
	case s.refused != nil:
		return "refused"
	case noted && changed:
		return "noted"
	case noted:
		return "dropped"
	case changed && s.carried:
		return "carried"
	case changed:
		return "mapped"
	}
	return "–"
}
