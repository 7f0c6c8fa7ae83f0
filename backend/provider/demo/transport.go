package demo

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// transport gives requests to a handler in this process. It keeps what the
// network would promise: the body streams as it is written, the writer is held
// back by a slow reader, the end of the request's context ends both sides at
// once, and closing the body waits until the handler has returned, so that no
// goroutine outlives an exchange.
type transport struct{ handler http.Handler }

// RoundTrip answers r. The response's body must be closed.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	outer := r.Context()
	ctx, cancel := context.WithCancel(outer)
	pr, pw := io.Pipe()
	w := &responseWriter{header: http.Header{}, body: pw, ready: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.serve(t.handler, r.WithContext(ctx))
	}()
	// A reader that waits for the next word must learn of the end at once.
	stop := context.AfterFunc(outer, func() { _ = pw.CloseWithError(context.Cause(outer)) })
	b := &responseBody{pipe: pr, end: func() {
		cancel()
		stop()
		<-done
	}}
	select {
	case <-w.ready:
		return w.response(r, b), nil
	case <-outer.Done():
		_ = b.Close()
		return nil, context.Cause(outer)
	}
}

// responseWriter is the handler's side of an exchange.
type responseWriter struct {
	header http.Header
	// sent is the header as it stood when the first byte went; it is written
	// before ready is closed and read after.
	sent   http.Header
	status int
	body   *io.PipeWriter
	ready  chan struct{}
}

func (w *responseWriter) serve(h http.Handler, r *http.Request) {
	ctx := r.Context()
	defer func() { w.finish(ctx, recover()) }()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	h.ServeHTTP(w, r)
}

// finish ends the body the way the handler ended.
func (w *responseWriter) finish(ctx context.Context, panicked any) {
	err := io.EOF
	switch {
	case panicked != nil:
		// A handler that panics has cut the connection, as with net/http.
		err = io.ErrUnexpectedEOF
	case ctx.Err() != nil:
		// A handler that gave up must not look like one that was done.
		err = context.Cause(ctx)
	}
	w.WriteHeader(http.StatusOK)
	_ = w.body.CloseWithError(err)
}

// Header is the answer's header until the first write.
func (w *responseWriter) Header() http.Header { return w.header }

// WriteHeader fixes status and header; only the first call counts.
func (w *responseWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status, w.sent = status, w.header.Clone()
	close(w.ready)
}

// Write blocks until the reader has taken p, or is gone.
func (w *responseWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush has nothing to do: nothing is buffered.
func (w *responseWriter) Flush() {}

func (w *responseWriter) response(r *http.Request, body io.ReadCloser) *http.Response {
	length := int64(-1)
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil {
		length = n
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: body, ContentLength: length, Request: r,
	}
}

// responseBody is the caller's side of an exchange.
type responseBody struct {
	pipe *io.PipeReader
	once sync.Once
	end  func()
}

// Read gives what the handler wrote, one write at a time.
func (b *responseBody) Read(p []byte) (int, error) { return b.pipe.Read(p) }

// Close ends the handler and waits for it.
func (b *responseBody) Close() error {
	b.once.Do(func() {
		_ = b.pipe.Close()
		b.end()
	})
	return nil
}
