package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

const sesame = "open sesame"

// backedUp is a program with an account, a key, an alias, a price and a request
// in its log.
func backedUp(t *testing.T, name string) *program {
	t.Helper()
	p := start(t, daemon.Options{Demo: true, Edition: "window", Providers: append(daemon.Providers("test", nil), &cloud{})}, fmt.Sprintf(`{
  // written by %s
  "version": 1, "port": %d, "requests": {"keepBodies": "all"},
  "routing": {"aliases": [{"name": "%s-alias", "models": ["demo/fast"]}]},
  "prices": [{"model": "%s", "input": 1, "output": 2}]
}`, name, freePort(t), name, name))
	p.until("listening", func() bool { return p.Control().Listener().State == "running" })
	if code := p.api("POST", "/api/accounts", `{"provider":"cloud","way":"key","name":"`+name+`","settings":{"region":"eu"},"key":"good:`+name+`@example.com"}`, nil); code != http.StatusOK {
		t.Fatalf("an account is not added: %d", code)
	}
	p.until("checked, and written down", func() bool {
		text, err := os.ReadFile(p.path)
		return err == nil && bytes.Contains(text, []byte("found-for-"+name))
	})
	if code, body := p.chat(p.Key(), "demo/fast"); code != http.StatusOK {
		t.Fatalf("got %d %s", code, body)
	}
	p.until("in the log", func() bool { return p.logged() == 1 })
	return p
}

func (p *program) logged() int64 {
	page, err := p.Control().Exchanges(p.t.Context(), requestlog.Query{})
	if err != nil {
		p.t.Fatal(err)
	}
	return page.Total
}

func (p *program) names() string {
	var all []string
	for _, a := range p.Control().Accounts() {
		if a.Provider == "cloud" {
			all = append(all, a.Name+"="+a.Identity)
		}
	}
	return strings.Join(all, " ")
}

// backup is the file that the admin API makes.
func (p *program) backup(choice control.BackupChoice) []byte {
	p.t.Helper()
	text, _ := json.Marshal(choice)
	req, _ := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.admin.URL+"/api/backup", bytes.NewReader(text))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	file, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("backup: %d %s %v", resp.StatusCode, file, err)
	}
	return file
}

// stage sends a file in pieces.
func (p *program) stage(file []byte) {
	p.t.Helper()
	const size = 1000
	for at := 0; at < len(file) || at == 0; at += size {
		req, _ := http.NewRequestWithContext(p.t.Context(), http.MethodPut, fmt.Sprintf("%s/api/restore/file?at=%d", p.admin.URL, at), bytes.NewReader(file[at:min(at+size, len(file))]))
		req.Header.Set("Content-Type", "application/octet-stream")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			p.t.Fatal(err)
		}
		said, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent {
			p.t.Fatalf("a piece of the file at %d: %d %s", at, resp.StatusCode, said)
		}
	}
}

func phrase(passphrase string) string { return fmt.Sprintf(`{"passphrase":%q}`, passphrase) }

func TestRestore_PutsAllOfAnotherProgramInForce(t *testing.T) {
	ann, bob := backedUp(t, "ann"), backedUp(t, "bob")
	bob.until("checked", func() bool { return strings.Contains(bob.names(), "bob@example.com") })
	file := ann.backup(control.BackupChoice{Passphrase: sesame, Secrets: true, Log: true})
	for _, word := range []string{"ann", ann.Key(), "demo/fast"} {
		if bytes.Contains(file, []byte(word)) {
			t.Errorf("%q can be read in the file", word)
		}
	}
	annKey, bobKey := ann.Key(), bob.Key()

	bob.stage(file)
	var preview control.BackupPreview
	if code := bob.api("POST", "/api/restore/preview", phrase(sesame), &preview); code != http.StatusOK {
		t.Fatalf("preview: %d", code)
	}
	if !preview.Log || !preview.Secrets || preview.Version != "test" || strings.Join(preview.Settings, " ") != "port" {
		t.Errorf("preview %+v", preview)
	}
	for _, part := range preview.Parts {
		if got := fmt.Sprint(part.Name, part.Added, part.Gone); part.Name != "keys" && !strings.Contains(got, "[ann") {
			t.Errorf("the preview of %s", got)
		}
	}
	if bob.names() != "bob=bob@example.com" || bob.logged() != 1 {
		t.Errorf("a preview changed something: %s", bob.names())
	}

	if code := bob.api("POST", "/api/restore", phrase(sesame), nil); code != http.StatusNoContent {
		t.Fatalf("restore: %d", code)
	}
	bob.until("with ann's account", func() bool { return bob.names() == "ann=ann@example.com" })
	text, _ := os.ReadFile(bob.path)
	if !strings.Contains(string(text), "// written by ann") {
		t.Errorf("the comments of the file are lost: %s", text)
	}
	// Ann's program has the port: bob's keeps what it can, and says so.
	if bob.Key() != annKey {
		t.Error("the key of the backup is not in force")
	}
	ann.api("POST", "/api/listener", `{"running":false}`, nil)
	bob.api("POST", "/api/listener", `{"running":true}`, nil)
	if code, _ := bob.chat(bobKey, "demo/fast"); code != http.StatusUnauthorized {
		t.Errorf("the key of before is still taken: %d", code)
	}
	if code, body := bob.chat(annKey, "ann-alias"); code != http.StatusOK {
		t.Errorf("with the key and an alias of the backup: %d %s", code, body)
	}
	bob.until("with the log of the backup and one more", func() bool { return bob.logged() == 2 })

	if code := bob.api("POST", "/api/restore/undo", "", nil); code != http.StatusNoContent {
		t.Fatalf("undo: %d", code)
	}
	bob.until("as before", func() bool { return bob.names() == "bob=bob@example.com" && bob.Key() == bobKey && bob.logged() == 1 })
	if code, body := bob.chat(bobKey, "bob-alias"); code != http.StatusOK {
		t.Errorf("after the undo: %d %s", code, body)
	}
	if code := bob.api("POST", "/api/restore/undo", "", nil); code != http.StatusBadRequest {
		t.Errorf("a second undo: %d", code)
	}
}

func TestRestore_OfWhatCannotBeReadChangesNothing(t *testing.T) {
	p := backedUp(t, "ann")
	before, _ := os.ReadFile(p.path)
	file := p.backup(control.BackupChoice{Passphrase: sesame, Secrets: true})
	newer := bytes.Clone(file)
	newer[len("OpenAICompatible backup\n")]++
	changed := bytes.Clone(file)
	changed[len(changed)-200] ^= 1
	for _, c := range []struct {
		name, passphrase string
		file             []byte
		code             int
		says             string
	}{
		{"a wrong passphrase", "open sesamy", file, 422, "passphrase is not the one"},
		{"a cut file", sesame, file[:len(file)-10], 400, "ends too early"},
		{"a changed file", sesame, changed, 400, "damaged"},
		{"a newer file", sesame, newer, 400, "newer version"},
		{"another file", sesame, []byte("{}"), 400, "not a backup"},
	} {
		p.stage(c.file)
		var said struct{ Detail string }
		if code := p.api("POST", "/api/restore", phrase(c.passphrase), &said); code != c.code || !strings.Contains(said.Detail, c.says) {
			t.Errorf("%s: %d %q", c.name, code, said.Detail)
		}
	}
	p.api("DELETE", "/api/restore/file", "", nil)
	if code := p.api("POST", "/api/restore", phrase(sesame), nil); code != http.StatusBadRequest {
		t.Errorf("without a file: %d", code)
	}
	if after, _ := os.ReadFile(p.path); !bytes.Equal(before, after) {
		t.Errorf("the settings are others now: %s", after)
	}
	var last struct{ Kept *control.KeptState }
	if p.api("GET", "/api/restore", "", &last); last.Kept != nil {
		t.Errorf("something is to be undone: %+v", last)
	}
}

func TestRestore_WithoutSecretsKeepsThoseThatAreHere(t *testing.T) {
	p := backedUp(t, "ann")
	key := p.Key()
	file := p.backup(control.BackupChoice{Passphrase: sesame})
	p.stage(file)
	if code := p.api("POST", "/api/restore", phrase(sesame), nil); code != http.StatusNoContent {
		t.Fatalf("restore: %d", code)
	}
	if p.Key() != key {
		t.Error("the key that was here is another now")
	}
	p.until("checked", func() bool { return strings.Contains(p.names(), "ann@example.com") })

	other := backedUp(t, "bob")
	other.stage(file)
	if code := other.api("POST", "/api/restore", phrase(sesame), nil); code != http.StatusNoContent {
		t.Fatalf("restore: %d", code)
	}
	if got := other.Key(); got == key || got == "" {
		t.Errorf("a backup without secrets brought the key %q of elsewhere", got)
	}
	text, _ := os.ReadFile(other.path)
	if bytes.Contains(text, []byte("good:")) {
		t.Errorf("a secret came along: %s", text)
	}
}

// A program that was killed in the middle of a restore finds what was before.
func TestRestore_ThatWasBrokenOffIsTakenBack(t *testing.T) {
	dir := t.TempDir()
	path, data := filepath.Join(dir, "config.json"), filepath.Join(dir, "data")
	before := filepath.Join(data, "restore", "before")
	if err := os.MkdirAll(before, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		path: `{"version":1,"port":1111}`, filepath.Join(before, "config.json"): `{"version":1,"port":2222}`,
		filepath.Join(before, "note.json"):        `{"at":"2030-01-31T12:00:00Z","done":false}`,
		filepath.Join(before, "credentials.json"): `{"version":1,"secrets":{"account/1":{"plain":"before"}}}`,
		filepath.Join(data, "credentials.json"):   `{"version":1,"secrets":{"account/1":{"plain":"half"}}}`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := daemon.Open(daemon.Options{ConfigPath: path, DataDir: data, Providers: []provider.Provider{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, stop := context.WithCancel(context.Background())
		stop()
		_ = d.Run(ctx)
	})
	if got := d.Config().Snapshot().Port; got != 2222 {
		t.Errorf("the port is %d, want that of before", got)
	}
	if text, _ := os.ReadFile(filepath.Join(data, "credentials.json")); !bytes.Contains(text, []byte("before")) {
		t.Errorf("the secrets are not those of before: %s", text)
	}
}

func TestBackup_ARunningProgramTakesOverALogThatACommandRestored(t *testing.T) {
	ann, bob := backedUp(t, "ann"), backedUp(t, "bob")
	if code, _ := ann.chat(ann.Key(), "demo/fast"); code != http.StatusOK {
		t.Fatal(code)
	}
	ann.until("in the log", func() bool { return ann.logged() == 2 })
	ann.api("POST", "/api/listener", `{"running":false}`, nil)
	file, pass := filepath.Join(t.TempDir(), "all.backup"), filepath.Join(t.TempDir(), "pass")
	if err := os.WriteFile(pass, []byte(sesame+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(p *program) []string {
		return []string{"--config", p.path, "--data", p.DataDir(), "--passphrase-file", pass}
	}
	var out bytes.Buffer
	if code := command(append([]string{"backup", file, "--log"}, at(ann)...), strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("backup: %s", &out)
	}
	if code := command(append([]string{"restore", file, "--yes"}, at(bob)...), strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("restore: %s", &out)
	}
	bob.until("with ann's account, key and log", func() bool {
		return bob.names() == "ann=ann@example.com" && bob.Key() == ann.Key() && bob.logged() == 2
	})
	bob.until("listening", func() bool { return bob.Control().Listener().State == "running" })
	if code, body := bob.chat(ann.Key(), "demo/fast"); code != http.StatusOK {
		t.Errorf("with the restored key: %d %s", code, body)
	}
	bob.until("with a row more", func() bool { return bob.logged() == 3 })
}
