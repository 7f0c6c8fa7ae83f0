package daemon

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// ServeCommand is the headless program, as the command line describes it; both
// mains have it.
type ServeCommand struct {
	Config   string `help:"Configuration file; ./config.json if it exists, else the one in your configuration folder." placeholder:"FILE" env:"OPENAICOMPATIBLE_CONFIG"`
	Data     string `help:"Folder of the request log and the credentials." placeholder:"DIR" env:"OPENAICOMPATIBLE_DATA"`
	Host     string `help:"Address to listen on, instead of the configured one." placeholder:"H"`
	Port     int    `help:"Port to listen on, instead of the configured one." placeholder:"P"`
	Demo     bool   `help:"Add the built-in demo models (demo/chat and others): no account and no network needed."`
	Admin    bool   `help:"Serve the pages and the admin API on the same port; a link to sign in is printed." env:"OPENAICOMPATIBLE_ADMIN"`
	LogLevel string `help:"What is reported on standard error: debug, info, warn or error. debug has a line for each request." enum:"debug,info,warn,error" default:"info" env:"OPENAICOMPATIBLE_LOG_LEVEL"`
}

// Serve runs until the program is told to stop. What the person needs goes to
// out; reports go to logs as JSON lines.
func (c *ServeCommand) Serve(ctx context.Context, version string, pages fs.FS, out, logs io.Writer) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(c.LogLevel))); err != nil {
		level = slog.LevelInfo
	}
	log := slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: level}))
	for _, name := range config.Unknown(os.Environ(), serveVariables()...) {
		log.Warn("environment variable is not known", slog.String("name", name))
	}
	d, err := Open(Options{ //nolint:contextcheck // Opening files is not cancelled.
		ConfigPath: c.Config, DataDir: c.Data, Environ: os.Environ(), Host: c.Host, Port: c.Port, Demo: c.Demo, Admin: c.Admin, Headless: true,
		Version: version, Edition: "web", Pages: pages,
		Log: log,
	})
	if err != nil {
		return err
	}
	d.started = func() { d.greet(out, c) }
	return d.Run(ctx)
}

// serveVariables are the environment variables that are flags and no settings.
func serveVariables() []string {
	return []string{"OPENAICOMPATIBLE_CONFIG", "OPENAICOMPATIBLE_DATA", "OPENAICOMPATIBLE_ADMIN", "OPENAICOMPATIBLE_LOG_LEVEL"}
}

// greet prints what a person needs to begin.
func (d *Daemon) greet(out io.Writer, c *ServeCommand) {
	base := d.socket.State().BaseURL
	key := d.Key()
	fmt.Fprintf(out, "OpenAICompatible %s\n\n  Base URL  %s\n  API key   %s\n", d.o.Version, base, key)
	if c.Admin {
		fmt.Fprintf(out, "  Pages     %s/?token=%s\n", strings.TrimSuffix(base, "/v1"), d.token)
	}
	fmt.Fprintf(out, "  Settings  %s\n", d.config.Path())
	model := "MODEL"
	if c.Demo || d.config.Snapshot().Demo {
		model = "demo/chat"
	}
	fmt.Fprintf(out, "\nTry it:\n  curl %s/chat/completions -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' \\\n"+
		"    -d '{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'\n\n", base, key, model)
}
