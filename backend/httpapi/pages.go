package httpapi

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// AdminOptions are what the admin handler works with.
type AdminOptions struct {
	Control *control.Panel
	Events  *event.Bus
	// Guard gives the current guard, for Host and Origin; nil trusts the
	// caller, which is right for the window alone.
	Guard func() *Guard
	// Token signs a browser in; "" trusts the caller, as above.
	Token string
	// SessionFile keeps over restarts when everybody was signed out; "" keeps it
	// for this process alone.
	SessionFile string
	// Chat answers chat completions of OpenAI's for the Playground, without a
	// key; nil is nobody to ask.
	Chat http.Handler
	// Pieces says that the bus tells an answer to the Playground while it comes:
	// a window may get it only when it has ended.
	Pieces bool
	// Pages are the built front end; without an index.html a line says how to
	// build it.
	Pages   fs.FS
	Version string
}

// Admin is the admin API under /api/ and the pages everywhere else. The API is
// built at the first call: a proxy that nobody looks at does not pay for it.
func Admin(o AdminOptions) http.Handler {
	api := sync.OnceValue(func() http.Handler {
		mux := http.NewServeMux()
		API(mux, o.Control, o.Version)
		mux.HandleFunc("GET /api/events", events(o.Events))
		newPlayground(o).mount(mux)
		mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
			writeProblem(w, http.StatusNotFound, "there is no "+r.Method+" "+clip(r.URL.Path)+" in the admin API")
		})
		return mux
	})
	pages := &pages{fs: o.Pages}
	session := newSession(o.Token, o.SessionFile)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		if o.Guard != nil {
			if err := o.Guard().admit(r); err != nil {
				writeProblem(w, http.StatusForbidden, err.Message)
				return
			}
		}
		if !strings.HasPrefix(path.Clean("/"+r.URL.Path)+"/", "/api/") {
			pages.ServeHTTP(w, r)
			return
		}
		if session.handle(w, r) {
			return
		}
		api().ServeHTTP(w, r)
	})
}

// secure sets what keeps a page of ours from being framed, sniffed or fed.
func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// contentPolicy allows what the pages are made of and nothing from elsewhere.
// Inline styles are Mantine's.
const contentPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
	"connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// pages serves the built front end. Every path that is no file of it is a page
// of the application, which routes by itself.
type pages struct{ fs fs.FS }

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		writeProblem(w, http.StatusMethodNotAllowed, "pages are only read")
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	b, packed, err := p.read(name)
	h := w.Header()
	switch {
	case err == nil && strings.HasPrefix(name, "assets/"):
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	case err != nil && path.Ext(name) != "" && path.Ext(name) != ".html":
		writeProblem(w, http.StatusNotFound, "there is no file "+clip(name))
		return
	default:
		h.Set("Cache-Control", "no-cache")
	}
	if err != nil {
		name = "index.html"
		b, packed, err = p.read(name)
	}
	if err != nil {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("The pages are not part of this build: run 'make build' and start the program again.\n"))
		return
	}
	h.Set("Content-Type", typeOf(name))
	if strings.HasSuffix(name, ".html") {
		h.Set("Content-Security-Policy", contentPolicy)
	}
	if packed {
		h.Add("Vary", "Accept-Encoding")
		if !takesGzip(r) {
			unpack(w, b)
			return
		}
		h.Set("Content-Encoding", "gzip")
	}
	_, _ = w.Write(b)
}

// takesGzip reads what a browser says; the window's says nothing.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		word, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if word == "gzip" && strings.ReplaceAll(q, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

// unpack writes a packed file as it was.
func unpack(w io.Writer, b []byte) {
	plain, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if _, err := io.Copy(w, plain); err != nil { // #nosec G110 -- it is a file of the build
		panic(http.ErrAbortHandler)
	}
}

var errNoPages = errors.New("no pages")

// read gives a file, and whether it is packed: the build packs the larger ones.
func (p *pages) read(name string) (b []byte, packed bool, err error) {
	if p.fs == nil || name == "" {
		return nil, false, errNoPages
	}
	if b, err = fs.ReadFile(p.fs, name); err == nil {
		return b, false, nil
	}
	b, err = fs.ReadFile(p.fs, name+".gz")
	return b, err == nil, err
}

// typeOf does not ask the system, whose table is wrong on many a machine.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return "application/json"
	case ".woff2":
		return "font/woff2"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
