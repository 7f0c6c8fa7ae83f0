package desktop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/handover"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/instance"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
)

// The names of what is handed over.
const (
	fileProxy   = "proxy"
	fileLock    = "lock"
	fileAddress = "address"
	fileOrders  = "orders"
	fileReports = "reports"

	valueToken   = "token"
	valueTray    = "tray"
	valueShow    = "show"
	valueStopped = "stopped"
)

// release replaces the program by its background form. The proxy's socket stays
// open all the while: what connects meanwhile waits in its queue. It returns
// only when that failed.
func (p *Program) release(ctx context.Context, trayDone <-chan struct{}, stopEngine func()) error {
	if !handover.Possible {
		return p.succeed(stopEngine)
	}
	s, err := p.o.Engine.Status(ctx)
	if err != nil {
		return err
	}
	b := handover.Bundle{Files: map[string]*os.File{}, Values: map[string]string{}}
	if err := keepSocket(b.Files, fileProxy, p.o.Listener()); err != nil {
		return err
	}
	left := p.o.Instance.Leave()
	if err := keepSocket(b.Files, fileAddress, left.Listener); err != nil {
		return err
	}
	b.Files[fileLock], b.Values[valueToken] = left.Lock, left.Token
	if s.Listener.State == control.Stopped {
		b.Values[valueStopped] = "yes"
	}
	quiet(p.o.Listener())
	child := p.o.Tray.Leave()
	<-trayDone
	if child != nil {
		b.Files[fileOrders], b.Files[fileReports] = child.Orders, child.Reports
		b.Values[valueTray] = strconv.Itoa(child.PID)
	}
	for _, pid := range handover.Children() {
		if child == nil || pid != child.PID {
			b.Children = append(b.Children, pid)
		}
	}
	stopEngine()
	if p.wantedMeanwhile() {
		b.Values[valueShow] = "yes"
	}
	return handover.Replace(b, p.o.Command, p.o.Environment)
}

// quiet lets a socket accept nothing more, and gives what it has accepted the
// time to become known to its server. Without that the server's end overlooks a
// connection that arrives at this very moment.
func quiet(l net.Listener) {
	const aMoment = 100 * time.Millisecond
	if tcp, ok := l.(*net.TCPListener); ok && tcp.SetDeadline(time.Now()) == nil {
		<-time.After(aMoment)
	}
}

// wantedMeanwhile says whether somebody asked for the window after the decision
// to do without it.
func (p *Program) wantedMeanwhile() bool {
	for r := range p.o.Tray.Reports() { // Closed when the tray was left.
		if r.Click == tray.Open || r.Click == tray.Requests {
			return true
		}
	}
	return len(p.o.Instance.Asked()) > 0
}

// keepSocket takes a second hold on a socket, which stays open when the first
// is let go.
func keepSocket(files map[string]*os.File, name string, l net.Listener) error {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return nil
	}
	file, err := tcp.File()
	if err != nil {
		return fmt.Errorf("keep the socket %s: %w", name, err)
	}
	files[name] = file
	return nil
}

// succeed starts a successor, which waits for the lock, and ends this program.
func (p *Program) succeed(stopEngine func()) error {
	command := append(append([]string{}, p.o.Command...), "--successor")
	cmd := exec.Command(command[0], command[1:]...) //nolint:gosec,noctx // Our own program, which lives on.
	cmd.Env = p.o.Environment
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start a successor: %w", err)
	}
	p.o.Tray.Goodbye()
	stopEngine()
	return errors.Join(p.o.Instance.Close(), cmd.Process.Release())
}

// Inherited is what the program's earlier form has left.
type Inherited struct {
	// Listener is the proxy's socket; nil when it was closed.
	Listener net.Listener
	Instance *instance.Instance
	Tray     *tray.Process
	// Show says that somebody asked for the window meanwhile.
	Show bool
	// Stopped says that the person has stopped the listener.
	Stopped bool
}

// Inherit takes over what the program's earlier form has left; nil is a fresh
// start.
func Inherit(dataDir string) (*Inherited, error) {
	b, ok, err := handover.Received()
	if err != nil || !ok {
		return nil, err
	}
	i := &Inherited{Show: b.Values[valueShow] != "", Stopped: b.Values[valueStopped] != ""}
	if i.Listener, err = socket(b.Files[fileProxy]); err != nil {
		return nil, err
	}
	address, err := socket(b.Files[fileAddress])
	if err != nil {
		return nil, err
	}
	tcp, ok := address.(*net.TCPListener)
	if !ok || b.Files[fileLock] == nil {
		return nil, errors.New("take over: the lock is missing")
	}
	i.Instance = instance.Adopt(dataDir, b.Files[fileLock], tcp, b.Values[valueToken])
	if pid, err := strconv.Atoi(b.Values[valueTray]); err == nil {
		if i.Tray, err = tray.Adopt(pid, b.Files[fileOrders], b.Files[fileReports]); err != nil {
			return nil, err
		}
	}
	return i, nil
}

// socket makes a listener of a file; nil of nil.
func socket(file *os.File) (net.Listener, error) {
	if file == nil {
		return nil, nil
	}
	l, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("take over %s: %w", file.Name(), err)
	}
	return l, file.Close() // The listener has a hold of its own.
}
