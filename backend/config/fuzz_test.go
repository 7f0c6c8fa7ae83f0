package config_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// FuzzLoad reads any bytes as a file. What is refused is refused with a place;
// what is read is good, saves without a change as it is, and with a change
// reads as that change.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/original/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{
		typical, "{}", "", "// c", "{/**/}//", "\uFEFF{\r\n}", `{"version":1,"PORT":1,"port":2,}`, `{"server":{"maxBodyMB":null}}`,
		`{"accounts":[{"provider":"p","name":"n",},/*x*/]}`, `{"keys":[null]}`, `{"server":7,"Server":{}}`, `{"general":{"theme":"dark"},"GENERAL":{"theme":"light"}}`,
		`{"qwen_code":[{"token":{"EXPIRY":"","access_token":"a"}}]}`, "{\"\xff\":1}", `{"port":1}{`, `{"\u0070ort":5}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		original := bytes.Clone(text)
		before, same, err := config.Edit(text, func(*config.Config) {})
		if err != nil {
			e, ok := errors.AsType[*config.Error](err)
			if !ok || e.Message == "" || e.Line < 0 || e.Line > 1+bytes.Count(text, []byte("\n"))+1 {
				t.Fatalf("got %#v", err)
			}
			return
		}
		if same != nil || !bytes.Equal(text, original) {
			t.Fatalf("no change changed the text to %q", same)
		}
		if err := config.Validate(before); err != nil {
			t.Fatal(err)
		}
		var want config.Config
		_, after, err := config.Edit(text, func(c *config.Config) {
			c.Port = c.Port%65535 + 1
			c.Server.AllowedHosts = append(c.Server.AllowedHosts, "new.host")
			c.General.StartHidden = !c.General.StartHidden
			want = *c
		})
		if err != nil {
			t.Fatal(err)
		}
		want.Version = config.Current
		got, _, err := config.Edit(after, func(*config.Config) {})
		if err != nil {
			t.Fatalf("%v:\n%s", err, after)
		}
		if diff := cmp.Diff(asJSON(t, &want), asJSON(t, got)); diff != "" && !twice(text) {
			t.Fatalf("(-set +read):\n%s\n%s", diff, after)
		}
	})
}

// twice says that a section may be there twice, which encoding/json merges and
// an edit cannot: Update refuses it.
func twice(text []byte) bool {
	low := strings.ToLower(string(text))
	return strings.Count(low, `server"`) > 1 || strings.Count(low, `general"`) > 1 || strings.Contains(low, `\u`) || strings.ContainsAny(low, "\u017f\u212a")
}
