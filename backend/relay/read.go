package relay

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// read takes the whole request body into memory, bounded.
func (x *exchange) read() *llm.Error {
	limit := x.limits.Body
	n := x.req.ContentLength
	if limit > 0 && n > limit {
		x.out.w.Header().Set("Connection", "close")
		return tooLarge(limit)
	}
	size := 4 << 10
	if n > 0 {
		// One more, so that the read that meets the end needs no growth.
		size = int(n) + 1
	}
	x.body = newBuffer(size)
	b, err := readAll(x.body.b, &clientBody{x: x}, limit)
	x.body.b = b
	x.raw = b
	x.mu.Lock()
	x.log.BytesIn = int64(len(b))
	x.mu.Unlock()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errTooLarge):
		x.out.w.Header().Set("Connection", "close")
		return tooLarge(limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &llm.Error{Kind: llm.KindBadRequest, Code: "request_timeout", Message: "the request body did not arrive in time; the limit is in the settings (server.idleTimeoutMs)", Cause: err}
	case x.gone():
		return x.canceled()
	}
	if e, ok := errors.AsType[*llm.Error](err); ok {
		return e
	}
	return &llm.Error{Kind: llm.KindBadRequest, Message: "the request body could not be read: " + err.Error(), Cause: err}
}

var errTooLarge = errors.New("body over the limit")

func tooLarge(limit int64) *llm.Error {
	return &llm.Error{
		Kind: llm.KindTooLarge, Code: "request_too_large",
		Message: "the request body is larger than " + strconv.FormatInt(limit>>20, 10) + " MiB; the limit is in the settings (server.maxBodyMB)",
	}
}

// readAll appends r to b. A limit of 0 is none.
func readAll(b []byte, r io.Reader, limit int64) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if limit > 0 && int64(len(b)) > limit {
			return b, errTooLarge
		}
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

// clientBody is the request's body, each read bounded by the watchman: a client
// that sends slower than that holds nothing for long.
type clientBody struct{ x *exchange }

func (c *clientBody) Read(p []byte) (int, error) {
	c.x.wait.begin(time.Now(), c.x.limits.Client, c.x.hurry)
	n, err := c.x.req.Body.Read(p)
	c.x.wait.end()
	return n, err
}

// hurry makes the read that goes on now fail. A server that has no deadlines
// has no slow clients either.
func (x *exchange) hurry(error) {
	x.hurried.Store(true)
	_ = http.NewResponseController(x.out.w).SetReadDeadline(time.Now())
}
