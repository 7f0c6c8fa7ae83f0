package manual_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/commandline"
	"github.com/WenChunTech/OpenAICompatible/backend/manual"
)

// line is a command line with one of everything.
type line struct {
	Serve struct {
		Config string `help:"It's the file: .conf or none." placeholder:"FILE"`
		Data   string `help:"A folder." placeholder:"DIR"`
		Level  string `help:"How much." enum:"low,high" default:"low"`
		Loud   bool   `help:"Say more."`
		Secret bool   `hidden:""`
	} `cmd:"" default:"withargs" help:"Serve."`
	Accounts struct {
		Add struct {
			Kind string `arg:"" help:"Of which kind."`
		} `cmd:"" help:"Add one."`
		List struct{} `cmd:"" help:"List them."`
	} `cmd:"" help:"Accounts."`
	Tray       struct{}          `cmd:"" hidden:""`
	Completion manual.Completion `cmd:"" help:"Completions."`
	Manual     manual.Command    `cmd:"" hidden:""`
	Version    bool              `help:"Which one."`
}

// prints runs the command line.
func prints(t *testing.T, args ...string) string {
	t.Helper()
	var l line
	var out bytes.Buffer
	_, err := commandline.New("oac-test", "One address for all.", &l).Parse(args, &out)
	if err != nil {
		t.Fatal(err)
	}
	if args[0] == "manual" {
		err = l.Manual.Print(&out, "v1.2.3")
	} else {
		err = l.Completion.Print(&out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestManPage_SaysAllThatTheHelpSaysAndNothingHidden(t *testing.T) {
	got := prints(t, "manual")
	for _, want := range []string{
		`.TH OAC\-TEST 1 "" "OpenAICompatible v1.2.3"`, `oac\-test \- one address for all`, `.SS "oac\-test serve"`,
		"It's the file: .conf or none.", `\fB\-\-data\fR=\fIDIR\fR`, `.SS "oac\-test accounts add <kind>"`, "Of which kind.", `\fB\-\-version\fR`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the man page lacks %q:\n%s", want, got)
		}
	}
	for _, hidden := range []string{"secret", "tray", "manual"} {
		if strings.Contains(got, hidden) {
			t.Errorf("the man page shows %q", hidden)
		}
	}
}

// ask types a line into a real bash and gives what Tab offers.
func ask(t *testing.T, script string, words ...string) string {
	t.Helper()
	last := len(words) - 1
	c := exec.Command("bash", "--norc", "-c", script+`
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		_oac_test; printf '%s ' "${COMPREPLY[@]}"`, "bash")
	c.Args = append(c.Args, words...)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("bash, asked for what follows %q: %v", words[:last], err)
	}
	return strings.TrimSpace(string(out))
}

func TestBash_OffersWhatFitsThePlace(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Log("there is no bash here: the script is only made")
		prints(t, "completion", "bash")
		return
	}
	script := prints(t, "completion", "bash")
	for _, c := range []struct{ typed, want string }{
		{"oac-test a", "accounts"},
		{"oac-test ", "serve accounts completion"},
		{"oac-test accounts ", "add list"},
		{"oac-test --l", "--level --loud"},
		{"oac-test serve --l", "--level --loud"},
		{"oac-test serve --level ", "low high"},
		{"oac-test accounts list --", "--help --version"},
		{"oac-test --config x accounts l", "list"},
	} {
		words := strings.Split(c.typed, " ")
		if got := ask(t, script, words...); got != c.want {
			t.Errorf("after %q bash offers %q, want %q", c.typed, got, c.want)
		}
	}
}

func TestOtherShells_TakeTheScript(t *testing.T) {
	for _, shell := range []string{"zsh", "fish"} {
		script := prints(t, "completion", shell)
		for _, want := range []string{"accounts", "level", "low", `It'\''s the file`} {
			if !strings.Contains(script, want) {
				t.Errorf("the completions for %s lack %q", shell, want)
			}
		}
		if _, err := exec.LookPath(shell); err != nil {
			t.Logf("there is no %s here to read its script", shell)
			continue
		}
		c := exec.Command(shell, "-n", "/dev/stdin")
		c.Stdin = strings.NewReader(script)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s does not take its script: %v\n%s", shell, err, out)
		}
	}
}
