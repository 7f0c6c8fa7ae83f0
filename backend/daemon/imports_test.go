package daemon_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// body is v as a request's JSON.
func body(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (p *program) preview(from control.ImportSource) control.Import {
	p.t.Helper()
	var raw json.RawMessage
	if code := p.api("POST", "/api/imports/preview", body(from), &raw); code != 200 {
		p.t.Fatalf("preview: %d %s", code, raw)
	}
	if strings.Contains(string(raw), "token-word") {
		p.t.Errorf("a preview has a secret: %s", raw)
	}
	var out control.Import
	if err := json.Unmarshal(raw, &out); err != nil {
		p.t.Fatal(err)
	}
	return out
}

func (p *program) take(from control.ImportSource, keys ...string) control.Imported {
	p.t.Helper()
	var out control.Imported
	if code := p.api("POST", "/api/imports", body(control.ImportChoice{ImportSource: from, Keys: keys}), &out); code != 200 {
		p.t.Fatalf("import: %d", code)
	}
	return out
}

func token(t *testing.T, path, access string, end time.Time) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`{"access_token":%q,"refresh_token":"1//token-word","expiry":%q}`, access, end.UTC().Format(time.RFC3339))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestImport_WhatAnotherProgramKeepsIsPreviewedAndTaken(t *testing.T) {
	p := withCloud(t, &cloud{kind: "gemini"}, "")
	home := os.Getenv("HOME")
	path := filepath.Join(home, ".gemini", "oauth_creds.json")
	token(t, path, "good:dev@example.com", time.Now().Add(time.Hour))
	if err := os.WriteFile(filepath.Join(home, ".gemini", "google_accounts.json"), []byte(`{"active":"dev@example.com"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var found struct{ Sources []control.FoundSource }
	p.api("GET", "/api/imports/found", "", &found)
	if len(found.Sources) != 1 || found.Sources[0].Path != path || found.Sources[0].Title != "Gemini CLI" {
		t.Fatalf("found %+v", found)
	}
	from := found.Sources[0].ImportSource
	first := p.preview(from)
	if first.Format != "gemini-cli" || len(first.Finds) != 1 || first.Finds[0].State != control.ImportNew || first.Finds[0].Identity != "dev@example.com" {
		t.Fatalf("got %+v", first)
	}
	done := p.take(from, first.Finds[0].Key)
	if len(done.Added) != 1 || done.Skipped != 0 {
		t.Fatalf("got %+v", done)
	}
	p.in(done.Added[0].ID, control.AccountReady)
	if b := must(os.ReadFile(p.path)); strings.Contains(string(b), "token-word") {
		t.Errorf("the token is in the file: %s", b)
	}
	if got := p.preview(from).Finds[0]; got.State != control.ImportSame {
		t.Errorf("taken already: %+v", got)
	}
	token(t, path, "good:dev@example.com", time.Now().Add(-time.Hour))
	if got := p.preview(from).Finds[0]; got.State != control.ImportSame {
		t.Errorf("an older one: %+v", got)
	}
	token(t, path, "good:dev@example.com", time.Now().Add(2*time.Hour))
	if got := p.preview(from).Finds[0]; got.State != control.ImportUpdate {
		t.Errorf("a newer one: %+v", got)
	}
	if done := p.take(from, first.Finds[0].Key); len(done.Updated) != 1 || len(p.cards()) != 1 {
		t.Errorf("got %+v", done)
	}
}

func TestImport_TheOriginalsSectionBecomesAnAccountAndIsNotUsedTwice(t *testing.T) {
	p := withCloud(t, &cloud{kind: "gemini"}, `{"gemini_cli":[{"prefix":"gemini_cli","project_id":"mine","token":{"access_token":"good:ann@x token-word","refresh_token":"r"}}], "codegeex":[{"token":""}]}`)
	original := p.cards()[0]
	p.in(original.ID, control.AccountReady)
	if !original.Original || original.Prefix != "gemini_cli" || original.Settings["project_id"] != "mine" {
		t.Errorf("got %+v", original)
	}
	from := control.ImportSource{Path: p.path}
	preview := p.preview(from)
	if len(preview.Finds) != 1 || len(preview.Notes) != 1 || preview.Format != "original" {
		t.Fatalf("got %+v", preview)
	}
	done := p.take(from, preview.Finds[0].Key)
	if len(done.Added) != 1 || done.Added[0].Settings["projectId"] != "mine" || done.Added[0].Prefix != "gemini_cli" || done.Added[0].Original {
		t.Fatalf("got %+v", done)
	}
	if b := must(os.ReadFile(p.path)); !strings.Contains(string(b), `"gemini_cli":[{"prefix":"gemini_cli","project_id":"mine","token":{`) {
		t.Errorf("the section changed: %s", b)
	}
	got := p.in(original.ID, control.AccountOff)
	if !strings.Contains(got.Reason, "'gemini_cli 1' is used instead") {
		t.Errorf("got %+v", got)
	}
	p.in(done.Added[0].ID, control.AccountReady)
	p.until("one account a model", func() bool {
		models := p.Control().Models()
		return len(models) == 2 && slices.Equal(models[0].AccountIDs, []int64{done.Added[0].ID})
	})
	if got := p.preview(from).Finds; len(got) != 1 || got[0].State != control.ImportSame {
		t.Errorf("taken already: %+v", got)
	}
	// Without the account the section is in use again.
	p.api("DELETE", fmt.Sprintf("/api/accounts/%d", done.Added[0].ID), "", nil)
	p.in(original.ID, control.AccountReady)
}

func TestImport_WhatCannotBeUsedSaysWhy(t *testing.T) {
	p := withCloud(t, &cloud{kind: "gemini"}, "")
	from := control.ImportSource{Text: `{"type":"codex","email":"dev@example.com","access_token":"token-word"}`}
	got := p.preview(from)
	if got.Finds[0].State != control.ImportUnusable || !strings.Contains(got.Finds[0].Problem, "API key instead") {
		t.Errorf("got %+v", got)
	}
	if done := p.take(from, got.Finds[0].Key); done.Skipped != 1 || len(p.cards()) != 0 {
		t.Errorf("got %+v", done)
	}
	// Of a provider that this version lacks.
	if got := p.preview(control.ImportSource{Text: `{"qwen":[{"token":"token-word"}]}`}).Finds[0]; got.State != control.ImportUnusable || got.Problem == "" {
		t.Errorf("got %+v", got)
	}
	for _, c := range []struct {
		from  control.ImportSource
		field string
	}{
		{control.ImportSource{}, "body.path"},
		{control.ImportSource{Path: "/nowhere/at/all"}, "body.path"},
		{control.ImportSource{Path: os.TempDir() + "/../etc/passwd"}, "body.path"},
		{control.ImportSource{Text: "token-word"}, "body.text"},
		{control.ImportSource{Text: `{"gemini_cli":"token-word"}`}, "body.text"},
	} {
		var problem struct {
			Detail string
			Errors []struct{ Location string }
		}
		if code := p.api("POST", "/api/imports/preview", body(c.from), &problem); code != 422 || problem.Errors[0].Location != c.field ||
			strings.Contains(problem.Detail, "token-word") {
			t.Errorf("%+v: %d %+v", c.from, code, problem)
		}
	}
	if code := p.api("POST", "/api/imports", body(control.ImportChoice{ImportSource: from, Keys: []string{"another"}}), nil); code != 404 {
		t.Errorf("a key that is not there: %d", code)
	}
}

func TestProviders_HaveAllThatAFormNeeds(t *testing.T) {
	p := withCloud(t, &cloud{}, "")
	var raw json.RawMessage
	p.api("GET", "/api/providers", "", &raw)
	var out struct{ Providers []control.Provider }
	if err := json.Unmarshal(raw, &out); err != nil || len(out.Providers) != 1 || strings.Contains(string(raw), "null") {
		t.Fatalf("got %s %v", raw, err)
	}
	w := out.Providers[0].Ways[1]
	if w.ID != "key" || w.Prefix != "cloud" || w.Settings["region"] != "eu" || !slices.Equal(w.Fields[0].Choices, []string{"eu", "us"}) || !w.Fields[0].Required {
		t.Errorf("got %+v", w)
	}
}
