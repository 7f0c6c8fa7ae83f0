//go:build desktop && linux

package desktoptest

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// press presses keys in the window that has the focus.
func (s *session) press(keys string) {
	s.t.Helper()
	if err := s.command("xdotool", "key", keys).Run(); err != nil {
		s.t.Fatalf("press %s: %v", keys, err)
	}
}

func TestWindow_ClosesIntoTheTrayAndSaysSoOnce(t *testing.T) {
	s := newSession(t, without{}, nil)
	a := s.start()
	s.eventually("window and icon", func() bool { return s.windows() == 1 && s.host.has("Quit") })
	s.closeWindow()
	s.eventually("message", func() bool { return s.windows() == 2 })
	s.press("Return")
	s.eventually("hidden window", func() bool { return s.windows() == 0 })
	if !s.listening() {
		t.Error("the port closed with the window")
	}

	s.host.click("Open window")
	s.eventually("window again", func() bool { return s.windows() == 1 })
	s.closeWindow()
	s.eventually("hidden window, without a word", func() bool { return s.windows() == 0 })

	s.host.click("Open requests")
	s.eventually("window again", func() bool { return s.windows() == 1 })
	s.host.click("Quit")
	if code := a.code(soon); code != 0 {
		t.Errorf("the program ended with %d", code)
	}
}

func TestWindow_ClosingQuitsWhereThePersonWantsThat(t *testing.T) {
	s := newSession(t, without{}, map[string]any{"closing": "quit"})
	a := s.start()
	s.eventually("window", func() bool { return s.windows() == 1 })
	s.closeWindow()
	if code := a.code(soon); code != 0 {
		t.Errorf("the program ended with %d", code)
	}
	s.eventually("end of all", func() bool { return len(s.processes(program(t))) == 0 })
}

func TestWindow_HiddenStartOpensItWhereThereIsNoTray(t *testing.T) {
	for _, c := range []struct {
		name    string
		w       without
		windows int
	}{{"with a tray", without{}, 0}, {"without a tray", without{host: true}, 1}} {
		t.Run(c.name, func(t *testing.T) {
			s := newSession(t, c.w, map[string]any{"startHidden": true})
			s.start()
			s.eventually("tray process", func() bool { return len(s.trays()) == 1 })
			if c.windows == 1 {
				s.eventually("window", func() bool { return s.windows() == 1 })
				return
			}
			s.eventually("icon", func() bool { return s.host.has("Quit") })
			s.never(time.Second, "a window opened", func() bool { return s.windows() > 0 })
		})
	}
}

func TestB50_QuitFreesThePortWithinFiveSeconds(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		quit func(s *session, a *app)
	}{
		{"tray, window open", nil, func(s *session, _ *app) { s.host.click("Quit") }},
		{"tray, in the background", []string{"--background"}, func(s *session, _ *app) { s.host.click("Quit") }},
		{"SIGTERM, window open", nil, func(_ *session, a *app) { _ = a.Process.Signal(syscall.SIGTERM) }},
		{"SIGINT, in the background", []string{"--background"}, func(_ *session, a *app) { _ = a.Process.Signal(syscall.SIGINT) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSession(t, without{}, nil)
			a := s.start(c.args...)
			s.eventually("icon", func() bool { return s.host.has("● Running") })
			if len(c.args) == 0 {
				s.eventually("window", func() bool { return s.windows() == 1 })
			}
			c.quit(s, a)
			if code := a.code(5 * time.Second); code != 0 {
				t.Errorf("the program ended with %d", code)
			}
			if s.listening() {
				t.Error("the port still answers")
			}
			s.eventually("end of all", func() bool { return len(s.processes("openaicompatible")) == 0 && len(s.processes("WebKit")) == 0 })
		})
	}
}

func TestB52_SecondStartShowsTheFirstAndEnds(t *testing.T) {
	s := newSession(t, without{}, nil)
	first := s.start("--background")
	s.eventually("icon", func() bool { return s.host.has("Quit") })
	if code := s.start().code(soon); code != 0 {
		t.Errorf("the second start ended with %d, want 0", code)
	}
	s.eventually("window", func() bool { return s.windows() == 1 })
	if got := s.apps(); len(got) != 1 || got[0].pid != first.Process.Pid {
		t.Errorf("the program is now %v, want the first start alone", got)
	}
	if code := s.start("--background").code(soon); code != 0 {
		t.Errorf("a second background start ended with %d, want 0", code)
	}
}

func TestB52_OfTwoStartsAtOnceOneIsTheProgram(t *testing.T) {
	s := newSession(t, without{}, nil)
	starts := []*app{s.start(), s.start()}
	var left *app
	select {
	case <-starts[0].ended:
		left = starts[0]
	case <-starts[1].ended:
		left = starts[1]
	case <-time.After(soon):
		t.Fatal("two programs run")
	}
	if code := left.code(0); code != 0 {
		t.Errorf("the other start ended with %d, want 0", code)
	}
	s.eventually("one window", func() bool { return s.windows() == 1 })
	if got := len(s.apps()); got != 1 {
		t.Errorf("%d programs, want 1", got)
	}
}

func TestStart_SaysWhatIsMissing(t *testing.T) {
	t.Run("no display", func(t *testing.T) {
		s := newSession(t, without{display: true, bus: true}, nil)
		a := s.start()
		if code := a.code(soon); code != 1 {
			t.Errorf("the program ended with %d, want 1", code)
		}
		out := strings.TrimSpace(a.output())
		if !strings.Contains(out, "no display") || !strings.Contains(out, "openaicompatible serve") || strings.Contains(out, "\n") {
			t.Errorf("it said %q, want one line that names the way out", out)
		}
	})
	t.Run("a display that cannot be reached", func(t *testing.T) {
		s := newSession(t, without{display: true, bus: true}, nil)
		s.extra = []string{"DISPLAY=:4711"}
		a := s.start()
		if code := a.code(soon); code != 1 {
			t.Errorf("the program ended with %d, want 1", code)
		}
		if out := a.output(); !strings.Contains(out, "open the window") || strings.Contains(out, "goroutine") {
			t.Errorf("it said %q, want what went wrong and no trace", out)
		}
	})
	t.Run("no session bus", func(t *testing.T) {
		s := newSession(t, without{bus: true}, nil)
		a := s.start()
		s.eventually("window and open port", func() bool { return s.windows() == 1 && s.listening() })
		s.eventually("word about the tray", func() bool { return strings.Contains(a.output(), "no session bus") })
		if n := strings.Count(a.output(), "no session bus"); n != 1 {
			t.Errorf("it was said %d times, want once", n)
		}
	})
}

// skipMessage begins where the person was told of the tray before.
func (s *session) skipMessage() {
	s.t.Helper()
	if err := os.MkdirAll(s.dataDir(), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dataDir(), "told-tray"), nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func TestB50_QuitLetsARunningRequestEnd(t *testing.T) {
	s := newSession(t, without{}, nil)
	a := s.start("--background")
	stream := s.slowStream(t.Context())
	defer func() { _ = stream.Body.Close() }()
	began := time.Now()
	s.host.click("Quit")
	var text strings.Builder
	_, _ = io.Copy(&text, stream.Body) // Cut when the drain time is over.
	a.code(5*time.Second - time.Since(began))
	if n := strings.Count(text.String(), "data: "); n < 5 {
		t.Errorf("the stream ended after %d events: it was not drained", n)
	}
	if s.listening() {
		t.Error("the port still answers")
	}
}

// shots is where the pictures of the window go.
const shots = "../../../bin/screenshots"

func TestWindow_ShowsEachPageInBothThemes(t *testing.T) {
	if err := os.MkdirAll(shots, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, theme := range []string{"light", "dark"} {
		s := newSession(t, without{}, map[string]any{"theme": theme})
		s.skipMessage()
		a := s.start("--background")
		stream := s.slowStream(t.Context())
		s.host.click("Open window")
		s.eventually("window", func() bool { return s.windows() == 1 })
		// The rail's lines, as a person would click on them; the first is open.
		seen := map[string]bool{}
		for _, page := range []struct{ name, y string }{{"overview", "182"}, {"requests", "216"}, {"settings", "250"}} {
			s.screenshot(theme+"-"+page.name, page.y, seen)
		}
		_ = stream.Body.Close()
		s.host.click("Quit")
		a.code(soon)
	}
}

// screenshot clicks on a line of the rail until the page has a heading that no
// page before it had, and keeps the picture.
func (s *session) screenshot(name, y string, seen map[string]bool) {
	s.t.Helper()
	target := filepath.Join(shots, name+".png")
	var last string
	s.eventually("page "+name, func() bool {
		if last == "" || seen[last] {
			if err := s.command("xdotool", "mousemove", "170", y, "click", "1").Run(); err != nil {
				s.t.Fatal(err)
			}
		}
		<-time.After(150 * time.Millisecond) // For the pages to draw.
		if err := s.command("import", "-window", "root", target).Run(); err != nil {
			s.t.Fatal(err)
		}
		out, err := s.command("convert", target, "-crop", "300x40+310+68", "-format", "%k %#", "info:").Output()
		if err != nil {
			s.t.Fatal(err)
		}
		colours, heading, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
		still := heading == last && !seen[heading] && len(colours) > 1 // Letters have many shades.
		last = heading
		return still
	})
	seen[last] = true
}
