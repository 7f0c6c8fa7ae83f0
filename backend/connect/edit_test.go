package connect_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/tailscale/hujson"

	"github.com/WenChunTech/OpenAICompatible/backend/connect"
)

var update = flag.Bool("update", false, "write what the editors make of the golden files")

func target() connect.Target {
	return connect.Target{BaseURL: "http://127.0.0.1:8080/v1", Key: "sk-local-0123456789abcdef", Model: "demo/echo"}
}

// TestEdit_ChangesTheNamedSettingsAlone runs each file of each client's golden
// archive: NAME.before becomes NAME.after, or is refused with NAME.error. A
// second file of a client has its number before the name: 1/NAME.
func TestEdit_ChangesTheNamedSettingsAlone(t *testing.T) {
	for _, client := range connect.All() {
		for i, file := range client.Files {
			name := client.ID + "." + string(file.Format) + ".txtar"
			t.Run(name, func(t *testing.T) {
				path := filepath.Join("testdata", name)
				archive, err := txtar.ParseFile(path)
				if err != nil {
					t.Fatal(err)
				}
				golden(t, path, archive, client.Files[i])
			})
		}
	}
}

func golden(t *testing.T, path string, archive *txtar.Archive, file connect.File) {
	t.Helper()
	wants := map[string]string{}
	for _, f := range archive.Files {
		wants[f.Name] = string(f.Data)
	}
	out := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		name, ok := strings.CutSuffix(f.Name, ".before")
		if !ok {
			continue
		}
		got, err := connect.Edit(file.Format, f.Data, file.Sets(target()))
		result := txtar.File{Name: name + ".after", Data: got}
		if err != nil {
			result = txtar.File{Name: name + ".error", Data: []byte(err.Error() + "\n")}
		} else {
			asWritten(t, name, file, f.Data, got)
		}
		out.Files = append(out.Files, f, result)
		if diff := cmp.Diff(wants[result.Name], string(result.Data)); diff != "" && !*update {
			t.Errorf("%s: %s differs (-want +got):\n%s", name, result.Name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// asWritten edits the text as other systems write it: with CRLF and a byte
// order mark, without a last line end. The result is the same text, so written.
func asWritten(t *testing.T, name string, file connect.File, before, after []byte) {
	t.Helper()
	for kind, as := range map[string]func([]byte) []byte{
		"CRLF": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) },
		"BOM":  func(b []byte) []byte { return append([]byte("\uFEFF"), b...) },
	} {
		if len(bytes.TrimSpace(before)) == 0 {
			continue // nothing says how it is written
		}
		got, err := connect.Edit(file.Format, as(before), file.Sets(target()))
		if err != nil {
			t.Errorf("%s with %s: %v", name, kind, err)
			continue
		}
		if diff := cmp.Diff(string(as(after)), string(got)); diff != "" {
			t.Errorf("%s with %s (-want +got):\n%s", name, kind, diff)
		}
	}
	cut := bytes.TrimSuffix(before, []byte("\n"))
	got, err := connect.Edit(file.Format, cut, file.Sets(target()))
	if err != nil {
		t.Errorf("%s without a last line end: %v", name, err)
	} else if strings.TrimSpace(string(got)) != strings.TrimSpace(string(after)) {
		t.Errorf("%s without a last line end: got\n%s\nwant\n%s", name, got, after)
	}
}

func TestEdit_RefusesWhatIsNoText(t *testing.T) {
	for name, text := range map[string]string{
		"UTF-16": "\xFF\xFE{\x00}\x00", "binary": "\x00\x01\x02", "Latin-1": "name: caf\xE9\n", "huge": strings.Repeat("# \n", 2<<20),
		"deep": strings.Repeat("[", 100_000),
	} {
		for _, format := range []connect.Format{connect.JSON, connect.YAML, connect.TOML, connect.Env} {
			if name == "deep" && format == connect.Env {
				continue // a line without = is nothing to this format
			}
			if _, err := connect.Edit(format, []byte(text), []connect.Set{{Path: []string{"a"}, Value: "b"}}); err == nil {
				t.Errorf("%s as %s was changed", name, format)
			}
		}
	}
}

// fuzz checks what holds of every editor: it never fails by itself, the same
// edit again changes nothing, and what it did not set is there still.
func fuzz(f *testing.F, format connect.Format, sets func(value string) []connect.Set, kept func(t *testing.T, before, after []byte)) {
	f.Helper()
	archives, err := filepath.Glob("testdata/*." + string(format) + ".txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			f.Add(file.Data, "demo/echo")
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, value string) {
		value = strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f || r == '\uFFFD' {
				return -1
			}
			return r
		}, value)
		out, err := connect.Edit(format, text, sets(value))
		if err != nil {
			return
		}
		again, err := connect.Edit(format, out, sets(value))
		if err != nil || !bytes.Equal(again, out) {
			t.Fatalf("again: %v\n%q\n%q", err, out, again)
		}
		kept(t, text, out)
	})
}

func FuzzJSON(f *testing.F) {
	fuzz(f, connect.JSON, func(v string) []connect.Set {
		return []connect.Set{{Path: []string{"env", "OURS"}, Value: v}}
	}, func(t *testing.T, before, after []byte) {
		got, want := members(t, after), members(t, before)
		env, _ := got["env"].(map[string]any)
		if len(env) == 0 {
			t.Fatalf("%q is not set", after)
		}
		delete(env, "OURS")
		if old, ok := want["env"].(map[string]any); ok {
			delete(old, "OURS")
		} else {
			want["env"] = map[string]any{}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("other members changed: %s\n%q\n%q", diff, before, after)
		}
	})
}

func members(t *testing.T, text []byte) map[string]any {
	t.Helper()
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	out := map[string]any{}
	if len(bytes.TrimSpace(text)) == 0 {
		return out
	}
	plain, err := hujson.Standardize(append(bytes.Clone(text), '\n'))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(plain, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func FuzzYAML(f *testing.F) {
	fuzz(f, connect.YAML, func(v string) []connect.Set {
		return []connect.Set{
			{Path: []string{"model"}, Value: v},
			{Path: []string{"models"}, Item: "name", Value: connect.Fields{{Name: "name", Value: "ours"}, {Name: "model", Value: v}}},
		}
	}, linesKept)
}

func FuzzTOML(f *testing.F) {
	fuzz(f, connect.TOML, func(v string) []connect.Set {
		return []connect.Set{
			{Path: []string{"model"}, Value: v},
			{Path: []string{"a", "b"}, Value: connect.Fields{{Name: "c", Value: v}}},
		}
	}, linesKept)
}

func FuzzEnv(f *testing.F) {
	fuzz(f, connect.Env, func(v string) []connect.Set {
		return []connect.Set{{Path: []string{"OPENAI_API_KEY"}, Value: v}}
	}, linesKept)
}

// linesKept says that at most the lines that were set are other lines now.
func linesKept(t *testing.T, before, after []byte) {
	t.Helper()
	const mostSet = 3
	gone := 0
	left := map[string]int{}
	for l := range bytes.SplitSeq(after, []byte("\n")) {
		left[string(bytes.TrimSuffix(l, []byte("\r")))]++
	}
	for l := range bytes.SplitSeq(before, []byte("\n")) {
		l = bytes.TrimSuffix(l, []byte("\r"))
		if left[string(l)]--; left[string(l)] < 0 {
			gone++
		}
	}
	if gone > mostSet {
		t.Fatalf("%d lines are gone\n%q\n%q", gone, before, after)
	}
}
