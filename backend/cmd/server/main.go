// Command server is OpenAICompatible without a window: the proxy, and with
// --admin its pages, for servers and containers. It is pure Go.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"

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
	k := kong.Parse(&c, kong.Name("openaicompatible-server"),
		kong.Description("One OpenAI-compatible address for all your model accounts."), kong.UsageOnError(),
		kong.Exit(exit))
	if k.Command() == "version" {
		fmt.Println(version)
		return
	}
	done, err := c.Run(context.Background(), k.Command(), daemon.Terminal{
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

// code is 2 for a wrong command line, as the help says.
func code(err error) int {
	if errors.Is(err, daemon.ErrUsage) {
		return 2
	}
	return 1
}

// exit turns kong's code for a wrong command line into 2, as the help says.
func exit(code int) {
	if code != 0 {
		code = 2
	}
	os.Exit(code)
}
