package openaicompat

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// baseURL reads what a user types or pastes: with or without the scheme, /v1,
// a trailing slash, or the full address of an endpoint. A URL without a path
// gets /v1; any other path stands as it is, for there are services at /api/v3
// and at /compatible-mode/v1.
func baseURL(typed string) (*url.URL, error) {
	s := strings.TrimSpace(typed)
	if s == "" {
		return nil, wrongURL("the base URL is missing: enter one, as https://api.example.com/v1")
	}
	if !strings.Contains(s, "://") {
		s = scheme(s) + "://" + s
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		// The parser's own error repeats the URL, which may hold a password.
		return nil, wrongURL("the base URL cannot be read: enter one as https://api.example.com/v1")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, wrongURL("the base URL must begin with https:// or http://")
	case u.User != nil:
		return nil, wrongURL("the base URL must not hold a name or a password: enter the key in its own field")
	}
	u.Fragment, u.RawFragment = "", ""
	u.RawPath, u.Path = "", trimEndpoint(u.Path)
	if u.Path == "" {
		u.Path = "/v1"
	}
	return u, nil
}

// wrongURL is a service that cannot be reached because nobody knows where it is;
// another account may be.
func wrongURL(message string) *llm.Error {
	return &llm.Error{Kind: llm.KindNetwork, Message: message, Param: fieldBaseURL}
}

// trimEndpoint leaves the base of a pasted endpoint, and one /v1 of two.
func trimEndpoint(path string) string {
	path = strings.TrimRight(path, "/")
	for _, end := range []string{"/chat/completions", "/models", "/completions", "/embeddings"} {
		path = strings.TrimRight(strings.TrimSuffix(path, end), "/")
	}
	for strings.HasSuffix(path, "/v1/v1") {
		path = strings.TrimSuffix(path, "/v1")
	}
	return path
}

// scheme guesses what a user left out: local servers have no certificate.
func scheme(address string) string {
	host, _, _ := strings.Cut(address, "/")
	u, err := url.Parse("http://" + host)
	if err != nil {
		return "https"
	}
	name := u.Hostname()
	if ip, err := netip.ParseAddr(name); err == nil && (ip.IsLoopback() || ip.IsPrivate()) {
		return "http"
	}
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || strings.HasSuffix(name, ".local") {
		return "http"
	}
	return "https"
}
