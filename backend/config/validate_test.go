package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// TestErrors_NameFileLineFieldAndRemedy is what a user sees who mistyped.
func TestErrors_NameFileLineFieldAndRemedy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"{\n\"server\": {\n\n\"maxBodyMB\": 0}}", "config.json:4: server.maxBodyMB: must be between 1 and 1024, got 0"},
		{"{\n\"Server\": {\"MAXbodyMB\": \"64\"}}", "config.json:2: server.maxBodyMB: must be a whole number, got a string"},
		{"{\"port\": 80.5}", "config.json:1: port: must be a whole number, got another number"},
		{"{\"port\": 1e99}", "config.json:1: port: must be a whole number, got another number"},
		{"{\"port\": 99999999999999999999}", "config.json:1: port: must be a whole number, got another number"},
		{"{\"port\": 70000}", "config.json:1: port: must be between 1 and 65535, got 70000"},
		{"{\"version\": 1, \"port\": 0}", "config.json:1: port: must be between 1 and 65535, got 0"},
		{"{\"host\": \"http://x\"}", "config.json:1: host: must be an IP address or a name, without a scheme and a port"},
		{"{\"version\": 1,\n\"host\": \"\"}", "config.json:2: host: must not be empty: write 127.0.0.1 for this machine alone, or 0.0.0.0 for the network"},
		{"{\"host\": \"[::1]\"}", "config.json:1: host: must be an IP address or a name"},
		{"{\"host\": \"127.0.0.1:80\"}", "config.json:1: host: must be an IP address or a name"},
		{"{\"proxy\": \"localhost:7890\"}", "config.json:1: proxy: must be a URL as http://127.0.0.1:7890"},
		{"{\"general\": {\n\"theme\": \"pink\"}}", "config.json:2: general.theme: must be one of system, light, dark"},
		{"{\"general\": []}", "config.json:1: general: must be an object: { … }, got a list"},
		{"{\"demo\": 1}", "config.json:1: demo: must be true or false, got another number"},
		{"{\"server\": {\"allowedOrigins\": [\n\"https://ok\",\n\"https://a/path\"]}}", "config.json:3: server.allowedOrigins[1]: must be an origin as https://example.com, with no path"},
		{"{\"server\": {\"allowedOrigins\": {}}}", "config.json:1: server.allowedOrigins: must be a list: [ … ], got an object"},
		{"{\"server\": {\"allowedHosts\": [\"a b\"]}}", "config.json:1: server.allowedHosts[0]: must be a name or an IP address"},
		{"{\"routing\": {\"aliases\": [{\"name\": \"a\", \"models\": [\"a\"]}]}}", "config.json:1: routing.aliases[0].models[0]: must be the name of another model"},
		{"{\"routing\": {\"aliases\": [\n{\"name\": \"a\"}]}}", "config.json:2: routing.aliases[0].models: must name at least one model"},
		{"{\"routing\": {\"aliases\": [{\"name\": \"a\",\"models\":[\"b\"]},\n{\"name\": \"a\",\"models\":[\"b\"]}]}}", "config.json:2: routing.aliases[1].name: is there twice"},
		{"{\"routing\": {\"aliases\": [{\"name\": \" a\"}]}}", "config.json:1: routing.aliases[0].name: must be a name that clients can ask for"},
		{"{\"keys\": [{\"id\": 1, \"name\": \"a\"},\n{\"id\": 1, \"name\": \"b\"}]}", "config.json:2: keys[1].id: is that of another key"},
		{"{\"keys\": [{\"name\": \"a\", \"key\": \"canary blank\"}]}", "config.json:1: keys[0].key: must be printable ASCII without blanks"},
		{"{\"keys\": [{\"id\": -1, \"name\": \"a\"}]}", "config.json:1: keys[0].id: must be between 1 and"},
		{"{\"keys\": [{}]}", "config.json:1: keys[0].name: must not be empty"},
		{"{\"accounts\": [{\"name\": \"a\"}]}", "config.json:1: accounts[0].provider: must be a provider's name, as openaicompat"},
		{"{\"accounts\": [{\"provider\": \"p\"}]}", "config.json:1: accounts[0].name: must not be empty"},
		{"{\"accounts\": [{\"provider\": \"p\", \"name\": \"a\"}, {\"provider\": \"p\", \"name\": \"a\"}]}", "config.json:1: accounts[1].id: is that of another account"},
		{"{\"accounts\": [{\"provider\": \"p\", \"name\": \"a\", \"prefix\": \"a/b\"}]}", "config.json:1: accounts[0].prefix: must have no slash and no blank"},
		{"{\"accounts\": [{\"provider\": \"p\", \"name\": \"a\", \"models\": [\"\"]}]}", "config.json:1: accounts[0].models[0]: must be the name of a model"},
		{"{\"accounts\": [{\"provider\": \"p\", \"name\": \"a\", \"settings\": {\n\"baseURL\": 1}}]}", "config.json:2: accounts[0].settings.baseURL: must be a string, got another number"},
		{"{\"accounts\": [{\"provider\": \"p\", \"name\": \"a\", \"key\": \"canary\\ncanary\"}]}", "config.json:1: accounts[0].key: must be one line"},
		{"{\"version\": 2}", "config.json:1: version: is 2, and this program knows up to 1: use a newer program"},
		{"{\"version\": \"1\"}", "config.json:1: version: must be a whole number, got a string"},
		{"{\"codegeex\": 7}", "config.json:1: codegeex: must be a list of objects"},
		{"{\"codegeex\": [\n7]}", "config.json:2: codegeex[0]: must be an object"},
		{"{\"codegeex\": [{\n\"token\": {}}]}", "config.json:2: codegeex[0].token: must be a string, got an object"},
		{"{\"gemini_cli\": [{\"token\": \"canary\"}]}", "config.json:1: gemini_cli[0].token: must be an object with access_token and refresh_token, got a string"},
		{"{\"qwen_code\": [{\"token\": {\"access_token\": \"canary\",\n\"expiry\": \"soon\"}}]}", "config.json:2: qwen_code[0].token.expiry: must be a time as 2030-01-01T00:00:00Z, or \"\""},
		{"{\n\"port\": 80\n\"host\": \"x\"}", "config.json:3: is not valid JSON at column 1: invalid character '\"' after object value"},
		{"{\"key\": \"canary\\q\"}", "config.json:1: is not valid JSON at column 9: a string with a bad escape or a line end in it"},
		{"{\"key\": canary}", "config.json:1: is not valid JSON at column 9: a word that is none of true, false and null"},
		{"{\n\"port\": 80", "config.json:3: is not valid JSON at column 1: parsing object after value: the file ends too early"},
		{"[]", "config.json:1: must be an object: { … }"},
		{" \n", "config.json:1: is empty: write {} into it, or delete it"},
		{"\xff\xfe{\x00}\x00", "config.json:1: is written in UTF-16: save it as UTF-8"},
		{"{\"x\":\n" + strings.Repeat("[", 1<<20), "config.json:2: is nested more than 200 levels deep"},
	} {
		_, err := config.Open(write(t, test.text))
		if _, ok := errors.AsType[*config.Error](err); !ok {
			t.Errorf("%.80s: got %v, want %s", test.text, err, test.want)
			continue
		}
		if !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%.80s:\n got %s\nwant %s", test.text, err, test.want)
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("a secret in %q", err)
		}
	}
}

func TestOpen_SaysWhatIsThereInsteadOfAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := config.Open(path)
	if err == nil || !strings.HasPrefix(err.Error(), "config.json: is a folder: remove it and put a file there") {
		t.Errorf("got %v", err)
	}
}

func TestOpen_WithoutAFileIsTheDefaultAndWritesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "config.json")
	s := open(t, path)
	want := config.Default()
	if asJSON(t, s.Snapshot()) != asJSON(t, &want) || config.Validate(&want) != nil {
		t.Errorf("got %s", asJSON(t, s.Snapshot()))
	}
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("opening made a folder")
	}
	update(t, s, func(c *config.Config) { c.Demo = true })
	if got := read(t, path); got != "{\n  \"version\": 1,\n  \"demo\": true\n}\n" {
		t.Errorf("got %s", got)
	}
}

func TestAddresses_FollowTheHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		host          string
		loopback, key bool
		url           string
	}{
		{"127.0.0.1", true, false, "http://127.0.0.1:8080/v1"},
		{"127.9.9.9", true, false, "http://127.9.9.9:8080/v1"},
		{"Localhost", true, false, "http://Localhost:8080/v1"},
		{"::1", true, false, "http://[::1]:8080/v1"},
		{"::ffff:127.0.0.1", true, false, "http://[::ffff:127.0.0.1]:8080/v1"},
		{"0.0.0.0", false, true, "http://127.0.0.1:8080/v1"},
		{"::", false, true, "http://127.0.0.1:8080/v1"},
		{"192.168.1.2", false, true, "http://192.168.1.2:8080/v1"},
		{"box.lan", false, true, "http://box.lan:8080/v1"},
		{"localhost.evil.example", false, true, "http://localhost.evil.example:8080/v1"},
	} {
		c := config.Default()
		c.Host, c.Server.RequireKey = test.host, false
		if err := config.Validate(&c); err != nil {
			t.Errorf("%s: %v", test.host, err)
		}
		if c.Loopback() != test.loopback || c.KeyRequired() != test.key || c.BaseURL() != test.url {
			t.Errorf("%s: got loopback %v, key %v, %s", test.host, c.Loopback(), c.KeyRequired(), c.BaseURL())
		}
		c.Server.RequireKey = true
		if !c.KeyRequired() {
			t.Errorf("%s: no key required", test.host)
		}
	}
}
