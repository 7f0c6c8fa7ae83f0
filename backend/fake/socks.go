package fake

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
)

// SOCKSOptions are what a stand-in for a SOCKS5 proxy does.
type SOCKSOptions struct {
	// User and Password are demanded (RFC 1929); "" demands nothing.
	User, Password string
	// Hosts are the only ones there are, names to addresses as host:port.
	Hosts map[string]string
	// Reply is given in place of a connection, as 2 for one that the rules do
	// not allow; 0 connects.
	Reply byte
	// Hang takes connections and never answers.
	Hang bool
}

// SOCKS stands in for a SOCKS5 proxy (RFC 1928) and notes what it was asked for.
type SOCKS struct {
	options SOCKSOptions
	ln      net.Listener
	running sync.WaitGroup

	mu    sync.Mutex
	seen  []string
	conns map[net.Conn]bool
}

// NewSOCKS listens on this machine until Close.
func NewSOCKS(ctx context.Context, o SOCKSOptions) (*SOCKS, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &SOCKS{options: o, ln: ln, conns: map[net.Conn]bool{}}
	s.running.Go(s.accept)
	return s, nil
}

// Address is where it listens.
func (s *SOCKS) Address() string { return s.ln.Addr().String() }

// Seen lists what it was asked for, as host:port.
func (s *SOCKS) Seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// Close ends it with all its connections.
func (s *SOCKS) Close() {
	_ = s.ln.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *SOCKS) accept() {
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.running.Go(func() {
			_ = s.serve(c) // A client that does it wrong is hung up on.
			_ = c.Close()
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

var errSOCKS = errors.New("fake: not as RFC 1928 has it")

func (s *SOCKS) serve(c net.Conn) error {
	if s.options.Hang {
		_, err := io.Copy(io.Discard, c)
		return err
	}
	if err := s.greet(c); err != nil {
		return err
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil {
		return err
	}
	if head[0] != 5 || head[1] != 1 || head[2] != 0 {
		return errSOCKS
	}
	host, err := readHost(c, head[3])
	if err != nil {
		return err
	}
	port := make([]byte, 2)
	if _, err := io.ReadFull(c, port); err != nil {
		return err
	}
	s.mu.Lock()
	s.seen = append(s.seen, net.JoinHostPort(host, strconv.Itoa(int(port[0])<<8|int(port[1]))))
	s.mu.Unlock()
	return s.connect(c, host)
}

func (s *SOCKS) connect(c net.Conn, host string) error {
	const unreachable = 4
	reply := s.options.Reply
	address := s.options.Hosts[host]
	if reply == 0 && address == "" {
		reply = unreachable
	}
	var server net.Conn
	if reply == 0 {
		var err error
		if server, err = (&net.Dialer{}).DialContext(context.Background(), "tcp", address); err != nil {
			reply = unreachable
		}
	}
	if _, err := c.Write([]byte{5, reply, 0, 1, 0, 0, 0, 0, 0, 0}); err != nil || reply != 0 {
		return err
	}
	join(c, server)
	return nil
}

// greet agrees on who the client is.
func (s *SOCKS) greet(c net.Conn) error {
	const none, password, nothing = 0, 2, 0xff
	methods, err := readCounted(c, 5)
	if err != nil {
		return err
	}
	want := byte(none)
	if s.options.User != "" {
		want = password
	}
	if !slices.Contains(methods, want) {
		_, err := c.Write([]byte{5, nothing})
		return errors.Join(errSOCKS, err)
	}
	if _, err := c.Write([]byte{5, want}); err != nil || want == none {
		return err
	}
	user, err := readCounted(c, 1)
	if err != nil {
		return err
	}
	length := make([]byte, 1)
	if _, err := io.ReadFull(c, length); err != nil {
		return err
	}
	pass := make([]byte, length[0])
	if _, err := io.ReadFull(c, pass); err != nil {
		return err
	}
	if string(user) != s.options.User || string(pass) != s.options.Password {
		_, err := c.Write([]byte{1, 1})
		return errors.Join(errSOCKS, err)
	}
	_, err = c.Write([]byte{1, 0})
	return err
}

// readCounted reads a version and what is counted behind it.
func readCounted(c net.Conn, version byte) ([]byte, error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(c, head); err != nil {
		return nil, err
	}
	if head[0] != version {
		return nil, errSOCKS
	}
	b := make([]byte, head[1])
	_, err := io.ReadFull(c, b)
	return b, err
}

func readHost(c net.Conn, kind byte) (string, error) {
	const v4, name, v6 = 1, 3, 4
	length := map[byte]int{v4: net.IPv4len, v6: net.IPv6len}[kind]
	if kind == name {
		one := make([]byte, 1)
		if _, err := io.ReadFull(c, one); err != nil {
			return "", err
		}
		length = int(one[0])
	}
	if length == 0 {
		return "", errSOCKS
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(c, b); err != nil {
		return "", err
	}
	if kind == name {
		return string(b), nil
	}
	return net.IP(b).String(), nil
}
