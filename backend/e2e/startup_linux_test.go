package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// startup runs the program until it ends by itself, and gives its exit code and
// what it said.
func startup(t *testing.T, attr *syscall.SysProcAttr, args ...string) (code int, said string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.SysProcAttr = attr
	var logs bytes.Buffer
	cmd.Stderr = &logs
	_ = cmd.Run() // the code says it
	return cmd.ProcessState.ExitCode(), logs.String()
}

// somebody is a user who may not write what is not theirs.
func somebody() *syscall.SysProcAttr {
	if os.Getuid() != 0 {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}

// shut is a folder that somebody can look into and not write.
func shut(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "shut") //nolint:usetesting // others cannot get into what t.TempDir makes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o555); err != nil { // it is to be read by others
		t.Fatal(err)
	}
	return dir
}

func TestStartup_SaysInOneLineWhatToDo(t *testing.T) {
	t.Parallel()
	everybody := filepath.Dir(binary)
	if err := os.Chmod(everybody, 0o755); err != nil { // somebody runs the program that is in it
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte("{\"version\": 1,\n\"port\": \"many\"}"), 0o600); err != nil {
		t.Fatal(err)
	}
	closed := shut(t)
	none := filepath.Join(t.TempDir(), "none.json")
	for _, c := range []struct {
		name string
		who  *syscall.SysProcAttr
		args []string
		code int
		said string
	}{
		{"wrong settings", nil, []string{"serve", "--config", file}, 1, "config.json:2: port: must be a whole number"},
		{"settings that are a folder", nil, []string{"serve", "--config", closed}, 1, "is a folder: remove it and put a file there"},
		{"a data folder that cannot be made", somebody(), []string{"serve", "--config", filepath.Join(closed, "c.json"), "--data", filepath.Join(closed, "d")}, 1, "cannot be written: give this user the right to"},
		{"a data folder that is read-only", somebody(), []string{"serve", "--config", filepath.Join(closed, "c.json"), "--data", closed}, 1, "cannot be written: give this user the right to"},
		{"a port that is taken", nil, []string{"serve", "--config", none, "--port", strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)}, 1, "is in use"},
		{"a flag that is not there", nil, []string{"serve", "--colour"}, 2, "unknown flag --colour"},
	} {
		code, said := startup(t, c.who, append([]string{binary}, c.args...)...)
		said = strings.TrimSpace(said)
		if code != c.code || !strings.Contains(said, c.said) || strings.Contains(said, "\n") && c.code == 1 {
			t.Errorf("%s: exit code %d, said %q; want %d and one line with %q", c.name, code, said, c.code, c.said)
		}
	}
}

// small runs a command with a disk of that size at dir, which it alone sees.
func small(size, dir string, args ...string) (words []string, attr *syscall.SysProcAttr) {
	self := func(id int) []syscall.SysProcIDMap { return []syscall.SysProcIDMap{{HostID: id, Size: 1}} }
	words = append([]string{"/bin/sh", "-c", `mount -t tmpfs -o size="$0" none "$1" && shift && exec "$@"`, size, dir}, args...)
	return words, &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER, UidMappings: self(os.Getuid()), GidMappings: self(os.Getgid()),
	}
}

func TestStartup_OnAFullDisk(t *testing.T) {
	t.Parallel()
	for _, size := range []string{"12k", "16k", "32k", "100k"} { // full at one step or another
		onFullDisk(t, size)
	}
}

func onFullDisk(t *testing.T, size string) {
	t.Helper()
	dir := t.TempDir()
	words, attr := small(size, dir, binary, "serve", "--config", filepath.Join(dir, "c.json"), "--data", filepath.Join(dir, "data"))
	code, said := startup(t, attr, words...)
	if strings.Contains(said, "mount:") || code == 126 {
		t.Skip("this system lets no test mount a disk")
	}
	if code != 1 || !strings.Contains(said, "is full: make room, or name another folder with --data") || strings.Count(said, "\n") != 1 {
		t.Errorf("%s: exit code %d, said %q", size, code, said)
	}
}

// A disk that fills up keeps nobody from being served; the log says it once, the
// pages show it, and when there is room again nothing was lost.
func TestFullDisk_TheProxyGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	words, attr := small("6m", dir, binary, "serve", "--demo", "--admin", "--port", strconv.Itoa(freePort(t)),
		"--config", filepath.Join(dir, "c.json"), "--data", filepath.Join(dir, "data"))
	p := &program{log: &logs{}, ids: &ids{}}
	p.client = &http.Client{Transport: p.ids}
	cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
	cmd.SysProcAttr, cmd.Stderr = attr, p.log
	out := &logs{}
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Skipf("this system lets no test mount a disk: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() {
		p.ids.CloseIdleConnections()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := <-ended; err != nil {
			t.Errorf("the program ended with %v:\n%s", err, p.log)
		}
	}()
	eventually(t, "it serves", func() bool {
		return strings.Contains(out.String(), "Try it") || strings.Contains(p.log.String(), "mount:")
	})
	for line := range strings.Lines(out.String()) {
		f := strings.Fields(line)
		switch {
		case len(f) == 3 && f[0] == "Base":
			p.url = strings.TrimSuffix(f[2], "/v1")
		case len(f) == 3 && f[0] == "API":
			p.key = f[2]
		case len(f) == 2 && f[0] == "Pages":
			_, p.token, _ = strings.Cut(f[1], "token=")
		}
	}
	ask := func() {
		t.Helper()
		if status, body := p.do(t, http.MethodPost, "/v1/chat/completions", `{"model":"demo/chat","messages":[{"role":"user","content":"hi"}]}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
	}
	rows := func() int {
		var page requestlog.Page
		if p.admin(t, "/api/exchanges", &page) != http.StatusOK {
			return -1
		}
		return len(page.Exchanges)
	}
	warned := func() bool {
		var st control.Status
		return p.admin(t, "/api/status", &st) == http.StatusOK && strings.Contains(strings.Join(st.Warnings, "\n"), "the disk is full: make room")
	}
	ask()
	eventually(t, "the first request is written", func() bool { return rows() == 1 })

	filler := filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "root", dir, "filler")
	fill(t, filler)
	const during = 40
	for range during {
		ask()
	}
	eventually(t, "the pages show it", warned)
	ask()
	if n := strings.Count(p.log.String(), "request log is not written"); n != 1 {
		t.Errorf("it said so %d times:\n%s", n, p.log)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all is written", func() bool { return rows() == during+2 })
	eventually(t, "the pages show it no more", func() bool { return !warned() })
	if !strings.Contains(p.log.String(), "request log is written again") {
		t.Errorf("it does not say that it is over:\n%s", p.log)
	}
}

// fill writes a file until the disk has no room.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for piece := make([]byte, 4096); err == nil; {
		_, err = f.Write(piece)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(fmt.Errorf("fill the disk: %w", err))
	}
}

// The doctor of the program itself, with all there is.
func TestDoctor_OfTheProgram(t *testing.T) {
	t.Parallel()
	p := start(t)
	config := p.args[2]
	out, err := exec.CommandContext(t.Context(), binary, "doctor", "--json", "--online", "--config", config, "--data", p.data).Output()
	var got struct {
		Checks []struct{ Check, State, Said string }
	}
	if jerr := json.Unmarshal(out, &got); jerr != nil || err != nil {
		t.Fatalf("%v, %v: %s", err, jerr, out)
	}
	said := map[string]string{}
	for _, c := range got.Checks {
		said[c.Check] += c.State + " " + c.Said + "\n"
	}
	for check, want := range map[string]string{
		"port": "ok 127.0.0.1", "request log": "opens", "account": "ok 1 'plain' (openaicompat)", "network": "ok 'plain'", "clock": "ok within",
	} {
		if !strings.Contains(said[check], want) {
			t.Errorf("%s: %q, want %q", check, said[check], want)
		}
	}
	for _, secret := range []string{upstreamKey, p.key, p.token} {
		if bytes.Contains(out, []byte(secret)) {
			t.Errorf("a secret is told: %.6s", secret)
		}
	}
}
