package httpapi

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Guard decides who may call. It is a snapshot of the settings and is never
// changed: a new one is swapped in whole.
type Guard struct {
	// RequireKey demands an API key of every caller.
	RequireKey bool
	// Keys are the API keys; see Digest.
	Keys []Key
	// Hosts are names beside the loopback ones that a Host header may carry,
	// without a port. AnyAddress admits every IP address too: an address cannot
	// be rebound, and a listener beyond loopback is called by it.
	Hosts      []string
	AnyAddress bool
	// Origins are the web origins that may call.
	Origins []string
	// OllamaOpen lets programs of this machine use Ollama's paths without a key,
	// which its clients have no place for (B47b).
	OllamaOpen bool
	// Off are the protocols that are switched off, in the words of the settings.
	Off []string
}

// admit says whether a request may pass: Host against DNS rebinding (B61), then
// the page it comes from (B62). The same checks stand before every path (B64).
func (g *Guard) admit(r *http.Request) *llm.Error {
	if !g.hostAllowed(r.Host) {
		return &llm.Error{
			Kind: llm.KindForbidden, Code: "host_not_allowed",
			Message: "the Host header names a host that is not this machine; call 127.0.0.1 or localhost, or add the name to server.allowedHosts",
		}
	}
	origin := r.Header.Get("Origin")
	if origin == "" && r.Header.Get("Sec-Fetch-Site") == "" {
		return nil
	}
	if g.originAllowed(origin, r) {
		return nil
	}
	return &llm.Error{
		Kind: llm.KindForbidden, Code: "origin_not_allowed",
		Message: "a web page of another origin may not call; add its origin to server.allowedOrigins if you trust it",
	}
}

// hostAllowed knows the loopback names by heart; the rest is configuration.
func (g *Guard) hostAllowed(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.Trim(name, "[]"), ".")
	switch name {
	case "127.0.0.1", "localhost", "::1":
		return true
	case "":
		return false
	}
	if ip := net.ParseIP(name); ip != nil {
		return ip.IsLoopback() || g.AnyAddress
	}
	return strings.EqualFold(name, "localhost") || slices.ContainsFunc(g.Hosts, func(h string) bool { return strings.EqualFold(h, name) })
}

// originAllowed is asked only of requests that a browser marked.
func (g *Guard) originAllowed(origin string, r *http.Request) bool {
	switch {
	case origin == "null":
		return false
	case origin != "" && g.listed(origin):
		return true
	case origin != "" && !sameOrigin(origin, r):
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		// A link that a person follows to the pages is a navigation without a
		// body and without a page's own request; everything else is refused.
		return origin == "" && r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate"
	}
	return true
}

func (g *Guard) listed(origin string) bool {
	return slices.ContainsFunc(g.Origins, func(o string) bool { return strings.EqualFold(strings.TrimSuffix(o, "/"), origin) })
}

// sameOrigin says that the page was served by this very listener.
func sameOrigin(origin string, r *http.Request) bool {
	_, host, ok := strings.Cut(origin, "://")
	return ok && strings.EqualFold(host, r.Host)
}

// exposed are the headers of our own that a page of a listed origin may read.
const exposed = "X-Request-Id, Request-Id, Retry-After, " +
	"X-OpenAICompatible-Account, X-OpenAICompatible-Upstream, X-OpenAICompatible-Attempts, X-OpenAICompatible-Reason"

// share lets a listed origin read the answer, and only it (B62).
func (g *Guard) share(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if !g.listed(origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", exposed)
}

// preflight answers a browser's question before the request itself.
func (g *Guard) preflight(w http.ResponseWriter, r *http.Request, allow string) {
	h := w.Header()
	h.Set("Allow", allow)
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", allow)
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			h.Set("Access-Control-Allow-Headers", asked)
		}
		h.Set("Access-Control-Max-Age", "600")
		if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
			h.Set("Access-Control-Allow-Private-Network", "true")
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
