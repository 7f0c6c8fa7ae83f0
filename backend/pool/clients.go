package pool

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Allowance is what the clients that share one API key may ask for. Its zero
// value is everything.
type Allowance struct {
	// Pace bounds how fast they ask, all of them together.
	Pace Pace
	// Models are the names that they may ask for, with * for any text; none is
	// all.
	Models []string
	// Expires is when the key ends; the zero time is never.
	Expires time.Time
}

// Allows says whether a model may be asked for: by the name that was asked for,
// or because all the models that stand behind it may be.
func (a *Allowance) Allows(name string, behind ...string) bool {
	if len(a.Models) == 0 || a.allows(name) {
		return true
	}
	for _, m := range behind {
		if !a.allows(m) {
			return false
		}
	}
	return len(behind) > 0
}

func (a *Allowance) allows(name string) bool {
	if name == "" {
		return false
	}
	for _, glob := range a.Models {
		if matches(glob, name) {
			return true
		}
	}
	return false
}

// matches says whether name is glob, in which * stands for any text.
func matches(glob, name string) bool {
	first, rest, wild := strings.Cut(glob, "*")
	if !wild {
		return glob == name
	}
	name, ok := strings.CutPrefix(name, first)
	if !ok {
		return false
	}
	for {
		part, more, again := strings.Cut(rest, "*")
		if !again {
			return strings.HasSuffix(name, part)
		}
		at := strings.Index(name, part)
		if at < 0 {
			return false
		}
		name, rest = name[at+len(part):], more
	}
}

// Clients count what clients ask for, each key for itself and all together, and
// turn away who asks for more than is allowed. Only what is bounded is counted,
// in memory; Memory and Remember carry the day's requests over a restart.
type Clients struct {
	now func() time.Time

	mu   sync.Mutex
	all  guest
	keys map[string]*guest
}

// guest is what is counted of a key, or of all clients.
type guest struct {
	running int
	use     *use
}

// Visit is a request that was let in. Leave ends it; nil is one that nobody
// counts.
type Visit struct {
	of     *Clients
	guests [2]*guest
}

// NewClients makes a Clients that has counted nothing. A nil clock is time.Now.
func NewClients(now func() time.Time) *Clients {
	if now == nil {
		now = time.Now
	}
	return &Clients{now: now, all: guest{use: newUse()}, keys: map[string]*guest{}}
}

// Enter lets a request with a key in, "" for one without, or says why not: all
// is what all clients together may ask, own what those with this key may. Who is
// turned away is not counted.
func (c *Clients) Enter(key string, all Pace, own *Allowance) (*Visit, *llm.Error) {
	var none Pace
	if all == none && own.Pace == none && own.Expires.IsZero() {
		return nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.now()
	if !own.Expires.IsZero() && !at.Before(own.Expires) {
		return nil, &llm.Error{
			Kind: llm.KindAuth, Code: "api_key_expired",
			Message: "the API key '" + key + "' expired on " + own.Expires.In(at.Location()).Format(time.DateOnly) + "; ask whoever runs this program for a new one",
		}
	}
	v, now := &Visit{of: c}, at.UnixNano()
	if all != none {
		v.guests[0] = &c.all
		if err := c.all.refusal(now, all, "all clients together"); err != nil {
			return nil, err
		}
	}
	if own.Pace != none {
		v.guests[1] = c.guest(key, now)
		if err := v.guests[1].refusal(now, own.Pace, "the API key '"+key+"'"); err != nil {
			return nil, err
		}
	}
	for _, g := range v.guests {
		if g != nil {
			g.running++
			g.use.minute.add(now, 1)
			g.use.day.add(now, 1)
		}
	}
	return v, nil
}

// mostGuests is when keys that are gone are looked for.
const mostGuests = 1024

func (c *Clients) guest(key string, now int64) *guest {
	g := c.keys[key]
	if g == nil {
		for name, old := range c.keys {
			if len(c.keys) >= mostGuests && old.running == 0 && old.use.day.sum(now) == 0 {
				delete(c.keys, name)
			}
		}
		g = &guest{use: newUse()}
		c.keys[key] = g
	}
	return g
}

// Leave ends the visit, which took so many tokens; it may be called once.
func (v *Visit) Leave(tokens int) {
	if v == nil {
		return
	}
	v.of.mu.Lock()
	defer v.of.mu.Unlock()
	now := v.of.now().UnixNano()
	for _, g := range v.guests {
		if g != nil {
			g.running--
			g.use.tokens.add(now, int64(tokens))
		}
	}
}

// refusal says which bound of p does not let another request begin; nil is none.
func (g *guest) refusal(now int64, p Pace, who string) *llm.Error {
	if p.InFlight > 0 && g.running >= p.InFlight {
		return tooMany(who+" may run "+strconv.Itoa(p.InFlight)+" requests at once, and as many run", time.Second)
	}
	for _, b := range [...]struct {
		until int64
		most  int
		what  string
	}{
		{g.use.minute.free(now, int64(p.PerMinute)), p.PerMinute, " requests a minute"},
		{g.use.day.free(now, int64(p.PerDay)), p.PerDay, " requests in 24 hours"},
		{g.use.tokens.free(now, int64(p.TokensPerMinute)), p.TokensPerMinute, " tokens a minute"},
	} {
		if b.until != 0 {
			return tooMany(who+" may use "+strconv.Itoa(b.most)+b.what+", and all of them are used", time.Duration(b.until-now))
		}
	}
	return nil
}

func tooMany(what string, wait time.Duration) *llm.Error {
	wait = max(wait.Round(time.Second), time.Second)
	return &llm.Error{
		Kind: llm.KindRate, Code: "rate_limit_exceeded", RetryAfter: wait,
		Message: what + "; ask again in " + wait.String() + ", or raise the limit in this program's settings",
	}
}
