package daemon

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// apply puts a configuration in force for every request from now on.
func (d *Daemon) apply(c *config.Config) {
	d.applied.Store(c)
	l := limits(c)
	d.limits.Store(&l)
	to := d.traceTarget(c)
	d.tracing.Store(&to)
	d.gatherSecrets(c)
	d.guard.Store(d.guardFor(c))
	d.balance.BoundRests(time.Duration(c.Routing.MaxRestMinutes) * time.Minute)
	d.accounts.rebuild(c, d.o.Demo)
}

// reconfigure follows a change of the file, by a person or by the program.
func (d *Daemon) reconfigure(ctx context.Context, c *config.Config) {
	d.apply(c)
	d.second.touch()
	if err := d.socket.follow(ctx); err != nil {
		d.log.Warn("listener does not follow the settings", slog.String("error", err.Error()))
	}
	d.events.Publish(event.Event{Kind: event.Config})
}

func limits(c *config.Config) relay.Limits {
	return relay.Limits{
		Attempts:  c.Routing.Attempts,
		FirstByte: millis(c.Network.FirstByteTimeoutMs), Idle: millis(c.Network.IdleTimeoutMs),
		Client: millis(c.Server.IdleTimeoutMs), KeepAlive: millis(c.Network.KeepAliveMs),
		Body: int64(c.Server.MaxBodyMB) << 20,
		Keep: relay.Keep(c.Requests.KeepBodies), KeepBytes: c.Requests.BodyLimitKB << 10,
		Queue: c.Routing.QueueLength, QueueWait: millis(c.Routing.QueueWaitMs), Sticky: c.Routing.Sticky, Explain: c.Routing.Explain,
		Clients: pool.Pace{PerMinute: c.Routing.RequestsPerMinute, InFlight: c.Routing.MaxRunning}, Keys: allowances(c),
	}
}

// allowances are what the keys that are bounded in any way may ask for, by their
// names.
func allowances(c *config.Config) map[string]*pool.Allowance {
	out := map[string]*pool.Allowance{}
	for i := range c.Keys {
		k := &c.Keys[i]
		a := &pool.Allowance{
			Pace: pool.Pace{
				PerMinute: k.RequestsPerMinute, PerDay: k.RequestsPerDay, TokensPerMinute: k.TokensPerMinute, InFlight: k.MaxRunning,
			},
			Models: slices.Clone(k.Models), Expires: k.Ends(),
		}
		if a.Pace != (pool.Pace{}) || len(a.Models) > 0 || !a.Expires.IsZero() {
			out[k.Name] = a
		}
	}
	return out
}

func millis(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func (d *Daemon) guardFor(c *config.Config) *httpapi.Guard {
	beyond := !d.loopback(c)
	g := &httpapi.Guard{
		// Beyond loopback a key is always demanded, whatever the file says (B63).
		RequireKey: c.Server.RequireKey || beyond, AnyAddress: beyond,
		Hosts: slices.Clone(c.Server.AllowedHosts), Origins: slices.Clone(c.Server.AllowedOrigins), OllamaOpen: c.Server.OllamaOpen,
		Off: slices.Clone(c.Server.ProtocolsOff),
	}
	for _, k := range d.keys(c) {
		if k.Disabled {
			continue
		}
		if text := control.KeyText(k, d.secrets); text != "" {
			g.Keys = append(g.Keys, httpapi.Key{Name: k.Name, Digest: httpapi.Digest(text), Profile: k.Profile})
		}
	}
	return g
}

// loopback looks at the address that is really bound.
func (d *Daemon) loopback(c *config.Config) bool {
	if d.o.Host == "" {
		return c.Loopback()
	}
	over := *c
	over.Host = d.o.Host
	return over.Loopback()
}

// address is where to listen.
func (d *Daemon) address() string {
	c := d.config.Snapshot()
	return net.JoinHostPort(cmp.Or(d.o.Host, c.Host), strconv.Itoa(cmp.Or(d.o.Port, c.Port)))
}

// keepPort writes the port that a person chose after a failure into the file.
func (d *Daemon) keepPort(port int) error {
	d.o.Port = 0
	return d.config.Update(func(c *config.Config) error {
		c.Port = port
		return nil
	})
}

func (d *Daemon) keys(c *config.Config) []config.Key {
	if d.spareKey != nil {
		return append(slices.Clone(c.Keys), *d.spareKey)
	}
	return c.Keys
}

// firstKey makes the API key of a fresh installation.
func (d *Daemon) firstKey() {
	if len(d.config.Snapshot().Keys) > 0 {
		return
	}
	if _, _, err := d.control.NewKey(control.KeyPatch{Name: new("default")}); err != nil {
		d.keySpare(err)
	}
}

// keySpare makes a key that the settings know nothing of, for they could not be
// written: a file that is mounted read-only into a container. Its text is kept in
// the credential store, so that clients need not be told another one at every
// start. Where nothing at all can be written it lives as long as the program,
// which says so.
func (d *Daemon) keySpare(why error) {
	d.spareKey = &config.Key{Name: "default"}
	name := account.KeyName(d.spareKey.ID)
	if _, there := d.secrets.Get(name); there {
		return
	}
	text := account.NewKey()
	if d.secrets.Set(name, account.NewSecret(text)) == nil {
		return
	}
	d.log.Warn("the API key is not kept and ends with the program", slog.String("error", why.Error()))
	d.spareKey.Key = text
}

// Key is the text of the first API key, to be shown to the person who started
// the program; "" when there is none.
func (d *Daemon) Key() string {
	for _, k := range d.keys(d.config.Snapshot()) {
		if text := control.KeyText(k, d.secrets); text != "" {
			return text
		}
	}
	return ""
}

// knownSecrets are what must never be written down, for the redactor.
func (d *Daemon) knownSecrets() []string {
	if s := d.mustNot.Load(); s != nil {
		return *s
	}
	return nil
}
