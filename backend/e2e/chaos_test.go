package e2e_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// storm is a service of which every fifth call fails, in every way that calls
// fail in.
type storm struct {
	http.Handler
	mu     sync.Mutex
	random *rand.Rand
	// calls, faults and cuts count chats: all, those that failed, and those that
	// broke off after they had begun.
	calls, faults, cuts atomic.Int64
}

// fault is one way to fail, and how many of a thousand calls do.
type fault struct {
	share int
	fail  func(s *storm, w http.ResponseWriter, r *http.Request)
}

func storms() []fault {
	status := func(code int, wait string) func(*storm, http.ResponseWriter, *http.Request) {
		return func(_ *storm, w http.ResponseWriter, _ *http.Request) {
			if wait != "" {
				w.Header().Set("Retry-After", wait)
			}
			http.Error(w, `{"error":{"message":"a storm","type":"server_error","code":null}}`, code)
		}
	}
	return []fault{
		{35, reset},
		{25, status(http.StatusTooManyRequests, "1")},
		{8, status(http.StatusTooManyRequests, "")},
		{40, status(http.StatusInternalServerError, "")},
		{25, status(http.StatusServiceUnavailable, "1")},
		{20, slow},
		{2, silent},
		{25, cutOff},
		{30, garbage},
	}
}

// reset breaks the connection before a byte of an answer.
func reset(_ *storm, w http.ResponseWriter, _ *http.Request) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

// slow thinks for a while, and answers in time.
func slow(s *storm, w http.ResponseWriter, r *http.Request) {
	pause(r.Context(), 300*time.Millisecond)
	s.Handler.ServeHTTP(w, r)
}

// silent thinks for longer than anybody waits.
func silent(_ *storm, _ http.ResponseWriter, r *http.Request) { pause(r.Context(), time.Minute) }

// cutOff begins an answer well and breaks off.
func cutOff(s *storm, w http.ResponseWriter, r *http.Request) {
	whole := httptest.NewRecorder()
	s.Handler.ServeHTTP(whole, r)
	maps.Copy(w.Header(), whole.Header())
	body := whole.Body.Bytes()
	if whole.Header().Get("Content-Type") == "text/event-stream" {
		s.cuts.Add(1)
	}
	_, _ = w.Write(body[:len(body)*2/3])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// garbage is what a captive portal answers.
func garbage(_ *storm, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "<html><body>Please sign in</body></html>")
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (s *storm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
		s.Handler.ServeHTTP(w, r)
		return
	}
	// The body must be read before the connection is the handler's.
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.calls.Add(1)
	s.mu.Lock()
	dice := s.random.IntN(1000)
	s.mu.Unlock()
	for _, f := range storms() {
		if dice -= f.share; dice < 0 {
			s.faults.Add(1)
			f.fail(s, w, r)
			return
		}
	}
	pause(r.Context(), 30*time.Millisecond) // A model thinks.
	s.Handler.ServeHTTP(w, r)
}

// crowd are accounts at the storm, and a few at an address where nobody listens.
func (s *storm) crowd(t *testing.T, size int) func(config map[string]any) {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	nobody := fmt.Sprint("http://127.0.0.1:", freePort(t))
	return func(config map[string]any) {
		accounts, _ := config["accounts"].([]any)
		for i := range size {
			address := srv.URL
			if i%50 == 7 {
				address = nobody
			}
			accounts = append(accounts, map[string]any{
				"id": 100 + i, "provider": "openaicompat", "name": fmt.Sprint("storm ", i), "prefix": "storm", "key": upstreamKey,
				"models": []string{"usage"}, "settings": map[string]string{"baseUrl": address, "translate": strconv.FormatBool(i%2 == 0)},
			})
		}
		config["accounts"] = accounts
		config["routing"] = map[string]any{"attempts": 10}
		config["network"] = map[string]any{"firstByteTimeoutMs": 1500}
	}
}

// outcome is what a client saw of one request; "" is a right answer, broken one
// that the protocol's own error event ended after it had begun.
func (p *program) outcome(ctx context.Context, streamed bool) string {
	const broken = "broken"
	body := fmt.Sprintf(`{"model":"storm/usage","stream":%v,"messages":[{"role":"user","content":"hello"}]}`, streamed)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+chatPath, strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Authorization", "Bearer "+p.key)
	resp, err := p.client.Do(r)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	text := string(raw)
	switch {
	case err != nil:
		return "the answer is cut: " + err.Error()
	case resp.StatusCode != http.StatusOK:
		return fmt.Sprint(resp.StatusCode, " ", text)
	case !streamed && json.Valid(raw) && strings.Contains(text, `"finish_reason":"stop"`):
		return ""
	case !streamed || !strings.HasSuffix(text, "data: [DONE]\n\n"):
		return "no right answer: " + text
	case strings.Contains(text, `data: {"error":{"message":"`) && strings.Contains(text, `"content":"`):
		return broken
	case strings.Contains(text, `"finish_reason":"stop"`) && !strings.Contains(text, `"error"`):
		return ""
	}
	return "no right stream: " + text
}

// besiege sends n requests, many at once, and counts what came of them.
func (p *program) besiege(t *testing.T, n int) map[string]int {
	t.Helper()
	const atOnce = 32
	var left atomic.Int64
	left.Store(int64(n))
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for i := left.Add(-1); i >= 0; i = left.Add(-1) {
				got := p.outcome(t.Context(), i%2 == 0)
				mu.Lock()
				seen[got]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return seen
}

// requests is how many make test has the time for; make nightly asks for more.
func requests(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("CHAOS_REQUESTS"), "1500"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestChaos_NoFailureThatAnotherAccountCouldHaveAvoided(t *testing.T) {
	t.Setenv("GOTRACEBACK", "all")
	n := requests(t)
	s := &storm{Handler: fake.NewOpenAI(fake.Options{Key: upstreamKey}), random: rand.New(rand.NewPCG(4, 2))}
	p := start(t, s.crowd(t, 400))
	p.ids.MaxIdleConnsPerHost = 64
	if seen := p.besiege(t, n/5); seen[""] == 0 {
		t.Fatalf("nothing works: %v", seen)
	}
	before := p.footprint(t)
	s.calls.Store(0)
	s.faults.Store(0)
	s.cuts.Store(0)
	seen := p.besiege(t, n)
	right, broken := seen[""], seen["broken"]
	delete(seen, "")
	delete(seen, "broken")
	if len(seen) != 0 {
		t.Errorf("failures that another account could have avoided, or that are not the protocol's: %v", seen)
	}
	if cuts := int(s.cuts.Load()); broken > cuts || right+broken != n {
		t.Errorf("%d right, %d broken off in mid-answer, of %d; the service broke off %d", right, broken, n, cuts)
	}
	calls, faults := s.calls.Load(), s.faults.Load()
	if share := float64(faults) / float64(calls); share < 0.15 || share > 0.25 {
		t.Errorf("%d of %d calls failed: that is no test of one in five", faults, calls)
	}
	t.Logf("%d requests: %d right, %d broken off; %d of %d calls failed", n, right, broken, faults, calls)
	p.unchanged(t, before)
}

// footprint is what the program holds.
type footprint struct{ files, kilobytes int }

// footprint looks once the program is at rest; the zero value is a system that
// does not tell.
func (p *program) footprint(t *testing.T) footprint {
	t.Helper()
	if runtime.GOOS != "linux" {
		return footprint{}
	}
	eventually(t, "no request runs", func() bool {
		var list struct{ Exchanges []json.RawMessage }
		return p.admin(t, "/api/exchanges/running", &list) == http.StatusOK && len(list.Exchanges) == 0
	})
	proc := filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid))
	files, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		t.Fatal(err)
	}
	_, rss, _ := strings.Cut(string(status), "VmRSS:")
	kb, err := strconv.Atoi(strings.Fields(rss)[0])
	if err != nil {
		t.Fatal(err)
	}
	return footprint{len(files), kb}
}

// unchanged says that the storm left nothing behind: no connection, no memory,
// and, as the program's last words tell, no goroutine.
func (p *program) unchanged(t *testing.T, before footprint) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return
	}
	after := p.footprint(t)
	const atOnce, memory = 32, 48 << 10
	if after.files > before.files+2*atOnce || after.kilobytes > before.kilobytes+memory {
		t.Errorf("before the storm %+v, after it %+v", before, after)
	}
	p.ids.CloseIdleConnections()
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	_ = p.cmd.Wait()
	p.cmd = nil
	dump := p.log.String()
	if n := strings.Count(dump, "\ngoroutine "); n == 0 || n > 100 || strings.Contains(dump, "relay.(*exchange)") {
		t.Errorf("%d goroutines are left:\n%s", n, dump)
	}
	p.secrets(t)
}
