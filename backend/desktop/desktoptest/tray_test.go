//go:build desktop && linux

package desktoptest

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTray_ShowsTheStateAndDoesWhatItSays(t *testing.T) {
	s := newSession(t, without{}, nil)
	s.start("--background")
	s.eventually("running menu", func() bool { return s.host.has("● Running on " + s.address()) })
	want := []string{"Stop listener", "Copy base URL", "Copy API key", "Accounts", "Open window", "Open requests", "Start at login", "Quit"}
	if diff := cmp.Diff(want, s.host.labels()[1:]); diff != "" {
		t.Errorf("menu (-want +got):\n%s", diff)
	}
	if s.host.menu()[0].enabled {
		t.Error("the status line can be clicked")
	}
	running := s.host.picture()

	s.host.click("Stop listener")
	s.eventually("stopped menu", func() bool { return s.host.has("○ Stopped") })
	if s.listening() {
		t.Error("the tray says stopped but the port answers")
	}
	s.eventually("another icon", func() bool { return s.host.picture() != running })
	s.host.click("Start listener")
	s.eventually("open port", s.listening)

	s.host.click("Copy base URL")
	s.eventually("base URL on the clipboard", func() bool { return s.clipboard() == "http://"+s.address()+"/v1" })
	s.host.click("Copy API key")
	s.eventually("key on the clipboard", func() bool { return strings.HasPrefix(s.clipboard(), "sk-") })
	entry := filepath.Join(s.home, ".config", "autostart", "openaicompatible.desktop")
	s.host.click("Start at login")
	s.eventually("entry of the system", func() bool {
		text, err := os.ReadFile(entry)
		return err == nil && strings.Contains(string(text), `"--background"`)
	})
	s.host.click("Start at login")
	s.eventually("no entry", func() bool { _, err := os.Stat(entry); return err != nil })
	if n := s.windows(); n != 0 {
		t.Errorf("a background start has %d windows", n)
	}
}

func TestTray_SpeaksThePersonsLanguageAtOnce(t *testing.T) {
	s := newSession(t, without{}, map[string]any{"language": "zh-CN"})
	s.start("--background")
	s.eventually("Chinese menu", func() bool { return s.host.has("退出") })
	s.configure(map[string]any{"version": 1, "host": "127.0.0.1", "port": s.port, "demo": true, "general": map[string]any{"language": "en"}})
	s.eventually("English menu", func() bool { return s.host.has("Quit") })
}

func TestB49_IconComesBackAfterTheTrayRestarts(t *testing.T) {
	s := newSession(t, without{}, nil)
	s.start("--background")
	s.eventually("icon", func() bool { return s.host.has("Quit") })
	s.host.close()
	s.host = newHost(t, s.bus)
	s.eventually("icon in the new tray", func() bool { return s.host.has("Quit") })
}

func TestB49_WithoutATrayTheWindowStaysReachable(t *testing.T) {
	s := newSession(t, without{host: true}, nil)
	a := s.start()
	s.eventually("window", func() bool { return s.windows() == 1 })
	s.closeWindow()
	s.eventually("question", func() bool { return s.windows() == 2 })
	s.press("Escape") // No.
	s.eventually("minimised window", func() bool { return s.windows() == 0 })
	if code := s.start().code(soon); code != 0 {
		t.Errorf("the second start ended with %d", code)
	}
	s.eventually("window again", func() bool { return s.windows() == 1 })
	s.closeWindow()
	s.eventually("question", func() bool { return s.windows() == 2 })
	s.press("alt+y")
	if code := a.code(soon); code != 0 {
		t.Errorf("the program ended with %d", code)
	}
}

func TestTray_StartsAgainWhenItIsKilled(t *testing.T) {
	s := newSession(t, without{}, nil)
	s.start("--background")
	s.eventually("icon", func() bool { return s.host.has("Quit") })
	before := s.trays()
	if len(before) != 1 {
		t.Fatalf("%d tray processes, want 1", len(before))
	}
	if err := syscall.Kill(before[0].pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.eventually("new tray", func() bool {
		now := s.trays()
		return len(now) == 1 && now[0].pid != before[0].pid && s.host.has("● Running")
	})
	if len(s.apps()) != 1 || !s.listening() {
		t.Error("the program did not live through the death of its tray")
	}
}

func TestTray_StartsTheProgramAgainAfterACrash(t *testing.T) {
	for _, c := range []struct {
		name    string
		stopped bool
	}{{"with the listener on", false}, {"with the listener off", true}} {
		t.Run(c.name, func(t *testing.T) {
			s := newSession(t, without{}, nil)
			a := s.start()
			s.eventually("window", func() bool { return s.windows() == 1 && s.host.has("Quit") })
			if c.stopped {
				s.host.click("Stop listener")
				s.eventually("stopped menu", func() bool { return s.host.has("○ Stopped") })
			}
			_ = a.Process.Kill()
			a.code(soon)
			s.eventually("program again", func() bool {
				apps := s.apps()
				return len(apps) == 1 && slices.Contains(apps[0].args, "--relaunched=1") && len(s.trays()) == 1
			})
			line := "● Running"
			if c.stopped {
				line = "○ Stopped"
			}
			s.eventually("menu as before", func() bool { return s.host.has(line) })
			if s.listening() == c.stopped || s.windows() != 0 {
				t.Errorf("after the crash: listening %v, %d windows", s.listening(), s.windows())
			}
		})
	}
}

func TestTray_GivesUpAfterThreeCrashesInARow(t *testing.T) {
	s := newSession(t, without{}, nil)
	s.start("--background", "--relaunched=3")
	s.eventually("icon", func() bool { return s.host.has("● Running") })
	for _, p := range s.apps() {
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
	}
	s.eventually("end of all", func() bool { return len(s.apps()) == 0 && len(s.trays()) == 0 })
}

func TestB51_TakenPortIsExplained(t *testing.T) {
	s := newSession(t, without{}, nil)
	owner, err := net.Listen("tcp", s.address())
	if err != nil {
		t.Fatal(err)
	}
	s.start("--background")
	s.eventually("reason", func() bool { return s.host.has("✕ Error: port ") && s.host.has("Start listener") })
	_ = owner.Close()
	s.host.click("Start listener")
	s.eventually("running menu", func() bool { return s.host.has("● Running") && s.listening() })
}
