package daemon

import (
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// stayHome follows no redirect to another host: the credential stays (B65).
func stayHome(req *http.Request, via []*http.Request) error {
	const most = 5
	if len(via) >= most || req.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// newTransport is the network of all accounts: many idle connections to one
// host, because a burst through one upstream is the normal case.
func newTransport(c *config.Config) *http.Transport {
	const idle, perHost = 1024, 512
	d := &net.Dialer{Timeout: millis(c.Network.ConnectTimeoutMs), KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy: proxyOf(c), DialContext: dialer(d), ForceAttemptHTTP2: true,
		MaxIdleConns: idle, MaxIdleConnsPerHost: perHost, IdleConnTimeout: 90 * time.Second,
		// A stream that comes fast is read and passed on in big pieces, which
		// halves its cost; of the buffer of a slow one only a page is touched.
		ReadBufferSize:      16 << 10,
		TLSHandshakeTimeout: millis(c.Network.ConnectTimeoutMs), ExpectContinueTimeout: time.Second,
		// Answers are passed on as they come; a compressed stream would have to
		// be unpacked on the way.
		DisableCompression: true,
	}
}

// proxyOf says which proxy a request takes.
func proxyOf(c *config.Config) func(*http.Request) (*url.URL, error) {
	u, err := url.Parse(c.Proxy)
	if err != nil || c.Proxy == "" {
		return http.ProxyFromEnvironment
	}
	return func(r *http.Request) (*url.URL, error) {
		// A service on this machine is never behind the proxy.
		if ip := net.ParseIP(r.URL.Hostname()); r.URL.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			return nil, nil //nolint:nilnil // http.Transport's own word for no proxy.
		}
		return u, nil
	}
}
