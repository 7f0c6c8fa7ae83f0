package commandline_test

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/commandline"
)

type shared struct {
	Config string `help:"The file." placeholder:"FILE" env:"OAC_TEST_CONFIG"`
}

type add struct {
	shared

	Kind   string            `arg:"" help:"Of which kind."`
	Others []string          `arg:"" optional:"" help:"And others."`
	Set    map[string]string `help:"A setting."`
	Models []string          `help:"Its models."`
	ID     int64             `name:"id" help:"A number."`
	NoAsk  bool              `short:"y" help:"Do not ask."`
	Print  bool              `xor:"what"`
	Undo   bool              `xor:"what"`
	Level  string            `enum:"low,high" default:"low" help:"How much."`
	Secret bool              `hidden:""`
}

func (add) Help() string { return "At length, it adds one." }

type line struct {
	Serve    serve `cmd:"" default:"withargs" help:"Serve."`
	Accounts struct {
		Add  add      `cmd:"" help:"Add one."`
		List struct{} `cmd:"" help:"List them."`
	} `cmd:"" help:"Accounts."`
	Tray    struct{} `cmd:"" hidden:""`
	Version bool     `help:"Which one."`
}

type serve struct {
	shared

	Port int `help:"The port."`
}

func TestParse_FillsTheStructs(t *testing.T) {
	with := func(change func(*line)) line {
		var l line
		l.Accounts.Add.Level = "low"
		change(&l)
		return l
	}
	for _, c := range []struct {
		typed, path string
		want        line
	}{
		{"", "serve", with(func(*line) {})},
		{"--port 8081 --config=x.json", "serve", with(func(l *line) { l.Serve.Port, l.Serve.Config = 8081, "x.json" })},
		{"serve --port=8081", "serve", with(func(l *line) { l.Serve.Port = 8081 })},
		{"accounts list --version", "accounts list", with(func(l *line) { l.Version = true })},
		{"accounts add -y cloud a,b c --set a=1=2,3 --set b=", "accounts add", with(func(l *line) {
			l.Accounts.Add.NoAsk, l.Accounts.Add.Kind, l.Accounts.Add.Others = true, "cloud", []string{"a,b", "c"}
			l.Accounts.Add.Set = map[string]string{"a": "1=2,3", "b": ""}
		})},
		{"accounts add cloud --models a,b --models c --id -3 --level high --no-ask=false --undo", "accounts add", with(func(l *line) {
			l.Accounts.Add.Kind, l.Accounts.Add.Models, l.Accounts.Add.ID = "cloud", []string{"a", "b", "c"}, -3
			l.Accounts.Add.Level, l.Accounts.Add.Undo = "high", true
		})},
		{"accounts add --yy -- --cloud", "", line{}},
		{"accounts add -- --cloud --help", "accounts add", with(func(l *line) {
			l.Accounts.Add.Kind, l.Accounts.Add.Others = "--cloud", []string{"--help"}
		})},
	} {
		var l line
		chosen, err := commandline.New("oac", "Test.", &l).Parse(strings.Fields(c.typed), nil)
		if c.path == "" {
			if err == nil {
				t.Errorf("%q was taken", c.typed)
			}
			continue
		}
		if err != nil || chosen.Path() != c.path {
			t.Errorf("%q: %v, %v", c.typed, chosen, err)
			continue
		}
		if d := cmp.Diff(c.want, l, cmp.AllowUnexported(serve{}, add{}, shared{})); d != "" {
			t.Errorf("%q (-want +got):\n%s", c.typed, d)
		}
	}
}

func TestParse_TheEnvironmentFillsInWhatIsNotGiven(t *testing.T) {
	t.Setenv("OAC_TEST_CONFIG", "env.json")
	for typed, want := range map[string]string{"": "env.json", "--config=given.json": "given.json", "--config=": ""} {
		var l line
		if _, err := commandline.New("oac", "Test.", &l).Parse(strings.Fields(typed), nil); err != nil || l.Serve.Config != want {
			t.Errorf("%q: %q, %v; want %q", typed, l.Serve.Config, err, want)
		}
	}
}

func TestParse_SaysWhatIsWrong(t *testing.T) {
	for typed, want := range map[string]string{
		"--colour":                      "unknown flag --colour",
		"-q":                            "unknown flag -q",
		"frobnicate":                    `unknown command "frobnicate"; there is serve, accounts`,
		"accounts":                      "one of these must follow oac accounts: add, list",
		"accounts frobnicate":           `unknown command "frobnicate"; there is add, list`,
		"accounts add":                  "<kind> is missing: oac accounts add <kind> [<others> ...]",
		"accounts list more":            `"more" is one too many for oac accounts list`,
		"--port":                        "the value of --port is missing",
		"--port=x":                      `--port: "x" is no whole number`,
		"accounts add k --level=middle": `--level must be one of low, high, not "middle"`,
		"accounts add k --set=x":        `--set: "x" is not KEY=VALUE`,
		"accounts add k --no-ask=x":     `--no-ask: "x" is neither true nor false`,
		"accounts add k --print --undo": "--print and --undo exclude each other",
		"accounts add k --id=9223372036854775808": `--id: "9223372036854775808" is no whole number`,
	} {
		var l line
		_, err := commandline.New("oac", "Test.", &l).Parse(strings.Fields(typed), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", typed, err, want)
		}
	}
}

func TestHelp_SaysWhatCanBeTypedAndNothingHidden(t *testing.T) {
	help := func(typed string) string {
		var l line
		var out bytes.Buffer
		if _, err := commandline.New("oac", "One address for all.", &l).Parse(strings.Fields(typed), &out); !errors.Is(err, commandline.ErrHelp) {
			t.Fatalf("%q: %v", typed, err)
		}
		return out.String()
	}
	want := `Usage: oac accounts add <kind> [<others> ...] [flags]

Add one.

At length, it adds one.

Arguments:
  <kind>            Of which kind.
  [<others> ...]    And others.

Flags:
  -h, --help            Show what can be typed.
      --config=FILE     The file. ($OAC_TEST_CONFIG)
      --set=SET         A setting.
      --models=MODELS   Its models.
      --id=ID           A number.
  -y, --no-ask          Do not ask.
      --print           
      --undo            
      --level=LEVEL     How much.
      --version         Which one.
`
	got := help("accounts add --help")
	if d := cmp.Diff(strings.Fields(want), strings.Fields(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	root := help("-h")
	for _, part := range []string{"Usage: oac [command] [flags]", "One address for all.", "--port=PORT", "serve ", "accounts "} {
		if !strings.Contains(root, part) {
			t.Errorf("the help lacks %q:\n%s", part, root)
		}
	}
	for _, text := range []string{got, root} {
		if strings.Contains(text, "tray") || strings.Contains(text, "secret") {
			t.Errorf("the help shows what is hidden:\n%s", text)
		}
	}
	for line := range strings.Lines(root) {
		if len(line) > 97 {
			t.Errorf("the line %q is too long", line)
		}
	}
}

// What this package is there for: nothing in the headless program calls a method
// by a name that the linker does not know.
func TestHeadlessProgram_KeepsOnlyTheMethodsThatAreUsed(t *testing.T) {
	c := exec.Command("go", "build", "-o", t.TempDir(), "-ldflags=-dumpdep", "../cmd/server")
	c.Env = append(c.Environ(), "CGO_ENABLED=0")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "<ReflectMethod>") {
			t.Fatalf("this keeps every method of every type: %s", line)
		}
	}
}
