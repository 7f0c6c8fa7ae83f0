package network

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// HopName is a step on the way to a service.
type HopName string

// The steps, in their order: with a proxy, the first ones lead to it.
const (
	HopDNS     HopName = "dns"
	HopConnect HopName = "connect"
	HopProxy   HopName = "proxy"
	HopTLS     HopName = "tls"
	HopHTTP    HopName = "http"
)

// Hop is what came of one step.
type Hop struct {
	Name HopName
	// Target is what was asked, a host or an address, without a password.
	Target string
	OK     bool
	Ms     int64
	// Said is what it answered, or why it failed and what to do, for a person.
	Said string
}

// Report is the way to a service, up to its end or to the step that failed.
type Report struct {
	Hops []Hop
	OK   bool
	// Said is the whole in a sentence.
	Said string
	// Date is the clock of who answered at the end; zero is not known.
	Date time.Time
}

// Test goes the way that o describes to the URL target, step by step, and says
// where it ends. It sends no credential, and what the service answers to that
// counts as reached. It reads the system's settings as they are now.
func Test(ctx context.Context, o Options, target string) Report {
	return test(ctx, o, ReadSystem(ctx), target)
}

func test(ctx context.Context, o Options, found System, target string) Report {
	const all = time.Minute
	ctx, cancel := context.WithTimeout(ctx, all)
	defer cancel()
	o.Connect = cmp.Or(o.Connect, 15*time.Second)
	u, err := url.Parse(target)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return Report{Said: "there is no address to test: it must be an http:// or https:// URL"}
	}
	u.User, u.Fragment = nil, ""
	g := newGeneration(o, found)
	defer g.close()
	rec := &recorder{}
	err = g.probe(ctx, rec, u)
	r := Report{Hops: rec.hops, OK: err == nil, Said: rec.last(), Date: rec.date}
	if err != nil {
		r.Said = words(err, o.Connect)
		if found.Note != "" && o.key().proxy == ProxySystem {
			r.Said += ". " + found.Note
		}
	}
	return r
}

// probe goes the way to u.
func (g *generation) probe(ctx context.Context, rec *recorder, u *url.URL) error {
	if g.broken() {
		return rec.step(HopTLS, u.Host, func() (string, error) { return "", g.roots.err })
	}
	p, err := g.way.rule.proxy(u)
	if err != nil {
		return rec.step(HopProxy, "", func() (string, error) { return "", err })
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return err
	}
	r.Header.Set("User-Agent", "OpenAICompatible")
	r.Close = true
	var c net.Conn
	send := r.Write
	switch {
	case u.Scheme == "https":
		// The answer is read as HTTP/1.1.
		g.way.tls.NextProtos = []string{"http/1.1"}
		c, err = g.way.secure(ctx, rec, u)
	case p != nil && !isSOCKS(p):
		if auth := basic(p.User); auth != "" {
			r.Header.Set("Proxy-Authorization", auth)
		}
		send = r.WriteProxy
		c, err = g.way.reach(ctx, rec, p)
	default:
		c, err = g.way.open(ctx, rec, u)
	}
	if err != nil {
		return err
	}
	defer c.Close()
	return g.way.ask(ctx, rec, c, r, send)
}

// ask sends r and judges its answer.
func (w *way) ask(ctx context.Context, rec *recorder, c net.Conn, r *http.Request, send func(io.Writer) error) error {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	return rec.step(HopHTTP, r.URL.Scheme+"://"+r.URL.Host, func() (string, error) {
		if err := send(c); err != nil {
			return "", err
		}
		const longest = 1 << 20
		resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(c, longest)), r)
		if err != nil {
			if strings.Contains(err.Error(), "malformed HTTP") {
				return "", &llm.Error{Kind: llm.KindProtocol, Message: r.URL.Host + " does not speak HTTP there: check the scheme and the port of the address", Cause: err}
			}
			return "", err
		}
		defer resp.Body.Close()
		rec.date, _ = http.ParseTime(resp.Header.Get("Date"))
		if resp.StatusCode == http.StatusProxyAuthRequired {
			if err := w.demanded(r, resp); err != nil {
				return "", err
			}
		}
		if portal(r, resp) {
			return "", &llm.Error{Kind: llm.KindProtocol, Code: "portal", Message: "a sign-in page of the network answers in place of " + r.URL.Host + ": open any web page, sign in to the network, and test again"}
		}
		return fmt.Sprintf("%s answered %d %s", r.URL.Host, resp.StatusCode, http.StatusText(resp.StatusCode)), nil
	})
}

// portal says that the network answered, and not the service: with the status
// that is made for it (RFC 6585), or, where no TLS proves who answers, by
// leading to another host or with a page whose first words give it away.
func portal(r *http.Request, resp *http.Response) bool {
	if resp.StatusCode == http.StatusNetworkAuthenticationRequired {
		return true
	}
	if r.URL.Scheme != "http" {
		return false
	}
	if to, err := resp.Location(); err == nil {
		return !strings.EqualFold(to.Hostname(), r.URL.Hostname())
	}
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return false
	}
	const first = 16 << 10
	page, err := io.ReadAll(io.LimitReader(resp.Body, first))
	if err != nil {
		return false
	}
	page = bytes.ToLower(page)
	for _, sign := range []string{"captive", "hotspot", "wispaccessgatewayparam", "http-equiv=\"refresh\""} {
		if bytes.Contains(page, []byte(sign)) {
			return true
		}
	}
	return false
}

// recorder writes the steps down. A nil one only has them made.
type recorder struct {
	hops []Hop
	date time.Time
}

// step makes one.
func (x *recorder) step(name HopName, target string, do func() (said string, err error)) error {
	if x == nil {
		_, err := do()
		return err
	}
	began := time.Now()
	said, err := do()
	h := Hop{Name: name, Target: target, OK: err == nil, Ms: time.Since(began).Milliseconds(), Said: said}
	if err != nil {
		h.Said = words(err, 0)
	}
	x.hops = append(x.hops, h)
	return err
}

// resolve looks a name up as a step of its own. The connection looks it up
// again, for it tries all its addresses.
func (x *recorder) resolve(ctx context.Context, host string) error {
	if x == nil || net.ParseIP(host) != nil {
		return nil
	}
	return x.step(HopDNS, host, func() (string, error) {
		found, err := net.DefaultResolver.LookupHost(ctx, host)
		return strings.Join(found, ", "), err
	})
}

func (x *recorder) last() string {
	if len(x.hops) == 0 {
		return ""
	}
	return x.hops[len(x.hops)-1].Said
}

// words are an error for a person.
func words(err error, limit time.Duration) string {
	if e, ok := errors.AsType[*llm.Error](err); ok {
		return e.Message
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		switch {
		case dns.IsNotFound:
			return "there is no host " + dns.Name + ": check the address, or whether the name needs a VPN"
		case dns.IsTimeout:
			return "no name server answered for " + dns.Name + ": check the network"
		}
		return dns.Name + " could not be looked up: " + dns.Err
	}
	return plainly(err, limit)
}
