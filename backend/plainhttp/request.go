package plainhttp

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
)

const (
	// inline is the longest body that is written by who asks. A longer one may
	// not fit into the sockets' memory, and then a server that answers before it
	// has read everything, and waits, would be waited for.
	inline = 64 << 10
	// copied is the longest body that is copied behind its header.
	copied = 4 << 10
)

// takes says whether r is for this transport: the server, or nil. Whatever is
// unusual is not, and net/http also has the words for what is wrong with it.
func (t *Transport) takes(r *http.Request) *host {
	if !supported || r.URL == nil || r.URL.Scheme != "http" || r.URL.Opaque != "" || r.Header == nil ||
		r.Close || len(r.Trailer) > 0 || len(r.TransferEncoding) > 0 || !plainMethod(r.Method) || !inMemory(r) ||
		!plainHeader(r.Header) || r.Host != "" && r.Host != r.URL.Host && !plainHost(r.Host) ||
		httptrace.ContextClientTrace(r.Context()) != nil {
		return nil
	}
	if h := t.host(r); h.address != "" {
		return h
	}
	return nil
}

// inMemory says whether r's body, if it has one, is there at once: it can be had
// again, has a length, and writes itself.
func inMemory(r *http.Request) bool {
	if r.Body == nil || r.Body == http.NoBody {
		return r.ContentLength <= 0
	}
	_, ok := r.Body.(io.WriterTo)
	return ok && r.ContentLength > 0 && r.GetBody != nil
}

func plainMethod(s string) bool {
	switch s {
	case "", http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
}

// plainHeader says whether h can be written as it stands: nothing in it can end
// a line or begin another, or bears on the connection.
func plainHeader(h http.Header) bool {
	for key, values := range h {
		if !plainKey(key) {
			return false
		}
		for _, v := range values {
			if !plainValue(v) {
				return false
			}
		}
	}
	return true
}

func plainKey(s string) bool {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for i := range len(s) {
		if !isToken(s[i]) {
			return false
		}
	}
	switch s {
	case "Connection", "Expect", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return false
	}
	return true
}

func plainValue(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

// isToken says whether b may stand in the name of a field (RFC 9110, 5.6.2).
func isToken(b byte) bool {
	switch {
	case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9':
		return true
	}
	return strings.IndexByte("!#$%&'*+-.^_`|~", b) >= 0
}

// appendHead appends the request up to its body, as net/http writes it.
func appendHead(dst []byte, r *http.Request) ([]byte, error) {
	method, uri, name := r.Method, r.URL.RequestURI(), r.Host
	if method == "" {
		method = http.MethodGet
	}
	if name == "" {
		name = r.URL.Host
	}
	for i := range len(uri) {
		if uri[i] <= ' ' || uri[i] == 0x7f {
			return dst, errors.New("plainhttp: a space or a control character in the URL")
		}
	}
	dst = append(append(append(dst, method...), ' '), uri...)
	dst = append(append(dst, " HTTP/1.1\r\nHost: "...), name...)
	dst = append(dst, "\r\n"...)
	agent, ok := r.Header["User-Agent"]
	if !ok {
		dst = append(dst, "User-Agent: Go-http-client/1.1\r\n"...)
	} else if len(agent) > 0 && agent[0] != "" {
		dst = appendField(dst, "User-Agent", agent[0])
	}
	if r.ContentLength > 0 || method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
		dst = strconv.AppendInt(append(dst, "Content-Length: "...), max(r.ContentLength, 0), 10)
		dst = append(dst, "\r\n"...)
	}
	return append(appendFields(dst, r.Header), "\r\n"...), nil
}

// appendFields appends the fields in the order of their names, without those
// that the request itself says.
func appendFields(dst []byte, h http.Header) []byte {
	var few [16]string
	keys := few[:0]
	for key := range h {
		switch key {
		case "Host", "User-Agent", "Content-Length":
		default:
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		for _, v := range h[key] {
			dst = appendField(dst, key, v)
		}
	}
	return dst
}

func appendField(dst []byte, key, value string) []byte {
	dst = append(append(dst, key...), ": "...)
	return append(append(dst, value...), "\r\n"...)
}

var errBodyLength = errors.New("plainhttp: the request's body is not as long as its ContentLength")

// sender writes the body of a request as the body itself hands it over, the
// header in front of it, and not a byte more than was announced.
type sender struct {
	conn net.Conn
	head []byte
	left int64
	// wrote says that something has gone out.
	wrote bool
	pair  [2][]byte
}

// Write sends a piece of the body.
func (s *sender) Write(p []byte) (int, error) {
	if s.left -= int64(len(p)); s.left < 0 {
		return 0, errBodyLength
	}
	head := s.head
	s.head = nil
	if len(p) <= copied {
		if len(head) > 0 {
			return len(p), s.send(append(head, p...))
		}
		return len(p), s.send(p)
	}
	if len(head) == 0 {
		return len(p), s.send(p)
	}
	s.pair = [2][]byte{head, p}
	both := net.Buffers(s.pair[:])
	n, err := both.WriteTo(s.conn)
	s.wrote = s.wrote || n > 0
	s.pair = [2][]byte{}
	return len(p), err
}

func (s *sender) send(p []byte) error {
	n, err := s.conn.Write(p)
	s.wrote = s.wrote || n > 0
	return err
}

// request writes all of r, whose header stands in head, and closes its body.
func (s *sender) request(r *http.Request) error {
	defer closeBody(r)
	if r.ContentLength <= 0 || r.Body == nil {
		head := s.head
		s.head = nil
		return s.send(head)
	}
	s.left = r.ContentLength
	w, ok := r.Body.(io.WriterTo)
	if !ok {
		return errBodyLength
	}
	if _, err := w.WriteTo(s); err != nil {
		return err
	}
	if s.left != 0 {
		return errBodyLength
	}
	return nil
}
