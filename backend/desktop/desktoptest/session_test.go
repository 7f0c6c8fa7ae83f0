//go:build desktop && linux

// Package desktoptest drives the built program on a desktop of its own: a
// virtual screen, a session bus, a window manager and a tray host, made anew
// for each test. What is asserted is what a person would see: items of the
// tray, windows on the screen, ports that answer.
package desktoptest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// soon bounds what happens at once on an idle machine, with room for one where
// all tests run at the same time.
const soon = 20 * time.Second

// session is a desktop and the folders of one person.
type session struct {
	t       *testing.T
	home    string
	port    int
	display string
	bus     string
	extra   []string
	host    *host
	reports *lockedBuffer
}

// without takes parts of the desktop away.
type without struct{ display, bus, host bool }

// newSession makes a desktop. general are the settings of the file's section of
// that name.
func newSession(t *testing.T, w without, general map[string]any) *session {
	t.Helper()
	s := &session{t: t, home: t.TempDir(), port: freePort(t), reports: &lockedBuffer{}}
	t.Cleanup(s.end)
	for _, folder := range []string{"tmp", "run", "config"} {
		if err := os.Mkdir(filepath.Join(s.home, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	settings := map[string]any{"firstRunDone": true}
	maps.Copy(settings, general)
	s.configure(map[string]any{"version": 1, "host": "127.0.0.1", "port": s.port, "demo": true, "general": settings})
	if !w.display {
		s.startScreen()
	}
	if !w.bus {
		s.startBus()
	}
	if !w.display {
		s.background("openbox")
		s.eventually("a window manager", func() bool { return s.command("wmctrl", "-m").Run() == nil })
	}
	if !w.bus && !w.host {
		s.host = newHost(t, s.bus)
	}
	return s
}

// configure writes the settings file.
func (s *session) configure(settings map[string]any) {
	s.t.Helper()
	data, err := json.Marshal(settings)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.configPath(), data, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) configPath() string { return filepath.Join(s.home, "config", "config.json") }
func (s *session) dataDir() string    { return filepath.Join(s.home, "data") }

// startScreen starts a screen. Without -noreset it would begin anew whenever
// its last window goes.
func (s *session) startScreen() {
	s.t.Helper()
	number := s.backgroundTelling("Xvfb", "-displayfd", "3", "-noreset", "-nolisten", "tcp", "-screen", "0", "1280x800x24")
	s.display = ":" + number
}

func (s *session) startBus() {
	s.t.Helper()
	s.bus = s.backgroundTelling("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=3")
}

// environment is a clean one: nothing of the machine's own desktop.
func (s *session) environment() []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.home, "TMPDIR=" + filepath.Join(s.home, "tmp"),
		"XDG_RUNTIME_DIR=" + filepath.Join(s.home, "run"), "LANG=C.UTF-8", "NO_AT_BRIDGE=1", "GTK_A11Y=none",
		"LIBGL_ALWAYS_SOFTWARE=1", "GOTRACEBACK=all",
	}
	if s.display != "" {
		env = append(env, "DISPLAY="+s.display)
	}
	if s.bus != "" {
		env = append(env, "DBUS_SESSION_BUS_ADDRESS="+s.bus)
	} else {
		env = append(env, "DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(s.home, "no-bus"))
	}
	return append(env, s.extra...)
}

// command is a program on this desktop, which ends with the test.
func (s *session) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Stderr = s.environment(), s.reports
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// background starts a program that lives as long as the test.
func (s *session) background(name string, args ...string) {
	s.t.Helper()
	s.begin(s.command(name, args...))
}

func (s *session) begin(cmd *exec.Cmd) {
	s.t.Helper()
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start %s: %v (build/setup.sh test installs it)", cmd.Path, err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// backgroundTelling starts a program that writes a line to its file 3 when it
// is ready, and gives the line.
func (s *session) backgroundTelling(name string, args ...string) string {
	s.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = read.Close() }()
	cmd := s.command(name, args...)
	cmd.ExtraFiles = []*os.File{write}
	s.begin(cmd)
	_ = write.Close()
	_ = read.SetReadDeadline(time.Now().Add(soon))
	line, err := bufio.NewReader(read).ReadString('\n') // Xvfb writes it in two.
	if err != nil {
		s.t.Fatalf("%s did not start: %v", name, err)
	}
	return strings.TrimSpace(line)
}

// app is one start of the program.
type app struct {
	*exec.Cmd
	s     *session
	ended chan struct{}
	began time.Time
	said  string
}

// output is what the program said, its later forms too.
func (a *app) output() string {
	data, err := os.ReadFile(a.said)
	if err != nil {
		a.s.t.Fatal(err)
	}
	return string(data)
}

// start starts the program with this session's configuration.
func (s *session) start(args ...string) *app {
	s.t.Helper()
	args = append(args, "--config="+s.configPath(), "--data="+s.dataDir())
	a := &app{Cmd: s.command(program(s.t), args...), s: s, ended: make(chan struct{})}
	// A file: what the program becomes later goes on to write into it.
	out, err := os.CreateTemp(s.home, "said-*")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	a.Stdout, a.Stderr, a.said = out, out, out.Name()
	a.began = time.Now()
	if err := a.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = a.Wait() // The code is read from ProcessState.
		close(a.ended)
	}()
	return a
}

// code waits for the program's end and gives its exit code.
func (a *app) code(within time.Duration) int {
	a.s.t.Helper()
	select {
	case <-a.ended:
		return a.ProcessState.ExitCode()
	case <-time.After(max(within, time.Second)):
		a.s.t.Fatalf("the program still runs after %v\n%s", within, a.output())
		return -1
	}
}

// end ends what the test has left, the program's later forms too, and shows
// what the programs said when the test failed.
func (s *session) end() {
	for _, p := range s.processes("") {
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
	}
	if s.t.Failed() {
		s.t.Logf("reports:\n%s", s.reports)
		names, _ := filepath.Glob(filepath.Join(s.home, "said-*"))
		for _, name := range names {
			data, _ := os.ReadFile(name)
			s.t.Logf("the program said:\n%s", data)
		}
	}
}

// eventually asks until the answer is yes.
func (s *session) eventually(what string, yes func() bool) {
	s.t.Helper()
	s.within(soon, what, yes)
}

func (s *session) within(d time.Duration, what string, yes func() bool) time.Duration {
	s.t.Helper()
	began := time.Now()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !yes() {
		if time.Since(began) > d {
			if s.host != nil {
				s.t.Logf("the tray has %d items; menu %q", len(s.host.shown()), s.host.labels())
			}
			s.t.Fatalf("no %s within %v", what, d)
		}
		<-again.C
	}
	return time.Since(began)
}

// never asks for a while and fails at the first yes.
func (s *session) never(d time.Duration, what string, yes func() bool) {
	s.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(d); time.Now().Before(end); <-again.C {
		if yes() {
			s.t.Fatalf("%s, which must not happen", what)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *session) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// listening says whether the proxy's port can be connected to.
func (s *session) listening() bool {
	c, err := net.DialTimeout("tcp", s.address(), time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// windows counts the program's windows on the screen.
func (s *session) windows() int {
	out, err := s.command("xdotool", "search", "--onlyvisible", "--class", "openaicompatible").Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return len(strings.Fields(string(out)))
}

func (s *session) closeWindow() {
	s.t.Helper()
	if err := s.command("wmctrl", "-c", "OpenAICompatible").Run(); err != nil {
		s.t.Fatalf("close the window: %v", err)
	}
}

func (s *session) clipboard() string {
	// A clipboard without an owner is empty.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xclip", "-o", "-selection", "clipboard")
	cmd.Env = s.environment()
	out, _ := cmd.Output()
	return string(out)
}

// process is one of this session's.
type process struct {
	pid  int
	args []string
}

// processes are those of this session whose command line has a part; "" is all.
func (s *session) processes(part string) []process {
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		s.t.Fatal(err)
	}
	var out []process
	for _, folder := range folders {
		env, err := os.ReadFile(filepath.Join(folder, "environ"))
		if err != nil || !bytes.Contains(env, []byte("HOME="+s.home+"\x00")) {
			continue
		}
		line, err := os.ReadFile(filepath.Join(folder, "cmdline"))
		if err != nil || len(line) == 0 || !bytes.Contains(line, []byte(part)) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err == nil {
			out = append(out, process{pid, strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")})
		}
	}
	return out
}

// trays are the tray children, apps the programs themselves.
func (s *session) trays() []process { return s.mains(true) }
func (s *session) apps() []process  { return s.mains(false) }

func (s *session) mains(tray bool) []process {
	var out []process
	for _, p := range s.processes(program(s.t)) {
		if p.args[0] == program(s.t) && (len(p.args) == 2 && p.args[1] == "tray") == tray {
			out = append(out, p)
		}
	}
	return out
}

// pssKB is what a process really takes, in KiB: shared pages are divided among
// those who share them.
func pssKB(pid int) int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return 0
}

// cpu is the processor time that a process has taken.
func cpu(pid int) time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// lockedBuffer gathers what programs say.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
