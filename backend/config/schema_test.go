package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// schema is the part of JSON Schema that the file uses.
type schema struct {
	Description          string
	Type                 any
	Enum                 []string
	Default              any
	Minimum, Maximum     *int64
	Properties           map[string]*schema
	Items                *schema
	AdditionalProperties *schema
	AnyOf                []*schema
	Ref                  string             `json:"$ref"`
	Defs                 map[string]*schema `json:"$defs"`
}

func readSchema(t *testing.T) *schema {
	t.Helper()
	text, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s := new(schema)
	if err := json.Unmarshal(text, s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchema_CoversEveryField compares the schema with the struct: names,
// types and defaults; and no more than that.
func TestSchema_CoversEveryField(t *testing.T) {
	t.Parallel()
	root := readSchema(t)
	c := config.Default()
	c.Version = 0 // of a file that does not say
	original := map[string]bool{"codegeex": true, "qwen": true, "qwen_code": true, "gemini_cli": true}
	compare(t, root, reflect.ValueOf(c), "", original)
	for name := range original {
		if p := root.Properties[name]; p == nil || len(p.AnyOf) != 3 {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}

func compare(t *testing.T, s *schema, v reflect.Value, field string, others map[string]bool) {
	t.Helper()
	if s == nil {
		t.Errorf("%s is not in the schema", field)
		return
	}
	if s.Ref != "" {
		at := s.Description
		s = readSchema(t).Defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
		if s == nil {
			t.Errorf("%s refers to nothing (%s)", field, at)
			return
		}
	}
	if v.Kind() == reflect.Pointer {
		v = reflect.New(v.Type().Elem()).Elem()
	}
	if s.Description == "" && !strings.HasSuffix(field, "[]") && field != "" {
		t.Errorf("%s has no description", field)
	}
	if s.Default != nil && v.IsValid() && field != "" {
		want, _ := json.Marshal(v.Interface())
		got, _ := json.Marshal(s.Default)
		if string(got) != string(want) {
			t.Errorf("%s: the schema's default is %s, the program's %s", field, got, want)
		}
	}
	kind := map[reflect.Kind]string{
		reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "integer", reflect.Float64: "number",
		reflect.Slice: "array", reflect.Map: "object", reflect.Struct: "object",
	}[v.Kind()]
	if s.Type != kind && s.Enum == nil {
		t.Errorf("%s: the schema says %v, the program %s", field, s.Type, kind)
	}
	switch v.Kind() {
	case reflect.Slice:
		compare(t, s.Items, reflect.New(v.Type().Elem()).Elem(), field+"[]", nil)
	case reflect.Map:
		compare(t, s.AdditionalProperties, reflect.New(v.Type().Elem()).Elem(), field+"[]", nil)
	case reflect.Struct:
		names := map[string]bool{}
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if name != "" && name != "-" {
				names[name] = true
				compare(t, s.Properties[name], v.Field(i), strings.TrimPrefix(field+"."+name, "."), nil)
			}
		}
		for name := range s.Properties {
			if !names[name] && !others[name] {
				t.Errorf("%s.%s is in the schema alone", field, name)
			}
		}
	}
}

// TestSchema_BoundsAreTheProgramsBounds tries the ends of every range and
// every choice against the loader.
func TestSchema_BoundsAreTheProgramsBounds(t *testing.T) {
	t.Parallel()
	var try func(s *schema, field string)
	accepts := func(field, value string) bool {
		_, err := config.Open(write(t, nest(strings.Split(field, "."), value)))
		if err != nil && !strings.Contains(err.Error(), field+": ") {
			t.Errorf("%s = %s: got %q, want the field's name", field, value, err)
		}
		return err == nil
	}
	numbers, choices := 0, 0
	try = func(s *schema, field string) {
		for name, p := range s.Properties {
			try(p, strings.TrimPrefix(field+"."+name, "."))
		}
		if s.Minimum != nil && s.Maximum != nil {
			numbers++
			for value, want := range map[int64]bool{*s.Minimum - 1: false, *s.Minimum: true, *s.Maximum: true, *s.Maximum + 1: false} {
				if field == "port" && value == 0 {
					continue // the original's port of the system's choice
				}
				if got := accepts(field, strconv.FormatInt(value, 10)); got != want {
					t.Errorf("%s = %d: accepted is %v, the schema says %v", field, value, got, want)
				}
			}
		}
		for _, value := range s.Enum {
			choices++
			if !accepts(field, `"`+value+`"`) {
				t.Errorf("%s = %q is refused", field, value)
			}
		}
		if s.Enum != nil && accepts(field, `"another"`) {
			t.Errorf("%s takes anything", field)
		}
	}
	try(readSchema(t), "")
	if numbers < 12 || choices < 11 {
		t.Errorf("only %d ranges and %d choices were tried", numbers, choices)
	}
}

func nest(path []string, value string) string {
	text := value
	for _, name := range slices.Backward(path) {
		text = fmt.Sprintf("{%q: %s}", name, text)
	}
	return text
}

// TestSchema_EveryFieldIsWrittenAndRead fills every field with something that
// is not its default, saves it and reads it again.
func TestSchema_EveryFieldIsWrittenAndRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.json")
	cached := 0.125
	want := config.Config{
		Version: 1, Host: "::1", Port: 9, Proxy: "socks5://p:1",
		General: config.General{Language: "en", Theme: "dark", Closing: "quit", StartHidden: true, ReleaseSeconds: 1},
		Server:  config.Server{AllowedOrigins: []string{"https://o"}, AllowedHosts: []string{"h"}, ProtocolsOff: []string{"ollama"}, MaxBodyMB: 2, HeaderTimeoutMs: 300, IdleTimeoutMs: 400},
		Routing: config.Routing{
			DefaultModel: "m", Aliases: []config.Alias{{Name: "a", Models: []string{"b", "c"}}}, Attempts: 5,
			Policy: "weighted", Sticky: true, QueueLength: 15, QueueWaitMs: 16, MaxRestMinutes: 17, Explain: true, MaxRunning: 18, RequestsPerMinute: 19,
		},
		Models:    config.Models{Hidden: []string{"x/h"}, Favourites: []string{"x/f"}},
		Network:   config.Network{Proxy: "direct", NoProxy: []string{"*.example.com:81", "10.0.0.0/8", "::1"}, CAFile: "/ca.pem", ConnectTimeoutMs: 6, FirstByteTimeoutMs: 7, IdleTimeoutMs: 8, KeepAliveMs: 9},
		Requests:  config.Requests{KeepBodies: "all", BodyLimitKB: 10, Days: 11, MaxMB: 12},
		Updates:   config.Updates{Check: "daily", Feed: "https://f/latest"},
		Telemetry: config.Telemetry{OTLPEndpoint: "http://o:4318", OTLPHeaders: "a=b"},
		Demo:      true,
		Keys: []config.Key{{
			ID: 13, Name: "k", Key: "secret", Disabled: true, Expires: "2030-01-31T00:00:00Z", Models: []string{"qwen*"},
			RequestsPerMinute: 20, RequestsPerDay: 21, TokensPerMinute: 22, MaxRunning: 23, Profile: "silent",
		}},
		Prices: []config.Price{{Model: "m*", Input: 1.25, Output: 10, CachedInput: &cached}},
		Accounts: []config.Account{{
			ID: 14, Provider: "p", Name: "n", Prefix: "x", Identity: "i", Origin: "o", Disabled: true, Models: []string{"y"},
			Settings: map[string]string{"z": "1"}, Key: "secret", Weight: 24, Priority: -25,
			Pace:      &config.Pace{RequestsPerMinute: 26, RequestsPerDay: 27, TokensPerMinute: 28, MaxInFlight: 29},
			ModelPace: map[string]config.Pace{"m/1.5": {RequestsPerMinute: 30}},
			Network:   config.AccountNetwork{Proxy: "socks5://p:2", CAFile: "/own.pem"},
		}},
	}
	update(t, open(t, path), func(c *config.Config) { *c = want })
	if diff := cmp.Diff(asJSON(t, &want), asJSON(t, open(t, path).Snapshot())); diff != "" {
		t.Errorf("written and read (-want +got):\n%s\n%s", diff, read(t, path))
	}
}
