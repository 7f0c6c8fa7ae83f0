package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// TestB17_WritesMerge changes one thing in files of every style and compares
// the whole text.
func TestB17_WritesMerge(t *testing.T) {
	t.Parallel()
	setPort := func(c *config.Config) { c.Port = 9000 }
	for _, test := range []struct {
		name, before, after string
		change              func(*config.Config)
	}{{
		"a value in place, with everything round it",
		"// mine\n{\n  // the port\n  \"port\" : 8081, // not 8080\n\t\"x-unknown\": [1,2 , {\"a\":  null}],\n  \"version\":1,\n}\n// end",
		"// mine\n{\n  // the port\n  \"port\" : 9000, // not 8080\n\t\"x-unknown\": [1,2 , {\"a\":  null}],\n  \"version\":1,\n}\n// end",
		setPort,
	}, {
		"a key in another case",
		"{\n  \"PORT\": 8081,\n  \"version\": 1\n}\n",
		"{\n  \"PORT\": 9000,\n  \"version\": 1\n}\n",
		setPort,
	}, {
		"a new key, strict JSON stays strict",
		"{\n    \"version\": 1\n}\n",
		"{\n    \"version\": 1,\n    \"port\": 9000\n}\n",
		setPort,
	}, {
		"a new key after a comment on the last line",
		"{\n  \"version\": 1 // first\n}",
		"{\n  \"version\": 1, // first\n  \"port\": 9000\n}",
		setPort,
	}, {
		"a new key where there is a trailing comma",
		"{\n  \"version\": 1, // first\n  // last words\n}",
		"{\n  \"version\": 1, // first\n  // last words\n  \"port\": 9000,\n}",
		setPort,
	}, {
		"one line",
		`{"version":1,"x":[]}`,
		`{"version":1,"x":[], "port":9000}`,
		setPort,
	}, {
		"Windows",
		"\uFEFF{\r\n\t\"version\": 1\r\n}\r\n",
		"\uFEFF{\r\n\t\"version\": 1,\r\n\t\"port\": 9000\r\n}\r\n",
		setPort,
	}, {
		"an empty object",
		"{}",
		"{\n  \"version\": 1,\n  \"port\": 9000\n}",
		setPort,
	}, {
		"a section that is not there gets what differs alone",
		"{\n  \"version\": 1\n}\n",
		"{\n  \"version\": 1,\n  \"server\": {\n    \"allowedHosts\": [\"box.lan\", \"nas\"],\n    \"maxBodyMB\": 5\n  }\n}\n",
		func(c *config.Config) {
			c.Server.MaxBodyMB = 5
			c.Server.AllowedHosts = []string{"box.lan", "nas"}
		},
	}, {
		"a value that is no more",
		"{\n  \"version\": 1,\n  \"proxy\": \"http://a:1\", // office\n  // and\n  \"x\": 1\n}\n",
		"{\n  \"version\": 1,\n  // office\n  // and\n  \"x\": 1\n}\n",
		func(c *config.Config) { c.Proxy = "" },
	}, {
		"the last of a list",
		"{\"version\": 1, \"server\": {\"allowedHosts\": [\"a\", \"b\"]}}",
		"{\"version\": 1, \"server\": {\"allowedHosts\": [\"a\"]}}",
		func(c *config.Config) { c.Server.AllowedHosts = []string{"a"} },
	}, {
		"accounts keep comments and unknown keys when they move, go and come",
		`{
  "version": 1,
  "accounts": [
    // first
    {"id": 1, "provider": "p", "name": "one", "x": 1}, // beside one
    // second
    {
      "id": 2,
      "provider": "p",
      "name": "two", // beside two
      "x": 2
    },
    {"id": 3, "provider": "p", "name": "three", "x": 3}
  ]
}
`,
		`{
  "version": 1,
  "accounts": [
    {"id": 3, "provider": "p", "name": "three", "x": 3},
    // first
    // beside one
    // second
    {
      "id": 2,
      "provider": "p",
      "name": "zwei", // beside two
      "x": 2,
      "settings": {
        "baseURL": "http://x"
      }
    },
    {
      "id": 4,
      "provider": "p",
      "name": "four"
    }
  ]
}
`,
		func(c *config.Config) {
			a := c.Accounts
			a[1].Name, a[1].Settings = "zwei", map[string]string{"baseURL": "http://x"}
			c.Accounts = []config.Account{a[2], a[1], {ID: 4, Provider: "p", Name: "four"}}
		},
	}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, test.before)
			s := open(t, path)
			update(t, s, test.change)
			if diff := cmp.Diff(test.after, read(t, path)); diff != "" {
				t.Errorf("the file (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(asJSON(t, s.Snapshot()), asJSON(t, open(t, path).Snapshot())); diff != "" {
				t.Errorf("in force and on disk differ:\n%s", diff)
			}
		})
	}
}
