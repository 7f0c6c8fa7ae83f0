package plainhttp_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/plainhttp"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // net/http reports what the hostile servers do.
	goleak.VerifyTestMain(m)
}

// refusing is a next transport that must not be asked.
type refusing struct{ tb testing.TB }

func (n refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	n.tb.Errorf("%s %s went to the next transport", r.Method, r.URL)
	return nil, errors.New("refused")
}

// newTransport is a transport that has to do everything itself.
func newTransport(tb testing.TB) *plainhttp.Transport {
	tb.Helper()
	t := &plainhttp.Transport{
		Next: refusing{tb}, Dial: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		MaxIdle: 100, MaxIdlePerHost: 100, IdleTimeout: time.Minute,
	}
	tb.Cleanup(t.CloseIdleConnections)
	return t
}

// server speaks what talk says on each connection it gets; asked counts the
// connections.
type server struct {
	net.Listener
	url   string
	conns atomic.Int32
	done  sync.WaitGroup
	// ended gets a word for each connection that was closed.
	ended chan struct{}
}

func serve(tb testing.TB, talk func(c net.Conn, in *bufio.Reader)) *server {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &server{Listener: l, url: "http://" + l.Addr().String() + "/x", ended: make(chan struct{}, 20_000)}
	s.done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.conns.Add(1)
			s.done.Go(func() {
				talk(c, bufio.NewReader(c))
				_ = c.Close()
				s.ended <- struct{}{}
			})
		}
	})
	tb.Cleanup(func() {
		_ = l.Close()
		s.done.Wait()
	})
	return s
}

// skip reads one request and says whether there was one.
func skip(in *bufio.Reader) bool {
	r, err := http.ReadRequest(in)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, r.Body)
	return err == nil
}

// always answers each request with the same bytes.
func always(answer string) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		for skip(in) {
			if _, err := io.WriteString(c, answer); err != nil {
				return
			}
		}
	}
}

// once answers one request and closes the connection.
func once(answer string) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		if skip(in) {
			_, _ = io.WriteString(c, answer)
		}
	}
}

func request(tb testing.TB, ctx context.Context, method, address, body string) *http.Request { //nolint:revive // tb comes first.
	tb.Helper()
	var r *http.Request
	var err error
	if body == "" {
		r, err = http.NewRequestWithContext(ctx, method, address, nil)
	} else {
		r, err = http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	}
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// get asks and reads the whole answer.
func get(tb testing.TB, t http.RoundTripper, r *http.Request) (*http.Response, string, error) {
	tb.Helper()
	resp, err := t.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, string(b), err
}

// must asks and wants hello.
func must(tb testing.TB, t http.RoundTripper, r *http.Request) {
	tb.Helper()
	resp, got, err := get(tb, t, r)
	if err != nil || resp.StatusCode != 200 || got != "hello" {
		tb.Fatalf("got %.80q %v, want hello", got, err)
	}
}

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

func TestTransport_AsksAndUsesTheConnectionAgain(t *testing.T) {
	for name, answer := range map[string]string{
		"length":  hello,
		"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
		"trailer": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
		"interim": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + hello,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, always(answer))
			tr := newTransport(t)
			for range 20 {
				must(t, tr, request(t, t.Context(), http.MethodPost, s.url, `{"a":1}`))
				must(t, tr, request(t, t.Context(), http.MethodGet, s.url, ""))
			}
			if n := s.conns.Load(); n != 1 {
				t.Errorf("40 requests took %d connections, want 1", n)
			}
		})
	}
}

func TestTransport_ConnectionsThatMustNotBeUsedAgainAreNot(t *testing.T) {
	for name, answer := range map[string]string{
		"close":         "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
		"1.0":           "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"extra":         hello + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
		"extra chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, always(answer))
			tr := newTransport(t)
			for range 5 {
				must(t, tr, request(t, t.Context(), http.MethodPost, s.url, "{}"))
			}
			if n := s.conns.Load(); n != 5 {
				t.Errorf("5 requests took %d connections, want 5", n)
			}
		})
	}
	t.Run("what comes late", func(t *testing.T) {
		late := make(chan struct{})
		s := serve(t, func(c net.Conn, in *bufio.Reader) {
			for skip(in) {
				_, _ = io.WriteString(c, hello)
				<-late
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
				late <- struct{}{}
			}
		})
		tr := newTransport(t)
		for range 2 {
			must(t, tr, request(t, t.Context(), http.MethodPost, s.url, "{}"))
			late <- struct{}{}
			<-late
		}
	})
}

func TestTransport_SendsWhatNetHTTPSends(t *testing.T) {
	var mu sync.Mutex
	var sent []string
	s := serve(t, func(c net.Conn, in *bufio.Reader) {
		var text bytes.Buffer
		if skip(bufio.NewReader(io.TeeReader(in, &text))) {
			mu.Lock()
			sent = append(sent, text.String())
			mu.Unlock()
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")
		}
	})
	for _, make := range []func() *http.Request{
		func() *http.Request { return request(t, t.Context(), http.MethodGet, s.url+"?a=b%20c&d", "") },
		func() *http.Request { return request(t, t.Context(), http.MethodGet, s.url+"/é%2f/", "") },
		func() *http.Request { return request(t, t.Context(), http.MethodPost, s.url, "") },
		func() *http.Request { return request(t, t.Context(), http.MethodDelete, s.url, "") },
		func() *http.Request {
			return request(t, t.Context(), http.MethodPost, s.url, strings.Repeat("x", 5000))
		},
		func() *http.Request {
			return request(t, t.Context(), http.MethodPost, s.url, strings.Repeat("x", 500_000))
		},
		func() *http.Request {
			r := request(t, t.Context(), http.MethodPost, s.url, "{}")
			r.Host = "other.example:99"
			r.Header["X-B"] = []string{"1", "2"}
			r.Header.Set("X-A", "")
			r.Header.Set("Authorization", "Bearer x")
			r.Header.Set("User-Agent", "me/1")
			r.Header.Set("Content-Length", "77")
			r.Header.Set("Host", "evil.example")
			return r
		},
		func() *http.Request {
			r := request(t, t.Context(), http.MethodPost, s.url, "{}")
			r.Header.Set("User-Agent", "")
			return r
		},
	} {
		sent = nil
		must(t, &http.Transport{DisableCompression: true, DisableKeepAlives: false}, make())
		must(t, newTransport(t), make())
		if sent[0] != sent[1] {
			t.Errorf("net/http sent\n%.400s\nwe sent\n%.400s", sent[0], sent[1])
		}
	}
}

func TestTransport_LeavesToTheNextWhatIsNotForIt(t *testing.T) {
	pipe, _ := io.Pipe()
	for name, change := range map[string]func(r *http.Request){
		"https":        func(r *http.Request) { r.URL.Scheme = "https" },
		"no scheme":    func(r *http.Request) { r.URL.Scheme = "" },
		"no host":      func(r *http.Request) { r.URL.Host = "" },
		"a pipe":       func(r *http.Request) { r.Body, r.GetBody = pipe, nil },
		"no length":    func(r *http.Request) { r.ContentLength = -1 },
		"only once":    func(r *http.Request) { r.GetBody = nil },
		"a method":     func(r *http.Request) { r.Method = "PO ST" },
		"injected":     func(r *http.Request) { r.Header.Set("X-A", "b\r\nX-C: d") },
		"injected key": func(r *http.Request) { r.Header["X-A: b\r\nX-C"] = []string{"d"} },
		"odd key":      func(r *http.Request) { r.Header["content-length"] = []string{"5"} },
		"upgrade":      func(r *http.Request) { r.Header.Set("Upgrade", "h2c") },
		"expect":       func(r *http.Request) { r.Header.Set("Expect", "100-continue") },
		"connection":   func(r *http.Request) { r.Header.Set("Connection", "close") },
		"close":        func(r *http.Request) { r.Close = true },
		"trailer":      func(r *http.Request) { r.Trailer = http.Header{"A": {"b"}} },
		"host":         func(r *http.Request) { r.Host = "a\r\nX-C: d" },
		"host name":    func(r *http.Request) { r.URL.Host = "bücher.example" },
		"zone":         func(r *http.Request) { r.URL.Host = "[fe80::1%25eth0]:80" },
		"proxied":      func(r *http.Request) { r.URL.Host = "proxied.example" },
	} {
		t.Run(name, func(t *testing.T) {
			next := 0
			tr := newTransport(t)
			tr.Next = roundTrip(func(*http.Request) (*http.Response, error) { next++; return nil, io.EOF })
			tr.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("dialed") }
			tr.Proxy = func(r *http.Request) (*url.URL, error) {
				if r.URL.Host == "proxied.example" {
					return &url.URL{Scheme: "http", Host: "proxy.example"}, nil
				}
				return nil, nil //nolint:nilnil // No proxy.
			}
			r := request(t, t.Context(), http.MethodPost, "http://direct.example/", "{}")
			change(r)
			if _, _, err := get(t, tr, r); next != 1 {
				t.Errorf("got %v, the next transport was asked %d times", err, next)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// trips are a body that counts how often it is made and closed.
type trips struct {
	*bytes.Reader
	closed *atomic.Int32
}

func (b trips) Close() error { b.closed.Add(1); return nil }

// counted is a request whose bodies are counted.
func counted(t *testing.T, address, body string) (r *http.Request, opened, closed *atomic.Int32) {
	t.Helper()
	opened, closed = &atomic.Int32{}, &atomic.Int32{}
	r = request(t, t.Context(), http.MethodPost, address, body)
	r.GetBody = func() (io.ReadCloser, error) {
		opened.Add(1)
		return trips{bytes.NewReader([]byte(body)), closed}, nil
	}
	r.Body, _ = r.GetBody()
	return r, opened, closed
}

func TestTransport_ADeadIdleConnectionIsFoundBeforeTheRequestIsWritten(t *testing.T) {
	s := serve(t, once(hello))
	tr := newTransport(t)
	for range 10 {
		// Not to be repeated, had a byte of it been written.
		r, opened, closed := counted(t, s.url, "{}")
		must(t, tr, r)
		if opened.Load() != 1 || closed.Load() != 1 {
			t.Fatalf("the body was opened %d times and closed %d times", opened.Load(), closed.Load())
		}
		// Over loopback the end of the connection is here at once.
		<-s.ended
	}
}

// dying takes a second request on a connection and closes it without an answer.
func dying(seen *atomic.Int32) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		if skip(in) {
			seen.Add(1)
			_, _ = io.WriteString(c, hello)
		}
		if skip(in) {
			seen.Add(1)
		}
	}
}

func TestTransport_OnlyWhatMayBeRepeatedIs(t *testing.T) {
	for method, want := range map[string]int32{http.MethodGet: 3, http.MethodPost: 2} {
		var seen atomic.Int32
		s := serve(t, dying(&seen))
		tr := newTransport(t)
		must(t, tr, request(t, t.Context(), method, s.url, ""))
		_, _, err := get(t, tr, request(t, t.Context(), method, s.url, ""))
		if repeated := want == 3; repeated != (err == nil) || seen.Load() != want {
			t.Errorf("%s: %v after %d requests, want %d", method, err, seen.Load(), want)
		}
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: got %v, want an unexpected EOF", method, err)
		}
	}
	var seen atomic.Int32
	s := serve(t, dying(&seen))
	tr := newTransport(t)
	must(t, tr, request(t, t.Context(), http.MethodPost, s.url, "{}"))
	r, opened, closed := counted(t, s.url, "{}")
	r.Header.Set("Idempotency-Key", "1")
	must(t, tr, r)
	if opened.Load() != 2 || closed.Load() != 2 {
		t.Errorf("the body was opened %d times and closed %d times, want 2", opened.Load(), closed.Load())
	}
}

func TestTransport_TheContextEndsAnything(t *testing.T) {
	cause := errors.New("enough")
	big := strings.Repeat("x", 32<<20)
	type talk = func(c net.Conn, in *bufio.Reader, over <-chan struct{})
	for name, c := range map[string]struct {
		talk talk
		body string
		read int64
	}{
		"the write": {func(_ net.Conn, _ *bufio.Reader, over <-chan struct{}) { <-over }, big, 0},
		"the header": {func(c net.Conn, in *bufio.Reader, _ <-chan struct{}) {
			skip(in)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			_, _ = in.ReadByte()
		}, "{}", 0},
		"the wait": {func(_ net.Conn, in *bufio.Reader, _ <-chan struct{}) { skip(in); _, _ = in.ReadByte() }, "{}", 0},
		"the body": {func(c net.Conn, in *bufio.Reader, _ <-chan struct{}) {
			skip(in)
			_, _ = io.WriteString(c, hello[:len(hello)-2])
			_, _ = in.ReadByte()
		}, "{}", 3},
		"the chunks": {func(c net.Conn, in *bufio.Reader, _ <-chan struct{}) {
			skip(in)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n")
			_, _ = in.ReadByte()
		}, "", 3},
	} {
		t.Run(name, func(t *testing.T) {
			arrived, over := make(chan struct{}, 1), make(chan struct{})
			s := serve(t, func(conn net.Conn, in *bufio.Reader) {
				arrived <- struct{}{}
				c.talk(conn, in, over)
			})
			defer close(over)
			tr := newTransport(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			r, opened, closed := counted(t, s.url, c.body+" ")
			ended := make(chan error, 1)
			read := make(chan struct{})
			go func() {
				resp, err := tr.RoundTrip(r.WithContext(ctx))
				if err == nil {
					_, _ = io.CopyN(io.Discard, resp.Body, c.read)
					close(read)
					_, err = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
				ended <- err
			}()
			<-arrived
			if c.read > 0 {
				<-read
			}
			cancel(cause)
			select {
			case err := <-ended:
				if !errors.Is(err, cause) {
					t.Errorf("got %v, want %v", err, cause)
				}
			case <-time.After(5 * time.Second):
				t.Fatal("the context did not end it")
			}
			if opened.Load() != closed.Load() {
				t.Errorf("the body was opened %d times and closed %d times", opened.Load(), closed.Load())
			}
		})
	}
	t.Run("the dial", func(t *testing.T) {
		tr := newTransport(t)
		dialing := make(chan struct{})
		tr.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			close(dialing)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() { <-dialing; cancel(cause) }()
		r, opened, closed := counted(t, "http://direct.example/", "{}")
		if _, _, err := get(t, tr, r.WithContext(ctx)); !errors.Is(err, cause) || opened.Load() != closed.Load() {
			t.Errorf("got %v, want %v; closed %d bodies", err, cause, closed.Load())
		}
	})
	t.Run("before", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		r, opened, closed := counted(t, "http://direct.example/", "{}")
		if _, _, err := get(t, newTransport(t), r.WithContext(ctx)); !errors.Is(err, cause) || opened.Load() != closed.Load() {
			t.Errorf("got %v, want %v", err, cause)
		}
	})
}

func TestTransport_ABodyThatIsNotReadEndsItsConnection(t *testing.T) {
	gone := make(chan error, 1)
	s := serve(t, func(c net.Conn, in *bufio.Reader) {
		skip(in)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhello")
		_, err := in.ReadByte()
		gone <- err
	})
	resp, err := newTransport(t).RoundTrip(request(t, t.Context(), http.MethodPost, s.url, "{}"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(resp.Body, make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	_ = resp.Body.Close()
	if err := <-gone; err == nil {
		t.Error("the server was not told")
	}
	if _, err := resp.Body.Read(make([]byte, 2)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a read after the end gave %v", err)
	}
}

func TestTransport_ABodyMayBeClosedWhileItIsRead(t *testing.T) {
	s := serve(t, func(c net.Conn, in *bufio.Reader) {
		skip(in)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		_, _ = in.ReadByte()
	})
	resp, err := newTransport(t).RoundTrip(request(t, t.Context(), http.MethodPost, s.url, "{}"))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := resp.Body.Read(make([]byte, 10))
		ended <- err
	}()
	_ = resp.Body.Close()
	if err := <-ended; err == nil || errors.Is(err, io.EOF) {
		t.Errorf("got %v, want an error", err)
	}
}

func TestTransport_AnEarlyAnswerToALongRequestIsHeard(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	s := serve(t, func(c net.Conn, in *bufio.Reader) {
		_, _ = in.Peek(1)
		_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno!")
		<-release
	})
	r, opened, _ := counted(t, s.url, strings.Repeat("x", 64<<20))
	resp, text, err := get(t, newTransport(t), r)
	if err != nil || resp.StatusCode != 413 || text != "no!" {
		t.Errorf("got %v %q", err, text)
	}
	if opened.Load() != 1 {
		t.Errorf("sent %d times", opened.Load())
	}
}

func TestTransport_AServerThatClosesAfterItsAnswerIsHeard(t *testing.T) {
	s := serve(t, func(c net.Conn, in *bufio.Reader) {
		if _, err := in.Peek(1); err == nil {
			_, _ = io.WriteString(c, "HTTP/1.1 401 No\r\nConnection: close\r\nContent-Length: 3\r\n\r\nno!")
			_, _ = io.Copy(io.Discard, in)
		}
	})
	for _, size := range []int{10, 60_000, 2 << 20} {
		resp, text, err := get(t, newTransport(t), request(t, t.Context(), http.MethodPost, s.url, strings.Repeat("x", size)))
		if err != nil || resp.StatusCode != 401 || text != "no!" {
			t.Errorf("%d bytes: got %v %q", size, err, text)
		}
	}
}

func TestTransport_ACutAnswerIsAnUnexpectedEnd(t *testing.T) {
	const whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
	for _, answer := range []string{whole, hello, strings.Replace(hello, "5", "99999", 1)} {
		for at := range len(answer) {
			s := serve(t, once(answer[:at]))
			if _, _, err := get(t, newTransport(t), request(t, t.Context(), http.MethodPost, s.url, "{}")); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("cut after %q: got %v", answer[:at], err)
			}
		}
	}
}

func TestTransport_AHeaderWithoutEndIsRefused(t *testing.T) {
	for name, line := range map[string]string{"lines": "X: " + strings.Repeat("y", 100) + "\r\n", "a line": strings.Repeat("y", 100), "interim": "HTTP/1.1 102 P\r\n\r\n"} {
		s := serve(t, func(c net.Conn, in *bufio.Reader) {
			skip(in)
			start := "HTTP/1.1 200 OK\r\nX: "
			if name == "interim" {
				start = ""
			}
			_, err := io.WriteString(c, start)
			for err == nil {
				_, err = io.WriteString(c, line)
			}
		})
		tr := newTransport(t)
		tr.MaxHeader = 100_000
		if _, _, err := get(t, tr, request(t, t.Context(), http.MethodGet, s.url, "")); err == nil || !strings.Contains(err.Error(), "longer than 100000") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTransport_IdleConnectionsAreBoundedAndEnd(t *testing.T) {
	s := serve(t, always(hello))
	tr := newTransport(t)
	tr.MaxIdlePerHost, tr.IdleTimeout = 2, 30*time.Millisecond
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { must(t, tr, request(t, t.Context(), http.MethodPost, s.url, "{}")) })
	}
	wg.Wait()
	// All connections end by themselves: the server's side of them returns.
	_ = s.Close()
	ended := make(chan struct{})
	go func() { s.done.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("idle connections stay open")
	}
}

func TestTransport_AConnectionFromBeforeTheNetworkChangedIsNotUsedAgain(t *testing.T) {
	s := serve(t, func(c net.Conn, in *bufio.Reader) {
		for skip(in) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
			_, _ = io.WriteString(c, "hello")
		}
	})
	tr := newTransport(t)
	resp, err := tr.RoundTrip(request(t, t.Context(), http.MethodGet, s.url, ""))
	if err != nil {
		t.Fatal(err)
	}
	tr.CloseIdleConnections()
	if b, err := io.ReadAll(resp.Body); string(b) != "hello" || err != nil {
		t.Errorf("a running answer gave %q %v", b, err)
	}
	_ = resp.Body.Close()
	must(t, tr, request(t, t.Context(), http.MethodGet, s.url, ""))
	if n := s.conns.Load(); n > 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

func TestTransport_ABodyOfAnotherLengthThanAnnouncedIsAnError(t *testing.T) {
	s := serve(t, always(hello))
	for _, size := range []int64{1, 3, 100_000} {
		r := request(t, t.Context(), http.MethodPost, s.url, "{}")
		r.ContentLength = size
		if _, _, err := get(t, newTransport(t), r); err == nil {
			t.Errorf("a body of 2 bytes announced as %d was sent", size)
		}
	}
}

func TestTransport_Soak(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.Header.Get("X-N"))
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-N", r.Header.Get("X-N"))
		switch n % 7 {
		case 0:
			w.Header().Set("Connection", "close")
		case 1:
			w.(http.Flusher).Flush()
		case 2:
			w.WriteHeader(http.StatusNoContent)
			return
		}
		for range n % 3 {
			_, _ = w.Write(body)
			w.(http.Flusher).Flush()
		}
		_, _ = fmt.Fprintf(w, "%d:%d", n, len(body))
	}))
	defer s.Close()
	tr := newTransport(t)
	const workers, each = 8, 1250
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for i := range each {
				n := worker*each + i
				body := strings.Repeat("z", 1+n*37%9000)
				if n%500 == 0 {
					body = strings.Repeat("z", 300_000)
				}
				r := request(t, t.Context(), http.MethodPost, s.URL, body)
				r.Header.Set("X-N", strconv.Itoa(n))
				resp, got, err := get(t, tr, r)
				want := strings.Repeat(body, n%3) + fmt.Sprintf("%d:%d", n, len(body))
				if n%7 == 2 {
					want = ""
				}
				if err != nil || got != want || resp.Header.Get("X-N") != strconv.Itoa(n) {
					t.Errorf("request %d: %v, got %d bytes, want %d", n, err, len(got), len(want))
					return
				}
			}
		})
	}
	wg.Wait()
}
