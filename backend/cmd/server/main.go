// Command server is OpenAICompatible without a window: the proxy, and with
// --admin its pages, for servers and containers. It is pure Go.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/frontend"
)

// version is set by the build.
var version = "dev"

type commands struct {
	Serve   daemon.ServeCommand `cmd:"" default:"withargs" help:"Serve the API (the default)."`
	Version struct{}            `cmd:"" help:"Print the version."`
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
	if err := c.Serve.Serve(context.Background(), version, frontend.Pages(), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "openaicompatible-server:", err)
		os.Exit(1)
	}
}

// exit turns kong's code for a wrong command line into 2, as the help says.
func exit(code int) {
	if code != 0 {
		code = 2
	}
	os.Exit(code)
}
