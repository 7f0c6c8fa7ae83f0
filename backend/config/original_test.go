package config_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// TestOriginal_LoadsUnchanged opens files of the original program, the shapes
// it could not load itself among them.
func TestOriginal_LoadsUnchanged(t *testing.T) {
	t.Parallel()
	type sign struct{ Provider, Kind, Prefix, Key string }
	qwenCode := func(extra string) string {
		return `{"access_token":"a",` + extra + `"refresh_token":"r","resource_url":"portal.qwen.ai","token_type":"Bearer"}`
	}
	for _, test := range []struct {
		name, host string
		port       int
		proxy      string
		accounts   []sign
		warnings   int
	}{
		{"stock_shape", "0.0.0.0", 8080, "http://127.0.0.1:7890", nil, 3},
		{"two_accounts_and_qwen_code", "127.0.0.1", 18080, "", []sign{
			{"codegeex", "", "codegeex", "tok-A"},
			{"codegeex", "", "codegeex", "tok-B"},
			{"qwen", "web", "qwen", "jwt-A"},
			{"qwen", "code", "qwen_code", qwenCode(`"expires_in":1,"expiry":"2020-01-01T00:00:00Z",`)},
		}, 0},
		{"object_form_0_3_0", "0.0.0.0", 8080, "", []sign{
			{"codegeex", "", "codegeex", "tok-A"},
			{"qwen", "web", "qwen", "jwt-A"},
		}, 0},
		{"empty_lists", "127.0.0.1", 18080, "", nil, 0},
		{"uneven_qwen_lists", "127.0.0.1", 18080, "", []sign{
			{"qwen", "web", "qwen", "jwt-A"},
			{"qwen", "web", "qwen", "jwt-B"},
			{"qwen", "code", "qwen_code", qwenCode(`"expiry":"2030-01-01T00:00:00Z",`)},
		}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := read(t, filepath.Join("testdata", "original", test.name+".json"))
			path := write(t, text)
			c := open(t, path).Snapshot()
			if c.Version != 0 || c.Host != test.host || c.Port != test.port || c.Proxy != test.proxy {
				t.Errorf("got version %d, %s:%d, proxy %q", c.Version, c.Host, c.Port, c.Proxy)
			}
			var got []sign
			ids := map[int64]bool{}
			for _, a := range c.Imported {
				got = append(got, sign{a.Provider, a.Settings["kind"], a.Prefix, a.Key})
				ids[a.ID] = true
			}
			if diff := cmp.Diff(test.accounts, got); diff != "" || len(ids) != len(got) {
				t.Errorf("sign-ins, %d IDs (-want +got):\n%s", len(ids), diff)
			}
			if len(c.Warnings()) != test.warnings {
				t.Errorf("got warnings %q, want %d", c.Warnings(), test.warnings)
			}
			if read(t, path) != text {
				t.Error("opening rewrote the file")
			}
			if cmp.Diff(c.Server, config.Default().Server) != "" {
				t.Errorf("got %+v, want the defaults", c.Server)
			}
		})
	}
}

// TestOriginal_KeepsEveryField finds the fields of a sign-in among its settings.
func TestOriginal_KeepsEveryField(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join("testdata", "original", "two_accounts_and_qwen_code.json")).Snapshot()
	want := map[string]string{
		"prefix": "cgx", "user_id": "ua", "user_role": "0", "ide": "VSCode", "ide_version": "1.102.0",
		"plugin_version": "2.30.0", "machine_id": "ma", "talk_id": "", "locale": "zh",
	}
	if diff := cmp.Diff(want, c.Imported[0].Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

// TestOriginal_TakesWhatItsUsersWrote is the list of forms that must load.
func TestOriginal_TakesWhatItsUsersWrote(t *testing.T) {
	t.Parallel()
	const gemini = `{"gemini_cli":[{"project_id":"p","token":{"access_token":"a"%s}}]}`
	for name, test := range map[string]struct{ text, key string }{
		"expiry empty":    {strings.Replace(gemini, "%s", `,"expiry":""`, 1), `{"access_token":"a"}`},
		"expiry null":     {strings.Replace(gemini, "%s", `,"expiry":null`, 1), `{"access_token":"a"}`},
		"expiry missing":  {strings.Replace(gemini, "%s", "", 1), `{"access_token":"a"}`},
		"expiry RFC 3339": {strings.Replace(gemini, "%s", `,"expiry":"2030-01-01T08:00:00.5+08:00"`, 1), `{"access_token":"a","expiry":"2030-01-01T08:00:00.5+08:00"}`},
		"keys in any case, comments, commas": {
			"{\n// the README has these\n\"CodeGeeX\": [{\"TOKEN\": \"t\", \"User_ID\": 1,},], /* x */ }", "t",
		},
		"prefix of any kind":  {`{"qwen":[{"prefix":7,"token":"t"}]}`, "t"},
		"sections of null":    {`{"codegeex":null,"gemini_cli":null,"qwen":{"token":"t"}}`, "t"},
		"host and port unset": {`{"host":"","port":0,"qwen":[null,{"token":"t"}]}`, "t"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, write(t, test.text)).Snapshot()
			if len(c.Imported) != 1 || c.Imported[0].Key != test.key {
				t.Errorf("got %+v, want one sign-in with %s", c.Imported, test.key)
			}
			if c.Host != "127.0.0.1" || c.Port != 8080 {
				t.Errorf("got %s:%d, want the default", c.Host, c.Port)
			}
		})
	}
}

// TestOriginal_LocalFileTakesPrecedence has both files; the broken one is an
// error with its name and line, not an empty configuration.
func TestOriginal_LocalFileTakesPrecedence(t *testing.T) {
	t.Parallel()
	path := write(t, `{"port": 1111}`)
	local := filepath.Join(filepath.Dir(path), "config.local.json")
	put(t, local, `{"port": 2222}`)
	s := open(t, path)
	if s.Snapshot().Port != 2222 || s.Path() != local {
		t.Errorf("got port %d from %s", s.Snapshot().Port, s.Path())
	}
	update(t, s, func(c *config.Config) { c.Port = 3333 })
	if open(t, path).Snapshot().Port != 3333 || read(t, path) != `{"port": 1111}` {
		t.Error("the update did not go to the local file alone")
	}
	put(t, local, "{\n  \"port\": 22 22\n}")
	_, err := config.Open(path)
	var e *config.Error
	if !errors.As(err, &e) || e.File != local || e.Line != 2 || !strings.HasPrefix(err.Error(), "config.local.json:2: ") {
		t.Errorf("got %v", err)
	}
}

// TestB55_OriginalIsBackedUpBeforeItsFirstChange merges one setting in.
func TestB55_OriginalIsBackedUpBeforeItsFirstChange(t *testing.T) {
	t.Parallel()
	text := read(t, filepath.Join("testdata", "original", "two_accounts_and_qwen_code.json"))
	path := write(t, text)
	s := open(t, path)
	update(t, s, func(c *config.Config) { c.General.Theme = "dark" })
	update(t, s, func(c *config.Config) { c.General.Theme = "light" })
	if read(t, path+".bak-v0") != text {
		t.Error("the backup is not the file as it was")
	}
	want := strings.Replace(text, "\n}\n", ",\n  \"version\": 1,\n  \"general\": {\n    \"theme\": \"light\"\n  }\n}\n", 1)
	if diff := cmp.Diff(want, read(t, path)); diff != "" {
		t.Errorf("the file (-want +got):\n%s", diff)
	}
	if len(s.Snapshot().Imported) != 4 || s.Snapshot().Version != 1 {
		t.Errorf("got %d sign-ins, version %d", len(s.Snapshot().Imported), s.Snapshot().Version)
	}
}
