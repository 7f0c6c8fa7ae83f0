package desktop_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/instance"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// soon bounds what happens at once, on a machine that is loaded.
const soon = 10 * time.Second

// fakeEngine is a proxy without a socket.
type fakeEngine struct {
	events *event.Bus

	mu    sync.Mutex
	state control.ListenerState
	ended bool
	off   bool
}

func (e *fakeEngine) Run(ctx context.Context) error {
	<-ctx.Done()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	return nil
}

func (e *fakeEngine) Status(context.Context) (control.Status, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return control.Status{
		Listener: control.Listener{State: e.state, Address: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080/v1"},
		Accounts: control.Tally{Total: 1, Ready: 1}, KeyID: 7,
	}, nil
}

func (e *fakeEngine) set(s control.ListenerState) error {
	e.mu.Lock()
	e.state = s
	e.mu.Unlock()
	e.events.Publish(event.Event{Kind: event.Listener})
	return nil
}

func (e *fakeEngine) Accounts() []control.Account {
	e.mu.Lock()
	defer e.mu.Unlock()
	return []control.Account{{ID: 3, Name: "work", Enabled: !e.off, State: control.AccountReady}}
}

func (e *fakeEngine) ChangeAccount(id int64, p control.AccountPatch) (control.Account, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if id != 3 {
		return control.Account{}, errors.New("no such account")
	}
	e.off = !*p.Enabled
	e.events.Publish(event.Event{Kind: event.Accounts})
	return control.Account{}, nil
}

func (e *fakeEngine) StartListener(context.Context, int) error { return e.set(control.Running) }
func (e *fakeEngine) StopListener(context.Context) error       { return e.set(control.Stopped) }

func (e *fakeEngine) KeySecret(_ context.Context, id int64) (string, error) {
	if id != 7 {
		return "", errors.New("no such key")
	}
	return "sk-secret", nil
}

// fakeTray notes what it is sent and reports what a test says.
type fakeTray struct {
	reports  chan tray.Report
	menus    chan tray.Menu
	copied   chan string
	goodbye  chan struct{}
	mu       sync.Mutex
	relaunch []string
}

func newTray() *fakeTray {
	return &fakeTray{
		reports: make(chan tray.Report), menus: make(chan tray.Menu, 16), copied: make(chan string, 1), goodbye: make(chan struct{}),
	}
}

func (f *fakeTray) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-f.goodbye:
	}
	return nil
}
func (f *fakeTray) Reports() <-chan tray.Report { return f.reports }
func (f *fakeTray) Show(m tray.Menu)            { f.menus <- m }
func (f *fakeTray) Copy(text string)            { f.copied <- text }
func (f *fakeTray) Goodbye()                    { close(f.goodbye) }
func (f *fakeTray) Leave() *tray.Process        { return nil }

func (f *fakeTray) Relaunch(command []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.relaunch = command
}

func (f *fakeTray) again() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.relaunch)
}

// fakeWindow notes what happens to it, and answers questions.
type fakeWindow struct {
	calls  chan string
	answer bool
}

func (w *fakeWindow) Show(page string)     { w.calls <- "show " + page }
func (w *fakeWindow) Hide()                { w.calls <- "hide" }
func (w *fakeWindow) Minimise()            { w.calls <- "minimise" }
func (w *fakeWindow) Tell(_, _ string)     { w.calls <- "tell" }
func (w *fakeWindow) Ask(_, _ string) bool { w.calls <- "ask"; return w.answer }
func (w *fakeWindow) Close()               { w.calls <- "close" }

// rig is a program around fakes.
type rig struct {
	t       *testing.T
	engine  *fakeEngine
	tray    *fakeTray
	window  *fakeWindow
	signals chan os.Signal
	program *desktop.Program
	ended   chan error
	folder  string
}

func start(t *testing.T, change func(*desktop.Options)) *rig {
	t.Helper()
	events := event.New()
	r := &rig{
		t: t, engine: &fakeEngine{events: events, state: control.Running}, tray: newTray(),
		window: &fakeWindow{calls: make(chan string, 16)}, signals: make(chan os.Signal, 1), ended: make(chan error, 1), folder: t.TempDir(),
	}
	i, err := instance.Acquire(t.Context(), r.folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	o := desktop.Options{
		Engine: r.engine, Events: events, Tray: r.tray, Window: r.window, Instance: i,
		Listener: func() net.Listener { return nil }, Preferences: func() desktop.Preferences { return desktop.Preferences{Language: "en"} },
		DataDir: r.folder, Command: []string{"app", "--background"}, Notify: func(string, string) error { return nil },
		Signals: r.signals, Exit: func(code int) { t.Errorf("the program was ended with %d", code) }, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&o)
	}
	r.program = desktop.New(o)
	go func() { r.ended <- r.program.Run(t.Context()) }()
	return r
}

func next[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(soon):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

// stop ends the program and gives what the window saw of it.
func (r *rig) stop() {
	r.t.Helper()
	r.program.Quit()
	if err := next(r.t, "end", r.ended); err != nil {
		r.t.Errorf("the program ended with %v", err)
	}
	if !r.engine.ended {
		r.t.Error("the engine was not waited for")
	}
}

func (r *rig) state(want tray.State) {
	r.t.Helper()
	for next(r.t, "menu of "+string(want), r.tray.menus).State != want {
	}
}

func (r *rig) wants(calls ...string) {
	r.t.Helper()
	for _, want := range calls {
		if got := next(r.t, want, r.window.calls); got != want {
			r.t.Errorf("the window was asked to %q, want %q", got, want)
		}
	}
}

func TestProgram_DoesWhatTheTraySays(t *testing.T) {
	r := start(t, func(o *desktop.Options) { o.Background = true })
	r.state(tray.Running)
	r.tray.reports <- tray.Report{Click: tray.Toggle}
	r.state(tray.Stopped)
	if diff := cmp.Diff([]string{"app", "--background", "--relaunched=1", "--stopped"}, r.tray.again()); diff != "" {
		t.Errorf("the start after a crash (-want +got):\n%s", diff)
	}
	r.tray.reports <- tray.Report{Click: tray.Toggle}
	r.state(tray.Running)
	r.tray.reports <- tray.Report{Click: tray.CopyURL}
	if got := next(t, "text", r.tray.copied); got != "http://127.0.0.1:8080/v1" {
		t.Errorf("copied %q", got)
	}
	r.tray.reports <- tray.Report{Click: tray.CopyKey}
	if got := next(t, "text", r.tray.copied); got != "sk-secret" {
		t.Errorf("copied %q", got)
	}
	r.tray.reports <- tray.Report{Click: tray.Requests}
	if !r.program.WaitForWindow() || r.program.Page() != "/requests" {
		t.Errorf("the window was not opened at the requests but at %q", r.program.Page())
	}
	r.tray.reports <- tray.Report{Click: tray.Open}
	r.wants("show ")
	r.tray.reports <- tray.Report{Click: tray.Quit}
	if err := next(t, "end", r.ended); err != nil {
		t.Error(err)
	}
	r.wants("hide", "close")
}

func TestProgram_NeverOpenedWindowIsNotTouched(t *testing.T) {
	r := start(t, func(o *desktop.Options) { o.Background = true })
	r.stop()
	if r.program.WaitForWindow() {
		t.Error("the main thread was told to open a window")
	}
	if len(r.window.calls) != 0 {
		t.Errorf("the window was asked to %q", <-r.window.calls)
	}
}

func TestProgram_ClosingTheWindow(t *testing.T) {
	told := func(o *desktop.Options) {
		if err := os.WriteFile(o.DataDir+"/told-tray", nil, 0o600); err != nil {
			panic(err)
		}
	}
	for _, c := range []struct {
		name   string
		change func(*desktop.Options)
		host   bool
		answer bool
		want   []string
	}{
		{"says once that the tray stays", nil, true, false, []string{"tell", "hide"}},
		{"hides the window later", told, true, false, []string{"hide"}},
		{"without a tray, and staying", nil, false, false, []string{"ask", "minimise"}},
		{"without a tray, and quitting", nil, false, true, []string{"ask", "hide", "close"}},
		{"where closing quits", func(o *desktop.Options) {
			o.Preferences = func() desktop.Preferences { return desktop.Preferences{Language: "en", Quit: true} }
		}, true, false, []string{"hide", "close"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, c.change)
			r.window.answer = c.answer
			r.tray.reports <- tray.Report{Host: &c.host}
			if !r.program.BeforeClose() {
				t.Error("the window closed at once")
			}
			r.wants(c.want...)
			r.program.Quit()
			next(t, "end", r.ended)
		})
	}
}

func TestProgram_ASignalIsNoClick(t *testing.T) {
	r := start(t, func(o *desktop.Options) { o.Background = true })
	r.state(tray.Running)
	r.signals <- os.Interrupt // The window's library asks to close at the same moment.
	r.program.BeforeClose()
	if err := next(t, "end", r.ended); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(r.folder + "/told-tray"); err == nil {
		t.Error("the signal counted as the first close")
	}
	if r.program.BeforeClose() {
		t.Error("the window stays although the program ends")
	}
}

func TestProgram_TellsOfACrashOnceAndGivesUp(t *testing.T) {
	said := make(chan string, 4)
	r := start(t, func(o *desktop.Options) {
		o.Background, o.Relaunched = true, 3
		o.Notify = func(_, text string) error { said <- text; return nil }
	})
	next(t, "message", said)
	r.state(tray.Running)
	r.stop()
	if len(said) != 0 {
		t.Errorf("it was said again: %q", <-said)
	}
	if got := r.tray.again(); got == nil || len(got) != 0 {
		t.Errorf("after three crashes in a row it would start %q, want nothing", got)
	}
}

func TestProgram_TrayThatDoesNotStayIsNoTray(t *testing.T) {
	r := start(t, func(o *desktop.Options) { o.Background, o.NeedsTray = true, true })
	close(r.tray.reports)
	if !r.program.WaitForWindow() {
		t.Error("without a tray the hidden start opened no window")
	}
	r.stop()
}

func TestForward_GathersWhatComesTogether(t *testing.T) {
	bus := event.New()
	ctx, stop := context.WithCancel(t.Context())
	got := make(chan event.Event, 64)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		desktop.Forward(ctx, bus, func(e event.Event) { got <- e })
	}()
	if e := next(t, "resync", got); e.Kind != event.Resync {
		t.Errorf("the first event is %q, want %q", e.Kind, event.Resync)
	}
	for n := range 100 {
		bus.Publish(event.Event{Kind: event.Running, Data: []byte{byte('0' + n%10)}})
		bus.Publish(event.Event{Kind: event.Exchanges})
	}
	seen := map[event.Kind]string{}
	for len(seen) < 2 || seen[event.Running] != "9" {
		e := next(t, "event", got)
		seen[e.Kind] = string(e.Data)
	}
	stop()
	<-ended
	if len(got) > 20 {
		t.Errorf("%d events were sent, want a few", len(got))
	}
}

func TestB13_ANotificationSaysWhatAPersonIsWantedFor(t *testing.T) {
	said := make(chan string, 4)
	r := start(t, func(o *desktop.Options) {
		o.Background = true
		o.Notify = func(_, text string) error { said <- text; return nil }
	})
	r.state(tray.Running)
	publish := func(data string) { r.engine.events.Publish(event.Event{Kind: event.Attention, Data: []byte(data)}) }
	publish(`{"kind":"accountNeedsSignIn","accountId":3,"account":"Work"}`)
	if got := next(t, "message", said); got != `The account "Work" needs a new sign-in or key.` {
		t.Errorf("got %q", got)
	}
	publish(`{"kind":"of the future"}`)
	publish(`{"kind":"allAccountsRest","until":"` + time.Now().Add(time.Hour).Format(time.RFC3339) + `"}`)
	if got := next(t, "message", said); !strings.HasPrefix(got, "All accounts rest: no request can be answered before ") {
		t.Errorf("got %q", got)
	}
	publish(`{"kind":"allAccountsRest"}`)
	if got := next(t, "message", said); got != "All accounts rest: no request can be answered now." {
		t.Errorf("got %q", got)
	}
	r.stop()
	if len(said) != 0 {
		t.Errorf("something else was said: %q", <-said)
	}
}
