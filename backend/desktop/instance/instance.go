// Package instance makes the program single: the first start holds a lock and
// answers at a loopback address, a later one asks it to show its window.
//
// The invariant: of any number of starts with the same data folder, at the same
// moment or not, exactly one is the program. The lock decides, and the system
// frees it when its holder dies; the file with the address only helps to find
// the holder.
package instance

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	lockName    = "instance.lock"
	addressName = "instance.json"
	// patience bounds a later start's wait for the first, which may still be
	// on its way up.
	patience = 10 * time.Second
	// SuccessorWait is how long a successor waits for its predecessor to end.
	SuccessorWait = 15 * time.Second
	// slow bounds one conversation.
	slow = 2 * time.Second
)

// ErrTaken says that another start is the program.
var ErrTaken = errors.New("the program is running already")

// Instance is the lock and the address of the running program.
type Instance struct {
	folder   string
	lock     *os.File
	listener *net.TCPListener
	token    string
	asked    chan Ask
}

// Ask is what a later start wants.
type Ask string

// Show asks for the window.
const Show Ask = "show"

// address is the file by which a later start finds the first.
type address struct {
	PID     int    `json:"pid"`
	Address string `json:"address"`
	Token   string `json:"token"`
}

// request and answer are one line each.
type request struct {
	Token string `json:"token"`
	Ask   Ask    `json:"ask"`
}

type answer struct {
	OK bool `json:"ok"`
}

// Acquire makes this process the program of the data folder, or returns
// ErrTaken. It waits for the lock as long as wait: a successor gives its
// predecessor time to end.
func Acquire(ctx context.Context, folder string, wait time.Duration) (*Instance, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(folder, lockName), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // The program's own folder.
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := hold(ctx, lock, wait); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for later starts: %w", err), lock.Close())
	}
	i := &Instance{folder: folder, lock: lock, listener: listener, token: rand.Text(), asked: make(chan Ask, 8)}
	if err := i.publish(); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// Adopt takes over what the program's earlier form has left.
func Adopt(folder string, lock *os.File, listener *net.TCPListener, token string) *Instance {
	return &Instance{folder: folder, lock: lock, listener: listener, token: token, asked: make(chan Ask, 8)}
}

// hold takes the lock, trying until wait is over.
func hold(ctx context.Context, lock *os.File, wait time.Duration) error {
	for end := time.Now().Add(wait); ; {
		taken, err := tryLock(lock)
		if err != nil {
			return fmt.Errorf("lock %s: %w", lock.Name(), err)
		}
		if taken {
			return nil
		}
		if time.Now().After(end) {
			return ErrTaken
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// publish writes the address whole, so that nobody reads half of it.
func (i *Instance) publish() error {
	data, err := json.Marshal(address{PID: os.Getpid(), Address: i.listener.Addr().String(), Token: i.token})
	if err != nil {
		return fmt.Errorf("write the address: %w", err)
	}
	target := filepath.Join(i.folder, addressName)
	if err := os.WriteFile(target+".new", data, 0o600); err != nil {
		return fmt.Errorf("write the address: %w", err)
	}
	if err := os.Rename(target+".new", target); err != nil {
		return fmt.Errorf("write the address: %w", err)
	}
	return nil
}

// Asked gives what later starts want.
func (i *Instance) Asked() <-chan Ask { return i.asked }

// Serve answers later starts until ctx ends. It leaves the address open, so
// that whoever asks meanwhile is answered by the program's next form.
func (i *Instance) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = i.listener.SetDeadline(time.Now()) })
	defer stop()
	for {
		conn, err := i.listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("answer later starts: %w", err)
		}
		i.answer(ctx, conn)
	}
}

// answer handles one later start at a time: there are few, and they are quick
// or cut off.
func (i *Instance) answer(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(slow))
	var r request
	if json.NewDecoder(io.LimitReader(conn, 4096)).Decode(&r) != nil {
		return
	}
	ok := subtle.ConstantTimeCompare([]byte(r.Token), []byte(i.token)) == 1 && r.Ask == Show
	if ok {
		select {
		case i.asked <- r.Ask:
		case <-ctx.Done():
			ok = false
		}
	}
	_ = json.NewEncoder(conn).Encode(answer{OK: ok}) // It may have gone.
}

// Close frees the lock. The files stay: removing a lock file that somebody may
// be opening would make two programs.
func (i *Instance) Close() error {
	return errors.Join(i.listener.Close(), i.lock.Close())
}

// Left is what a program hands to its next form.
type Left struct {
	Lock     *os.File
	Listener *net.TCPListener
	Token    string
}

// Leave gives away the lock and the address.
func (i *Instance) Leave() Left {
	return Left{Lock: i.lock, Listener: i.listener, Token: i.token}
}

// Request asks the running program of the data folder for something. A program
// that is just starting or replacing itself is waited for.
func Request(ctx context.Context, folder string, ask Ask) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var last error
	for {
		if last = requestOnce(ctx, folder, ask); last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the program is running but does not answer: %w", last)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func requestOnce(ctx context.Context, folder string, ask Ask) error {
	data, err := os.ReadFile(filepath.Join(folder, addressName)) //nolint:gosec // The program's own folder.
	if err != nil {
		return fmt.Errorf("find it: %w", err)
	}
	var a address
	if err := json.Unmarshal(data, &a); err != nil {
		return fmt.Errorf("find it: %w", err)
	}
	allowFront(a.PID)
	dialer := net.Dialer{Timeout: slow}
	conn, err := dialer.DialContext(ctx, "tcp", a.Address)
	if err != nil {
		return fmt.Errorf("call it: %w", err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(slow))
	if err := json.NewEncoder(conn).Encode(request{Token: a.Token, Ask: ask}); err != nil {
		return fmt.Errorf("ask it: %w", err)
	}
	var got answer
	if err := json.NewDecoder(bufio.NewReader(conn)).Decode(&got); err != nil {
		return fmt.Errorf("hear it: %w", err)
	}
	if !got.OK {
		return errors.New("it refused")
	}
	return nil
}
