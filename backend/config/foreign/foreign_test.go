package foreign_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/config/foreign"
)

// line is a find in one line; the secret is only looked at for a word.
func line(f foreign.Find, word string) string {
	secret := "-"
	if f.Secret != nil && strings.Contains(f.Secret(), word) {
		secret = word
	}
	return strings.Join([]string{f.Provider, f.Way, f.Identity, f.Settings["projectId"], secret, f.Problem}, "|")
}

func TestRead_WhatEachProgramKeeps(t *testing.T) {
	for _, c := range []struct {
		path, format, word string
		want               []string
	}{
		{"gemini/oauth_creds.json", foreign.GeminiCLI, "fake-refresh-token", []string{"gemini|cli|dev@example.com||fake-refresh-token|"}},
		{"qwen/oauth_creds.json", foreign.QwenCode, "test-refresh-1", []string{"qwen|code|||test-refresh-1|"}},
		{"original/gemini_config.json", foreign.Original, "fake-refresh-token", []string{"gemini|cli||sample-managed-4821|fake-refresh-token|"}},
		{"cliproxyapi/gemini-dev@example.com-sample.json", foreign.CLIProxyAPI, "fake.apps.googleusercontent.com", []string{
			"gemini|cli|dev@example.com|sample-managed-4821|fake.apps.googleusercontent.com|",
		}},
		{"cliproxyapi", foreign.CLIProxyAPI, "refresh", []string{
			"||dev@example.com||refresh|sign-ins of codex are made for its own program and are not used here: add an account with an API key instead",
			"gemini|cli|dev@example.com|sample-managed-4821|refresh|",
			"qwen|code|dev@example.com||refresh|",
		}},
	} {
		s, err := foreign.Read(filepath.Join("testdata", c.path), "")
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		var got []string
		for _, f := range s.Finds {
			got = append(got, line(f, c.word))
		}
		if s.Format != c.format || !cmp.Equal(got, c.want) {
			t.Errorf("%s: %s\n%s", c.path, s.Format, cmp.Diff(c.want, got))
		}
		if again, err := foreign.Read(filepath.Join("testdata", c.path), ""); err != nil || again.Finds[0].Key != s.Finds[0].Key {
			t.Errorf("%s: another key at the second reading: %v", c.path, err)
		}
		for _, f := range s.Finds {
			if text := fmt.Sprintf("%v %+v", f, f); strings.Contains(text, "refresh") && strings.Contains(text, "test-") {
				t.Errorf("printing a find prints its secret: %s", text)
			}
		}
	}
}

func TestRead_EveryFileOfTheOriginal(t *testing.T) {
	text, err := os.ReadFile("testdata/original/seed_compat.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Configs []struct {
			Name   string
			Config json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"stock_shape": "nothing", "empty_lists": "nothing",
		"two_accounts_and_qwen_code": "codegeex 1=tok-A codegeex 2=tok-B qwen 1=jwt-A qwen_code 1={",
		"object_form_0_3_0":          "codegeex 1=tok-A qwen 1=jwt-A",
		"uneven_qwen_lists":          "qwen 1=jwt-A qwen 2=jwt-B qwen_code 1={",
	}
	for _, v := range vectors.Configs {
		s, err := foreign.Parse("config.json", v.Config, "")
		got := "nothing"
		if err == nil {
			var parts []string
			for _, f := range s.Finds {
				secret, _, _ := strings.Cut(f.Secret(), `"`)
				parts = append(parts, f.Name+"="+secret)
				if f.Origin == "" {
					t.Errorf("%s: %s has no origin", v.Name, f.Name)
				}
			}
			got = strings.Join(parts, " ")
		}
		if got != want[v.Name] {
			t.Errorf("%s: got %q (%v), want %q", v.Name, got, err, want[v.Name])
		}
		delete(want, v.Name)
	}
	if len(want) > 0 {
		t.Errorf("not tried: %v", want)
	}
}

func TestParse_WhatIsInAFileDecides(t *testing.T) {
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"email":"id@example.com"}`))
	for text, want := range map[string]string{
		`{"access_token":"a","refresh_token":"r","resource_url":"portal.qwen.ai"}`: "qwen|code|||a|",
		`{"access_token":"ya29.a"}`: "gemini|cli|||a|",
		`{"refresh_token":"1//r","access_token":"a","id_token":"x.` + claims + `.y"}`: "gemini|cli|id@example.com||a|",
		`{"access_token":"a"}`: "||||a|it does not say whether it is Google's or Qwen's: use the file where its program keeps it",
		`{"type":"gemini","project_id":"p1","token":{"access_token":"a"}}`: "gemini|cli||p1|a|",
		`{"type":"gemini","project_id":"p1"}`:                              "||||-|the file has no token: sign in again instead",
		`{"type":"service_account","private_key":"a"}`:                     "||||a|a service account is not imported: add an account at Gemini by the way Vertex AI and give it the file",
		`{"accounts":[{"id":1,"provider":"openaicompat","name":"A"}]}`:     "openaicompat||||-|its secret is not in the file: sign in, or enter the key again",
		"// a comment\n{\"qwen\":[{\"token\":\"a\",},],}":                  "qwen|web|||a|",
		"\ufeff{\"qwen\":[{\"token\":\"a\"}]}":                             "qwen|web|||a|",
	} {
		s, err := foreign.Parse("", []byte(text), "")
		if err != nil || len(s.Finds) != 1 {
			t.Errorf("%s: %v, %d finds", text, err, len(s.Finds))
			continue
		}
		if got := line(s.Finds[0], "a"); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
	s, err := foreign.Parse("gemini-a-all.json", []byte(`{"type":"gemini","project_id":"p1,p2","token":{"access_token":"a"}}`), "")
	if err != nil || len(s.Finds) != 2 || s.Finds[0].Key == s.Finds[1].Key || s.Finds[1].Settings["projectId"] != "p2" {
		t.Errorf("several projects: %v %v", s.Finds, err)
	}
}

func TestParse_WhatIsOfNoUseIsSaidWithoutQuotingIt(t *testing.T) {
	for _, text := range []string{
		"", "   ", "canary-secret", `["canary-secret"]`, `{"canary-secret":1}`, `{"qwen":"canary-secret"}`, `{"gemini_cli":[{"token":"canary-secret"}]}`,
		`{"qwen":[{"token":"canary-secret"`, strings.Repeat(`{"a":`, 100000), "null", `{"qwen":[]}`, "\x00\xff",
	} {
		_, err := foreign.Parse("pasted.json", []byte(text), "")
		if err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "pasted.json") {
			t.Errorf("%.40q: got %v", text, err)
		}
	}
	for _, path := range []string{"", "testdata/nowhere", "testdata/original/../gemini/google_accounts.json", "testdata"} {
		if s, err := foreign.Read(path, ""); err == nil {
			t.Errorf("%q: %v", path, s)
		}
	}
}

func TestKnown_LooksAtThePlacesInTheHomeFolderAlone(t *testing.T) {
	home := t.TempDir()
	if found := foreign.Known(home); len(found) != 0 {
		t.Errorf("an empty home has %v", found)
	}
	for _, path := range []string{".gemini/oauth_creds.json", ".qwen/oauth_creds.json", ".cli-proxy-api/gemini-a.json", "secret/oauth_creds.json"} {
		path = filepath.Join(home, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(`{"access_token":"ya29.a"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if found := foreign.Known(home); len(found) != 3 {
		t.Errorf("got %v", found)
	}
	if s, err := foreign.Read("~/.qwen/oauth_creds.json", home); err != nil || len(s.Finds) != 1 {
		t.Errorf("got %v %v", s, err)
	}
}

func TestRead_AFolderWithTheOriginalsTwoFilesReadsTheOneInForce(t *testing.T) {
	dir := t.TempDir()
	for name, token := range map[string]string{"config.json": "old", "config.local.json": "new"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`{"qwen":[{"token":"`+token+`"}]}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := foreign.Read(dir, "")
	if err != nil || len(s.Finds) != 1 || s.Finds[0].Secret() != "new" || len(s.Notes) != 1 {
		t.Errorf("got %+v %v", s, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`{"qwen":[{"token":"a"}]}`, `{"access_token":"a"}`, `{"type":"gemini","token":{}}`, `{"token":{"token":{}}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := foreign.Parse("x.json", text, "")
		if err == nil && len(s.Finds) == 0 {
			t.Error("neither a find nor an error")
		}
		for _, f := range s.Finds {
			if f.Problem == "" && (f.Provider == "" || f.Secret() == "") {
				t.Errorf("a find without a provider or a secret: %q", text)
			}
		}
	})
}
