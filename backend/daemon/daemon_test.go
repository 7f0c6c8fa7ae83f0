package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	demoprovider "github.com/WenChunTech/OpenAICompatible/backend/provider/demo"
)

// program is a daemon that runs for one test.
type program struct {
	*daemon.Daemon
	t     *testing.T
	admin *httptest.Server
	path  string
	ended chan error
	stop  context.CancelFunc
}

func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

func start(t *testing.T, o daemon.Options, settings string) *program {
	t.Helper()
	dir := t.TempDir()
	if o.ConfigPath == "" {
		o.ConfigPath = filepath.Join(dir, "config.json")
	}
	if settings != "" {
		if err := os.WriteFile(o.ConfigPath, []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.DataDir = filepath.Join(dir, "data")
	o.Version = "test"
	o.Pages = fstest.MapFS{"index.html": {Data: []byte("<title>pages</title>")}, "assets/a.js": {Data: []byte("1")}}
	d, err := daemon.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Daemon: d, t: t, path: o.ConfigPath, ended: make(chan error, 1), admin: httptest.NewServer(d.Admin())}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	opened := d.Events().Subscribe()
	go func() { p.ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		opened.Close()
		p.admin.Close()
		stop()
		if err := <-p.ended; err != nil {
			t.Errorf("the daemon ended with %v", err)
		}
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return p
}

// until waits for the daemon to come into a state.
func (p *program) until(what string, ok func() bool) {
	p.t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for end := time.After(20 * time.Second); !ok(); { // a loaded machine is slow
		select {
		case <-look.C:
		case <-end:
			p.t.Fatalf("never %s", what)
		}
	}
}

// api calls the admin API and decodes the answer into out, unless it is nil.
func (p *program) api(method, path, body string, out any) int {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.admin.URL+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			p.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, b)
		}
	}
	return resp.StatusCode
}

// chat asks the proxy and gives status and body; -1 when nothing answers.
func (p *program) chat(key, model string) (int, string) {
	p.t.Helper()
	body := `{"model":"` + model + `","stream":` + strconv.FormatBool(model == "demo/chat") + `,"messages":[{"role":"user","content":"Hello"}]}`
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.Control().Listener().BaseURL+"/chat/completions", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return -1, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

func demo(t *testing.T) *program {
	t.Helper()
	p := start(t, daemon.Options{Demo: true, Edition: "window"}, fmt.Sprintf(`{"version":1,"port":%d}`, freePort(t)))
	p.until("listening", func() bool { return p.Control().Listener().State == "running" })
	return p
}

// working is a program with an account whose service does not answer a chat
// before end is called.
func working(t *testing.T) (p *program, end func()) {
	t.Helper()
	s := newService(t)
	p = balanced(t, s, "")
	gate := make(chan struct{})
	end = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(end)
	s.answers(func(http.ResponseWriter, string) bool {
		<-gate
		return false
	})
	return p, end
}

func TestDaemon_AnswersWithTheKeyItMade(t *testing.T) {
	p := demo(t)
	if code, body := p.chat(p.Key(), "demo/fast"); code != 200 || !strings.Contains(body, `"model":"demo/fast"`) {
		t.Fatalf("got %d %s", code, body)
	}
	if code, _ := p.chat("", "demo/fast"); code != 401 {
		t.Errorf("without a key: %d", code)
	}
	if code, _ := p.chat("sk-wrong", "demo/fast"); code != 401 {
		t.Errorf("with a wrong key: %d", code)
	}
	if b, err := os.ReadFile(p.path); err != nil || bytes.Contains(b, []byte(p.Key())) {
		t.Errorf("the key's text is in the configuration: %s %v", b, err)
	}
}

func TestB50_TheListenerIsWhatItSays(t *testing.T) {
	p := demo(t)
	var l struct{ State, BaseURL, Address string }
	if code := p.api("POST", "/api/listener", `{"running":false}`, &l); code != 200 || l.State != "stopped" {
		t.Fatalf("stop: %d %+v", code, l)
	}
	if code, _ := p.chat(p.Key(), "demo/fast"); code != -1 {
		t.Errorf("a stopped listener answered %d", code)
	}
	if code := p.api("POST", "/api/listener", `{"running":true}`, &l); code != 200 || l.State != "running" {
		t.Fatalf("start: %d %+v", code, l)
	}
	if code, body := p.chat(p.Key(), "demo/fast"); code != 200 {
		t.Errorf("a started listener answered %d %s", code, body)
	}
}

func TestB51_ATakenPortIsNamedAndAnotherOffered(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	p := start(t, daemon.Options{Demo: true, Edition: "window"}, fmt.Sprintf(`{"version":1,"port":%d}`, port))
	p.until("failed", func() bool { return p.Control().Listener().State == "failed" })
	l := p.Control().Listener()
	if !strings.Contains(l.Error, fmt.Sprintf("port %d is in use", port)) || l.FreePort == 0 {
		t.Fatalf("got %+v", l)
	}
	if _, err := os.Stat("/proc/net/tcp"); err == nil && !strings.Contains(l.Error, "daemon.test") {
		t.Errorf("the owner of the port is not named: %s", l.Error)
	}
	if code := p.api("POST", "/api/listener", fmt.Sprintf(`{"running":true,"port":%d}`, l.FreePort), nil); code != 200 {
		t.Fatalf("the free port: %d", code)
	}
	if code, body := p.chat(p.Key(), "demo/fast"); code != 200 {
		t.Errorf("got %d %s", code, body)
	}
	if b, _ := os.ReadFile(p.path); !strings.Contains(string(b), strconv.Itoa(l.FreePort)) {
		t.Errorf("the port was not kept: %s", b)
	}
}

func TestDaemon_HeadlessATakenPortIsAnError(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	d, err := daemon.Open(daemon.Options{ConfigPath: filepath.Join(dir, "c.json"), DataDir: dir, Port: taken.Addr().(*net.TCPAddr).Port})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("got %v", err)
	}
}

func TestDaemon_SettingsAreInForceAtOnce(t *testing.T) {
	p := demo(t)
	next := freePort(t)
	var s struct {
		Port       int
		RequireKey bool
	}
	if code := p.api("PATCH", "/api/settings", fmt.Sprintf(`{"port":%d,"requireKey":false,"defaultModel":"demo/fast"}`, next), &s); code != 200 || s.Port != next || s.RequireKey {
		t.Fatalf("got %d %+v", code, s)
	}
	if base := p.Control().Listener().BaseURL; base != fmt.Sprintf("http://127.0.0.1:%d/v1", next) {
		t.Errorf("base URL %s", base)
	}
	if code, body := p.chat("", "gpt-3.5-turbo"); code != 200 || !strings.Contains(body, `"model":"gpt-3.5-turbo"`) {
		t.Errorf("got %d %s", code, body)
	}
}

func TestDaemon_AWrongSettingIsRefusedAtItsField(t *testing.T) {
	p := demo(t)
	before, _ := os.ReadFile(p.path)
	for body, field := range map[string]string{`{"port":0}`: "body.port", `{"theme":"pink"}`: "body.theme", `{"host":"not a host"}`: "body.host"} {
		var problem struct {
			Detail string
			Errors []struct{ Location, Message string }
		}
		if code := p.api("PATCH", "/api/settings", body, &problem); code != 422 || len(problem.Errors) == 0 || problem.Errors[0].Location != field {
			t.Errorf("%s: got %d %+v", body, code, problem)
		}
	}
	if after, _ := os.ReadFile(p.path); !bytes.Equal(before, after) {
		t.Errorf("a refused setting was written: %s", after)
	}
}

func TestDaemon_AnEditOfTheFileIsInForce(t *testing.T) {
	p := demo(t)
	port := p.Control().Settings().Port
	text := fmt.Sprintf("{\n  // mine\n  \"version\": 1, \"port\": %d, \"server\": {\"requireKey\": false}\n}\n", port)
	if err := os.WriteFile(p.path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p.until("open without a key", func() bool { code, _ := p.chat("", "demo/fast"); return code == 200 })
	if err := os.WriteFile(p.path, []byte("{ broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.until("complaining", func() bool {
		var s struct{ ConfigProblem string }
		p.api("GET", "/api/status", "", &s)
		return strings.Contains(s.ConfigProblem, "config.json:1")
	})
	if code, _ := p.chat("", "demo/fast"); code != 200 {
		t.Errorf("the last good settings are not in force: %d", code)
	}
}

func TestDaemon_KeysComeAndGoWithoutARestart(t *testing.T) {
	p := demo(t)
	var k struct {
		ID                int64
		Name, Masked, Key string
	}
	if code := p.api("POST", "/api/keys", `{"name":"cline"}`, &k); code != 200 || k.Key == "" || strings.Contains(k.Masked, k.Key) {
		t.Fatalf("got %d %+v", code, k)
	}
	if code, _ := p.chat(k.Key, "demo/fast"); code != 200 {
		t.Errorf("the new key: %d", code)
	}
	var text struct{ Key string }
	if code := p.api("GET", fmt.Sprintf("/api/keys/%d/secret", k.ID), "", &text); code != 200 || text.Key != k.Key {
		t.Errorf("secret: %d", code)
	}
	if code := p.api("DELETE", fmt.Sprintf("/api/keys/%d", k.ID), "", nil); code != 204 {
		t.Errorf("delete: %d", code)
	}
	if code, _ := p.chat(k.Key, "demo/fast"); code != 401 {
		t.Errorf("a deleted key: %d", code)
	}
	if code := p.api("DELETE", fmt.Sprintf("/api/keys/%d", k.ID), "", nil); code != 404 {
		t.Errorf("delete again: %d", code)
	}
}

func TestDaemon_RequestsAreLoggedWithWhatWasKept(t *testing.T) {
	p := demo(t)
	p.api("PATCH", "/api/settings", `{"keepBodies":"all"}`, nil)
	if code, body := p.chat(p.Key(), "demo/fast"); code != 200 {
		t.Fatalf("got %d %s", code, body)
	}
	var page struct {
		Exchanges []struct {
			ID     int64
			Asked  string
			Status int
			Key    string
		}
		Total int64
	}
	p.until("logged", func() bool { p.api("GET", "/api/exchanges", "", &page); return len(page.Exchanges) == 1 })
	e := page.Exchanges[0]
	if e.Asked != "demo/fast" || e.Status != 200 || e.Key != "default" {
		t.Errorf("got %+v", e)
	}
	var detail struct {
		Body *struct{ Text, Request, Response string }
	}
	if code := p.api("GET", fmt.Sprintf("/api/exchanges/%d", e.ID), "", &detail); code != 200 || detail.Body == nil || detail.Body.Text == "" || !strings.Contains(detail.Body.Request, "Hello") {
		t.Errorf("detail %d %+v", code, detail.Body)
	}
	if code := p.api("DELETE", "/api/exchanges", "", nil); code != 204 {
		t.Errorf("wipe: %d", code)
	}
	if p.api("GET", "/api/exchanges", "", &page); len(page.Exchanges) != 0 {
		t.Errorf("after a wipe: %+v", page)
	}
	if code := p.api("GET", fmt.Sprintf("/api/exchanges/%d", e.ID), "", nil); code != 404 {
		t.Errorf("a wiped exchange: %d", code)
	}
}

func TestDaemon_EventsSayWhatChanged(t *testing.T) {
	p, end := working(t)
	sub := p.Events().Subscribe()
	defer sub.Close()
	if e := <-sub.C(); e.Kind != event.Resync {
		t.Fatalf("first event %v", e.Kind)
	}
	answered := make(chan int, 1)
	go func() {
		code, _ := p.ask()
		answered <- code
	}()
	await := func(what string, ok func(event.Event) bool) {
		t.Helper()
		for late := time.After(5 * time.Second); ; {
			select {
			case e := <-sub.C():
				if ok(e) {
					return
				}
			case <-late:
				t.Fatalf("never told of %s", what)
			}
		}
	}
	await("the running row", func(e event.Event) bool {
		return e.Kind == event.Running && bytes.Contains(e.Data, []byte(`"asked":"x/m"`))
	})
	end()
	await("the finished row", func(e event.Event) bool { return e.Kind == event.Exchanges })
	if code := <-answered; code != 200 {
		t.Errorf("got %d", code)
	}
}

func TestDaemon_TheWebEditionAsksForItsToken(t *testing.T) {
	var out bytes.Buffer
	port := freePort(t)
	dir := t.TempDir()
	c := daemon.ServeCommand{Config: filepath.Join(dir, "c.json"), Data: dir, Port: port, Admin: true, Demo: true}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	pr, pw := io.Pipe()
	go func() { ended <- c.Serve(ctx, "test", fs.FS(nil), pw, io.Discard) }()
	buf := make([]byte, 4096)
	for !strings.Contains(out.String(), "curl") {
		n, err := pr.Read(buf)
		out.Write(buf[:n])
		if err != nil {
			t.Fatal(err)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, pr) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve ended with %v", err)
		}
		pw.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	}()
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	_, after, ok := strings.Cut(out.String(), base+"/?token=")
	if !ok {
		t.Fatalf("no link in %s", out.String())
	}
	token := strings.Fields(after)[0]
	call := func(method, path, body string, header ...string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	if resp := call("GET", "/api/status", ""); resp.StatusCode != 401 || resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("without a session: %d", resp.StatusCode)
	}
	const form = `{"token":"%s"}`
	if resp := call("POST", "/api/session", fmt.Sprintf(form, token)); resp.StatusCode != 403 {
		t.Errorf("without the header that a form cannot set: %d", resp.StatusCode)
	}
	if resp := call("POST", "/api/session", fmt.Sprintf(form, "wrong"), "X-Requested-With", "x"); resp.StatusCode != 401 {
		t.Errorf("a wrong token: %d", resp.StatusCode)
	}
	resp := call("POST", "/api/session", fmt.Sprintf(form, token), "X-Requested-With", "x")
	if resp.StatusCode != 204 || len(resp.Cookies()) != 1 {
		t.Fatalf("sign in: %d %v", resp.StatusCode, resp.Cookies())
	}
	cookie := resp.Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || strings.Contains(cookie.Value, token) {
		t.Errorf("cookie %+v", cookie)
	}
	if resp := call("GET", "/api/status", "", "Cookie", cookie.String()); resp.StatusCode != 200 {
		t.Errorf("with a session: %d", resp.StatusCode)
	}
	if resp := call("GET", "/api/status", "", "Cookie", cookie.String(), "Host", "x", "Origin", "http://evil.example"); resp.StatusCode != 403 {
		t.Errorf("from a foreign page: %d", resp.StatusCode)
	}
	if resp := call("GET", "/v1/nothing", "", "X-Api-Key", "x"); resp.StatusCode != 401 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		t.Errorf("a client's mistake got a page: %d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
}

func TestB50_AStopDrainsWhatRuns(t *testing.T) {
	p, end := working(t)
	answered := make(chan int, 1)
	go func() {
		code, _ := p.ask()
		answered <- code
	}()
	p.until("running", func() bool { return p.Running() == 1 })
	address := p.Control().Listener().Address
	stopped := make(chan error, 1)
	go func() { stopped <- p.Control().StopListener(t.Context()) }()
	p.until("closed", func() bool {
		var d net.Dialer
		c, err := d.DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	end()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if code := <-answered; code != 200 {
		t.Errorf("a running exchange got %d", code)
	}
}

func TestDaemon_ASecondAccountAnswersAndTheDemoDoesNotMixIn(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Header.Get("Authorization") != "Bearer up-secret":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":{"message":"bad key"}}`)
		case strings.HasSuffix(r.URL.Path, "/models"):
			_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"deep/one","created":5,"owned_by":"them"}]}`)
		default:
			_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","created":1,"model":"deep/one","choices":[{"index":0,"message":{"role":"assistant","content":"from up"},"finish_reason":"stop"}]}`)
		}
	}))
	defer up.Close()
	p := start(t, daemon.Options{Edition: "window"}, fmt.Sprintf(
		`{"version":1,"port":%d,"accounts":[{"id":1,"provider":"openaicompat","name":"up","prefix":"up","settings":{"baseUrl":"%s"},"key":"up-secret"}]}`, freePort(t), up.URL))
	p.until("knowing its models", func() bool { return len(p.Control().Models()) == 1 })
	if m := p.Control().Models()[0]; m.ID != "up/deep/one" || m.OwnedBy != "them" || m.Prefix != "up" || !slices.Equal(m.AccountIDs, []int64{1}) {
		t.Errorf("models %+v", m)
	}
	if code, body := p.chat(p.Key(), "up/deep/one"); code != 200 || !strings.Contains(body, "from up") {
		t.Errorf("got %d %s", code, body)
	}
	if code, body := p.chat(p.Key(), "demo/fast"); code != 404 || !strings.Contains(body, "does not exist") {
		t.Errorf("the demo answered though it is off: %d %s", code, body)
	}
}

func TestDaemon_TheOriginalsFileLoadsAndSaysWhatIsLeftOut(t *testing.T) {
	p := start(t, daemon.Options{Demo: true, Edition: "window", Providers: []provider.Provider{demoprovider.New()}}, fmt.Sprintf(
		`{"host":"127.0.0.1","port":%d,"codegeex":[{"prefix":"codegeex","token":"tok-A"}],"gemini_cli":[{"token":{"expiry":""}}],"unknown":1}`, freePort(t)))
	p.until("listening", func() bool { return p.Control().Listener().State == "running" })
	var s struct{ Warnings []string }
	p.api("GET", "/api/status", "", &s)
	if !strings.Contains(strings.Join(s.Warnings, "\n"), "codegeex") || strings.Contains(strings.Join(s.Warnings, "\n"), "tok-A") {
		t.Errorf("warnings %q", s.Warnings)
	}
	if code, body := p.chat(p.Key(), "demo/fast"); code != 200 {
		t.Errorf("got %d %s", code, body)
	}
}

func TestDaemon_ABrokenConfigurationSaysWhere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.json")
	if err := os.WriteFile(path, []byte("{\n  \"port\": \"many\"\n}"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := daemon.Open(daemon.Options{ConfigPath: path, DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), "config.json:2") || !strings.Contains(err.Error(), "port") {
		t.Errorf("got %v", err)
	}
	if errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
