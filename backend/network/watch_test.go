package network_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/network"
)

// machine is what a Watch looks at.
type machine struct {
	mu sync.Mutex
	// slept is what the time of day is ahead of the steady clock, gap what both
	// jumped.
	slept, gap time.Duration
	addresses  []string
	failed     error
	seen       []network.Change
}

// watched runs a Watch for some seconds after each of the test's steps.
func watched(t *testing.T, steps ...func(*machine)) []network.Change {
	t.Helper()
	m := &machine{addresses: []string{"192.0.2.2/24", "127.0.0.1/8", "fe80::1/64"}}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		w := network.Watch{
			Changed: func(_ context.Context, c network.Change) { m.seen = append(m.seen, c) },
			Clock: func() (time.Time, time.Duration) {
				m.mu.Lock()
				defer m.mu.Unlock()
				now := time.Now()
				return now.Add(m.slept + m.gap).Round(0), now.Sub(began) + m.gap
			},
			Addresses: func() ([]net.Addr, error) {
				m.mu.Lock()
				defer m.mu.Unlock()
				var out []net.Addr
				for _, s := range m.addresses {
					ip, n, err := net.ParseCIDR(s)
					if err != nil {
						t.Error(err)
					}
					out = append(out, &net.IPNet{IP: ip, Mask: n.Mask})
				}
				return out, m.failed
			},
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		for _, step := range steps {
			time.Sleep(12 * time.Second)
			m.mu.Lock()
			step(m)
			m.mu.Unlock()
		}
		time.Sleep(12 * time.Second)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return m.seen
}

func TestB54_ASleepAndAnotherNetworkAreNoticedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		steps []func(*machine)
		want  []network.Change
	}{
		"nothing": {nil, nil},
		"a sleep in which the steady clock stopped": {
			[]func(*machine){func(m *machine) { m.slept += time.Hour }}, []network.Change{{Slept: time.Hour}},
		},
		"a sleep in which it went on": {
			[]func(*machine){func(m *machine) { m.gap += time.Hour }}, []network.Change{{Slept: time.Hour}},
		},
		"two sleeps": {
			[]func(*machine){func(m *machine) { m.slept += time.Minute }, func(m *machine) { m.slept += time.Hour }},
			[]network.Change{{Slept: time.Minute}, {Slept: time.Hour}},
		},
		"a clock that is set a little": {[]func(*machine){func(m *machine) { m.slept += 3 * time.Second }, func(m *machine) { m.slept -= 3 * time.Second }}, nil},
		"a clock that is set back":     {[]func(*machine){func(m *machine) { m.slept -= time.Hour }}, []network.Change{{ClockSet: true}}},
		"a cable that is pulled": {
			[]func(*machine){func(m *machine) { m.addresses = m.addresses[1:] }}, []network.Change{{Moved: true}},
		},
		"another network after a sleep": {
			[]func(*machine){func(m *machine) { m.slept += time.Hour; m.addresses = []string{"198.51.100.7/24"} }},
			[]network.Change{{Slept: time.Hour, Moved: true}},
		},
		"a container that starts": {
			[]func(*machine){func(m *machine) { m.addresses = append(m.addresses, "fe80::2/64") }}, nil,
		},
		"the same addresses in another order": {
			[]func(*machine){func(m *machine) { m.addresses = []string{"fe80::1/64", "127.0.0.1/8", "192.0.2.2/24"} }}, nil,
		},
		"a system that does not tell": {
			[]func(*machine){func(m *machine) { m.failed = errors.New("no") }}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := watched(t, c.steps...); !slices.Equal(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestWatch_LooksAtThisMachineByItself(t *testing.T) {
	seen := make(chan network.Change, 1)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	w := network.Watch{Every: time.Millisecond, Changed: func(_ context.Context, c network.Change) { seen <- c }}
	if err := w.Run(ctx); err != nil || len(seen) > 0 {
		t.Errorf("%v, %d changes", err, len(seen))
	}
}
