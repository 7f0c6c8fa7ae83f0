package plainhttp

import (
	"bufio"
	"bytes"
	"net/http"
	"net/textproto"
	"strings"
)

// answer is a response with all that it needs, in one piece of memory.
type answer struct {
	http.Response
	body   body
	coding [1]string
}

// headEnd is where the header in b ends, behind its blank line; -1 is not in b.
// It does not end before from.
func headEnd(b []byte, from int) int {
	at := max(from-2, 0)
	for {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
		if at < len(b) && b[at] == '\n' {
			return at + 1
		}
		if at+1 < len(b) && b[at] == '\r' && b[at+1] == '\n' {
			return at + 2
		}
	}
}

// parse reads the header in b, its blank line included. What is not as plain as
// can be is left to net/http, which knows what may be let pass.
func (a *answer) parse(b []byte, r *http.Request) error {
	if !a.quick(string(b), r) {
		full, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b)), r)
		if err != nil {
			return err
		}
		_ = full.Body.Close() // It had no bytes to read; ours comes later.
		a.Response = *full
	}
	return nil
}

// quick reads a header of HTTP/1.1 in which every line is one field with a
// value that needs no thought. It says no to all others.
func (a *answer) quick(s string, r *http.Request) bool {
	const proto = "HTTP/1.1"
	line, s, ok := cutLine(s)
	if !ok || len(line) < len(proto)+len(" 200 ") || line[:len(proto)+1] != proto+" " || line[len(proto)+4] != ' ' {
		return false
	}
	status := line[len(proto)+1:]
	code := 0
	for _, d := range []byte(status[:3]) {
		if d < '0' || d > '9' {
			return false
		}
		code = 10*code + int(d-'0')
	}
	a.Response = http.Response{
		Status: status, StatusCode: code, Proto: proto, ProtoMajor: 1, ProtoMinor: 1,
		Request: r, ContentLength: -1,
	}
	return a.fields(s) && a.frame(r)
}

// fields reads the lines after the first.
func (a *answer) fields(s string) bool {
	n := strings.Count(s, "\n")
	a.Header = make(http.Header, n)
	values := make([]string, n)
	for {
		line, rest, ok := cutLine(s)
		if !ok {
			return false
		}
		if line == "" {
			return rest == ""
		}
		s = rest
		key, value, ok := field(line)
		if !ok || !a.take(key, value) {
			return false
		}
		switch {
		case key == "Transfer-Encoding", key == "Connection" && a.Close:
		case a.Header[key] != nil:
			a.Header[key] = append(a.Header[key], value)
		default:
			values[0] = value
			a.Header[key] = values[:1:1]
			values = values[1:]
		}
	}
}

// take notes what a field says of the body and the connection; a second word on
// that, or one that is not plain, is not taken.
func (a *answer) take(key, value string) bool {
	switch key {
	case "Content-Length":
		n, ok := decimal(value)
		if !ok || a.ContentLength >= 0 {
			return false
		}
		a.ContentLength = n
	case "Transfer-Encoding":
		if a.TransferEncoding != nil || !strings.EqualFold(value, "chunked") {
			return false
		}
		a.coding[0] = "chunked"
		a.TransferEncoding = a.coding[:]
	case "Connection":
		if a.Close || a.Header[key] != nil || value != "close" && !strings.EqualFold(value, "keep-alive") {
			return false
		}
		a.Close = value == "close"
	case "Pragma", "Trailer":
		return false
	}
	return true
}

// frame finds out where the body ends.
func (a *answer) frame(r *http.Request) bool {
	chunked := a.TransferEncoding != nil
	switch {
	case chunked && a.ContentLength >= 0:
		return false
	case r.Method == http.MethodHead || !hasBody(a.StatusCode):
		// Rare, and with rules of their own.
		return false
	case !chunked && a.ContentLength < 0:
		a.Close = true
	}
	return true
}

// hasBody says whether an answer of that status can have a body.
func hasBody(code int) bool {
	return code/100 != 1 && code != http.StatusNoContent && code != http.StatusNotModified
}

// cutLine cuts s behind its first line end, which must be CR and LF.
func cutLine(s string) (line, rest string, ok bool) {
	i := strings.IndexByte(s, '\n')
	if i < 1 || s[i-1] != '\r' {
		return "", "", false
	}
	line = s[:i-1]
	for j := range len(line) {
		if line[j] < ' ' || line[j] == 0x7f {
			return "", "", false
		}
	}
	return line, s[i+1:], true
}

// field takes a line apart.
func field(line string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(line, ":")
	if !ok || key == "" {
		return "", "", false
	}
	for i := range len(key) {
		if !isToken(key[i]) {
			return "", "", false
		}
	}
	return textproto.CanonicalMIMEHeaderKey(key), strings.Trim(value, " "), true
}

// decimal reads a length.
func decimal(s string) (int64, bool) {
	const most = 18
	if s == "" || len(s) > most {
		return 0, false
	}
	var n int64
	for _, d := range []byte(s) {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = 10*n + int64(d-'0')
	}
	return n, true
}
