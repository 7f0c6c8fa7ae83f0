package httpapi

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// mostCodings bounds how often a body is unpacked: each time may make a thousand
// times as much of it, which the limit of the size only sees behind the last.
const mostCodings = 2

// decode replaces a compressed body by its content (B47). The size limit is
// applied to what comes out of it, by whoever reads it.
func decode(r *http.Request) *llm.Error {
	codings := r.Header.Get("Content-Encoding")
	if codings == "" {
		return nil
	}
	list := strings.Split(codings, ",")
	if len(list) > mostCodings {
		return &llm.Error{Kind: llm.KindBadRequest, Code: "unsupported_encoding", Message: "the request body is compressed more often than anybody would"}
	}
	// The last coding named was applied last, so it is undone first.
	for _, coding := range slices.Backward(list) {
		name := strings.ToLower(strings.TrimSpace(coding))
		if name == "" || name == "identity" {
			continue
		}
		body, err := decoder(name, r.Body)
		if err != nil {
			return &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_encoding", Message: "the request body is not valid " + name + ": " + err.Error(), Cause: err}
		}
		if body == nil {
			return &llm.Error{
				Kind: llm.KindBadRequest, Code: "unsupported_encoding",
				Message: "the Content-Encoding '" + clip(name) + "' is not known; use gzip, zstd, br, deflate, or none",
			}
		}
		r.Body = &decoded{Reader: body, name: name, under: r.Body}
		r.ContentLength = -1
	}
	return nil
}

// decoder undoes one coding; nil means that it is not known.
func decoder(name string, r io.Reader) (io.Reader, error) {
	const memory = 64 << 20
	switch name {
	case "gzip", "x-gzip":
		return gzip.NewReader(r)
	case "deflate":
		return inflated(r), nil
	case "br":
		return brotli.NewReader(r), nil
	case "zstd":
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(memory))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return nil, nil //nolint:nilnil // the caller has the words for an unknown name.
}

// inflated undoes deflate, which is said to have zlib's frame, and which many send
// without.
func inflated(r io.Reader) io.Reader {
	const frame, method, check = 2, 8, 31
	in := bufio.NewReader(r)
	head, err := in.Peek(frame)
	if err == nil && head[0]&0x0f == method && (int(head[0])<<8|int(head[1]))%check == 0 {
		if z, err := zlib.NewReader(in); err == nil {
			return z
		}
	}
	return flate.NewReader(in)
}

// decoded reads the content of a compressed body and names what is wrong with it.
type decoded struct {
	io.Reader
	name  string
	under io.Closer
}

func (d *decoded) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_encoding", Message: "the request body is not valid " + d.name + ": " + err.Error(), Cause: err}
	}
	return n, err
}

func (d *decoded) Close() error {
	if c, ok := d.Reader.(io.Closer); ok {
		_ = c.Close()
	}
	return d.under.Close()
}

func clip(s string) string {
	const most = 80
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
