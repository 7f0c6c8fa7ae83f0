package e2e_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// upstreamKey is the accounts' credential; the clients' key is another.
const upstreamKey = "sk-upstream-canary"

// binary is the program under test, built once by TestMain.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "openaicompatible-server")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	build := exec.Command("go", "build", "-o", binary, "../cmd/server")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// program is the running program, with the stand-in behind its accounts.
type program struct {
	// url is the root of the port, without /v1.
	url string
	// executable is the file that runs; "" is the one that all tests share.
	executable string
	// key is the client's API key, token the admin's.
	key, token string
	fake       *fake.OpenAI
	// data is the folder of the request log.
	data   string
	client *http.Client
	ids    *ids
	// cmd is nil once the program has ended; args are what it was started with.
	cmd  *exec.Cmd
	args []string
	log  *logs
}

// logs are what the program reported, kept for a test that fails.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs the program with the demo and two accounts at one stand-in, plain
// and translated; edit changes the configuration before.
func start(t *testing.T, edit ...func(config map[string]any)) *program {
	t.Helper()
	return startAs(t, "", edit...)
}

// startAs is start of another build of the program.
func startAs(t *testing.T, executable string, edit ...func(config map[string]any)) *program {
	t.Helper()
	p := &program{executable: executable, fake: fake.NewOpenAI(fake.Options{Key: upstreamKey, Strict: true, Delay: 50 * time.Millisecond}), log: &logs{}, ids: &ids{}}
	p.client = &http.Client{Transport: p.ids}
	upstream := httptest.NewServer(p.fake)
	t.Cleanup(upstream.Close)
	account := func(id int, name, translate string) map[string]any {
		return map[string]any{
			"id": id, "provider": "openaicompat", "name": name, "prefix": name, "key": upstreamKey,
			"settings": map[string]string{"baseUrl": upstream.URL, "translate": translate},
		}
	}
	config := map[string]any{
		"version": 1, "host": "127.0.0.1", "port": freePort(t),
		"keys":     []any{map[string]any{"id": 1, "name": "test", "key": "sk-client-canary"}},
		"accounts": []any{account(1, "plain", "false"), account(2, "translated", "true")},
	}
	for _, e := range edit {
		e(config)
	}
	raw, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "config.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	p.data = filepath.Join(dir, "data")
	p.run(t, "serve", "--config", path, "--data", p.data, "--demo", "--admin")
	return p
}

// freePort is one that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// run starts the program and reads what it prints for its user.
func (p *program) run(t *testing.T, args ...string) {
	t.Helper()
	p.cmd, p.args = exec.Command(cmp.Or(p.executable, binary), args...), args
	p.cmd.Stderr = p.log
	// A proxy of the machine is not for the loopback, whatever it says itself.
	p.cmd.Env = append(os.Environ(), "HTTP_PROXY=", "HTTPS_PROXY=", "http_proxy=", "https_proxy=")
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.stop(t) })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) == 3 && fields[0] == "Base":
			p.url = strings.TrimSuffix(fields[2], "/v1")
		case len(fields) == 3 && fields[0] == "API":
			p.key = fields[2]
		case len(fields) == 2 && fields[0] == "Pages":
			_, p.token, _ = strings.Cut(fields[1], "token=")
		case len(fields) > 0 && fields[0] == "Try":
			go io.Copy(io.Discard, out) // The pipe ends with the program.
			p.ready(t)
			return
		}
	}
	t.Fatalf("the program printed no address:\n%s", p.log)
}

// ready waits until the program answers and knows its accounts' models.
func (p *program) ready(t *testing.T) {
	t.Helper()
	if p.url == "" || p.key == "" || p.token == "" {
		t.Fatalf("address %q, key %q or token %q is missing", p.url, p.key, p.token)
	}
	eventually(t, "GET /health answers and the models are known", func() bool {
		resp, err := p.client.Get(p.url + "/health")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		status, body := p.do(t, http.MethodGet, "/v1/models", "")
		return resp.StatusCode == http.StatusOK && status == http.StatusOK &&
			bytes.Contains(body, []byte(`"plain/usage"`)) && bytes.Contains(body, []byte(`"translated/usage"`))
	})
	p.fake.Reset()
}

// stop asks the program to end, as a supervisor does, and expects that it does.
func (p *program) stop(t *testing.T) {
	t.Helper()
	if p.cmd == nil {
		return
	}
	defer func() { p.cmd = nil }()
	p.ids.CloseIdleConnections()
	if runtime.GOOS == "windows" {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	gone := make(chan error, 1)
	go func() { gone <- p.cmd.Wait() }()
	select {
	case err := <-gone:
		if err != nil {
			t.Errorf("the program ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		t.Error("the program did not end within 10 s of SIGTERM")
	}
	if t.Failed() {
		t.Logf("the program's log:\n%s", p.log)
	}
	p.secrets(t)
}

// restart ends the program and starts it again with the same files.
func (p *program) restart(t *testing.T) {
	t.Helper()
	p.stop(t)
	p.run(t, p.args...)
}

// secrets looks for the keys where they must not be: in what the program
// reported and in the request log (B59). The credentials are in a file of their
// own.
func (p *program) secrets(t *testing.T) {
	t.Helper()
	places := map[string][]byte{"the program's log": []byte(p.log.String())}
	files, err := filepath.Glob(filepath.Join(p.data, "requests.db*"))
	if err != nil || len(files) == 0 {
		t.Errorf("there is no request log in the data folder: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		}
		places[filepath.Base(file)] = raw
	}
	for place, raw := range places {
		for _, secret := range []string{upstreamKey, p.key, p.token} {
			if bytes.Contains(raw, []byte(secret)) {
				t.Errorf("B59: a secret that begins with %.6s is in %s", secret, place)
			}
		}
	}
}

// chats are the chat requests that the stand-in got; the program also asks it
// for its models, when it likes.
func (p *program) chats() []*fake.Received {
	return slices.DeleteFunc(p.fake.Received(), func(r *fake.Received) bool { return r.Path != "/v1/chat/completions" })
}

// do sends a request with the client's key and reads the answer.
func (p *program) do(t *testing.T, method, path, body string, header ...string) (int, []byte) {
	t.Helper()
	resp := p.send(t.Context(), t, method, path, body, header...)
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, raw
}

// send is do with the answer still open.
func (p *program) send(ctx context.Context, t *testing.T, method, path, body string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+p.key)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := p.client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// admin reads from the admin API.
func (p *program) admin(t *testing.T, path string, into any) int {
	t.Helper()
	status, raw := p.do(t, http.MethodGet, path, "", "Authorization", "Bearer "+p.token)
	if status == http.StatusOK {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatalf("GET %s: %v in %s", path, err, raw)
		}
	}
	return status
}

// awake ends the rests of the stand-in's accounts, as the button on their cards
// does: what a failure is to a client is asked of each failure by itself.
func (p *program) awake(t *testing.T) {
	t.Helper()
	for _, id := range []string{"1", "2"} {
		if status, body := p.do(t, http.MethodPost, "/api/accounts/"+id+"/retry", "{}", "Authorization", "Bearer "+p.token, "X-Requested-With", "e2e"); status != http.StatusOK {
			t.Fatalf("retry account %s: %d %s", id, status, body)
		}
	}
}

// row waits for the log row of a finished exchange.
func (p *program) row(t *testing.T, id string) control.ExchangeDetail {
	t.Helper()
	var row control.ExchangeDetail
	eventually(t, "exchange "+id+" is in the log", func() bool {
		row = control.ExchangeDetail{}
		return p.admin(t, "/api/exchanges/"+id, &row) == http.StatusOK && !row.Running
	})
	return row
}

// last is the log row of the exchange that p.client was answered last.
func (p *program) last(t *testing.T) control.ExchangeDetail {
	t.Helper()
	return p.row(t, p.ids.last())
}

// ids notes the id of each exchange that is answered.
type ids struct {
	http.Transport
	mu sync.Mutex
	id string
}

// RoundTrip sends r and notes what the answer is called.
func (i *ids) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := i.Transport.RoundTrip(r)
	if err == nil && resp.Header.Get("X-Request-Id") != "" {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.id = resp.Header.Get("X-Request-Id")
	}
	return resp, err
}

func (i *ids) last() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.id
}

// eventually asks until the answer is yes; what is asked of is another process.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(15 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("timed out: %s", what)
		}
	}
}
