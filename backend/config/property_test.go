package config_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tailscale/hujson"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// TestB17_RandomUpdatesAndEditsLoseNothing changes settings through the store
// and the text by hand, in random order and styles: every unknown key and every
// comment outside of what was deleted stays, and what is read is what was set.
func TestB17_RandomUpdatesAndEditsLoseNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		u := &user{rand: rand.New(rand.NewPCG(seed, 17))}
		path := write(t, u.start())
		s := open(t, path)
		for step := range 12 {
			if u.rand.IntN(3) == 0 {
				put(t, path, u.edit(t, read(t, path)))
			}
			before := read(t, path)
			var want config.Config
			update(t, s, func(c *config.Config) { u.change(c); want = *c })
			got, text := open(t, path).Snapshot(), read(t, path)
			want.Version = got.Version // 0 until something is written
			for _, mark := range u.marks {
				if strings.Count(text, mark) != 1 {
					t.Fatalf("seed %d, step %d: %s is there %d times:\n%s\nbefore:\n%s", seed, step, mark, strings.Count(text, mark), text, before)
				}
			}
			if diff := cmp.Diff(asJSON(t, &want), asJSON(t, got)); diff != "" {
				t.Fatalf("seed %d, step %d: (-set +read):\n%s\n%s", seed, step, diff, text)
			}
			if u.strict && !json.Valid([]byte(text)) {
				t.Fatalf("seed %d, step %d: plain JSON is no more:\n%s", seed, step, text)
			}
		}
	}
}

// user changes the file and remembers what must not be lost.
type user struct {
	rand  *rand.Rand
	marks []string
	// strict users write neither comments nor trailing commas.
	strict bool
}

// mark is a text that is nowhere else.
func (u *user) mark(kind string) string {
	mark := fmt.Sprintf("%s-%d-", kind, len(u.marks))
	u.marks = append(u.marks, mark)
	return mark
}

func (u *user) start() string {
	u.strict = u.rand.IntN(3) == 0
	return []string{
		"{}", "{\n}\n", `{"version":1}`, "{\r\n\t\"version\": 1\r\n}\r\n",
		"{\n    \"port\": 1,\n    \"server\": {},\n    \"accounts\": [],\n    \"keys\": [\n    ]\n}",
		`{"codegeex":[{"token":"a"}],"host":"", "PROXY": "", "Server":{"AllowedHosts":["a" , "b"]},"general":null}`,
	}[u.rand.IntN(6)]
}

// edit puts unknown keys and comments at random places of the text, but not
// into entries that a change may delete with all that is in them.
func (u *user) edit(t *testing.T, text string) string {
	t.Helper()
	v, err := hujson.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	u.scatter(&v)
	return v.String()
}

func (u *user) scatter(v *hujson.Value) {
	u.maybeComment(&v.BeforeExtra)
	switch node := v.Value.(type) {
	case *hujson.Array:
		for i := range node.Elements {
			u.maybeComment(&node.Elements[i].BeforeExtra)
		}
		u.maybeComment(&node.AfterExtra)
	case *hujson.Object:
		for i := range node.Members {
			m := &node.Members[i]
			u.maybeComment(&m.Name.BeforeExtra)
			u.maybeComment(&m.Name.AfterExtra)
			if name := m.Name.Value.(hujson.Literal).String(); name != "aliases" {
				u.scatter(&m.Value)
			}
		}
		u.maybeComment(&node.AfterExtra)
		if u.rand.IntN(5) == 0 {
			u.addUnknown(node)
		}
	}
}

func (u *user) maybeComment(x *hujson.Extra) {
	if !u.strict && u.rand.IntN(12) == 0 {
		*x = append(slices.Clone(*x), u.comment()...)
	}
}

func (u *user) comment() string {
	mark := u.mark("c")
	return []string{"// " + mark + "\n", "/* " + mark + " */", "\n  // " + mark + "\n  ", " /*" + mark + "\n*/ "}[u.rand.IntN(4)]
}

func (u *user) addUnknown(o *hujson.Object) {
	value, _ := hujson.Parse([]byte(`[1 , {"x":  "` + u.mark("v") + `"}]`))
	m := hujson.ObjectMember{Name: hujson.Value{Value: hujson.String(u.mark("k"))}, Value: value}
	o.Members = slices.Insert(o.Members, 0, m)
	if len(o.Members) > 1 {
		o.Members[0].Value.AfterExtra = nil
	}
}

// change changes one to three settings.
func (u *user) change(c *config.Config) {
	for range 1 + u.rand.IntN(3) {
		switch u.rand.IntN(9) {
		case 0:
			c.Port = 1 + u.rand.IntN(65535)
		case 1:
			c.Server.RequireKey = !c.Server.RequireKey
		case 2:
			c.Proxy = []string{"", "http://a:1", "socks5://b:2"}[u.rand.IntN(3)]
		case 3:
			c.Server.AllowedHosts = u.shuffled([]string{"a", "b", "c", "d"})
		case 4:
			c.General.Language = []string{"en", "zh-CN", "system"}[u.rand.IntN(3)]
		case 5:
			c.Accounts = append(c.Accounts, config.Account{ID: u.rand.Int64N(1<<39) + 1, Provider: "p", Name: "n"})
		case 6:
			u.changeAccounts(c)
		case 7:
			c.Routing.Aliases = nil
			for _, name := range u.shuffled([]string{"x", "y", "z"}) {
				c.Routing.Aliases = append(c.Routing.Aliases, config.Alias{Name: name, Models: []string{"m" + name, "n"}})
			}
		case 8:
			c.Demo = !c.Demo
		}
	}
}

func (u *user) changeAccounts(c *config.Config) {
	u.rand.Shuffle(len(c.Accounts), func(i, j int) { c.Accounts[i], c.Accounts[j] = c.Accounts[j], c.Accounts[i] })
	for i := range c.Accounts {
		c.Accounts[i].Settings = map[string]string{fmt.Sprint("setting", u.rand.IntN(3)): strconv.Itoa(u.rand.IntN(3))}
		c.Accounts[i].Disabled = u.rand.IntN(2) == 0
	}
}

func (u *user) shuffled(words []string) []string {
	u.rand.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return words[:u.rand.IntN(len(words)+1)]
}
