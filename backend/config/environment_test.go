package config_test

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// leaf is a setting's value by its path in the file.
func leaf(t *testing.T, c *config.Config, field string) string {
	t.Helper()
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(field, ".") {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(b, &members); err != nil {
			t.Fatal(err)
		}
		b = members[name]
	}
	return string(b)
}

// schemaAt is the schema of a setting.
func schemaAt(t *testing.T, field string) *schema {
	t.Helper()
	s := readSchema(t)
	for name := range strings.SplitSeq(field, ".") {
		if s = s.Properties[name]; s == nil {
			t.Fatalf("%s is not in the schema", field)
		}
	}
	return s
}

// others are texts that a setting of this kind may take.
func others(s *schema) []string {
	if s.Enum != nil {
		return slices.DeleteFunc(slices.Clone(s.Enum), func(e string) bool { return e == s.Default })
	}
	switch s.Type {
	case "boolean":
		return []string{"true", "false"}
	case "integer":
		return []string{"1234", "4"}
	case "string":
		return []string{"demo", "socks5://127.0.0.1:7890", "http://127.0.0.1:4318", "x-tenant=a"}
	}
	return []string{
		"one.example.com, two.example.com", "https://one.example.com,https://two.example.com",
		`[{"name": "a", "models": ["demo/chat"]}]`, `[{"name": "a", "key": "sk-oac-of-my-own"}]`, `[{"provider": "demo", "name": "a"}]`,
		`[{"model": "a"}]`, "ollama, gemini",
		`[{"model": "a", "input": 1, "output": 2}]`,
	}
}

func TestEnvironment_DecidesEverySettingOverTheFile(t *testing.T) {
	t.Parallel()
	file := write(t, `{"version": 1, "port": 9000}`)
	tried := 0
	for _, v := range config.Variables() {
		before := leaf(t, open(t, file).Snapshot(), v.Field)
		took := false
		for _, text := range others(schemaAt(t, v.Field)) {
			s, err := config.OpenIn(file, []string{"PATH=/bin", v.Name + "=" + text})
			if err != nil {
				if !strings.HasPrefix(err.Error(), v.Name) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s=%s: got %q, want one line that begins with the variable", v.Name, text, err)
				}
				continue
			}
			took = took || leaf(t, s.Snapshot(), v.Field) != before
		}
		if !took {
			t.Errorf("%s changes nothing of %s", v.Name, v.Field)
		}
		if s, err := config.OpenIn(file, []string{v.Name + "="}); err != nil || leaf(t, s.Snapshot(), v.Field) != before {
			t.Errorf("an empty %s is not one that is not set: %v", v.Name, err)
		}
		tried++
	}
	if tried < 35 {
		t.Errorf("only %d settings have a variable", tried)
	}
	if got := read(t, file); got != `{"version": 1, "port": 9000}` {
		t.Errorf("the environment went into the file: %s", got)
	}
}

func TestEnvironment_SaysWhatIsWrongInOneLine(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"OPENAICOMPATIBLE_PORT=many":                   "OPENAICOMPATIBLE_PORT: must be a whole number, got a string",
		"OPENAICOMPATIBLE_PORT=70000":                  "OPENAICOMPATIBLE_PORT: must be between 1 and 65535, got 70000",
		"OPENAICOMPATIBLE_DEMO=maybe":                  "OPENAICOMPATIBLE_DEMO: must be true or false, got a string",
		"OPENAICOMPATIBLE_REQUESTS_KEEP_BODIES=some":   "OPENAICOMPATIBLE_REQUESTS_KEEP_BODIES: must be one of off, errors, all",
		"OPENAICOMPATIBLE_SERVER_ALLOWED_ORIGINS=a, b": "OPENAICOMPATIBLE_SERVER_ALLOWED_ORIGINS[0]: must be an origin as https://example.com, with no path",
		"OPENAICOMPATIBLE_KEYS=sk-of-mine":             "OPENAICOMPATIBLE_KEYS: must be written as in the file, as JSON",
		"OPENAICOMPATIBLE_SERVER_OLLAMA_PORT=9000":     "the environment and the file do not fit together: server.ollamaPort: must be another port than the proxy's own, which serves Ollama's paths too",
	} {
		_, err := config.OpenIn(write(t, `{"version": 1, "port": 9000}`), []string{entry})
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", entry, err, want)
		}
	}
}

func TestEnvironment_AChangeOfWhatItDecidesIsRefusedAndOthersAreKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.json")
	s, err := config.OpenIn(file, []string{"OPENAICOMPATIBLE_PORT=9001", "OPENAICOMPATIBLE_SERVER_ALLOWED_HOSTS=a.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(func(c *config.Config) error { c.Port = 9002; return nil })
	if want := "port: is set by the environment variable OPENAICOMPATIBLE_PORT: change it there"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := s.Update(func(c *config.Config) error { c.Routing.Attempts = 7; return nil }); err != nil {
		t.Fatal(err)
	}
	now := s.Snapshot()
	if now.Port != 9001 || now.Routing.Attempts != 7 || !reflect.DeepEqual(now.Server.AllowedHosts, []string{"a.example.com"}) {
		t.Errorf("in force is port %d, %d attempts, hosts %v", now.Port, now.Routing.Attempts, now.Server.AllowedHosts)
	}
	if text := read(t, file); strings.Contains(text, "9001") || strings.Contains(text, "a.example.com") || !strings.Contains(text, "attempts") {
		t.Errorf("the file is %s", text)
	}
}

func TestEnvironment_KnowsStrangersAndLeavesKubernetesAlone(t *testing.T) {
	t.Parallel()
	environ := []string{
		"OPENAICOMPATIBLE_PROT=9001", "OPENAICOMPATIBLE_CONFIG=/app/config.json", "HOME=/", "OPENAICOMPATIBLE_PORT=tcp://10.0.0.7:8080",
		"OPENAICOMPATIBLE_PORT_8080_TCP_ADDR=10.0.0.7", "OPENAICOMPATIBLE_SERVICE_HOST=10.0.0.7",
	}
	if got := config.Unknown(environ, "OPENAICOMPATIBLE_CONFIG"); !slices.Equal(got, []string{"OPENAICOMPATIBLE_PROT"}) {
		t.Errorf("unknown are %v", got)
	}
	s, err := config.OpenIn(filepath.Join(t.TempDir(), "config.json"), environ)
	if err != nil || s.Snapshot().Port != 8080 {
		t.Errorf("got %v, %v", s, err)
	}
}
