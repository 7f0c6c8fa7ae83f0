package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"time"
)

// job is one kind of work, made ready for one target: the bytes to send and
// those that must come back. It is shared; connections clone what they stamp.
type job struct {
	addr    string
	request stamped
	want    answer
}

// newJobs makes w ready for clients that want the usage of a stream and for those
// that do not, and must not get it even if the proxy asks the upstream for it.
func newJobs(t *target, w work) []*job {
	plain := newJob(t, w, false)
	if !w.stream || w.client != chatAPI {
		return []*job{plain}
	}
	return []*job{newJob(t, w, true), plain}
}

func newJob(t *target, w work, usage bool) *job {
	name := prefix + w.name
	if t.name == ours {
		name = w.prefix() + w.name
	}
	body := w.request(name, usage)
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\n%s%s\r\n"+
		"Content-Type: application/json\r\nAccept: */*\r\nContent-Length: %d\r\n\r\n", w.client.path(name, w.stream), t.addr, w.client.keyHeader(), clientKey, len(body.text))
	want := w.answer(name, usage)
	want.translated = w.translated() && t.name == ours
	return &job{addr: t.addr, request: newStamped(head + string(body.text)), want: want}
}

// conn is one connection of a client, written by hand so that the load costs
// little beside what is measured.
type conn struct {
	net.Conn
	in      *bufio.Reader
	buf     []byte
	job     *job
	request stamped
	check   *checker
}

func (j *job) dial(ctx context.Context) (*conn, error) {
	const window = 16 << 10
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", j.addr)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	made := &conn{Conn: c, in: bufio.NewReaderSize(c, window), buf: make([]byte, window)}
	made.use(j)
	return made, nil
}

// use makes the connection send j's request from now on.
func (c *conn) use(j *job) {
	if c.job != j {
		c.job, c.request, c.check = j, j.request.clone(), newChecker(j.want)
	}
}

// begin sends the request with this number and reads the answer's header.
func (c *conn) begin(number string) (io.Reader, error) {
	c.request.stamp(number)
	c.check.begin(number)
	if _, err := c.Write(c.request.text); err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	body, err := c.head()
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	return body, nil
}

// exchange sends one request and checks the whole answer. After an error the
// connection is of no use.
func (c *conn) exchange(number string, deadline time.Time) error {
	if err := c.SetDeadline(deadline); err != nil {
		return err
	}
	body, err := c.begin(number)
	if err != nil {
		return err
	}
	return c.rest(body)
}

// rest reads a body to its end and judges the answer.
func (c *conn) rest(body io.Reader) error {
	for {
		n, err := body.Read(c.buf)
		if refused := c.check.feed(c.buf[:n]); refused != nil {
			return refused
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("read body after %d bytes: %w", c.check.at, err)
		}
	}
	return c.check.end()
}

// head reads an answer's header and checks it.
func (c *conn) head() (io.Reader, error) {
	h, err := readHeader(c.in)
	if err != nil {
		return nil, err
	}
	body := h.body(c.in)
	if !bytes.HasPrefix(h.first, []byte("HTTP/1.1 200")) {
		text, _ := io.ReadAll(io.LimitReader(body, 300))
		return nil, fmt.Errorf("%s: %s", h.first, text)
	}
	if want := c.check.want.typeOf(); !isType(h.contentType, want) {
		return nil, fmt.Errorf("content type %q, want %q", h.contentType, want)
	}
	return body, nil
}

// header is what a message's header says, of a request or an answer.
type header struct {
	// first is the request or status line.
	first         []byte
	length        int64
	chunked       bool
	contentType   string
	authorization string
	// googKey is the key in Google's own header.
	googKey string
	// apiKey is the key in Anthropic's.
	apiKey string
}

func readHeader(in *bufio.Reader) (header, error) {
	h := header{length: -1}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return h, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return h, nil
		}
		if h.first == nil {
			h.first = bytes.Clone(line)
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if err := h.set(name, bytes.TrimSpace(value)); err != nil {
			return h, err
		}
	}
}

func (h *header) set(name, value []byte) (err error) {
	is := func(s string) bool { return len(name) == len(s) && bytes.EqualFold(name, []byte(s)) }
	switch {
	case is("Content-Length"):
		h.length, err = strconv.ParseInt(string(value), 10, 64)
	case is("Transfer-Encoding"):
		h.chunked = bytes.EqualFold(value, []byte("chunked"))
	case is("Content-Type"):
		h.contentType = string(value)
	case is("Authorization"):
		h.authorization = string(value)
	case is("X-Goog-Api-Key"):
		h.googKey = string(value)
	case is("X-Api-Key"):
		h.apiKey = string(value)
	}
	return err
}

// body reads the message's body from in and leaves in behind it.
func (h *header) body(in *bufio.Reader) io.Reader {
	switch {
	case h.chunked:
		return &chunks{Reader: httputil.NewChunkedReader(in), in: in}
	case h.length >= 0:
		return &exactly{in: in, left: h.length}
	default:
		return in
	}
}

// chunks reads a chunked body together with the empty line behind it.
type chunks struct {
	io.Reader
	in *bufio.Reader
}

func (c *chunks) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err != io.EOF {
		return n, err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return n, io.ErrUnexpectedEOF
	}
	if len(bytes.TrimRight(line, "\r\n")) != 0 {
		return n, fmt.Errorf("trailer %q", line)
	}
	return n, io.EOF
}

// exactly reads as many bytes as were announced; fewer are an error.
type exactly struct {
	in   io.Reader
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.in.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}
