package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The names of what is measured.
const (
	ours   = "ours"
	rp     = "rp"
	stock  = "stock"
	direct = "direct"
)

// target is a process that requests can be sent to.
type target struct {
	name string
	addr string
	cmd  *exec.Cmd
	// stdin keeps the benchmark's own processes alive.
	stdin io.Closer
}

// stop ends the process and waits for it.
func (t *target) stop() {
	if t.stdin != nil {
		_ = t.stdin.Close()
	} else {
		_ = t.cmd.Process.Signal(os.Interrupt)
	}
	timer := time.AfterFunc(5*time.Second, func() { _ = t.cmd.Process.Kill() })
	defer timer.Stop()
	_ = t.cmd.Wait() // How it ended says nothing about what was measured.
}

// cpu is the processor time used so far.
func (t *target) cpu() (time.Duration, error) { return cpuTime(t.cmd.Process.Pid) }

// settle waits until the process has done what it put off, so that work behind
// the answers, as that of a request log, is counted too.
func (t *target) settle(ctx context.Context) error {
	const quiet, most = 500 * time.Microsecond, 40
	last, err := t.cpu()
	for calm := 0; err == nil && calm < 3; {
		if err = pause(ctx, 100*time.Millisecond); err != nil {
			break
		}
		var now time.Duration
		now, err = t.cpu()
		if now-last < quiet {
			calm++
		} else {
			calm = 0
		}
		last = now
	}
	return err
}

// launcher starts the processes of the benchmark.
type launcher struct {
	// dir holds everything that is written.
	dir string
	// server is the executable under test.
	server string
	// upstreamAddr is where the upstream listens, once it does.
	upstreamAddr string
	started      int
}

// start starts what name says and waits until it takes connections.
func (l *launcher) start(ctx context.Context, name string) (*target, error) {
	l.started++
	if name == ours {
		t, _, err := l.startServer(ctx, filepath.Join(l.dir, fmt.Sprintf("server-%d", l.started)))
		return t, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{roleArgument, name}
	if name != direct {
		args = append(args, "http://"+l.upstreamAddr)
	}
	cmd := exec.CommandContext(ctx, self, args...) //nolint:gosec // It is this very program.
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	t := &target{name: name, addr: strings.TrimSpace(line), cmd: cmd, stdin: stdin}
	if err != nil {
		t.stop()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return t, nil
}

// startServer starts the program under test with its files in dir and gives the
// time from the start of the process to its first answer.
func (l *launcher) startServer(ctx context.Context, dir string) (*target, time.Duration, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, 0, err
	}
	if err := l.configure(dir, addr); err != nil {
		return nil, 0, err
	}
	output, err := os.Create(filepath.Join(dir, "output")) //nolint:gosec // It is the benchmark's own folder.
	if err != nil {
		return nil, 0, err
	}
	defer output.Close()
	cmd := exec.CommandContext(ctx, l.server, "serve", "--config", filepath.Join(dir, "config.json")) //nolint:gosec // It was built here.
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, output, output
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CACHE_HOME="+dir, "DBUS_SESSION_BUS_ADDRESS=")
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	t := &target{name: ours, addr: addr, cmd: cmd}
	took, err := awaitHealth(ctx, addr, begin)
	if err != nil {
		t.stop()
		text, _ := os.ReadFile(output.Name())
		return nil, 0, fmt.Errorf("start the server: %w; it printed:\n%s", err, text)
	}
	return t, took, nil
}

// configure writes the server's file: one account for each protocol of the
// upstream, the models named, a key required, and the request log as it is by default.
func (l *launcher) configure(dir, addr string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	models := map[string][]string{}
	for name, w := range works() {
		models[w.prefix()] = append(models[w.prefix()], name)
	}
	account := func(id int, provider, prefix string, settings map[string]any) map[string]any {
		return map[string]any{
			"id": id, "provider": provider, "name": prefix, "prefix": strings.TrimSuffix(prefix, "/"),
			"models": models[prefix], "key": upstreamKey, "settings": settings,
		}
	}
	base := "http://" + l.upstreamAddr
	text, err := json.MarshalIndent(map[string]any{
		"version": 1, "host": host, "port": json.Number(port),
		"server": map[string]any{"requireKey": true},
		"keys":   []any{map[string]any{"id": 1, "name": "bench", "key": clientKey}},
		"accounts": []any{
			account(1, "openaicompat", prefix, map[string]any{"baseUrl": base + "/v1", "responses": "also"}),
			account(2, "gemini", geminiPrefix, map[string]any{"kind": "key", "baseUrl": base + "/v1beta"}),
			account(3, "anthropic", anthropicPrefix, map[string]any{"kind": "custom", "baseUrl": base}),
			account(4, "openaicompat", plainPrefix, map[string]any{"baseUrl": base + "/v1"}),
		},
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "config.json"), text, 0o600)
}

// awaitHealth asks GET /health until it answers 200 and gives the time since
// begin.
func awaitHealth(ctx context.Context, addr string, begin time.Time) (time.Duration, error) {
	const patience, again = 10 * time.Second, 300 * time.Microsecond
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/health", nil)
		if err != nil {
			return 0, err
		}
		answer, err := client.Do(r)
		took := time.Since(begin)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return took, nil
			}
			err = errors.New(answer.Status)
		}
		if took > patience {
			return 0, fmt.Errorf("no answer at %s: %w", addr, err)
		}
		if err := pause(ctx, again); err != nil {
			return 0, err
		}
	}
}

func freeAddr(ctx context.Context) (string, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// build builds the server as it is released.
func (l *launcher) build(ctx context.Context) error {
	l.server = filepath.Join(l.dir, "openaicompatible-server")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", l.server, "github.com/WenChunTech/OpenAICompatible/backend/cmd/server") //nolint:gosec // Nothing in it comes from outside.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build the server: %w\n%s", err, output.Bytes())
	}
	return nil
}

// pause sleeps for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
