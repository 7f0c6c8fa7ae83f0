// Command server is OpenAICompatible without a window: the proxy, and with
// --admin its pages, for servers and containers. It is pure Go.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/WenChunTech/OpenAICompatible/backend/commandline"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/frontend"
)

// version is set by the build.
var version = "dev"

type commands struct {
	Serve daemon.ServeCommand `cmd:"" default:"withargs" help:"Serve the API (the default)."`
	daemon.Commands
	Version struct{} `cmd:"" help:"Print the version."`
}

func main() {
	var c commands
	program := commandline.New("openaicompatible-server", "One OpenAI-compatible address for all your model accounts.", &c)
	chosen, err := program.Parse(os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, commandline.ErrHelp):
		return
	case err != nil:
		fmt.Fprintf(os.Stderr, "openaicompatible-server: %v\nSee openaicompatible-server --help.\n", err)
		os.Exit(codeUsage)
	case chosen.Path() == "version":
		fmt.Println(version)
		return
	}
	done, err := c.Run(context.Background(), chosen.Path(), daemon.Terminal{
		In: os.Stdin, Out: os.Stdout, Logs: os.Stderr, Asks: daemon.IsTerminal(os.Stdin), Headless: true, Version: version,
	})
	if !done {
		err = c.Serve.Serve(context.Background(), version, frontend.Pages(), os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "openaicompatible-server:", err)
		os.Exit(code(err))
	}
}

// codeUsage is for a wrong command line.
const codeUsage = 2

// code is that of a failure.
func code(err error) int {
	if errors.Is(err, daemon.ErrUsage) {
		return codeUsage
	}
	return 1
}
