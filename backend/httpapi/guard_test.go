package httpapi_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

const (
	key = "sk-oac-test"
	ask = `{"model":"m","messages":[{"role":"user","content":"hi"}]}`
)

// nobody routes every model to nobody, and says so: what reaches it has passed
// all guards.
type nobody struct{}

func (nobody) Route(model string) (pool.Turn, *llm.Error) {
	return pool.Turn{}, &llm.Error{Kind: llm.KindNotFound, Code: "reached", Message: "reached with " + model}
}

type records struct{ all []requestlog.Record }

func (r *records) Put(rec requestlog.Record) { r.all = append(r.all, rec) }

type plain struct{}

func (plain) String(s string) string    { return s }
func (plain) Record(*requestlog.Record) {}

func proxy(t *testing.T, g *httpapi.Guard) *httptest.Server {
	t.Helper()
	r := relay.New(relay.Options{
		Router: func() relay.Router { return nobody{} }, Recorder: &records{}, Redactor: plain{},
		Limits: func() *relay.Limits { return &relay.Limits{Attempts: 1, Body: 1 << 20, Keep: relay.KeepOff} },
	})
	models := []dialect.Model{{ID: "x/a/b", OwnedBy: "x", Created: 7, ContextTokens: 8}}
	srv := httptest.NewServer(httpapi.NewProxy(httpapi.ProxyOptions{
		Guard: func() *httpapi.Guard { return g }, Relay: r, Endpoints: []httpapi.Endpoint{{Path: "/v1/chat/completions", Client: openaichat.Client{}}}, Version: "test",
		Models: func() []dialect.Model { return models },
		Model: func(id string) (dialect.Model, bool) {
			return models[0], id == models[0].ID
		},
	}))
	t.Cleanup(srv.Close)
	return srv
}

func strict() *httpapi.Guard {
	return &httpapi.Guard{RequireKey: true, Keys: []httpapi.Key{{Name: "other", Digest: httpapi.Digest("sk-else")}, {Name: "mine", Digest: httpapi.Digest(key)}}}
}

// call sends one request as its bytes stand, because odd paths and Hosts are
// what it is about; header is alternating names and values.
func call(t *testing.T, srv *httptest.Server, method, path, body string, header ...string) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	host := srv.Listener.Addr().String()
	var b strings.Builder
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			host = header[i+1]
			continue
		}
		fmt.Fprintf(&b, "%s: %s\r\n", header[i], header[i+1])
	}
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n%s\r\n%s", method, path, host, len(body), b.String(), body)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// code is the error's code; it fails the test when the body is not OpenAI's
// error object (B48).
func code(t *testing.T, body string) string {
	t.Helper()
	var e struct {
		Error *struct {
			Message, Type string
			Code          *string
		}
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.Error == nil || e.Error.Message == "" || e.Error.Type == "" {
		t.Fatalf("not an error object: %s", body)
	}
	if e.Error.Code == nil {
		return ""
	}
	return *e.Error.Code
}

func TestB61_AForeignHostReachesNothing(t *testing.T) {
	srv := proxy(t, &httpapi.Guard{Hosts: []string{"box.lan"}})
	for host, want := range map[string]int{
		"127.0.0.1:8080": 404, "localhost": 404, "LOCALHOST:1": 404, "[::1]:8080": 404, "127.8.8.8": 404,
		"box.lan:8080": 404, "localhost.": 404,
		"evil.example": 403, "127.0.0.1.evil.example": 403, "evil.localhost.example:8080": 403, "192.168.1.5": 403, "0.0.0.0": 403,
	} {
		for _, path := range []string{"/v1/chat/completions", "/health", "/", "/v1/models", "//v1/models", "/nowhere"} {
			resp, body := call(t, srv, "POST", path, ask, "Host", host)
			refused := resp.StatusCode == 403
			if refused != (want == 403) {
				t.Errorf("Host %s at %s: got %d %s", host, path, resp.StatusCode, body)
			}
			if refused && code(t, body) != "host_not_allowed" {
				t.Errorf("Host %s at %s: %s", host, path, body)
			}
		}
	}
}

func TestB61_AListenerBeyondLoopbackIsCalledByItsAddress(t *testing.T) {
	srv := proxy(t, &httpapi.Guard{AnyAddress: true})
	if resp, body := call(t, srv, "GET", "/health", "", "Host", "192.168.1.5:8080"); resp.StatusCode != 200 {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
	if resp, _ := call(t, srv, "GET", "/health", "", "Host", "evil.example"); resp.StatusCode != 403 {
		t.Errorf("a foreign name got %d", resp.StatusCode)
	}
}

func TestB62_AWebPageMayNotCall(t *testing.T) {
	g := strict()
	g.Origins = []string{"https://good.example"}
	srv := proxy(t, g)
	for _, c := range []struct {
		name   string
		header []string
		want   int
	}{
		{"no browser", nil, 404},
		{"foreign origin", []string{"Origin", "https://evil.example"}, 403},
		{"null origin", []string{"Origin", "null"}, 403},
		{"cross-site without origin", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"same-site", []string{"Origin", "http://127.0.0.1:9", "Sec-Fetch-Site", "same-site"}, 403},
		{"a prefix of a listed one", []string{"Origin", "https://good.example.evil.example"}, 403},
		{"listed", []string{"Origin", "https://good.example", "Sec-Fetch-Site", "cross-site"}, 404},
		{"own page", []string{"Origin", srv.URL, "Sec-Fetch-Site", "same-origin"}, 404},
		{"typed address", []string{"Sec-Fetch-Site", "none"}, 404},
	} {
		resp, body := call(t, srv, "POST", "/v1/chat/completions", ask,
			append(c.header, "Content-Type", "text/plain", "Authorization", "Bearer "+key)...)
		if resp.StatusCode != c.want {
			t.Errorf("%s: got %d %s, want %d", c.name, resp.StatusCode, body, c.want)
		}
		got, want := resp.Header.Get("Access-Control-Allow-Origin"), ""
		if c.name == "listed" {
			want = "https://good.example"
		}
		if got != want {
			t.Errorf("%s: Access-Control-Allow-Origin %q, want %q", c.name, got, want)
		}
	}
}

func TestB62_PreflightIsAnsweredForListedOriginsAlone(t *testing.T) {
	g := strict()
	g.Origins = []string{"https://good.example"}
	srv := proxy(t, g)
	ask := func(origin string) *http.Response {
		resp, _ := call(t, srv, "OPTIONS", "/v1/chat/completions", "", "Origin", origin,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type", "Access-Control-Request-Private-Network", "true")
		return resp
	}
	good := ask("https://good.example")
	if good.StatusCode != 204 || good.Header.Get("Access-Control-Allow-Headers") != "authorization,content-type" ||
		!strings.Contains(good.Header.Get("Access-Control-Allow-Methods"), "POST") || good.Header.Get("Access-Control-Allow-Private-Network") != "true" {
		t.Errorf("listed: %d %v", good.StatusCode, good.Header)
	}
	if bad := ask("https://evil.example"); bad.StatusCode != 403 || bad.Header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("foreign: %d %v", bad.StatusCode, bad.Header)
	}
}

func TestB63_AKeyIsTakenInEveryHeaderForm(t *testing.T) {
	srv := proxy(t, strict())
	for _, form := range [][2]string{
		{"Authorization", "Bearer " + key},
		{"Authorization", "bearer  " + key},
		{"Authorization", key},
		{"X-Api-Key", key},
		{"X-Goog-Api-Key", key},
		{"Api-Key", key},
	} {
		if resp, body := call(t, srv, "POST", "/v1/chat/completions", ask, form[0], form[1]); resp.StatusCode != 404 || code(t, body) != "reached" {
			t.Errorf("%s: %s: got %d %s", form[0], form[1], resp.StatusCode, body)
		}
	}
	for _, form := range [][2]string{{"X-None", "1"}, {"Authorization", "Bearer wrong"}, {"Authorization", "Bearer "}, {"X-Api-Key", key + "x"}} {
		resp, body := call(t, srv, "POST", "/v1/chat/completions", ask, form[0], form[1])
		if resp.StatusCode != 401 || resp.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %s: got %d", form[0], form[1], resp.StatusCode)
		}
		if c := code(t, body); c != "missing_api_key" && c != "invalid_api_key" {
			t.Errorf("code %q", c)
		}
	}
	if resp, _ := call(t, srv, "GET", "/v1/models?key="+key, ""); resp.StatusCode != 401 {
		t.Errorf("a key in the query was taken: %d", resp.StatusCode)
	}
}

func TestB63_WhereNoKeyIsNeededAnyWillDo(t *testing.T) {
	g := strict()
	g.RequireKey = false
	srv := proxy(t, g)
	for _, h := range [][]string{nil, {"Authorization", "Bearer whatever"}} {
		if resp, body := call(t, srv, "GET", "/v1/models", "", h...); resp.StatusCode != 200 {
			t.Errorf("%v: got %d %s", h, resp.StatusCode, body)
		}
	}
}

func TestB64_PathTricksPassNoGuard(t *testing.T) {
	srv := proxy(t, strict())
	for _, path := range []string{
		"//v1/models", "/v1/../v1/models", "/./v1/models", "/v1//models", "/%2fv1/models", "/v1/models/..", "/v1/%2e%2e/v1/models",
		"/health/../v1/models", "/v1/models/", "/nowhere", "/v1/models/%2e%2e/%2e%2e/health/../v1/models",
	} {
		if resp, body := call(t, srv, "GET", path, ""); resp.StatusCode != 401 && resp.StatusCode != 200 || resp.StatusCode == 200 && strings.Contains(body, "x/a/b") {
			t.Errorf("%s without a key: got %d %s", path, resp.StatusCode, body)
		}
	}
}

func TestB45_BaseURLMistakesReachTheRoute(t *testing.T) {
	srv := proxy(t, strict())
	for _, path := range []string{
		"/v1/chat/completions", "/chat/completions", "/v1/v1/chat/completions", "/v1/chat/completions/", "//v1/chat/completions", "/v1//chat/completions", "/v1/v1/v1/chat/completions/",
	} {
		if resp, body := call(t, srv, "POST", path, ask, "X-Api-Key", key); resp.StatusCode != 404 || code(t, body) != "reached" {
			t.Errorf("%s: got %d %s", path, resp.StatusCode, body)
		}
	}
	for _, path := range []string{"/v1/models", "/models", "/v1/v1/models", "/v1/models/", "/models/"} {
		if resp, body := call(t, srv, "GET", path, "", "X-Api-Key", key); resp.StatusCode != 200 || !strings.Contains(body, `"object":"list"`) {
			t.Errorf("%s: got %d %s", path, resp.StatusCode, body)
		}
	}
	for _, path := range []string{"/v1/models/x/a/b", "/v1/models/x%2Fa%2Fb", "/models/x/a/b"} {
		if resp, body := call(t, srv, "GET", path, "", "X-Api-Key", key); resp.StatusCode != 200 || !strings.Contains(body, `"id":"x/a/b"`) || !strings.Contains(body, `"created":7`) {
			t.Errorf("%s: got %d %s", path, resp.StatusCode, body)
		}
	}
}

func TestB48_EveryErrorIsAnObjectWithItsStatus(t *testing.T) {
	srv := proxy(t, strict())
	for _, c := range []struct {
		method, path string
		want         int
		code         string
	}{
		{"GET", "/v1/chat/completions", 405, "method_not_allowed"},
		{"DELETE", "/v1/models", 405, "method_not_allowed"},
		{"POST", "/v1/nothing", 404, "unknown_url"},
		{"GET", "/favicon.ico", 404, "unknown_url"},
		{"GET", "/v1/models/none", 404, "model_not_found"},
	} {
		resp, body := call(t, srv, c.method, c.path, "", "X-Api-Key", key)
		if resp.StatusCode != c.want || code(t, body) != c.code {
			t.Errorf("%s %s: got %d %s", c.method, c.path, resp.StatusCode, body)
		}
		if ct := resp.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
			t.Errorf("%s %s: Content-Type %q", c.method, c.path, ct)
		}
		if c.want == 405 && resp.Header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow header", c.method, c.path)
		}
	}
}

func compressed(t *testing.T, coding, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestB47_CompressedBodiesAreTakenAndBounded(t *testing.T) {
	srv := proxy(t, strict())
	for _, coding := range []string{"gzip", "br", "zstd"} {
		resp, body := call(t, srv, "POST", "/v1/chat/completions", compressed(t, coding, strings.Replace(ask, `"m"`, `"packed"`, 1)), "X-Api-Key", key, "Content-Encoding", coding)
		if resp.StatusCode != 404 || !strings.Contains(body, "reached with packed") {
			t.Errorf("%s: got %d %s", coding, resp.StatusCode, body)
		}
		bomb := compressed(t, coding, `{"model":"`+strings.Repeat("a", 4<<20)+`"}`)
		if resp, body = call(t, srv, "POST", "/v1/chat/completions", bomb, "X-Api-Key", key, "Content-Encoding", coding); resp.StatusCode != 413 {
			t.Errorf("%s: 4 MiB out of %d bytes: got %d %s", coding, len(bomb), resp.StatusCode, body)
		}
		if resp, body = call(t, srv, "POST", "/v1/chat/completions", "not packed at all", "X-Api-Key", key, "Content-Encoding", coding); resp.StatusCode != 400 {
			t.Errorf("%s: garbage: got %d %s", coding, resp.StatusCode, body)
		}
	}
	if resp, body := call(t, srv, "POST", "/v1/chat/completions", "x", "X-Api-Key", key, "Content-Encoding", "lzma"); resp.StatusCode != 400 || code(t, body) != "unsupported_encoding" {
		t.Errorf("lzma: got %d %s", resp.StatusCode, body)
	}
}

func TestB47_ABodyOverTheLimitIsRefusedBeforeItIsRead(t *testing.T) {
	srv := proxy(t, strict())
	resp, body := call(t, srv, "POST", "/v1/chat/completions", strings.Repeat("a", 1<<20+1), "X-Api-Key", key)
	if resp.StatusCode != 413 || code(t, body) != "request_too_large" || !strings.Contains(body, "1 MiB") {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
}

func TestB43_AnUpgradeToH2CIsAnsweredInHTTP1(t *testing.T) {
	srv := proxy(t, strict())
	resp, body := call(t, srv, "GET", "/v1/models", "", "X-Api-Key", key, "Connection", "Upgrade, HTTP2-Settings", "Upgrade", "h2c", "HTTP2-Settings", "AAMAAABkAAQAAP__")
	if resp.StatusCode != 200 || !strings.Contains(body, `"created":7`) {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
}
