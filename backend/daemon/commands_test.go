package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/commandline"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// tests are all tests, after which no goroutine may be left.
type tests struct{ *testing.M }

func (m tests) Run() int {
	code := m.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"oac": func() { os.Exit(command(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// command is the command line with the cloud as its only provider.
func command(args []string, in io.Reader, out, logs io.Writer) int {
	cloud := &cloud{refresh: func(string) (string, error) { return "new:a@x " + later(), nil }}
	return commandOf([]provider.Provider{cloud}, args, in, out, logs)
}

// commandOf is the command line with these providers; none is all there are.
func commandOf(providers []provider.Provider, args []string, in io.Reader, out, logs io.Writer) int {
	var c struct{ daemon.Commands }
	chosen, err := commandline.New("oac", "Test.", &c).Parse(args, out)
	if err != nil {
		fmt.Fprintln(logs, err)
		return 2
	}
	_, err = c.Run(context.Background(), chosen.Path(), daemon.Terminal{
		In: in, Out: out, Logs: logs, Version: "test", Providers: providers, Headless: true,
	})
	switch {
	case errors.Is(err, daemon.ErrUsage):
		fmt.Fprintln(logs, err)
		return 2
	case err != nil:
		fmt.Fprintln(logs, err)
		return 1
	}
	return 0
}

func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
	})
}

func TestCommands_ARunningProgramTakesOverWhatTheyChange(t *testing.T) {
	p := withCloud(t, &cloud{}, "")
	run := func(in string, args ...string) {
		t.Helper()
		var out, logs strings.Builder
		args = append(args, "--config="+p.path, "--data="+p.DataDir())
		if code := command(args, strings.NewReader(in), &out, &logs); code != 0 {
			t.Fatalf("%v: exit code %d: %s%s", args, code, out.String(), logs.String())
		}
	}
	run("good:ann@x", "accounts", "add", "cloud-key", "--name=Mine")
	a := p.in(1, control.AccountReady)
	if a.Name != "Mine" || a.Identity != "ann@x" {
		t.Errorf("got %+v", a)
	}
	run("good:bob@x\ny\n", "login", "cloud")
	p.in(2, control.AccountReady)
	// The same person again: the file does not change, the credential does.
	before := must(os.ReadFile(p.path))
	run("good:bob@x again\ny\n", "login", "cloud")
	if n := len(p.cards()); n != 2 || string(before) != string(must(os.ReadFile(p.path))) {
		t.Errorf("%d accounts", n)
	}
	run("", "accounts", "remove", "Mine", "--yes")
	p.until("removed", func() bool { return len(p.cards()) == 1 })
}
