package connect_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/connect"
)

// machine is a user's folder of its own, with nothing in it.
type machine struct {
	*connect.Clients

	t    *testing.T
	home string
	data string
	env  map[string]string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, home: t.TempDir(), data: t.TempDir(), env: map[string]string{}}
	m.Clients = connect.New(connect.Options{
		System: connect.System{OS: "linux", Home: m.home, Env: func(name string) string { return m.env[name] }},
		Data:   m.data, Now: func() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) },
	})
	return m
}

func (m *machine) client(id string) *connect.Client {
	m.t.Helper()
	c, ok := connect.Find(id)
	if !ok {
		m.t.Fatalf("there is no client %q", id)
	}
	return &c
}

func (m *machine) write(path, text string) string {
	m.t.Helper()
	path = filepath.Join(m.home, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
	return path
}

func (m *machine) text(path string) string {
	m.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(text)
}

func (m *machine) apply(id string) {
	m.t.Helper()
	c := m.client(id)
	if err := m.Apply(c, target(), 7, digests(m.Preview(c, target(), ""))); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) wants(id string, want connect.State) connect.Status {
	m.t.Helper()
	got := m.Status(m.client(id), target())
	if got.State != want {
		m.t.Errorf("%s is %s (%s), want %s", id, got.State, got.Problem, want)
	}
	return got
}

func digests(changes []connect.Change) []string {
	out := make([]string, 0, len(changes))
	for _, c := range changes {
		out = append(out, c.Digest)
	}
	return out
}

func TestClients_StayWithinTheUsersFolder(t *testing.T) {
	home := t.TempDir()
	for _, system := range []string{"linux", "darwin", "windows"} {
		s := connect.System{OS: system, Home: home, Env: func(string) string { return "" }}
		for _, c := range connect.All() {
			paths := c.Marks(s)
			for _, f := range c.Files {
				paths = append(paths, f.Paths(s)...)
				if f.Shadows != nil {
					paths = append(paths, f.Shadows(s))
				}
			}
			for _, p := range paths {
				if p != home && !strings.HasPrefix(p, home+string(filepath.Separator)) {
					t.Errorf("%s on %s looks at %s, which is outside of the user's folder", c.ID, system, p)
				}
			}
		}
	}
}

func TestClients_SayWhatTheirFactsRestOn(t *testing.T) {
	for _, c := range connect.All() {
		if !strings.HasPrefix(c.Source, "https://") {
			t.Errorf("%s has no source", c.ID)
		}
		if _, err := time.Parse(time.DateOnly, c.Checked); err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
		if len(c.Steps) == 0 || slices.ContainsFunc(c.Steps, func(s connect.Text) bool { return s.EN == "" || s.ZH == "" }) {
			t.Errorf("%s has no steps in both languages", c.ID)
		}
	}
}

func TestApply_AndUndo_RestoreEveryClientByteForByte(t *testing.T) {
	for _, c := range connect.All() {
		if len(c.Files) == 0 {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			m := newMachine(t)
			if got := m.Status(&c, target()).State; got != connect.NotFound {
				t.Errorf("on an empty machine it is %s", got)
			}
			m.apply(c.ID)
			m.wants(c.ID, connect.Configured)
			for i, path := range m.Status(&c, target()).Files {
				private(t, path, c.Files[i].HoldsKey)
			}
			if err := m.Undo(c.ID, nil); err != nil {
				t.Fatal(err)
			}
			for _, path := range m.Status(&c, target()).Files {
				if _, err := os.Stat(path); !os.IsNotExist(err) {
					t.Errorf("%s was not there before, and is after Undo", path)
				}
			}
			left, err := os.ReadDir(m.data)
			if err != nil || len(left) > 0 {
				t.Errorf("the data folder still has %v (%v)", left, err)
			}
		})
	}
}

func private(t *testing.T, path string, key bool) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && key && info.Mode().Perm() != 0o600 {
		t.Errorf("%s holds a key and has mode %v", path, info.Mode())
	}
}

func TestUndo_RestoresOddBytesAndTheMode(t *testing.T) {
	m := newMachine(t)
	const odd = "\uFEFF# mine\r\nmodel = \"x\"  # odd\r\n\r\n\r\n[tools]\r\nweb_search = true"
	path := m.write(".codex/config.toml", odd)
	m.wants("codex", connect.Original)
	m.apply("codex")
	if got := m.text(path); !strings.Contains(got, "http://127.0.0.1:8080/v1") || !strings.HasPrefix(got, "\uFEFF# mine\r\nmodel = \"demo/echo\"  # odd\r\n") {
		t.Errorf("it was written as %q", got)
	}
	m.apply("codex") // a second time keeps the first original
	if err := m.Undo("codex", nil); err != nil {
		t.Fatal(err)
	}
	if got := m.text(path); got != odd {
		t.Errorf("got %q, want %q", got, odd)
	}
	if info, _ := os.Stat(path); runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("the mode is %v, was 0644", info.Mode())
	}
	m.wants("codex", connect.Original)
}

func TestUndo_AsksBeforeItTakesAwayWhatAPersonWrote(t *testing.T) {
	m := newMachine(t)
	path := m.write(".claude/settings.json", "{\n  \"theme\": \"dark\"\n}\n")
	m.apply("claude-code")
	m.write(".claude/settings.json", strings.Replace(m.text(path), "dark", "light", 1))
	m.wants("claude-code", connect.Changed)
	err := m.Undo("claude-code", nil)
	if ce, ok := errors.AsType[*connect.Error](err); !ok || !ce.Changed {
		t.Fatalf("got %v, want a conflict", err)
	}
	changes, err := m.PreviewUndo("claude-code")
	if err != nil || len(changes) != 1 || !slices.Contains(changes[0].Lines, connect.Line{Op: "+", Text: `  "theme": "dark"`}) {
		t.Fatalf("the preview says %+v (%v)", changes, err)
	}
	if err := m.Undo("claude-code", digests(changes)); err != nil {
		t.Fatal(err)
	}
	if got := m.text(path); got != "{\n  \"theme\": \"dark\"\n}\n" {
		t.Errorf("got %q", got)
	}
}

func TestStatus_SaysWhatStandsInTheWay(t *testing.T) {
	m := newMachine(t)
	m.write(".claude/settings.json", "{")
	if got := m.wants("claude-code", connect.Conflict); !strings.Contains(got.Problem, "settings.json line 1 is not valid JSON") {
		t.Errorf("it says %q", got.Problem)
	}
	m.apply("codex")
	m.write(".codex/config.toml", "model = \"gpt\"\n")
	if got := m.wants("codex", connect.Conflict); !strings.Contains(got.Problem, "does not point here any more") {
		t.Errorf("it says %q", got.Problem)
	}
	m.apply("aider")
	if err := os.Remove(filepath.Join(m.home, ".aider.conf.yml")); err != nil {
		t.Fatal(err)
	}
	if got := m.wants("aider", connect.Conflict); !strings.Contains(got.Problem, "was deleted") {
		t.Errorf("it says %q", got.Problem)
	}
	m.write(".gemini/.env", "GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:8080\n")
	m.wants("gemini-cli", connect.Configured) // by the snippet
}

func TestApply_RefusesAFileThatChangedSinceItWasShown(t *testing.T) {
	m := newMachine(t)
	path := m.write(".codex/config.toml", "model = \"a\"\n")
	c := m.client("codex")
	shown := digests(m.Preview(c, target(), ""))
	m.write(".codex/config.toml", "model = \"b\"\n")
	err := m.Apply(c, target(), 0, shown)
	if ce, ok := errors.AsType[*connect.Error](err); !ok || !ce.Changed {
		t.Errorf("got %v, want a conflict", err)
	}
	if got := m.text(path); got != "model = \"b\"\n" {
		t.Errorf("it was written: %q", got)
	}
}

func TestApply_ChangesNoFileWhereOneCannotBeWritten(t *testing.T) {
	m := newMachine(t)
	first := m.write(".gemini/.env", "A=1\n")
	second := m.write(".gemini/settings.json", "{}\n")
	if err := os.Chmod(second, 0o400); err != nil {
		t.Fatal(err)
	}
	c := m.client("gemini-cli")
	err := m.Apply(c, target(), 0, digests(m.Preview(c, target(), "")))
	if err == nil || !strings.Contains(err.Error(), "settings.json cannot be written: permission is denied") {
		t.Errorf("got %v", err)
	}
	if got := m.text(first); got != "A=1\n" {
		t.Errorf("the first file is %q", got)
	}
	m.wants("gemini-cli", connect.Original)
}

func TestApply_FollowsLinksAndMovedFolders(t *testing.T) {
	m := newMachine(t)
	target := m.write("dotfiles/codex.toml", "model = \"a\"\n")
	m.env["CODEX_HOME"] = filepath.Join(m.home, "moved")
	link := filepath.Join(m.home, "moved", "config.toml")
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	m.apply("codex")
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone (%v)", err)
	}
	if !strings.Contains(m.text(target), "demo/echo") {
		t.Errorf("the file it leads to is %q", m.text(target))
	}
}

func TestPreview_ShowsNoSecret(t *testing.T) {
	m := newMachine(t)
	m.write(".claude/settings.json", `{
  "env": {
    "ANTHROPIC_API_KEY": "sk-other-abcdefghijklmnop",
    "MAX_THINKING_TOKENS": "31999"
  }
}
`)
	c := m.client("claude-code")
	changes := m.Preview(c, target(), "sk-l…cdef")
	var all strings.Builder
	all.WriteString(changes[0].Snippet)
	for _, l := range changes[0].Lines {
		all.WriteString(l.Op + l.Text + "\n")
	}
	for _, s := range connect.Snippets(c, target(), "sk-l…cdef") {
		all.WriteString(s.Text)
	}
	text := all.String()
	if strings.Contains(text, target().Key) || strings.Contains(text, "abcdefghijkl") {
		t.Errorf("a key is shown:\n%s", text)
	}
	for _, want := range []string{
		`+    "ANTHROPIC_AUTH_TOKEN": "sk-l…cdef",`, `    "ANTHROPIC_API_KEY": "sk-••••mnop",`, `-    "MAX_THINKING_TOKENS": "31999"`,
		"export ANTHROPIC_BASE_URL=http://127.0.0.1:8080\n", "$env:ANTHROPIC_AUTH_TOKEN = 'sk-l…cdef'\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestPreview_KeepsAnOlderFormFromBeingIgnored(t *testing.T) {
	m := newMachine(t)
	m.write(".continue/config.json", "{}")
	changes := m.Preview(m.client("continue"), target(), "")
	if !strings.Contains(changes[0].Problem, "config.json would be ignored once config.yaml stands beside it") {
		t.Errorf("it says %q", changes[0].Problem)
	}
}

func TestCame_NotesTheFirstRequestOnce(t *testing.T) {
	m := newMachine(t)
	m.apply("codex")
	if w := m.Waiting(); len(w) != 1 || w["codex"].IsZero() {
		t.Fatalf("%v wait", w)
	}
	first := time.Date(2026, 11, 23, 10, 5, 0, 0, time.UTC)
	for _, at := range []time.Time{first, first.Add(time.Hour)} {
		if err := m.Came("codex", at); err != nil {
			t.Fatal(err)
		}
	}
	if got := m.wants("codex", connect.Configured); !got.First.Equal(first) || got.KeyID != 7 || got.Model != "demo/echo" {
		t.Errorf("got %+v", got)
	}
	if w := m.Waiting(); len(w) != 0 {
		t.Errorf("%v still wait", w)
	}
}
