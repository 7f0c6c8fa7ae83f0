package network

import (
	"context"
	"net"
	"slices"
	"time"
)

// Watch tells when the machine slept, when its clock was set, and when it came
// into another network (B54). It asks now and then, for that works on every
// system; what it asks for is one call.
type Watch struct {
	// Changed is called from Run, which waits for it.
	Changed func(context.Context, Change)
	// Every is the pause between two looks; 0 is 5 seconds.
	Every time.Duration
	// Clock gives the time of day and a clock that only goes forward; nil is
	// the system's.
	Clock func() (wall time.Time, steady time.Duration)
	// Addresses are those of this machine; nil asks the system.
	Addresses func() ([]net.Addr, error)
}

// Change is what a Watch saw; at least one of its fields is set.
type Change struct {
	// Slept is how long the machine was away, as in sleep or suspended with its
	// host; 0 is not.
	Slept time.Duration
	// ClockSet says that the time of day was set back.
	ClockSet bool
	// Moved says that addresses came or went.
	Moved bool
}

// glimpse is what one look saw.
type glimpse struct {
	wall      time.Time
	steady    time.Duration
	addresses []string
}

// Run looks until ctx ends.
func (w Watch) Run(ctx context.Context) error {
	if w.Every == 0 {
		w.Every = 5 * time.Second
	}
	if w.Clock == nil {
		began := time.Now()
		w.Clock = func() (time.Time, time.Duration) {
			now := time.Now()
			return now.Round(0), now.Sub(began)
		}
	}
	if w.Addresses == nil {
		w.Addresses = net.InterfaceAddrs
	}
	tick := time.NewTicker(w.Every)
	defer tick.Stop()
	before := w.look(nil)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := w.look(before.addresses)
		if c := w.compare(before, now); c != (Change{}) {
			w.Changed(ctx, c)
			now.wall, now.steady = w.Clock() // what was done about it took its time
		}
		before = now
	}
}

// look takes a glimpse. Addresses that cannot be asked for are those of before.
func (w Watch) look(before []string) glimpse {
	var g glimpse
	g.wall, g.steady = w.Clock()
	all, err := w.Addresses()
	if err != nil {
		g.addresses = before
		return g
	}
	for _, a := range all {
		// The addresses of a link alone come and go with each container and
		// lead nowhere.
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			g.addresses = append(g.addresses, n.IP.String())
		}
	}
	slices.Sort(g.addresses)
	return g
}

// compare says what happened from one look to the next. Some systems stop the
// steady clock in sleep and some do not: a gap in either counts.
func (w Watch) compare(before, now glimpse) Change {
	const most = 10 * time.Second
	wall, steady := now.wall.Sub(before.wall), now.steady-before.steady
	c := Change{Moved: !slices.Equal(before.addresses, now.addresses)}
	if away := max(wall, steady) - w.Every; away > most {
		c.Slept = away
	}
	c.ClockSet = wall-steady < -most
	return c
}
