package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/autostart"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/browser"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/instance"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/memory"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/notify"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
	"github.com/WenChunTech/OpenAICompatible/frontend"
)

// desktopCommand starts the desktop program. The hidden flags are for the
// program itself.
type desktopCommand struct {
	Background bool   `help:"Start with the tray icon alone; the window opens when it is asked for."`
	Config     string `help:"Configuration file, instead of the one in your configuration folder." placeholder:"FILE"`
	Data       string `help:"Folder of the request log and the credentials." placeholder:"DIR"`
	Demo       bool   `help:"Add the built-in demo models (demo/chat and others): no account and no network needed."`

	Stopped    bool `hidden:"" help:"Keep the listener closed, as it was before."`
	Relaunched int  `hidden:"" help:"How many times in a row the program was started again after a crash."`
	Successor  bool `hidden:"" help:"Wait for the program before this one to end."`
}

// engine is the proxy as the desktop needs it.
type engine struct {
	*control.Panel

	daemon *daemon.Daemon
	// open says that the listener is to be open from the start.
	open bool
	log  *slog.Logger
}

// Run is the daemon's. The listener is opened as a person opens it, so that the
// tray and the pages are told: they may have looked before.
func (e engine) Run(ctx context.Context) error {
	if e.open {
		if err := e.StartListener(ctx, 0); err != nil {
			e.log.Warn("listener failed", slog.Any("error", err))
		}
	}
	return e.daemon.Run(ctx)
}

func (c *desktopCommand) run(logs io.Writer) error {
	start := memory.AtStart()
	environment := os.Environ() // Before the window's library adds to it.
	if !desktop.HasDisplay() {
		fmt.Fprintln(logs, "openaicompatible: there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set); "+
			"without a window it runs as: openaicompatible serve")
		return errSaid
	}
	path, err := config.Locate(c.Config, false)
	if err != nil {
		return err
	}
	dataDir := c.Data
	if dataDir == "" {
		dataDir = config.DataDir(path)
	}
	left, err := c.claim(dataDir)
	if err != nil || left == nil {
		return err
	}
	d, err := daemon.Open(daemon.Options{
		ConfigPath: path, DataDir: dataDir, Demo: c.Demo, Version: version, Edition: "window", Pages: frontend.Pages(),
		Log: slog.New(slog.NewTextHandler(logs, nil)), Listener: left.Listener, Stopped: true,
		OpenBrowser: browser.Open,
	})
	if err != nil {
		return errors.Join(err, left.Instance.Close())
	}
	return c.live(d, left, environment, start, logs)
}

// claim makes this process the program: by what its earlier form has left, or
// by the lock. It is nil when another start is the program, which then shows
// its window.
func (c *desktopCommand) claim(dataDir string) (*desktop.Inherited, error) {
	left, err := desktop.Inherit(dataDir)
	if err != nil || left != nil {
		return left, err
	}
	ctx := context.Background()
	var wait time.Duration
	if c.Successor || c.Relaunched > 0 {
		wait = instance.SuccessorWait
	}
	i, err := instance.Acquire(ctx, dataDir, wait)
	if !errors.Is(err, instance.ErrTaken) {
		return &desktop.Inherited{Instance: i}, err
	}
	if c.Background {
		return nil, nil // It runs already, as was wanted.
	}
	return nil, instance.Request(ctx, dataDir, instance.Show)
}

// settle is when the start is over for sure.
const settle = 2 * time.Second

// live runs the program to its end. The main thread is the window's.
func (c *desktopCommand) live(d *daemon.Daemon, left *desktop.Inherited, environment []string, start memory.Start, logs io.Writer) error {
	program, view, err := c.build(d, left, environment, logs)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Run(context.Background()) }()
	// Until the window is wanted its libraries only take room.
	settled := time.AfterFunc(settle, start.Release)
	var failed error
	if program.WaitForWindow() {
		settled.Stop()
		failed = openWindow(&App{window: view, program: program, api: d.Admin()}, d.Events(), d.Config().Snapshot().General.Theme)
		program.Quit()
	}
	return errors.Join(failed, <-ended)
}

func (c *desktopCommand) build(d *daemon.Daemon, left *desktop.Inherited, environment []string, logs io.Writer) (*desktop.Program, *window, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, nil, fmt.Errorf("find this program: %w", err)
	}
	log := slog.New(slog.NewTextHandler(logs, nil))
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	// Who read this program's output may have gone: that must not end it.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	settings := func() config.General { return d.Config().Snapshot().General }
	hide := settings().StartHidden && !c.Background
	atLogin, err := autostart.New(c.again(executable, d.Config().Path(), d.DataDir()))
	if err != nil {
		return nil, nil, err
	}
	view := &window{ended: make(chan struct{})}
	program := desktop.New(desktop.Options{
		Engine: engine{Panel: d.Control(), daemon: d, log: log, open: c.opens(left, settings())}, Events: d.Events(), Window: view, Instance: left.Instance,
		Tray:     tray.New(tray.Options{Command: trayCommand(executable), Log: log, Inherited: left.Tray}),
		Login:    atLogin,
		Listener: d.ProxyListener, DataDir: d.DataDir(), Log: log,
		Command: c.again(executable, d.Config().Path(), d.DataDir()), Environment: environment,
		Background: (c.Background || hide) && !left.Show, NeedsTray: hide, Relaunched: c.Relaunched,
		Notify: notify.Send, Signals: signals, Exit: os.Exit,
		Preferences: func() desktop.Preferences {
			g := settings()
			return desktop.Preferences{
				Language: desktop.Language(g.Language), Quit: g.Closing == "quit",
				Release: time.Duration(g.ReleaseSeconds) * time.Second,
			}
		},
	})
	return program, view, nil
}

// opens says whether the listener is open from the start: as it was before, or
// as the person has set it.
func (c *desktopCommand) opens(left *desktop.Inherited, g config.General) bool {
	if c.Stopped || left.Stopped {
		return false
	}
	return g.StartListener || left.Listener != nil || c.Relaunched > 0
}

// again is the command that starts this program in the background.
func (c *desktopCommand) again(executable, configPath, dataDir string) []string {
	command := []string{executable, "--background", "--config=" + configPath, "--data=" + dataDir}
	if c.Demo {
		command = append(command, "--demo")
	}
	return command
}
