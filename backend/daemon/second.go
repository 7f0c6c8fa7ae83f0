package daemon

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
)

// second is the listener on Ollama's usual port (server.ollamaPort). It is open
// when the settings say so and the proxy's own is: who stops that has stopped
// both.
type second struct {
	socket *socket
	first  func() control.ListenerState
	config func() *config.Config
	log    *slog.Logger
	// changed holds one token when something may have to be opened or closed.
	changed chan struct{}
	// problem is why it is not where it should be; "" is nothing. told is called
	// when it is another one.
	problem atomic.Value
	told    func()
}

// ports are the proxy's socket, and what is wrong with the second.
type ports struct {
	*socket
	second *second
}

// State is what the proxy's socket is now.
func (p ports) State() control.Listener {
	l := p.socket.State()
	l.OllamaError, _ = p.second.problem.Load().(string)
	return l
}

func (d *Daemon) newSecond() *second {
	s := &second{
		first: func() control.ListenerState { return d.socket.State().State }, config: d.config.Snapshot, log: d.log,
		changed: make(chan struct{}, 1), told: func() { d.events.Publish(event.Event{Kind: event.Listener}) },
	}
	s.socket = newSocket(socketOptions{
		Address: func() string {
			c := d.config.Snapshot()
			return net.JoinHostPort(cmp.Or(d.o.Host, c.Host), strconv.Itoa(c.Server.OllamaPort))
		},
		Handler: func() http.Handler {
			o := d.proxyOptions()
			o.Ollama = true
			return httpapi.NewProxy(o)
		},
		KeepPort: func(int) error { return nil }, // It is only asked to keep one that a person chose for it.
		Config:   d.config.Snapshot, Running: d.relay.Count, Changed: func() {}, Log: d.log,
	})
	return s
}

// touch has the listener looked after; it does not block.
func (s *second) touch() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// run looks after the listener until ctx ends, and closes it.
func (s *second) run(ctx context.Context) error {
	for {
		if err := s.follow(ctx); ctx.Err() == nil {
			s.tell(err)
		}
		select {
		case <-ctx.Done():
			end, stop := context.WithTimeout(context.WithoutCancel(ctx), drain)
			defer stop()
			return s.socket.Close(end)
		case <-s.changed:
		}
	}
}

// tell says what is wrong, once.
func (s *second) tell(err error) {
	problem := ""
	if err != nil {
		problem = err.Error()
	}
	if was, _ := s.problem.Swap(problem).(string); was == problem {
		return
	}
	s.told()
	if problem != "" { // Ollama itself may run: its programs are then better off with it.
		s.log.Warn("ollama's port is not open", slog.String("error", problem))
	}
}

// follow opens, moves or closes the listener as it has to be.
func (s *second) follow(ctx context.Context) error {
	switch state := s.socket.State().State; {
	case s.config().Server.OllamaPort == 0 || s.first() != control.Running:
		return s.socket.Close(ctx)
	case state == control.Running:
		return s.socket.follow(ctx)
	}
	return s.socket.Open(ctx, 0)
}
