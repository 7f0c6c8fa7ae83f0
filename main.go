// Command openaicompatible is the desktop program: the proxy, its tray icon and
// its window. With the command serve it is the headless program instead.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/WenChunTech/OpenAICompatible/backend/commandline"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/browser"
	"github.com/WenChunTech/OpenAICompatible/frontend"
)

// version is set by the build.
var version = "dev"

// commands are the command line.
type commands struct {
	Desktop desktopCommand      `cmd:"" default:"withargs" help:"Start the desktop program, or show its window when it runs already (the default)."`
	Serve   daemon.ServeCommand `cmd:"" help:"Serve the API without window and tray."`
	daemon.Commands
	Version struct{} `cmd:"" help:"Print the version."`
	Tray    struct{} `cmd:"" hidden:""`

	PrintVersion bool `name:"version" help:"Print the version."`
}

// The exit codes.
const (
	codeFailed = 1
	codeUsage  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run does what the command line says and gives the exit code.
func run(args []string, in io.Reader, out, logs io.Writer) int {
	if generating {
		return code(openWindow(&App{window: &window{ended: make(chan struct{})}}, nil, ""), logs)
	}
	var c commands
	chosen, err := commandline.New("openaicompatible", "One OpenAI-compatible address for all your model accounts.", &c).Parse(args, out)
	if errors.Is(err, commandline.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(logs, "openaicompatible: %v\nSee openaicompatible --help.\n", err)
		return codeUsage
	}
	switch {
	case c.PrintVersion, chosen.Path() == "version":
		fmt.Fprintln(out, version)
		return 0
	case chosen.Path() == "serve":
		return code(c.Serve.Serve(context.Background(), version, frontend.Pages(), out, logs), logs)
	case chosen.Path() == "tray":
		return code(runTray(), logs)
	}
	done, err := c.Run(context.Background(), chosen.Path(), terminal(in, out, logs))
	if !done {
		err = c.Desktop.run(logs)
	}
	return code(err, logs)
}

// terminal is where a command talks with its user.
func terminal(in io.Reader, out, logs io.Writer) daemon.Terminal {
	t := daemon.Terminal{In: in, Out: out, Logs: logs, Asks: daemon.IsTerminal(in), Version: version}
	if desktop.HasDisplay() {
		t.OpenBrowser = browser.Open
	}
	return t
}

// errSaid is a failure that was explained already.
var errSaid = errors.New("said")

func code(err error, logs io.Writer) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, daemon.ErrUsage):
		fmt.Fprintln(logs, "openaicompatible:", err)
		return codeUsage
	case !errors.Is(err, errSaid):
		fmt.Fprintln(logs, "openaicompatible:", err)
	}
	return codeFailed
}
