package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The keys that clients show to the proxy under test, and that it must show to
// the upstream in their stead. The yardsticks pass on what they get.
const (
	clientKey   = "sk-bench-client-0123456789abcdef"
	upstreamKey = "sk-bench-upstream-0123456789abcdef"
)

// upstream is the service behind the proxies: it checks that what it is asked
// is what the client sent, and answers with what work says, one write an event.
// Its HTTP is written by hand, for the same reason as the client's.
type upstream struct {
	works map[string]work
	// made are the framed answers, by what they depend on.
	made sync.Map
	// streamed counts the bytes of streams that were written.
	streamed atomic.Int64
	// right are the translated requests that were found right, by work, without
	// their numbers.
	right sync.Map
	// gone are the moments at which clients of endless streams left.
	gone sync.Map
}

// ask is what a framed answer and the check of a request depend on.
type ask struct {
	model string
	usage bool
}

// reply is an answer as it is written, and the request it belongs to.
type reply struct {
	work work
	// text is the header and the framed body; ends is where each write ends,
	// the first with the header alone for a stream.
	text stamped
	ends []int
	// request is what follows the number in the body that a client sends.
	request []byte
	// gemini says that it is one in Gemini's protocol.
	gemini bool
	// own is the whole request of a client that does not speak Chat Completions.
	own stamped
}

// serve answers on l until it is closed.
func (u *upstream) serve(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			s := session{upstream: u, Conn: c, in: bufio.NewReaderSize(c, 16<<10)}
			for s.exchange() == nil {
			}
		}()
	}
}

// session is one connection to the upstream.
type session struct {
	*upstream
	net.Conn
	in   *bufio.Reader
	body []byte
	// last is the reply that was sent last, this connection's own copy.
	last  reply
	asked ask
}

// exchange answers one request; the error ends the connection.
func (s *session) exchange() error {
	h, err := readHeader(s.in)
	if err != nil {
		return err
	}
	if path, ok := bytes.CutPrefix(h.first, []byte("GET ")); ok {
		return s.inform(string(bytes.TrimSuffix(path, []byte(" HTTP/1.1"))))
	}
	if err := s.readBody(h); err != nil {
		return err
	}
	number, err := s.understand(h)
	if err != nil {
		return s.say(400, err.Error())
	}
	s.last.text.stamp(number)
	if s.last.work.name == "endless" {
		return s.untilGone(number)
	}
	return s.write()
}

func (s *session) readBody(h header) error {
	s.body = s.body[:0]
	if h.length < 0 && !h.chunked {
		return nil
	}
	b := bytes.NewBuffer(s.body)
	if h.length > 0 {
		b.Grow(int(h.length) + bytes.MinRead)
	}
	_, err := b.ReadFrom(h.body(s.in))
	s.body = b.Bytes()
	return err
}

// understand checks the request, sets the reply to it and gives its number.
func (s *session) understand(h header) (string, error) {
	if path, ok := bytes.CutPrefix(h.first, []byte("POST /v1beta/models/gemini-3-")); ok {
		return s.understandGemini(h, append([]byte("gemini-3-"), path...))
	}
	_, rest, _ := bytes.Cut(s.body, []byte(`"model":"`))
	model, rest, _ := bytes.Cut(rest, []byte(`"`))
	if w, ok := s.foreign(h, model); ok {
		return s.understandForeign(h, w, string(model))
	}
	if !bytes.HasPrefix(h.first, []byte("POST /v1/chat/completions HTTP/1.1")) {
		return "", fmt.Errorf("asked for %q", h.first)
	}
	_, rest, _ = bytes.Cut(rest, []byte(`"user":"`))
	if len(rest) < len(blank) {
		return "", errors.New("the request names no model and user")
	}
	number, rest := string(rest[:len(blank)]), rest[len(blank):]
	key := "Bearer " + upstreamKey
	if bytes.HasPrefix(model, []byte(prefix)) {
		key = "Bearer " + clientKey // It came through untouched.
	}
	if h.authorization != key {
		return "", fmt.Errorf("authorization %q for model %q", h.authorization, model)
	}
	asked := ask{model: string(model), usage: asksUsage(s.body)}
	if s.asked != asked {
		r, err := s.reply(asked)
		if err != nil {
			return "", err
		}
		r.text = r.text.clone()
		s.last, s.asked = r, asked
	}
	if s.last.work.translated() {
		rest = bytes.ReplaceAll(rest, []byte(number), []byte(blank))
	}
	return number, compare(s.last.request, rest)
}

// asksUsage looks where the flag stands in all requests of the benchmark: at
// the end, or at the beginning if a proxy put it there.
func asksUsage(body []byte) bool {
	const near = 512
	flag := []byte(`"include_usage":true`)
	return bytes.Contains(body[max(0, len(body)-near):], flag) || bytes.Contains(body[:min(near, len(body))], flag)
}

// compare checks that what follows the request's number is what was sent. A
// proxy may have asked for usage on its own account.
func compare(want, got []byte) error {
	if bytes.Equal(want, got) {
		return nil
	}
	whole := func(b []byte) []byte {
		own := []byte(`,"stream_options":{"include_usage":true}`)
		return append([]byte(`{"user":"`), bytes.Replace(b, own, nil, 1)...)
	}
	if err := same(whole(want), whole(got)); err != nil {
		return fmt.Errorf("the request was changed: %w", err)
	}
	return nil
}

// reply gives the framed answer, made once for all connections.
func (u *upstream) reply(asked ask) (reply, error) {
	if made, ok := u.made.Load(asked); ok {
		return made.(reply), nil
	}
	w, ok := u.works[strings.TrimPrefix(asked.model, prefix)]
	if !ok {
		return reply{}, fmt.Errorf("no model %q", asked.model)
	}
	r := frame(w.answer(asked.model, asked.usage))
	_, r.request, _ = bytes.Cut(w.request(asked.model, asked.usage).text, []byte(blank))
	r.work = w
	u.made.Store(asked, r)
	return r, nil
}

// frame puts HTTP round an answer.
func frame(a answer) reply {
	var b bytes.Buffer
	if !a.stream {
		fmt.Fprintf(&b, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(a.text.text), a.text.text)
		return reply{text: newStamped(b.String()), ends: []int{b.Len()}}
	}
	b.WriteString("HTTP/1.1 200 OK\r\nContent-Type: " + a.typeOf() + "\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n")
	r := reply{ends: []int{b.Len()}}
	from := 0
	for _, end := range a.ends {
		if end > from {
			fmt.Fprintf(&b, "%x\r\n%s\r\n", end-from, a.text.text[from:end])
		}
		r.ends, from = append(r.ends, b.Len()), end
	}
	b.WriteString("0\r\n\r\n")
	r.ends[len(r.ends)-1] = b.Len()
	r.text = newStamped(b.String())
	return r
}

// write sends the reply at the work's pace. The header goes with the first
// event, and all that follows the last word in one piece.
func (s *session) write() error {
	w, text, ends := s.last.work, s.last.text.text, s.last.ends
	if !w.stream {
		_, err := s.Write(text)
		return err
	}
	words := len(w.words)
	time.Sleep(w.wait)
	if err := s.event(text[:ends[1]]); err != nil {
		return err
	}
	for i := range words {
		if i > 0 {
			time.Sleep(w.pace)
		}
		if err := s.event(text[ends[i+1]:ends[i+2]]); err != nil {
			return err
		}
	}
	return s.event(text[ends[words+1]:])
}

func (s *session) event(p []byte) error {
	n, err := s.Write(p)
	s.streamed.Add(int64(n))
	return err
}

// untilGone sends the reply and takes note of when the other side closes.
func (s *session) untilGone(number string) error {
	go s.write() //nolint:errcheck // It ends with the connection.
	_, err := s.in.ReadByte()
	at := time.Now().UnixNano()
	moment, _ := s.gone.LoadOrStore(number, make(chan int64, 1))
	moment.(chan int64) <- at
	if err == nil {
		return errors.New("the next request came before the answer was over")
	}
	return err
}

// inform answers the benchmark's own questions: /streamed for the bytes of
// streams written so far, /gone/NUMBER for the moment at which the client of
// that request left.
func (s *session) inform(path string) error {
	number, ok := strings.CutPrefix(path, "/gone/")
	if !ok {
		return s.say(200, strconv.FormatInt(s.streamed.Load(), 10))
	}
	moment, _ := s.gone.LoadOrStore(number, make(chan int64, 1))
	select {
	case at := <-moment.(chan int64):
		s.gone.Delete(number)
		return s.say(200, strconv.FormatInt(at, 10))
	case <-time.After(5 * time.Second):
		return s.say(404, "nobody left")
	}
}

// say answers with a plain text, or an error in the protocol's shape.
func (s *session) say(status int, text string) error {
	if status == 400 {
		text = `{"error":{"message":` + quote(text) + `,"type":"invalid_request_error","param":null,"code":null}}`
	}
	_, err := fmt.Fprintf(s, "HTTP/1.1 %d x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(text), text)
	return err
}
