package pool

import (
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Pace bounds how fast an account, or one model of it, is asked. Zero values are
// no bound.
type Pace struct {
	// PerMinute and PerDay bound the requests that begin within any minute and
	// within any 24 hours.
	PerMinute, PerDay int
	// TokensPerMinute bounds the tokens, both ways, that were counted within any
	// minute. An answer's tokens are known at its end, so that the requests in
	// flight may carry it over the bound.
	TokensPerMinute int
	// InFlight bounds the requests that run at once.
	InFlight int
}

func (p Pace) counts() bool { return p.PerMinute > 0 || p.PerDay > 0 || p.TokensPerMinute > 0 }

// DefaultPace is the pace of an account whose user set none. A sign-in is a
// person's, and one that asks like a crowd is banned (B11); a key is sold for
// programs and has none.
func DefaultPace(c provider.CredentialKind) Pace {
	switch c {
	case provider.CredentialSignIn:
		return Pace{PerMinute: 30, PerDay: 1000, InFlight: 4}
	case provider.CredentialNone, provider.CredentialKey, provider.CredentialOptionalKey, provider.CredentialFile:
		return Pace{}
	default:
		return Pace{}
	}
}

// window counts what happened within a span of time, in as many parts. It errs
// on the safe side: a part counts until all of it is past.
type window struct {
	// width is the length of a part in nanoseconds; newest is the number of the
	// newest part since the epoch.
	width  int64
	newest int64
	parts  []uint32
	total  int64
}

func newWindow(span time.Duration, parts int) window {
	return window{width: int64(span) / int64(parts), parts: make([]uint32, parts+1)}
}

// turn forgets what is past.
func (w *window) turn(now int64) {
	part := now / w.width
	if part <= w.newest {
		return
	}
	n := int64(len(w.parts))
	for i := max(w.newest+1, part-n+1); i <= part; i++ {
		w.total -= int64(w.parts[i%n])
		w.parts[i%n] = 0
	}
	w.newest = part
}

func (w *window) add(now, n int64) {
	w.turn(now)
	at := &w.parts[w.newest%int64(len(w.parts))]
	const most = 1<<32 - 1
	n = min(max(n, 0), most-int64(*at))
	*at += uint32(n) //nolint:gosec // Bounded above.
	w.total += n
}

func (w *window) sum(now int64) int64 {
	w.turn(now)
	return w.total
}

// free is when less than limit is counted again; 0 is now.
func (w *window) free(now, limit int64) int64 {
	if limit <= 0 || w.sum(now) < limit {
		return 0
	}
	left, n := w.total, int64(len(w.parts))
	for i := w.newest - n + 1; i <= w.newest; i++ {
		if i < 0 {
			continue
		}
		if left -= int64(w.parts[i%n]); left < limit {
			return (i + n) * w.width
		}
	}
	return (w.newest + n) * w.width
}

// rewind is for a clock that was set back: what was counted is counted as of now.
func (w *window) rewind(d int64) {
	at := max(w.newest*w.width-d, 0)
	total := w.total
	clear(w.parts)
	w.total, w.newest = 0, at/w.width
	w.add(at, total)
}

// use is what was asked of a side of late.
type use struct{ minute, day, tokens window }

func newUse() *use {
	const inMinute, inDay = 30, 48
	return &use{
		minute: newWindow(time.Minute, inMinute), day: newWindow(24*time.Hour, inDay), tokens: newWindow(time.Minute, inMinute),
	}
}

func (u *use) rewind(d int64) {
	u.minute.rewind(d)
	u.day.rewind(d)
	u.tokens.rewind(d)
}

// free is when the pace lets the next request begin; 0 is now.
func (u *use) free(now int64, p Pace) int64 {
	return max(u.minute.free(now, int64(p.PerMinute)), u.day.free(now, int64(p.PerDay)), u.tokens.free(now, int64(p.TokensPerMinute)))
}

// hindrance is why an upstream cannot be asked at a moment.
type hindrance uint8

const (
	// free is no hindrance.
	free hindrance = iota
	switchedOff
	// resting lasts until its time.
	resting
	// tried means that one request finds out whether a rest is over.
	tried
	// busy is as many requests in flight as its pace allows.
	busy
	// overPace lasts until its time.
	overPace
)

// passes says that a little waiting helps.
func (h hindrance) passes() bool { return h == tried || h == busy || h == overPace }

// hindrance is what stands in the side's way at now, and until when; 0 is until
// something happens.
func (s *side) hindrance(now int64) (hindrance, int64) {
	switch t := &s.trouble; {
	case t.until > now:
		return resting, t.until
	case t.trier != 0:
		return tried, 0
	case s.pace.InFlight > 0 && s.inFlight >= s.pace.InFlight:
		return busy, 0
	}
	if s.use != nil && s.pace.counts() {
		if until := s.use.free(now, s.pace); until != 0 {
			return overPace, until
		}
	}
	return free, 0
}

// hindrance is what stands in m's way at now: a rest of either side first.
func (m *member) hindrance(now int64) (hindrance, int64) {
	if m.upstream.Terms.Off {
		return switchedOff, 0
	}
	why, until := m.account.hindrance(now)
	if why == free {
		return m.model.hindrance(now)
	}
	return why, until
}
