// Package remote fetches the pictures that a request names by their addresses,
// for services that want them inline.
//
// The invariant (B65): what a client writes into a request, or a server into a
// redirect, never makes this program connect to an address that is not public.
// The address that is checked is the one that is dialled, after the name was
// resolved, for each redirect anew. Nothing of the user's goes along: no cookie,
// no credential, no referrer. The package fetches pictures and nothing else.
package remote

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Options are how pictures are fetched. The zero value is right for most.
type Options struct {
	// Version stands in the User-Agent; "" leaves it out.
	Version string
	// PlainHTTP also permits http:// addresses.
	PlainHTTP bool
	// Proxy says which proxy a request takes, as that of http.Transport does;
	// nil is none. A proxy resolves names by itself: they are resolved here
	// first and refused unless they are public, but what the proxy then reaches
	// is its own to decide.
	Proxy func(*http.Request) (*url.URL, error)
	// TLS is the client's configuration, as with an extra authority; nil is the
	// system's.
	TLS *tls.Config
	// Limit is the most bytes of one picture; 0 is 20 MiB.
	Limit int64
	// Timeout is for all of one picture, redirects included; 0 is 20 seconds.
	Timeout time.Duration
	// Keep is how many bytes of pictures are remembered, for agents send the same
	// ones with each turn; 0 is 16 MiB, negative is none.
	Keep int
	// Resolver finds the addresses of a name; nil is the system's.
	Resolver Resolver
	// Allowed replaces [Public] in tests, whose servers are not.
	Allowed func(netip.Addr) bool
	// Now is the clock of what is remembered; nil is time.Now.
	Now func() time.Time
}

// Resolver finds the addresses of a name, as net.Resolver does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Fetcher fetches pictures. It may be used by many at once and owns no
// goroutine and no open connection between two calls.
type Fetcher struct {
	options Options
	guard   guard
	direct  http.RoundTripper
	memory  *memory
}

// New makes a fetcher that remembers nothing yet.
func New(o Options) *Fetcher {
	o.Limit = cmp.Or(o.Limit, 20<<20)
	o.Timeout = cmp.Or(o.Timeout, 20*time.Second)
	o.Keep = cmp.Or(o.Keep, 16<<20)
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.Allowed == nil {
		o.Allowed = Public
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fetcher{options: o, guard: guard{resolver: o.Resolver, allowed: o.Allowed}, memory: newMemory(o.Keep, o.Now)}
	f.direct = f.transport(nil)
	return f
}

// transport sends one request; through is the proxy, nil is none. Without one
// it dials what the guard lets pass.
func (f *Fetcher) transport(through *url.URL) *http.Transport {
	t := &http.Transport{
		TLSClientConfig:        f.options.TLS.Clone(),
		DisableKeepAlives:      true, // a kept connection would be one that nobody owns
		DisableCompression:     true, // a picture is compressed already; a bomb is not read
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
	}
	if through != nil {
		t.Proxy = http.ProxyURL(through)
		return t
	}
	t.DialContext = f.guard.dial
	return t
}

// Picture fetches the picture at an address. data is its base64, and mime the
// type that its first bytes prove. The error is the client's to mend: the
// address is wrong, not public, or no picture is there.
func (f *Fetcher) Picture(ctx context.Context, address string) (mime, data string, err *llm.Error) {
	if p, ok := f.memory.get(address); ok {
		return p.mime, p.data, nil
	}
	ctx, cancel := context.WithTimeout(ctx, f.options.Timeout)
	defer cancel()
	resp, at, failed := f.follow(ctx, address)
	if failed != nil {
		return "", "", failed
	}
	defer resp.Body.Close()
	raw, mime, failed := f.read(ctx, at, resp)
	if failed != nil {
		return "", "", failed
	}
	data = base64.StdEncoding.EncodeToString(raw)
	if !strings.Contains(strings.ToLower(resp.Header.Get("Cache-Control")), "no-store") {
		f.memory.put(address, picture{mime: mime, data: data})
	}
	return mime, data, nil
}

// mostRedirects is how often an address may point to another.
const mostRedirects = 3

// follow asks at the address and where it points to, each time as if it were
// the first: scheme, host and address are checked anew.
func (f *Fetcher) follow(ctx context.Context, address string) (*http.Response, *url.URL, *llm.Error) {
	at, failed := f.parse(nil, address)
	for range mostRedirects + 1 {
		if failed != nil {
			return nil, at, failed
		}
		resp, err := f.send(ctx, at)
		if err != nil {
			return nil, at, unreached(ctx, at, err)
		}
		next := resp.Header.Get("Location")
		switch resp.StatusCode {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			resp.Body.Close()
			at, failed = f.parse(at, next)
		default:
			return resp, at, nil
		}
	}
	return nil, at, wrong(at, "points on and on to other addresses")
}

// parse reads an address, which may be relative to that of a redirect.
func (f *Fetcher) parse(from *url.URL, address string) (*url.URL, *llm.Error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return from, wrong(from, "cannot be read as an address")
	}
	if from != nil {
		u = from.ResolveReference(u)
	}
	switch {
	case u.Hostname() == "":
		return u, wrong(u, "has no host in its address")
	case u.User != nil:
		return u, wrong(u, "has a name or a password in its address; leave them out")
	case u.Scheme != "https" && (u.Scheme != "http" || !f.options.PlainHTTP):
		return u, wrong(u, "is not at an https:// address")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// send makes one request, of nothing but the address and our own name.
func (f *Fetcher) send(ctx context.Context, at *url.URL) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "image/*")
	r.Header.Set("User-Agent", strings.TrimSuffix("OpenAICompatible/"+f.options.Version, "/"))
	if f.options.Proxy == nil {
		return f.direct.RoundTrip(r)
	}
	through, err := f.options.Proxy(r)
	if err != nil || through == nil {
		return f.direct.RoundTrip(r)
	}
	if _, err := f.guard.resolve(ctx, at.Hostname()); err != nil {
		return nil, err
	}
	return f.transport(through).RoundTrip(r)
}

// unreached tells the ways apart in which no answer comes.
func unreached(ctx context.Context, at *url.URL, err error) *llm.Error {
	var dns *net.DNSError
	var e *llm.Error
	switch {
	case errors.Is(err, errNotPublic):
		e = wrong(at, "is not at a public address; only those are fetched")
	case errors.Is(context.Cause(ctx), context.Canceled):
		return &llm.Error{Kind: llm.KindCanceled, Message: "the request was canceled", Cause: err}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		e = wrong(at, "did not arrive in time; send it inline")
	case errors.As(err, &dns):
		e = wrong(at, "is at a host that does not exist, or that cannot be found now")
	default:
		e = wrong(at, "could not be reached; check its address, or send it inline")
	}
	e.Cause = err
	return e
}

// wrong is a picture that cannot be had. Only the host of its address is named:
// the rest may hold a signature that opens it.
func wrong(at *url.URL, what string) *llm.Error {
	where := ""
	if at != nil && at.Host != "" {
		where = " at " + at.Host
	}
	return &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_image_url", Param: "image_url", Message: "the picture" + where + " " + what}
}
