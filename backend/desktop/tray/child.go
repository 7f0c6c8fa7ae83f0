package tray

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Options are what a Child is made with.
type Options struct {
	// Command is the child's program and arguments.
	Command []string
	Log     *slog.Logger
	// ReadyWithin bounds the wait for the icon; after it the child is started
	// again, for at login the system's tray may not be up yet. 0 is 10 s.
	ReadyWithin time.Duration
	// Pause is the wait before the first restart, doubled with each; 0 is 1 s.
	Pause time.Duration
	// Inherited is a child that the program's earlier form has started; nil is
	// none.
	Inherited *Process
}

const (
	// restarts bounds the starts in a row that did not last.
	restarts = 6
	// lasting is how long a child lives before its death counts as the first.
	lasting = time.Minute
)

// Child keeps one child process running and talks to it.
type Child struct {
	o       Options
	reports chan Report

	mu      sync.Mutex
	process *Process // nil while none runs
	menu    *Menu    // the last of each, for the next child
	again   []string
	closing bool
}

// New makes a Child; Run starts it.
func New(o Options) *Child {
	if o.ReadyWithin == 0 {
		o.ReadyWithin = 10 * time.Second
	}
	if o.Pause == 0 {
		o.Pause = time.Second
	}
	return &Child{o: o, reports: make(chan Report, 16)}
}

// Reports are the child's lines. They must be received while Run runs.
func (c *Child) Reports() <-chan Report { return c.reports }

// Show sends a menu; a child that starts later gets it too.
func (c *Child) Show(m Menu) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.menu = &m
	c.send(Order{Menu: &m})
}

// Relaunch says what the child starts when this process ends without Goodbye.
func (c *Child) Relaunch(command []string) {
	if command == nil {
		command = []string{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.again = command
	c.send(Order{Relaunch: command})
}

// Copy puts text on the clipboard.
func (c *Child) Copy(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.send(Order{Clipboard: text})
}

// Goodbye ends the child and lets none start again.
func (c *Child) Goodbye() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = true
	c.send(Order{Goodbye: true})
	if c.process != nil {
		c.process.close()
	}
}

// Leave gives the running process to the program's next form: nothing is
// started, sent or received any more. It is nil when none runs.
func (c *Child) Leave() *Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = true
	p := c.process
	if p != nil {
		_ = p.Reports.SetReadDeadline(time.Now()) // A pipe always takes one; it ends the reader.
	}
	return p
}

// send writes to the running child; the caller holds mu. A write that fails
// means that the child is gone, which its reader notices.
func (c *Child) send(o Order) {
	if c.process == nil {
		return
	}
	line, err := json.Marshal(o)
	if err != nil {
		return // An Order is plain data.
	}
	_, _ = c.process.Orders.Write(append(line, '\n'))
}

// Run keeps a child running until ctx ends, Goodbye or Leave. After too many
// deaths in a row it says so once, and returns nil: the program lives without
// a tray.
func (c *Child) Run(ctx context.Context) error {
	defer close(c.reports)
	pause := c.o.Pause
	for deaths := 0; deaths < restarts; deaths++ {
		began := time.Now()
		err := c.once(ctx)
		if c.over() || ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > lasting {
			deaths, pause = 0, c.o.Pause
		}
		c.o.Log.Warn("tray ended; it is started again", slog.Any("error", err))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause *= 2
	}
	c.o.Log.Error("tray does not stay; the program goes on without it")
	return nil
}

func (c *Child) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing
}

// once runs one child to its end.
func (c *Child) once(ctx context.Context) error {
	p, err := c.begin()
	if p == nil || err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	late := time.AfterFunc(c.o.ReadyWithin, p.kill)
	defer late.Stop()
	if p.adopted {
		late.Stop()
	}

	lines := bufio.NewScanner(p.Reports)
	for lines.Scan() {
		var r Report
		if json.Unmarshal(lines.Bytes(), &r) != nil {
			continue // A library's own words on the standard output.
		}
		if r.Ready {
			late.Stop()
		}
		select {
		case c.reports <- r:
		case <-ctx.Done():
		}
	}
	if errors.Is(lines.Err(), os.ErrDeadlineExceeded) {
		return nil // Leave.
	}
	c.mu.Lock()
	c.process = nil
	c.mu.Unlock()
	return p.wait()
}

// begin starts the next child, or takes over the inherited one, and tells it
// what the one before knew.
func (c *Child) begin() (*Process, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return nil, nil
	}
	p := c.o.Inherited
	c.o.Inherited = nil
	if p == nil {
		var err error
		if p, err = start(c.o.Command); err != nil {
			return nil, err
		}
	}
	c.process = p
	if c.again != nil {
		c.send(Order{Relaunch: c.again})
	}
	if c.menu != nil {
		c.send(Order{Menu: c.menu})
	}
	return p, nil
}

// Process is a running child and its two pipes.
type Process struct {
	// Orders is the child's standard input, Reports its standard output.
	Orders, Reports *os.File
	// PID is the process's number.
	PID int

	adopted bool
	process *os.Process
}

// Adopt takes over a child that the program's earlier form has started.
func Adopt(pid int, orders, reports *os.File) (*Process, error) {
	process, err := os.FindProcess(pid)
	if err != nil {
		return nil, fmt.Errorf("find the tray: %w", err)
	}
	return &Process{Orders: orders, Reports: reports, PID: pid, adopted: true, process: process}, nil
}

// start makes the pipes itself, so that they can be handed over as files.
func start(command []string) (*Process, error) {
	ordersRead, orders, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the tray: %w", err)
	}
	defer func() { _ = ordersRead.Close() }() // The child has its own.
	reports, reportsWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the tray: %w", err), orders.Close())
	}
	defer func() { _ = reportsWrite.Close() }()

	cmd := exec.Command(command[0], command[1:]...) //nolint:gosec,noctx // Our own program, which ends with its pipe.
	cmd.Stdin, cmd.Stdout, cmd.Stderr = ordersRead, reportsWrite, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the tray: %w", err), orders.Close(), reports.Close())
	}
	return &Process{Orders: orders, Reports: reports, PID: cmd.Process.Pid, process: cmd.Process}, nil
}

func (p *Process) close() { _ = p.Orders.Close() }

func (p *Process) kill() { _ = p.process.Kill() }

// wait ends what is left of the process and collects it.
func (p *Process) wait() error {
	_ = p.Orders.Close()
	_ = p.Reports.Close()
	late := time.AfterFunc(2*time.Second, p.kill)
	defer late.Stop()
	state, err := p.process.Wait()
	if err != nil {
		return fmt.Errorf("wait for the tray: %w", err)
	}
	if !state.Success() {
		return fmt.Errorf("tray: %s", state)
	}
	return nil
}
