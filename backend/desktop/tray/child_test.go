package tray_test

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
)

// part says which child this test program plays; "" runs the tests.
const part = "TRAY_TEST_PART"

// TestMain plays the child when the environment says so.
func TestMain(m *testing.M) {
	say := func(r tray.Report) { _ = json.NewEncoder(os.Stdout).Encode(r) }
	switch os.Getenv(part) {
	case "":
		os.Exit(m.Run())
	case "echo": // Answers each order with a report that tells what it was.
		say(tray.Report{Ready: true})
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			say(tray.Report{Problem: lines.Text()})
			if strings.Contains(lines.Text(), `"die"`) {
				os.Exit(3)
			}
		}
	case "dies":
		say(tray.Report{Ready: true})
		os.Exit(3)
	case "chatty": // A library prints to the standard output.
		_, _ = os.Stdout.WriteString("failed to remove temp icon file\n")
		say(tray.Report{Ready: true})
		_, _ = bufio.NewReader(os.Stdin).ReadString(0)
	case "mute": // Never ready: the system's tray is not up.
		_, _ = bufio.NewReader(os.Stdin).ReadString(0)
	}
}

func child(t *testing.T, plays string, change func(*tray.Options)) (c *tray.Child, ended <-chan error) {
	t.Helper()
	t.Setenv(part, plays)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := tray.Options{Command: []string{self}, Log: slog.New(slog.DiscardHandler), Pause: time.Millisecond}
	if change != nil {
		change(&o)
	}
	c = tray.New(o)
	end := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	go func() { end <- c.Run(ctx) }()
	return c, end
}

// hear gives the next report that is told by say.
func hear(t *testing.T, c *tray.Child, say func(tray.Report) bool) tray.Report {
	t.Helper()
	for r := range c.Reports() {
		if say(r) {
			return r
		}
	}
	t.Fatal("the child ended")
	return tray.Report{}
}

func ready(r tray.Report) bool { return r.Ready }

func TestChild_IsToldTheLastOfEachAgainAfterItsDeath(t *testing.T) {
	c, ended := child(t, "echo", nil)
	hear(t, c, ready)
	c.Relaunch([]string{"program", "--background"})
	c.Show(tray.Menu{State: tray.Stopped})
	hear(t, c, func(r tray.Report) bool { return strings.Contains(r.Problem, `"stopped"`) })

	kill(t, c)
	hear(t, c, ready)
	hear(t, c, func(r tray.Report) bool { return strings.Contains(r.Problem, "--background") })
	hear(t, c, func(r tray.Report) bool { return strings.Contains(r.Problem, `"stopped"`) })
	c.Goodbye()
	for range c.Reports() { // Until it has ended.
	}
	if err := <-ended; err != nil {
		t.Errorf("after the goodbye: %v", err)
	}
}

// kill makes the running child end.
func kill(t *testing.T, c *tray.Child) {
	t.Helper()
	c.Copy("die")
	hear(t, c, func(r tray.Report) bool { return strings.Contains(r.Problem, "die") })
}

func TestChild_GivesUpOnOneThatDoesNotStay(t *testing.T) {
	c, ended := child(t, "dies", nil)
	starts := 0
	for r := range c.Reports() {
		if r.Ready {
			starts++
		}
	}
	if err := <-ended; err != nil || starts != 6 {
		t.Errorf("%d starts and %v, want 6 and no error", starts, err)
	}
}

func TestChild_StartsAgainWhatNeverBecomesReady(t *testing.T) {
	c, ended := child(t, "mute", func(o *tray.Options) { o.ReadyWithin = 20 * time.Millisecond })
	for range c.Reports() {
		t.Error("a mute child reported")
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestChild_SkipsWhatLibrariesPrint(t *testing.T) {
	c, _ := child(t, "chatty", nil)
	if r := <-c.Reports(); !r.Ready {
		t.Errorf("the first report is %+v, want ready", r)
	}
	c.Goodbye()
	for range c.Reports() { // Until it has ended.
	}
}

func TestChild_CanBeLeftToTheNextForm(t *testing.T) {
	c, ended := child(t, "echo", nil)
	hear(t, c, ready)
	p := c.Leave()
	for range c.Reports() { // Until it has ended.
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	left, err := tray.Adopt(p.PID, p.Orders, p.Reports)
	if err != nil {
		t.Fatal(err)
	}
	_ = left.Reports.SetReadDeadline(time.Time{})
	next, ended := child(t, "dies", func(o *tray.Options) { o.Inherited = left })
	next.Show(tray.Menu{State: tray.Error})
	hear(t, next, func(r tray.Report) bool { return strings.Contains(r.Problem, `"error"`) })
	next.Goodbye()
	for range next.Reports() { // Until it has ended.
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
