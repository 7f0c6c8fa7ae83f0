package oauth

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
)

// callbackPath is the path of the redirect address.
const callbackPath = "/oauth2callback"

// loopback is a sign-in that the browser brings back to a port of this machine.
type loopback struct {
	*session
	// listener is nil where no port could be opened: then there is the paste.
	listener net.Listener
}

var (
	_ account.SignIn = (*session)(nil)
	_ account.SignIn = (*loopback)(nil)
)

// Loopback begins a sign-in that returns to a port of this machine. Where every
// port is taken or forbidden the address can still be pasted, as it can at any
// time. Wait must be called: it closes the port.
func Loopback(ctx context.Context, f Flow) account.SignIn {
	ports := f.Ports
	if ports == nil {
		ports = []int{8085, 8086, 8087}
	}
	if f.Listen == nil {
		f.Listen = (&net.ListenConfig{}).Listen
	}
	l, port := f.open(ctx, ports)
	shown := port
	if l == nil && len(ports) > 0 {
		// The browser ends on a page that is not there, whose address is right.
		shown = ports[0]
	}
	// The literal address: a browser may take localhost for ::1.
	s := newSession(f, "http://127.0.0.1:"+strconv.Itoa(shown)+callbackPath)
	s.prompt.Port = port
	return &loopback{session: s, listener: l}
}

// open opens the first port that can be had, or any that is free.
func (f Flow) open(ctx context.Context, ports []int) (net.Listener, int) {
	for _, port := range append(slices.Clone(ports), 0) {
		l, err := f.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		if a, ok := l.Addr().(*net.TCPAddr); ok {
			return l, a.Port
		}
		_ = l.Close()
	}
	return nil, 0
}

// Wait waits for the browser or the paste, and frees the port.
func (l *loopback) Wait(ctx context.Context) (account.Signed, error) {
	if l.listener == nil {
		return l.session.Wait(ctx)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(l.serve), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		MaxHeaderBytes: 64 << 10,
	}
	server.SetKeepAlivesEnabled(false)
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(l.listener) }) // ends when the server is closed
	signed, err := l.session.Wait(ctx)
	// The last page is to reach the browser; a connection that a browser opened
	// in advance is not waited for.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(last) != nil {
		_ = server.Close()
	}
	wg.Wait()
	return signed, err
}

// serve answers the browser. Nothing but this sign-in's own return ends it: not
// a favicon, not a forged request, not a page that guesses.
func (l *loopback) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path != callbackPath:
		http.NotFound(w, r)
		return
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
		return
	}
	values := r.URL.Query()
	if !l.mine(values) {
		showPage(w, r, http.StatusBadRequest, pageStranger)
		return
	}
	a := l.returned(values)
	select {
	case l.attempts <- a:
	case <-l.over:
		showPage(w, r, http.StatusGone, pageOver)
		return
	case <-r.Context().Done():
		return
	}
	// A browser that leaves is no reason to stop: the code is on its way.
	err, known := l.outcome(a)
	switch {
	case !known:
		showPage(w, r, http.StatusOK, pageOver)
	case err == nil:
		showPage(w, r, http.StatusOK, pageDone)
	case a.failed != nil && a.failed.Code == CodeDenied:
		showPage(w, r, http.StatusOK, pageDenied)
	default:
		showPage(w, r, http.StatusBadGateway, pageFailed)
	}
}
