// Package desktop is the program around the window: what a tray click, a second
// start, the close button, a signal and a long time without the window do.
//
// The invariant: it owns no state of the engine. What the tray shows is read
// from the engine at that moment, and of the window it knows only whether it
// was opened and is shown. It does not know Wails, nor the tray's library; both
// stand behind small interfaces.
package desktop

import (
	"context"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/instance"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// engine is what the desktop needs of the proxy.
type engine interface {
	// Run serves until ctx ends, drains, and returns when all is closed.
	Run(ctx context.Context) error
	Status(ctx context.Context) (control.Status, error)
	StartListener(ctx context.Context, port int) error
	StopListener(ctx context.Context) error
	KeySecret(ctx context.Context, id int64) (string, error)
	Accounts() []control.Account
	ChangeAccount(id int64, p control.AccountPatch) (control.Account, error)
}

// window is the window, once it was opened. Its methods may be called from any
// goroutine but the window's own.
type window interface {
	// Show brings the window to the front, at a page; "" keeps the page.
	Show(page string)
	Hide()
	Minimise()
	// Tell shows a message until it was read.
	Tell(title, text string)
	// Ask shows a question and gives its answer.
	Ask(title, text string) bool
	// Close ends the window's main loop.
	Close()
}

// systray is the tray's child process.
type systray interface {
	Run(ctx context.Context) error
	Reports() <-chan tray.Report
	Show(m tray.Menu)
	Relaunch(command []string)
	Copy(text string)
	Goodbye()
	Leave() *tray.Process
}

// login is the program's entry in what the system starts at login.
type login interface {
	On() (bool, error)
	Set(on bool) error
}

// Preferences are the settings that the desktop itself follows.
type Preferences struct {
	// Language is en or zh-CN.
	Language string
	// Quit says that closing the window ends the program.
	Quit bool
	// Release is how long the window must be hidden before its memory is given
	// back; 0 is never.
	Release time.Duration
}

// Options are what a Program is made of; all but Inherited's are needed.
type Options struct {
	Engine   engine
	Events   *event.Bus
	Tray     systray
	Window   window
	Instance *instance.Instance
	// Login makes the program start at login; nil where that is not possible.
	Login login
	// Listener gives the proxy's open socket; nil when it is closed.
	Listener func() net.Listener
	// Preferences gives the settings at this moment.
	Preferences func() Preferences
	// DataDir keeps what was told once.
	DataDir string
	// Command starts this program again in the background; Environment is the
	// one that it was started with.
	Command, Environment []string
	// Background keeps the window closed until somebody asks for it.
	Background bool
	// NeedsTray opens the window after all when the desktop shows no tray: the
	// person did not ask for the background at this start.
	NeedsTray bool
	// Relaunched counts the relaunches after a crash in a row; 0 is none.
	Relaunched int
	// Notify shows a message outside the window.
	Notify func(title, text string) error
	// Signals are the system's wishes to end.
	Signals <-chan os.Signal
	// Exit ends the process at once: when a stop takes longer than it may, and
	// when a successor has taken over.
	Exit func(code int)
	Log  *slog.Logger
}

// view is what the desktop knows of the window.
type view int

const (
	unopened view = iota
	shown
	hidden
)

// Program is the running desktop program.
type Program struct {
	o      Options
	wanted chan struct{} // to the main thread: open the window
	closed chan struct{} // from the window: its close button
	leave  chan struct{} // closed by Quit
	ended  chan struct{} // closed when Run has returned
	began  time.Time

	mu       sync.Mutex
	view     view
	page     string
	quitting bool
	asking   bool

	acts sync.WaitGroup
}

// New makes a Program; Run starts it.
func New(o Options) *Program {
	p := &Program{
		o: o, wanted: make(chan struct{}, 1), closed: make(chan struct{}, 1),
		leave: make(chan struct{}), ended: make(chan struct{}), began: time.Now(),
	}
	if !o.Background {
		p.Show("")
	}
	return p
}

// WaitForWindow blocks until somebody wants the window, and is false when the
// program ends instead. The main thread waits here, for the window's library
// must run there, once.
func (p *Program) WaitForWindow() bool {
	select {
	case <-p.wanted:
		return true
	case <-p.ended:
		return false
	}
}

// Wait blocks until the program has stopped.
func (p *Program) Wait() { <-p.ended }

// Show brings the window to the front, opening it first if need be, at a page
// as "/requests"; "" keeps the page.
func (p *Program) Show(page string) {
	p.mu.Lock()
	if p.quitting {
		p.mu.Unlock()
		return
	}
	opened := p.view != unopened
	p.view = shown
	if page != "" {
		p.page = page
	}
	p.mu.Unlock()
	if opened {
		p.o.Window.Show(page)
		return
	}
	p.wanted <- struct{}{}
}

// Page is where the window begins.
func (p *Program) Page() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.page
}

// Quit ends the program: the tray goes, running exchanges may end, the window
// closes.
func (p *Program) Quit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.quitting {
		p.quitting = true
		close(p.leave)
	}
}

// BeforeClose answers the window whether to stay when it is asked to close. It
// must not block, for the window waits for the answer.
func (p *Program) BeforeClose() (stay bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.quitting {
		return false
	}
	select {
	case p.closed <- struct{}{}:
	default: // It was asked already.
	}
	return true
}

func (p *Program) setView(v view) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view = v
}

func (p *Program) viewNow() view {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.view
}
