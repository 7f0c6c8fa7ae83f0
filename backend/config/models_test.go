package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

func TestUpdate_ARenamedAliasKeepsItsCommentsAndUnknownKeys(t *testing.T) {
	t.Parallel()
	path := write(t, `{
  "version": 1,
  "routing": {
    "aliases": [
      // for the editor
      { "name": "fast", "models": ["a/small", "b/small"], "colour": "red" }, // quick
      { "name": "best", "models": ["a/large"] },
    ],
  },
  "models": {
    // noise
    "hidden": ["a/old"],
  },
}`)
	s := open(t, path)
	update(t, s, func(c *config.Config) {
		c.Routing.Aliases[0].Name = "quick"
		c.Routing.Aliases = append(c.Routing.Aliases, config.Alias{Name: "any", Models: []string{"quick", "best"}})
		c.Models.Hidden = append(c.Models.Hidden, "a/older")
		c.Models.Favourites = []string{"a/large"}
	})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"// for the editor", `{ "name": "quick", "models": ["a/small", "b/small"], "colour": "red" }, // quick`,
		`"any"`, "// noise", `["a/old", "a/older"]`, `"favourites": ["a/large"]`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	// Taken back, the file is as it was but for what it did not have.
	update(t, s, func(c *config.Config) {
		c.Routing.Aliases = c.Routing.Aliases[:2]
		c.Routing.Aliases[0].Name = "fast"
	})
	if text, err = os.ReadFile(path); err != nil || !strings.Contains(string(text), `{ "name": "fast", "models": ["a/small", "b/small"], "colour": "red" }, // quick`) {
		t.Errorf("taken back: %s, %v", text, err)
	}
}

func TestValidate_AliasesDoNotGoRoundInCircles(t *testing.T) {
	t.Parallel()
	alias := func(name string, models ...string) config.Alias { return config.Alias{Name: name, Models: models} }
	for _, c := range []struct {
		aliases []config.Alias
		want    string
	}{
		{[]config.Alias{alias("a", "b"), alias("b", "m", "c"), alias("c", "n")}, ""},
		{[]config.Alias{alias("a", "b", "c"), alias("b", "d"), alias("c", "d"), alias("d", "m")}, ""},
		{[]config.Alias{alias("a", "m", "b"), alias("b", "a")}, "routing.aliases[0].models[1]: leads back to this alias"},
		{[]config.Alias{alias("x", "b"), alias("b", "c"), alias("c", "d"), alias("d", "b")}, "routing.aliases[1].models[0]: leads back"},
	} {
		conf := config.Default()
		conf.Routing.Aliases = c.aliases
		err := config.Validate(&conf)
		if err == nil && c.want != "" || err != nil && (c.want == "" || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("%v: got %v, want %q", c.aliases, err, c.want)
		}
	}
	conf := config.Default()
	conf.Models.Hidden = []string{"x/a", " x/b"}
	if err := config.Validate(&conf); err == nil || !strings.HasPrefix(err.Error(), "models.hidden[1]: ") {
		t.Errorf("got %v", err)
	}
}
