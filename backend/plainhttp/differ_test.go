package plainhttp_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/plainhttp"
)

// outcome is what a caller sees of an answer.
type outcome struct {
	Status string
	Header http.Header
	Length int64
	Coding []string
	Close  bool
	Body   string
	Failed bool
}

// raw answers every request with the same bytes in pieces, and then closes.
type raw struct {
	answer string
	piece  int
}

// dial gives one end of a connection over loopback, since a pipe in memory has
// no descriptor.
func (a raw) dial(l net.Listener) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", l.Addr().String())
		if err != nil {
			return nil, err
		}
		other, err := l.Accept()
		if err != nil {
			return nil, err
		}
		go a.talk(other)
		return c, nil
	}
}

func (a raw) talk(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Read(make([]byte, 4096)); err != nil {
		return
	}
	for at := 0; at < len(a.answer); at += a.piece {
		if _, err := io.WriteString(c, a.answer[at:min(at+a.piece, len(a.answer))]); err != nil {
			return
		}
	}
	_ = c.(*net.TCPConn).CloseWrite()
	_, _ = io.Copy(io.Discard, c)
}

// see is what comes of a request through t. bytewise reads the body in the
// smallest pieces.
func see(tb testing.TB, t http.RoundTripper, method string, bytewise bool) outcome {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, "http://raw.example/", http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := t.RoundTrip(r)
	if err != nil {
		return outcome{Failed: true}
	}
	defer resp.Body.Close()
	var body io.Reader = resp.Body
	if bytewise {
		body = iotest.OneByteReader(body)
	}
	b, err := io.ReadAll(body)
	return outcome{
		Status: resp.Proto + " " + resp.Status, Header: resp.Header, Length: resp.ContentLength, Coding: resp.TransferEncoding,
		Close: resp.Close, Body: string(b), Failed: err != nil,
	}
}

// compare asks both transports and compares what comes of it. After an error in
// the middle of a body, how much of it was given before may differ.
func compare(tb testing.TB, l net.Listener, answer, method string, piece int) {
	tb.Helper()
	a := raw{answer, piece}
	std := &http.Transport{DisableCompression: true, DialContext: a.dial(l), MaxResponseHeaderBytes: 1 << 20}
	ours := &plainhttp.Transport{Next: refusing{tb}, Dial: a.dial(l), MaxIdle: 4, MaxIdlePerHost: 4, IdleTimeout: time.Minute}
	defer std.CloseIdleConnections()
	want := see(tb, std, method, false)
	for _, bytewise := range []bool{false, true} {
		got := see(tb, ours, method, bytewise)
		ours.CloseIdleConnections()
		if want.Failed && got.Failed {
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			tb.Errorf("%s %.300q in pieces of %d, read bytewise %v (-net/http +ours):\n%s", method, answer, piece, bytewise, diff)
		}
	}
}

// answers are what servers send, and what attackers might.
func answers() []string {
	const ok = "HTTP/1.1 200 OK\r\n"
	list := []string{
		// Status lines.
		"", "\r\n", "HTTP/1.1 200 OK", "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200 \r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 -20 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
		"HTTP/1.0 200 OK\r\n\r\nx", "HTTP/1.2 200 OK\r\n\r\nx", "HTTP/2.0 200 OK\r\n\r\nx", "HTTP/0.9 200 OK\r\n\r\nx", "HTTP/1 200 OK\r\n\r\n",
		"HTTP/11 200 OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n", " HTTP/1.1 200 OK\r\n\r\n", "SSH-2.0-x\r\n", "<html>", "HTTP/1.1 200 OK\n\nx",
		"HTTP/1.1 200 OK\r\r\n\r\n", "HTTP/1.1 200 O\tK\r\n\r\nx", "HTTP/1.1 200 \xff\r\n\r\nx", "HTTP/1.1 200 O\x00K\r\n\r\nx", "HTTP/1.1 000 ?\r\n\r\nx",
		"HTTP/1.1 999 ?\r\nContent-Length: 1\r\n\r\nx", "HTTP/1.1 200OK\r\n\r\n", "\x16\x03\x01\x02\x00\x01", "\r\nHTTP/1.1 200 OK\r\n\r\n",
		// Statuses without a body, interim answers.
		"HTTP/1.1 204 No\r\n\r\n", "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n" + ok + "Content-Length: 1\r\n\r\nx", "HTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + ok + "\r\nx", "HTTP/1.1 100 Continue\r\n\r\n",
		"HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\nabc" + ok + "\r\n", "HTTP/1.1 199 ?\r\n\r\nHTTP/1.1 500 No\r\n\r\nx",
		// Fields.
		ok + ": a\r\n\r\n", ok + "A\r\n\r\n", ok + "A : b\r\n\r\nx", ok + " A: b\r\n\r\n", ok + "A: b\r\n c\r\n\r\nx", ok + "A: b\r\n\tc\r\n \r\nB: c\r\n\r\nx",
		ok + "A: b\nB: c\n\nx", ok + "A:b\r\na:c\r\n\r\nx", ok + "A: \t b \t\r\n\r\nx", ok + "A: b\x00\r\n\r\nx", ok + "A: b\x7f\r\n\r\nx", ok + "A: \xff\r\n\r\nx", ok + "A\x00: b\r\n\r\n",
		ok + "A: b\rB: c\r\n\r\nx", ok + "A(: b\r\n\r\nx", ok + "Ä: b\r\n\r\n", ok + "A:\r\n\r\nx", ok + "A: b", ok + "A: b\r\n", ok + "A: b\r\n\r", ok + "Pragma: no-cache\r\n\r\nx",
		ok + "content-type: text/event-stream\r\nX-REQUEST-id: 5\r\n\r\nx", ok + "Set-Cookie: a\r\nSet-Cookie: b\r\n\r\nx", ok + strings.Repeat("A: b\r\n", 3000) + "\r\nx",
		ok + "A: " + strings.Repeat("b", 100_000) + "\r\nContent-Length: 1\r\n\r\nx", ok + "\n\r\nx", ok + "A: b\r\n\nx", ok + "A: b\n\r\nx",
		// Lengths.
		ok + "Content-Length: 5\r\n\r\nhello", ok + "Content-Length: 5\r\n\r\nhell", ok + "Content-Length: 5\r\n\r\nhello world", ok + "Content-Length: 0\r\n\r\n", ok + "Content-Length: 0\r\n\r\nx", ok + "Content-Length: 00005\r\n\r\nhello",
		ok + "Content-Length: -5\r\n\r\nhello", ok + "Content-Length: +5\r\n\r\nhello", ok + "Content-Length: 5 \r\n\r\nhello", ok + "Content-Length: 5, 5\r\n\r\nhello", ok + "Content-Length: 0x5\r\n\r\nhello", ok + "Content-Length: \r\n\r\nhello",
		ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", ok + "Content-Length: 99999999999999999999\r\n\r\nhello", ok + "Content-Length: 9223372036854775807\r\n\r\nhello",
		ok + "Content-Length : 5\r\n\r\nhello", ok + "Content-Length: 5\r\nA: b\r\n c\r\n\r\nhello", ok + "\r\nuntil the end", ok + "Connection: keep-alive\r\n\r\nuntil the end",
		ok + "Connection: close\r\nContent-Length: 5\r\n\r\nhello", ok + "Connection: Close\r\nContent-Length: 5\r\n\r\nhello", ok + "Connection: x, close\r\nContent-Length: 5\r\n\r\nhello", ok + "Connection: keep-alive\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
		ok + "Connection: close\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", ok + "Connection: close\r\nConnection: x\r\nContent-Length: 5\r\n\r\nhello", ok + "Connection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
		// Smuggling.
		ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", ok + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n", ok + "Transfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n0\r\n\r\n",
		ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ok + "Transfer-Encoding: identity\r\n\r\nx", ok + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		ok + "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", ok + "Transfer-Encoding:  chunked \r\n\r\n0\r\n\r\n", ok + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", ok + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", ok + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	}
	for _, body := range []string{
		"", "5", "5\r\n", "5\r\nhello", "5\r\nhello\r\n", "5\r\nhello\r\n0", "5\r\nhello\r\n0\r\n", "5\r\nhello\r\n0\r\n\r", "5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
		"5\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhell\r\n0\r\n\r\n", "g\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n", "5 \t\r\nhello\r\n0\r\n\r\n", "5 5\r\nhello\r\n0\r\n\r\n",
		"-5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "00005\r\nhello\r\n00\r\n\r\n", "5;a=b\r\nhello\r\n0;c\r\n\r\n", "5 ;a\r\nhello\r\n0\r\n\r\n", ";a\r\n\r\n", "5;a\rb\r\nhello\r\n0\r\n\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n", "5\r\r\nhello\r\n0\r\n\r\n",
		"fffffffffffffffff\r\nhello", "ffffffffffffffff\r\nhello", "7fffffffffffffff\r\nhello", "A\r\n0123456789\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nA: b\r\n\r\n", "5\r\nhello\r\n0\r\nA: b\r\nB: c\r\n\r\n", "5\r\nhello\r\n0\r\nA\r\n\r\n", "5\r\nhello\r\n0\r\nA: b\n\nx\r\n\r\n", "5\r\nhello\r\n0\r\nA: b\r\n",
		"5\r\nhello\r\n0\r\n\n", "5\r\nhello\r\n0\r\n" + strings.Repeat("A: b\r\n", 2000) + "\r\n", "5;" + strings.Repeat("x", 5000) + "\r\nhello\r\n0\r\n\r\n", strings.Repeat("1;"+strings.Repeat("x", 1000)+"\r\ny\r\n", 40) + "0\r\n\r\n",
		strings.Repeat("1\r\ny\r\n", 20_000) + "0\r\n\r\n", "4000\r\n" + strings.Repeat("z", 0x4000) + "\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n A: b\r\n\r\n",
	} {
		list = append(list, ok+"Transfer-Encoding: chunked\r\n\r\n"+body)
	}
	return list
}

func listen(tb testing.TB) net.Listener {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	return l
}

func TestTransport_TakesWhatNetHTTPTakes(t *testing.T) {
	l := listen(t)
	for _, answer := range answers() {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			compare(t, l, answer, method, 1<<20)
		}
		if len(answer) < 200 {
			compare(t, l, answer, http.MethodPost, 1)
			compare(t, l, answer, http.MethodPost, 7)
		}
	}
}

func FuzzTransport(f *testing.F) {
	for _, answer := range answers() {
		if len(answer) < 2000 {
			f.Add([]byte(answer), false, uint8(0))
			f.Add([]byte(answer), true, uint8(5))
		}
	}
	l := listen(f)
	f.Fuzz(func(t *testing.T, answer []byte, head bool, piece uint8) {
		// A switch of protocols is an error of ours: it is never asked for.
		if bytes.Contains(answer, []byte(" 101")) || len(answer) > 20_000 {
			return
		}
		method := http.MethodPost
		if head {
			method = http.MethodHead
		}
		size := int(piece)
		if size == 0 {
			size = len(answer) + 1
		}
		compare(t, l, string(answer), method, size)
	})
}
