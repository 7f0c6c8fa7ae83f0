package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// socketOptions are what a socket works with.
type socketOptions struct {
	// Address is where to listen, as host:port.
	Address func() string
	// KeepPort writes a port that a person chose into the configuration.
	KeepPort func(port int) error
	// Handler makes what is served.
	Handler func() http.Handler
	Config  func() *config.Config
	Running func() int
	// Changed is told when the socket opened, closed or broke.
	Changed func()
	Log     *slog.Logger
	// Inherited is an open socket that was handed over; nil is none.
	Inherited net.Listener
}

// socket is the proxy's listener. Its state is that of the real socket, not of
// a flag beside it (B50).
type socket struct {
	o socketOptions

	mu     sync.Mutex
	open   *opened
	failed *listenError
}

// opened is a listener with its server.
type opened struct {
	ln    net.Listener
	srv   *http.Server
	wants string
	since time.Time
	// lasting are the WebSockets; cut ends what is left of all requests.
	lasting *dialect.Lasting
	cut     context.CancelFunc
	done    chan struct{}
}

// listenError is a port that could not be opened, in words for a person.
type listenError struct {
	message string
	free    int
	cause   error
}

func (e *listenError) Error() string { return e.message }
func (e *listenError) Unwrap() error { return e.cause }

func newSocket(o socketOptions) *socket { return &socket{o: o} }

// State is what the socket is now.
func (s *socket) State() control.Listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := control.Listener{State: control.Stopped, Address: s.o.Address(), Running: s.o.Running()}
	switch {
	case s.open != nil:
		l.State, l.Address = control.Running, s.open.ln.Addr().String()
		since := s.open.since
		l.Since = &since
	case s.failed != nil:
		l.State, l.Error, l.FreePort = control.Failed, s.failed.message, s.failed.free
	}
	l.BaseURL = baseURL(l.Address)
	return l
}

// baseURL is what a client on this machine is pointed at.
func baseURL(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/v1"
}

func (s *socket) listener() net.Listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		return nil
	}
	return s.open.ln
}

// Open listens. A port other than 0 is tried instead of the configured one and
// becomes it.
func (s *socket) Open(ctx context.Context, port int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open != nil {
		return nil
	}
	wants := s.o.Address()
	if port != 0 {
		host, _, err := net.SplitHostPort(wants)
		if err != nil {
			return err
		}
		wants = net.JoinHostPort(host, strconv.Itoa(port))
	}
	if err := s.listen(ctx, wants); err != nil {
		return err
	}
	if port == 0 {
		return nil
	}
	s.mu.Unlock()
	err := s.o.KeepPort(port)
	s.mu.Lock()
	return err
}

// listen opens wants and serves it. mu is held.
func (s *socket) listen(ctx context.Context, wants string) error {
	ln := s.o.Inherited
	s.o.Inherited = nil
	if ln == nil {
		var lc net.ListenConfig
		var err error
		if ln, err = lc.Listen(ctx, "tcp", wants); err != nil {
			s.failed = explain(ctx, wants, err)
			s.o.Changed()
			return s.failed
		}
	}
	c := s.o.Config()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	lasting := dialect.NewLasting()
	base, cut := context.WithCancel(lasting.With(context.WithoutCancel(ctx)))
	srv := &http.Server{
		Handler: s.o.Handler(), Protocols: protocols, BaseContext: func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: millis(c.Server.HeaderTimeoutMs), IdleTimeout: millis(c.Server.IdleTimeoutMs),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			if k, ok := c.(relay.Corker); ok {
				return relay.WithCorker(ctx, k)
			}
			return ctx
		},
		MaxHeaderBytes: 256 << 10, DisableGeneralOptionsHandler: true,
		ErrorLog: slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
	}
	o := &opened{ln: ln, srv: srv, wants: wants, since: time.Now(), lasting: lasting, cut: cut, done: make(chan struct{})}
	go func() {
		defer close(o.done)
		s.ended(o, srv.Serve(corking{ln}))
	}()
	s.open, s.failed = o, nil
	s.o.Changed()
	return nil
}

// ended notices a listener that broke by itself.
func (s *socket) ended(o *opened, err error) {
	if errors.Is(err, http.ErrServerClosed) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == o {
		s.open = nil
		s.failed = &listenError{message: "the listener broke: " + err.Error(), cause: err}
		s.o.Changed()
		s.o.Log.Error("listener broke", slog.String("error", err.Error()))
	}
}

// Close stops listening, lets running exchanges end, and cuts what is left when
// ctx or the drain time is over.
func (s *socket) Close(ctx context.Context) error {
	s.mu.Lock()
	o := s.open
	s.open, s.failed = nil, nil
	s.mu.Unlock()
	if o == nil {
		return nil
	}
	err := o.close(ctx)
	s.o.Changed()
	return err
}

func (o *opened) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drain)
	defer cancel()
	defer o.cut()
	o.lasting.End()
	err := o.srv.Shutdown(ctx)
	if err == nil {
		err = o.lasting.Wait(ctx)
	}
	if err != nil {
		// The time is over: what still runs is cut.
		err = o.srv.Close()
	}
	<-o.done
	return err
}

// follow moves an open listener to the configured address: the new one opens
// before the old one closes, so that nobody is refused.
func (s *socket) follow(ctx context.Context) error {
	s.mu.Lock()
	old := s.open
	wants := s.o.Address()
	if old == nil || old.wants == wants {
		s.mu.Unlock()
		return nil
	}
	s.open = nil
	err := s.listen(ctx, wants)
	if err != nil {
		s.open = old
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return old.close(context.WithoutCancel(ctx))
}

// explain says why a port cannot be opened and what to do (B51).
func explain(ctx context.Context, address string, err error) *listenError {
	host, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text)
	e := &listenError{cause: err}
	switch {
	case errors.Is(err, syscall.EADDRINUSE) || isWindowsInUse(err):
		e.free = freePort(ctx, host, port)
		owner := ""
		if who := portOwner(port); who != "" {
			owner = " by " + who
		}
		e.message = fmt.Sprintf("port %d is in use%s; stop that program or choose another port", port, owner)
		if e.free != 0 {
			e.message += fmt.Sprintf(" (%d is free)", e.free)
		}
	case errors.Is(err, syscall.EACCES):
		e.free = freePort(ctx, host, max(port, 8080))
		e.message = fmt.Sprintf("port %d needs more rights than this program has; choose one above 1023", port)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		e.message = fmt.Sprintf("the address %s is not one of this machine; choose 127.0.0.1, or 0.0.0.0 for the network", host)
	default:
		e.message = "the listener cannot open " + address + ": " + err.Error()
	}
	return e
}

// isWindowsInUse knows WSAEADDRINUSE and WSAEACCES of a reserved range, which
// package syscall does not name on other systems.
func isWindowsInUse(err error) bool {
	const inUse = syscall.Errno(10048)
	return errors.Is(err, inUse)
}

// freePort is the next port above port that can be opened; 0 when none of the
// next hundred can.
func freePort(ctx context.Context, host string, port int) int {
	const look, highest = 100, 65535
	var lc net.ListenConfig
	for p := port + 1; p <= min(port+look, highest); p++ {
		ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(p)))
		if err == nil {
			_ = ln.Close()
			return p
		}
	}
	return 0
}
